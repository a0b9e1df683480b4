# What points.gp and points-animation.gp show of a field and of arrows in `frames` frames: FILE, FIELD and ARROWS hold the
# paths and the offsets, below 0 where a frame has none. From word `first_of_field` on `plane` has LEFT, BOTTOM, SPACING and
# NETWORK. It chooses one range of colours and one length of arrows for all.

field_left = field_side ? real(word(plane, first_of_field)) : middle_x
field_bottom = field_side ? real(word(plane, first_of_field + 1)) : middle_y
field_spacing = field_side ? real(word(plane, first_of_field + 2)) : half
field_name = field_side ? word(plane, first_of_field + 3) : ''
# Green and purple of equal lightness, less of it away from 0: straight lines in CIELAB from (97, 0, 0) to lightness 55,
# chroma 45 and the hues 320 and 140 degrees. They differ for people with a colour-vision deficiency, and from the points.
set palette defined (0 '#A76FB6', 1 '#BB90C6', 2 '#CFB2D6', 3 '#E3D4E6', 4 '#F6F6F6', 5 '#CDDDCB', 6 '#A5C4A0', 7 '#7CAB77', 8 '#539250')

low = 1e300
high = -1e300
values = squares = many = total = 0
watch(v) = v - v == 0 ? (low = minimum(low, v), high = maximum(high, v), values = values + 1, squares = squares + v * v) : 0
weigh(x, y) = x - x == 0 && y - y == 0 ? (many = many + 1, total = total + x * x + y * y) : 0
set table $seen
do for [f = 1:frames] {
    if (field_side && FIELD[f] >= 0) {
        plot path(FILE[f]) binary skip = FIELD[f] record = (field_side * field_side) format = '%float32' using (watch($1)) with table
    }
    if (ARROWS[f] >= 0) {
        plot path(FILE[f]) binary skip = ARROWS[f] record = (count) format = '%float32%float32' using (weigh($1, $2)) with table
    }
}
unset table
undefine $seen

# 0 is the middle of the colours where values are on both sides of it; then the few that are far away from it, in corners or
# early frames, have the colours of the ends.
if (low > high) { low = -1; high = 1 }
zero = low < 0 && high > 0 ? 0 : (low + high) / 2
span = maximum(maximum(high - zero, zero - low), 1e-6 * maximum(abs(low), 1e-300))
if (zero == 0 && values) { span = minimum(span, 2.5 * sqrt(squares / values)) }
set cbrange [zero - span:zero + span]
if (field_side) {
    set colorbox user origin (left + square + 0.1) / width, bottom / height size 0.12 / width, square / height
    set label 4 field_name.'(x)' at screen (left + square + 0.8) / width, (bottom + square / 2) / height center rotate by 90
} else { unset colorbox }

# An arrow twice as long as most is as long as a seventh of the square; none is longer than a quarter. The one in the
# legend has a round number.
typical = many ? sqrt(total / many) : 0
longest = 2 * half / 4
scale = typical > 0 ? 2 * half / 14 / typical : 0
power = typical > 0 ? 10.0**floor(log10(typical)) : 1
shown = typical < 2 * power ? power : typical < 5 * power ? 2 * power : 5 * power
every_nth = maximum(1, count / 120)
array PX[count]
array PY[count]
array DX[count]
array DY[count]
do for [i = 1:count] { PX[i] = PY[i] = DX[i] = DY[i] = 0 }
if (has_arrows) {
    legend_y = 1 - 0.47 / height
    set arrow 1 from first middle_x + 0.2 * half, screen legend_y rto first scale * shown, screen 0 head filled size screen 0.01, 20 dt solid lc rgb '#333333' lw 0.8 front
    set label 5 sprintf('down the loss, %g: ', shown) at first middle_x + 0.15 * half, screen legend_y right
}
