/*
 * What is said where calls of a network do not agree in the shape of an input: of the odd value, where it was made; and
 * where images are to meet those of the data, which sizes would fit, or which padding, or that channels stand first.
 */
#include <inttypes.h>
#include <string.h>

#include "runner/build.h"
#include "runner/experiment.h"

const struct node *value_maker(struct value value) {
    const struct node *n = value.node;
    while (n->op == OP_STOP_GRADIENT || n->op == OP_MARK)
        n = n->source[0];
    return n;
}

/* The data whose examples have this shape; NULL: none. */
static const struct experiment_data *data_like(const struct experiment *x, struct shape shape) {
    for (int i = 0; i < x->data_count; i++) {
        struct extents extents = experiment_example_shape(&x->data[i]);
        if (shape_equal(shape_make(extents.rank, extents.extent), shape)) return &x->data[i];
    }
    return NULL;
}

static bool has_option(const struct experiment_data *data, const char *name) {
    for (const struct parameter *p = data->row->parameters; p->name; p++)
        if (!strcmp(p->name, name)) return true;
    return false;
}

/* "'size: 32, colours: grey'": options that give the data images like these; NULL: there are none. */
static const char *data_options(struct arena *arena, const struct experiment_data *data,
                                struct shape seen, struct shape wanted) {
    const char *size = "", *colours = "";
    int64_t height = wanted.extent[0], width = wanted.extent[1], channels = wanted.extent[2];
    if (!has_option(data, "size")) return NULL;
    if (channels != seen.extent[2] && channels != 1 && channels != 3) return NULL;
    if (channels != seen.extent[2]) colours = channels == 1 ? "colours: grey" : "colours: rgb";
    if (height != seen.extent[0] || width != seen.extent[1]) {
        const char *name = data->view.crop[0] ? "random_crop" : "size";
        size = height == width
                   ? arena_format(arena, "%s: %" PRId64, name, height)
                   : arena_format(arena, "%s: [%" PRId64 ", %" PRId64 "]", name, height, width);
    }
    return arena_format(arena, "'%s%s%s'", size, *size && *colours ? ", " : "", colours);
}

/* How often doubling leads from one image to another; 0: it does not. */
static int doublings(struct shape from, struct shape to) {
    int64_t height = from.extent[0], width = from.extent[1];
    int times = 0;
    for (; height < to.extent[0] && width < to.extent[1]; times++)
        height *= 2, width *= 2;
    return height == to.extent[0] && width == to.extent[1] ? times : 0;
}

/* How a network that doubles a small first image must change to end at `wanted`, where it ends at `made` now; "" where there is
 * no such way. */
static const char *other_stack(struct arena *arena, struct shape made, struct shape wanted) {
    const int64_t height = made.extent[0], width = made.extent[1];
    const int64_t tall = wanted.extent[0], wide = wanted.extent[1];
    const int more = doublings(made, wanted), fewer = doublings(wanted, made);
    int64_t factor = 1;
    if (made.extent[2] != wanted.extent[2]) return "";
    if (more || fewer)
        return arena_format(arena, "; or %d doubling%s %s", more + fewer,
                            more + fewer > 1 ? "s" : "", more ? "more" : "fewer");
    while (height % (2 * factor) == 0 && width % (2 * factor) == 0 && height / factor >= 8)
        factor *= 2;
    if (factor == 1 || tall % factor || wide % factor) return "";
    return arena_format(arena,
                        "; or begin at [%" PRId64 ", %" PRId64 "], of which [%" PRId64 ", %" PRId64
                        "] is %" PRId64 " times as large, as [%" PRId64 ", %" PRId64
                        "] is of [%" PRId64 ", %" PRId64 "]",
                        tall / factor, wide / factor, tall, wide, factor, height, width,
                        height / factor, width / factor);
}

/* ---- what in the network that made it would fit ---- */

static bool is_image(struct shape sample) {
    return sample.rank == 3;
}

/* The node before this one in the same call of the same network; NULL: there is none, or it is of another graph. */
static const struct node *node_before(const struct graph *graph, const struct node *n) {
    if (!n->label || n->id < 1 || n->id >= graph->count || graph->nodes[n->id] != n) return NULL;
    const struct node *before = graph->nodes[n->id - 1];
    size_t length = strcspn(n->label, "/") + 1;
    return before->label && !strncmp(before->label, n->label, length) ? before : NULL;
}

/* Whether two sides go together as two others do. */
static bool same_ratio(const int64_t a[2], const int64_t b[2]) {
    return a[0] * b[1] == a[1] * b[0];
}

/* Channels that were put first where a row became an image; NULL: they were not. */
static const char *channels_first(const struct graph *graph, struct arena *arena,
                                  const struct node *made, struct shape wanted) {
    const struct node *begun = NULL;
    const int64_t *found = made->shape.extent + 1, *first = NULL;
    if (same_ratio(found, wanted.extent)) return NULL;
    for (const struct node *n = made; n; n = node_before(graph, n))
        if (n->op == OP_RESHAPE && n->shape.rank == 4 && n->source[0]->shape.rank == 2) begun = n;
    if (begun) first = begun->shape.extent + 1;
    if (!begun || !same_ratio(first, found) || !same_ratio(first + 1, wanted.extent)) return NULL;
    return arena_format(arena,
                        "images are [height, width, channels]: 'reshape: [%" PRId64 ", %" PRId64
                        ", %" PRId64 "]' at %s in place of [%" PRId64 ", %" PRId64 ", %" PRId64 "]",
                        first[1], first[2], first[0], origin_text(arena, begun->origin), first[0],
                        first[1], first[2]);
}

/* How many rows or columns more would come out of a convolution with 'padding: same'. */
static int64_t lost(const struct node *conv, int axis) {
    int64_t in = conv->source[0]->shape.extent[axis + 1], out = conv->shape.extent[axis + 1],
            stride = conv->at.conv.stride[axis];
    return (conv->op == OP_CONV ? (in + stride - 1) / stride : in * stride) - out;
}

/* The convolutions, from the last one back, that would make the image so large as is wanted, had they 'padding: same'; NULL:
 * there are none such. */
static const char *padding_that_fits(const struct graph *graph, struct arena *arena,
                                     const struct node *made, struct shape wanted) {
    const int64_t *after = made->shape.extent + 1;
    int64_t left[2] = {wanted.extent[0] - after[0], wanted.extent[1] - after[1]};
    const char *places = "";
    for (const struct node *n = made; n; n = node_before(graph, n)) {
        if (n->op != OP_CONV && n->op != OP_CONV_DX) continue;
        const int64_t more[2] = {lost(n, 0), lost(n, 1)}, *stride = n->at.conv.stride;
        if (n->shape.extent[1] != after[0] || n->shape.extent[2] != after[1]) return NULL;
        if (more[0] || more[1])
            places = arena_format(arena, "%s%s%s", places, *places ? ", " : "",
                                  origin_text(arena, n->origin));
        left[0] -= more[0];
        left[1] -= more[1];
        after = n->source[0]->shape.extent + 1;
        if (!left[0] && !left[1])
            return *places ? arena_format(arena, "'padding: same' at %s would fit", places) : NULL;
        if (stride[0] != 1 || stride[1] != 1) return NULL;
    }
    return NULL;
}

/* Ways to make an image of the size that is wanted; NULL: none is known. */
static const char *ways_to_fit(const struct builder *builder, const struct graph *graph,
                               const struct node *made, struct shape odd, struct shape wanted) {
    struct arena *arena = builder->arena;
    if (!is_image(odd) || !is_image(wanted)) return NULL;
    const char *turned = channels_first(graph, arena, made, wanted);
    if (turned) return turned;
    const struct experiment_data *data = data_like(builder->experiment, wanted);
    const char *options = data ? data_options(arena, data, wanted, odd) : NULL;
    const char *padding = padding_that_fits(graph, arena, made, wanted);
    if (padding && options) return arena_format(arena, "%s; or %s in 'data'", padding, options);
    if (!options) return padding;
    return arena_format(arena, "%s in 'data' would fit%s", options,
                        other_stack(arena, odd, wanted));
}

bool network_misfit(struct frame *frame, const struct network *network, int input,
                    const struct input_shape *known, struct value value,
                    const struct origin *where) {
    const struct builder *builder = frame->build->builder;
    const struct experiment *x = builder->experiment;
    struct arena *arena = frame->build->builder->arena;
    struct shape odd = value_shape(value), wanted = known->shape;
    const struct node *made = value_maker(value);
    const struct origin *other = known->origin;
    /* What networks make is to fit the data, in whichever order they are called. */
    if (data_like(x, odd) && !data_like(x, wanted)) {
        odd = known->shape;
        wanted = value_shape(value);
        made = known->made;
        other = where;
    }
    const char *hint = ways_to_fit(builder, frame->build->graph, made, odd, wanted);
    if (!hint)
        hint = arena_format(arena, "a call at %s gives it that; all calls of a network must agree",
                            origin_text(arena, other));
    return frame_fail(frame, made->origin ? made->origin : where, hint,
                      "this is %s, but network '%s' takes '%s' as %s", shape_text(arena, odd),
                      network->name, network->inputs[input].name, shape_text(arena, wanted));
}
