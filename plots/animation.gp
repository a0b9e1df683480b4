# Draws grids of sample images as a gif, one frame a line of a list, with the step above. The last frame stays a second.
#
#   gnuplot -c plots/animation.gp LIST OUTPUT COUNT HEIGHT WIDTH CHANNELS [TITLE [COLUMNS]]
#
# LIST holds "path<TAB>offset<TAB>step" lines; path, offset and the numbers are those of samples.gp. By hand:
#
#   printf '%s\t2048\t%d\n' samples/step-00001000.h5 1000 samples/step-00002000.h5 2000 > frames.tsv
#   gnuplot -c plots/animation.gp frames.tsv animation.gif 64 28 28 1 "mnist-mlp"

if (ARGC < 6) exit error 'usage: gnuplot -c animation.gp LIST OUTPUT COUNT HEIGHT WIDTH CHANNELS [TITLE [COLUMNS]]'
folder = ARG0[1:strlen(ARG0) - strlen('animation.gp')]
load folder.'style.gp'
list = path(ARG1)
output = ARG2
count = int(ARG3)
h = int(ARG4)
w = int(ARG5)
c = int(ARG6)
title = ARGC >= 7 ? ARG7 : ''
columns = ARGC >= 8 ? int(ARG8) : 0
if (!ends(output, '.gif')) exit error 'an animation must end in .gif'

load folder.'frames.gp'
heading = frame_title(title, STEP[frames])
grid_size = 600 # pixels, about
grid_limit = 1000
load folder.'grid.gp'
load folder.'terminal.gp'
unset tics
do for [f = 1:frames + hold] {
    g = minimum(f, frames)
    file = path(FILE[g])
    set label 1 frame_title(title, STEP[g])
    if (c == 1) {
        plot for [i = 0:count - 1] file binary skip = OFFSET[g] + i * h * w * c array = (w, h) format = '%uchar' \
            origin = (left(i), top(i)) using 1:1:1 with rgbimage
    } else {
        plot for [i = 0:count - 1] file binary skip = OFFSET[g] + i * h * w * c array = (w, h) format = '%uchar%uchar%uchar' \
            origin = (left(i), top(i)) using 1:2:3 with rgbimage
    }
}
set output
