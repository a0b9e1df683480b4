/*
 * The networks of a first experiment: layers of units for points and small images, DCGAN's stages (Radford et al. 2016, arXiv
 * 1511.06434) for images that come from a first one, of 4 to 7 pixels a side, by doubling.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/starter.h"

/* The sizes of a stack of convolutions. */
struct stack {
    int doublings;                   /* 0: the images are no such */
    int64_t height, width, channels; /* of the first image */
};

enum { DOUBLINGS_LEAST = 2, SIDE_LEAST = 4, SIDE_MOST = 16, CHANNELS = 64, CHANNELS_MOST = 512 };

static struct stack stack_of(int64_t height, int64_t width) {
    struct stack stack = {.channels = CHANNELS / 2, .height = height, .width = width};
    while (stack.height % 2 == 0 && stack.width % 2 == 0 && stack.height >= 2 * SIDE_LEAST &&
           stack.width >= 2 * SIDE_LEAST) {
        stack.height /= 2;
        stack.width /= 2;
        stack.doublings++;
        if (stack.channels < CHANNELS_MOST) stack.channels *= 2;
    }
    bool fits = stack.height < SIDE_MOST && stack.width < SIDE_MOST;
    if (stack.doublings < DOUBLINGS_LEAST || !fits) stack.doublings = 0;
    return stack;
}

/* The side nearest to this that halves `doublings` times. */
static int64_t nearest_side(int64_t side, int doublings) {
    int64_t last = (side + (1LL << doublings) / 2) >> doublings;
    return (last < SIDE_LEAST ? SIDE_LEAST : last) << doublings;
}

/* The size nearest to that of the images of which there is a stack; of equally near ones that of the most doublings. */
static void nearest_size(const int64_t size[2], int64_t found[2]) {
    int64_t best = INT64_MAX;
    for (int k = 4 * DOUBLINGS_LEAST; k >= DOUBLINGS_LEAST; k--) {
        int64_t height = nearest_side(size[0], k), width = nearest_side(size[1], k);
        int64_t off = llabs(height - size[0]) + llabs(width - size[1]);
        if (off >= best || !stack_of(height, width).doublings) continue;
        best = off;
        found[0] = height;
        found[1] = width;
    }
}

static bool has_option(const char *source, const char *name) {
    for (const struct parameter *p = dataset_find(source)->parameters; p->name; p++)
        if (!strcmp(p->name, name)) return true;
    return false;
}

/* Why images get no stack, and at which size they would. */
static void write_why(const struct starter *s, struct arena *arena, struct text *t) {
    int64_t size[2] = {0};
    nearest_size(s->data->shape.extent, size);
    text_format(t,
                "# Layers of units: convolutions are for sides that halve twice or more, down to "
                "%d to %d pixels.\n",
                SIDE_LEAST, SIDE_MOST - 1);
    if (!size[0]) return;
    const char *words = size[0] == size[1]
                            ? arena_format(arena, "%" PRId64, size[0])
                            : arena_format(arena, "[%" PRId64 ", %" PRId64 "]", size[0], size[1]);
    text_format(t,
                has_option(s->source, "size")
                    ? "# 'size: %s' in 'data' would do: 'duel new' writes convolutions for it.\n"
                    : "# Images of size %s would do: 'duel new' writes convolutions for them.\n",
                words);
}

/* Channels of the image that is `level` doublings before the last. */
static int64_t channels_at(int level) {
    int64_t channels = CHANNELS / 2;
    while (level-- > 0 && channels < CHANNELS_MOST)
        channels *= 2;
    return channels;
}

/* Layers before the last: `units` each, with what follows it. */
static void write_hidden(struct text *t, int count, const int units[], const char *after) {
    for (int i = 0; i < count; i++)
        text_format(t, "      - linear: %d\n%s", units[i], after);
}

/* ---- the generator ---- */

/* From noise to a small image, which is doubled until it is as large as the data's. */
static void write_up(const struct starter *s, const struct stack *stack, struct text *t) {
    text_format(t,
                "      - linear: {units: %" PRId64 ", bias: false, init: normal(0.02)}\n"
                "      - reshape: [%" PRId64 ", %" PRId64 ", %" PRId64 "]\n"
                "      - batch_norm\n      - relu\n",
                stack->height * stack->width * stack->channels, stack->height, stack->width,
                stack->channels);
    int64_t height = stack->height, width = stack->width;
    for (int level = stack->doublings - 1; level > 0; level--)
        text_format(t, "      - dcgan_up: %" PRId64 " # [%" PRId64 ", %" PRId64 ", %" PRId64 "]\n",
                    channels_at(level), height *= 2, width *= 2, channels_at(level));
    text_format(t,
                "      - conv_transpose: {channels: %" PRId64
                ", kernel: 4, stride: 2, padding: 1, init: normal(0.02)}\n%s",
                s->data->shape.extent[2], s->data->type == DATA_UINT8 ? "      - tanh\n" : "");
}

static void write_units(const struct starter *s, struct arena *arena, struct text *t) {
    static const int small[] = {128, 128}, wide[] = {128, 256, 512};
    bool image = s->data->shape.rank > 1;
    if (image)
        write_hidden(t, 3, wide, "      - batch_norm\n      - leaky_relu: 0.2\n");
    else
        write_hidden(t, 2, small, "      - relu\n");
    text_format(t, "      - linear: %" PRId64 "\n", dataset_example_size(s->data));
    if (s->data->type == DATA_UINT8) text_add(t, "      - tanh\n");
    if (image)
        text_format(t, "      - reshape: %s\n",
                    arena_extents(arena, s->data->shape.rank, s->data->shape.extent));
}

static void write_generator(const struct starter *s, const struct stack *stack, struct arena *arena,
                            struct text *t) {
    bool classes = starter_names(s, "y");
    text_format(t, "  generator:\n    inputs: [z%s]\n    layers:\n", classes ? ", y" : "");
    if (classes)
        text_format(
            t,
            "      - one_hot: %d # the class that is wanted\n        from: y\n        as: class\n"
            "      - concat: {}\n        from: [z, class]\n",
            s->data->classes);
    if (stack->doublings)
        write_up(s, stack, t);
    else
        write_units(s, arena, t);
}

/* ---- the discriminator ---- */

/* Without batch norm in the first stage; nor elsewhere where the game takes gradients, which are each sample's own. */
static void write_down(const struct starter *s, const struct stack *stack, struct text *t) {
    bool gradients = starter_names(s, "grad");
    for (int level = 1; level <= stack->doublings; level++)
        text_format(t,
                    level == 1 || gradients ? "      - dcgan_down: {channels: %" PRId64
                                              ", norm: 0}\n"
                                            : "      - dcgan_down: %" PRId64 "\n",
                    channels_at(level));
    text_add(t, "      - flatten: {}\n");
}

static void write_discriminator(const struct starter *s, const struct stack *stack,
                                struct text *t) {
    static const int small[] = {128, 128}, wide[] = {512, 256};
    bool image = s->data->shape.rank > 1, classes = starter_names(s, ".classes"),
         features = starter_names(s, ".features");
    text_add(t, "  discriminator:\n    inputs: [x]\n");
    if (classes || features)
        text_format(t, "    outputs: {logit: logit%s%s} # used as discriminator(x).logit\n",
                    classes ? ", classes: classes" : "", features ? ", features: body" : "");
    text_add(t, "    layers:\n");
    if (stack->doublings)
        write_down(s, stack, t);
    else {
        if (image) text_add(t, "      - flatten\n");
        write_hidden(t, 2, image ? wide : small, "      - leaky_relu: 0.2\n");
    }
    if (classes || features) text_add(t, "        as: body\n");
    text_format(t, "      - linear: 1\n%s", classes || features ? "        as: logit\n" : "");
    if (classes)
        text_format(t, "      - linear: %d\n        from: body\n        as: classes\n",
                    s->data->classes);
}

void starter_networks(const struct starter *s, struct arena *arena, struct text *t) {
    const int64_t *size = s->data->shape.extent;
    const bool image = s->data->shape.rank == 3;
    const struct stack stack = image ? stack_of(size[0], size[1]) : (struct stack){0};
    if (stack.doublings)
        text_add(t,
                 "# Lists of layers that are used like layers, from a file that comes with duel; "
                 "'duel describe' shows what is in them.\n"
                 "blocks: {include: blocks/dcgan.yaml}\n\n");
    text_add(
        t, "# Layer by layer; each takes what the one before it gave, at first the network's first "
           "input. 'duel layers' lists\n"
           "# them, 'duel layers linear' tells of one. 'duel describe' shows the shape behind "
           "each.\n");
    if (image && !stack.doublings) write_why(s, arena, t);
    text_add(t, "networks:\n");
    write_generator(s, &stack, arena, t);
    write_discriminator(s, &stack, t);
}
