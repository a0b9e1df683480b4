/* What layers that slide a window over images share. */
#ifndef LAYERS_IMAGE_H
#define LAYERS_IMAGE_H

#include "layers/layer.h"

/* Fields `struct extents kernel, stride, dilation` and `struct padding padding` of options, read by
 * the rows below, and what they mean for a layer. */
struct window {
    const struct extents *kernel, *stride, *dilation;
    const struct padding *padding;
};

/* The words of a `padding`, in the order of its choices. */
enum padding_word { PADDING_SAME, PADDING_VALID, PADDING_REFLECT };

#define IMAGE_EXTENTS_ROW(options, field, given, text)                                             \
    {                                                                                              \
        .name = #field, .type = PARAMETER_SHAPE, .offset = offsetof(options, field),               \
        .standard = given, .low = 1, .high = 1 << 16, .unit = "pixels",                            \
        .aliases = #field "_size " #field "s " #field "_rate", .doc = text                         \
    }
#define IMAGE_PADDING_ROW(options, words, text)                                                    \
    {                                                                                              \
        .name = "padding", .type = PARAMETER_PADDING, .offset = offsetof(options, padding),        \
        .standard = "0", .low = 0, .high = 1 << 16, .choices = words, .unit = "pixels",            \
        .doc = text                                                                                \
    }

/* Of windows over an image, and of their transposes, out of which one comes. */
#define IMAGE_AROUND_ROW(options)                                                                  \
    IMAGE_PADDING_ROW(                                                                             \
        options, "same valid reflect",                                                             \
        "around the image: a number, [top, bottom, left, right], 'same' (ceil(size / "             \
        "stride) come out; TensorFlow's), 'valid' (none), 'reflect' (as 'same', "                  \
        "mirrored)")
#define IMAGE_CUT_ROW(options)                                                                     \
    IMAGE_PADDING_ROW(                                                                             \
        options, "same valid",                                                                     \
        "cut off what comes out: a number, [top, bottom, left, right], 'same' (size * "            \
        "stride comes out; TensorFlow's), 'valid' (nothing)")
#define IMAGE_OUTPUT_PADDING_ROW(options)                                                          \
    {                                                                                              \
        .name = "output_padding", .type = PARAMETER_SHAPE,                                         \
        .offset = offsetof(options, output_padding), .standard = "0", .low = 0, .high = 1 << 16,   \
        .unit = "pixels",                                                                          \
        .doc = "rows and columns more at the bottom and the right, fewer than the stride"          \
    }

/* Fields `int64_t channels, groups` of convolutions. */
#define IMAGE_CHANNELS_ROW(options)                                                                \
    {                                                                                              \
        .name = "channels", .type = PARAMETER_INTEGER, .offset = offsetof(options, channels),      \
        .low = 1, .high = 1 << 24, .aliases = "out_channels filters features",                     \
        .doc = "channels that come out"                                                            \
    }
#define IMAGE_GROUPS_ROW(options, text)                                                            \
    {                                                                                              \
        .name = "groups", .type = PARAMETER_INTEGER, .offset = offsetof(options, groups),          \
        .standard = "1", .low = 1, .high = 1 << 24, .doc = text                                    \
    }

/* A field `int64_t factor` of layers that make images so many times larger or smaller; `given` NULL: it must be said. */
#define IMAGE_FACTOR_ROW(options, given, others, text)                                             \
    {                                                                                              \
        .name = "factor", .type = PARAMETER_INTEGER, .offset = offsetof(options, factor),          \
        .standard = given, .low = 1, .high = 1024, .aliases = others, .doc = text                  \
    }

/* The layer's only input as float32 images (batch, height, width, channels), with a batch of 1
 * where it has none; NULL, reported, where it is something else. */
struct node *image_input(struct layer *layer);

/* An image as the layer's result, without batch where its input has none. */
struct value image_value(struct layer *layer, struct node *image);

/* A pair of numbers, for height and width, of one or two; false, reported, where there are more. */
bool image_pair(struct layer *layer, const char *name, const struct extents *extents,
                int64_t pair[2]);

/* Kernel, stride and dilation of a window, and a padding of numbers; groups 1. False, reported,
 * where one has more than two extents. */
bool image_window(struct layer *layer, const struct window *window, int64_t kernel[2],
                  struct convolution *convolution);

/* Sets the padding of words, for which `image` is what the window goes over: `same` has
 * ceil(image / stride) places, the odd row and column after the others, as TensorFlow does.
 * `reflect` pads *x so and leaves none to do. False, reported, where the image cannot be reflected. */
bool image_pad(struct layer *layer, const struct padding *padding, const int64_t kernel[2],
               struct convolution *convolution, struct node **x);
void image_same(struct convolution *convolution, const int64_t image[2], const int64_t kernel[2]);

/* Whether the window fits into the image with its padding; reported where not. */
bool image_fits(struct layer *layer, const struct node *x, const int64_t kernel[2],
                const struct convolution *convolution);

/* The images that come out of a transposed window, of which it makes y; sets c's padding where that is 'same'. False, reported,
 * where there are none. */
bool image_transposed(struct layer *layer, const struct node *y, const int64_t kernel[2],
                      const struct padding *padding, const struct extents *output_padding,
                      struct convolution *c, int64_t image[2]);

/* Whether groups divide the channels that go in and come out; whether a shape can be made. Reported
 * where not. */
bool image_groups(struct layer *layer, int64_t groups, int64_t in, int64_t out);
bool image_is_sane(struct layer *layer, struct shape shape);

/* The layer's `weight`, a kernel whose group takes `in` channels and gives `out`; and y with its
 * `bias`. NULL, reported, where there is none. */
struct node *image_kernel(struct layer *layer, struct shape shape, int64_t in, int64_t out,
                          const struct distribution *init);
struct node *image_bias(struct layer *layer, struct node *y, const int64_t kernel[2], int64_t in,
                        const struct distribution *init);

#endif
