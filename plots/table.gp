# Draws a table of images with labels at its rows and columns and captions under its cells; as a gif, one frame a line of LIST.
#
#   gnuplot -c plots/table.gp LIST TABLE OUTPUT HEIGHT WIDTH CHANNELS [TITLE]
#
# LIST holds "path<TAB>offset<TAB>step" lines, files with images of HEIGHT x WIDTH x CHANNELS bytes from byte `offset` on; step -1
# is not shown. TABLE holds lines of five fields with tabs between; rows and columns count from 1, images from 0:
#
#   cell     ROW     COLUMN  FILE  IMAGE     line FILE of LIST; 0: the frame that is being drawn (the last one of a still picture)
#   row      ROW     0       0     label
#   column   COLUMN  0       0     label; of column 0: above the labels of rows
#   caption  ROW     COLUMN  0     text
#   gap      COLUMN  0       0     -         more room before this column
#   axis     0       0       0     -         labels of columns are numbers in order, of which every n-th may do
#
# `duel plot` and `duel explore` write both. By hand, two samples and the first of another step beside them:
#
#   printf '%s\t2048\t-1\n' samples/step-00001000.h5 samples/step-00002000.h5 > list.tsv
#   printf 'cell\t1\t%d\t%d\t%d\n' 1 1 0 2 1 1 3 2 0 > table.tsv
#   gnuplot -c plots/table.gp list.tsv table.tsv table.png 28 28 1 "mnist-mlp"

if (ARGC < 6) exit error 'usage: gnuplot -c table.gp LIST TABLE OUTPUT HEIGHT WIDTH CHANNELS [TITLE]'
folder = ARG0[1:strlen(ARG0) - strlen('table.gp')]
load folder.'style.gp'
list = path(ARG1)
table = path(ARG2)
output = ARG3
h = int(ARG4)
w = int(ARG5)
c = int(ARG6)
title = ARGC >= 7 ? ARG7 : ''
animated = ends(output, '.gif')
load folder.'frames.gp'
load folder.'cells.gp'
load folder.'terminal.gp'
unset tics
shown = animated ? frames + hold : 1
do for [f = 1:shown] {
    g = animated ? minimum(f, frames) : frames
    set label 1 frame_title(title, STEP[g])
    if (c == 1) {
        plot for [i = 1:cells] path(FILE[file_of(i)]) binary skip = begins(i) array = (w, h) format = '%uchar' \
            origin = (left(COLUMN[i]), top(ROW[i])) using 1:1:1 with rgbimage
    } else {
        plot for [i = 1:cells] path(FILE[file_of(i)]) binary skip = begins(i) array = (w, h) format = '%uchar%uchar%uchar' \
            origin = (left(COLUMN[i]), top(ROW[i])) using 1:2:3 with rgbimage
    }
}
set output
