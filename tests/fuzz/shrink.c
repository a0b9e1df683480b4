/*
 * Makes a failing subject small: graphs of the same seed with smaller extents first; then results
 * are dropped, and nodes replaced by an input, a constant or one of their sources, as long as it
 * still fails.
 */
#include <time.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/subject.h"

struct shrinker {
    struct arena *arena; /* what is kept lives here */
    const struct subject *best;
    bool (*fails)(const struct subject *subject, void *context);
    void *context;
    time_t deadline; /* then the smallest so far must do */
};

enum { SECONDS_MOST = 120 };

/* Makes the edit and keeps it if the result fails too. */
static bool try_edit(struct shrinker *s, const struct edit *edit) {
    if (time(NULL) > s->deadline) return false;
    struct arena *scratch = arena_new();
    struct subject *smaller = subject_edit(scratch, s->best, edit);
    bool good = smaller && s->fails(smaller, s->context);
    if (good) s->best = subject_edit(s->arena, s->best, edit);
    arena_free(scratch);
    return good;
}

/* The subject with result `kept` alone: outputs count first, then assignments. */
static struct subject *one_result(struct arena *arena, const struct subject *subject, int kept) {
    struct subject *made = subject_edit(arena, subject, &(struct edit){0});
    int outputs = subject->graph->outputs_count,
        results = outputs + subject->graph->assignments_count;
    for (int i = results - 1; i >= 0 && made; i--) {
        struct edit edit = {.kind = EDIT_DROP_OUTPUT, .at = i};
        if (i >= outputs) edit = (struct edit){.kind = EDIT_DROP_ASSIGNMENT, .at = i - outputs};
        if (i != kept) made = subject_edit(arena, made, &edit);
    }
    return made;
}

/* Most failures show in one result, and need little of the rest. */
static void keep_one_result(struct shrinker *s) {
    int results = s->best->graph->outputs_count + s->best->graph->assignments_count;
    for (int i = 0; i < results; i++) {
        struct subject *alone = one_result(s->arena, s->best, i);
        if (!alone || !s->fails(alone, s->context)) continue;
        s->best = alone;
        return;
    }
}

static bool drop_results(struct shrinker *s) {
    bool any = false;
    for (int i = s->best->graph->outputs_count - 1; i >= 0; i--)
        any = try_edit(s, &(struct edit){.kind = EDIT_DROP_OUTPUT, .at = i}) || any;
    for (int i = s->best->graph->assignments_count - 1; i >= 0; i--)
        any = try_edit(s, &(struct edit){.kind = EDIT_DROP_ASSIGNMENT, .at = i}) || any;
    return any;
}

static bool is_leaf(const struct node *n) {
    return op_rows[n->op].class == OP_CLASS_LEAF;
}

/* Node `at` as something simpler. */
static bool replace_node(struct shrinker *s, int at, const double *value) {
    const struct node *n = s->best->graph->nodes[at];
    const double one[1] = {is_real_type(n->type) ? 0.5 : 1};
    struct edit edit = {.kind = EDIT_TO_CONSTANT, .at = at, .value = one};
    if (n->op == OP_CONSTANT) return false;
    if (try_edit(s, &edit)) return true;
    edit = (struct edit){.kind = EDIT_TO_INPUT, .at = at, .value = value};
    if (!is_leaf(n) && try_edit(s, &edit)) return true;
    for (int k = 0; k < n->sources; k++) {
        edit = (struct edit){.kind = EDIT_TO_SOURCE, .at = at, .source = k};
        bool same = n->source[k]->type == n->type && shape_equal(n->source[k]->shape, n->shape);
        if (same && try_edit(s, &edit)) return true;
    }
    return false;
}

/* From the results towards the leaves, so that one success takes much away. */
static bool replace_nodes(struct shrinker *s) {
    struct arena *scratch = arena_new();
    bool any = false;
    struct oracle *o = oracle_new(scratch, s->best);
    oracle_run(o, s->best->initial, s->best->inputs);
    for (int i = s->best->graph->count - 1; i >= 0 && !any; i--)
        any = replace_node(s, i, oracle_value(o, i));
    oracle_free(o);
    arena_free(scratch);
    return any;
}

const struct subject *subject_shrink(struct arena *arena, const struct subject *subject,
                                     bool (*fails)(const struct subject *subject, void *context),
                                     void *context) {
    struct shrinker s = {arena, subject, fails, context, time(NULL) + SECONDS_MOST};
    static const int64_t extents[] = {1, 2, 3, 5, 9, 17, 33, 65, 129};
    for (size_t i = 0; i < sizeof extents / sizeof *extents; i++) {
        struct subject *smaller = subject_make(arena, subject->seed, extents[i]);
        if (!fails(smaller, context)) continue;
        s.best = smaller;
        break;
    }
    keep_one_result(&s);
    for (int round = 0; round < 400; round++)
        if (!drop_results(&s) && !replace_nodes(&s)) break;
    return s.best;
}
