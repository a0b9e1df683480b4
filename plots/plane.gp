# The axes of points.gp, points-animation.gp and data.gp: a square around the real points (the generated ones where there are
# no real ones), with equal scales; beside it, where there is a field, its colours. A script may set `of_point`, how a point
# lies in the file, and `beside`, the inches to the right of the square.

if (count < 1 || real_count < 0) exit error 'COUNT must be at least 1'
if (!exists('of_point')) of_point = '%float32%float32'
if (!exists('beside')) beside = field_side ? 0.95 : 0.1
low_x = low_y = 1e300
high_x = high_y = -1e300
see(x, y) = x - x == 0 && y - y == 0 ? (low_x = minimum(low_x, x), high_x = maximum(high_x, x), \
    low_y = minimum(low_y, y), high_y = maximum(high_y, y)) : 0
# Through a table that nobody reads, as stats is for text files.
set table $seen
if (real_count > 0) {
    plot real_file binary skip = real_offset record = (real_count) format = of_point using (see($1, $2)) with table
} else {
    plot file binary skip = offset record = (count) format = of_point using (see($1, $2)) with table
}
unset table
undefine $seen
if (low_x > high_x) { low_x = low_y = -1; high_x = high_y = 1 }
half = 0.62 * maximum(high_x - low_x, high_y - low_y)
if (half <= 0) half = 1
middle_x = (low_x + high_x) / 2
middle_y = (low_y + high_y) / 2

square = 2.87 # inches a side, from `left` and `bottom` on
left = 0.68
bottom = 0.42
width = left + square + beside
height = bottom + square + (has_arrows ? 0.61 : 0.46)
centre = (left + square / 2) / width
points = 9
colourful = 1 # the clouds are translucent
set size ratio -1
set lmargin at screen left / width
set rmargin at screen (left + square) / width
set bmargin at screen bottom / height
set tmargin at screen (bottom + square) / height
set xrange [middle_x - half:middle_x + half]
set yrange [middle_y - half:middle_y + half]
set label 2 'first coordinate' at screen centre, 0.08 / height center
set label 3 'second coordinate' at screen 0.1 / width, (bottom + square / 2) / height center rotate by 90
set tics out nomirror scale 0.5 textcolor rgb '#333333'
set border lc rgb '#888888' lw 0.8
set key at screen centre, screen 1 - 0.3 / height center center horizontal Left reverse samplen 1 width 1 maxrows 1
size = count > 4000 ? 0.15 : count > 1000 ? 0.22 : 0.32 # of a point
size_real = real_count > 4000 ? 0.15 : real_count > 1000 ? 0.22 : 0.32
if (field_side) { set grid front lt 1 lc rgb '#A0666666' lw 0.4 } else { set grid lt 1 lc rgb '#dcdcdc' lw 0.5 }
