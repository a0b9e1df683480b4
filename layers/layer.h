/*
 * Layers: what a row says of one, and what it may ask of the network that it is built in.
 *
 * A layer is one `const struct layer_row` in a file of its own, named once in layers/list.h. It is
 * a function that composes operations of the graph: no backend, no gradient of its own. Weights,
 * state and random numbers it asks for by the functions below; who answers lives in runner/.
 */
#ifndef LAYERS_LAYER_H
#define LAYERS_LAYER_H

#include <stddef.h>

#include "base/parameter.h"
#include "layers/value.h"

struct layer;

struct layer_row {
    const char *name, *doc; /* one line */
    const char *equation;   /* y of x, in plain text; lines are kept */
    const char *example;    /* an item of a network's list of layers */
    const char *call;       /* the same as a function; NULL: it learns */
    const char *citation;   /* NULL: none needed */
    const char *aliases;    /* what other programs call it, for hints; NULL: nothing else */
    const struct parameter *parameters; /* ended by one without a name; the first is the main one */
    size_t options_size;
    int inputs_least, inputs_most; /* most -1: any number */
    bool learns; /* has weights or state, or calls what has, whatever its options: no function */
    bool chains; /* what it calls "weight" or "NAME/weight" may go through a chain */
    int turned;  /* axes of that weight behind its way out: 0, or 1 as in [kh, kw, out, in] */
    bool lists;  /* lists of layers are among its parameters, and layer_list builds them */
    bool groups; /* of these lists, and computes nothing itself */
    bool counts; /* what comes in by itself: "batch_norm: 16", as others write it, is told so */
    struct value (*build)(struct layer *layer); /* poisoned after layer_fail */
};

/* All rows, in the order of layers/list.h, ended by NULL; and the one called `name`, or NULL. */
extern const struct layer_row *const layer_rows[];
const struct layer_row *layer_find(const char *name);

/* The names an `init:` may have, and how they are read; see layer_weight. */
#define INITIALISERS                                                                               \
    "fan_in normal truncated_normal uniform constant he he_normal he_uniform glorot "              \
    "glorot_normal glorot_uniform lecun lecun_normal lecun_uniform orthogonal identity"

/* What answers; filled in by the runner. */
struct layer_host {
    struct node *(*weight)(struct layer *layer, const char *leaf, struct shape shape,
                           const struct distribution *init, double fan_in, double fan_out);
    struct node *(*norms)(struct layer *layer, const char *leaf, const char *of, int axis);
    struct node *(*state)(struct layer *layer, const char *leaf, struct shape shape,
                          const struct distribution *init);
    void (*state_set)(struct layer *layer, const char *leaf, struct node *value);
    struct node *(*random)(struct layer *layer, enum random_kind kind, struct shape shape);
    struct value (*list)(struct layer *layer, int index, struct value previous);
    struct value (*call)(struct layer *layer, const char *network);
    struct value (*evaluate)(struct layer *layer, const struct expression *expression);
    void (*fail)(struct layer *layer, const char *hint, const char *message);
};

/* One layer while it is built, in one call of its network. */
struct layer {
    struct graph *graph;
    struct arena *arena; /* for messages and tables; lives as long as the graph */
    const void *options; /* read by the row's parameters */
    int count;           /* inputs, none of them poisoned */
    const struct value *inputs;
    int lists;     /* lists of layers that it holds */
    bool training; /* else running statistics are used, and no dropout */
    const struct layer_host *host;
    void *context; /* the host's */
};

/* clang-format off */
/*
 * The weight called `leaf` ("weight", "bias", "query/weight"), float32, the same in every call. Initialisers:
 *     fan_in                                uniform in +-1/sqrt(fan_in): PyTorch's default
 *                                           (Kaiming-uniform, a = sqrt 5)
 *     normal(d), normal(m, d)               deviation d or 1, mean m or 0
 *     truncated_normal(d), (m, d)           the same, drawn again beyond two deviations of m
 *     uniform(a), uniform(a, b)             in [-a, a) or [a, b)
 *     constant(c)
 *     he, he_normal, he_uniform             deviation gain / sqrt(fan_in) (He et al. 2015, arXiv
 *                                           1502.01852); an argument is the slope of the leaky
 *                                           ReLU: gain = sqrt(2 / (1 + slope^2))
 *     glorot, glorot_uniform, glorot_normal deviation gain * sqrt(2 / (fan_in + fan_out)) (Glorot
 *                                           and Bengio 2010); an argument is the gain
 *     lecun, lecun_normal, lecun_uniform    deviation 1 / sqrt(fan_in) (LeCun et al. 1998)
 *     orthogonal(gain)                      a random orthogonal matrix of the last axis's columns
 *                                           (Saxe et al. 2014, arXiv 1312.6120)
 *     identity(gain)                        1 on the diagonal of a matrix, 0 elsewhere
 */
/* clang-format on */
struct node *layer_weight(struct layer *layer, const char *leaf, struct shape shape,
                          const struct distribution *init, double fan_in, double fan_out);

/* Another weight, one number for each index of an axis of the weight `of`, which begins as the L2 norms of what lies
 * under that index. */
struct node *layer_weight_norms(struct layer *layer, const char *leaf, const char *of, int axis);

/* State called `leaf` that begins as `first` everywhere, as it is now; layer_state_set gives it
 * its next value, which is ignored in eval mode and where state is held. */
struct node *layer_state(struct layer *layer, const char *leaf, struct shape shape, double first);
struct node *layer_state_drawn(struct layer *layer, const char *leaf, struct shape shape,
                               const struct distribution *init);
void layer_state_set(struct layer *layer, const char *leaf, struct node *value);

/* Draws of a place of their own. */
struct node *layer_random(struct layer *layer, enum random_kind kind, struct shape shape);

/* The result of list `index` of the layer's lists of layers, whose first layer takes `previous`. */
struct value layer_list(struct layer *layer, int index, struct value previous);

/* The value of a network called with the layer's inputs; of an expression over named results. */
struct value layer_call(struct layer *layer, const char *network);
struct value layer_evaluate(struct layer *layer, const struct expression *expression);

/* How many classes an index has: as many as the parameter of that name gives, or, where that is 0, as
 * it is known to have. 0, reported, where nobody knows, or the parameter leaves some out. */
int64_t layer_classes(struct layer *layer, struct value index, const char *parameter,
                      int64_t given);

/* The layer's inputs as float32, broadcast to one shape; NULL, reported, where they do not fit:
 * "cannot add [4] and [3]", with `verb` "add". */
struct value *layer_meet(struct layer *layer, const char *verb);

/* The axis of a sample of x that an option names, from the end where negative, as an axis of the
 * node; -1, reported, where there is none. */
int layer_axis(struct layer *layer, struct value x, int64_t axis);

/* Reports a mistake at the layer's place in the file; `hint` may be NULL. Always poisoned. */
struct value layer_fail(struct layer *layer, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The parameter of a layer along one axis of a sample: a field `int64_t axis` of its options. */
#define LAYER_AXIS_ROW(options, text)                                                              \
    {                                                                                              \
        .name = "axis", .type = PARAMETER_INTEGER, .offset = offsetof(options, axis),              \
        .standard = "-1", .low = -AXES_MOST, .high = AXES_MOST, .doc = text                        \
    }

/* A row of element-wise layers: `build` of one input of any shape. */
#define LAYER_ONE_INPUT .inputs_least = 1, .inputs_most = 1

#endif
