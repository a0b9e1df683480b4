/* Numbers that are known from a value's shape. They may stand where a layer's row wants a number,
 * too: linear: {units: channels(h)}. */
#include <math.h>
#include <string.h>

#include "runner/function.h"

/* The extent along an axis of one sample, of at least `rank` axes. */
static struct value extent_of(struct call *call, int axis, int rank, const char *what) {
    struct value x = evaluate_value(call->frame, call->argument[0]);
    if (!x.node) return VALUE_POISON;
    struct shape shape = value_shape(x);
    if (axis < 0) axis += shape.rank;
    if (axis >= 0 && axis < shape.rank && shape.rank >= rank)
        return value_number(call->frame->build->graph, (double)shape.extent[axis]);
    return call_fail(call, 0, NULL, "%s has no %s",
                     shape_text(call->frame->build->builder->arena, shape), what);
}

static struct value build_channels(struct call *call) {
    return extent_of(call, -1, 1, "channels");
}
const struct function_row channels_function = {
    .name = "channels",
    .equation = "n of a shape [..., n]",
    .doc = "the extent of the last axis",
    .arguments = "x",
    .build = build_channels,
    .example = "channels(x)",
};

static struct value build_height(struct call *call) {
    return extent_of(call, 0, 3, "height: images are [height, width, channels]");
}
const struct function_row height_function = {
    .name = "height",
    .equation = "h of a shape [h, w, c]",
    .doc = "the first extent of an image",
    .arguments = "x",
    .build = build_height,
    .example = "height(reshape(h, 28, 28, 1))",
};

static struct value build_width(struct call *call) {
    return extent_of(call, 1, 3, "width: images are [height, width, channels]");
}
const struct function_row width_function = {
    .name = "width",
    .equation = "w of a shape [h, w, c]",
    .doc = "the second extent of an image",
    .arguments = "x",
    .build = build_width,
    .example = "width(reshape(h, 28, 28, 1))",
};

static struct value build_extent(struct call *call) {
    double axis;
    if (!call_number(call, 1, 0, &axis)) return VALUE_POISON;
    if (axis != floor(axis) || fabs(axis) > AXES_MOST)
        return call_fail(call, 1, NULL, "an axis must be a whole number, not %g", axis);
    const char *what = arena_format(call->frame->build->builder->arena, "axis %g", axis);
    return extent_of(call, (int)axis, 1, what);
}
const struct function_row extent_function = {
    .name = "extent",
    .equation = "n[axis] of a shape n",
    .doc = "the extent of an axis of one sample",
    .arguments = "x axis",
    .build = build_extent,
    .example = "extent(x, -1)",
};

bool function_is_shape(const char *name) {
    static const struct function_row *const rows[] = {&channels_function, &height_function,
                                                      &width_function, &extent_function};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i]->name, name)) return true;
    return false;
}
