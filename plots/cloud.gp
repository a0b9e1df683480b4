# One frame of points.gp and points-animation.gp.

set label 1 frame_title(title, step) at screen 0.56, 1 - 0.13 / height center
plot real_file binary skip = real_offset record = (maximum(real_count, 1)) format = '%float32%float32' \
        using (real_count ? $1 : NaN):2 with points pt 7 ps size_real lc rgb '#80E69F00' notitle, \
    file binary skip = offset record = (count) format = '%float32%float32' \
        using 1:2 with points pt 7 ps size lc rgb '#600072B2' notitle, \
    keyentry with points pt 7 ps 0.5 lc rgb '#E69F00' title real_count ? 'real' : '', \
    keyentry with points pt 7 ps 0.5 lc rgb '#0072B2' title 'generated'
