/* Recipes: convolutions of odd shapes, uneven padding, strides, dilations and groups. */
#include <math.h>

#include "tests/fuzz/maker.h"

enum { WORTH_SHARING = 3000 }; /* tensors so large, by more than one thread */

/* The shapes of one convolution. */
struct conv_shapes {
    struct convolution at;
    struct shape x, kernel, y;
};

/* Along one axis: some of the kernels are a point, some as large as the image, most neither. */
static void draw_axis(struct maker *m, struct conv_shapes *s, int a) {
    int64_t kind = below(m, 10), image = 1 + below(m, 7), kernel = 1 + below(m, 4);
    s->at.stride[a] = chance(m, 60) ? 1 : 1 + below(m, 3);
    s->at.dilation[a] = chance(m, 75) ? 1 : 1 + below(m, 3);
    if (chance(m, 50)) s->at.low[a] = below(m, 3);
    if (chance(m, 50)) s->at.high[a] = below(m, 3);
    if (kind == 0) kernel = 1, s->at.stride[a] = 1, s->at.low[a] = s->at.high[a] = 0;
    if (kind == 1) kernel = image, s->at.dilation[a] = 1, s->at.low[a] = s->at.high[a] = 0;
    if (kind == 2) { /* as many places as pixels */
        kernel = 3, s->at.stride[a] = s->at.dilation[a] = 1, s->at.low[a] = s->at.high[a] = 1;
    }
    int64_t reach = s->at.dilation[a] * (kernel - 1) + 1 - s->at.low[a] - s->at.high[a];
    if (image < reach) image = reach;
    s->x.extent[a + 1] = image;
    s->kernel.extent[a] = kernel;
    s->y.extent[a + 1] = convolution_extent(&s->at, a, image, kernel);
}

static struct conv_shapes draw_convolution(struct maker *m) {
    struct conv_shapes s = {.at.groups = chance(m, 75) ? 1 : 2 + below(m, 2)};
    int64_t images = 1 + below(m, 4), channels = 1 + below(m, chance(m, 20) ? 20 : 4),
            filters = s.at.groups * (1 + below(m, chance(m, 20) ? 20 : 4));
    if (chance(m, 15)) channels = 1, filters = s.at.groups = 1 + below(m, 6); /* depthwise */
    if (m->largest > WORTH_SHARING && chance(m, 70)) {
        /* Threads share the channels of one image, kernels from within a tap; or the filters of few channels. */
        bool few = chance(m, 30);
        images = few ? 4 : 1;
        channels = few ? 1 : 9 + below(m, 30);
        filters = s.at.groups * (few ? 33 + below(m, 30) : 9 + below(m, 30));
    }
    if (chance(m, 20)) filters = channels * s.at.groups;
    s.x = SHAPE(images, 1, 1, channels * s.at.groups);
    s.kernel = SHAPE(1, 1, channels, filters);
    s.y = SHAPE(images, 1, 1, filters);
    bool same = chance(m, 15); /* a square, with both axes alike */
    struct random_stream before = m->random;
    for (int a = 0; a < 2; a++) {
        if (same) m->random = before;
        draw_axis(m, &s, a);
    }
    return s;
}

/* One row more of the images, where it is not seen: strides leave some out. */
static void add_row(struct conv_shapes *s) {
    int64_t rows = s->x.extent[1] + 1;
    if (convolution_extent(&s->at, 0, rows, s->kernel.extent[0]) == s->y.extent[1])
        s->x.extent[1] = rows;
}

static struct node *factor(struct maker *m, struct shape shape) {
    struct term t = chance(m, 50) ? new_variable(m, shape) : operand(m, shape);
    return moderate(m, t).node;
}

/* One of the three, perhaps with others beside it that share an operand. */
static void convolve(struct maker *m, struct conv_shapes s) {
    int64_t which = below(m, 3),
            work = shape_count(s.y) * shape_count(s.kernel) / s.kernel.extent[3];
    struct node *x = factor(m, s.x), *kernel = factor(m, s.kernel), *y = factor(m, s.y);
    for (int64_t siblings = chance(m, 40) ? 1 + below(m, 3) : 1; siblings > 0; siblings--) {
        struct node *made = which == 0   ? graph_conv(m->g, x, kernel, &s.at)
                            : which == 1 ? graph_conv_dx(m->g, y, kernel, &s.at, s.x)
                                         : graph_conv_dw(m->g, x, y, &s.at, s.kernel);
        double terms = (double)work / (double)shape_count(made->shape) + 1;
        if (chance(m, 50)) made = graph_scale(m->g, made, 1 / sqrt(terms));
        m->budget -= work / 16;
        keep(m, made, -INFINITY, INFINITY);
        if (chance(m, 30)) which = below(m, 3);
        if (chance(m, 20)) { /* other padding, the same shapes */
            int64_t low = s.at.low[0];
            s.at.low[0] = s.at.high[0];
            s.at.high[0] = low;
        }
        if (chance(m, 30)) add_row(&s);
        if (chance(m, 40) || !shape_equal(x->shape, s.x)) x = factor(m, s.x);
        if (chance(m, 40)) kernel = factor(m, s.kernel);
        if (chance(m, 40)) y = factor(m, s.y);
    }
}

/* Patches of images, or images of patches. */
static void take_patches(struct maker *m, struct conv_shapes *s) {
    int64_t taps[2] = {s->kernel.extent[0], s->kernel.extent[1]};
    bool side_by_side = chance(m, 40);
    for (int a = 0; a < 2 && side_by_side; a++) {
        s->at.stride[a] = taps[a];
        s->at.dilation[a] = 1;
        s->y.extent[a + 1] = convolution_extent(&s->at, a, s->x.extent[a + 1], taps[a]);
    }
    struct shape wide = s->y;
    wide.extent[3] = taps[0] * taps[1] * s->x.extent[3];
    if (shape_count(wide) > m->largest) return;
    m->budget -= shape_count(wide);
    if (chance(m, 50))
        keep(m, graph_patches(m->g, factor(m, s->x), taps, &s->at), -INFINITY, INFINITY);
    else
        keep(m, graph_unpatches(m->g, factor(m, wide), taps, &s->at, s->x), -INFINITY, INFINITY);
}

void recipe_conv(struct maker *m) {
    struct conv_shapes s = draw_convolution(m);
    int64_t work = shape_count(s.y) * shape_count(s.kernel) / s.kernel.extent[3];
    if (shape_count(s.x) > m->largest || shape_count(s.y) > m->largest ||
        shape_count(s.kernel) > m->largest ||
        work > (m->largest > WORTH_SHARING ? 32 : 8) * m->largest)
        return;
    if (chance(m, 15))
        take_patches(m, &s);
    else
        convolve(m, s);
}

/* What can be made by tiles (engine/winograd.h), larger than the rest where that is small; some only nearly. */
void recipe_tiles(struct maker *m) {
    static const int kernels[][2] = {{2, 1}, {3, 1}, {3, 1}, {4, 2},
                                     {4, 2}, {3, 2}, {5, 2}, {6, 3}};
    const int *kernel = kernels[below(m, 8)];
    bool large = m->largest > WORTH_SHARING,
         wide = large && chance(m, 25); /* several blocks of tiles */
    int64_t channels = large && chance(m, 30) ? 48 : 16, filters = large && chance(m, 30) ? 32 : 16,
            images = 1 + below(m, large ? 3 : 2), missed = below(m, 40);
    struct conv_shapes s = {
        .at = {.stride = {kernel[1], kernel[1]}, .dilation = {1, 1}, .groups = 1},
        .kernel = SHAPE(kernel[0], kernel[0], channels, filters)};
    if (missed == 0) s.at.groups = 2, s.kernel.extent[3] = 32;
    if (missed == 1) s.at.stride[1]++;
    if (missed == 2) s.at.dilation[1] = 2;
    if (missed == 3) s.kernel.extent[3] -= 4;
    if (missed == 4) s.kernel.extent[2] -= 4;
    if (missed == 5) s.kernel.extent[1]++;
    s.x = SHAPE(images, 1, 1, s.kernel.extent[2] * s.at.groups);
    s.y = SHAPE(images, 1, 1, s.kernel.extent[3]);
    for (int a = 0; a < 2; a++) {
        s.at.low[a] = below(m, 3);
        s.at.high[a] = below(m, 3);
        int64_t image = 1 + below(m, wide    ? 60
                                     : large ? 24
                                             : 8),
                reach =
                    s.at.dilation[a] * (s.kernel.extent[a] - 1) + 1 - s.at.low[a] - s.at.high[a];
        s.x.extent[a + 1] = image < reach ? reach : image;
        s.y.extent[a + 1] = convolution_extent(&s.at, a, s.x.extent[a + 1], s.kernel.extent[a]);
    }
    convolve(m, s);
}
