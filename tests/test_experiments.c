/* links: language engine cpu reference */
/*
 * One step of every experiment in configs/ on the CPU backend against the reference, at a batch of 4; those with images with
 * widths divided by 16. Weights that `load:` would bring are fresh ones: game_build knows of none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glob.h>

#include "tests/steps.h"

enum { BATCH = 4, NARROWER = 16 };

/* ---- narrower networks ---- */

/* NULL: the layer has none, or one that follows from shapes. */
static void *option_of(const struct network_layer *l, const char *name, enum parameter_type type) {
    for (const struct parameter *p = l->row->parameters; p->name && !l->block && !l->late; p++)
        if (!strcmp(p->name, name) && p->type == type) return (char *)l->options + p->offset;
    return NULL;
}

static int64_t *width_of(const struct network_layer *l) {
    int64_t *units = option_of(l, "units", PARAMETER_INTEGER);
    return units ? units : option_of(l, "channels", PARAMETER_INTEGER);
}

static bool is_output(const struct network *n, const struct network_layer *l) {
    for (int i = 0; l->as && i < n->outputs_count; i++) {
        const struct expression *e = n->outputs[i].value;
        if (e->kind == EXPRESSION_NAME && !strcmp(e->name, l->as)) return true;
    }
    return false;
}

/* Whether a layer before this one has a width, which a reshape follows; else it is that of a latent. */
static bool has_width_before(const struct layer_list *list, int index) {
    for (int i = 0; i < index; i++)
        if (width_of(&list->layers[i]) || list->layers[i].lists_count) return true;
    return false;
}

/* A reshape has a narrower last axis where the layers before it give that up; else they keep their width. */
static bool narrow_shape(const struct layer_list *list, int index, bool keep) {
    struct extents *shape = option_of(&list->layers[index], "shape", PARAMETER_SHAPE);
    if (!shape || !shape->rank) return keep;
    int64_t *last = &shape->extent[shape->rank - 1];
    if (keep || *last % NARROWER || !has_width_before(list, index)) return true;
    *last /= NARROWER;
    return false;
}

/*
 * A width is divided where 16 divides it and where it is no one else's: not at the end of a network, nor in what `outputs:`
 * names, where others count on it. So lists of layers are gone through from their end, and `keep` holds until the first
 * layer that has a width of its own. Gives whether what comes before the list must keep its width.
 */
static bool narrow(const struct network *n, struct layer_list *list, bool keep) {
    for (int i = list->count - 1; i >= 0; i--) {
        struct network_layer *l = &list->layers[i];
        int64_t *width = width_of(l);
        bool inner = false;
        keep = narrow_shape(list, i, keep || is_output(n, l));
        for (int k = 0; k < l->lists_count; k++)
            inner = narrow(n, &l->lists[k], keep) || inner;
        if (l->lists_count && l->row->groups) keep = inner;
        if (!width) continue;
        if (!keep && *width % NARROWER == 0) *width /= NARROWER;
        keep = false;
    }
    return keep;
}

/* ---- a smaller batch ---- */

/* That of the data is 4, and that of a phase so much more or less as it was before. */
static void set_batch(struct steps *s) {
    struct experiment *x = s->experiment;
    struct diagnostics diagnostics = {.arena = s->arena};
    for (int i = 0; i < x->phases_count; i++) {
        struct game_term *batch = &x->phases[i].batch;
        double number;
        if (!batch->expression) continue;
        assert_true(expression_number(batch->expression, &batch->constants->scope, true, &number,
                                      &diagnostics));
        number = ceil(number * BATCH / (double)x->batch);
        batch->expression = expression_parse_text(arena_format(s->arena, "%.0f", number),
                                                  &batch->origin, &diagnostics);
    }
    x->batch = BATCH;
    for (int i = 0; i < x->data_count; i++)
        x->data[i].stream.batch = BATCH;
}

/* ---- all of them ---- */

static void its_step_is_the_references(void **state) {
    const char *path = *state;
    struct steps s;
    steps_read(&s, path, NULL);
    set_batch(&s);
    for (int i = 0; !strstr(path, "/points/") && i < s.experiment->networks_count; i++)
        narrow(&s.experiment->networks[i], &s.experiment->networks[i].list, true);
    steps_play(&s, 1, 2);
}

int main(void) {
    glob_t files;
    if (glob("configs/*.yaml", 0, NULL, &files) != 0 ||
        glob("configs/points/*.yaml", GLOB_APPEND, NULL, &files) != 0)
        return 1;
    struct CMUnitTest *tests = calloc(files.gl_pathc, sizeof *tests);
    for (size_t i = 0; i < files.gl_pathc; i++)
        tests[i] = (struct CMUnitTest){.name = files.gl_pathv[i],
                                       .test_func = its_step_is_the_references,
                                       .initial_state = files.gl_pathv[i]};
    int failed = _cmocka_run_group_tests("experiments", tests, files.gl_pathc, NULL, NULL);
    free(tests);
    globfree(&files);
    return failed;
}
