/*
 * upsample: images that are a whole factor larger, as PyTorch's interpolate makes them.
 *
 * Bilinear goes along one axis after the other: pixel q * factor + p of the result is a mean of pixels q - 1, q and q + 1,
 * whose shares depend on p, and at the borders on q.
 */
#include "layers/image.h"

enum { NEAREST, BILINEAR };
struct options {
    int64_t factor;
    int mode;
    bool align_corners;
};

static const struct parameter parameters[] = {
    IMAGE_FACTOR_ROW(struct options, "2", "scale_factor", "by which height and width grow"),
    {.name = "mode",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct options, mode),
     .standard = "nearest",
     .choices = "nearest bilinear",
     .doc = "nearest repeats pixels; bilinear goes straight from one to the next"},
    {.name = "align_corners",
     .type = PARAMETER_BOOL,
     .offset = offsetof(struct options, align_corners),
     .standard = "false",
     .doc = "whether bilinear keeps the corner pixels in the corners, rather than pixels as areas"},
    {0},
};

/* Along an axis each place `factor` times, on an axis of its own behind it. */
static struct node *repeated(struct graph *g, struct node *x, int axis, int64_t factor) {
    struct shape shape = x->shape;
    for (int a = shape.rank++; a > axis + 1; a--)
        shape.extent[a] = shape.extent[a - 1];
    shape.extent[axis + 1] = 1;
    x = graph_reshape(g, x, shape);
    shape.extent[axis + 1] = factor;
    return graph_expand(g, x, shape);
}

/* An axis and the one behind it as one. */
static struct node *joined(struct graph *g, struct node *x, int axis) {
    struct shape shape = x->shape;
    shape.extent[axis] *= shape.extent[axis + 1];
    for (int a = axis + 1; a < shape.rank - 1; a++)
        shape.extent[a] = shape.extent[a + 1];
    shape.extent[--shape.rank] = 0;
    return graph_reshape(g, x, shape);
}

/* The shares that pixels q - 1, q and q + 1 of `count` have in pixel q * factor + p: share[0 to 2][q * factor + p]. */
static void find_shares(double *share[3], int64_t count, int64_t factor, bool align_corners) {
    int64_t divisor = align_corners ? count * factor - 1 : 2 * factor;
    for (int64_t o = 0; o < count * factor; o++) {
        int64_t at = align_corners ? o * (count - 1) : 2 * o + 1 - factor, q = o / factor;
        if (at < 0) at = 0;
        int64_t left = divisor ? at / divisor : 0;
        double right = divisor ? (double)(at % divisor) / (double)divisor : 0;
        share[left - q + 1][o] += 1 - right;
        share[left + 1 < count ? left - q + 2 : left - q + 1][o] += right;
    }
}

static struct node *bilinear(struct graph *g, struct node *x, int axis, int64_t factor,
                             bool align_corners) {
    int64_t count = x->shape.extent[axis], one[AXES_MOST] = {0};
    double *share[3];
    for (int k = 0; k < 3; k++)
        share[k] = ARENA_ARRAY(g->arena, double, count *factor);
    find_shares(share, count, factor, align_corners);
    one[axis] = 1;
    struct node *around = graph_pad(g, x, one, one, NULL, 0), *y = NULL;
    for (int k = 0; k < 3; k++) {
        struct node *near = graph_slice_axis(g, around, axis, k, count);
        near = repeated(g, near, axis, factor);
        struct shape shape = {.rank = near->shape.rank};
        for (int a = 0; a < shape.rank; a++)
            shape.extent[a] = a == axis ? count : a == axis + 1 ? factor : 1;
        struct node *table = graph_table(g, TYPE_FLOAT32, shape, share[k]);
        near = graph_mul(g, near, graph_expand(g, table, near->shape));
        y = y ? graph_add(g, y, near) : near;
    }
    return joined(g, y, axis);
}

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t factor = options->factor;
    struct node *x = image_input(layer);
    if (!x) return VALUE_POISON;
    struct shape large = x->shape;
    large.extent[1] *= factor;
    large.extent[2] *= factor;
    if (options->align_corners && options->mode == NEAREST)
        return layer_fail(layer, "give 'mode: bilinear', or leave 'align_corners' out",
                          "'align_corners' is for bilinear upsampling");
    if (!image_is_sane(layer, large)) return VALUE_POISON;
    for (int axis = 1; axis <= 2; axis++)
        x = options->mode == NEAREST ? joined(g, repeated(g, x, axis, factor), axis)
                                     : bilinear(g, x, axis, factor, options->align_corners);
    return image_value(layer, x);
}

const struct layer_row upsample_layer = {
    .name = "upsample",
    .doc = "images that are a whole factor higher and wider",
    .equation =
        "nearest: y[i, j] = x[floor(i / factor), floor(j / factor)]\n"
        "bilinear: y[i, j] is x at (i + 1/2) / factor - 1/2, but within the image,\n"
        "with align_corners at i (height - 1) / (factor height - 1); and so along the width",
    .example = "{upsample: {factor: 2, mode: bilinear}, from: image}",
    .call = "upsample(image, 2)",
    .aliases = "Upsample UpSampling2D interpolate resize UpsamplingNearest2d UpsamplingBilinear2d",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
