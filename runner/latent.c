/* The rows of latents and their draws; see latent.h. */
#include "runner/latent.h"

#include <math.h>
#include <string.h>

#include "datasets/dataset.h"

/* ---- numbers -----------------------------------------------------------------------------------
 */

#define SHAPE_ROW(default_, doc_)                                                                  \
    {                                                                                              \
        .name = "shape", .type = PARAMETER_SHAPE,                                                  \
        .offset = offsetof(struct latent_options, shape), .standard = default_, .doc = doc_        \
    }
#define NUMBER_ROW(field, default_, low_, high_, above_, doc_)                                     \
    {                                                                                              \
        .name = #field, .type = PARAMETER_NUMBER,                                                  \
        .offset = offsetof(struct latent_options, field), .standard = default_, .low = low_,       \
        .high = high_, .above = above_, .doc = doc_                                                \
    }
#define SAMPLE_SHAPE SHAPE_ROW("[]", "of one sample; [] is one number")

static struct node *scaled(struct graph *g, struct node *x, double scale, double shift) {
    if (scale != 1) x = graph_scale(g, x, scale);
    return shift != 0 ? graph_shift(g, x, shift) : x;
}

static struct node *draw_normal(struct build *build, const struct latent_options *o,
                                struct shape shape, uint64_t place) {
    struct node *x = graph_random(build->graph, RANDOM_NORMAL, shape, place, build_clock(build));
    return scaled(build->graph, x, o->deviation, o->mean);
}
static const struct parameter normal_parameters[] = {
    SAMPLE_SHAPE,
    NUMBER_ROW(mean, "0", 0, 0, false, "of the numbers"),
    NUMBER_ROW(deviation, "1", 0, 1e6, false, "of the numbers"),
    {0},
};
static const struct latent_row normal_latent = {
    .name = "normal",
    .doc = "normal numbers",
    .equation = "density exp(-(x - mean)^2 / (2 deviation^2)) / (deviation sqrt(2 pi))",
    .example = "{z: normal(100)}",
    .aliases = "gaussian randn",
    .parameters = normal_parameters,
    .draw = draw_normal,
};

static struct node *draw_uniform(struct build *build, const struct latent_options *o,
                                 struct shape shape, uint64_t place) {
    struct node *x = graph_random(build->graph, RANDOM_UNIFORM, shape, place, build_clock(build));
    return scaled(build->graph, x, o->high - o->low, o->low);
}
static const struct parameter uniform_parameters[] = {
    SAMPLE_SHAPE,
    NUMBER_ROW(low, "0", 0, 0, false, "the least number"),
    NUMBER_ROW(high, "1", 0, 0, false, "all numbers are below it"),
    {0},
};
static const struct latent_row uniform_latent = {
    .name = "uniform",
    .doc = "numbers from low to below high, all equally likely",
    .equation = "density 1 / (high - low)",
    .example = "{z: \"uniform(100, low=-1, high=1)\"}",
    .aliases = "rand",
    .parameters = uniform_parameters,
    .draw = draw_uniform,
};

/* ---- a normal distribution that is cut ---------------------------------------------------------
 */

/* c[0] + c[1] x + … */
static struct node *polynomial(struct graph *g, struct node *x, int count, const double *c) {
    struct node *sum = graph_like(g, x, c[count - 1]);
    for (int i = count - 2; i >= 0; i--)
        sum = graph_shift(g, graph_mul(g, sum, x), c[i]);
    return sum;
}

/*
 * The number below which a normal one lies with probability 1/2 + q: Wichura's PPND7 (1988,
 * Algorithm AS 241, Applied Statistics 37), whose relative error is about 1e-7, without its last
 * part, which is for probabilities below e^-25.
 */
static struct node *normal_quantile(struct graph *g, struct node *q) {
    static const double a[] = {3.3871327179, 50.434271938, 159.29113202, 59.109374720};
    static const double b[] = {1, 17.895169469, 78.757757664, 67.187563600};
    static const double c[] = {1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103};
    static const double d[] = {1, 0.73700164250, 0.12021132975};
    struct node *zero = graph_like(g, q, 0);
    struct node *far = graph_binary(g, OP_MAX, q, graph_neg(g, q));
    struct node *near = graph_binary(g, OP_LESS, far, graph_like(g, q, 0.425));
    struct node *inner = graph_sub(g, graph_like(g, q, 0.180625), graph_mul(g, q, q));
    struct node *middle =
        graph_mul(g, q, graph_div(g, polynomial(g, inner, 4, a), polynomial(g, inner, 4, b)));
    struct node *tail = graph_sub(g, graph_like(g, q, 0.5), far);
    tail = graph_select(g, near, graph_like(g, q, 0.5), tail); /* whose logarithm is finite */
    struct node *r = graph_unary(g, OP_SQRT, graph_neg(g, graph_unary(g, OP_LOG, tail)));
    r = graph_shift(g, r, -1.6);
    struct node *outer = graph_div(g, polynomial(g, r, 4, c), polynomial(g, r, 3, d));
    struct node *below = graph_binary(g, OP_LESS, q, zero);
    outer = graph_select(g, below, graph_neg(g, outer), outer);
    return graph_select(g, near, middle, outer);
}

/* A uniform share of what is not cut off, taken through the quantiles. */
static struct node *draw_truncated(struct build *build, const struct latent_options *o,
                                   struct shape shape, uint64_t place) {
    struct graph *g = build->graph;
    double kept = erf(o->cut / sqrt(2));
    struct node *u = graph_random(g, RANDOM_UNIFORM, shape, place, build_clock(build));
    struct node *x = normal_quantile(g, scaled(g, u, kept, -kept / 2));
    struct node *least = graph_like(g, x, -o->cut), *most = graph_like(g, x, o->cut);
    x = graph_binary(g, OP_MIN, graph_binary(g, OP_MAX, x, least), most);
    return scaled(g, x, o->deviation, o->mean);
}
static const struct parameter truncated_parameters[] = {
    SAMPLE_SHAPE,
    NUMBER_ROW(cut, "2", 0, 5, true, "how many deviations from the mean are left"),
    NUMBER_ROW(mean, "0", 0, 0, false, "of the numbers"),
    NUMBER_ROW(deviation, "1", 0, 1e6, false, "before it is cut"),
    {0},
};
static const struct latent_row truncated_normal_latent = {
    .name = "truncated_normal",
    .doc = "normal numbers, drawn again where they are far from the mean",
    .equation = "as normal, but |x - mean| <= cut deviation",
    .example = "{z: \"truncated_normal(128, cut=1)\"}",
    .citation = "Brock, Donahue and Simonyan 2019, Large scale GAN training, section 3.1, arXiv "
                "1809.11096",
    .parameters = truncated_parameters,
    .draw = draw_truncated,
};

/* ---- the sphere --------------------------------------------------------------------------------
 */

/* Normal numbers over their norm (Muller 1959). */
static struct node *draw_spherical(struct build *build, const struct latent_options *o,
                                   struct shape shape, uint64_t place) {
    struct graph *g = build->graph;
    struct node *x = graph_random(g, RANDOM_NORMAL, shape, place, build_clock(build));
    struct node *squares = graph_sum(g, graph_mul(g, x, x), axes_all(shape.rank) & ~1u);
    struct node *least = graph_like(g, squares, 1e-30);
    struct node *norm = graph_unary(g, OP_SQRT, graph_binary(g, OP_MAX, squares, least));
    struct node *factor = graph_div(g, graph_like(g, norm, o->radius), norm);
    return graph_mul(g, x, graph_expand(g, factor, shape));
}
static const struct parameter spherical_parameters[] = {
    SHAPE_ROW(NULL, "of one sample, whose L2 norm is the radius"),
    NUMBER_ROW(radius, "1", 0, 1e6, true, "of the sphere"),
    {0},
};
static const struct latent_row spherical_latent = {
    .name = "spherical",
    .doc = "a point on a sphere, all equally likely",
    .equation = "radius n / |n|, n drawn from normal(0, 1)",
    .example = "{z: spherical(64)}",
    .citation = "White 2016, Sampling generative networks, arXiv 1609.04468",
    .parameters = spherical_parameters,
    .draw = draw_spherical,
};

/* ---- classes -----------------------------------------------------------------------------------
 */

/* Whole numbers below count, all equally likely; count is at most 2^24. */
static struct node *draw_index(struct build *build, struct shape shape, uint64_t place,
                               int64_t count) {
    struct graph *g = build->graph;
    struct node *u = graph_random(g, RANDOM_UNIFORM, shape, place, build_clock(build));
    return graph_cast(g, graph_scale(g, u, (double)count), TYPE_INT32);
}

static struct node *draw_class(struct build *build, const struct latent_options *o,
                               struct shape shape, uint64_t place) {
    return draw_index(build, shape, place, o->classes);
}

static int64_t given_classes(const struct experiment *experiment,
                             const struct latent_options *options) {
    (void)experiment;
    return options->classes;
}

#define CLASSES_ROW                                                                                \
    {                                                                                              \
        .name = "classes", .type = PARAMETER_INTEGER,                                              \
        .offset = offsetof(struct latent_options, classes), .low = 1, .high = 1 << 24,             \
        .doc = "how many there are"                                                                \
    }
static const struct parameter categorical_parameters[] = {CLASSES_ROW, SAMPLE_SHAPE, {0}};
static const struct latent_row categorical_latent = {
    .name = "categorical",
    .doc = "a class: a whole number from 0, all equally likely, as labels are",
    .equation = "probability 1 / classes of each of 0, 1, …, classes - 1",
    .example = "{c: categorical(10)}",
    .aliases = "discrete randint classes",
    .citation = "Chen et al. 2016, InfoGAN, arXiv 1606.03657",
    .parameters = categorical_parameters,
    .draw = draw_class,
    .classes = given_classes,
};

static const struct parameter one_hot_parameters[] = {
    CLASSES_ROW,
    SHAPE_ROW("[]", "of several in one sample; the classes are its last axis"),
    {0},
};
static const struct latent_row one_hot_latent = {
    .name = "one_hot",
    .doc = "a class as a row of numbers: 1 at its place, 0 elsewhere",
    .equation = "x[i] = 1 for one i, all equally likely, else 0",
    .example = "{c: one_hot(10)}",
    .citation = "Chen et al. 2016, InfoGAN, arXiv 1606.03657",
    .parameters = one_hot_parameters,
    .draw = draw_class,
    .classes = given_classes,
    .one_hot = true,
};

/* Labels of examples drawn at random, whatever examples the batch has. */
static struct node *draw_labels(struct build *build, const struct latent_options *o,
                                struct shape shape, uint64_t place) {
    const struct experiment_data *data = experiment_labels(build->builder->experiment, o->of);
    int64_t count = data->dataset.count;
    struct node *index = draw_index(build, shape, place, count < 1 << 24 ? count : 1 << 24);
    return graph_gather(build->graph, build_labels(build, data), index);
}

static int64_t data_classes(const struct experiment *experiment,
                            const struct latent_options *options) {
    return experiment_label_count(experiment_labels(experiment, options->of));
}

static const struct parameter labels_parameters[] = {
    {.name = "of",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct latent_options, of),
     .standard = "y",
     .doc = "which labels: y, or a.y of a stream called a"},
    {0},
};
static const struct latent_row labels_latent = {
    .name = "labels",
    .doc = "a label of the data, as likely as it is there",
    .equation = "y of an example that is drawn at random",
    .example = "{c: labels()}",
    .parameters = labels_parameters,
    .draw = draw_labels,
    .classes = data_classes,
    .of_data = true,
};

/* ---- all ---------------------------------------------------------------------------------------
 */

const struct latent_row *const latent_rows[] = {
#define X(name) &name##_latent,
    LATENT_LIST(X)
#undef X
        NULL,
};

const struct latent_row *latent_find(const char *name) {
    for (int i = 0; latent_rows[i]; i++)
        if (!strcmp(latent_rows[i]->name, name)) return latent_rows[i];
    return NULL;
}

bool latent_has_classes(const struct latent *latent) {
    return latent->row->classes;
}

int64_t latent_classes(const struct experiment *experiment, const struct latent *latent) {
    return latent->row->classes ? latent->row->classes(experiment, latent->options) : 0;
}

static struct shape full_shape(const struct build *build, const struct latent *latent) {
    const struct extents *shape = &latent->options->shape;
    return value_full_shape(shape_make(shape->rank, shape->extent), true, build->batch);
}

/* An index as a row of numbers. */
static struct node *spread(struct graph *g, struct node *index, int64_t classes) {
    struct shape column = index->shape, full = column;
    column.extent[column.rank++] = 1;
    full.extent[full.rank++] = classes;
    struct node *count = graph_iota(g, TYPE_INT32, full, full.rank - 1);
    struct node *own = graph_expand(g, graph_reshape(g, index, column), full);
    return graph_binary(g, OP_EQUAL, count, own);
}

const struct experiment_data *latent_labelled(const struct experiment *experiment,
                                              const struct latent *latent) {
    return latent->row->of_data ? experiment_labels(experiment, latent->options->of) : NULL;
}

static struct value finish(struct build *build, const struct latent *latent, struct node *drawn) {
    int64_t classes = latent_classes(build->builder->experiment, latent);
    if (latent->row->one_hot) return value_make(spread(build->graph, drawn, classes), true);
    if (latent->row->of_data)
        classes = experiment_label_limit(latent_labelled(build->builder->experiment, latent));
    return value_classes(value_make(drawn, true), classes);
}

struct value latent_draw(struct build *build, const struct latent *latent, uint64_t place) {
    return finish(build, latent,
                  latent->row->draw(build, latent->options, full_shape(build, latent), place));
}

int32_t latent_class(const struct experiment *experiment, const struct latent *latent, int number) {
    return latent->row->of_data ? experiment_label(latent_labelled(experiment, latent), number)
                                : number;
}

/* The labels that are used, of their numbers among these. */
static struct node *used_labels(struct build *build, const struct latent *latent,
                                struct node *number) {
    int count = experiment_label_count(latent_labelled(build->builder->experiment, latent));
    double *labels = ARENA_ARRAY(build->builder->arena, double, count);
    for (int i = 0; i < count; i++)
        labels[i] = latent_class(build->builder->experiment, latent, i);
    struct node *table = graph_table(build->graph, TYPE_INT32, SHAPE(count), labels);
    return graph_gather(build->graph, table, number);
}

/* The remainder by division and floor, which is exact below 2^24. */
struct value latent_in_turn(struct build *build, const struct latent *latent, int64_t period) {
    struct graph *g = build->graph;
    double classes = (double)latent_classes(build->builder->experiment, latent);
    struct shape shape = full_shape(build, latent);
    struct node *round = graph_slice_axis(g, build_clock(build), 0, 2, 1);
    round = graph_broadcast(g, graph_cast(g, round, TYPE_FLOAT32), shape);
    struct node *sample = graph_cast(g, graph_iota(g, TYPE_INT32, shape, 0), TYPE_FLOAT32);
    sample = graph_add(g, sample, graph_scale(g, round, (double)build->batch));
    struct node *turn =
        graph_unary(g, OP_FLOOR, graph_div(g, sample, graph_like(g, sample, (double)period)));
    struct node *times = graph_unary(g, OP_FLOOR, graph_div(g, turn, graph_like(g, turn, classes)));
    struct node *index =
        graph_cast(g, graph_sub(g, turn, graph_scale(g, times, classes)), TYPE_INT32);
    return finish(build, latent, latent->row->of_data ? used_labels(build, latent, index) : index);
}
