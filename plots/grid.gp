# Lays out a grid of `count` images of h x w pixels with c channels, about `grid_size` pixels a side (more, up to
# `grid_limit`, for large images) and below `heading`, for samples.gp and animation.gp; `columns` 0 chooses a square.
# It sets width, height, dpi and points for terminal.gp.

if (count < 1 || h < 1 || w < 1 || (c != 1 && c != 3)) exit error 'images must have 1 or 3 channels, and none of COUNT, HEIGHT, WIDTH may be 0'
if (columns < 1) columns = int(ceil(sqrt(1.0 * count * h / w) - 1e-9))
columns = minimum(maximum(columns, 1), count)
rows = (count + columns - 1) / columns

# One pixel of an image becomes scale x scale whole pixels; or, where that is more than grid_limit a side, the reverse.
side = maximum(columns * w, rows * h)
scale = minimum(maximum(grid_size / side, 1), 12)
scale = side <= grid_limit ? 1.0 * scale : 1.0 / ((side + grid_limit - 1) / grid_limit)
gap = maximum(2, int(scale * w / 28 + 0.5)) # pixels of white between images
grid_wide = ceil(columns * (w * scale + gap) - gap)
grid_high = ceil(rows * (h * scale + gap) - gap)
dpi = maximum(grid_size, maximum(grid_wide, grid_high)) / 5.0
points = 11
colourful = c == 3
edge = ceil(0.05 * dpi)
title_high = strlen(heading) ? ceil(0.28 * dpi) : 0
page_wide = maximum(grid_wide, ceil(0.085 * dpi * strlen(heading))) + 2 * edge
page_high = grid_high + 2 * edge + title_high
width = page_wide / dpi
height = page_high / dpi
first = (page_wide - grid_wide) / 2 # the pixel column where the grid begins

# Image i begins here, in pixels of an image from the grid's top left.
left(i) = (i % columns) * (w + gap / scale)
top(i) = (i / columns) * (h + gap / scale)
unset border
unset tics
unset colorbox
# The axes fill the page, as the edge of a plot is not drawn sharply, and count pixels of an image, y downwards, with 0 in
# the middle of the first. pngcairo counts twentieths of a pixel, and the last one is one less than there are.
dots = ends(output, '.png') ? 20.0 : 1.0
image_x(x) = (x - first) / scale - 0.5
image_y(y) = (y - (page_high - edge - grid_high)) / scale - 0.5
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [image_x(0):image_x(page_wide - 1 / dots)]
set yrange [image_y(page_high):image_y(1 / dots)]

# Who shows a pdf or svg on a screen lets every image fill the screen's pixels that it touches, those of the gaps, too: they
# are drawn over the images.
white = gap / scale
if (ends(output, '.pdf') || ends(output, '.svg')) {
    do for [i = 1:columns - 1] {
        set object i rectangle from left(i) - white - 0.5, -0.5 to left(i) - 0.5, rows * (h + white) - white - 0.5 \
            front fillcolor rgb 'white' fillstyle solid noborder
    }
    do for [i = columns:columns + rows - 2] {
        y = (i - columns + 1) * (h + white) - 0.5
        set object i rectangle from -0.5, y - white to columns * (w + white) - white - 0.5, y \
            front fillcolor rgb 'white' fillstyle solid noborder
    }
}

# The heading stands above the middle of the grid; to be set again for each frame.
set label 1 heading at screen 0.5, 1 - 0.55 * (title_high + edge) / page_high center
