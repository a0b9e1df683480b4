/* Values of the language; see value.h. */
#include "layers/value.h"

#include <string.h>

struct shape value_shape(struct value value) {
    struct shape shape = value.node->shape;
    if (!value.batched) return shape;
    struct shape sample = {.rank = shape.rank - 1};
    memcpy(sample.extent, shape.extent + 1, (size_t)sample.rank * sizeof *sample.extent);
    return sample;
}

struct shape value_full_shape(struct shape sample, bool batched, int64_t batch) {
    if (!batched) return sample;
    struct shape shape = {.rank = sample.rank + 1, .extent = {batch}};
    memcpy(shape.extent + 1, sample.extent, (size_t)sample.rank * sizeof *sample.extent);
    return shape;
}

bool shape_is_sane(struct shape shape) {
    double count = 1;
    for (int a = 0; a < shape.rank; a++)
        count *= (double)shape.extent[a];
    return count <= 0x1p32;
}

struct value value_number(struct graph *graph, double number) {
    return value_make(graph_constant(graph, TYPE_FLOAT32, SHAPE_SCALAR, number), false);
}

bool value_constant(struct value value, double *number) {
    if (!value.node || value.node->op != OP_CONSTANT || value.node->at.table) return false;
    *number = value.node->at.value;
    return true;
}

struct value value_real(struct graph *graph, struct value value) {
    value.node = graph_cast(graph, value.node, TYPE_FLOAT32);
    return value;
}

struct value value_reshape(struct graph *graph, struct value value, struct shape sample) {
    int64_t batch = value.batched ? value.node->shape.extent[0] : 1;
    struct shape full = value_full_shape(sample, value.batched, batch);
    value.node = graph_reshape(graph, value.node, full);
    return value;
}

struct value value_permute(struct graph *graph, struct value value, const int *order) {
    int full[AXES_MOST] = {0};
    for (int a = value.batched; a < value.node->shape.rank; a++)
        full[a] = order[a - value.batched] + value.batched;
    value.node = graph_permute(graph, value.node, full);
    return value;
}

bool shape_common(struct shape a, struct shape b, struct shape *common) {
    int rank = a.rank > b.rank ? a.rank : b.rank;
    *common = (struct shape){.rank = rank};
    for (int i = 1; i <= rank; i++) {
        int64_t left = i <= a.rank ? a.extent[a.rank - i] : 1;
        int64_t right = i <= b.rank ? b.extent[b.rank - i] : 1;
        if (left != right && left != 1 && right != 1) return false;
        common->extent[rank - i] = left == 1 ? right : left;
    }
    return true;
}

struct value value_spread(struct graph *graph, struct value value, struct shape sample,
                          bool batched, int64_t batch) {
    double number;
    struct shape full = value_full_shape(sample, batched, batch);
    if (value_constant(value, &number))
        return value_make(graph_constant(graph, value.node->type, full, number), batched);
    struct shape own = value_shape(value), ones = {.rank = full.rank};
    for (int a = 0; a < full.rank; a++) {
        int from = a - (full.rank - own.rank);
        ones.extent[a] = from < 0 ? 1 : own.extent[from];
    }
    if (value.batched) ones.extent[0] = batch;
    return value_make(graph_expand(graph, graph_reshape(graph, value.node, ones), full), batched);
}

bool value_meet(struct graph *graph, int count, struct value *values) {
    struct shape common = {0};
    bool batched = false;
    int64_t batch = 1;
    for (int i = 0; i < count; i++) {
        if (!shape_common(common, value_shape(values[i]), &common)) return false;
        if (!values[i].batched) continue;
        int64_t own = values[i].node->shape.extent[0];
        if (batched && own != batch) return false;
        batched = true;
        batch = own;
    }
    if (common.rank + batched > AXES_MOST) return false;
    for (int i = 0; i < count; i++)
        values[i] = value_spread(graph, values[i], common, batched, batch);
    return true;
}

/* Two batches of different sizes; false where there are none. */
static bool find_batches(int count, const struct value *values, int64_t batches[2]) {
    int found = 0;
    for (int i = 0; i < count && found < 2; i++)
        if (values[i].batched && (!found || values[i].node->shape.extent[0] != batches[0]))
            batches[found++] = values[i].node->shape.extent[0];
    return found == 2;
}

struct misfit value_misfit(struct arena *arena, int count, const struct value *values) {
    int64_t batches[2];
    if (find_batches(count, values, batches))
        return (struct misfit){
            arena_format(arena, "a batch of %lld and one of %lld", (long long)batches[0],
                         (long long)batches[1]),
            "'pack' makes one sample of several: pack both, or draw by normal_like(h)"};
    const char *text = "";
    for (int i = 0; i < count; i++)
        text = arena_format(arena, "%s%s%s", text,
                            !i              ? ""
                            : i < count - 1 ? ", "
                                            : " and ",
                            value_text(arena, values[i]));
    return (struct misfit){text, "shapes are broadcast from their last axis, as NumPy does"};
}

const char *value_row_hint(struct value value) {
    return value.classes ? "it is a class: 'one_hot' or 'embedding' makes a row of it"
                         : "put 'reshape: [1]' before it";
}

struct value value_fold(struct graph *graph, enum op op, int count, const struct value *values) {
    struct node *all = values[0].node;
    for (int i = 1; i < count; i++)
        all = graph_binary(graph, op, all, values[i].node);
    return value_make(all, values[0].batched);
}

/* Two shapes are joined along `axis` if they are equal elsewhere. */
static bool joins(struct shape a, struct shape b, int axis) {
    if (a.rank != b.rank) return false;
    b.extent[axis] = a.extent[axis];
    return shape_equal(a, b);
}

struct value value_concat(struct graph *graph, int count, const struct value *values, int axis) {
    struct shape first = value_shape(values[0]);
    bool batched = false;
    int64_t batch = 1;
    if (axis < 0) axis += first.rank;
    if (axis < 0 || axis >= first.rank) return VALUE_POISON;
    for (int i = 0; i < count; i++) {
        if (!joins(first, value_shape(values[i]), axis)) return VALUE_POISON;
        if (!values[i].batched) continue;
        int64_t own = values[i].node->shape.extent[0];
        if (batched && own != batch) return VALUE_POISON;
        batched = true;
        batch = own;
    }
    struct node **parts = ARENA_ARRAY(graph->arena, struct node *, count);
    for (int i = 0; i < count; i++) {
        struct value part = value_real(graph, values[i]);
        parts[i] = value_spread(graph, part, value_shape(part), batched, batch).node;
    }
    return value_make(graph_concat(graph, count, parts, axis + batched), batched);
}

const char *value_text(struct arena *arena, struct value value) {
    return shape_text(arena, value_shape(value));
}
