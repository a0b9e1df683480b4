# Reads the cells and labels of `table` for table.gp, and lays them out; it sets width, height, dpi and points for terminal.gp.

if (h < 1 || w < 1 || (c != 1 && c != 3)) exit error 'images must have 1 or 3 channels, and neither HEIGHT nor WIDTH may be 0'
set datafile separator tab
lines = 0
stats table using (lines = lines + 1) nooutput
cells = 0
rows = 0
columns = 0
array KIND[lines + 1]
array AT[lines + 1]
array SECOND[lines + 1]
array THIRD[lines + 1]
array TEXT[lines + 1]
line = 0
stats table using (line = line + 1, KIND[line] = strcol(1), AT[line] = int($2), SECOND[line] = int($3), THIRD[line] = int($4), \
    TEXT[line] = strcol(5)) nooutput
set datafile separator whitespace
do for [i = 1:lines] {
    if (KIND[i] eq 'cell') { cells = cells + 1; rows = maximum(rows, AT[i]); columns = maximum(columns, SECOND[i]) }
}
if (!cells) exit error 'the table holds no cell'
array ROW[cells]
array COLUMN[cells]
array FROM[cells]
array IMAGE[cells]
array BEFORE[columns] # blocks of room
array HEAD[columns]   # how wide its label is, in ems; 0: it has none
array CAPTION[columns]
cell = 0
longest_row = captions = labelled = headed = cornered = on_axis = 0
do for [i = 1:columns] { BEFORE[i] = 0; HEAD[i] = 0; CAPTION[i] = 0 }
do for [i = 1:lines] {
    if (KIND[i] eq 'cell') { cell = cell + 1; ROW[cell] = AT[i]; COLUMN[cell] = SECOND[i]; FROM[cell] = THIRD[i]; IMAGE[cell] = int(TEXT[i]) }
    if (KIND[i] ne 'cell') { TEXT[i] = shorten(TEXT[i], 40) }
    if (KIND[i] eq 'row') { longest_row = maximum(longest_row, ems(TEXT[i])) }
    if (KIND[i] eq 'column') { headed = 1 }
    if (KIND[i] eq 'column' && AT[i] == 0) { cornered = 1; longest_row = maximum(longest_row, ems(TEXT[i])) }
    if (KIND[i] eq 'column' && AT[i] > 0) { HEAD[AT[i]] = ems(TEXT[i]); labelled = labelled + 1 }
    if (KIND[i] eq 'caption') { captions = 1; CAPTION[SECOND[i]] = maximum(CAPTION[SECOND[i]], ems(TEXT[i])) }
    if (KIND[i] eq 'gap') { do for [k = AT[i]:columns] { BEFORE[k] = BEFORE[k] + 1 } }
    if (KIND[i] eq 'axis') { on_axis = 1 }
}
file_of(i) = FROM[i] ? FROM[i] : g
begins(i) = OFFSET[file_of(i)] + IMAGE[i] * h * w * c

# One pixel of an image becomes scale x scale whole pixels; or, where the table is too large for that, the reverse.
grid_size = animated ? 600 : 1100 # pixels, about
grid_limit = animated ? 1000 : 4000
side = maximum(columns * w, rows * h)
scale = minimum(maximum(grid_size / side, 1), 12)
scale = side <= grid_limit ? 1.0 * scale : 1.0 / ((side + grid_limit - 1) / grid_limit)
gap = maximum(2, int(scale * w / 28 + 0.5)) # pixels of white between images
dpi = maximum(grid_size, maximum(columns * (w * scale + gap), rows * (h * scale + gap))) / 5.0
points = 9
colourful = c == 3
load folder.'columns.gp'
line_high = ceil(0.17 * dpi)
caption_high = captions ? line_high : 0
edge = ceil(0.05 * dpi)
labels_high = turned ? ceil(em * highest_head + 0.1 * dpi) : headed ? line_high : 0
heading = frame_title(title, STEP[frames])
title_high = strlen(heading) ? ceil(0.28 * dpi) : 0
grid_wide = ceil(LEFT[columns] + w * scale)
grid_high = ceil(rows * (h * scale + gap + caption_high) - gap)
page_high = grid_high + 2 * edge + labels_high + title_high
needed_wide = before_grid + grid_wide + behind_grid
page_wide = maximum(needed_wide, ceil(em * ems(heading))) + 2 * edge
width = page_wide / dpi
height = page_high / dpi
first = edge + (page_wide - 2 * edge - needed_wide) / 2 + before_grid # the pixel column where the images begin
above = page_high - edge - grid_high                                 # and the row

# Column k and row k begin here, in pixels of an image from the first one's top left.
down = h + (gap + caption_high) / scale
left(k) = LEFT[k] / scale
top(k) = (k - 1) * down
unset border
unset tics
unset colorbox
# As in grid.gp: the axes fill the page and count pixels of an image, y downwards, with 0 in the middle of the first.
dots = ends(output, '.png') ? 20.0 : 1.0
image_x(x) = (x - first) / scale - 0.5
image_y(y) = (y - above) / scale - 0.5
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [image_x(0):image_x(page_wide - 1 / dots)]
set yrange [image_y(page_high):image_y(1 / dots)]

# White over what viewers of a pdf or svg draw of images beyond their edges.
white = gap / scale
if (ends(output, '.pdf') || ends(output, '.svg')) {
    do for [k = 2:columns] {
        set object k rectangle from left(k - 1) + w - 0.5, -0.5 to left(k) - 0.5, top(rows) + h - 0.5 \
            front fillcolor rgb 'white' fillstyle solid noborder
    }
    do for [k = 2:rows] {
        set object columns + k rectangle from -0.5, top(k) - 0.5 - (gap + caption_high) / scale to left(columns) + w - 0.5, top(k) - 0.5 \
            front fillcolor rgb 'white' fillstyle solid noborder
    }
}

set label 1 '' at screen 0.5, 1 - 0.55 * (title_high + edge) / page_high center front
tag = 1
label_line = 1 - (above - 0.5 * line_high) / page_high
do for [i = 1:lines] {
    tag = tag + 1
    if (KIND[i] eq 'row' && (AT[i] - 1) % every_nth_row == 0) {
        set label tag TEXT[i] at screen (first - 0.05 * dpi) / page_wide, first top(AT[i]) + (h - 1) / 2.0 right front
    }
    if (KIND[i] eq 'column' && AT[i] == 0) {
        set label tag TEXT[i] at screen (first - 0.05 * dpi) / page_wide, screen label_line right front
    }
    if (KIND[i] eq 'column' && AT[i] > 0 && turned) {
        set label tag TEXT[i] at first left(AT[i]) + (w - 1) / 2.0, screen 1 - (above - 0.05 * dpi) / page_high left rotate by 90 front
    }
    if (KIND[i] eq 'column' && AT[i] > 0 && !turned && (AT[i] - 1) % every_nth == 0) {
        set label tag TEXT[i] at first left(AT[i]) + (w - 1) / 2.0, screen label_line center front
    }
    if (KIND[i] eq 'caption') {
        set label tag TEXT[i] at first left(SECOND[i]) + (w - 1) / 2.0, first top(AT[i]) + h - 0.5 + 0.55 * line_high / scale center front
    }
}
