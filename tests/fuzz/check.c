/* Runs a subject on the reference and on a backend, and compares; see fuzz.h. */
#include <math.h>
#include <stdarg.h>

#include "base/bug.h"
#include "base/random.h"
#include "engine/winograd.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/subject.h"

bool is_real_type(enum dtype type) {
    return type == TYPE_FLOAT32 || type == TYPE_BFLOAT16 || type == TYPE_FLOAT64;
}

size_t host_size(enum dtype type) {
    return is_real_type(type) ? sizeof(float) : dtype_size(type);
}

static enum dtype host_type(enum dtype type) {
    return is_real_type(type) ? TYPE_FLOAT32 : type;
}

static double host_number(const void *data, enum dtype type, int64_t i) {
    switch (type) {
    case TYPE_INT32:
        return ((const int32_t *)data)[i];
    case TYPE_UINT8:
        return ((const uint8_t *)data)[i];
    default:
        return (double)((const float *)data)[i];
    }
}

static size_t bytes_of(enum dtype type, struct shape shape) {
    return (size_t)shape_count(shape) * host_size(type);
}

static void fail(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct finding *finding, const char *format, ...) {
    if (finding->failed) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    finding->failed = true;
}

/* ---- the oracle --------------------------------------------------------------------------------
 */

struct oracle {
    struct arena *arena;
    const struct subject *subject;
    struct bounded bounded;
    struct device *device;
    struct program *program;
    double **values, **bounds; /* by node id */
    bool extreme;
};

struct oracle *oracle_new(struct arena *arena, const struct subject *subject) {
    struct oracle *o = ARENA_NEW(arena, struct oracle);
    struct error error = {0};
    int count = subject->graph->count;
    *o = (struct oracle){.arena = arena, .subject = subject};
    o->bounded = graph_bound(arena, subject->graph);
    o->values = ARENA_ARRAY(arena, double *, count + 1);
    o->bounds = ARENA_ARRAY(arena, double *, count + 1);
    for (int i = 0; i < count; i++) {
        int64_t size = shape_count(subject->graph->nodes[i]->shape);
        o->values[i] = ARENA_ARRAY(arena, double, size);
        if (o->bounded.bounds[i]) o->bounds[i] = ARENA_ARRAY(arena, double, size);
        graph_output(o->bounded.graph, "value", o->bounded.images[i], NULL);
        if (o->bounds[i]) graph_output(o->bounded.graph, "bound", o->bounded.bounds[i], NULL);
    }
    o->device = backend_reference.device_open(&(struct device_options){0}, &error);
    for (int i = 0; i < subject->variables_count; i++)
        backend_reference.variable_create(o->device, subject->variables[i]);
    o->program = backend_reference.compile(o->device, arena, o->bounded.graph,
                                           &(struct compile_options){.no_simplify = true}, &error);
    return o;
}

/* Integers as doubles, floats as they are. */
static void read_value(struct oracle *o, int output, const struct node *n, double *dst) {
    if (is_real_type(n->type)) {
        backend_reference.output(o->program, output, TYPE_FLOAT64, dst);
        return;
    }
    int64_t count = shape_count(n->shape);
    void *whole = memory_resize(NULL, bytes_of(n->type, n->shape));
    backend_reference.output(o->program, output, n->type, whole);
    for (int64_t i = 0; i < count; i++)
        dst[i] = host_number(whole, n->type, i);
    free(whole);
}

static bool is_extreme(double x) {
    return !(fabs(x) < 1e37) || (x != 0 && fabs(x) < 1e-37);
}

void oracle_run(struct oracle *o, void *const *state, void *const *inputs) {
    const struct graph *graph = o->subject->graph;
    for (int i = 0; i < o->subject->variables_count; i++)
        backend_reference.variable_write(o->device, o->subject->variables[i], TYPE_FLOAT32,
                                         state[i]);
    backend_reference.run(o->program, (const void *const *)inputs);
    o->extreme = false;
    for (int i = 0, output = 0; i < graph->count; i++) {
        int64_t count = shape_count(graph->nodes[i]->shape);
        read_value(o, output++, graph->nodes[i], o->values[i]);
        for (int64_t k = 0; k < count && !o->extreme; k++)
            o->extreme = is_extreme(o->values[i][k]);
        if (o->bounds[i])
            backend_reference.output(o->program, output++, TYPE_FLOAT64, o->bounds[i]);
    }
}

const double *oracle_value(const struct oracle *o, int id) {
    return o->values[id];
}

const double *oracle_bound(const struct oracle *o, int id) {
    return o->bounds[id];
}

bool oracle_extreme(const struct oracle *o) {
    return o->extreme;
}

void oracle_free(struct oracle *o) {
    backend_reference.device_close(o->device);
}

static bool all_finite(const struct oracle *o, const struct node *n) {
    for (int64_t i = 0; i < shape_count(n->shape); i++)
        if (!isfinite(o->values[n->id][i])) return false;
    return true;
}

/* Everything that is assigned or given out is finite */
static bool results_finite(const struct oracle *o) {
    const struct graph *g = o->subject->graph;
    for (int i = 0; i < g->outputs_count; i++)
        if (!all_finite(o, g->outputs[i].value)) return false;
    for (int i = 0; i < g->assignments_count; i++)
        if (!all_finite(o, g->assignments[i].value)) return false;
    return true;
}

/* ---- a backend's run ---------------------------------------------------------------------------
 */

struct session {
    struct arena *arena; /* of the program */
    const struct backend *backend;
    const struct subject *subject;
    struct device *device;
    struct program *program;
    const char *name; /* "no fuse, 2 threads" */
    int threads;
};

struct results {
    enum run_result outcome;
    void **outputs, **variables; /* as the host reads them */
};

static bool session_open(struct session *s, const struct subject *subject,
                         const struct check_options *options, struct finding *finding) {
    struct error error = {0};
    *s = (struct session){arena_new(), options->backend, subject, NULL, NULL, NULL, 0};
    s->device = s->backend->device_open(&options->device, &error);
    if (!s->device) {
        fail(finding, "the device does not open: %s", error.message);
        return false;
    }
    for (int i = 0; i < subject->variables_count; i++)
        s->backend->variable_create(s->device, subject->variables[i]);
    s->program =
        s->backend->compile(s->device, s->arena, subject->graph, &options->compile, &error);
    s->threads = s->backend->threads(s->device);
    s->name = arena_format(s->arena, "%s%s%s, threads %d", s->backend->name,
                           options->compile.no_fuse ? ", no fuse" : "",
                           options->compile.no_plan ? ", no plan" : "", s->threads);
    if (!s->program) fail(finding, "%s does not compile: %s", s->name, error.message);
    return s->program != NULL;
}

static void session_close(struct session *s) {
    arena_free(s->arena);
    if (s->device) s->backend->device_close(s->device);
}

static void session_write(struct session *s, void *const *state) {
    for (int i = 0; i < s->subject->variables_count; i++)
        s->backend->variable_write(s->device, s->subject->variables[i],
                                   host_type(s->subject->variables[i]->type), state[i]);
}

static struct results session_run(struct session *s, struct arena *arena, void *const *inputs) {
    const struct subject *subject = s->subject;
    const struct graph *g = subject->graph;
    struct results r = {.outcome = s->backend->run(s->program, (const void *const *)inputs)};
    r.outputs = ARENA_ARRAY(arena, void *, g->outputs_count + 1);
    r.variables = ARENA_ARRAY(arena, void *, subject->variables_count + 1);
    for (int i = 0; i < g->outputs_count; i++) {
        const struct node *n = g->outputs[i].value;
        r.outputs[i] = arena_alloc(arena, bytes_of(n->type, n->shape));
        if (r.outcome == RUN_DONE)
            s->backend->output(s->program, i, host_type(n->type), r.outputs[i]);
    }
    for (int i = 0; i < subject->variables_count; i++) {
        const struct variable *v = subject->variables[i];
        r.variables[i] = arena_alloc(arena, bytes_of(v->type, v->shape));
        s->backend->variable_read(s->device, v, host_type(v->type), r.variables[i]);
    }
    return r;
}

/* ---- comparing ---------------------------------------------------------------------------------
 */

struct view { /* numbers with a name */
    const char *kind, *name;
    enum dtype type;
    struct shape shape;
    const void *data;
};

static void compare_view(const struct session *s, const struct oracle *o, const struct node *n,
                         struct view v, struct finding *finding, struct check_counts *counts) {
    const double *value = o->values[n->id], *bound = o->bounds[n->id];
    for (int64_t i = 0; i < shape_count(v.shape); i++) {
        double found = host_number(v.data, v.type, i), allowed = 1e-36 + (bound ? 2 * bound[i] : 0);
        counts->numbers++;
        if (!(allowed < 0.1 * (1 + fabs(value[i])))) {
            counts->undecided++;
            if (!(allowed < INFINITY)) continue;
        }
        if (fabs(found - value[i]) <= allowed) continue;
        fail(finding, "%s: %s %s (%%%d, %s) element %lld of %s is %.9g instead of %.9g +- %.2g",
             s->name, v.kind, v.name, n->id, op_rows[n->op].name, (long long)i,
             shape_text(s->arena, v.shape), found, value[i], allowed);
        return;
    }
}

/* What a run from the oracle's state gave, against the oracle. */
static void compare_with_oracle(const struct session *s, const struct oracle *o,
                                const struct results *r, void *const *before,
                                struct finding *finding, struct check_counts *counts) {
    const struct graph *g = s->subject->graph;
    if (o->extreme) return;
    if (r->outcome != RUN_DONE) {
        for (int i = 0; i < g->outputs_count + g->assignments_count; i++) {
            const struct node *n = i < g->outputs_count
                                       ? g->outputs[i].value
                                       : g->assignments[i - g->outputs_count].value;
            for (int64_t k = 0; o->bounds[n->id] && k < shape_count(n->shape); k++)
                if (!(o->bounds[n->id][k] < 1e30)) return; /* perhaps it was not finite */
        }
        fail(finding, "%s: the run is said not to be finite, but is", s->name);
        return;
    }
    for (int i = 0; i < g->outputs_count; i++) {
        const struct node *n = g->outputs[i].value;
        struct view v = {"output", g->outputs[i].name, n->type, n->shape, r->outputs[i]};
        compare_view(s, o, n, v, finding, counts);
    }
    for (int i = 0; i < s->subject->variables_count; i++) {
        const struct variable *variable = s->subject->variables[i];
        struct view v = {"variable", variable->name, variable->type, variable->shape,
                         r->variables[i]};
        const struct node *assigned = NULL;
        for (int k = 0; k < g->assignments_count; k++)
            if (g->assignments[k].variable == variable) assigned = g->assignments[k].value;
        if (assigned)
            compare_view(s, o, assigned, v, finding, counts);
        else if (memcmp(r->variables[i], before[i], bytes_of(variable->type, variable->shape)))
            fail(finding, "%s: variable %s changed but is not assigned", s->name, variable->name);
    }
}

static void compare_bytes(const struct session *s, const char *what, const struct view *a,
                          const void *b, struct finding *finding) {
    if (!memcmp(a->data, b, bytes_of(a->type, a->shape))) return;
    for (int64_t i = 0; i < shape_count(a->shape); i++) {
        size_t at = (size_t)i * host_size(a->type);
        if (memcmp((const char *)a->data + at, (const char *)b + at, host_size(a->type)))
            fail(finding, "%s: %s: %s %s element %lld of %s is %.9g, %a instead of %a", s->name,
                 what, a->kind, a->name, (long long)i, shape_text(s->arena, a->shape),
                 host_number(a->data, a->type, i), host_number(a->data, a->type, i),
                 host_number(b, a->type, i));
    }
}

/* Bit for bit. */
static void compare_runs(const struct session *s, const char *what, const struct results *r,
                         const struct results *expected, struct finding *finding) {
    const struct graph *g = s->subject->graph;
    if (r->outcome != expected->outcome)
        fail(finding, "%s: %s: the run is%s finite, unlike the first", s->name, what,
             r->outcome == RUN_DONE ? "" : " not");
    for (int i = 0; i < g->outputs_count; i++) {
        const struct node *n = g->outputs[i].value;
        struct view v = {"output", g->outputs[i].name, n->type, n->shape, r->outputs[i]};
        compare_bytes(s, what, &v, expected->outputs[i], finding);
    }
    for (int i = 0; i < s->subject->variables_count; i++) {
        const struct variable *variable = s->subject->variables[i];
        struct view v = {"variable", variable->name, variable->type, variable->shape,
                         r->variables[i]};
        compare_bytes(s, what, &v, expected->variables[i], finding);
    }
}

/* ---- the ways to run ---------------------------------------------------------------------------
 */

/* A copy of the inputs or the state with one number that is not finite; false: there is no float
 * to spoil. */
static bool spoil(struct arena *arena, const struct subject *subject, struct random_stream *random,
                  void **inputs, void **state) {
    const struct graph *g = subject->graph;
    int count = g->inputs_count + subject->variables_count;
    int start = count ? (int)random_below(random, (uint32_t)count) : 0;
    for (int k = 0; k < count; k++) {
        int i = (start + k) % count, v = i - g->inputs_count;
        enum dtype type = v < 0 ? g->inputs[i].type : subject->variables[v]->type;
        struct shape shape = v < 0 ? g->inputs[i].shape : subject->variables[v]->shape;
        if (!is_real_type(type) || (v < 0 && g->inputs[i].resident)) continue;
        void **slot = v < 0 ? &inputs[i] : &state[v];
        float *copy = arena_copy(arena, *slot, bytes_of(type, shape));
        static const float bad[] = {NAN, INFINITY, -INFINITY};
        copy[random_below(random, (uint32_t)shape_count(shape))] = bad[random_below(random, 3)];
        *slot = copy;
        return true;
    }
    return false;
}

/* Whether padding of a convolution meets a kernel: 0 times what is not finite may be left out, or
 * not. Made by tiles, what is not finite spreads to neighbours. */
static bool may_spread(const struct graph *graph) {
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        const struct convolution *c = &n->at.conv;
        if (c->low[0] || c->low[1] || c->high[0] || c->high[1]) return true;
        if (c->groups && winograd_can(n)) return true;
    }
    return false;
}

static bool may_be_zero(const struct oracle *o, const struct node *n, int64_t i) {
    const double *bound = o->bounds[n->id];
    return fabs(o->values[n->id][i]) <= (bound ? bound[i] : 0);
}

/* Whether an infinity is multiplied by what is so near 0 that it may be 0 in float32: the product is infinite, or no number. */
static bool may_be_nan(const struct oracle *o) {
    const struct graph *g = o->subject->graph;
    for (int i = 0; i < g->count; i++) {
        const struct node *n = g->nodes[i];
        if (n->op != OP_MUL) continue;
        for (int64_t k = 0; k < shape_count(n->shape); k++)
            if (isinf(o->values[i][k]) &&
                (may_be_zero(o, n->source[0], k) || may_be_zero(o, n->source[1], k)))
                return true;
    }
    return false;
}

static void run_spoilt(struct session *s, struct oracle *o, struct random_stream *random,
                       struct finding *finding, struct check_counts *counts) {
    const struct subject *subject = s->subject;
    const struct graph *g = subject->graph;
    struct arena *arena = arena_new();
    void **inputs =
             arena_copy(arena, subject->inputs, (size_t)g->inputs_count * sizeof *subject->inputs),
         **state = arena_copy(arena, subject->initial,
                              (size_t)subject->variables_count * sizeof *subject->initial);
    if (spoil(arena, subject, random, inputs, state)) {
        oracle_run(o, state, inputs);
        session_write(s, state);
        struct results r = session_run(s, arena, inputs);
        bool finite = results_finite(o);
        counts->guards += !finite;
        bool either = finite && (may_spread(g) || may_be_nan(o));
        if (finite != (r.outcome == RUN_DONE) && !either)
            fail(finding, "%s: with a number not finite fed in, the run is said %sto be finite",
                 s->name, finite ? "not " : "");
        for (int i = 0; i < subject->variables_count && !finite; i++) {
            const struct variable *v = subject->variables[i];
            if (memcmp(state[i], r.variables[i], bytes_of(v->type, v->shape)))
                fail(finding, "%s: %s was assigned by a run that was not finite", s->name, v->name);
        }
        struct not_finite where;
        if (!finite && !s->backend->locate(s->program, (const void *const *)inputs, &where))
            fail(finding, "%s: a run was not finite, but locate finds nothing", s->name);
    }
    arena_free(arena);
}

/* With one result alone, so that each is guarded by itself; an assignment if there is one. */
static const struct subject *with_one_result(struct arena *arena, const struct subject *subject,
                                             struct random_stream *random) {
    bool assigns = subject->graph->assignments_count > 0;
    uint32_t results =
        (uint32_t)(assigns ? subject->graph->assignments_count : subject->graph->outputs_count);
    int kept = (int)random_below(random, results);
    for (int i = subject->graph->assignments_count - 1; i >= 0; i--)
        if (!assigns || i != kept)
            subject =
                subject_edit(arena, subject, &(struct edit){.kind = EDIT_DROP_ASSIGNMENT, .at = i});
    for (int i = subject->graph->outputs_count - 1; i >= 0; i--)
        if (assigns || i != kept)
            subject =
                subject_edit(arena, subject, &(struct edit){.kind = EDIT_DROP_OUTPUT, .at = i});
    return subject;
}

/* With a number that is not finite in an input or variable: nothing may be assigned if it reaches a
 * result, and the run must say so. */
static void check_guard(const struct subject *whole, const struct check_options *options,
                        struct finding *finding, struct check_counts *counts) {
    struct arena *arena = arena_new();
    struct random_stream random = {.key = hash_mix(whole->seed, 77)};
    const struct subject *subject = with_one_result(arena, whole, &random);
    struct oracle *o = oracle_new(arena, subject);
    struct session s;
    if (session_open(&s, subject, options, finding))
        for (int i = 0; i < 3 && !finding->failed; i++)
            run_spoilt(&s, o, &random, finding, counts);
    session_close(&s);
    oracle_free(o);
    arena_free(arena);
}

struct record { /* what the first way to run gave */
    struct results first, second;
    int threads;
};

static bool has_product(const struct graph *graph) {
    for (int i = 0; i < graph->count; i++)
        if (op_rows[graph->nodes[i]->op].class == OP_CLASS_PRODUCT) return true;
    return false;
}

/* Another way to run must give the same bits; where oneDNN runs on another number of threads, only
 * about the same numbers. */
static void check_variant(const struct subject *subject, const struct check_options *options,
                          const struct record *record, const struct oracle *o, struct arena *arena,
                          struct finding *finding, struct check_counts *counts) {
    struct session s;
    if (session_open(&s, subject, options, finding)) {
        session_write(&s, subject->initial);
        struct results first = session_run(&s, arena, subject->inputs);
        struct results second = session_run(&s, arena, subject->inputs);
        if (s.threads == record->threads || !has_product(subject->graph)) {
            compare_runs(&s, "first run", &first, &record->first, finding);
            compare_runs(&s, "second run", &second, &record->second, finding);
        } else
            compare_with_oracle(&s, o, &first, subject->initial, finding, counts);
    }
    session_close(&s);
}

/* Starting threads costs more than a small graph does: every third of these gets other threads. */
static bool deserves_threads(const struct subject *subject) {
    int64_t largest = 0;
    for (int i = 0; i < subject->graph->count; i++) {
        int64_t size = shape_count(subject->graph->nodes[i]->shape);
        if (size > largest) largest = size;
    }
    return largest > 3000 || subject->seed % 3 == 0;
}

/* Options as given; then without fusing, without planning, without both; then other threads. */
static void check_variants(const struct subject *subject, const struct check_options *options,
                           const struct record *record, const struct oracle *o, struct arena *arena,
                           struct finding *finding, struct check_counts *counts) {
    for (int k = 1; k <= 3 && !finding->failed; k++) {
        struct check_options other = *options;
        other.compile.no_fuse = other.compile.no_fuse || (k & 1);
        other.compile.no_plan = other.compile.no_plan || (k & 2);
        check_variant(subject, &other, record, o, arena, finding, counts);
    }
    for (int threads = 1; threads <= 3 && !finding->failed && deserves_threads(subject);
         threads++) {
        struct check_options other = *options;
        other.device.threads = threads;
        if (threads != record->threads)
            check_variant(subject, &other, record, o, arena, finding, counts);
    }
}

static void count_nodes(const struct subject *subject, const struct oracle *o,
                        struct check_counts *counts) {
    counts->graphs++;
    counts->extreme += o->extreme;
    counts->nodes += subject->graph->count;
    for (int i = 0; i < subject->graph->count; i++)
        counts->ops[subject->graph->nodes[i]->op]++;
}

void subject_check(const struct subject *subject, const struct check_options *given,
                   struct finding *finding, struct check_counts *counts) {
    struct check_options with_tiles = *given, *options = &with_tiles;
    options->compile.winograd = (int)(subject->seed % 3) * 2; /* none, 2 or 4 */
    struct arena *arena = arena_new();
    struct oracle *o = oracle_new(arena, subject);
    struct session s;
    oracle_run(o, subject->initial, subject->inputs);
    count_nodes(subject, o, counts);
    if (session_open(&s, subject, options, finding)) {
        session_write(&s, subject->initial);
        struct record record = {.first = session_run(&s, arena, subject->inputs),
                                .threads = s.threads};
        compare_with_oracle(&s, o, &record.first, subject->initial, finding, counts);
        session_write(&s, subject->initial);
        struct results again = session_run(&s, arena, subject->inputs);
        compare_runs(&s, "the same run again", &again, &record.first, finding);
        if (options->backend->real != TYPE_FLOAT32) /* the oracle will go on from float32 */
            session_write(&s, record.first.variables);
        record.second = session_run(&s, arena, subject->inputs);
        bool fine = !o->extreme;
        if (!finding->failed && options->backend->real == TYPE_FLOAT32)
            check_variants(subject, options, &record, o, arena, finding, counts);
        if (!finding->failed && subject->seed % 2 == 0 && fine && results_finite(o))
            check_guard(subject, options, finding, counts);
        if (!finding->failed) {
            oracle_run(o, record.first.variables, subject->inputs);
            compare_with_oracle(&s, o, &record.second, record.first.variables, finding, counts);
        }
    }
    session_close(&s);
    oracle_free(o);
    arena_free(arena);
}
