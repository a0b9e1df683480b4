# Reads `list`, a frame a line: path, offset, step and, for points, the offsets of the real ones, of arrows and of the field,
# with tabs between, into FILE, OFFSET, STEP, REAL, ARROWS and FIELD (`frames` of each; -1 for arrows and fields that are not
# there), and sets the times for a gif. gnuplot's reader ends a text at a double
# quote, so that a path may not hold one.

set datafile separator tab
set datafile commentschars ''
frames = 0
stats list using (frames = frames + 1) nooutput
if (frames == 0) exit error 'the list holds no frame'
array FILE[frames]
array OFFSET[frames]
array STEP[frames]
array REAL[frames]
array ARROWS[frames]
array FIELD[frames]
line = 0
stats list using (line = line + 1, FILE[line] = strcol(1), OFFSET[line] = int($2), STEP[line] = int($3), \
    REAL[line] = valid(4) ? int(column(4)) : 0, ARROWS[line] = valid(5) ? int(column(5)) : -1, \
    FIELD[line] = valid(6) ? int(column(6)) : -1) nooutput
set datafile separator whitespace
delay = frames > 50 ? 0.1 : 0.2 # seconds
hold = int(1 / delay + 0.5)     # how often the last frame is repeated
