#!/bin/bash
# The program from outside: exit statuses, stopping and going on, faults.
#
#   tests/cli.sh DUEL PART
#
# PART is the name of one function test_PART below.
set -u
duel=$(realpath "$1")
part=$2
tests=$(realpath "$(dirname "$0")")
unset DUEL_DATA XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
export NO_COLOR=1 LC_ALL=C.UTF-8
scratch=$(mktemp -d)
export HOME=$scratch
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

fail() {
    echo "FAILED: $*"
    [ -s err ] && sed 's/^/    /' err
    failures=$((failures + 1))
}

# expect STATUS WORD…: runs duel; standard output to ./out, standard error to ./err
expect() {
    local wanted=$1 found
    shift
    "$duel" "$@" > out 2> err
    found=$?
    [ $found -eq "$wanted" ] || fail "duel $*: status $found, not $wanted"
}

# says TEXT: in the last standard error
says() {
    grep -qF -- "$1" err || fail "does not say: $1"
}

# same FILE FILE
same() {
    cmp "$1" "$2" || fail "$1 and $2 differ"
}

# finals FOLDER: the last checkpoint and the last samples of a run, by their digests
finals() {
    (cd "$1" && sha256sum checkpoints/step-00000060.h5 samples/step-*.h5 metrics.jsonl)
}

# wait_for FILE: until it, or one that the pattern fits, is there; for at most a minute
wait_for() {
    local i
    for i in $(seq 3000); do
        compgen -G "$1" > /dev/null && return
        sleep 0.02
    done
    fail "$1 does not appear"
}

test_usage() {
    expect 0 --help
    grep -q '^  train ' out || fail "--help does not list train"
    expect 0 --version
    expect 64
    expect 64 trian
    says "did you mean 'train'?"
    expect 64 train
    says "'duel train' wants CONFIG"
    expect 64 train a.yaml b.yaml
    expect 64 train --quite a.yaml
    says "did you mean '--quiet'?"
    expect 64 train --out runs a.yaml
    says "did you mean '--outputs'?"
    expect 64 sample
    expect 64 sample . --count
    says "'--count' wants N"
    expect 64 sample . --count --out a.h5
    says "'--count' wants N, but '--out' follows"
    says "--count N: "
    expect 64 train -3
    says "stands last, after '--': duel train … -- \"-3\""
    expect 64 train -quiet a.yaml
    says "did you mean '--quiet'?"
    expect 64 sample . --count=1x
    expect 64 sample . --count=0
    expect 64 plot . --format jpeg
    expect 64 train "$tests/cli/ring.yaml" --backend gpu
    expect 66 train nowhere.yaml
    expect 66 resume nowhere
    expect 66 sample nowhere
    expect 66 plot nowhere
    mkdir -p outputs/arch
    expect 66 plot some/arch.yaml
    says "did you mean 'arch'?"
    expect 66 resume other.yaml
    says "a run goes by its experiment's name"
    expect 78 check "$tests/bad/unknown-key.yaml" "$tests/cli/ring.yaml"
    [ "$(cat out)" = "$tests/cli/ring.yaml: no mistakes" ] || fail "check does not tell what is right"
    expect 0 check "$tests/cli/ring.yaml" --set train.epochs=1
    expect 0 help exit-status
    grep -q '^ 78  ' out || fail "help exit-status does not list 78"
    while read -ra command; do
        expect 0 "${command[@]}" --help
        grep -q '^examples:' out || fail "duel ${command[*]} --help has no examples"
    done < <("$duel" completion commands)
    for kind in layers functions objectives optimizers latents weights datasets; do
        expect 0 $kind
        for name in $("$duel" $kind --names); do
            expect 0 $kind "$name"
            [ -s out ] || fail "duel $kind $name says nothing"
        done
        expect 64 $kind nosuchthing
    done
    expect 66 train fashon-mlp.yaml
    says "did you mean 'fashion-mlp'?"
    mkdir -p own
    cp "$tests/cli/ring.yaml" own/my-gan.yaml
    expect 66 train own/my-gna.yaml
    says "did you mean 'own/my-gan.yaml'?"
    expect 66 check own/my-gna
    says "did you mean 'own/my-gan.yaml'?"
    expect 64 layers leaky_rleu
    says "did you mean 'leaky_relu'?"
    expect 64 layers SpectralNorm
    says "'duel weights spectral_norm' tells about it"
    expect 64 layers Conv2d
    says "did you mean 'conv'?"
    "$duel" layers > /dev/full 2> err
    [ $? -eq 74 ] || fail "a full standard output is not told"
    expect 0 describe "$tests/cli/ring.yaml"
    expect 0 describe --json "$tests/cli/ring.yaml"
    tr -d ' \n' < out | grep -q '"path":"generator/linear_1","kind":"linear","shape":\[[0-9]*\],' || fail "a shape is no list"
    expect 0 describe --graph "$tests/cli/ring.yaml"
    expect 0 bench --steps 3 --profile "$tests/cli/ring.yaml"
    expect 0 bench --steps 3 --profile --json "$tests/cli/ring.yaml"
    python3 -m json.tool out > /dev/null 2>&1 || ! command -v python3 > /dev/null || fail "bench --json is not JSON"
}

# A run that is stopped at several steps and resumed ends with the bits of one that was not.
test_resume() {
    # A checkpoint at each step makes it slow enough to be stopped in the middle.
    sed 's/every: 7 steps/every: 1 step/' "$tests/cli/ring.yaml" > ring.yaml
    expect 0 train ring.yaml --quiet --run-dir whole
    [ "$(cat out)" = whole ] || fail "standard output is not the folder of the run alone"
    [ -s err ] && fail "--quiet is not quiet"
    finals whole > wanted
    local process status stops=0 pause
    "$duel" train ring.yaml --quiet --run-dir broken > out 2> err &
    process=$!
    wait_for 'broken/checkpoints/*.h5'
    for pause in 0.01 0.1 0.04 0.07 0.15 0.02 0.2; do
        sleep $pause
        kill -TERM $process 2> /dev/null
        wait $process
        status=$?
        [ $status -eq 0 ] && break
        # 143: before the first step; the checkpoint is there all the same.
        [ $status -eq 75 ] || [ $status -eq 143 ] || fail "status $status after a signal"
        stops=$((stops + 1))
        "$duel" resume broken --quiet > out 2> err &
        process=$!
    done
    wait $process
    [ $status -eq 0 ] || expect 0 resume broken --quiet
    echo "stopped $stops times"
    [ $stops -gt 0 ] || fail "it was never stopped"
    finals broken | diff wanted - || fail "a resumed run has other bits"
    # A killed process loses nothing but the steps since its last checkpoint.
    "$duel" train ring.yaml --quiet --run-dir killed > out 2> err &
    process=$!
    # On its way: some checkpoint beside the first. Each one is there for a moment only, as few are kept.
    wait_for killed/resolved.yaml
    while kill -0 $process 2> /dev/null && [ "$(ls killed/checkpoints 2> /dev/null | grep -c h5)" -lt 2 ]; do
        sleep 0.01
    done
    kill -KILL $process 2> /dev/null
    wait $process 2> /dev/null
    expect 0 resume killed --quiet
    finals killed | diff wanted - || fail "a killed and resumed run has other bits"
    ls killed/checkpoints | grep -q tmp && fail "temporary files are left"
    # At a given checkpoint; and longer.
    expect 0 resume whole --quiet --set train.steps=63
    [ -e whole/checkpoints/step-00000063.h5 ] || fail "resuming for longer did nothing"
    grep -q 'steps: 63' whole/resolved.yaml || fail "resolved.yaml is not what was used last"
    # A run that is finished stays as it is, and says how it could go on.
    cp whole/run.json before.json
    expect 0 resume whole
    [ "$(cat out)" = whole ] || fail "standard output is not the folder of the run alone"
    says "the run is finished: it has done 63 steps, and 'train.steps' is 63"
    says "'duel resume whole --set train.steps=126' goes on"
    cmp -s whole/run.json before.json || fail "resuming a finished run changes it"
    expect 78 resume whole --set optimizer.adam.lr=0.1 --set train.steps=99
    says "a run goes on with its own 'optimizer'"
    # What minutes a run has had count when it goes on.
    expect 0 train ring.yaml --quiet --run-dir minutes --set 'train={minutes: 0.005}'
    expect 0 resume minutes
    says "and 'train.minutes' is 0.005"
}

# numbered FILE COUNT: images of one pixel, the n-th of value n / 10 - 1 (of 255 it is 12.75 a tenth: 0, 12.75, …)
numbered() {
    local i
    { words 0x803 $2 1 1; for i in $(seq 0 $(($2 - 1))); do printf "\\x$(printf %02x $((i * 15)))"; done; } > "$1"
}

# values FILE METRIC: of each step, as numbers of images
values() {
    sed -n "s/.*\"$2\": *\([-0-9.e]*\).*/\1/p" "$1" | awk '{ printf "%s%d", (NR > 1 ? " " : ""), ($1 + 1) * 8.5 + 0.5 } END { print "" }'
}

# Images are decoded once; their crops and mirror images are those of the draw, in a resumed run as well.
test_images() {
    cp "$tests/cli/images.yaml" "$tests/docs/data/photos.zip" .
    expect 0 train images.yaml --run-dir whole
    says "decoding 6 images of photos.zip, train, [12, 12], once: 0.0 MB for the cache in $HOME/.cache/duel"
    expect 0 train images.yaml --run-dir again
    grep -q decoding err && fail "decodes again: $(cat err)"
    same whole/metrics.jsonl again/metrics.jsonl
    # Phases share the step's draw; the last of the first phase is another one. Draws differ.
    [ "$(values whole/metrics.jsonl first)" != "$(values whole/metrics.jsonl second)" ] || fail "one draw for all"
    [ "$(sed -n 's/.*"second": *\([-0-9.e]*\).*/\1/p' whole/metrics.jsonl | sort -u | wc -l)" -ge 9 ] || fail "draws repeat"
    for step in 1 5 8; do
        cp -r whole resumed$step
        expect 0 resume resumed$step/checkpoints/step-0000000$step.h5 --quiet
        same whole/metrics.jsonl resumed$step/metrics.jsonl
        same whole/checkpoints/step-00000012.h5 resumed$step/checkpoints/step-00000012.h5
    done
    # What only decoding finds is told with its place, too.
    mkdir torn
    tar -xf "$tests/bad/data/split.tar" -C torn
    head -c 50 torn/train/cat/1.png > torn/train/dog/1.png
    expect 65 train images.yaml --set data.path=torn
    says "images.yaml:4:7: error: torn/train/dog/1.png: it is cut"
    says "'on_error: skip' leaves such images out"
    # A class in quotes stays a name, whatever it looks like, and each choice of classes has a file of its own in the cache.
    mkdir odd
    tar -xf "$tests/bad/data/split.tar" -C odd
    rm -r odd/test
    mv odd/train/cat odd/train/1-2
    cp -r odd/train/dog "odd/train/dog 0"
    XDG_CACHE_HOME=$PWD/apart expect 0 train images.yaml --quiet --run-dir named --set data.path=odd --set 'data.classes=["1-2", dog]' --set train.steps=1
    XDG_CACHE_HOME=$PWD/apart expect 0 resume named --quiet --set train.steps=2
    XDG_CACHE_HOME=$PWD/apart expect 0 datasets describe odd --set 'classes=["dog 0"]'
    mv out alone
    XDG_CACHE_HOME=$PWD/apart expect 0 datasets describe odd --set 'classes=[dog, 0]'
    [ "$(grep '^  examples' out)" != "$(grep '^  examples' alone)" ] || fail "two choices of classes are one: $(cat out)"
    # Samplers see the middle of the images, alike at each time.
    expect 0 sample whole --sampler shown --out a.h5 --quiet
    expect 0 sample whole --sampler shown --out b.h5 --quiet
    same a.h5 b.h5
    # Without the cache all is the same.
    expect 0 train images.yaml --quiet --run-dir plain --set data.cache=false
    same whole/metrics.jsonl plain/metrics.jsonl
    # The cache is listed and cleared.
    expect 0 cache
    [ "$(grep -c 'photos.zip, train, \[12, 12\]$' out)" = 1 ] || fail "the cache is not listed: $(cat out)"
    expect 0 cache --json
    jq -e '.files | length == 1' out > /dev/null || fail "$(cat out)"
    local name
    name=$(jq -r '.files[0].name' out)
    expect 64 cache --clear nothing
    says "the cache holds nothing called 'nothing'"
    expect 0 cache --clear "${name:0:12}"
    [ -z "$(ls .cache/duel)" ] || fail "something is left: $(ls .cache/duel)"
    # Where nothing can be written, what helps is said.
    mkdir locked
    touch locked/file
    XDG_CACHE_HOME=$PWD/locked/file expect 74 train images.yaml --quiet --run-dir none
    says "'cache: false' keeps them in memory"
}

# Each stream has a cursor of its own: phases of a step share its draw, a further repetition draws from what it uses alone.
test_streams() {
    numbered a.idx 5
    numbered b.idx 7
    numbered c.idx 3
    cp "$tests/cli/streams.yaml" .
    expect 0 train streams.yaml --quiet --run-dir whole --set data.a.shuffle=false --set data.b.shuffle=false
    [ "$(values whole/metrics.jsonl first)" = "1 3 0 2 4 1 3 0 2 4 1 3" ] || fail "first: $(values whole/metrics.jsonl first)"
    [ "$(values whole/metrics.jsonl second)" = "0 1 2 3 4 5 6 0 1 2 3 4" ] || fail "second: $(values whole/metrics.jsonl second)"
    sed -n 5p whole/metrics.jsonl | grep -q '"epoch": *2\(\.0\)\?[,}]' || fail "epochs are not those of the first stream: $(sed -n 5p whole/metrics.jsonl)"
    # Orders differ, and a run goes on in the middle of both epochs.
    expect 0 train streams.yaml --quiet --run-dir shuffled
    [ "$(values shuffled/metrics.jsonl first)" != "$(values whole/metrics.jsonl first)" ] || fail "nothing is shuffled"
    for step in 1 3 6 9; do
        cp -r shuffled resumed$step
        expect 0 resume resumed$step/checkpoints/step-0000000$step.h5 --quiet
        same shuffled/metrics.jsonl resumed$step/metrics.jsonl
        same shuffled/checkpoints/step-00000012.h5 resumed$step/checkpoints/step-00000012.h5
    done
    # With other data, or other streams, it does not.
    cp b.idx kept
    numbered b.idx 6
    expect 65 resume shuffled --quiet --set train.steps=13
    says "the data set of stream 'b' is not the one that the run was trained on"
    mv kept b.idx
    # What is missing is told of each stream; samples need none of it.
    rm a.idx b.idx
    expect 66 resume shuffled --quiet --set train.steps=13
    says "a.idx"
    says "b.idx"
    expect 66 check streams.yaml
    says "a.idx"
    says "b.idx"
    expect 0 sample shuffled --count 4 --out four.h5
    expect 66 sample shuffled --count 4 --sampler shown --out shown.h5
    says "a.idx"
    numbered a.idx 5
    numbered b.idx 6
    expect 65 sample shuffled --count 4 --sampler shown --out shown.h5
    says "the data set is not the one that the run was trained on"
    numbered b.idx 7
    expect 0 sample shuffled --count 4 --sampler shown --out shown.h5
}

# A signal that comes while one thread computes harms nothing: the matrix products' code has the stack elsewhere.
test_signal() {
    local i process status
    for i in 1 2 3 4 5 6; do
        "$duel" train "$tests/cli/products.yaml" --threads 1 --quiet --run-dir signal$i > out 2> err &
        process=$!
        wait_for signal$i/checkpoints/step-00000000.h5
        sleep 0.1$i
        kill -INT $process
        wait $process
        status=$?
        [ $status -eq 75 ] || fail "status $status after a signal"
    done
}

# Samples need neither data nor YAML.
test_sample() {
    cp "$tests/cli/ring.yaml" here.yaml
    expect 0 train here.yaml --quiet --set train.steps=8 --run-dir run
    rm here.yaml run/config.yaml run/resolved.yaml
    expect 0 sample run --count 7 --out seven.h5
    expect 0 sample run --count 7 --out again.h5
    same seven.h5 again.h5
    expect 0 sample --checkpoint run/checkpoints/step-00000008.h5 --count 7 --out third.h5
    same seven.h5 third.h5
    expect 0 sample run --count 7 --seed 9 --out other.h5
    cmp -s seven.h5 other.h5 && fail "--seed changes nothing"
    expect 64 sample run --out points.png
    expect 64 sample run --out points.txt
    expect 0 sample run --count 7
    same seven.h5 samples.h5
    expect 64 sample run --count 8
    says "'samples.h5' is there already"
    expect 64 sample run --count 8 --out seven.h5
    says "'--force' replaces it, '--out' gives another name"
    same seven.h5 samples.h5
    expect 0 sample run --count 7 --seed 9 --out seven.h5 --force
    same seven.h5 other.h5
    expect 0 sample run --count 7 --out deep/er/seven.h5
    same deep/er/seven.h5 again.h5
    printf 'x' | dd of=run/checkpoints/step-00000008.h5 bs=1 seek=3000 conv=notrunc 2> /dev/null
    expect 0 sample run --count 7 --out older.h5
    says "warning"
    expect 65 sample --checkpoint run/checkpoints/step-00000008.h5
}

# Samplers of the file: chosen by name, with other numbers for their parameters, all draws from the seed.
test_sampler() {
    cp "$tests/cli/ring.yaml" ring.yaml
    cat > here.yaml <<'YAML'
include: ring.yaml
samplers:
  default: {parameters: {psi: {default: 0.7, range: [0, 1]}}, output: psi * generator(z)}
  noisy: {output: generator(fresh(z)) + normal_like(generator(z))}
  table: {output: "reshape(concat(z, z), 2, 2)"}
  clock: {output: "concat(z, z) * 0 + images + 1000 * epoch + step / 8"}
  shown: {output: "concat(x, generator(z) + y)"}
outputs: {samples: {sampler: noisy}}
YAML
    expect 0 train here.yaml --quiet --set train.steps=4 --run-dir run
    for sampler in clock shown; do
        expect 0 train here.yaml --quiet --set train.steps=4 --set outputs.samples.sampler=$sampler --run-dir $sampler
        expect 0 sample $sampler --sampler $sampler --count 16 --out $sampler.h5
        same $sampler.h5 $sampler/samples/step-00000004.h5
    done
    expect 0 sample run --sampler noisy --count 16 --out noisy.h5
    expect 0 sample run --sampler noisy --count 16 --seed 3 --out again.h5
    same noisy.h5 again.h5
    expect 0 sample run --count 5 --out default.h5
    expect 0 sample run --count 5 --sampler default --with psi=0.7 --out same.h5
    same default.h5 same.h5
    expect 0 sample run --count 5 --with psi=0.5 --out half.h5
    cmp -s default.h5 half.h5 && fail "--with changes nothing"
    expect 0 sample run --count 16 --sampler noisy --seed 5 --out other.h5
    cmp -s noisy.h5 other.h5 && fail "--seed changes no draw"
    expect 0 sample run --count 5 --sampler table --out table.h5
    expect 64 sample run --sampler table --out table.png
    says "the samples are no images"
    expect 64 sample run --sampler tabel
    says "did you mean 'table'?"
    expect 64 sample run --sampler another
    says "there is 'default', '"
    expect 64 sample run --with psi=2
    says "'psi' of sampler 'default' must be from 0 to 1, but is 2"
    expect 64 sample run --with phi=1
    says "sampler 'default' has no parameter 'phi'"
    expect 64 sample run --with psi
}

# A seed that is drawn is kept where the run is, as a number: the same run can be made again.
test_seed() {
    local first second seed
    expect 0 train "$tests/cli/ring.yaml" --quiet --set train.steps=4 --set seed=random
    first=$(cat out)
    seed=${first##*-}
    grep -q "^seed: $seed\$" "$first/resolved.yaml" || fail "resolved.yaml has another seed than $seed"
    grep -q "\"seed\": $seed" "$first/run.json" || fail "run.json has another seed than $seed"
    grep -q "^seed: random" "$first/config.yaml" || fail "config.yaml is not as it was given"
    expect 0 train "$tests/cli/ring.yaml" --quiet --set train.steps=4 --set seed=$seed --run-dir again
    same "$first/metrics.jsonl" again/metrics.jsonl
    expect 0 sample "$first" --count 3 --out first.h5
    expect 0 sample again --count 3 --out again.h5
    same first.h5 again.h5
    expect 0 train "$tests/cli/ring.yaml" --quiet --set train.steps=4 --set seed=random
    second=$(cat out)
    cmp -s "$first/metrics.jsonl" "$second/metrics.jsonl" && fail "two seeds are the same"
    expect 78 check "$tests/cli/ring.yaml" --set seed=randm
}

# Parts of another run: training begins with them, and needs that run never again.
test_load() {
    cp "$tests/cli/ring.yaml" ring.yaml
    cat > first.yaml <<'YAML'
include: ring.yaml
name: first
samplers: {plain: {output: generator(z)}}
YAML
    cat > second.yaml <<'YAML'
include: ring.yaml
name: second
networks:
  teacher:
    inputs: [z]
    layers: [{linear: 8}, batch_norm, relu, {linear: 2}]
game: {phases: {generator: {report: {distance: "mean(square(generator(z) - teacher(z, mode=eval)))"}}}}
averages: {copy: {of: teacher, decay: 0.5}}
samplers: {plain: {output: teacher(z)}, average: {output: copy(z)}}
load: {run: first, into: {generator: teacher}}
YAML
    expect 0 check second.yaml
    grep -qxF "second.yaml: no mistakes, but that run 'first', which it loads, is not there yet" out || fail "check does not await the run"
    expect 66 train second.yaml --quiet
    says "second.yaml:10:13: error: there is no run 'first', neither as a folder nor in 'outputs'"
    expect 0 train first.yaml --quiet --set train.steps=8
    expect 0 check second.yaml
    expect 0 train second.yaml --set train.steps=8 --run-dir second
    says "  generator/linear_1 -> teacher/linear_1: weight, bias"
    says "  generator/batch_norm_1 -> teacher/batch_norm_1: scale, shift, running_mean, running_variance"
    grep -q '"teacher/linear_2/weight": "generator/linear_2/weight"' second/run.json || fail "run.json does not tell it"
    expect 0 sample first --count 5 --out first.h5
    mv outputs elsewhere
    expect 0 sample second --count 5 --out second.h5
    same first.h5 second.h5
    expect 0 sample second --sampler average --count 5 --out average.h5
    same first.h5 average.h5
    expect 0 resume second --quiet --set train.steps=16
    # all of a run, by its folder: what has no counterpart is told, and nothing else begins as it did
    expect 0 train first.yaml --set train.steps=8 --set "load={run: second/checkpoints/step-00000016.h5}" --run-dir third
    says "there, but not here:"
    says "  teacher/linear_1/weight, bias"
    expect 0 train second.yaml --set train.steps=1 --set "load={run: elsewhere/first, checkpoint: 8}" --run-dir fourth
    says "here, but not there:"
    says "  teacher/linear_1/weight, bias"
    expect 0 describe second.yaml --set 'optimizers.generator={adam: {}, groups: {linear_1: {freeze: true}, linear_2/bias: {freeze: true}}}'
    grep -q '^  generator/linear_1  *linear  *\[8\]  *24  frozen  ' out || fail "describe does not say frozen"
    grep -q '^  generator/linear_2  *linear  *\[2\]  *18  partly frozen  ' out || fail "describe does not say partly frozen"
    # from an average, and only parts
    expect 0 train first.yaml --set train.steps=1 \
        --set "load=[{run: second, into: {copy: generator}}, {run: second, of: [discriminator/linear_1]}]" --run-dir fifth
    says "  copy/linear_1 -> generator/linear_1: weight, bias"
    says "  discriminator/linear_1: weight, bias"
    expect 66 check first.yaml --set "load={run: second, checkpoint: 3}"
    expect 78 check first.yaml --set "load={run: second, of: [genrator]}"
    says "there is no 'genrator' in second/checkpoints/step-00000016.h5"
    says "did you mean 'generator'?"
    expect 78 check first.yaml --set "load={run: second, into: {generator: genrator}}"
    says "there is no 'genrator' here to load into"
    expect 78 check first.yaml --set "load={run: second}" --set networks.generator.layers[0].linear=9
    says "'generator/linear_1/weight' is [2, 8] in that run, but it is [2, 9] here"
    expect 78 check first.yaml --set "load={run: second, into: {generator: generator, teacher: generator}}"
    says "are both to become 'generator/linear_1/weight'"
    cp second/checkpoints/step-00000016.h5 broken.h5
    printf 'x' | dd of=broken.h5 bs=1 seek=3000 conv=notrunc 2> /dev/null
    mkdir broken && cp second/run.json broken && mv broken.h5 broken
    expect 65 check first.yaml --set "load={run: broken/broken.h5}"
}

# What the machine does wrong.
test_faults() {
    local as=
    touch file
    expect 74 train "$tests/cli/ring.yaml" --quiet --outputs file/outputs
    mkdir locked
    if [ "$(id -u)" -eq 0 ]; then
        as="setpriv --reuid=65534 --regid=65534 --clear-groups"
        chmod 755 "$scratch"
        $as true 2> /dev/null && $as test -r "$tests/cli/ring.yaml" && $as test -x "$duel" || as=skip
    fi
    chmod 555 locked
    if [ "$as" != skip ]; then
        $as "$duel" train "$tests/cli/ring.yaml" --quiet --outputs locked > out 2> err
        [ $? -eq 74 ] || fail "a read-only folder does not give 74"
        says "Permission denied"
    fi
    # No file may grow beyond 8 KiB: as on a full disk, each write fails, and what is there stays whole.
    (ulimit -f 8 && exec "$duel" train "$tests/cli/ring.yaml" --quiet --run-dir full > out 2> err)
    [ $? -eq 74 ] || fail "a full disk does not give 74"
    ls full/checkpoints full/samples | grep -q tmp && fail "temporary files are left on a full disk"
    # A real full disk, where one can be mounted.
    mkdir disk
    if mount -t tmpfs -o size=192k none disk 2> /dev/null; then
        expect 74 train "$tests/cli/ring.yaml" --quiet --run-dir disk/run --set outputs.checkpoints.keep=100000 \
            --set outputs.checkpoints.every='1 step' --set train.steps=2000
        says "No space left on device"
        says "the last good checkpoint is"
        expect 0 sample disk/run --count 2 --out left.h5
        umount disk
    fi
    # Two processes in one folder.
    "$duel" train "$tests/cli/ring.yaml" --set train.steps=4000000 --quiet --run-dir busy > /dev/null 2>&1 &
    local process=$!
    wait_for busy/checkpoints/step-00000000.h5
    expect 64 resume busy
    kill -INT $process
    wait $process
}

# What 'duel runs' tells of runs that go on, ended, were stopped, killed, or diverged.
test_runs() {
    expect 0 runs
    says "there are no runs in 'outputs' yet"
    expect 0 train "$tests/cli/ring.yaml" --quiet
    expect 3 train "$tests/cli/ring.yaml" --quiet --run-dir outputs/wild --set optimizer.adam.lr=1e30
    local name process
    for name in stopped killed; do
        "$duel" train "$tests/cli/ring.yaml" --quiet --run-dir outputs/other/$name --set train.steps=4000000 > out 2> err &
        process=$!
        wait_for "outputs/other/$name/checkpoints/step-*.h5" # each but a few is soon gone
        expect 0 runs
        grep -q "^outputs/other/$name  *running " out || fail "$name is not running: $(cat out)"
        [ $name = stopped ] && kill -INT $process || kill -KILL $process
        wait $process 2> /dev/null
    done
    expect 0 runs
    [ "$(wc -l < out)" -eq 5 ] || fail "not four runs: $(cat out)"
    grep -q '^outputs/ring-test/[^ ]*  finished  *60 .*generator.loss' out || fail "no finished run: $(cat out)"
    grep -q '^outputs/other/stopped  *stopped, resumable ' out || fail "no stopped run: $(cat out)"
    grep -q '^outputs/other/killed  *died, resumable ' out || fail "no killed run: $(cat out)"
    grep -q '^outputs/wild  *diverged ' out || fail "no diverged run: $(cat out)"
    grep ' $' out && fail "blanks at the end of a line"
    expect 0 runs other
    [ "$(wc -l < out)" -eq 3 ] || fail "not two runs of one name: $(cat out)"
    expect 0 runs outputs/other/killed/
    [ "$(wc -l < out)" -eq 2 ] || fail "not one run: $(cat out)"
    expect 66 runs othr
    says "did you mean 'other'?"
    expect 0 runs --json
    if command -v python3 > /dev/null; then
        python3 - out <<- 'END' || fail "runs --json is not what it should be"
	import json, sys
	runs = json.load(open(sys.argv[1]))
	assert [r["started"] for r in runs] == sorted((r["started"] for r in runs), reverse=True)
	assert {r["state"] for r in runs} == {"finished", "stopped", "died", "diverged"}
	assert [r["resumable"] for r in runs] == [r["state"] in ("stopped", "died") for r in runs]
	done = [r for r in runs if r["state"] == "finished"][0]
	assert done["name"] == "ring-test" and done["step"] == 60 and done["bytes"] > 10000 and "epoch" in done["metrics"]
	END
    fi
    expect 0 resume outputs/other/killed --quiet --set train.steps=8
    expect 0 runs outputs/other/killed
    grep -q '  finished ' out || fail "a killed run does not finish: $(cat out)"
}

# One picture of a run, and one that is followed until it is stopped.
test_watch() {
    expect 0 train "$tests/cli/ring.yaml" --quiet --run-dir run
    expect 66 watch nowhere
    expect 64 watch run --colours many
    expect 0 watch run --once
    grep -q '^finished  step 60  epoch 7.50  .*  run$' out || fail "no heading: $(cat out)"
    grep -q '^discriminator.loss [0-9.]*  *generator.loss [0-9.]*$' out || fail "no curves: $(cat out)"
    grep -q '^points of step 60  ⠿ generated  · real$' out || fail "no points: $(cat out)"
    [ "$(wc -l < out)" -le 24 ] || fail "more than 24 lines: $(cat out)"
    [ "$(wc -L < out)" -le 80 ] || fail "lines of more than 80 columns: $(cat out)"
    grep -q $'\033' out && fail "escape sequences in a pipe: $(cat out)"
    LC_ALL=C expect 0 watch run --once
    LC_ALL=C grep -q '[^ -~]' out && fail "not plain: $(cat out)"
    expect 0 watch run --once --colours all
    grep -q $'\033\[38;2;86;180;233m' out || fail "no colours: $(cat out)"
    COLUMNS=120 LINES=40 expect 0 watch run --once
    grep -q '^discriminator.loss [0-9.]*  *points of step 60' out || fail "not side by side: $(cat out)"
    for size in "1 1" "2 30" "9 200" "200 9"; do # in any window
        LINES=${size% *} COLUMNS=${size#* } expect 0 watch run --once
    done
    mkdir empty
    cp run/run.json empty
    expect 0 watch empty --once
    grep -q '^no metrics yet$' out || fail "nothing is said where there are no metrics: $(cat out)"
    # In a terminal of its own, where there is a program that makes one.
    command -v script > /dev/null || return 0
    "$duel" train "$tests/cli/ring.yaml" --quiet --run-dir long --set train.steps=4000000 > out 2> err &
    local process=$! viewer
    wait_for long/samples/step-00000020.h5
    NO_COLOR= TERM=xterm-256color script -qec "'$duel' watch long" typescript < /dev/null > seen 2>&1 &
    viewer=$!
    until [ "$(grep -c $'\033\[H' seen)" -ge 3 ] || ! kill -0 $viewer 2> /dev/null; do sleep 0.1; done
    kill -INT $process
    wait $process
    wait $viewer || fail "watch does not end with the run"
    grep -q $'\033\[?1049h' seen || fail "no screen of its own: $(cat -v seen)"
    grep -q $'\033\[?25h\033\[?1049l' seen || fail "the screen is not given back: $(cat -v seen)"
    grep -q $'\033\[38;5;' seen || fail "no colours by TERM: $(cat -v seen)"
    grep -q 'stopped (.duel resume. goes on)  step ' seen || fail "no last picture: $(cat -v seen)"
    expect 0 resume run --quiet --set train.steps=61
}

# The window of a run that goes on. A stand-in for gnuplot writes down what it is given and ends when it is told to.
test_live() {
    expect 0 train "$tests/cli/ring.yaml" --quiet --run-dir run
    DISPLAY= WAYLAND_DISPLAY= expect 69 plot --live run
    says "there is no display to open a window on"
    mkdir bin
    export PATH=$scratch/bin:$PATH DISPLAY=:7
    printf '#!/bin/sh\nexit 3\n' > bin/gnuplot
    chmod +x bin/gnuplot
    expect 69 plot --live run
    says "this gnuplot opens no windows"
    says "gnuplot-x11"
    printf '#!/bin/sh\necho no such thing >&2; exit 1\n' > bin/gnuplot
    expect 74 plot --live run
    says "no such thing"
    # As x11 does it: without a window it goes on, or ends with the run.
    for end in 'sleep 1000' 'exit 0'; do
        printf '#!/bin/sh\necho "gnuplot: unable to open display" >&2; exec 2> /dev/null; %s\n' "$end" > bin/gnuplot
        expect 69 plot --live run
        says "the display ':7' cannot be opened"
        says "'duel watch run' shows the run in the terminal"
    done
    cat > bin/gnuplot <<- 'END'
	#!/bin/bash
	printf '%s\n' "$@" > given
	[[ $3 = */live.gp && $6 = *'$(reboot)'* ]] || exit 1
	until [ "$(cut -f2 "$5")" = 1 ]; do
	    head -1 "$4" > table
	    cut -f1 "$5" >> versions
	    sleep 0.1
	done
	wc -l < "$4" > rows
	END
    "$duel" train "$tests/cli/ring.yaml" --quiet --run-dir long --set train.steps=4000000 > out 2> err &
    local process=$! viewer
    wait_for long/samples/step-00000020.h5
    sed -i 's/"name": "[^"]*"/"name": "`x` $(reboot)\\n\\"it\\""/' long/run.json
    "$duel" plot --live long > seen 2>&1 &
    viewer=$!
    until [ "$(sort -u long/versions 2> /dev/null | wc -l)" -ge 3 ] || ! kill -0 $viewer 2> /dev/null; do sleep 0.1; done
    kill -INT $process
    wait $process
    wait $viewer || fail "the window does not end with the run: $(cat seen)"
    [ "$(tail -1 long/given)" = '`x` $(reboot) "it"' ] || fail "gnuplot is given another title: $(cat long/given)"
    [ "$(cat long/rows)" -eq "$(($(wc -l < long/metrics.jsonl) + 1))" ] || fail "the last table is not whole"
    grep -q "^step	epoch	discriminator.loss	generator.loss$" long/table || fail "no table: $(cat long/table)"
    ls -A long/plots | grep live && fail "files are left"
    # Closed by its user, and ended by a signal.
    printf '#!/bin/sh\nexit 0\n' > bin/gnuplot
    expect 0 plot --live long
    printf '#!/bin/sh\nexec sleep 1000\n' > bin/gnuplot
    "$duel" plot --live run > out 2> err &
    viewer=$!
    until ls run/plots/.live-*.state > /dev/null 2>&1; do sleep 0.02; done
    kill -TERM $viewer
    wait $viewer || fail "a signal is no way to end it"
}

# A phase that only reports, at times, is recorded whenever it runs; a run that is gone on with has the same record.
test_observe() {
    sed 's/^    generator:$/    watcher:\n      every: 7\n      batch: 500\n      report: {found: modes(generator(z))}\n    generator:/; s/^  metrics: .*/  metrics: {every: 10 steps}/' \
        "$tests/cli/ring.yaml" > ring.yaml
    expect 0 train ring.yaml --quiet --run-dir run --set train.steps=30
    [ "$(sed 's/{"step":\([0-9]*\),.*/\1/' run/metrics.jsonl | tr '\n' ' ')" = "1 8 10 15 20 22 29 30 " ] ||
        fail "other steps are recorded: $(cat run/metrics.jsonl)"
    [ "$(grep -c '"found":[0-8]' run/metrics.jsonl)" -eq 5 ] || fail "what was found is not recorded: $(cat run/metrics.jsonl)"
    expect 0 train ring.yaml --quiet --run-dir other --set train.steps=17
    tail -1 other/metrics.jsonl | grep -q '"step":17,' || fail "the last step is not recorded: $(cat other/metrics.jsonl)"
    sed -i 's/"status": "finished"/"status": "stopped"/' other/run.json
    expect 0 resume other --quiet
    tail -1 other/metrics.jsonl | grep -q '"step":17,' || fail "a run that only ends loses a line: $(cat other/metrics.jsonl)"
    expect 0 resume other --quiet --set train.steps=30
    same run/metrics.jsonl other/metrics.jsonl
    # Of other phases the record has what they made when they next ran.
    sed -i '/^    watcher:/,/^      report/d; s/^game:/game:\n  objective: lazy-r1/' ring.yaml
    expect 0 train ring.yaml --quiet --run-dir lazy --set train.steps=60
    [ "$(sed 's/{"step":\([0-9]*\),.*/\1/' lazy/metrics.jsonl | tr '\n' ' ')" = "10 17 20 30 33 40 49 50 60 " ] ||
        fail "other steps are recorded: $(cat lazy/metrics.jsonl)"
    [ "$(grep -c penalty.loss lazy/metrics.jsonl)" -eq 3 ] || fail "the penalty is not recorded: $(cat lazy/metrics.jsonl)"
    expect 0 train ring.yaml --quiet --run-dir late --set train.steps=31
    expect 0 resume late --quiet --set train.steps=60
    same lazy/metrics.jsonl late/metrics.jsonl
}

test_diverge() {
    expect 3 train "$tests/cli/ring.yaml" --quiet --run-dir run --set optimizer.adam.lr=1e30
    says "training diverged at step"
    says "ring.yaml:"
    says "the last good checkpoint is run/checkpoints/step-"
    local good
    good=$(sed -n 's/.*the last good checkpoint is //p' err)
    expect 0 sample --checkpoint "$good" --count 2 --out left.h5
    grep -q '"status": "diverged"' run/run.json || fail "run.json does not say that the run diverged"
    # To find the place takes hardly more memory than training does. Sanitizers reserve more than there is.
    (ulimit -v 400000 && "$duel" --version > out 2> err) || return 0
    (ulimit -v 400000 && expect 3 train "$tests/cli/ring.yaml" --quiet --run-dir large --threads 1 \
        --set data.count=200000 --set data.batch=200000 --set optimizer.adam.lr=1e30)
    says "training diverged at step"
}

# Memory and open files do not grow with steps, samples and checkpoints.
test_growth() {
    "$duel" train "$tests/cli/ring.yaml" --quiet --run-dir run --set train.steps=4000000 \
        --set outputs.samples.every='50 steps' --set outputs.checkpoints.every='50 steps' \
        --set outputs.metrics.every='100 steps' > out 2> err &
    local process=$! early late files
    wait_for run/checkpoints/step-00000500.h5
    early=$(awk '/^VmRSS/ { print $2 }' /proc/$process/status)
    files=$(ls /proc/$process/fd | wc -l)
    wait_for run/samples/step-00004000.h5
    late=$(awk '/^VmRSS/ { print $2 }' /proc/$process/status)
    # A checkpoint may just be open.
    [ "$(ls /proc/$process/fd | wc -l)" -le $((files + 2)) ] || fail "open files grow"
    [ $((late - early)) -le 2048 ] || fail "memory grows from $early to $late KiB"
    kill -INT $process
    wait $process
}

# big-endian 32-bit integers
words() {
    local n
    for n; do printf "\\x$(printf %02x $((n >> 24 & 255)))\\x$(printf %02x $((n >> 16 & 255)))\\x$(printf %02x $((n >> 8 & 255)))\\x$(printf %02x $((n & 255)))"; done
}

test_data() {
    local mnist=$tests/../configs/mnist-mlp.yaml
    export DUEL_DATA=$scratch/data
    expect 66 train "$mnist" --quiet
    says "mnist"
    says "$scratch/data/mnist"
    mkdir -p data/mnist
    { words 0x803 60000 28 28; head -c 1000 /dev/zero; } > data/mnist/train-images-idx3-ubyte
    { words 0x801 60000; head -c 60000 /dev/zero; } > data/mnist/train-labels-idx1-ubyte
    cp data/mnist/train-images-idx3-ubyte data/mnist/t10k-images-idx3-ubyte
    cp data/mnist/train-labels-idx1-ubyte data/mnist/t10k-labels-idx1-ubyte
    expect 65 train "$mnist" --quiet
    says "train-images-idx3-ubyte"
    { words 0x12345678 60000 28 28; head -c 47040000 /dev/zero; } > data/mnist/train-images-idx3-ubyte
    expect 65 train "$mnist" --quiet
    says "train-images-idx3-ubyte"
    expect 0 bench "$mnist" --steps 1 --quiet --set data.source=fashion-mnist
}

# What is told of a data set: of a source, and of files.
test_describe_data() {
    # tells LINE…: on standard output, blanks apart
    tells() {
        local line
        for line; do
            tr -s ' ' < out | sed 's/^ //' | grep -qxF -- "$line" || fail "does not tell '$line': $(cat out)"
        done
    }
    # Four images of 2 x 2 and their labels.
    { words 0x803 4 2 2; printf '\0\377\0\377\0\0\0\0\377\377\377\377\0\0\0\0'; } > few.idx
    { words 0x801 4; printf '\0\2\0\0'; } > labels.idx
    expect 0 datasets describe few.idx --set labels=labels.idx --set hold_out=0.5 --picture pictures/few.png
    tells "few.idx, read as 'idx'" 'examples 2' 'splits train 2, held_out 2' 'type uint8' 'memory 16 B' 'labels: 3 classes'
    expect 0 datasets describe few.idx --set labels=labels.idx --count 2 --picture pictures/two.png
    tells 'examples 4' 'shape [2, 2, 1]: height, width, channels' 'as stored 0 255 95.625 123.45' \
        'as bound to x -1 1 -0.25 0.96825' '0 3' '1 0' '2 1' 'pictures/two.png: a row of up to 2 for each of 2 classes'
    grep -q splits out && fail "one part is told as several"
    # Two rows of two images, of which one place is empty: as these four, which have no labels.
    { words 0x803 4 2 2; printf '\0\377\0\377\377\377\377\377\0\0\0\0\377\377\377\377'; } > rows.idx
    expect 0 datasets describe rows.idx --picture pictures/rows.png
    tells 'pictures/rows.png: 4 examples'
    same pictures/two.png pictures/rows.png
    rm pictures/rows.png
    expect 0 datasets describe few.idx --set hold_out=0.5 --set split=held_out
    tells 'splits train 2, held_out 2'
    expect 0 datasets describe few.idx --set labels=labels.idx --set 'classes=[2]' --json
    tr -d ' \n' < out | grep -qF '"classes":[{"label":2,"name":null,"count":1}],"picture":null' || fail "other classes are told"
    expect 0 datasets describe few.idx --set values=[-55,255]
    tells 'as stored 0 255 95.625 123.45' 'as bound to x -0.64516 1 -0.028226 0.79646'

    printf 'a,b,kind\n1,-1,cat\n3,-1,dog\n3,5,cat\n' > table.csv
    expect 0 datasets describe table.csv --set label=kind
    tells 'as stored and bound -1 5 1.6667 2.2111' 'coordinate 1 1 3 2.3333 0.94281' '0 cat 2' '1 dog 1'
    expect 0 datasets describe ring --seed 3 --set count=10
    cp out first
    expect 0 datasets describe ring --seed 3 --set count=10
    same first out
    tells 'type float32, drawn' 'shape [2]: coordinates'
    if command -v gnuplot > /dev/null; then
        expect 0 datasets describe table.csv --set label=kind --picture 'pictures/$(touch x) `touch y`.png' --count 2
        tells 'pictures/$(touch x) `touch y`.png: 2 points, coloured by their classes'
        [ ! -e x ] && [ ! -e y ] && [ "$(ls -A pictures | wc -l)" -eq 3 ] || fail "something else was made: $(ls -A . pictures)"
    fi

    # A file is called as it likes.
    cp "$tests/docs/data/photos.zip" '$(1), #.zip'
    expect 0 datasets describe '$(1), #.zip' --set size=12
    tells "\$(1), #.zip, read as 'images'"
    # What a network gets of images: of a pair one half, of larger ones a part.
    local photos=$tests/docs/data/photos.zip
    expect 0 datasets describe "$photos" --set size=12
    grep -q '^  x ' out && fail "what is seen as it is stored is told twice"
    expect 0 datasets describe "$photos" --set size=12 --set random_crop=10
    tells 'shape [12, 12, 3]: height, width, channels' 'x [10, 10, 3]: cut out anew in each draw'
    expect 0 datasets describe "$photos" --set size=12 --set pairs=right
    tells 'shape [12, 24, 3]: height, width, channels' "x [12, 12, 3]: the right half; the other half is 'condition'"
    expect 0 datasets describe "$photos" --set size=12 --set pairs=left --set padding=1 --json
    tr -d ' \n' < out | grep -qF '"shape":[12,24,3],"axes":["height","width","channels"],"x":[12,12,3]' || fail "$(cat out)"
    expect 0 datasets describe "$photos" --set size=12 --set pairs=left --set padding=1
    tells "x [12, 12, 3]: the left half, cut out anew in each draw; the other half is 'condition'"

    expect 64 datasets describe few.idx --picture pictures/few.png
    says "'pictures/few.png' is there already"
    says "'--picture' gives another name"
    cp pictures/two.png pictures/few.png
    expect 0 datasets describe few.idx --picture pictures/few.png --force
    cmp -s pictures/two.png pictures/few.png && fail "--force replaces nothing"
    expect 64 datasets describe few.idx --picture few.svg
    says "a picture of images ends in .png, not as 'few.svg'"
    expect 64 datasets describe ring --picture ring.gif
    says "a picture of points ends in .png, .svg or .pdf"
    expect 64 datasets describe ring --count 5
    says "'--count' is for a picture"
    expect 64 datasets describe gaussians --set 'centres=[[0, 0, 0]]' --picture cloud.png
    says "there is no picture of examples [3]"

    expect 64 datasets describe
    says "'duel datasets describe' wants SOURCE"
    expect 64 datasets describe mnits
    says "did you mean 'mnist'?"
    expect 64 datasets describe out
    says "the ending of 'out' does not tell its format"
    says ".npy .h5 .hdf5 .csv"
    expect 66 datasets describe nowhere.npy
    says "nowhere.npy"
    head -c 20 few.idx > cut.idx
    expect 65 datasets describe cut.idx
    says "cut.idx"
    expect 78 datasets describe npy
    says "data source 'npy' lacks its 'x'"
    expect 78 datasets describe few.idx --set lables=labels.idx
    says "did you mean 'labels'?"
    expect 64 datasets describe few.idx --set images=other.idx
    says "'few.idx' is the images"
    expect 65 datasets describe few.idx --set values=[1,255]
    says "--set values=[1,255]:1:8: error: few.idx: the value at [0, 0, 0] is 0"
    expect 66 datasets describe mnist
    says "duel fetch mnist"
    expect 65 datasets describe "$tests/docs/data/images.h5" --set x=y
    says "it holds train/images, train/labels"
    expect 0 help datasets describe
    expect 64 help datasets train
}

# A run goes on only with its data; its samples do not need them.
test_other_data() {
    sed 's|^data: .*|data: {source: idx, images: images.idx, batch: 8}|; s|- linear: 2$|- linear: 4\n      - reshape: [2, 2, 1]|' \
        "$tests/cli/ring.yaml" > idx.yaml
    sed -i 's|inputs: \[x\]|&|; /inputs: \[x\]/{n; s|$|\n      - flatten|}' idx.yaml
    { words 0x803 64 2 2; head -c 256 "$duel"; } > images.idx
    cat > classes.yaml << 'end'
name: classes
data: {source: idx, images: images.idx, batch: 8}
latent: {z: normal(2), c: categorical(3)}
networks:
  generator:
    inputs: [z, c]
    layers: [{one_hot: 3, from: c, as: class}, {concat: {}, from: [z, class]}, linear: 4, reshape: [2, 2, 1]]
  discriminator: {inputs: [x], layers: [flatten, linear: 1]}
optimizer: adam
game: {objective: non-saturating}
train: {steps: 1}
end
    expect 0 train classes.yaml --quiet --run-dir classes
    expect 0 sample classes --count 6 --out six.png
    same <(head -c 24 six.png | tail -c 8) <(words 10 6) # two rows of a sample of each class, two pixels between them
    expect 0 train idx.yaml --quiet --run-dir run --threads 1 --set train.steps=10
    expect 0 resume run --quiet --set train.steps=12
    [ -s err ] && fail "resuming with the same data and threads is not quiet"
    expect 0 resume run --quiet --set train.steps=14 --threads 2
    says "bits may differ"
    { words 0x803 64 2 2; tail -c 256 "$duel"; } > images.idx
    expect 65 resume run --quiet --set train.steps=16
    says "the data set is not the one that the run was trained on"
    rm images.idx
    expect 66 resume run --quiet --set train.steps=16
    says "images.idx"
    rm -r idx.yaml run/config.yaml run/resolved.yaml
    expect 0 sample run --count 9 --out nine.png
    head -c 8 nine.png | cmp -s - <(printf '\x89PNG\r\n\x1a\n') || fail "nine.png is not a PNG"
    expect 65 resume run/metrics.h5
}

# Every configuration that comes with duel is right, and so is every objective in one of them.
# What the lists tell fits a terminal, an objective is shown as it stands in its file, options stand on one line.
test_rows() {
    local kind name
    for kind in layers functions objectives optimizers datasets; do
        "$duel" $kind > all
        for name in $("$duel" $kind --names); do
            grep -q "^$name  " all || fail "'duel $kind' does not list $name"
            expect 0 $kind "$name"
            cat out >> all
            [ $kind = objectives ] && {
                sed 1d out > shown # which file it is
                sed '1{/^# yaml-language-server:/d}' "$tests/../configs/objectives/$name.yaml" > file
                same shown file
            }
        done
        grep -E '^.{101,}| $' all > wide && # characters, where awk may count bytes
            fail "'duel $kind' prints lines wider than 100 characters: $(cat wide)"
    done
    printf 'include: %s\nnetworks: {generator: {layers: [linear: 2, reshape: [1, 2], flatten]}}\n' "$tests/cli/ring.yaml" > a.yaml
    expect 0 describe a.yaml
    grep -q 'shape: \[1, 2\]$' out || fail "describe does not show a shape on one line"
}

# resolved.yaml trains to the same bits as what it was resolved from; and is resolved to itself.
test_resolved() {
    local name
    for name in "$tests/cli/ring.yaml" "$tests/cli/resolved.yaml"; do
        rm -rf one two
        expect 0 train "$name" --quiet --run-dir one --threads 1
        expect 0 check one/resolved.yaml
        expect 0 train one/resolved.yaml --quiet --run-dir two --threads 1
        same one/resolved.yaml two/resolved.yaml
        same one/metrics.jsonl two/metrics.jsonl
        finals one > finals_one
        finals two > finals_two
        same finals_one finals_two
    done
    # Data and other runs are found wherever duel is started, whatever folders are called.
    mkdir -p 'of $(1)/data' 'of $(1)/more' elsewhere
    cp "$tests/docs/data/photos.zip" 'of $(1)/data'
    sed 's|photos.zip|data/photos.zip|' "$tests/cli/images.yaml" > 'of $(1)/images.yaml'
    echo '{include: ../images.yaml, name: more, load: {run: ../first}}' > 'of $(1)/more/more.yaml'
    cd 'of $(1)' || exit 1
    expect 0 train images.yaml --quiet --run-dir first --set train.steps=2
    expect 0 train more/more.yaml --quiet --run-dir second --set train.steps=2
    cd ../elsewhere || exit 1
    expect 0 train '../of $(1)/second/resolved.yaml' --quiet --run-dir third
    same '../of $(1)/second/resolved.yaml' third/resolved.yaml
    same '../of $(1)/second/metrics.jsonl' third/metrics.jsonl
    expect 0 resume '../of $(1)/first' --quiet --set train.steps=4
    expect 0 sample '../of $(1)/first' --sampler shown --out shown.h5
    cp "$tests/docs/data/pictures.zip" '../of $(1)/data/photos.zip'
    expect 65 resume '../of $(1)/first' --quiet --set train.steps=6
    says "put back what was '$scratch/of \$(1)/data/photos.zip'"
    rm '../of $(1)/data/photos.zip'
    expect 66 resume '../of $(1)/first' --quiet --set train.steps=6
    grep -q 'a path begins' err && fail "an absolute path begins nowhere else"
}

test_configs() {
    local file name
    while read -r file; do
        expect 0 check "$file"
    done < <(find "$tests/../configs" -name '*.yaml' -not -path '*/objectives/*' -not -path '*/blocks/*')
    for name in $("$duel" objectives --names); do
        case $name in
        r1 | lazy-r1 | dragan | lecam) expect 0 check ring --set "game.objective=[non-saturating, $name]" ;; # terms, added to another
        ac-gan | feature-matching | infogan | bigan | vae | *-autoencoder)
            # These want networks of their own, which an experiment has.
            grep -q "objective: $name" "$tests"/../configs/*.yaml || fail "no experiment plays $name" ;;
        *) expect 0 check ring --set "game.objective=$name" ;;
        esac
    done
}

# 'duel check' is quick enough to run at every key stroke of an editor.
test_speed() {
    local start i
    start=$(date +%s%N)
    for i in 1 2 3 4 5; do expect 0 check "$tests/cli/ring.yaml"; done
    echo "$((($(date +%s%N) - start) / 5000000)) ms a check"
}

"test_$part"
[ $failures -eq 0 ]
