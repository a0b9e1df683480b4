#!/bin/bash
# 'duel new' for every data set and every objective: what it writes passes 'duel check' and trains; what it cannot write it
# says, and leaves no file.
#
#   tests/new.sh DUEL
set -u
duel=$(realpath "$1")
data=$(realpath "$(dirname "$0")/docs/data")
unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
export NO_COLOR=1 LC_ALL=C.UTF-8
scratch=$(mktemp -d)
export HOME=$scratch
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0 trained=0

# Those that want other networks than a generator and a discriminator.
others=' adversarial-autoencoder bigan denoising-autoencoder infogan vae '

fail() {
    echo "FAILED: $*"
    sed 's/^/    /' err
    failures=$((failures + 1))
}

# An IDX file of eight images of 4x4.
{ printf '\0\0\10\3\0\0\0\10\0\0\0\4\0\0\0\4'; head -c 128 /dev/zero | tr '\0' 'a'; } > images.idx

# options SOURCE: what has to be said of it
options() {
    case $1 in
    npy) echo "x=$data/images.npy y=$data/labels.npy" ;;
    hdf5) echo "file=$data/images.h5 x=train/images" ;;
    csv) echo "file=$data/points.csv label=kind" ;;
    idx) echo "images=images.idx" ;;
    images) echo "path=$data/photos.zip size=16" ;;
    cifar10 | faces | imagenet64 | facades | orange2lemon) echo "size=8" ;;
    gaussians) echo "centres=[[0,0],[1,2]]" ;;
    esac
}

# try SOURCE OBJECTIVE
try() {
    local with=() option
    for option in $(options "$1"); do with+=(--with "$option"); done
    if ! "$duel" new made.yaml --data "$1" --game "$2" "${with[@]}" > out 2> err; then
        [ -e made.yaml ] && fail "a file is left of $1, $2"
        grep -q "the game wants classes" err && ! [[ $1 =~ ^(mnist|fashion-mnist|cifar10|imagenet64|images|ring|grid|spiral|moons|gaussians|npy|csv)$ ]] && return
        [[ $others == *" $2 "* ]] && grep -q "is not played by" err && return
        fail "duel new --data $1 --game $2"
        return
    fi
    [ "$(cat out)" = made.yaml ] || fail "standard output is not the file"
    "$duel" check made.yaml > out 2> err || fail "duel check of $1, $2"
    awk 'length > 140 { exit 1 }' made.yaml || fail "lines are too long in $1, $2"
    if "$duel" train made.yaml --quiet --run-dir run --set train='{steps: 3}' --set data.batch=4 --set outputs.samples.count=4 > out 2> err; then
        trained=$((trained + 1))
    else
        grep -q 'are not there' err || fail "duel train of $1, $2"
    fi
    rm -rf made.yaml run
}

for source in $("$duel" datasets --names); do
    for objective in $("$duel" objectives --names); do
        try "$source" "$objective"
    done
done
[ $trained -ge 60 ] || fail "only $trained were trained"

# stack SIZE LAYER…: images of this size are made by a stack of these stages, or by none
stack() {
    local size=$1
    shift
    "$duel" new made.yaml --data images --with path="$data/photos.zip" --with "size=$size" > out 2> err || fail "duel new of $size"
    [ "$(grep -oE '(reshape: \[.*\]|dcgan_up: [0-9]+|dcgan_down: .*)$' made.yaml)" = "$(printf '%s\n' "$@")" ] ||
        fail "$size: another stack: $(cat made.yaml)"
    rm -f made.yaml
}

stack 12 'reshape: [12, 12, 3]'
stack 28 'reshape: [7, 7, 128]' 'dcgan_down: {channels: 64, norm: 0}' 'dcgan_down: 128'
stack '[16, 24]' 'reshape: [4, 6, 128]' 'dcgan_down: {channels: 64, norm: 0}' 'dcgan_down: 128'
stack 90 'reshape: [90, 90, 3]'

# near SIZE NEAREST: images of this size are told which size would get convolutions
near() {
    "$duel" new made.yaml --data images --with path="$data/photos.zip" --with "size=$1" > out 2> err || fail "duel new of $1"
    grep -qxF "# 'size: $2' in 'data' would do: 'duel new' writes convolutions for it." made.yaml || fail "$1: $(grep "^# '" made.yaml)"
    rm -f made.yaml
}

near 100 96
near 30 32
near 7 16
near '[100, 64]' '[96, 64]'

# line FILE LINE OPTION…: what is given stands in this line of data, which leads from the file to what is there
line() {
    local file=$1 line=$2
    shift 2
    "$duel" new "$file" --data images "${@/#/--with=}" > out 2> err || fail "duel new $file $*"
    grep -qxF "data: {source: images, $line}" "$file" || fail "not '$line' in $file: $(grep '^data' "$file")"
    "$duel" check "$file" > out 2> err || fail "duel check $file"
    rm -f "$file"
}

mkdir -p a 'b/c d' real/deep
ln -s real/deep linked
cp "$data/photos.zip" 'a: b, #c.zip'
cp "$data/photos.zip" '$(1).zip'
cp "$data/photos.zip" b
line 1.yaml 'path: "a: b, #c.zip", size: 8, batch: 6' 'path=a: b, #c.zip' size=8
line 's[1].yaml' 'path: "$$(1).zip", size: 8, batch: 2' 'path=$(1).zip' size=8 batch=2
line a/my.yaml 'path: ../b/photos.zip, size: [8, 4], limit: 2 * 2, batch: 4' path=b/photos.zip 'size=[8,4]' 'limit=2 * 2'
line 'b/c d/my.yaml' 'path: ../../b/photos.zip, size: 8, batch: 6' 'path="b/photos.zip"' size=8
line b/my.yaml 'path: photos.zip, size: 8, batch: 6' path=b/photos.zip size=8
line linked/my.yaml 'path: ../../b/photos.zip, size: 8, batch: 6' path=b/photos.zip size=8
line ./my.yaml 'path: b/photos.zip, size: 8, batch: 6' path=b/photos.zip size=8
line "../${PWD##*/}/a/my.yaml" 'path: ../b/photos.zip, size: 8, batch: 6' path=b/photos.zip size=8
line /tmp/duel-new-$$.yaml "path: $PWD/b/photos.zip, size: 8, batch: 6" path=b/photos.zip size=8
"$duel" new made.yaml --data images --with path=b/photos.zip --with size=8 --with batch=7 > out 2> err
[ $? -eq 78 ] && grep -q "a batch of 7 is more than the 6 examples" err || fail "a batch that is too large is not told"
"$duel" new made.yaml --with modes > out 2> err
[ $? -eq 64 ] && grep -q "'--with' wants KEY=VALUE, but is 'modes'" err || fail "an option without a value is not told"
"$duel" new made.yaml --with modes=3 --with modes=4 > out 2> err
[ $? -eq 64 ] && grep -q "'--with' gives 'modes' twice" err || fail "an option that is given twice is not told"
[ -e made.yaml ] && fail "a file is left of wrong options"

"$duel" new made.yaml --data images --with path="$data/pictures.zip" > out 2> err
[ $? -eq 78 ] && grep -q "but the first image is" err && grep -q "'size: 64'" err || fail "images of several sizes are not told"
[ -e made.yaml ] && fail "a file is left of images of several sizes"

echo mine > mine.yaml
"$duel" new mine.yaml > out 2> err
[ $? -eq 64 ] && [ "$(cat mine.yaml)" = mine ] || fail "a file is overwritten"
"$duel" new other.yaml --game wgan-pg > out 2> err
[ $? -eq 64 ] && grep -q "did you mean 'wgan-gp'" err || fail "a wrong objective is not told"
"$duel" new other.yaml --data mnits > out 2> err
[ $? -eq 64 ] && grep -q "did you mean 'mnist'" err || fail "a wrong data set is not told"
"$duel" new other.yaml --data ring --with mods=3 > out 2> err
[ $? -eq 78 ] && grep -q "did you mean 'modes'" err || fail "a wrong option is not told"
[ -e other.yaml ] && fail "a file is left of what is wrong"
echo "$trained experiments were trained"
exit $((failures > 0))
