# Opens `output` (a path; its ending chooses the format) for a figure of `width` x `height` inches with text of `points`
# points, drawn at `dpi` dots an inch where the format has dots; `delay` is the time of a gif's frame in seconds.
# A gif of more than 256 colours is dithered if `colourful`.
# A script sets these and loads this file.

pixels_wide = int(width * dpi + 0.5)
pixels_high = int(height * dpi + 0.5)
if (ends(output, '.png')) {
    set terminal pngcairo noenhanced size pixels_wide, pixels_high font 'Helvetica' \
        fontscale points / 12.0 * dpi / 96 linewidth dpi / 96.0 pointscale dpi / 96.0 background 'white'
    set xtics offset 0, 0
} else { if (ends(output, '.svg')) {
    # It places numbers below an axis lower than the others do.
    set xtics offset 0, 0.5
    set terminal svg noenhanced size width * 96, height * 96 font 'Helvetica,Arial,sans-serif' \
        fontscale points / 12.0 * 96 / 72 background 'white'
} else { if (ends(output, '.pdf')) {
    set xtics offset 0, 0
    set terminal pdfcairo noenhanced size width, height font 'Helvetica' fontscale points / 12.0 * 0.75 \
        linewidth 1.4 pointscale 1
} else { if (ends(output, '.gif')) {
    if (colourful) {
        set terminal gif noenhanced animate loop 0 delay 100 * delay size pixels_wide, pixels_high \
            font 'Sans' fontscale points / 12.0 * dpi / 96 truecolor
    } else {
        set terminal gif noenhanced animate loop 0 delay 100 * delay size pixels_wide, pixels_high \
            font 'Sans' fontscale points / 12.0 * dpi / 96
    }
} else {
    exit error 'the output must end in .png, .svg, .pdf or .gif'
}}}}
set output path(output)
