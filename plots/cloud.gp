# One frame of points.gp and points-animation.gp: the field, real and generated points, arrows.

set label 1 frame_title(title, step) at screen centre, 1 - 0.13 / height center
# Points and their arrows lie at two places of the file: gnuplot brings them together.
k = 0
arrows_here = has_arrows && arrows_offset >= 0
if (arrows_here) {
    set table $seen
    plot file binary skip = offset record = (count) format = '%float32%float32' using (k = k + 1, PX[k] = $1, PY[k] = $2) with table
    k = 0
    plot file binary skip = arrows_offset record = (count) format = '%float32%float32' using (k = k + 1, DX[k] = $1, DY[k] = $2) with table
    unset table
    undefine $seen
}
arrow_length(i) = sqrt(DX[i]**2 + DY[i]**2)
shrink(i) = scale * arrow_length(i) > longest ? longest / arrow_length(i) : scale
across(i) = arrows_here ? DX[i] * shrink(i) : NaN
up(i) = arrows_here ? DY[i] * shrink(i) : NaN
# Without a field, a grid of four places that are not drawn.
field_here = field_side && field_offset >= 0
side = field_here ? field_side : 2
plot file binary skip = (field_here ? field_offset : 0) array = (side, side) format = '%float32' \
        origin = (field_left, field_bottom) dx = field_spacing dy = field_spacing \
        using (field_here ? $1 : NaN) with image notitle, \
    real_file binary skip = real_offset record = (maximum(real_count, 1)) format = '%float32%float32' \
        using (real_count ? $1 : NaN):2 with points pt 7 ps size_real lc rgb '#80E69F00' notitle, \
    file binary skip = offset record = (count) format = '%float32%float32' \
        using 1:2 with points pt 7 ps size lc rgb '#600072B2' notitle, \
    PX every every_nth using (PX[int($1)]):(PY[int($1)]):(across(int($1))):(up(int($1))) \
        with vectors head filled size screen 0.01, 20 dt solid lc rgb '#30222222' lw 0.5 notitle, \
    keyentry with points pt 7 ps 0.5 lc rgb '#E69F00' title real_count ? 'real' : '', \
    keyentry with points pt 7 ps 0.5 lc rgb '#0072B2' title 'generated'
