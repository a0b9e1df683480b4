# Draws points of a data set in the plane, coloured by their classes.
#
#   gnuplot -c plots/data.gp FILE OUTPUT COUNT CLASSES [TITLE]
#
# FILE holds COUNT points of three float32 each: two coordinates and the class, from 0; CLASSES 0: there are none. By hand:
#
#   gnuplot -c plots/data.gp points.bin points.png 5000 8 "ring"

if (ARGC < 4) exit error 'usage: gnuplot -c data.gp FILE OUTPUT COUNT CLASSES [TITLE]'
folder = ARG0[1:strlen(ARG0) - strlen('data.gp')]
load folder.'style.gp'
file = path(ARG1)
output = ARG2
count = int(ARG3)
classes = int(ARG4)
title = ARGC >= 5 ? ARG5 : ''
offset = 0
real_count = 0
has_arrows = field_side = 0
of_point = '%float32%float32%float32'
named = classes <= 12 ? classes : 0 # in the key
beside = named ? 0.6 : 0.1
dpi = 200
load folder.'plane.gp'
load folder.'terminal.gp'

# The palette where it has enough colours, else hues all around.
colour(class) = !classes ? BLUE : classes <= |COLOUR| ? COLOUR[class + 1] : hsv2rgb(real(class) / classes, 0.85, 0.8)
set label 1 frame_title(title, -1) at screen centre, (bottom + square + 0.15) / height center
set key at screen (left + square + 0.1) / width, screen (bottom + square) / height left top vertical Left reverse samplen 1 maxrows named
plot file binary record = (count) format = of_point \
        using 1:2:(0x60000000 + colour(int($3))) with points pt 7 ps size lc rgb variable notitle, \
    for [class = 0:named - 1] keyentry with points pt 7 ps 0.5 lc rgb colour(class) title sprintf('%d', class)
set output
