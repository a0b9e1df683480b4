/* Twenty classes of ImageNet, made small. */
#include "datasets/images.h"

static const char *const files[] = {"imagenet64-jpeg.tar", NULL};

static const struct parameter parameters[] = {
    IMAGES_FOLDER_ROW, IMAGES_SELECT_ROWS, IMAGES_PAIRS_ROW("none"), IMAGES_ROWS, {0},
};

static const struct dataset known[3] = {
    [0] = {.count = 8500, .shape = {3, {64, 64, 3}}, .type = DATA_UINT8, .classes = 20},
    [2] = {.count = 500, .shape = {3, {64, 64, 3}}, .type = DATA_UINT8, .classes = 20},
};

const struct dataset_row dataset_imagenet64 = {
    .name = "imagenet64",
    .doc = "photographs: 8,500 + 500 (val) images of 64x64 in 20 classes of ImageNet",
    .citation = "Deng, Dong, Socher, Li, Li and Fei-Fei 2009, ImageNet: a large-scale hierarchical "
                "image database, CVPR; small by way of Tiny ImageNet (Stanford CS231n)",
    .licence = "ImageNet's terms: non-commercial research and education",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .files = files,
    .get = "put imagenet64-jpeg.tar, JPEG files of 64x64 pixels in folders train/CLASS and "
           "val/CLASS, into one of these folders; 'source: images' reads other collections",
    .known = known,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
