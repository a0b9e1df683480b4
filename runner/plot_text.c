/*
 * Text that gnuplot can draw.
 *
 * A character that no font has is drawn by pngcairo and pdfcairo as high as the whole picture. So those outside the
 * scripts that every common font has are looked up in the fonts that fontconfig lists; where it cannot be asked, they
 * are taken for missing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "runner/plot.h"

/* Latin, Greek, Cyrillic and common signs. */
static const uint32_t common[][2] = {
    {0x00, 0x7f},     {0xa0, 0x24f},    {0x384, 0x3ce},   {0x400, 0x45f},
    {0x2010, 0x2015}, {0x2018, 0x2026}, {0x2030, 0x203a}, {0x2070, 0x2070},
    {0x2074, 0x2089}, {0x20ac, 0x20ac}, {0x2122, 0x2122}, {0x2190, 0x2195},
    {0x2212, 0x2212}, {0x221e, 0x221e}, {0x2248, 0x2248}, {0x2260, 0x2265},
};

static bool is_common(uint32_t character) {
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (character >= common[i][0] && character <= common[i][1]) return true;
    return false;
}

/* The code of a valid character of `size` bytes. */
static uint32_t code_of(const char *at, size_t size) {
    uint32_t code = (unsigned char)*at;
    code &= size == 1 ? 0x7fu : 0x7fu >> size;
    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3f);
    return code;
}

/* What some font has: characters from .. to. Asked for once. */
static struct {
    bool asked;
    int count, room;
    struct characters {
        uint32_t from, to;
    } * list;
} fonts;

static void add_characters(uint32_t from, uint32_t to) {
    if (fonts.count == fonts.room) {
        int room = 2 * fonts.room + 256;
        struct characters *list = realloc(fonts.list, (size_t)room * sizeof *list);
        if (!list) return; /* they are taken for missing */
        fonts.list = list;
        fonts.room = room;
    }
    fonts.list[fonts.count++] = (struct characters){from, to};
}

/* One font a line, "TrueType 20-7e a0-17f 192"; those of other formats are not drawn with. */
static void ask_fonts(void) {
    FILE *lines = popen("fc-list --format '%{fontformat} %{charset}\\n' 2> /dev/null", "r");
    char format[16];
    fonts.asked = true;
    while (lines && fscanf(lines, "%15s", format) == 1) {
        const bool usable = !strcmp(format, "TrueType") || !strcmp(format, "CFF");
        unsigned from, to;
        int next = getc(lines);
        while (next == ' ' && fscanf(lines, "%x", &from) == 1) {
            to = from;
            next = getc(lines);
            if (next == '-' && fscanf(lines, "%x", &to) == 1) next = getc(lines);
            if (usable) add_characters(from, to);
        }
        while (next != '\n' && next != EOF)
            next = getc(lines);
    }
    if (lines) pclose(lines);
}

void plot_forget_fonts(void) {
    fonts.asked = false;
    fonts.count = 0;
}

static bool is_drawn(uint32_t character) {
    if (is_common(character)) return true;
    if (!fonts.asked) ask_fonts();
    for (int i = 0; i < fonts.count; i++)
        if (character >= fonts.list[i].from && character <= fonts.list[i].to) return true;
    return false;
}

const char *plot_one_line(struct arena *arena, const char *text) {
    const size_t length = strlen(text);
    char *line = arena_text(arena, text), *to = line;
    for (size_t bad; (bad = text_invalid_utf8(line, length)) < length;)
        line[bad] = '?';
    size_t left = length, size;
    for (const char *at = line; left; at += size, left -= size) {
        size = text_character_size(at, left);
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *to++ = ' ';
        else if (!is_drawn(code_of(at, size)))
            *to++ = '?';
        else
            for (size_t i = 0; i < size; i++)
                *to++ = at[i];
    }
    *to = '\0';
    return line;
}
