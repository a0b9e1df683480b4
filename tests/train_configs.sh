#!/bin/sh
# Two steps of every experiment of configs/ at a batch of 4, on real data, so that none is shipped that cannot begin. Those whose data
# are not there are left out.
#
#   tests/train_configs.sh DUEL
set -u
duel=$(realpath "$1")
configs=$(realpath "$(dirname "$0")/../configs")
export HOME=/nonexistent NO_COLOR=1 LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$scratch/cache}"
cd "$scratch" || exit 1
wrong=0 count=0 skipped=0

for config in "$configs"/*.yaml "$configs"/points/*.yaml; do
    set -- --set 'train={steps: 2}' --threads 2 --quiet
    case $config in
    */cycle.yaml) set -- "$@" --set data.a.batch=4 ;;
    */mnist-classifier.yaml) set -- "$@" --set data.train.batch=4 ;; # which stacked-mnist loads
    */stacked-mnist.yaml) set -- "$@" --set data.a.batch=4 --set game.phases.count.batch=4 ;;
    *) set -- "$@" --set data.batch=4 ;;
    esac
    case $config in
    */cifar10-sngan-resnet.yaml | */cifar10-projection.yaml) set -- "$@" --set game.phases.generator.batch=4 ;;
    esac
    count=$((count + 1))
    "$duel" train "$config" "$@" > out 2>&1
    status=$?
    if [ $status -eq 66 ]; then
        skipped=$((skipped + 1))
    elif [ $status -ne 0 ]; then
        wrong=$((wrong + 1))
        echo "$config: status $status"
        cat out
    fi
done
echo "$count experiments, $wrong wrong, $skipped without their data"
[ $wrong -eq 0 ] || exit 1
[ $skipped -lt $count ] || exit 77
