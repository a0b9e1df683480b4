# Draws generated points over real ones as a gif, one frame a line of a list, all in one range, with the step above. The
# last frame stays a second.
#
#   gnuplot -c plots/points-animation.gp LIST OUTPUT COUNT [REAL_COUNT [TITLE]]
#
# LIST holds "path<TAB>offset<TAB>step<TAB>real offset" lines (see points.gp); the real points are those of the first
# frame. By hand:
#
#   printf '%s\t2048\t%d\t12048\n' samples/step-00001000.h5 1000 samples/step-00002000.h5 2000 > frames.tsv
#   gnuplot -c plots/points-animation.gp frames.tsv points.gif 1000 1000 "ring"

if (ARGC < 3) exit error 'usage: gnuplot -c points-animation.gp LIST OUTPUT COUNT [REAL_COUNT [TITLE]]'
folder = ARG0[1:strlen(ARG0) - strlen('points-animation.gp')]
load folder.'style.gp'
list = path(ARG1)
output = ARG2
count = int(ARG3)
real_count = ARGC >= 4 ? int(ARG4) : 0
title = ARGC >= 5 ? ARG5 : ''
if (!ends(output, '.gif')) exit error 'an animation must end in .gif'

load folder.'frames.gp'
real_file = path(FILE[1])
real_offset = REAL[1]
file = path(FILE[frames])
offset = OFFSET[frames]
dpi = 130
load folder.'plane.gp'
load folder.'terminal.gp'
do for [f = 1:frames + hold] {
    g = minimum(f, frames)
    file = path(FILE[g])
    offset = OFFSET[g]
    step = STEP[g]
    load folder.'cloud.gp'
}
set output
