/*
 * Text that gnuplot can draw.
 *
 * A character that no font has is drawn by pngcairo and pdfcairo as high as the whole picture. So those outside the
 * scripts that every common font has are looked up in the fonts that fontconfig lists; where it cannot be asked, they
 * are taken for missing.
 */
#include <stdint.h>
#include <stdio.h>
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

/* Characters of a text that are not common. */
struct rare {
    int count;
    struct {
        char *at;
        size_t size;
        uint32_t code;
        bool drawn; /* a font has it */
    } * list;
};

static struct rare find_rare(struct arena *arena, char *line) {
    struct rare rare = {0};
    size_t left = strlen(line), size;
    for (char *at = line; left; at += size, left -= size) {
        size = text_character_size(at, left);
        const uint32_t code = code_of(at, size);
        if (is_common(code)) continue;
        rare.list = ARENA_GROW(arena, rare.list, rare.count);
        rare.list[rare.count].at = at;
        rare.list[rare.count].size = size;
        rare.list[rare.count].code = code;
        rare.list[rare.count++].drawn = false;
    }
    return rare;
}

/* One font a line, "TrueType 20-7e a0-17f 192"; those of other formats are not drawn with. */
static void look_up(struct rare *rare) {
    FILE *fonts = popen("fc-list --format '%{fontformat} %{charset}\\n' 2> /dev/null", "r");
    char format[16];
    while (fonts && fscanf(fonts, "%15s", format) == 1) {
        const bool usable = !strcmp(format, "TrueType") || !strcmp(format, "CFF");
        unsigned from, to;
        int next = getc(fonts);
        while (next == ' ' && fscanf(fonts, "%x", &from) == 1) {
            to = from;
            next = getc(fonts);
            if (next == '-' && fscanf(fonts, "%x", &to) == 1) next = getc(fonts);
            for (int i = 0; usable && i < rare->count; i++)
                if (rare->list[i].code >= from && rare->list[i].code <= to)
                    rare->list[i].drawn = true;
        }
        while (next != '\n' && next != EOF)
            next = getc(fonts);
    }
    if (fonts) pclose(fonts);
}

const char *plot_one_line(struct arena *arena, const char *text) {
    const size_t length = strlen(text);
    char *line = arena_text(arena, text);
    for (size_t bad; (bad = text_invalid_utf8(line, length)) < length;)
        line[bad] = '?';
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) *at = ' ';
    struct rare rare = find_rare(arena, line);
    if (rare.count) look_up(&rare);
    for (int i = rare.count - 1; i >= 0; i--) {
        if (rare.list[i].drawn) continue;
        char *at = rare.list[i].at, *rest = at + rare.list[i].size;
        *at = '?';
        memmove(at + 1, rest, strlen(rest) + 1);
    }
    return line;
}
