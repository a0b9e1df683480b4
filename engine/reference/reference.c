/*
 * The reference backend: plain loops in double over the graph as it was built, without lowering,
 * fusing or planning. It depends on nothing, computes what each primitive's doc says, and is the
 * oracle that the other backends are compared with.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/bug.h"
#include "engine/backend.h"
#include "engine/random_draw.h"
#include "engine/scalar_double.h"

struct device {
    const struct backend *backend;
    struct arena *arena;
    double **variables; /* by variable->index */
    int count;
};

/* A node's value: our own doubles, or memory of the host that is read where it lies. */
struct value {
    double *real;
    const void *host;
    enum dtype type;
};

struct program {
    struct device *device;
    const struct graph *graph;
    struct value *values;      /* by node id */
    const void *const *inputs; /* of the run in progress */
    struct kernel_profile *profile;
    bool profiling;
};

static double host_element(const void *data, enum dtype type, int64_t i) {
    switch (type) {
    case TYPE_FLOAT32:
        return ((const float *)data)[i];
    case TYPE_INT32:
        return ((const int32_t *)data)[i];
    case TYPE_UINT8:
        return ((const uint8_t *)data)[i];
    case TYPE_FLOAT64:
        return ((const double *)data)[i];
    default:
        BUG("the reference does not read %s", dtype_name(type));
    }
}

static double element(const struct value *v, int64_t i) {
    return v->host ? host_element(v->host, v->type, i) : v->real[i];
}

/* ---- movement: the source element of each element of the result, or -1 for padding -------------
 */

static void unravel(struct shape shape, int64_t i, int64_t *index) {
    for (int a = shape.rank - 1; a >= 0; a--) {
        index[a] = i % shape.extent[a];
        i /= shape.extent[a];
    }
}

static int64_t ravel(struct shape shape, const int64_t *index) {
    int64_t i = 0;
    for (int a = 0; a < shape.rank; a++)
        i = i * shape.extent[a] + index[a];
    return i;
}

static int64_t moved_from(const struct node *n, int64_t i) {
    struct shape from = n->source[0]->shape;
    int64_t index[AXES_MOST], source[AXES_MOST];
    if (n->op == OP_RESHAPE) return i;
    unravel(n->shape, i, index);
    for (int a = 0; a < n->shape.rank; a++)
        switch (n->op) {
        case OP_PERMUTE:
            source[n->at.order[a]] = index[a];
            break;
        case OP_BROADCAST:
            source[a] = from.extent[a] == 1 ? 0 : index[a];
            break;
        case OP_SLICE:
            source[a] = n->at.low[a] + index[a] * n->at.step[a];
            break;
        case OP_FLIP:
            source[a] = n->at.axes >> a & 1 ? from.extent[a] - 1 - index[a] : index[a];
            break;
        case OP_PAD: {
            int64_t offset = index[a] - n->at.low[a];
            if (offset < 0 || offset % n->at.step[a] || offset / n->at.step[a] >= from.extent[a])
                return -1;
            source[a] = offset / n->at.step[a];
            break;
        }
        default:
            BUG("%s does not move", op_rows[n->op].name);
        }
    return ravel(from, source);
}

static void evaluate_concat(const struct node *n, struct value *const *s, double *out) {
    int axis = n->at.axis;
    int64_t inner = 1, outer = 1, start = 0;
    for (int a = axis + 1; a < n->shape.rank; a++)
        inner *= n->shape.extent[a];
    for (int a = 0; a < axis; a++)
        outer *= n->shape.extent[a];
    for (int k = 0; k < n->sources; k++) {
        int64_t count = n->source[k]->shape.extent[axis];
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < count * inner; i++)
                out[(o * n->shape.extent[axis] + start) * inner + i] =
                    element(s[k], o * count * inner + i);
        start += count;
    }
}

/* ---- reductions, products, indexing ------------------------------------------------------------
 */

static void evaluate_reduction(const struct node *n, const struct value *x, double *out) {
    int64_t index[AXES_MOST], count = shape_count(n->source[0]->shape);
    for (int64_t i = 0; i < shape_count(n->shape); i++)
        out[i] = n->op == OP_SUM ? 0 : -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        unravel(n->source[0]->shape, i, index);
        for (int a = 0; a < n->shape.rank; a++)
            if (n->at.axes >> a & 1) index[a] = 0;
        double *to = &out[ravel(n->shape, index)], v = element(x, i);
        *to = n->op == OP_SUM ? *to + v : scalar_double(OP_MAX, *to, v, 0);
    }
}

static void evaluate_matmul(const struct node *n, const struct value *a, const struct value *b,
                            double *out) {
    int r = n->shape.rank;
    int64_t rows = n->shape.extent[r - 2], columns = n->shape.extent[r - 1];
    int64_t inner = n->source[0]->shape.extent[n->at.transpose & 1 ? r - 2 : r - 1];
    int64_t batches = shape_count(n->shape) / (rows * columns);
    bool ta = n->at.transpose & 1, tb = n->at.transpose & 2;
    memset(out, 0, (size_t)shape_count(n->shape) * sizeof *out);
    for (int64_t batch = 0; batch < batches; batch++)
        for (int64_t i = 0; i < rows; i++)
            for (int64_t k = 0; k < inner; k++) {
                double left =
                    element(a, batch * rows * inner + (ta ? k * rows + i : i * inner + k));
                double *to = out + (batch * rows + i) * columns;
                for (int64_t j = 0; j < columns; j++)
                    to[j] += left * element(b, batch * inner * columns +
                                                   (tb ? j * inner + k : k * columns + j));
            }
}

/* Walks all (y, x, kernel) triples of a convolution and adds the product of two to the third. */
static void evaluate_conv(const struct node *n, const struct value *a, const struct value *b,
                          double *out) {
    bool dx = n->op == OP_CONV_DX, dw = n->op == OP_CONV_DW;
    const struct convolution *c = &n->at.conv;
    struct shape x = dx ? n->shape : n->source[0]->shape, w = dw ? n->shape : n->source[1]->shape,
                 y = dx   ? n->source[0]->shape
                     : dw ? n->source[1]->shape
                          : n->shape;
    int64_t filters = y.extent[3] / c->groups, channels = w.extent[2];
    memset(out, 0, (size_t)shape_count(n->shape) * sizeof *out);
    for (int64_t at = 0; at < shape_count(y); at++) {
        int64_t i[4];
        unravel(y, at, i);
        for (int64_t kh = 0; kh < w.extent[0]; kh++)
            for (int64_t kw = 0; kw < w.extent[1]; kw++) {
                int64_t row = i[1] * c->stride[0] - c->low[0] + kh * c->dilation[0],
                        column = i[2] * c->stride[1] - c->low[1] + kw * c->dilation[1];
                if (row < 0 || row >= x.extent[1] || column < 0 || column >= x.extent[2]) continue;
                int64_t pixel = ((i[0] * x.extent[1] + row) * x.extent[2] + column) * x.extent[3] +
                                i[3] / filters * channels;
                int64_t weight = (kh * w.extent[1] + kw) * channels * y.extent[3] + i[3];
                for (int64_t k = 0; k < channels; k++, pixel++, weight += y.extent[3]) {
                    if (dx)
                        out[pixel] += element(a, at) * element(b, weight);
                    else if (dw)
                        out[weight] += element(a, pixel) * element(b, at);
                    else
                        out[at] += element(a, pixel) * element(b, weight);
                }
            }
    }
}

static int64_t clamped(double index, int64_t n) {
    return index < 0 ? 0 : index >= (double)n ? n - 1 : (int64_t)index;
}

static void evaluate_gather(const struct node *n, const struct value *table,
                            const struct value *index, double *out) {
    int64_t rows = shape_count(n->source[1]->shape), width = shape_count(n->shape) / rows;
    for (int64_t i = 0; i < rows; i++) {
        int64_t row = clamped(element(index, i), n->source[0]->shape.extent[0]);
        for (int64_t j = 0; j < width; j++)
            out[i * width + j] = element(table, row * width + j);
    }
}

static void evaluate_scatter(const struct node *n, const struct value *index,
                             const struct value *rows, double *out) {
    int64_t count = shape_count(n->source[0]->shape),
            width = shape_count(n->source[1]->shape) / count;
    memset(out, 0, (size_t)shape_count(n->shape) * sizeof *out);
    for (int64_t i = 0; i < count; i++) {
        int64_t row = clamped(element(index, i), n->shape.extent[0]);
        for (int64_t j = 0; j < width; j++)
            out[row * width + j] += element(rows, i * width + j);
    }
}

/* ---- element by element ------------------------------------------------------------------------
 */

static double draw(const struct node *n, int64_t i, const int32_t clock[3]) {
    struct philox words = random_block((uint64_t)i / 4, n->at.place, clock);
    int lane = (int)(i % 4);
    if (n->at.kind == RANDOM_UNIFORM) return random_unit(words.word[lane]);
    double u = random_unit_above(words.word[lane / 2 * 2]),
           v = random_unit(words.word[lane / 2 * 2 + 1]);
    double radius = sqrt(-2 * log(u)), angle = 6.283185307179586477 * v;
    return radius * (lane % 2 ? sin(angle) : cos(angle));
}

static double cast(enum dtype type, double x) {
    if (type == TYPE_INT32)
        return x >= 2147483647.0                ? 2147483647.0
               : x <= -2147483648.0 || isnan(x) ? -2147483648.0
                                                : trunc(x);
    return type == TYPE_UINT8 ? (double)(uint8_t)x : x;
}

static void evaluate_map(const struct node *n, struct value *const *s, double *out) {
    int64_t count = shape_count(n->shape), index[AXES_MOST];
    int32_t clock[3] = {0};
    if (n->op == OP_RANDOM)
        for (int k = 0; k < 3; k++)
            clock[k] = (int32_t)element(s[0], k);
    for (int64_t i = 0; i < count; i++) {
        if (n->op == OP_IOTA) {
            unravel(n->shape, i, index);
            out[i] = (double)index[n->at.axis];
        } else if (n->op == OP_RANDOM)
            out[i] = draw(n, i, clock);
        else if (n->op == OP_CAST)
            out[i] = cast(n->type, element(s[0], i));
        else
            out[i] = scalar_double(n->op, element(s[0], i), n->sources > 1 ? element(s[1], i) : 0,
                                   n->sources > 2 ? element(s[2], i) : 0);
    }
}

static void evaluate(struct program *program, const struct node *n) {
    struct value *s[3] = {0}, *v = &program->values[n->id], **sources = s;
    struct arena *scratch = NULL;
    if (n->sources > 3) {
        scratch = arena_new();
        sources = ARENA_ARRAY(scratch, struct value *, n->sources);
    }
    for (int k = 0; k < n->sources; k++)
        sources[k] = &program->values[n->source[k]->id];
    switch (n->op) {
    case OP_INPUT:
        v->host = program->inputs[n->at.input];
        break;
    case OP_VARIABLE:
        /* A copy: an output of it is read after the variable was assigned. */
        memcpy(v->real, program->device->variables[n->at.variable->index],
               (size_t)shape_count(n->shape) * sizeof *v->real);
        break;
    case OP_CONSTANT:
        for (int64_t i = 0; i < shape_count(n->shape); i++)
            v->real[i] = n->at.table ? n->at.table[i] : n->at.value;
        break;
    case OP_SUM:
    case OP_REDUCE_MAX:
        evaluate_reduction(n, s[0], v->real);
        break;
    case OP_MATMUL:
        evaluate_matmul(n, s[0], s[1], v->real);
        break;
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW:
        evaluate_conv(n, s[0], s[1], v->real);
        break;
    case OP_GATHER:
        evaluate_gather(n, s[0], s[1], v->real);
        break;
    case OP_SCATTER_ADD:
        evaluate_scatter(n, s[0], s[1], v->real);
        break;
    case OP_CONCAT:
        evaluate_concat(n, sources, v->real);
        break;
    default:
        if (op_rows[n->op].class == OP_CLASS_MAP) {
            evaluate_map(n, s, v->real);
            break;
        }
        for (int64_t i = 0; i < shape_count(n->shape); i++) {
            int64_t from = moved_from(n, i);
            v->real[i] = from < 0 ? n->at.value : element(s[0], from);
        }
    }
    arena_free(scratch);
}

/* ---- the backend -------------------------------------------------------------------------------
 */

static void release_arena(void *arena) {
    arena_free(arena);
}

static struct device *reference_open(const struct device_options *options, struct error *error) {
    (void)options, (void)error;
    struct arena *arena = arena_new();
    struct device *device = ARENA_NEW(arena, struct device);
    *device = (struct device){.backend = &backend_reference, .arena = arena};
    return device;
}

static void reference_close(struct device *device) {
    if (device) release_arena(device->arena);
}

static void reference_variable_create(struct device *device, const struct variable *variable) {
    BUG_IF(variable->index != device->count);
    device->variables = ARENA_GROW(device->arena, device->variables, device->count);
    device->variables[device->count++] =
        ARENA_ARRAY(device->arena, double, shape_count(variable->shape));
}

static bool is_real(enum dtype type) {
    return type == TYPE_FLOAT32 || type == TYPE_FLOAT64 || type == TYPE_BFLOAT16;
}

static void store_element(void *dst, enum dtype type, int64_t i, double x) {
    switch (type) {
    case TYPE_FLOAT32:
        ((float *)dst)[i] = (float)x;
        break;
    case TYPE_FLOAT64:
        ((double *)dst)[i] = x;
        break;
    case TYPE_INT32:
        ((int32_t *)dst)[i] = (int32_t)x;
        break;
    case TYPE_UINT8:
        ((uint8_t *)dst)[i] = (uint8_t)x;
        break;
    default:
        BUG("the reference does not write %s", dtype_name(type));
    }
}

static void reference_variable_write(struct device *device, const struct variable *v,
                                     enum dtype type, const void *src) {
    for (int64_t i = 0; i < shape_count(v->shape); i++)
        device->variables[v->index][i] = host_element(src, is_real(v->type) ? type : v->type, i);
}

static void reference_variable_read(struct device *device, const struct variable *v,
                                    enum dtype type, void *dst) {
    for (int64_t i = 0; i < shape_count(v->shape); i++)
        store_element(dst, is_real(v->type) ? type : v->type, i, device->variables[v->index][i]);
}

static struct program *reference_compile(struct device *device, struct arena *arena,
                                         const struct graph *graph,
                                         const struct compile_options *options,
                                         struct error *error) {
    (void)error;
    struct program *program = ARENA_NEW(arena, struct program);
    program->device = device;
    program->graph = options && options->no_simplify ? graph : graph_simplify(arena, graph);
    program->values = ARENA_ARRAY(arena, struct value, program->graph->count + 1);
    program->profile = ARENA_ARRAY(arena, struct kernel_profile, program->graph->count + 1);
    for (int i = 0; i < program->graph->count; i++) {
        const struct node *n = program->graph->nodes[i];
        program->values[i].type = n->type;
        if (n->op != OP_INPUT)
            program->values[i].real = ARENA_ARRAY(arena, double, shape_count(n->shape));
    }
    return program;
}

static bool is_finite(const struct program *program, const struct node *n) {
    if (!is_real(n->type)) return true;
    for (int64_t i = 0; i < shape_count(n->shape); i++)
        if (!isfinite(element(&program->values[n->id], i))) return false;
    return true;
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void evaluate_all(struct program *program, const void *const *inputs) {
    program->inputs = inputs;
    for (int i = 0; i < program->graph->count; i++) {
        double start = program->profiling ? seconds_now() : 0;
        evaluate(program, program->graph->nodes[i]);
        if (!program->profiling) continue;
        struct kernel_profile *row = &program->profile[i];
        double seconds = seconds_now() - start;
        row->seconds += seconds;
        if (!row->runs++ || seconds < row->fastest) row->fastest = seconds;
    }
}

static enum run_result reference_run(struct program *program, const void *const *inputs) {
    const struct graph *graph = program->graph;
    evaluate_all(program, inputs);
    for (int i = 0; i < graph->outputs_count; i++)
        if (!is_finite(program, graph->outputs[i].value)) return RUN_NOT_FINITE;
    for (int i = 0; i < graph->assignments_count; i++)
        if (!is_finite(program, graph->assignments[i].value)) return RUN_NOT_FINITE;
    /* A value may itself be another variable: all are copied out before any is written. */
    struct arena *scratch = arena_new();
    double **new = ARENA_ARRAY(scratch, double *, graph->assignments_count + 1);
    for (int i = 0; i < graph->assignments_count; i++) {
        int64_t count = shape_count(graph->assignments[i].variable->shape);
        new[i] = ARENA_ARRAY(scratch, double, count);
        for (int64_t k = 0; k < count; k++)
            new[i][k] = element(&program->values[graph->assignments[i].value->id], k);
    }
    for (int i = 0; i < graph->assignments_count; i++) {
        const struct variable *v = graph->assignments[i].variable;
        memcpy(program->device->variables[v->index], new[i],
               (size_t)shape_count(v->shape) * sizeof(double));
    }
    arena_free(scratch);
    return RUN_DONE;
}

static void reference_output(struct program *program, int index, enum dtype type, void *dst) {
    const struct node *n = program->graph->outputs[index].value;
    for (int64_t i = 0; i < shape_count(n->shape); i++)
        store_element(dst, is_real(n->type) ? type : n->type, i,
                      element(&program->values[n->id], i));
}

static bool reference_locate(struct program *program, const void *const *inputs,
                             struct not_finite *where) {
    const struct graph *graph = program->graph;
    evaluate_all(program, inputs);
    *where = (struct not_finite){0};
    const struct node *bad = NULL;
    for (int i = 0; i < graph->assignments_count && !bad; i++)
        if (!is_finite(program, graph->assignments[i].value)) {
            bad = graph->assignments[i].value;
            where->variable = graph->assignments[i].variable->name;
        }
    for (int i = 0; i < graph->outputs_count && !bad; i++)
        if (!is_finite(program, graph->outputs[i].value)) bad = graph->outputs[i].value;
    if (!bad) return false;
    for (;;) { /* towards the first: while a source is not finite, go to it */
        const struct node *earlier = NULL;
        for (int s = 0; s < bad->sources && !earlier; s++)
            if (!is_finite(program, bad->source[s])) earlier = bad->source[s];
        if (!earlier) break;
        bad = earlier;
    }
    where->what = op_rows[bad->op].name;
    where->label = bad->label;
    where->origin = bad->origin;
    return true;
}

static void reference_profile_start(struct program *program) {
    program->profiling = true;
    for (int i = 0; i < program->graph->count; i++) {
        const struct node *n = program->graph->nodes[i];
        program->profile[i] = (struct kernel_profile){.name = op_rows[n->op].name,
                                                      .label = n->label,
                                                      .flops = node_flops(n),
                                                      .bytes = 8 * shape_count(n->shape)};
    }
}

static const struct kernel_profile *reference_profile(struct program *program, int *count) {
    *count = program->graph->count;
    return program->profile;
}

static struct program_costs reference_costs(struct program *program) {
    struct program_costs costs = {.nodes = program->graph->count, .kernels = program->graph->count};
    for (int i = 0; i < program->graph->count; i++) {
        const struct node *n = program->graph->nodes[i];
        costs.products += op_rows[n->op].class == OP_CLASS_PRODUCT;
        costs.flops += node_flops(n);
        if (program->values[i].real) costs.block_bytes += 8 * shape_count(n->shape);
    }
    costs.bytes = 2 * costs.block_bytes;
    return costs;
}

/* Each value has memory of its own, to the end. */
static struct memory_plan reference_memory(struct program *program, struct arena *arena) {
    const struct graph *graph = program->graph;
    struct memory_plan plan = {.kernels = graph->count};
    const char **names = ARENA_ARRAY(arena, const char *, graph->count + 1),
               **labels = ARENA_ARRAY(arena, const char *, graph->count + 1);
    struct memory_value *values = ARENA_ARRAY(arena, struct memory_value, graph->count + 1);
    for (int i = 0; i < graph->count; i++) {
        const struct node *n = graph->nodes[i];
        names[i] = op_rows[n->op].name;
        labels[i] = n->label;
        if (!program->values[i].real) continue;
        int64_t bytes = 8 * shape_count(n->shape);
        values[plan.count++] =
            (struct memory_value){names[i], labels[i], i, graph->count, plan.block_bytes, bytes};
        plan.block_bytes += bytes;
    }
    plan.names = names;
    plan.labels = labels;
    plan.values = values;
    return plan;
}

static void reference_print(struct program *program, FILE *file) {
    graph_print(program->graph, file);
}

static const char *reference_identity(struct device *device) {
    (void)device;
    return "reference, float64";
}

static int reference_threads(struct device *device) {
    (void)device;
    return 1;
}

const struct backend backend_reference = {
    .name = "reference",
    .doc = "plain loops in double precision, one thread: slow, and the measure of the others",
    .real = TYPE_FLOAT64,
    .device_open = reference_open,
    .device_close = reference_close,
    .variable_create = reference_variable_create,
    .variable_write = reference_variable_write,
    .variable_read = reference_variable_read,
    .compile = reference_compile,
    .run = reference_run,
    .output = reference_output,
    .locate = reference_locate,
    .profile_start = reference_profile_start,
    .profile = reference_profile,
    .costs = reference_costs,
    .memory = reference_memory,
    .print = reference_print,
    .identity = reference_identity,
    .threads = reference_threads,
};
