#!/bin/sh
# The man page: all commands, options, statuses and environment variables are in it, and it is formatted without a warning.
#
#   tests/manual.sh DUEL
set -u
duel=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# holds TEXT: a line of the page, as it is written for roff
holds() {
    text=$(printf '%s' "$1" | sed 's/-/\\-/g')
    grep -qF -- "$text" "$scratch/duel.1" && return
    echo "FAILED: the man page does not name $1"
    failures=$((failures + 1))
}

"$duel" help man > "$scratch/duel.1" || exit 1
"$duel" completion commands > "$scratch/commands"
while read -r command; do
    holds ".SS duel $command"
    # shellcheck disable=SC2086 # a command may have two words
    for option in $("$duel" $command --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p'); do
        holds ".B $option"
    done
done < "$scratch/commands"
for status in $(sed -n 's/^ *X([A-Z_]*, \([0-9]*\), ".*/\1/p' base/error.h); do
    holds ".B $status"
done
variables=$(grep -rhoE 'getenv\("[A-Z_]+"\)' base engine files datasets layers runner | sed 's/.*"\(.*\)".*/\1/' | sort -u)
[ "$variables" ] || { echo "FAILED: no variable is found in the sources"; failures=1; }
for variable in $variables; do
    holds "$variable"
    "$duel" help environment | grep -q "^$variable " || { echo "FAILED: 'duel help environment' does not name $variable"; failures=1; }
done
if command -v groff > /dev/null; then
    said=$(groff -k -man -Tutf8 -ww -z "$scratch/duel.1" 2>&1)
    [ -z "$said" ] || { echo "FAILED: groff says: $said"; failures=1; }
else
    echo "not formatted: there is no groff"
fi
if command -v man > /dev/null; then
    said=$(man --warnings -l "$scratch/duel.1" 2>&1 > "$scratch/page")
    [ -z "$said" ] || { echo "FAILED: man says: $said"; failures=1; }
    grep -q '^EXIT STATUS' "$scratch/page" || { echo "FAILED: the page is not shown"; failures=1; }
fi
exit $((failures > 0))
