#!/bin/bash
# What 'duel describe' draws: the memory of a step over time, and networks and game for Graphviz.
#
#   tests/describe.sh DUEL
set -u
duel=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
export NO_COLOR=1 LC_ALL=C.UTF-8 XDG_CONFIG_HOME=/nonexistent
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# drawn CONFIG LINE…: the drawing holds these lines, and dot can read it
drawn() {
    local config=$1 line
    shift
    "$duel" describe "$config" --dot > "$scratch/drawing" || fail "duel describe $config --dot"
    for line; do
        grep -qF -- "$line" "$scratch/drawing" || fail "the drawing of $config has no '$line'"
    done
    command -v dot > /dev/null || return
    dot -Tsvg -o "$scratch/drawing.svg" "$scratch/drawing" 2> "$scratch/said" && [ ! -s "$scratch/said" ] ||
        fail "dot cannot draw $config: $(cat "$scratch/said")"
}

drawn points/ring '"value z" -> "network generator"' '"network generator" -> "network discriminator"' \
    '"value x" -> "network discriminator"' '"network discriminator" -> "phase generator"' \
    '"phase generator" -> "network generator" [color="#D55E00", penwidth=3' \
    '"phase discriminator" -> "network discriminator" [color="#0072B2", penwidth=3' 'label="updates, adam"' \
    '<TR><TD ALIGN="LEFT">linear_3</TD><TD ALIGN="LEFT">linear</TD><TD ALIGN="RIGHT">[2]</TD></TR>'
grep -q '"value y"' "$scratch/drawing" && fail "labels that nothing takes are drawn"
grep -q '"phase discriminator" -> "network generator"' "$scratch/drawing" && fail "an update that is none is drawn"
for config in $("$duel" completion configs); do
    drawn "$config"
done
command -v dot > /dev/null || echo "dot is not there: the drawings are not drawn"

# bytes TEXT: of "1.23 MB"
bytes() {
    echo "$1" | awk '{ print $1 * ($2 == "MB" ? 1e6 : $2 == "kB" ? 1e3 : 1) }'
}

# Of each program: what is alive at its largest is at most the block, and all values without a plan are the block.
"$duel" describe points/ring --memory > "$scratch/plan"
"$duel" describe points/ring --memory --no-plan > "$scratch/no-plan"
"$duel" describe points/ring --memory --backend reference > "$scratch/reference" || fail "the reference has no plan"
[ "$(grep -c '  the most$' "$scratch/plan")" -eq 2 ] || fail "there are two programs, so there are two peaks"
for program in discriminator generator; do
    block=$(sed -n "s/^$program: .* share a block of //p" "$scratch/plan")
    peak=$(sed -n "/^$program:/,/^alive at/s/.*  *\([0-9.]* [kM]*B\)  the most\$/\1/p" "$scratch/plan")
    awk "BEGIN { exit !($(bytes "$peak") > 0 && $(bytes "$peak") <= 1.01 * $(bytes "$block")) }" ||
        fail "$program: at most $peak, but a block of $block"
    all=$(sed -n "s/^$program: [0-9]* values of \(.*\) share.*/\1/p" "$scratch/no-plan")
    alone=$(sed -n "s/^$program: .* share a block of //p" "$scratch/no-plan")
    [ "$all" = "$alone" ] || fail "$program: without a plan $all are in $alone"
done
grep -q '^ *[0-9.]* [kM]B  discriminator/leaky_relu_2  ' "$scratch/plan" || fail "the owners are not named by their layers"
exit $((failures > 0))
