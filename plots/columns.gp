# Where the columns of cells.gp stand, and how large letters are. Texts at columns never meet: where they have no room,
#
#   numbers on an axis         every n-th is shown;
#   a label at every column    they are turned, to be read from below;
#   captions, a few labels     letters become smaller, down to 16 pixels; then columns move apart.
#
# It may make dpi smaller, and sets em, LEFT (in pixels), turned, highest_head, every_nth, every_nth_row, and what stands beside
# the images, before_grid and behind_grid.

pitch = w * scale + gap
block_inches = 0.12 # of a gap
em_inches = points / 72.0
line_inches = 0.15
all_headed = labelled == columns && !on_axis
apart(a, b) = em_inches * ((a + b) / 2.0 + 0.4) # of texts that are so many ems wide, in inches, middle to middle
smaller(most) = maximum(minimum(dpi, most), minimum(dpi, 130.0))

# The largest dpi at which labels, and the rest, fit columns that are not moved.
heads_fit = rest_fits = dpi
do for [kind = 0:1] {
    last = 0
    do for [k = 1:columns] {
        wide = kind ? CAPTION[k] : HEAD[k]
        if (wide > 0 && last) {
            inches = apart(last_wide, wide) - block_inches * (BEFORE[k] - BEFORE[last])
            fits = inches > 0 ? (k - last) * pitch / inches : dpi
            if (kind == 0) { heads_fit = minimum(heads_fit, fits) } else { rest_fits = minimum(rest_fits, fits) }
        }
        if (wide > 0) { last = k; last_wide = wide }
    }
}
if (cornered && columns) { heads_fit = minimum(heads_fit, HEAD[1] > 0 ? w * scale / (em_inches * HEAD[1]) : dpi) }
if (!all_headed && !on_axis) { rest_fits = minimum(rest_fits, heads_fit) }
dpi = smaller(rest_fits)
turned = all_headed && heads_fit < dpi
if (turned) { dpi = smaller(pitch / line_inches) }
if (longest_row > 0) { dpi = smaller((h * scale + gap) / line_inches) }
em = em_inches * dpi

# Columns, moved apart where that was not enough.
block = ceil(block_inches * dpi)
array LEFT[columns]
do for [k = 1:columns] { LEFT[k] = (k - 1) * pitch + BEFORE[k] * block }
do for [kind = on_axis:1] {
    last = 0
    do for [k = 1:columns] {
        wide = kind ? CAPTION[k] : HEAD[k]
        if (wide > 0 && last) {
            lacks = ceil(dpi * (kind == 0 && turned ? line_inches : apart(last_wide, wide)) - (LEFT[k] - LEFT[last]))
            if (lacks > 0) { do for [m = k:columns] { LEFT[m] = LEFT[m] + lacks } }
        }
        if (wide > 0) { last = k; last_wide = wide }
    }
}

# Numbers on an axis, and labels of rows that are lower than a line.
longest = highest_head = 0
do for [k = 1:columns] { longest = maximum(longest, HEAD[k]) }
if (turned) { highest_head = longest }
every_nth = on_axis ? maximum(1, ceil(dpi * apart(longest, longest) / pitch)) : 1
every_nth_row = maximum(1, ceil(line_inches * dpi / (h * scale + gap) - 0.1))

# Labels of rows, and texts that are wider than the images at the ends.
before_grid = longest_row > 0 ? ceil(em * longest_row + 0.1 * dpi) : 0
behind_grid = 0
do for [k = 1:columns] {
    half = em * maximum(CAPTION[k], turned ? 0 : HEAD[k]) / 2 - w * scale / 2
    before_grid = maximum(before_grid, ceil(half - LEFT[k]))
    behind_grid = maximum(behind_grid, ceil(half - (LEFT[columns] - LEFT[k])))
}
