/* See explore_element.h. */
#include "runner/explore_element.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/experiment.h"
#include "runner/latent.h"

static const struct latent *find_latent(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, name)) return &x->latents[i];
    return NULL;
}

/* "z and y" */
static const char *list_inputs(const struct game_sampler *sampler, struct arena *arena) {
    const char *list = "";
    for (int i = sampler->labels_count - 1; i >= 0; i--)
        list =
            arena_format(arena, "%s%s%s", sampler->labels[i].data->labels, *list ? ", " : "", list);
    for (int i = sampler->latents_count - 1; i >= 0; i--)
        list = arena_format(arena, "%s%s%s", sampler->latents[i].name, *list ? ", " : "", list);
    return *list ? arena_format(arena, "it takes %s", list) : "it takes no latents at all";
}

static bool find_input(const struct game_sampler *sampler, const char *name,
                       const struct origin *origin, struct diagnostics *diagnostics,
                       struct element *element) {
    struct nearest nearest = {.wanted = name};
    for (element->latent = 0; element->latent < sampler->latents_count; element->latent++) {
        nearest_try(&nearest, sampler->latents[element->latent].name);
        if (!strcmp(sampler->latents[element->latent].name, name)) return true;
    }
    element->latent = -1;
    for (element->labels = 0; element->labels < sampler->labels_count; element->labels++)
        if (!strcmp(sampler->labels[element->labels].data->labels, name)) return true;
    const char *hint = nearest_hint(diagnostics->arena, &nearest);
    return diagnostics_add(diagnostics, origin,
                           hint ? hint : list_inputs(sampler, diagnostics->arena),
                           "sampler '%s' takes no latent '%s'", sampler->name, name);
}

/* Where numbers of a latent lie, as a rule. */
static void find_range(const struct latent *latent, struct element *element) {
    const struct latent_options *o = latent->options;
    element->low = -2;
    element->high = 2;
    if (latent->row->one_hot) {
        element->low = 0;
        element->high = 1;
    } else if (!strcmp(latent->row->name, "uniform")) {
        element->low = o->low;
        element->high = o->high;
    } else if (strcmp(latent->row->name, "spherical") != 0) {
        element->low = o->mean - 2 * o->deviation;
        element->high = o->mean + 2 * o->deviation;
    }
}

static bool wrong_rank(const struct expression *e, const char *name, struct shape shape,
                       struct diagnostics *diagnostics) {
    struct arena *arena = diagnostics->arena;
    const char *first = "", *last = "";
    for (int i = 0; i < shape.rank; i++) {
        first = arena_format(arena, "%s%s0", first, i ? ", " : "");
        last = arena_format(arena, "%s%s%" PRId64, last, i ? ", " : "", shape.extent[i] - 1);
    }
    if (!shape.rank)
        return diagnostics_add(diagnostics, &e->origin, arena_format(arena, "write '%s'", name),
                               "'%s' is one for each sample and takes no index", name);
    return diagnostics_add(
        diagnostics, &e->origin,
        arena_format(arena, "there are %s[%s] to %s[%s]", name, first, name, last),
        "a number of '%s' has %d ind%s", name, shape.rank, shape.rank == 1 ? "ex" : "ices");
}

/* The offset of z[3, 17]; counts from behind below 0. */
static bool read_index(const struct expression *e, const char *name, struct shape shape,
                       struct diagnostics *diagnostics, int64_t *offset) {
    if (e->count - 1 != shape.rank) return wrong_rank(e, name, shape, diagnostics);
    *offset = 0;
    for (int i = 0; i < shape.rank; i++) {
        const struct expression *part = e->part[1 + i];
        const int64_t extent = shape.extent[i];
        double at;
        if (part->kind == EXPRESSION_SLICE)
            return diagnostics_add(diagnostics, &part->origin, NULL,
                                   "one number is moved, not several");
        if (!expression_number(part, NULL, true, &at, diagnostics)) return false;
        if (at != floor(at) || at < -(double)extent || at >= (double)extent)
            return diagnostics_add(diagnostics, &part->origin,
                                   arena_format(diagnostics->arena,
                                                "from 0 to %" PRId64
                                                ", or from behind, -1 to -%" PRId64,
                                                extent - 1, extent),
                                   "'%s' has no number %g there", name, at);
        *offset = *offset * extent + (int64_t)at + (at < 0 ? extent : 0);
    }
    return true;
}

bool element_read(const struct experiment *x, const struct game_sampler *sampler, const char *text,
                  const struct origin *origin, struct diagnostics *diagnostics,
                  struct element *element) {
    *element = (struct element){.text = text, .offset = -1};
    const struct expression *e = expression_parse_text(text, origin, diagnostics);
    if (!e) return false;
    const struct expression *named = e->kind == EXPRESSION_INDEX ? e->part[0] : e;
    const char *name = expression_name(diagnostics->arena, named);
    if (!name)
        return diagnostics_add(diagnostics, &e->origin, NULL,
                               "a latent is wanted, or a number of one, as in z[17]");
    if (!find_input(sampler, name, &named->origin, diagnostics, element)) return false;
    if (element->latent < 0) {
        element->classes = experiment_label_count(sampler->labels[element->labels].data);
        element->count = 1;
        return e == named || wrong_rank(e, name, SHAPE_SCALAR, diagnostics);
    }
    const struct sampler_latent *taken = &sampler->latents[element->latent];
    const struct latent *latent = find_latent(x, name);
    const bool index = taken->type == TYPE_INT32;
    element->count = shape_count(taken->shape);
    find_range(latent, element);
    if (e != named) {
        if (!read_index(e, name, taken->shape, diagnostics, &element->offset)) return false;
    } else if (!taken->shape.rank) {
        element->offset = 0;
    }
    if ((index && element->offset >= 0) ||
        (e == named && latent->row->one_hot && taken->shape.rank == 1))
        element->classes = (int)latent_classes(x, latent);
    return true;
}

bool element_same(const struct element *a, const struct element *b) {
    return a->latent == b->latent && a->labels == b->labels && a->offset == b->offset;
}

int32_t element_class(const struct experiment *x, const struct game_sampler *sampler,
                      const struct element *element, int number) {
    if (element->latent < 0) return experiment_label(sampler->labels[element->labels].data, number);
    return latent_class(x, find_latent(x, sampler->latents[element->latent].name), number);
}

struct class_names element_class_names(const struct experiment *x,
                                       const struct game_sampler *sampler,
                                       const struct element *element) {
    const struct experiment_data *data =
        element->latent < 0
            ? sampler->labels[element->labels].data
            : latent_labelled(x, find_latent(x, sampler->latents[element->latent].name));
    return experiment_class_names(data);
}

void element_set(const struct element *element, struct beginnings *b, int64_t i, double value) {
    if (element->latent < 0) {
        b->labels[element->labels][i] = (int32_t)value;
    } else if (b->sampler->latents[element->latent].type == TYPE_INT32) {
        int32_t *entry = beginnings_latent(b, element->latent, i);
        entry[element->offset] = (int32_t)value;
    } else {
        float *entry = beginnings_latent(b, element->latent, i);
        if (element->offset >= 0)
            entry[element->offset] = (float)value;
        else
            for (int64_t k = 0; k < element->count; k++)
                entry[k] = (double)k == value;
    }
}
