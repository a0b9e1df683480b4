/*
 * A picture in characters: a grid of cells into which text, dots and pixels are put, printed with as
 * many colours as the terminal shows.
 *
 * A cell holds one character; or 2 x 4 dots, as a braille pattern (Unicode 2800 to 28FF); or two
 * pixels, one above the other, as a half block. A dot and a pixel are about square, since a cell is
 * about twice as high as it is wide.
 */
#ifndef RUNNER_CANVAS_H
#define RUNNER_CANVAS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* Colours are 0xRRGGBB, or this: the terminal's own. */
enum { COLOUR_OWN = -1 };
enum { DOTS_ACROSS = 2, DOTS_DOWN = 4, PIXELS_DOWN = 2 };

struct canvas_cell {
    enum { CELL_TEXT, CELL_DOTS, CELL_PIXELS } kind;
    char character[5]; /* TEXT: UTF-8; "" is a blank */
    uint8_t dots;      /* DOTS: the pattern's bits */
    int32_t colour;    /* of text and dots; PIXELS: the upper one */
    int32_t lower;     /* PIXELS: the lower one */
};

struct canvas {
    int rows, columns;
    struct canvas_cell *cell; /* (rows, columns) */
};

/* A part of a canvas, in cells. */
struct box {
    int row, column, rows, columns;
};

/* A blank one, in the arena. */
struct canvas *canvas_new(struct arena *arena, int rows, int columns);

/* Puts text (UTF-8) into a line, at most `room` cells of it; what does not fit is cut. What lies
 * outside the canvas is left out. */
void canvas_text(struct canvas *canvas, int row, int column, int room, const char *text,
                 int32_t colour);
/* A dot of the box, which has columns * 2 by rows * 4 of them; a pixel: columns by rows * 2. Counted
 * from the top left; outside the box nothing happens. */
void canvas_dot(struct canvas *canvas, const struct box *box, int x, int y, int32_t colour);
void canvas_pixel(struct canvas *canvas, const struct box *box, int x, int y, int32_t colour);

/* What a terminal shows. Without colours pixels become characters of their brightness, and without
 * Unicode dots become points and colons. */
struct canvas_style {
    enum { COLOURS_NONE, COLOURS_256, COLOURS_ALL } colours;
    bool unicode;
};

/* Adds the canvas line by line, without blanks at the ends of lines; each line ends with `end`, "\n"
 * or, on a terminal, what clears the rest of it first. */
void canvas_print(const struct canvas *canvas, const struct canvas_style *style, const char *end,
                  struct text *text);

/* The nearest of the 240 fixed colours of a terminal with 256. */
int canvas_colour_256(int32_t colour);

#endif
