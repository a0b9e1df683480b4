# Lays out a grid of `count` images of h x w pixels with c channels, about `grid_size` pixels a side and below `heading`,
# for samples.gp and animation.gp; `columns` 0 chooses a square. It sets width, height, dpi and points for terminal.gp.

if (count < 1 || h < 1 || w < 1 || (c != 1 && c != 3)) exit error 'images must have 1 or 3 channels, and none of COUNT, HEIGHT, WIDTH may be 0'
if (columns < 1) columns = int(ceil(sqrt(1.0 * count * h / w) - 1e-9))
columns = minimum(maximum(columns, 1), count)
rows = (count + columns - 1) / columns

# One pixel of an image becomes scale x scale whole pixels (or, where images are large, the other way round).
scale = 1.0 * grid_size / maximum(columns * w, rows * h)
scale = scale >= 1 ? minimum(int(scale), 12) : 1.0 / ceil(1 / scale)
gap = maximum(2, int(scale * w / 28 + 0.5)) # pixels of white between images
grid_wide = ceil(columns * (w * scale + gap) - gap)
grid_high = ceil(rows * (h * scale + gap) - gap)
dpi = grid_size / 5.0
points = 11
colourful = c == 3
edge = ceil(0.05 * dpi)
title_high = strlen(heading) ? ceil(0.28 * dpi) : 0
page_wide = maximum(grid_wide, ceil(0.085 * dpi * strlen(heading))) + 2 * edge
page_high = grid_high + 2 * edge + title_high
width = page_wide / dpi
height = page_high / dpi
first = (page_wide - grid_wide) / 2 # the pixel column where the grid begins

# Axes in pixels of an image, y downwards, from edge to edge of the outer pixels.
left(i) = (i % columns) * (w + gap / scale)
top(i) = (i / columns) * (h + gap / scale)
pixel = c == 1 ? '%uchar' : '%uchar%uchar%uchar'
green = c == 1 ? 1 : 2
blue = c == 1 ? 1 : 3
unset border
unset tics
unset colorbox
set lmargin at screen 1.0 * first / page_wide
set rmargin at screen 1.0 * (first + grid_wide) / page_wide
set bmargin at screen 1.0 * edge / page_high
set tmargin at screen 1.0 * (edge + grid_high) / page_high
set xrange [-0.5:grid_wide / scale - 0.5]
set yrange [grid_high / scale - 0.5:-0.5]

# The heading stands above the middle of the grid; to be set again for each frame.
set label 1 heading at screen 0.5, 1 - 0.55 * (title_high + edge) / page_high center
