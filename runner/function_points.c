/*
 * How well generated points cover a mixture of Gaussians whose modes the data set knows, as PacGAN
 * counts it (Lin et al. 2018, section 4.1, arXiv 1712.04086): a sample is of high quality if it lies
 * within three deviations of a mode's centre; a mode is found if such a sample lies there.
 */
#include <math.h>

#include "base/bug.h"
#include "datasets/dataset.h"
#include "runner/function.h"

enum { DEVIATIONS = 3 };

/* Those of the first data stream that is a mixture. */
static bool find_modes(const struct experiment *x, struct arena *arena,
                       struct dataset_modes *modes) {
    for (int i = 0; i < x->data_count; i++)
        if (dataset_modes(&x->data[i].request, arena, modes)) return true;
    return false;
}

/* The modes, and the points as a batch of their coordinates. */
static bool take_points(struct call *call, struct dataset_modes *modes, struct node **points) {
    const struct experiment *x = call->frame->build->builder->experiment;
    struct arena *arena = call->frame->build->builder->arena;
    struct value value = call_value(call, 0);
    if (!value.node) return false;
    if (!find_modes(x, arena, modes)) {
        call_fail(call, -1, "the sources ring, grid and gaussians have some",
                  "'%s' counts the modes of the data, but %s", call->row->name,
                  x->data_count ? "this source has none" : "there are no data");
        return false;
    }
    if (!value.batched || !shape_equal(value_shape(value), SHAPE(modes->axes))) {
        call_fail(call, 0, NULL, "'%s' wants a batch of points %s, but this is %s%s",
                  call->row->name, shape_text(arena, SHAPE(modes->axes)),
                  value.batched ? "a batch of " : "", value_text(arena, value));
        return false;
    }
    *points = value.node;
    return true;
}

/* For each point and mode, whether it lies there: (batch, modes), 1 or 0. */
static struct node *lies_at(struct graph *g, const struct dataset_modes *modes,
                            struct node *points) {
    struct shape all = SHAPE(points->shape.extent[0], modes->count);
    struct node *square = NULL;
    double *limit = ARENA_ARRAY(g->arena, double, modes->count);
    for (int64_t i = 0; i < modes->count; i++)
        limit[i] = pow(DEVIATIONS * modes->deviation[i], 2);
    for (int axis = 0; axis < modes->axes; axis++) {
        double *centre = ARENA_ARRAY(g->arena, double, modes->count);
        for (int64_t i = 0; i < modes->count; i++)
            centre[i] = modes->centre[i * modes->axes + axis];
        struct node *mode = graph_table(g, TYPE_FLOAT32, SHAPE(1, modes->count), centre);
        struct node *point = graph_slice_axis(g, points, 1, axis, 1);
        struct node *apart = graph_sub(g, graph_expand(g, point, all), graph_expand(g, mode, all));
        struct node *part = graph_mul(g, apart, apart);
        square = square ? graph_add(g, square, part) : part;
    }
    struct node *most = graph_table(g, TYPE_FLOAT32, SHAPE(1, modes->count), limit);
    return graph_binary(g, OP_LESS, square, graph_expand(g, most, all));
}

static struct value build_modes(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct dataset_modes modes;
    struct node *points;
    if (!take_points(call, &modes, &points)) return VALUE_POISON;
    struct node *found = graph_max(g, lies_at(g, &modes, points), 1u << 0);
    return value_make(graph_sum_all(g, found), false);
}
const struct function_row modes_function = {
    .name = "modes",
    .doc = "how many modes of the data are found: those that have a point within three deviations",
    .equation = "sum over modes m of max over points p of (|p - m| < 3 sigma)",
    .arguments = "points",
    .build = build_modes,
    .example = "modes(fake)",
    .citation = "Lin, Khetan, Fanti and Oh 2018, PacGAN: the power of two samples in generative "
                "adversarial networks, arXiv 1712.04086",
};

static struct value build_high_quality(struct call *call) {
    struct graph *g = call->frame->build->graph;
    struct dataset_modes modes;
    struct node *points;
    if (!take_points(call, &modes, &points)) return VALUE_POISON;
    struct node *good = graph_max(g, lies_at(g, &modes, points), 1u << 1);
    double share = 1 / (double)points->shape.extent[0];
    return value_make(graph_scale(g, graph_sum_all(g, good), share), false);
}
const struct function_row high_quality_function = {
    .name = "high_quality",
    .doc = "the share of points that lie within three deviations of a mode of the data",
    .equation = "mean over points p of max over modes m of (|p - m| < 3 sigma)",
    .arguments = "points",
    .build = build_high_quality,
    .example = "high_quality(fake)",
    .citation = "Lin, Khetan, Fanti and Oh 2018, PacGAN: the power of two samples in generative "
                "adversarial networks, arXiv 1712.04086",
};
