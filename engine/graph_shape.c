/* Types and shapes, and the rule of each operation's shape. */
#include "engine/graph_shape.h"

#include <string.h>

#include "base/bug.h"
#include "engine/winograd.h"

size_t dtype_size(enum dtype type) {
    static const size_t sizes[] = {4, 2, 4, 1, 8};
    return sizes[type];
}

const char *dtype_name(enum dtype type) {
    static const char *const names[] = {"float32", "bfloat16", "int32", "uint8", "float64"};
    return names[type];
}

struct shape shape_make(int rank, const int64_t *extent) {
    BUG_IF(rank < 0 || rank > AXES_MOST);
    struct shape shape = {.rank = rank};
    for (int a = 0; a < rank; a++)
        shape.extent[a] = extent[a];
    return shape;
}

int64_t shape_count(struct shape shape) {
    int64_t count = 1;
    for (int a = 0; a < shape.rank; a++)
        count *= shape.extent[a];
    return count;
}

void shape_strides(struct shape shape, int64_t *stride) {
    int64_t next = 1;
    for (int a = shape.rank - 1; a >= 0; a--) {
        stride[a] = next;
        next *= shape.extent[a];
    }
}

bool shape_equal(struct shape a, struct shape b) {
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++)
        if (a.extent[i] != b.extent[i]) return false;
    return true;
}

const char *shape_text(struct arena *arena, struct shape shape) {
    return arena_extents(arena, shape.rank, shape.extent);
}

/* ---- the rule of each operation's shape ---- */

static struct shape reduced_shape(struct shape shape, uint32_t axes) {
    for (int a = 0; a < shape.rank; a++)
        if (axes >> a & 1) shape.extent[a] = 1;
    return shape;
}

static struct shape matmul_shape(const struct node *a, const struct node *b, int transpose) {
    int r = a->shape.rank;
    BUG_IF(r < 2 || r != b->shape.rank);
    bool ta = transpose & 1, tb = transpose & 2;
    int64_t m = a->shape.extent[ta ? r - 1 : r - 2], ka = a->shape.extent[ta ? r - 2 : r - 1];
    int64_t kb = b->shape.extent[tb ? r - 1 : r - 2], n = b->shape.extent[tb ? r - 2 : r - 1];
    BUG_IF(ka != kb);
    struct shape shape = a->shape;
    for (int i = 0; i < r - 2; i++)
        BUG_IF(a->shape.extent[i] != b->shape.extent[i]);
    shape.extent[r - 2] = m;
    shape.extent[r - 1] = n;
    return shape;
}

int64_t convolution_extent(const struct convolution *c, int axis, int64_t image, int64_t kernel) {
    int64_t covered = image + c->low[axis] + c->high[axis] - c->dilation[axis] * (kernel - 1);
    return covered < 1 ? 0 : (covered - 1) / c->stride[axis] + 1;
}

/* The shape of the kernel that a transformed one was made from (winograd.c). */
static struct shape kernel_shape(struct shape kernel, const struct convolution *c) {
    if (!c->winograd) return kernel;
    BUG_IF(kernel.rank != 4 || kernel.extent[0] < winograd_taps(c->winograd, c->stride[0]));
    return SHAPE(c->winograd, c->winograd, kernel.extent[2] / c->stride[0] / c->stride[0],
                 kernel.extent[3]);
}

/* The shape of conv(images, kernel). */
static struct shape conv_shape(struct shape images, struct shape kernel,
                               const struct convolution *c) {
    kernel = kernel_shape(kernel, c);
    BUG_IF(images.rank != 4 || kernel.rank != 4 || c->groups < 1);
    BUG_IF(kernel.extent[2] * c->groups != images.extent[3] || kernel.extent[3] % c->groups);
    struct shape shape = images;
    for (int a = 0; a < 2; a++) {
        BUG_IF(c->stride[a] < 1 || c->dilation[a] < 1 || c->low[a] < 0 || c->high[a] < 0);
        shape.extent[a + 1] = convolution_extent(c, a, images.extent[a + 1], kernel.extent[a]);
        BUG_IF(shape.extent[a + 1] < 1);
    }
    shape.extent[3] = kernel.extent[3];
    return shape;
}

static struct shape concat_shape(int sources, struct node *const *source, int axis) {
    BUG_IF(sources < 1);
    struct shape shape = source[0]->shape;
    BUG_IF(axis < 0 || axis >= shape.rank);
    for (int i = 1; i < sources; i++) {
        struct shape s = source[i]->shape;
        BUG_IF(s.rank != shape.rank || source[i]->type != source[0]->type);
        for (int a = 0; a < s.rank; a++)
            BUG_IF(a != axis && s.extent[a] != shape.extent[a]);
        shape.extent[axis] += s.extent[axis];
    }
    return shape;
}

static struct shape gather_shape(const struct node *table, const struct node *index) {
    BUG_IF(index->type != TYPE_INT32 || table->shape.rank < 1);
    BUG_IF(index->shape.rank + table->shape.rank - 1 > AXES_MOST);
    struct shape shape = index->shape;
    for (int a = 1; a < table->shape.rank; a++)
        shape.extent[shape.rank++] = table->shape.extent[a];
    return shape;
}

static void check_slice(const struct node *x, struct shape shape, const struct attributes *at) {
    BUG_IF(shape.rank != x->shape.rank);
    for (int a = 0; a < shape.rank; a++) {
        int64_t last = at->low[a] + (shape.extent[a] - 1) * at->step[a];
        BUG_IF(shape.extent[a] < 1 || at->low[a] < 0 || at->step[a] < 1 ||
               last >= x->shape.extent[a]);
    }
}

static struct shape pad_shape(const struct node *x, const struct attributes *at) {
    struct shape shape = x->shape;
    for (int a = 0; a < shape.rank; a++) {
        BUG_IF(at->low[a] < 0 || at->high[a] < 0 || at->step[a] < 1);
        shape.extent[a] = at->low[a] + (shape.extent[a] - 1) * at->step[a] + 1 + at->high[a];
    }
    return shape;
}

static void check_expand(const struct node *x, struct shape shape) {
    BUG_IF(shape.rank != x->shape.rank);
    for (int a = 0; a < shape.rank; a++)
        BUG_IF(x->shape.extent[a] != shape.extent[a] && x->shape.extent[a] != 1);
}

static void check_scatter(struct node *const *source, struct shape shape) {
    struct shape rows = source[1]->shape, index = source[0]->shape;
    BUG_IF(source[0]->type != TYPE_INT32 || rows.rank < index.rank);
    for (int a = 0; a < index.rank; a++)
        BUG_IF(rows.extent[a] != index.extent[a]);
    BUG_IF(shape.rank != rows.rank - index.rank + 1);
    for (int a = 1; a < shape.rank; a++)
        BUG_IF(shape.extent[a] != rows.extent[index.rank + a - 1]);
}

static struct shape permuted_shape(const struct node *x, const int32_t *order) {
    struct shape shape = x->shape;
    uint32_t seen = 0;
    for (int a = 0; a < shape.rank; a++) {
        BUG_IF(order[a] < 0 || order[a] >= shape.rank || seen >> order[a] & 1);
        seen |= 1u << order[a];
        shape.extent[a] = x->shape.extent[order[a]];
    }
    return shape;
}

static bool is_float(enum dtype type) {
    return type == TYPE_FLOAT32 || type == TYPE_BFLOAT16 || type == TYPE_FLOAT64;
}

void graph_infer(enum op op, int sources, struct node *const *s, const struct attributes *at,
                 enum dtype *type, struct shape *shape) {
    BUG_IF(op_rows[op].sources >= 0 && sources != op_rows[op].sources);
    BUG_IF(op_rows[op].class == OP_CLASS_MOVE && *type != s[0]->type);
    switch (op) {
    case OP_CONSTANT:
    case OP_INPUT:
    case OP_VARIABLE:
        break;
    case OP_IOTA:
        BUG_IF(at->axis < 0 || at->axis >= shape->rank);
        break;
    case OP_RANDOM:
        BUG_IF(s[0]->type != TYPE_INT32 || shape_count(s[0]->shape) != 3);
        break;
    case OP_RESHAPE:
        BUG_IF(shape_count(*shape) != shape_count(s[0]->shape));
        break;
    case OP_BROADCAST:
        check_expand(s[0], *shape);
        break;
    case OP_SLICE:
        check_slice(s[0], *shape, at);
        break;
    case OP_SCATTER_ADD:
        BUG_IF(!is_float(s[1]->type));
        check_scatter(s, *shape);
        *type = s[1]->type;
        break;
    case OP_PERMUTE:
        *shape = permuted_shape(s[0], at->order);
        break;
    case OP_PAD:
        *shape = pad_shape(s[0], at);
        break;
    case OP_CONCAT:
        *shape = concat_shape(sources, s, at->axis);
        break;
    case OP_SUM:
    case OP_REDUCE_MAX:
        BUG_IF(!is_float(s[0]->type));
        *type = s[0]->type;
        *shape = reduced_shape(s[0]->shape, at->axes);
        break;
    case OP_MOMENTS:
        *type = s[0]->type;
        *shape = reduced_shape(s[0]->shape, at->axes);
        BUG_IF(shape->rank == AXES_MOST);
        memmove(shape->extent + 1, shape->extent, (size_t)shape->rank * sizeof *shape->extent);
        shape->extent[0] = 2;
        shape->rank++;
        break;
    case OP_MATMUL:
        BUG_IF(s[0]->type != s[1]->type || !is_float(s[0]->type));
        *type = s[0]->type;
        *shape = matmul_shape(s[0], s[1], at->transpose);
        break;
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW: {
        BUG_IF(s[0]->type != s[1]->type || !is_float(s[0]->type));
        *type = s[0]->type;
        struct shape y =
            op == OP_CONV_DX
                ? conv_shape(*shape, s[1]->shape, &at->conv)
                : conv_shape(s[0]->shape, op == OP_CONV ? s[1]->shape : *shape, &at->conv);
        if (op == OP_CONV) *shape = y;
        BUG_IF(op != OP_CONV && !shape_equal(y, s[op == OP_CONV_DW]->shape));
        break;
    }
    case OP_GATHER:
        *type = s[0]->type;
        *shape = gather_shape(s[0], s[1]);
        break;
    case OP_CAST:
        *shape = s[0]->shape;
        break;
    case OP_SELECT:
        BUG_IF(!is_float(s[0]->type) || s[1]->type != s[2]->type);
        BUG_IF(!shape_equal(s[0]->shape, s[1]->shape) || !shape_equal(s[1]->shape, s[2]->shape));
        *type = s[1]->type;
        *shape = s[0]->shape;
        break;
    case OP_LESS:
    case OP_EQUAL:
        BUG_IF(s[0]->type != s[1]->type || !shape_equal(s[0]->shape, s[1]->shape));
        *type = TYPE_FLOAT32;
        *shape = s[0]->shape;
        break;
    default:
        for (int i = 1; i < sources; i++)
            BUG_IF(s[i]->type != s[0]->type || !shape_equal(s[i]->shape, s[0]->shape));
        *type = s[0]->type;
        *shape = s[0]->shape;
    }
}
