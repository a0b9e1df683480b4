# Draws generated points over real ones as a gif, with field and arrows, one frame a line of a list, all in one range, with
# the step above. Colours and lengths mean the same in all frames. The last frame stays a second.
#
#   gnuplot -c plots/points-animation.gp LIST OUTPUT COUNT [REAL_COUNT [TITLE [PLANE]]]
#
# LIST holds "path<TAB>offset<TAB>step<TAB>real offset<TAB>arrows offset<TAB>field offset" lines (see points.gp; the last
# two may be missing or -1); the real points are those of the first frame. PLANE is "SIDE LEFT BOTTOM SPACING NETWORK", one
# argument, of the fields. By hand:
#
#   printf '%s\t2048\t%d\t12048\n' samples/step-00001000.h5 1000 samples/step-00002000.h5 2000 > frames.tsv
#   gnuplot -c plots/points-animation.gp frames.tsv points.gif 1000 1000 "ring"

if (ARGC < 3) exit error 'usage: gnuplot -c points-animation.gp LIST OUTPUT COUNT [REAL_COUNT [TITLE [PLANE]]]'
folder = ARG0[1:strlen(ARG0) - strlen('points-animation.gp')]
load folder.'style.gp'
list = path(ARG1)
output = ARG2
count = int(ARG3)
real_count = ARGC >= 4 ? int(ARG4) : 0
title = ARGC >= 5 ? ARG5 : ''
plane = ARGC >= 6 ? ARG6 : ''
field_side = words(plane) >= 5 ? int(word(plane, 1)) : 0
first_of_field = 2
if (!ends(output, '.gif')) exit error 'an animation must end in .gif'

load folder.'frames.gp'
real_file = path(FILE[1])
real_offset = REAL[1]
file = path(FILE[frames])
offset = OFFSET[frames]
has_arrows = 0
do for [f = 1:frames] { has_arrows = has_arrows || ARROWS[f] >= 0 }
dpi = 130
load folder.'plane.gp'
load folder.'field.gp'
load folder.'terminal.gp'
do for [f = 1:frames + hold] {
    g = minimum(f, frames)
    file = path(FILE[g])
    offset = OFFSET[g]
    arrows_offset = ARROWS[g]
    field_offset = FIELD[g]
    step = STEP[g]
    load folder.'cloud.gp'
}
set output
