# Draws rows of points in the plane as lines, each from a circle on; of a mesh, the columns as well.
#
#   gnuplot -c plots/paths.gp FILE OUTPUT OFFSET ROWS COLUMNS MESH [STEP [TITLE]]
#
# FILE holds ROWS x COLUMNS points from byte OFFSET on, two float32 each, row by row. MESH is 1 or 0. STEP -1 shows no step. `duel explore` writes such
# files. By hand:
#
#   gnuplot -c plots/paths.gp map.h5 map.png 2048 17 17 1 1000 "ring"

if (ARGC < 6) exit error 'usage: gnuplot -c paths.gp FILE OUTPUT OFFSET ROWS COLUMNS MESH [STEP [TITLE]]'
folder = ARG0[1:strlen(ARG0) - strlen('paths.gp')]
load folder.'style.gp'
file = path(ARG1)
output = ARG2
offset = int(ARG3)
rows = int(ARG4)
columns = int(ARG5)
mesh = int(ARG6)
step = ARGC >= 7 ? int(ARG7) : -1
title = ARGC >= 8 ? ARG8 : ''
count = rows * columns
real_count = field_side = has_arrows = 0
dpi = 200
load folder.'plane.gp'
load folder.'terminal.gp'
raw = 2 * half / 6
decade = 10.0**floor(log10(raw))
tick = decade * (raw < 2 * decade ? 2 : raw < 5 * decade ? 5 : 10)
set xtics tick
set ytics tick
set label 1 frame_title(title, step) at screen centre, 1 - 0.13 / height center
tint(r) = COLOUR[1 + r % 6]
if (mesh) {
    plot for [k = 0:columns - 1] file binary skip = offset record = (count) format = '%float32%float32' \
            every columns::k using 1:2 with lines dt solid lw 0.8 lc rgb '#D55E00' notitle, \
        for [r = 0:rows - 1] file binary skip = offset + r * columns * 8 record = (columns) format = '%float32%float32' \
            using 1:2 with lines dt solid lw 0.8 lc rgb BLUE notitle, \
        keyentry with lines dt solid lw 1.5 lc rgb BLUE title 'across', \
        keyentry with lines dt solid lw 1.5 lc rgb '#D55E00' title 'up'
} else {
    plot for [r = 0:rows - 1] file binary skip = offset + r * columns * 8 record = (columns) format = '%float32%float32' \
            using 1:2 with linespoints dt solid lw 1 pt 7 ps 0.2 lc rgb tint(r) notitle, \
        for [r = 0:rows - 1] file binary skip = offset + r * columns * 8 record = (1) format = '%float32%float32' \
            using 1:2 with points pt 6 ps 0.9 lw 1.2 lc rgb tint(r) notitle, \
        keyentry with points pt 6 ps 0.9 lw 1.2 lc rgb '#333333' title 'where a row begins'
}
set output
