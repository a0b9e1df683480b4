# Reads the metrics of `file` for losses.gp and live.gp: names, sums and extremes by bins of rows, and the sizes of a figure with
# `title`. It may be loaded again, when the file has grown.

set datafile separator tab
set datafile commentschars ''

# The names, and which columns are losses.
columns = 0
stats file every ::0::0 using (columns = 1) nooutput
if (!columns) { exit error 'the metrics file is empty' }
columns = STATS_columns
metrics = maximum(columns - 1, 0)
array NAME[metrics + 1]
losses = 0
others = 0
array LOSS[metrics + 1]
array OTHER[metrics + 1]
do for [m = 1:metrics] {
    stats file every ::0::0 using (NAME[m] = strcol(m + 1), 0) nooutput
    if (NAME[m] eq 'epoch' || NAME[m] eq 'seconds') { } else { if (ends(NAME[m], '.loss')) { losses = losses + 1; LOSS[losses] = m } else { others = others + 1; OTHER[others] = m }}
}

# Rows, their steps, and how many go into a bin and into the running mean.
rows = 0
first_step = last_step = 0
stats file every ::1 using (valid(1) ? \
    (rows = rows + 1, first_step = rows == 1 ? column(1) : first_step, last_step = column(1)) : 0) nooutput
span = rows / 40 # rows in the mean: 1, 2 or 5 times a power of ten
decade = span < 1 ? 1 : 10**int(floor(log10(span) + 1e-9))
span = span < 5 ? 1 : span >= 5 * decade ? 5 * decade : span >= 2 * decade ? 2 * decade : decade
bin = span > 50 ? span / 10 : 1
bins = maximum((rows + bin - 1) / bin, 1)
span_bins = span / bin
spacing = rows > 1 ? (last_step - first_step) / (rows - 1.0) : 1

# One pass over the file. Metric m's bin b is element (m - 1) * bins + b of SUM, MANY, LOW and HIGH.
array X[bins]
array XMANY[bins]
array SUM[metrics * bins + 1]
array MANY[metrics * bins + 1]
array LOW[metrics * bins + 1]
array HIGH[metrics * bins + 1]
do for [i = 1:bins] { X[i] = 0.0; XMANY[i] = 0 }
do for [i = 1:metrics * bins] { SUM[i] = 0.0; MANY[i] = 0; LOW[i] = 1e301; HIGH[i] = -1e301 }
put(m, v) = abs(v) < 1e300 ? (e = (m - 1) * bins + b, MANY[e] = MANY[e] + 1, SUM[e] = SUM[e] + v, \
    v < LOW[e] ? LOW[e] = v : 0, v > HIGH[e] ? HIGH[e] = v : 0) : 0
row = 0
if (rows && metrics) {
    stats file every ::1 using (valid(1) ? (b = row / bin + 1, row = row + 1, X[b] = X[b] + column(1), \
        XMANY[b] = XMANY[b] + 1, sum [i = 1:metrics] (valid(i + 1) ? put(i, column(i + 1)) : 0), 0) : 0) nooutput
}

# How many values a metric has, and whether they are enough for a mean.
array TOTAL[metrics + 1]
array SMOOTH[metrics + 1]
smoothed = 0
do for [m = 1:metrics] {
    TOTAL[m] = (sum [k = 1:bins] MANY[(m - 1) * bins + k])
    SMOOTH[m] = span > 1 && TOTAL[m] >= 200 && 1.0 * TOTAL[m] / rows * span >= 3
    smoothed = smoothed || SMOOTH[m]
}

# The mean at bin b is taken over bins from(b) to to(b), and drawn at the mean of their steps.
array BIN[bins]
array MEAN_X[bins]
array MEAN[metrics * bins + 1]
from(b) = maximum(b - span_bins / 2, 1)
to(b) = minimum(b - span_bins / 2 + span_bins - 1, bins)
steps(b) = sum [k = from(b):to(b)] X[k]
steps_many(b) = sum [k = from(b):to(b)] XMANY[k]
values(m, b) = sum [k = from(b):to(b)] SUM[(m - 1) * bins + k]
values_many(m, b) = sum [k = from(b):to(b)] MANY[(m - 1) * bins + k]
over(a, n) = n ? a / n : NaN
do for [i = 1:bins] { BIN[i] = i; MEAN_X[i] = over(steps(i), steps_many(i)) }
do for [m = 1:metrics] {
    if (SMOOTH[m]) { do for [i = 1:bins] { MEAN[(m - 1) * bins + i] = over(values(m, i), values_many(m, i)) } }
}
mean_x(b) = MEAN_X[b] / unit
mean(m, b) = MEAN[(m - 1) * bins + b]

# Within bin b: the mean step, and metric m's lowest, highest and mean value.
unit = 1.0 # steps in a unit of the x axis
raw_x(b) = over(X[b] / unit, XMANY[b])
lowest(m, b) = MANY[(m - 1) * bins + b] ? LOW[(m - 1) * bins + b] : TOTAL[m] ? NaN : beyond
highest(m, b) = MANY[(m - 1) * bins + b] ? HIGH[(m - 1) * bins + b] : TOTAL[m] ? NaN : beyond
average(m, b) = TOTAL[m] ? over(SUM[(m - 1) * bins + b], MANY[(m - 1) * bins + b]) : beyond

# The figure: sizes in inches.
width = 7.0
points = 9
dpi = 200
across = others < 2 ? 1 : others == 2 || others == 4 ? 2 : 3
down = (others + across - 1) / across
longest = 1
do for [i = 1:losses] { longest = maximum(longest, strlen(NAME[LOSS[i]]) - 5) }
keys_across = minimum(maximum(int(6 / (0.7 + 0.065 * longest)), 1), 4)
keys = losses ? (losses + keys_across - 1) / keys_across : 0 # lines of the legend
head = 0.08 + (strlen(title) ? 0.2 : 0) + (smoothed ? 0.18 : 0)
losses_high = losses ? 2.3 + 0.17 * keys : 0
other_high = across == 1 ? 1.9 : 1.55
foot = 0.2 # the label of the lowest x axes
height = head + losses_high + (losses ? foot : 0) + down * other_high + (others ? foot : 0)
if (!metrics) { height = 2 }

top = last_step > 0 ? last_step : 1
unit = top >= 1e7 ? 1e6 : top >= 1e4 ? 1e3 : 1.0
x_label = unit == 1e6 ? 'step (millions)' : unit == 1e3 ? 'step (thousands)' : 'step'
x_low = rows == 1 || first_step < 0.2 * top ? 0 : first_step / unit
x_high = (rows == 1 ? 2 * top : top) / unit
if (x_low >= x_high) { x_low = x_high - 1 }

# A round distance between ticks, for four or five of them.
round_step(x) = 10.0**floor(log10(x)) * (x / 10.0**floor(log10(x)) < 2 ? 1 : x / 10.0**floor(log10(x)) < 5 ? 2 : 5)

superscript(n) = n < 0 ? '⁻'.superscript(-n) : n > 9 ? superscript(n / 10).superscript(n % 10) : \
    n == 0 ? '⁰' : n == 1 ? '¹' : n == 2 ? '²' : n == 3 ? '³' : n == 4 ? '⁴' : n == 5 ? '⁵' : n == 6 ? '⁶' : \
    n == 7 ? '⁷' : n == 8 ? '⁸' : '⁹'
plain(v) = (v < 0 ? '−' : '').sprintf('%g', abs(v))
power(sign, n) = (sign < 0 ? '−' : '').(n == 0 ? '1' : n == 1 ? '10' : '10'.superscript(n))

set border 3 lc rgb '#888888' lw 0.8
set tics out nomirror scale 0.5 textcolor rgb '#222222'
set grid lt 1 lc rgb '#dcdcdc' lw 0.5
set datafile missing NaN
tint(i) = panel ? BLUE : COLOUR[(i - 1) % 7 + 1]
pale(colour) = (0xB0 << 24) + colour
paler(colour) = (0xC4 << 24) + colour
# What is not to be drawn is put to the right of the plot: gnuplot 5.4 runs an empty loop once, and complains of NaN alone.
beyond = 3.0 * x_high - 2 * x_low + 1
shown_x(shown, b) = shown && rows ? raw_x(b) : beyond
thin = maximum(1, span_bins / 10) # so that dashes stay dashes
