#!/bin/sh
# Installs under a prefix of its own and uses what is there: the program finds its configurations and plot scripts, and
# the pages of the documentation find each other.
#
#   tests/installed.sh CMAKE BUILD
set -eu
cmake=$1 build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset XDG_CONFIG_HOME XDG_DATA_HOME
export HOME="$scratch/home" LC_ALL=C.UTF-8
prefix=$scratch/prefix
"$cmake" --install "$build" --prefix "$prefix" > "$scratch/log"
cd "$scratch"
PATH=$prefix/bin:$PATH

fail() {
    echo "$1"
    exit 1
}

[ "$(duel objectives hinge | head -1)" = "# $prefix/share/duel/configs/objectives/hinge.yaml" ] ||
    fail "the objectives are not those that were installed"
run=$(duel train points/ring --quiet --set train.steps=2)
if command -v gnuplot > log; then
    said=$(duel plot "$run" 2>&1) || fail "$said"
fi
[ -s "$prefix/share/man/man1/duel.1" ] || fail "there is no manual page"
bash -n "$prefix/share/bash-completion/completions/duel" || fail "the completion is not bash"
cd "$prefix/share/doc/duel"
find . -name '*.md' | while read -r page; do
    grep -o '](\(\.\./\)*docs/[^)#]*\|](\(\.\./\)*[a-z-]*\.md\|](\(\.\./\)*[a-z/]*/README\.md' "$page" | sed 's/^](//' | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || fail "$page: $link is not there"
    done || exit 1
done
