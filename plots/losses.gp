# Draws the losses of all phases in one panel, and each other metric in a panel of its own below.
#
#   gnuplot -c plots/losses.gp METRICS TITLE OUTPUT…
#
# METRICS is a run's plots/metrics.tsv: a line of names, then a row for each record, with tabs between: the step, then
# the metrics, `nan` where there is none; `epoch` and `seconds` are not drawn. A name that ends in .loss is a loss.
# By hand:
#
#   gnuplot -c plots/losses.gp plots/metrics.tsv "mnist-mlp" losses.png losses.pdf
#
# Where there are many rows they are gathered in bins, some hundred across the plot: a band runs from the lowest to the
# highest value of each, so that no spike is lost. With fewer rows it is a thin line through all values. The line over
# either is a running mean. A metric with few values is drawn as it is. A panel with values far outside the rest, or means
# over more than three decades, has a logarithmic axis, or asinh(y) for one where some are not positive, and says so.

if (ARGC < 3) exit error 'usage: gnuplot -c losses.gp METRICS TITLE OUTPUT…'
folder = ARG0[1:strlen(ARG0) - strlen('losses.gp')]
load folder.'style.gp'
file = path(ARG1)
title = shorten(ARG2, 90)
outputs = ARGC - 2
array OUTPUT[outputs]
do for [i = 1:outputs] { OUTPUT[i] = ARGV[i + 2] }
load folder.'gather.gp'
do for [figure = 1:outputs] {
    output = OUTPUT[figure]
    load folder.'terminal.gp'
    load folder.'panels.gp'
}
