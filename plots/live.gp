# Draws the losses and metrics of losses.gp in a window, again whenever STATE says that there is more, until the window is
# closed or STATE says that it is the end; the window then stays.
#
#   gnuplot -c plots/live.gp METRICS STATE TITLE [TERMINAL]
#
# METRICS is a table as losses.gp reads it. STATE holds two numbers with a tab between: one that changes when METRICS has
# changed, and 1 when it is the end, else 0. By hand, where something writes the table:
#
#   printf '1\t0\n' > state; gnuplot -c plots/live.gp plots/metrics.tsv state "mnist-mlp"
#
# TERMINAL is qt, x11 or wxt; without it, the first of these that there is. Status 3 says that this gnuplot has none.

if (ARGC < 3) exit error 'usage: gnuplot -c live.gp METRICS STATE TITLE [TERMINAL]'
folder = ARG0[1:strlen(ARG0) - strlen('live.gp')]
load folder.'style.gp'
file = path(ARG1)
state = path(ARG2)
title = shorten(ARG3, 90)
has(terminal) = strstrt(' '.GPVAL_TERMINALS.' ', ' '.terminal.' ') > 0
wanted = ARGC >= 4 && (ARG4 eq 'qt' || ARG4 eq 'x11' || ARG4 eq 'wxt') && has(ARG4)
kind = wanted ? ARG4 : has('qt') ? 'qt' : has('x11') ? 'x11' : has('wxt') ? 'wxt' : ''
if (kind eq '') exit status 3

load folder.'gather.gp'
wide = 100 * width
high = 100 * minimum(height, 9)
if (kind eq 'qt') {
    set terminal qt noenhanced size wide, high font 'Helvetica,9' title title noraise persist
} else { if (kind eq 'x11') {
    set terminal x11 noenhanced size wide, high title title noraise persist
} else {
    set terminal wxt noenhanced size wide, high font 'Helvetica,9' title title noraise persist
}}
closed = 0
bind 'Close' 'closed = 1'
drawn = -1
ends = 0
while (!closed && !ends) {
    # stats leaves out what the last panel's axes do not show.
    set xrange [*:*]
    set yrange [*:*]
    unset logscale y
    unset nonlinear y
    stats state using (version = int($1), ends = int($2)) nooutput
    if (version != drawn) {
        load folder.'gather.gp'
        load folder.'panels.gp'
        drawn = version
    }
    if (!ends) { pause 0.5 }
}
