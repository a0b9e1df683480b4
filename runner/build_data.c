/*
 * The data of a batch: examples and labels, gathered from those in memory by the batch's indices. Of images
 * what datasets/view.h says: one half of a pair, a crop at the draw's place, mirrored or not.
 */
#include <string.h>

#include "runner/build.h"

/* What an input of a stream is called: "index", "a.index". */
static const char *input_name(struct build *build, const struct experiment_data *data,
                              const char *what) {
    if (!*data->name) return what;
    return arena_format(build->builder->arena, "%s.%s", data->name, what);
}

static int number_of(const struct build *build, const struct experiment_data *data) {
    return (int)(data - build->builder->experiment->data);
}

/* The batch's indices into the data set. */
static struct node *data_index(struct build *build, const struct experiment_data *data) {
    int i = number_of(build, data);
    if (build->index[i]) return build->index[i];
    build->program->streams[i].index_input = build->graph->inputs_count;
    build->program->batch = build->batch;
    return build->index[i] = graph_input(build->graph, input_name(build, data, "index"), TYPE_INT32,
                                         SHAPE(build->batch), false);
}

/* ---- views ---- */

/* The moves of the batch, int32 [b, VIEW_MOVES]: drawn by the host; samples are cut from the middle. */
static struct node *data_moves(struct build *build, const struct experiment_data *data) {
    struct graph *g = build->graph;
    int i = number_of(build, data);
    if (build->moves[i]) return build->moves[i];
    struct shape shape = SHAPE(build->batch, VIEW_MOVES);
    if (!build->sampler) {
        build->program->streams[i].moves_input = g->inputs_count;
        return build->moves[i] =
                   graph_input(g, input_name(build, data, "moves"), TYPE_INT32, shape, false);
    }
    int32_t middle[VIEW_MOVES];
    double *table = ARENA_ARRAY(build->builder->arena, double, VIEW_MOVES);
    view_middle(&data->view, &data->dataset.shape, middle);
    for (int k = 0; k < VIEW_MOVES; k++)
        table[k] = middle[k];
    return build->moves[i] =
               graph_expand(g, graph_table(g, TYPE_INT32, SHAPE(1, VIEW_MOVES), table), shape);
}

/* One pass over images [n, height, width, c]: each pixel of the result [b, height, width, c] is gathered from where the
 * moves of its image put it, and black where that is outside. */
struct moving {
    struct graph *graph;
    struct node *images, *which, *moves; /* which: int32 [b], of the n */
    int64_t height, width;               /* of the result */
    int64_t left, seen; /* columns of the images that count: so many, from `left` on */
    int64_t padding;
    double black;
};

/* A move of each image, repeated to `shape`, [b, height, 1] or [b, 1, width]. */
static struct node *move_of(const struct moving *m, int which, struct shape shape) {
    struct node *one = graph_slice_axis(m->graph, m->moves, 1, which, 1);
    struct shape apart = SHAPE(shape.extent[0], 1, 1);
    return graph_expand(m->graph, graph_reshape(m->graph, one, apart), shape);
}

/* Rows of the source for each row of the result, int32 [b, height, 1]; or columns, [b, 1, width]. */
static struct node *place_of(const struct moving *m, int axis) {
    struct graph *g = m->graph;
    struct shape shape = SHAPE(m->moves->shape.extent[0], 1, 1);
    shape.extent[axis] = axis == 1 ? m->height : m->width;
    struct node *at = graph_iota(g, TYPE_INT32, shape, axis);
    if (axis == 2) { /* mirrored: last - at = at + (last - 2 at) */
        struct node *last = graph_like(g, at, (double)(m->width - 1));
        struct node *turn = graph_sub(g, graph_sub(g, last, at), at);
        at = graph_add(g, at, graph_mul(g, move_of(m, VIEW_FLIP, shape), turn));
    }
    struct node *first = move_of(m, axis == 1 ? VIEW_TOP : VIEW_LEFT, shape);
    return graph_sub(g, graph_add(g, at, first), graph_like(g, at, (double)m->padding));
}

/* 1 where a place lies in [0, extent), else 0. */
static struct node *lies_inside(struct graph *g, struct node *place, int64_t extent) {
    return graph_mul(g, graph_binary(g, OP_LESS, graph_like(g, place, -1), place),
                     graph_binary(g, OP_LESS, place, graph_like(g, place, (double)extent)));
}

static struct node *move_images(const struct moving *m) {
    struct graph *g = m->graph;
    struct shape from = m->images->shape,
                 all = SHAPE(m->moves->shape.extent[0], m->height, m->width);
    int64_t height = from.extent[1], width = from.extent[2], channels = from.extent[3];
    struct node *row = place_of(m, 1), *column = place_of(m, 2);
    struct node *image =
        graph_expand(g, graph_reshape(g, m->which, SHAPE(all.extent[0], 1, 1)), row->shape);
    struct node *line = /* of all images below each other */
        graph_add(g, graph_mul(g, image, graph_like(g, image, (double)height)), row);
    struct node *first =
        graph_shift(g, graph_mul(g, line, graph_like(g, line, (double)width)), (double)m->left);
    struct node *index = graph_add(g, graph_expand(g, first, all), graph_expand(g, column, all));
    struct node *pixels =
        graph_reshape(g, m->images, SHAPE(from.extent[0] * height * width, channels));
    struct node *moved = graph_gather(g, pixels, index);
    if (!m->padding) return moved;
    struct node *inside = graph_mul(g, graph_expand(g, lies_inside(g, row, height), all),
                                    graph_expand(g, lies_inside(g, column, m->seen), all));
    struct shape apart = SHAPE(all.extent[0], m->height, m->width, 1);
    inside = graph_expand(g, graph_reshape(g, inside, apart), moved->shape);
    return graph_select(g, inside, moved, graph_like(g, moved, m->black));
}

/* What is seen of the batch's examples [n, …] of those in memory: x, or the condition beside it. */
static struct node *see(struct build *build, const struct experiment_data *data,
                        struct node *resident, bool condition) {
    struct graph *g = build->graph;
    const struct view *view = &data->view;
    struct extents shape = view_shape(view, &data->dataset.shape);
    struct node *index = data_index(build, data);
    bool pairs = view->pairs != PAIRS_NONE, left = (view->pairs == PAIRS_LEFT) != condition,
         moved = view->padding || view->crop[0] || (view->flip && !build->sampler);
    int64_t width = pairs ? data->dataset.shape.extent[1] / 2 : data->dataset.shape.extent[1],
            first = pairs && !left ? width : 0;
    if (!moved) {
        struct node *examples = graph_gather(g, resident, index);
        return pairs ? graph_slice_axis(g, examples, 2, first, width) : examples;
    }
    struct moving m = {g,
                       resident,
                       index,
                       data_moves(build, data),
                       shape.extent[0],
                       shape.extent[1],
                       first,
                       width,
                       view->padding,
                       data->dataset.type == DATA_UINT8 ? 0 : -1};
    if (shape_count(resident->shape) > INT32_MAX) { /* an index could not tell their pixels */
        m.images = graph_gather(g, resident, index);
        m.which = graph_iota(g, TYPE_INT32, index->shape, 0);
    }
    return move_images(&m);
}

/* ---- values ---- */

/* x, or the condition; bytes become [-1, 1]. */
static struct value data_examples(struct build *build, const struct experiment_data *data,
                                  bool condition) {
    struct graph *g = build->graph;
    int i = number_of(build, data);
    bool bytes = data->dataset.type == DATA_UINT8;
    struct shape sample = shape_make(data->dataset.shape.rank, data->dataset.shape.extent);
    struct shape all = value_full_shape(sample, true, data->dataset.count);
    if (!build->examples[i]) {
        build->program->streams[i].values_input = g->inputs_count;
        build->examples[i] = graph_input(g, input_name(build, data, "data"),
                                         bytes ? TYPE_UINT8 : TYPE_FLOAT32, all, true);
    }
    struct node *x = see(build, data, build->examples[i], condition);
    if (bytes) x = graph_shift(g, graph_scale(g, graph_cast(g, x, TYPE_FLOAT32), 2.0 / 255), -1);
    return value_make(x, true);
}

struct node *build_labels(struct build *build, const struct experiment_data *data) {
    struct graph *g = build->graph;
    int i = number_of(build, data);
    if (build->labels[i]) return build->labels[i];
    build->program->streams[i].labels_input = g->inputs_count;
    return build->labels[i] = graph_input(g, input_name(build, data, "labels"), TYPE_INT32,
                                          SHAPE(data->dataset.count), true);
}

static struct value data_labels(struct build *build, const struct experiment_data *data) {
    struct node *labels =
        graph_gather(build->graph, build_labels(build, data), data_index(build, data));
    return value_classes(value_make(labels, true), experiment_label_limit(data));
}

bool build_datum(struct build *build, const char *name, struct value *value) {
    const struct experiment *x = build->builder->experiment;
    const struct experiment_data *data;
    if ((data = experiment_examples(x, name)))
        *value = data_examples(build, data, false);
    else if ((data = experiment_condition(x, name)))
        *value = data_examples(build, data, true);
    else if ((data = experiment_labels(x, name)))
        *value = data_labels(build, data);
    return data;
}
