/* Cells, and how they are printed; see canvas.h. */
#include "runner/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

struct canvas *canvas_new(struct arena *arena, int rows, int columns) {
    struct canvas *canvas = ARENA_NEW(arena, struct canvas);
    *canvas = (struct canvas){rows, columns,
                              ARENA_ARRAY(arena, struct canvas_cell, (int64_t)rows * columns)};
    for (int64_t i = 0; i < (int64_t)rows * columns; i++)
        canvas->cell[i].colour = canvas->cell[i].lower = COLOUR_OWN;
    return canvas;
}

static struct canvas_cell *cell_at(struct canvas *canvas, int row, int column) {
    if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns) return NULL;
    return &canvas->cell[(int64_t)row * canvas->columns + column];
}

void canvas_text(struct canvas *canvas, int row, int column, int room, const char *text,
                 int32_t colour) {
    size_t left = strlen(text);
    for (int i = 0; left && i < room; i++) {
        size_t size = text_character_size(text, left);
        struct canvas_cell *cell = cell_at(canvas, row, column + i);
        if (cell) {
            *cell = (struct canvas_cell){.kind = CELL_TEXT, .colour = colour, .lower = COLOUR_OWN};
            bool control = size == 1 && ((unsigned char)*text < ' ' || (unsigned char)*text > '~');
            memcpy(cell->character, control ? "?" : text, control ? 1 : size);
        }
        text += size;
        left -= size;
    }
}

void canvas_dot(struct canvas *canvas, const struct box *box, int x, int y, int32_t colour) {
    static const uint8_t bits[DOTS_DOWN][DOTS_ACROSS] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || x >= DOTS_ACROSS * box->columns || y < 0 || y >= DOTS_DOWN * box->rows) return;
    struct canvas_cell *cell =
        cell_at(canvas, box->row + y / DOTS_DOWN, box->column + x / DOTS_ACROSS);
    if (!cell) return;
    if (cell->kind != CELL_DOTS) *cell = (struct canvas_cell){.kind = CELL_DOTS};
    cell->dots |= bits[y % DOTS_DOWN][x % DOTS_ACROSS];
    cell->colour = colour;
    cell->lower = COLOUR_OWN;
}

void canvas_pixel(struct canvas *canvas, const struct box *box, int x, int y, int32_t colour) {
    if (x < 0 || x >= box->columns || y < 0 || y >= PIXELS_DOWN * box->rows) return;
    struct canvas_cell *cell = cell_at(canvas, box->row + y / PIXELS_DOWN, box->column + x);
    if (!cell) return;
    if (cell->kind != CELL_PIXELS)
        *cell =
            (struct canvas_cell){.kind = CELL_PIXELS, .colour = COLOUR_OWN, .lower = COLOUR_OWN};
    *(y % PIXELS_DOWN ? &cell->lower : &cell->colour) = colour;
}

/* ---- printing ---------------------------------------------------------------------------------- */

static int red(int32_t colour) {
    return colour >> 16 & 255;
}
static int green(int32_t colour) {
    return colour >> 8 & 255;
}
static int blue(int32_t colour) {
    return colour & 255;
}

static int distance(int32_t colour, int r, int g, int b) {
    int x = red(colour) - r, y = green(colour) - g, z = blue(colour) - b;
    return x * x + y * y + z * z;
}

/* The steps of a cube of 6 x 6 x 6 colours are 0, 95, 135, 175, 215, 255. */
static int cube_step(int level) {
    return level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40;
}
static int cube_level(int step) {
    return step ? 55 + 40 * step : 0;
}

int canvas_colour_256(int32_t colour) {
    int r = cube_step(red(colour)), g = cube_step(green(colour)), b = cube_step(blue(colour));
    int grey = ((red(colour) + green(colour) + blue(colour)) / 3 - 3) / 10; /* 8, 18, …, 238 */
    grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
    int level = 8 + 10 * grey;
    if (distance(colour, level, level, level) <
        distance(colour, cube_level(r), cube_level(g), cube_level(b)))
        return 232 + grey;
    return 16 + 36 * r + 6 * g + b;
}

/* What the terminal draws with now. */
struct pen {
    const struct canvas_style *style;
    int32_t colour, ground;
};

static void add_colour(struct text *text, const struct canvas_style *style, int32_t colour,
                       bool ground) {
    int kind = ground ? 48 : 38;
    if (colour == COLOUR_OWN)
        text_format(text, "\033[%dm", kind + 1);
    else if (style->colours == COLOURS_256)
        text_format(text, "\033[%d;5;%dm", kind, canvas_colour_256(colour));
    else
        text_format(text, "\033[%d;2;%d;%d;%dm", kind, red(colour), green(colour), blue(colour));
}

static void take(struct pen *pen, struct text *text, int32_t colour, int32_t ground) {
    if (pen->style->colours == COLOURS_NONE) return;
    if (pen->colour != colour) add_colour(text, pen->style, colour, false);
    if (pen->ground != ground) add_colour(text, pen->style, ground, true);
    pen->colour = colour;
    pen->ground = ground;
}

static void add_character(struct text *text, const char *character, bool unicode) {
    static const struct {
        const char *character, *plain;
    } table[] = {{"│", "|"}, {"┤", "+"}, {"└", "+"}, {"─", "-"}, {"·", "o"}, {"⠿", ":"}};
    if (!unicode && (unsigned char)*character >= 0x80) {
        const char *plain = "?";
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
            if (!strcmp(table[i].character, character)) plain = table[i].plain;
        character = plain;
    }
    text_add(text, *character ? character : " ");
}

static void add_dots(struct text *text, uint8_t dots, bool unicode) {
    const uint8_t upper = 0x01 | 0x02 | 0x08 | 0x10;
    char pattern[4] = {(char)0xe2, (char)(0xa0 | dots >> 6), (char)(0x80 | (dots & 0x3f)), 0};
    if (unicode)
        text_add(text, pattern);
    else
        text_add(text, !(dots & upper) ? "." : dots & ~upper ? ":" : "'");
}

static int brightness(int32_t colour) { /* Rec. 601 */
    return (299 * red(colour) + 587 * green(colour) + 114 * blue(colour)) / 1000;
}

static int32_t between(int32_t a, int32_t b) {
    if (a == COLOUR_OWN || b == COLOUR_OWN) return a == COLOUR_OWN ? b : a;
    return (red(a) + red(b)) / 2 << 16 | (green(a) + green(b)) / 2 << 8 | (blue(a) + blue(b)) / 2;
}

static void add_pixels(struct pen *pen, struct text *text, const struct canvas_cell *cell) {
    static const char ramp[] = " .:-=+*#%@";
    if (pen->style->colours == COLOURS_NONE) {
        int level = brightness(between(cell->colour, cell->lower)); /* of what there is */
        text_add_range(text, ramp + level * 10 / 256, 1);
    } else if (!pen->style->unicode) {
        take(pen, text, COLOUR_OWN, between(cell->colour, cell->lower));
        text_add(text, " ");
    } else {
        bool flipped = cell->colour == COLOUR_OWN; /* the terminal's ground is above */
        take(pen, text, flipped ? cell->lower : cell->colour, flipped ? cell->colour : cell->lower);
        text_add(text, flipped ? "▄" : "▀");
    }
}

static bool is_blank(const struct canvas_cell *cell) {
    return cell->kind == CELL_TEXT && (!cell->character[0] || cell->character[0] == ' ');
}

void canvas_print(const struct canvas *canvas, const struct canvas_style *style, const char *end,
                  struct text *text) {
    for (int row = 0; row < canvas->rows; row++) {
        const struct canvas_cell *line = &canvas->cell[(int64_t)row * canvas->columns];
        struct pen pen = {style, COLOUR_OWN, COLOUR_OWN};
        int used = canvas->columns;
        while (used && is_blank(&line[used - 1]))
            used--;
        for (int i = 0; i < used; i++) {
            const struct canvas_cell *cell = &line[i];
            if (cell->kind == CELL_PIXELS) {
                add_pixels(&pen, text, cell);
                continue;
            }
            take(&pen, text, is_blank(cell) ? pen.colour : cell->colour, COLOUR_OWN);
            if (cell->kind == CELL_DOTS)
                add_dots(text, cell->dots, style->unicode);
            else
                add_character(text, cell->character, style->unicode);
        }
        take(&pen, text, COLOUR_OWN, COLOUR_OWN);
        text_add(text, end);
    }
}
