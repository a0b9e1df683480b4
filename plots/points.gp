# Draws generated points over real ones, both in the plane; under them, where there is one, what a network says of each
# place, and where the points would go.
#
#   gnuplot -c plots/points.gp FILE OUTPUT OFFSET COUNT [REAL_OFFSET REAL_COUNT [STEP [TITLE [PLANE]]]]
#
# FILE holds COUNT generated points from byte OFFSET on and REAL_COUNT real ones from REAL_OFFSET on, two float32 each;
# `h5dump -p -H FILE` shows the offsets. The range follows the real points; what was generated outside is not seen.
# STEP -1 shows no step. PLANE is "ARROWS" or "ARROWS FIELD SIDE LEFT BOTTOM SPACING NETWORK", one argument: from byte
# ARROWS on there are COUNT directions, from FIELD on SIDE x SIDE float32, row by row from the lowest; the first belongs to
# the place (LEFT, BOTTOM), its neighbours are SPACING away. ARROWS -1: there are none. By hand:
#
#   gnuplot -c plots/points.gp samples/step-00001000.h5 points.png 2048 1000 12048 1000 1000 "ring" "20048 28048 64 -1.2 -1.2 0.04 discriminator"

if (ARGC < 4 || ARGC == 5) exit error 'usage: gnuplot -c points.gp FILE OUTPUT OFFSET COUNT [REAL_OFFSET REAL_COUNT [STEP [TITLE [PLANE]]]]'
folder = ARG0[1:strlen(ARG0) - strlen('points.gp')]
load folder.'style.gp'
file = path(ARG1)
real_file = file
output = ARG2
offset = int(ARG3)
count = int(ARG4)
real_offset = ARGC >= 6 ? int(ARG5) : 0
real_count = ARGC >= 6 ? int(ARG6) : 0
step = ARGC >= 7 ? int(ARG7) : -1
title = ARGC >= 8 ? ARG8 : ''
plane = ARGC >= 9 ? ARG9 : '-1'
arrows_offset = int(word(plane, 1))
has_arrows = arrows_offset >= 0
field_offset = words(plane) >= 7 ? int(word(plane, 2)) : -1
field_side = field_offset >= 0 ? int(word(plane, 3)) : 0
first_of_field = 4
frames = 1
array FILE[1] = [ARG1]
array FIELD[1] = [field_offset]
array ARROWS[1] = [arrows_offset]
dpi = 200
load folder.'plane.gp'
load folder.'field.gp'
load folder.'terminal.gp'
load folder.'cloud.gp'
set output
