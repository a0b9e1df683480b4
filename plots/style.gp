# What the scripts of this folder share; they load it themselves, it draws nothing.
#
# Safety: text comes only from ARG1… and from files, and is only ever used as a string value. Nothing here or in the
# scripts uses eval, @macros, system(), backticks or pipes, and every terminal is `noenhanced`, so that a title such as
# `$(reboot)` or "x^2_{i}" is shown as it is written. gnuplot itself takes a file name that begins with "<" or "|" for a
# command, and one that begins with "$" for a data block: path() makes all of them files.

set encoding utf8
set minussign
unset key
delay = 0.2 # seconds a frame
colourful = 0

path(name) = name[1:1] eq '/' ? name : './'.name
ends(text, tail) = strlen(text) > strlen(tail) && text[strlen(text) - strlen(tail) + 1:*] eq tail

# 1234567 as "1,234,567".
commas(n) = n < 1000 ? sprintf('%d', n) : commas(n / 1000).sprintf(',%03d', n % 1000)
minimum(a, b) = a < b ? a : b
maximum(a, b) = a > b ? a : b

shorten(text, most) = strlen(text) > most ? text[1:most - 1].'…' : text

# How wide a text is, about, in ems: the size of its letters. A wide font's measures, so that others have room, too.
narrow = ' .,:;!|ijlI()[]{}/-tfr'
usual = '0123456789abcdeghknopqsuvxyzABCDEFGHJKLNOPQRSTUVXYZ*$^_'
glyph(letter) = strstrt(narrow, letter) ? 0.38 : strstrt(usual, letter) ? 0.64 : 1.0
ems(text) = strlen(text) ? (sum [k = 1:strlen(text)] glyph(text[k:k])) : 0

# The title of one frame: "name, step 12,000"; either may be missing ("" and a step below 0).
frame_title(name, step) = shorten(name, 60).(strlen(name) && step >= 0 ? ', ' : '').(step >= 0 ? 'step '.commas(step) : '')

# Okabe and Ito's palette (Color Universal Design, 2008), without the yellow that white paper swallows. Lines differ in
# their dashes as well.
BLUE = 0x0072B2
array COLOUR[7] = [BLUE, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x000000]
set linetype 1 dashtype solid
set linetype 2 dashtype (9, 3)
set linetype 3 dashtype (9, 3, 2, 3)
set linetype 4 dashtype (2, 2)
set linetype 5 dashtype (14, 4)
set linetype 6 dashtype (9, 3, 2, 3, 2, 3)
set linetype 7 dashtype (5, 2)
