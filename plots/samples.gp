# Draws a grid of sample images, the first at the top left, without interpolation.
#
#   gnuplot -c plots/samples.gp FILE OUTPUT OFFSET COUNT HEIGHT WIDTH CHANNELS [STEP [TITLE [COLUMNS]]]
#
# FILE holds COUNT images of HEIGHT x WIDTH x CHANNELS bytes from byte OFFSET on, channels last; CHANNELS is 1 (grey) or
# 3 (red, green, blue). `h5dump -p -H -d /images FILE` shows OFFSET. STEP -1 shows no step. By hand:
#
#   gnuplot -c plots/samples.gp samples/step-00001000.h5 samples.png 2048 64 28 28 1 1000 "mnist-mlp"

if (ARGC < 7) exit error 'usage: gnuplot -c samples.gp FILE OUTPUT OFFSET COUNT HEIGHT WIDTH CHANNELS [STEP [TITLE [COLUMNS]]]'
folder = ARG0[1:strlen(ARG0) - strlen('samples.gp')]
load folder.'style.gp'
file = path(ARG1)
output = ARG2
offset = int(ARG3)
count = int(ARG4)
h = int(ARG5)
w = int(ARG6)
c = int(ARG7)
step = ARGC >= 8 ? int(ARG8) : -1
heading = frame_title(ARGC >= 9 ? ARG9 : '', step)
columns = ARGC >= 10 ? int(ARGV[10]) : 0
grid_size = 1000 # pixels, about
grid_limit = 4000
load folder.'grid.gp'
load folder.'terminal.gp'
unset tics
if (c == 1) {
    plot for [i = 0:count - 1] file binary skip = offset + i * h * w * c array = (w, h) format = '%uchar' \
        origin = (left(i), top(i)) using 1:1:1 with rgbimage
} else {
    plot for [i = 0:count - 1] file binary skip = offset + i * h * w * c array = (w, h) format = '%uchar%uchar%uchar' \
        origin = (left(i), top(i)) using 1:2:3 with rgbimage
}
set output
