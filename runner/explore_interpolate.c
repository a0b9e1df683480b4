/* Interpolate: from one sample to another along each row. */
#include <string.h>

#include "runner/explore.h"
#include "runner/explore_path.h"
#include "runner/latent.h"

struct pair {
    struct sample_name from, to;
};

/* "3 9", "7:3 7:9"; each further row goes between the next two samples. */
static bool read_pairs(struct exploration *ex, int64_t rows, struct pair **pairs, int64_t *count,
                       struct error *error) {
    static const char *const standard[] = {"0 1", NULL};
    const char *const *given = arguments_all(ex->arguments, "--between");
    if (!*given) given = standard;
    *pairs = NULL;
    *count = 0;
    for (; *given; given++) {
        const char *space = strchr(*given, ' ');
        struct pair pair;
        if (!space ||
            !explore_read_name(ex, arena_text_range(ex->arena, *given, (size_t)(space - *given)),
                               &pair.from, error) ||
            !explore_read_name(ex, space + 1, &pair.to, error))
            return error_set(error, STATUS_USAGE, "'--between' wants two samples, as in 3 9");
        for (int64_t r = 0; r < rows; r++) {
            *pairs = ARENA_GROW(ex->arena, *pairs, *count);
            (*pairs)[(*count)++] = pair;
            if (++pair.from.number > SAMPLES_MOST || ++pair.to.number > SAMPLES_MOST)
                return error_set(error, STATUS_USAGE, "there are not so many samples after '%s'",
                                 *given);
        }
    }
    return true;
}

/* Whether a latent's numbers have a direction: not where they are a class. */
static bool turns(const struct exploration *ex, int latent) {
    const struct experiment *x = ex->model->session.experiment;
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, ex->sampler->latents[latent].name))
            return !latent_has_classes(&x->latents[i]);
    return true;
}

/* What cannot be between two, an index, an example or what the sampler draws, is that of the nearer one. */
static void blend(struct exploration *ex, const struct beginnings *ends, int64_t pair, double t,
                  bool spherical, int64_t cell) {
    const struct game_sampler *sampler = ex->sampler;
    beginnings_copy(ex->cells, cell, ends, 2 * pair + (t >= 0.5));
    for (int i = 0; i < sampler->latents_count; i++)
        if (sampler->latents[i].type == TYPE_FLOAT32)
            path_between(beginnings_latent(ends, i, 2 * pair),
                         beginnings_latent(ends, i, 2 * pair + 1),
                         shape_count(sampler->latents[i].shape), t, spherical && turns(ex, i),
                         beginnings_latent(ex->cells, i, cell));
}

static void fill(struct exploration *ex, const struct class_list *classes,
                 const struct beginnings *ends, bool spherical) {
    float *values = ARENA_ARRAY(ex->arena, float, ex->columns);
    for (int c = 0; c < ex->columns; c++) {
        values[c] = (float)((double)c / (ex->columns - 1));
        ex->column_labels[c] = arena_format(ex->arena, "%.3g", (double)values[c]);
    }
    for (int r = 0; r < ex->rows; r++) {
        const int32_t class = classes->list[r % classes->count];
        const int64_t pair = r / classes->count;
        ex->row_labels[r] = explore_row_label(
            ex, classes,
            arena_format(ex->arena, "%s → %s", explore_name_text(ex, ends->names[2 * pair]),
                         explore_name_text(ex, ends->names[2 * pair + 1])),
            class);
        for (int c = 0; c < ex->columns; c++) {
            const int64_t cell = (int64_t)r * ex->columns + c;
            blend(ex, ends, pair, (double)c / (ex->columns - 1), spherical, cell);
            explore_set_class(classes, class, ex->cells, cell);
        }
    }
    ex->numbers[0] = (struct store_array){.path = "column_values",
                                          .type = STORE_FLOAT32,
                                          .rank = 1,
                                          .extent = {ex->columns},
                                          .data = values};
}

static bool make(struct exploration *ex, struct error *error) {
    struct class_list classes;
    struct pair *pairs;
    int64_t rows, steps, count;
    if (!explore_classes(ex, &classes, error) ||
        !arguments_integer(ex->arguments, "--rows", 1, 1000, 1, &rows, error) ||
        !arguments_integer(ex->arguments, "--steps", 2, 1000, 9, &steps, error) ||
        !read_pairs(ex, rows, &pairs, &count, error))
        return false;
    const bool spherical = arguments_has(ex->arguments, "--spherical");
    const struct beginnings *ends =
        explore_draw(ex, (const struct sample_name *)pairs, 2 * count, error);
    if (!ends || !explore_size(ex, count * classes.count, steps, error)) return false;
    fill(ex, &classes, ends, spherical);
    ex->title = spherical ? "spherical interpolation" : "linear interpolation";
    ex->lines = true;
    return true;
}

const struct explore_row explore_interpolate = {
    .name = "interpolate",
    .options = "--between --spherical --steps --rows --class",
    .make = make,
};
