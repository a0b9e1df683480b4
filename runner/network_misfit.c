/*
 * What is said where calls of a network do not agree in the shape of an input: of the odd value, where it was made; and
 * where images are to meet those of the data, which sizes would fit.
 */
#include <inttypes.h>
#include <string.h>

#include "runner/build.h"
#include "runner/experiment.h"

const struct origin *value_maker(struct value value) {
    const struct node *n = value.node;
    while (n->op == OP_STOP_GRADIENT || n->op == OP_MARK)
        n = n->source[0];
    return n->origin;
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
    if (wanted.rank != 3 || seen.rank != 3 || !has_option(data, "size")) return NULL;
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

bool network_misfit(struct frame *frame, const struct network *network, int input,
                    const struct input_shape *known, struct value value,
                    const struct origin *where) {
    const struct experiment *x = frame->build->builder->experiment;
    struct arena *arena = frame->build->builder->arena;
    struct shape odd = value_shape(value), wanted = known->shape;
    const struct origin *made = value_maker(value), *other = known->origin;
    /* What networks make is to fit the data, in whichever order they are called. */
    if (data_like(x, odd) && !data_like(x, wanted) && known->made) {
        odd = known->shape;
        wanted = value_shape(value);
        made = known->made;
        other = where;
    }
    const struct experiment_data *data = data_like(x, wanted);
    const char *options = data ? data_options(arena, data, wanted, odd) : NULL;
    const char *hint =
        options
            ? arena_format(arena, "%s in 'data' would fit%s", options,
                           other_stack(arena, odd, wanted))
            : arena_format(arena, "a call at %s gives it that; all calls of a network must agree",
                           origin_text(arena, other));
    return frame_fail(frame, made ? made : where, hint,
                      "this is %s, but network '%s' takes '%s' as %s", shape_text(arena, odd),
                      network->name, network->inputs[input].name, shape_text(arena, wanted));
}
