/* Drawing a memory plan; see memory_chart.h. */
#include "runner/memory_chart.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LINES_MOST = 64, BAR = 40, VALUES_SHOWN = 12, NAME = 34 };

static bool is_alive(const struct memory_value *value, int kernel) {
    return value->first <= kernel && kernel <= value->last;
}

static int64_t alive_at(const struct memory_plan *plan, int kernel) {
    int64_t bytes = 0;
    for (int i = 0; i < plan->count; i++)
        if (is_alive(&plan->values[i], kernel)) bytes += plan->values[i].bytes;
    return bytes;
}

/* At most `width` characters of a text, and blanks up to there. */
static void print_cut(const char *text, int width, FILE *file) {
    int wide = text_width(text);
    if (wide <= width) {
        fprintf(file, "%s%*s", text, width - wide, "");
        return;
    }
    for (int i = 0; i < width - 1; i++) {
        size_t size = text_character_size(text, strlen(text));
        fprintf(file, "%.*s", (int)size, text);
        text += size;
    }
    fputs("…", file);
}

static void print_bar(int64_t bytes, int64_t most, FILE *file) {
    int length = most ? (int)(bytes * BAR / most) : 0;
    for (int i = 0; i < BAR; i++)
        fputs(i < length ? "█" : " ", file);
}

/* One line a kernel, or one for several neighbours: the one of them with the most. */
static void print_kernels(const struct memory_plan *plan, int peak, int64_t most,
                          struct arena *arena, FILE *file) {
    fputs("kernel  ", file);
    print_cut("layer", NAME, file);
    fprintf(file, "  alive\n");
    int together = (plan->kernels + LINES_MOST - 1) / LINES_MOST;
    for (int k = 0; k < plan->kernels; k += together) {
        int shown = k;
        for (int i = k + 1; i < k + together && i < plan->kernels; i++)
            if (alive_at(plan, i) > alive_at(plan, shown)) shown = i;
        int64_t bytes = alive_at(plan, shown);
        fprintf(file, "%5d  ", shown);
        print_cut(plan->labels[shown] ? plan->labels[shown] : "", NAME, file);
        fputs("  ", file);
        print_bar(bytes, most, file);
        fprintf(file, " %8s%s\n", text_bytes(arena, bytes), shown == peak ? "  the most" : "");
    }
    if (together > 1)
        fprintf(file, "       (of every %d kernels the one with the most)\n", together);
}

static int compare_sizes(const void *a, const void *b) {
    const struct memory_value *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->first - y->first;
}

/* Whose bytes they are at a kernel, the largest first. */
static void print_owners(const struct memory_plan *plan, int peak, struct arena *arena,
                         FILE *file) {
    struct memory_value *alive = ARENA_ARRAY(arena, struct memory_value, plan->count + 1);
    int count = 0;
    int64_t rest = 0;
    for (int i = 0; i < plan->count; i++)
        if (is_alive(&plan->values[i], peak)) alive[count++] = plan->values[i];
    qsort(alive, (size_t)count, sizeof *alive, compare_sizes);
    for (int i = 0; i < count; i++) {
        const struct memory_value *v = &alive[i];
        if (i >= VALUES_SHOWN) {
            rest += v->bytes;
            continue;
        }
        fprintf(file, "  %8s  ", text_bytes(arena, v->bytes));
        print_cut(v->label ? v->label : "", NAME, file);
        fprintf(file, "  %s, made by kernel %d, ", v->what, v->first);
        if (v->last == plan->kernels)
            fputs("read after the run\n", file);
        else if (v->last == v->first)
            fputs("not read any more\n", file);
        else
            fprintf(file, "read up to kernel %d\n", v->last);
    }
    if (rest) fprintf(file, "  %8s  in %d others\n", text_bytes(arena, rest), count - VALUES_SHOWN);
}

void memory_chart_print(const char *title, const struct memory_plan *plan, FILE *file) {
    struct arena *arena = arena_new();
    int peak = 0;
    for (int k = 1; k < plan->kernels; k++)
        if (alive_at(plan, k) > alive_at(plan, peak)) peak = k;
    int64_t most = plan->kernels ? alive_at(plan, peak) : 0, all = 0;
    for (int i = 0; i < plan->count; i++)
        all += plan->values[i].bytes;
    fprintf(file, "%s: %d values of %s share a block of %s\n\n", title, plan->count,
            text_bytes(arena, all), text_bytes(arena, plan->block_bytes));
    if (plan->count) {
        print_kernels(plan, peak, most, arena, file);
        fprintf(file, "\nalive at kernel %d, %s, where the most is:\n", peak, plan->names[peak]);
        print_owners(plan, peak, arena, file);
    }
    fputc('\n', file);
    arena_free(arena);
}
