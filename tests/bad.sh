#!/bin/sh
# Runs 'duel check' on every wrong configuration of tests/bad and compares what it says, to the letter, with what was
# written down by hand: NAME.expected holds "status N" and then standard error.
#
#   tests/bad.sh DUEL [NAME…]
set -u
duel=$(realpath "$1")
shift
cd "$(dirname "$0")/bad" || exit 1
source=$(realpath ../..)
unset DUEL_DATA XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
export HOME=/nonexistent NO_COLOR=1 LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wrong=0 count=0

# compare NAME CONFIG EXPECTED: in the current folder
compare() {
    count=$((count + 1))
    "$duel" check "$2" > "$scratch/out" 2> "$scratch/err"
    { echo "status $?"; sed "s|$source|SOURCE|g" "$scratch/err"; } > "$scratch/found"
    if ! diff -u --label "$1.expected" --label found "$3" "$scratch/found"; then
        wrong=$((wrong + 1))
    elif [ -s "$scratch/out" ]; then
        echo "$1: something on standard output" && wrong=$((wrong + 1))
    fi
}

if [ $# -eq 0 ]; then
    set -- $(ls ./*.yaml | sed 's|^\./||; s|\.yaml$||')
    all=1
fi
for name; do
    compare "$name" "$name.yaml" "$name.expected"
done

if [ "${all:-}" ]; then
    cd "$scratch" || exit 1
    # Ten thousand nested brackets.
    { printf 'a: '; head -c 10000 /dev/zero | tr '\0' '['; head -c 10000 /dev/zero | tr '\0' ']'; echo; } > deep.yaml
    count=$((count + 1))
    "$duel" check deep.yaml > out 2> err
    status=$?
    if [ $status -ne 78 ] || [ "$(sed -n 1p err)" != 'deep.yaml:1:67: error: nested more than 64 deep' ]; then
        echo "deep: status $status:"
        sed -n 1p err
        wrong=$((wrong + 1))
    fi
    # Two megabytes.
    { echo 'name: "'; head -c 2097152 /dev/zero | tr '\0' 'x'; echo '"'; } > large.yaml
    printf 'status 78\nlarge.yaml: error: it is larger than 1 MiB\n' > large.expected
    compare large large.yaml large.expected
    # Ten million values from a few lines of aliases.
    {
        echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
        for i in 1 2 3 4 5 6; do
            p="*a$((i - 1))"
            echo "a$i: &a$i [$p, $p, $p, $p, $p, $p, $p, $p, $p, $p]"
        done
    } > laughs.yaml
    count=$((count + 1))
    "$duel" check laughs.yaml > out 2> err
    status=$?
    grep -q 'more than 100000 values' err && [ $status -eq 78 ] || {
        echo "laughs: status $status:"
        cat err
        wrong=$((wrong + 1))
    }
fi
echo "$count wrong configurations, $wrong of them with another message than the one written down"
[ $wrong -eq 0 ]
