/*
 * Convolutions by Winograd's minimal filtering (Lavin and Gray 2016), in all three derivatives.
 *
 * Two neighbouring places of a kernel of two taps see three pixels: y0 = d0 g0 + d1 g1 and
 * y1 = d1 g0 + d2 g1, which are
 *
 *     m0 = (d0 - d1) g0    m1 = d1 (g0 + g1)    m2 = (d1 - d2) g1    y0 = m0 + m1    y1 = m1 - m2
 *
 * So 3 multiplications do for 4. Along both axes that is 9 for 16: a tile of 2 x 2 places is
 *
 *     y = A' [(G g G') . (B' d B)] A
 *
 * The product at each point becomes one of matrices, over channels and filters, for all tiles. Tiles of 4 x 4 need 25
 * multiplications for 64, and have rounding errors three times as large. A kernel with a stride is stride x stride
 * kernels without, each over every stride-th pixel: their channels stand side by side.
 *
 * As conv, so are its derivatives trilinear in d, g and y, and made of the same three transforms and their transposes. That
 * of the kernel, (points, points, stride^2 channels, filters), is made here of other operations, so that it is shared by all
 * who need it until its variable is assigned; those of images are made tile by tile in the backend's kernels.
 */
#include "engine/winograd.h"

#include "base/whole.h"
#include "engine/winograd_tables.h"

#define FILTERING(tile, taps) {tile, taps, winograd_g_##tile##_##taps},
static const struct filtering filterings[] = {WINOGRAD_FILTERINGS(FILTERING)};
enum { FILTERINGS = sizeof filterings / sizeof *filterings };

int64_t winograd_taps(int64_t rows, int64_t stride) {
    return divide_up(rows, stride);
}

int64_t winograd_tiles(int64_t rows, int64_t columns, int64_t tile) {
    return divide_up(rows, tile) * divide_up(columns, tile);
}

bool winograd_can(const struct node *n) {
    const struct convolution *c = &n->at.conv;
    struct shape kernel = node_convolved(n).kernel;
    int64_t taps = winograd_taps(kernel.extent[0], c->stride[0]);
    return n->type == TYPE_FLOAT32 && c->groups == 1 && c->dilation[0] == 1 &&
           c->dilation[1] == 1 && c->stride[0] == c->stride[1] &&
           kernel.extent[0] == kernel.extent[1] && (taps == 2 || taps == 3) &&
           kernel.extent[2] % WINOGRAD_CHANNELS == 0 && kernel.extent[3] % WINOGRAD_CHANNELS == 0;
}

/* Multiplications for each channel and filter, and about as many as the transform of the kernel takes time for. */
static int64_t cost_of(const struct node *n, const struct filtering *f) {
    enum { TRANSFORM = 64 };
    struct shape y = node_convolved(n).y;
    int64_t points = (f->tile + f->taps - 1) * n->at.conv.stride[0],
            tiles = y.extent[0] * winograd_tiles(y.extent[1], y.extent[2], f->tile);
    return points * points * (tiles + TRANSFORM);
}

const struct filtering *winograd_choose(const struct node *n, int64_t tile) {
    if (!winograd_can(n)) return NULL;
    struct shape y = node_convolved(n).y;
    int64_t rows = node_convolved(n).kernel.extent[0],
            taps = winograd_taps(rows, n->at.conv.stride[0]),
            least = shape_count(y) / y.extent[3] * rows * rows * 3 / 4;
    const struct filtering *best = NULL;
    for (int i = 0; i < FILTERINGS; i++) {
        const struct filtering *f = &filterings[i];
        if (f->taps != taps) continue;
        if (tile && (!best || f->tile == tile)) best = f;
        if (tile || cost_of(n, f) > least) continue;
        least = cost_of(n, f);
        best = f;
    }
    return best;
}

/* ---- the kernel's transform G g G', and its transpose ---- */

/* Slices of x along `axis`, each times a row of a matrix: sums for each row, side by side. With `back`, by the matrix's
 * transpose. */
static struct node *multiply(struct graph *g, const double *matrix, int64_t rows, int64_t columns,
                             bool back, struct node *x, int axis) {
    struct node *made[WINOGRAD_POINTS_MOST];
    int64_t results = back ? columns : rows, terms = back ? rows : columns;
    for (int64_t i = 0; i < results; i++) {
        made[i] = NULL;
        for (int64_t k = 0; k < terms; k++) {
            double factor = back ? matrix[k * columns + i] : matrix[i * columns + k];
            if (factor == 0) continue;
            struct node *term = graph_scale(g, graph_slice_axis(g, x, axis, k, 1), factor);
            made[i] = made[i] ? graph_add(g, made[i], term) : term;
        }
    }
    return graph_concat(g, (int)results, made, axis);
}

/* A kernel's rows and columns as those of its phases: (taps, stride, taps, stride, channels / 16, 16,
 * filters), and in the order of the transformed kernel. */
static const int order[] = {0, 2, 4, 1, 3, 5, 6}, order_back[] = {0, 3, 1, 4, 2, 5, 6};

static struct node *transform(struct graph *g, const struct filtering *f, struct node *kernel,
                              int64_t stride) {
    struct shape s = kernel->shape;
    int64_t points = f->tile + f->taps - 1, missing = f->taps * stride - s.extent[0],
            blocks = s.extent[2] / WINOGRAD_CHANNELS;
    if (missing) kernel = graph_pad(g, kernel, NULL, (int64_t[]){missing, missing, 0, 0}, NULL, 0);
    kernel = graph_reshape(
        g, kernel, SHAPE(f->taps, stride, f->taps, stride, blocks, WINOGRAD_CHANNELS, s.extent[3]));
    kernel = graph_permute(g, kernel, order);
    for (int axis = 0; axis < 2; axis++)
        kernel = multiply(g, f->g, points, f->taps, false, kernel, axis);
    return graph_reshape(g, kernel,
                         SHAPE(points, points, stride * stride * s.extent[2], s.extent[3]));
}

static struct node *transform_back(struct graph *g, const struct filtering *f, struct node *x,
                                   int64_t stride, struct shape kernel) {
    int64_t points = f->tile + f->taps - 1, rows = f->taps * stride,
            blocks = kernel.extent[2] / WINOGRAD_CHANNELS;
    x = graph_reshape(
        g, x, SHAPE(points, points, blocks, stride, stride, WINOGRAD_CHANNELS, kernel.extent[3]));
    for (int axis = 0; axis < 2; axis++)
        x = multiply(g, f->g, points, f->taps, true, x, axis);
    x = graph_reshape(g, graph_permute(g, x, order_back),
                      SHAPE(rows, rows, kernel.extent[2], kernel.extent[3]));
    return graph_slice(g, x, (int64_t[]){0, 0, 0, 0}, NULL, kernel);
}

struct node *graph_winograd(struct graph *g, const struct node *n, const struct filtering *f,
                            struct node *a, struct node *b) {
    struct convolution by = n->at.conv;
    int64_t stride = by.stride[0], points = f->tile + f->taps - 1;
    by.winograd = node_convolved(n).kernel.extent[0];
    if (n->op == OP_CONV) return graph_conv(g, a, transform(g, f, b, stride), &by);
    if (n->op == OP_CONV_DX) return graph_conv_dx(g, a, transform(g, f, b, stride), &by, n->shape);
    struct shape whole =
        SHAPE(points, points, stride * stride * n->shape.extent[2], n->shape.extent[3]);
    return transform_back(g, f, graph_conv_dw(g, a, b, &by, whole), stride, n->shape);
}
