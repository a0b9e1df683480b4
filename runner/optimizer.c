/* The table of optimizers, and the update of one parameter by the one that is meant for it. */
#include "runner/optimizer.h"

#include <stdarg.h>
#include <string.h>

#include "base/bug.h"
#include "runner/build.h"
#include "runner/optimizer_list.h"

#define X(name) extern const struct optimizer_row name##_optimizer;
OPTIMIZER_LIST(X)
#undef X

const struct optimizer_row *const optimizer_rows[] = {
#define X(name) &name##_optimizer,
    OPTIMIZER_LIST(X)
#undef X
        NULL,
};

const struct optimizer_row *optimizer_find(const char *name) {
    for (int i = 0; optimizer_rows[i]; i++)
        if (!strcmp(optimizer_rows[i]->name, name)) return optimizer_rows[i];
    return NULL;
}

/* What the questions of an update need. */
struct update {
    struct build *build;
    struct game_variable *parameter;
    const struct experiment_optimizer *chosen;
    const void *options;
    bool failed;
};

static struct game_variable *state_variable(struct optimizer *optimizer, const char *leaf) {
    struct update *u = optimizer->context;
    struct builder *builder = u->build->builder;
    const char *name = arena_format(builder->arena, "%s/%s/%s", u->parameter->variable.name,
                                    u->chosen->row->name, leaf);
    struct game_variable *v = variable_find(builder->game, name);
    return v ? v
             : variable_new(builder, name, ROLE_OPTIMIZER, u->parameter->variable.shape,
                            (struct initial_value){.kind = INITIAL_CONSTANT}, &u->chosen->origin);
}

struct node *optimizer_state(struct optimizer *optimizer, const char *leaf) {
    return graph_variable(optimizer->graph, &state_variable(optimizer, leaf)->variable);
}

void optimizer_state_set(struct optimizer *optimizer, const char *leaf, struct node *value) {
    graph_assign(optimizer->graph, &state_variable(optimizer, leaf)->variable, value);
}

struct node *optimizer_decayed(struct optimizer *optimizer, double decay) {
    struct graph *g = optimizer->graph;
    if (decay == 0) return optimizer->gradient;
    return graph_add(g, optimizer->gradient, graph_scale(g, optimizer->parameter, decay));
}

bool optimizer_betas(struct optimizer *optimizer, const struct numbers *betas) {
    if (betas->count == 2 && betas->list[0] < 1 && betas->list[1] < 1) return true;
    const struct update *u = optimizer->context;
    optimizer_fail(optimizer, arena_format(optimizer->arena,
                                           "%s wants two betas, from 0 to below 1: [0.9, 0.999]",
                                           u->chosen->row->name));
    return false;
}

void optimizer_fail(struct optimizer *optimizer, const char *message) {
    struct update *u = optimizer->context;
    diagnostics_add(u->build->builder->diagnostics, &u->chosen->origin, NULL, "%s", message);
    u->failed = true;
}

const char *optimizer_text(struct optimizer *optimizer, const struct expression *expression) {
    return arena_format(optimizer->arena, "(%s)", expression_text(optimizer->arena, expression));
}

struct node *optimizer_number(struct optimizer *optimizer, const char *format, ...) {
    struct update *u = optimizer->context;
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(optimizer->arena, format, arguments);
    va_end(arguments);
    struct node *number =
        build_scalar(u->build, text, u->build->builder->experiment->constants, &u->chosen->origin);
    if (!number) u->failed = true;
    struct value value = number ? value_make(number, false) : value_number(optimizer->graph, 0);
    return value_spread(optimizer->graph, value, optimizer->parameter->shape, false, 1).node;
}

static bool updates(const struct phase *phase, const char *name) {
    for (int i = 0; i < phase->players_count; i++)
        for (int k = 0; k < phase->players[i].update.count; k++)
            if (phase->players[i].minimize.count &&
                path_holds(phase->players[i].update.list[k], name))
                return true;
    return false;
}

/* The phases that update a parameter, where there are several: they share its optimizer's state, so
 * its corrections count the updates of all. */
static uint64_t phases_that_update(const struct experiment *x, const char *name) {
    uint64_t phases = 0;
    int count = 0;
    for (int i = 0; i < x->phases_count; i++)
        if (updates(&x->phases[i], name)) {
            phases |= (uint64_t)1 << i;
            count++;
        }
    return count > 1 ? phases : 0;
}

/* The update by `u->chosen`. */
static struct node *make_update(struct update *u, struct node *gradient) {
    struct build *build = u->build;
    const char *name = u->parameter->variable.name;
    struct graph *g = build->graph;
    const struct origin *before = g->origin;
    const char *label = g->label;
    g->origin = &u->chosen->origin;
    g->label = name;
    struct optimizer optimizer = {.graph = g,
                                  .arena = build->builder->arena,
                                  .options = u->options,
                                  .parameter = graph_variable(g, &u->parameter->variable),
                                  .gradient = gradient,
                                  .context = u};
    build->counted = phases_that_update(build->builder->experiment, name);
    struct node *next = u->chosen->row->update(&optimizer);
    build->counted = 0;
    g->origin = before;
    g->label = label;
    return u->failed ? NULL : next;
}

struct node *optimizer_update(struct build *build, struct game_variable *parameter,
                              struct node *gradient, const struct origin *origin) {
    struct builder *builder = build->builder;
    const char *name = parameter->variable.name;
    const struct experiment_optimizer *chosen = optimizer_choose(builder->experiment, name);
    const struct optimizer_group *group = chosen ? optimizer_group(chosen, name) : NULL;
    struct update u = {build, parameter, chosen,
                       group    ? group->options
                       : chosen ? chosen->options
                                : NULL,
                       false};
    if (u.chosen ? u.chosen->poisoned : builder->experiment->poison.optimizers) return NULL;
    if (!u.chosen) {
        diagnostics_add(builder->diagnostics, origin,
                        "add 'optimizer: {adam: {lr: 2e-4}}', say, or one under 'optimizers:'",
                        "'%.*s' is updated here, but no optimizer is given for it",
                        (int)strcspn(name, "/"), name);
        return NULL;
    }
    return make_update(&u, gradient);
}

static void check_options(struct builder *builder, const struct experiment_optimizer *o,
                          const void *options) {
    struct game_program program;
    struct build build;
    build_begin(&build, builder, &program, "check", &o->origin, builder->experiment->batch);
    const char *name = arena_format(builder->arena, "check/%d", builder->game->variables_count);
    struct game_variable *v = variable_new(builder, name, ROLE_PARAMETER, SHAPE(1),
                                           (struct initial_value){0}, &o->origin);
    struct update u = {&build, v, o, options, false};
    make_update(&u, graph_constant(build.graph, TYPE_FLOAT32, SHAPE(1), 1));
}

void optimizers_check(struct builder *builder) {
    const struct experiment *x = builder->experiment;
    for (int i = 0; i < x->optimizers_count; i++) {
        const struct experiment_optimizer *o = &x->optimizers[i];
        if (o->poisoned) continue;
        check_options(builder, o, o->options);
        for (int k = 0; k < o->groups_count; k++)
            check_options(builder, o, o->groups[k].options);
    }
}
