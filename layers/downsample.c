/* downsample: images that are a whole factor smaller: means of squares, or every so-many-th pixel. */
#include "layers/window.h"

enum { AVERAGE, NEAREST };
struct options {
    int64_t factor;
    int mode;
};

static const struct parameter parameters[] = {
    IMAGE_FACTOR_ROW(struct options, "2", NULL,
                     "by which height and width shrink; it must divide them"),
    {.name = "mode",
     .type = PARAMETER_CHOICE,
     .offset = offsetof(struct options, mode),
     .standard = "average",
     .choices = "average nearest",
     .doc = "average: the mean of each square; nearest: its first pixel"},
    {0},
};

static struct value build(struct layer *layer) {
    const struct options *options = layer->options;
    struct graph *g = layer->graph;
    int64_t factor = options->factor;
    struct node *x = image_input(layer);
    if (!x) return VALUE_POISON;
    if (x->shape.extent[1] % factor || x->shape.extent[2] % factor)
        return layer_fail(layer, "'average_pool' leaves out what remains",
                          "'factor' must divide height and width of %s, but is %lld",
                          value_text(layer->arena, layer->inputs[0]), (long long)factor);
    if (options->mode == AVERAGE) {
        const int64_t pair[2] = {factor, factor};
        x = graph_scale(g, window_sum(g, x, pair, pair), 1 / (double)(factor * factor));
    } else
        for (int axis = 1; axis <= 2; axis++)
            x = window_every(g, x, axis, 0, factor, x->shape.extent[axis] / factor);
    return image_value(layer, x);
}

const struct layer_row downsample_layer = {
    .name = "downsample",
    .doc = "images that are a whole factor lower and narrower",
    .equation =
        "average: y[i, j, c] = mean over a, b below factor of x[i factor + a, j factor + b, c]\n"
        "nearest: y[i, j, c] = x[i factor, j factor, c]",
    .example = "{downsample: 2, from: image}",
    .call = "downsample(image, 2)",
    .parameters = parameters,
    .options_size = sizeof(struct options),
    LAYER_ONE_INPUT,
    .build = build,
};
