/* Oranges and lemons: two sets without pairs, for translation from one to the other. */
#include "datasets/images.h"

static const char *const files[] = {"orange2lemon-jpeg.tar", NULL};

static const struct parameter parameters[] = {
    IMAGES_FOLDER_ROW,
    {.name = "domain",
     .type = PARAMETER_TEXT,
     .offset = offsetof(struct images_options, domain),
     .standard = "A",
     .doc = "A, oranges, or B, lemons"},
    IMAGES_SELECT_ROWS,
    IMAGES_PAIRS_ROW("none"),
    IMAGES_ROWS,
    {0},
};

static const struct dataset known[3] = {
    [0] = {.count = 450, .shape = {3, {64, 64, 3}}, .type = DATA_UINT8},
    [1] = {.count = 50, .shape = {3, {64, 64, 3}}, .type = DATA_UINT8},
};

const struct dataset_row dataset_orange2lemon = {
    .name = "orange2lemon",
    .doc = "oranges (domain A) and lemons (domain B), without pairs: 450 + 50 photographs of 64x64 "
           "each",
    .citation = "Deng, Dong, Socher, Li, Li and Fei-Fei 2009, ImageNet: a large-scale hierarchical "
                "image database, CVPR; two classes, by way of Tiny ImageNet (Stanford CS231n)",
    .licence = "ImageNet's terms: non-commercial research and education",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .files = files,
    .get = "put orange2lemon-jpeg.tar, JPEG files of 64x64 pixels in folders trainA, trainB, testA "
           "and testB, into one of these folders; they are the classes n07747607 and n07749582 of "
           "'duel fetch imagenet64'; 'source: images' with 'domain' reads other collections",
    .known = known,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
