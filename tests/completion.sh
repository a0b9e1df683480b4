#!/bin/bash
# What the shells complete, asked of the shells themselves; skipped (status 77) where one is not there.
#
#   tests/completion.sh DUEL bash|zsh|fish
set -u
duel=$(realpath "$1")
shell=$2
source=$(realpath "$(dirname "$0")/..")
command -v "$shell" > /dev/null || {
    echo "skipped: there is no $shell"
    exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config LC_ALL=C.UTF-8
cd "$scratch" || exit 1
mkdir bin folder
ln -s "$duel" bin/duel
export PATH=$scratch/bin:$PATH
duel completion "$shell" > script || exit 1
duel train "$source/tests/cli/ring.yaml" --quiet --set train.steps=1 > run || exit 1
touch own.yaml

# Answers: what completes the command line $1, one a line.
bash_answers() {
    cat > ask << 'END'
compopt() { :; } # only while a shell completes
source ./script
read -ra COMP_WORDS <<< "$1"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_duel
printf '%s\n' "${COMPREPLY[@]}"
END
    bash ask "$1"
}

fish_answers() {
    fish --no-config -c 'source script; complete -C "$argv[1]"' "$1" | cut -f1
}

# A zsh in a terminal of its own, with Tab pressed twice: what it then shows, and the line as it stands.
zsh_answers() {
    cat > ask << 'END'
zmodload zsh/zpty
zpty inner zsh -f -i
until_ready() { local line; while zpty -r inner line "*READY*"; do [[ $line == *READY* ]] && return; done; }
zpty -w inner 'PROMPT= LISTMAX=10000; autoload -Uz compinit && compinit -u -d $PWD/dump; source ./script; zstyle ":completion:*" list-colors ""'
zpty -w inner 'setopt nobeep list_ambiguous; unsetopt zle_bracketed_paste; show() { BUFFER="print -r -- \"<$BUFFER>\"; print -r -- RE\"\"ADY"; zle accept-line }; zle -N show; bindkey "^X" show; print RE""ADY'
until_ready
zpty -w -n inner "$1"$'\t\t'
zpty -w -n inner $'\x18'
local shown line
while zpty -r inner line; do shown+=$line; [[ $line == *READY* ]] && break; done
print -r -- $shown
zpty -d inner
END
    zsh -f ask "$1" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' | tr -s ' \r<>' '\n' | sed 's/^duel$//'
}

failures=0
# offers LINE WORD…
offers() {
    local line=$1 word
    "${shell}_answers" "$line" > answers
    shift
    for word; do
        sed 's|/$||' answers | grep -qxF -- "$word" && continue
        echo "FAILED: '$line' offers no '$word', but:"
        sed 's/^/    /' answers
        failures=$((failures + 1))
    done
}

offers 'duel tra' train
offers 'duel layers leaky_' leaky_relu
offers 'duel functions lerp' lerp
offers 'duel objectives wgan-' wgan-gp
offers 'duel datasets mni' mnist
offers 'duel datasets desc' describe
offers 'duel datasets --na' --names
offers 'duel datasets describe mni' mnist
offers 'duel datasets describe ow' own.yaml
offers 'duel datasets describe --pic' --picture
offers 'duel datasets describe mnist --picture ow' own.yaml
offers 'duel describe --do' --dot
offers 'duel train points/ri' points/ring
offers 'duel check ow' own.yaml
offers 'duel plot ring-' ring-test
offers 'duel explore ring-' ring-test
offers 'duel explore ring-test inter' interpolate
offers 'duel explore ring-test tra' traverse
offers 'duel train --run' --run-dir
offers 'duel train --outputs fol' folder
offers 'duel bench --backend ref' reference
offers 'duel completion zs' zsh
offers 'duel help exit' exit-status
offers 'duel help dese' # nothing, and no mistake
exit $((failures > 0))
