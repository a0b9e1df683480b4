/*
 * Convolutions by Winograd's minimal filtering (Lavin and Gray 2016), in all three derivatives.
 *
 * Two neighbouring places of a kernel of two taps see three pixels: y0 = d0 g0 + d1 g1 and
 * y1 = d1 g0 + d2 g1, which are
 *
 *     m0 = (d0 - d1) g0    m1 = d1 (g0 + g1)    m2 = (d1 - d2) g1    y0 = m0 + m1    y1 = m1 - m2
 *
 * So 3 multiplications do for 4; for a kernel of three taps, 4 do for 6. Along both axes that is 9 for 16, and 16 for
 * 36. With matrices, a tile of 2 x 2 places is y = A' [(G g G') . (B' d B)] A; the product at each
 * point becomes one of matrices, over channels and filters, for all tiles. A kernel with a stride is
 * stride x stride kernels without, each over every stride-th pixel: their channels stand side by
 * side.
 *
 * As conv, so are its derivatives trilinear in d, g and y, and made of the same three transforms and their transposes. That
 * of the kernel, (points, points, stride^2 channels, filters), is made here of other operations, so that it is shared by all
 * who need it until its variable is assigned; those of images are made tile by tile in the backend's kernels.
 */
#include "engine/winograd.h"

#include "base/bug.h"

enum { TILES_LEAST = 256 /* fewer do not repay that the kernel is transformed */ };

static int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

int64_t winograd_points(int64_t taps, int64_t stride) {
    return divide_up(taps, stride) + WINOGRAD_TILE - 1;
}

int64_t winograd_tiles(int64_t rows, int64_t columns) {
    return divide_up(rows, WINOGRAD_TILE) * divide_up(columns, WINOGRAD_TILE);
}

static struct shape kernel_of(const struct node *n) {
    return n->op == OP_CONV_DW ? n->shape : n->source[1]->shape;
}

bool winograd_can(const struct node *n) {
    const struct convolution *c = &n->at.conv;
    struct shape kernel = kernel_of(n);
    int64_t points = winograd_points(kernel.extent[0], c->stride[0]);
    return n->type == TYPE_FLOAT32 && c->groups == 1 && c->dilation[0] == 1 &&
           c->dilation[1] == 1 && c->stride[0] == c->stride[1] &&
           kernel.extent[0] == kernel.extent[1] && (points == 3 || points == 4) &&
           kernel.extent[2] % WINOGRAD_CHANNELS == 0 && kernel.extent[3] % WINOGRAD_CHANNELS == 0;
}

bool winograd_pays(const struct node *n) {
    struct shape y = n->op == OP_CONV ? n->shape : n->source[n->op == OP_CONV_DW]->shape;
    int64_t taps = kernel_of(n).extent[0], stride = n->at.conv.stride[0],
            points = winograd_points(taps, stride) * stride,
            tiles = winograd_tiles(y.extent[1], y.extent[2]);
    return winograd_can(n) && y.extent[0] * tiles >= TILES_LEAST &&
           4 * tiles * points * points <= 3 * y.extent[1] * y.extent[2] * taps * taps;
}

/* ---- the kernel's transform G g G', and its transpose ---- */

static struct node *part(struct graph *g, struct node *x, int axis, int64_t which) {
    return graph_slice_axis(g, x, axis, which, 1);
}

/* Taps along `axis` to points. */
static struct node *to_points(struct graph *g, struct node *x, int axis) {
    int64_t taps = x->shape.extent[axis];
    struct node *first = part(g, x, axis, 0), *last = part(g, x, axis, taps - 1);
    struct node *ends = graph_add(g, first, last);
    if (taps == 2) return graph_concat(g, 3, (struct node *[]){first, ends, last}, axis);
    struct node *middle = graph_scale(g, part(g, x, axis, 1), 0.5);
    ends = graph_scale(g, ends, 0.5);
    return graph_concat(
        g, 4,
        (struct node *[]){first, graph_add(g, ends, middle), graph_sub(g, ends, middle), last},
        axis);
}

/* Its transpose. */
static struct node *from_points(struct graph *g, struct node *x, int axis) {
    int64_t points = x->shape.extent[axis];
    struct node *first = part(g, x, axis, 0), *last = part(g, x, axis, points - 1),
                *a = part(g, x, axis, 1), *ends = a, *b = NULL;
    if (points == 4) {
        b = part(g, x, axis, 2);
        ends = graph_scale(g, graph_add(g, a, b), 0.5);
    }
    first = graph_add(g, first, ends);
    last = graph_add(g, ends, last);
    if (points == 3) return graph_concat(g, 2, (struct node *[]){first, last}, axis);
    return graph_concat(
        g, 3, (struct node *[]){first, graph_scale(g, graph_sub(g, a, b), 0.5), last}, axis);
}

/* A kernel's rows and columns as those of its phases: (taps, stride, taps, stride, channels / 16, 16,
 * filters), and in the order of the transformed kernel. */
static const int order[] = {0, 2, 4, 1, 3, 5, 6}, order_back[] = {0, 3, 1, 4, 2, 5, 6};

static struct node *transform(struct graph *g, struct node *kernel, int64_t stride) {
    struct shape s = kernel->shape;
    int64_t taps = divide_up(s.extent[0], stride), missing = taps * stride - s.extent[0],
            blocks = s.extent[2] / WINOGRAD_CHANNELS;
    if (missing)
        kernel = graph_pad(g, kernel, (int64_t[]){0, 0, 0, 0}, (int64_t[]){missing, missing, 0, 0},
                           NULL, 0);
    kernel = graph_reshape(
        g, kernel, SHAPE(taps, stride, taps, stride, blocks, WINOGRAD_CHANNELS, s.extent[3]));
    kernel = to_points(g, to_points(g, graph_permute(g, kernel, order), 0), 1);
    return graph_reshape(g, kernel,
                         SHAPE(taps + 1, taps + 1, stride * stride * s.extent[2], s.extent[3]));
}

static struct node *transform_back(struct graph *g, struct node *x, int64_t stride,
                                   struct shape kernel) {
    int64_t points = x->shape.extent[0], taps = points - 1,
            blocks = kernel.extent[2] / WINOGRAD_CHANNELS;
    x = graph_reshape(
        g, x, SHAPE(points, points, blocks, stride, stride, WINOGRAD_CHANNELS, kernel.extent[3]));
    x = graph_permute(g, from_points(g, from_points(g, x, 0), 1), order_back);
    x = graph_reshape(g, x,
                      SHAPE(taps * stride, taps * stride, kernel.extent[2], kernel.extent[3]));
    return graph_slice(g, x, (int64_t[]){0, 0, 0, 0}, NULL, kernel);
}

struct node *graph_winograd(struct graph *g, const struct node *n, struct node *a, struct node *b) {
    struct convolution by = n->at.conv;
    int64_t stride = by.stride[0];
    by.winograd = kernel_of(n).extent[0];
    if (n->op == OP_CONV) return graph_conv(g, a, transform(g, b, stride), &by);
    if (n->op == OP_CONV_DX) return graph_conv_dx(g, a, transform(g, b, stride), &by, n->shape);
    int64_t points = winograd_points(by.winograd, stride);
    struct shape whole =
        SHAPE(points, points, stride * stride * n->shape.extent[2], n->shape.extent[3]);
    return transform_back(g, graph_conv_dw(g, a, b, &by, whole), stride, n->shape);
}
