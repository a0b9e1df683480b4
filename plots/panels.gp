# One figure of losses.gp, panel by panel: panel 0 holds the losses, the others a metric each. It uses what losses.gp has
# gathered and changes only how the next figure would be drawn.

set multiplot

# Words above all panels.
set label 1 title at screen 0.5, 1 - 0.13 / height center
note = (bin > 1 ? 'band: lowest to highest of '.commas(int(bin * spacing + 0.5)).' steps' : 'pale: all values') \
    .'; line: running mean over '.(spacing == floor(spacing) ? '' : 'about ').commas(int(span * spacing + 0.5)).' steps'
if (!smoothed) { note = '' }
if (!metrics) { note = 'no metrics' }
set label 2 note at screen 0.5, metrics ? 1 - (head - 0.12) / height : 0.5 center textcolor rgb '#555555'

# Labels are drawn with a plot only.
if (!metrics) {
    unset border
    unset tics
    plot [0:1][0:1] NaN notitle
}

do for [panel = (losses ? 0 : 1):others] {
    count = panel ? 1 : losses
    array SHOWN[count]
    do for [i = 1:count] { SHOWN[i] = panel ? OTHER[panel] : LOSS[i] }

    # Where it stands.
    if (panel) {
        line = (panel - 1) / across
        place = (panel - 1) % across
        base = height - head - losses_high - (losses ? foot : 0) - (line + 1) * other_high + 0.2
        left = 0.62 + place * (width - 0.05) / across
        right = (place + 1) * (width - 0.05) / across - 0.15
        set tmargin at screen (base + other_high - 0.45) / height
    } else {
        base = height - head - losses_high + 0.2
        left = 0.62
        right = width - 0.2
        set tmargin at screen (height - head - 0.17 * keys - 0.05) / height
    }
    set lmargin at screen left / width
    set rmargin at screen right / width
    set bmargin at screen base / height
    # Below the lowest panel of a column.
    set label 5 (panel == 0 || panel + across > others ? x_label : '') at screen (left + right) / 2 / width, (base - 0.33) / height center

    # What it spans: all that is drawn from low to high, its means from mean_low to mean_high; box is the spread of most
    # values, quartile to quartile, over time or within bins.
    unset logscale y
    unset nonlinear y
    set xrange [*:*]
    set yrange [*:*]
    low = mean_low = 1e301
    high = mean_high = -1e301
    box = middle = 0
    count_values = 0
    do for [i = 1:count] {
        m = SHOWN[i]
        count_values = count_values + TOTAL[m]
        if (TOTAL[m]) {
            stats BIN using (SMOOTH[m] ? lowest(m, int($1)) : average(m, int($1))) nooutput
            low = minimum(low, STATS_min)
            box = maximum(box, STATS_up_quartile - STATS_lo_quartile)
            bottom = middle = STATS_median
            stats BIN using (SMOOTH[m] ? highest(m, int($1)) : average(m, int($1))) nooutput
            high = maximum(high, STATS_max)
            box = maximum(box, STATS_up_quartile - STATS_lo_quartile)
            box = maximum(box, STATS_median - bottom)
            stats BIN using (SMOOTH[m] ? mean(m, int($1)) : average(m, int($1))) nooutput
            mean_low = minimum(mean_low, STATS_min)
            mean_high = maximum(mean_high, STATS_max)
        }
    }
    if (!count_values) { low = 0.0; high = 1.0 }
    far = box > 0 && high - low > 100 * box
    logarithmic = count_values && low > 0 && (mean_high > 1000 * mean_low || far)
    bent = !logarithmic && far
    set xrange [x_low:x_high]
    set xtics round_step((x_high - x_low) / (panel && across > 1 ? 3.0 : 5.0)) format '%h'
    exponent = 0
    ticks = panel ? 5.0 : 8.0 # that have room
    if (logarithmic) {
        low = maximum(low, mean_low / 100)
        set logscale y
        set yrange [low / 1.3:high * 1.3]
        skip = maximum(1, int(ceil((log10(high) - log10(low)) / ticks)))
        set ytics ()
        do for [n = int(floor(log10(low) / skip)):int(ceil(log10(high) / skip))] { set ytics add (power(1, n * skip) 10.0**(n * skip)) }
    } else { if (bent) {
        # Linear around 0, logarithmic beyond; marked at powers of ten away from the knee.
        knee = 10.0**floor(log10(maximum(box, abs(middle))))
        set nonlinear y via asinh(y / knee) inverse knee * sinh(y)
        stretch = asinh(high / knee) - asinh(low / knee)
        set yrange [knee * sinh(asinh(low / knee) - 0.04 * stretch):knee * sinh(asinh(high / knee) + 0.04 * stretch)]
        start = int(floor(log10(knee) + 0.5))
        finish = int(floor(log10(maximum(abs(low), abs(high)))))
        skip = maximum(1, int(ceil(stretch / log(10) / ticks)))
        set ytics ('0' 0)
        do for [n = start + skip:maximum(start + skip, finish):skip] {
            if (10.0**n <= high) { set ytics add (power(1, n) 10.0**n) }
            if (-10.0**n >= low) { set ytics add (power(-1, n) -10.0**n) }
        }
    } else {
        pad = high > low ? 0.04 * (high - low) : high != 0 ? 0.1 * abs(high) : 1
        set yrange [low - pad:high + pad]
        # Ticks at multiples of a round number, in units of a power of ten where the numbers would be long.
        tick = round_step((high - low + 2 * pad) / (panel ? 3.0 : 4.0))
        largest = log10(maximum(maximum(abs(low), abs(high)), 1e-300))
        exponent = largest >= 5 || largest < -2 ? 3 * int(floor(largest / 3)) : 0
        if (low == 0 && high == 0) { exponent = 0 }
        first = ceil((low - pad) / tick)
        set ytics ()
        do for [k = 0:int(floor((high + pad) / tick) - first)] {
            set ytics add (plain((first + k) * (tick / 10.0**exponent)) (first + k) * tick)
        }
    }}
    kind = exponent ? ' (×'.power(1, exponent).')' : logarithmic ? ' (log scale)' : bent ? ' (asinh scale)' : ''

    if (panel) {
        unset key
        set label 3 shorten(NAME[SHOWN[1]], across == 3 ? 34 - strlen(kind) : 60).kind at graph 0, 1 offset 0, 0.7 left norotate
    } else {
        set label 3 'loss'.kind at screen 0.1 / width, (base + (losses_high - 0.17 * keys - 0.25) / 2) / height \
            center rotate by 90 offset 0, 0
        set key at screen 0.5, screen (height - head - 0.02) / height center top horizontal Left reverse \
            samplen 3.5 width 1 maxrows keys
    }
    if (!count_values) { set label 4 'no values yet' at graph 0.5, 0.5 center textcolor rgb '#555555' } else { unset label 4 }

    # A mean over a band or a pale line, or a line alone, with marks where values are few.
    plot for [i = 1:count] BIN using (shown_x(SMOOTH[SHOWN[i]] && bin > 1, int($1))) \
            :(lowest(SHOWN[i], int($1))):(highest(SHOWN[i], int($1))) \
            with filledcurves lc rgb paler(tint(i)) notitle, \
        for [i = 1:count] BIN using (shown_x(SMOOTH[SHOWN[i]] && bin == 1, int($1))):(average(SHOWN[i], int($1))) \
            with lines lt 1 lw 0.6 lc rgb pale(tint(i)) notitle, \
        for [i = 1:count] BIN using (shown_x(TOTAL[SHOWN[i]] && !SMOOTH[SHOWN[i]], int($1))):(average(SHOWN[i], int($1))) \
            with lines lt i lw 1.4 lc rgb tint(i) notitle, \
        for [i = 1:count] BIN using (shown_x(TOTAL[SHOWN[i]] && TOTAL[SHOWN[i]] <= 60, int($1))):(average(SHOWN[i], int($1))) \
            with points pt 7 ps (TOTAL[SHOWN[i]] < 5 ? 0.6 : 0.35) lc rgb tint(i) notitle, \
        for [i = 1:count] BIN every thin using (SMOOTH[SHOWN[i]] ? mean_x(int($1)) : beyond) \
            :(SMOOTH[SHOWN[i]] ? mean(SHOWN[i], int($1)) : beyond) \
            with lines lt i lw 1.8 lc rgb tint(i) notitle, \
        for [i = 1:count] keyentry with lines lt i lw 1.8 lc rgb tint(i) title \
            panel ? '' : NAME[SHOWN[i]][1:strlen(NAME[SHOWN[i]]) - 5]
    unset label 1
    unset label 2
}
unset multiplot
set output
