# Draws generated points over real ones, both in the plane.
#
#   gnuplot -c plots/points.gp FILE OUTPUT OFFSET COUNT [REAL_OFFSET REAL_COUNT [STEP [TITLE]]]
#
# FILE holds COUNT generated points from byte OFFSET on and REAL_COUNT real ones from REAL_OFFSET on, two float32 each;
# `h5dump -p -H FILE` shows the offsets. The range follows the real points; what was generated outside is not seen.
# STEP -1 shows no step. By hand:
#
#   gnuplot -c plots/points.gp samples/step-00001000.h5 points.png 2048 1000 12048 1000 1000 "ring"

if (ARGC < 4 || ARGC == 5) exit error 'usage: gnuplot -c points.gp FILE OUTPUT OFFSET COUNT [REAL_OFFSET REAL_COUNT [STEP [TITLE]]]'
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
dpi = 200
load folder.'plane.gp'
load folder.'terminal.gp'
load folder.'cloud.gp'
set output
