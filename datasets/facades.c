/* Facades of buildings, each beside a map of its parts: pairs, for translation from one to the other. */
#include "datasets/images.h"

static const char *const files[] = {"facades-jpeg.tar", NULL};

static const struct parameter parameters[] = {
    IMAGES_FOLDER_ROW, IMAGES_SELECT_ROWS, IMAGES_PAIRS_ROW("left"), IMAGES_ROWS, {0},
};

static const struct dataset known[3] = {
    [0] = {.count = 400, .shape = {3, {128, 256, 3}}, .type = DATA_UINT8},
    [1] = {.count = 106, .shape = {3, {128, 256, 3}}, .type = DATA_UINT8},
    [2] = {.count = 100, .shape = {3, {128, 256, 3}}, .type = DATA_UINT8},
};

const struct dataset_row dataset_facades = {
    .name = "facades",
    .doc = "pairs of 128x128: x is the photograph of a facade, condition the map of its parts",
    .citation =
        "Tylecek and Sara 2013, Spatial pattern templates for recognition of objects with regular "
        "structure, GCPR; as pairs by Isola, Zhu, Zhou and Efros 2017, arXiv 1611.07004",
    .licence = "published for research; its authors ask to be cited",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .files = files,
    .get =
        "put facades-jpeg.tar, JPEG files of 256x128 pixels in folders train, val and test, "
        "into one of these folders; "
        "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/facades.tar.gz has them with 512x256 "
        "pixels, some 30 MB, which 'source: images' reads by 'path', 'pairs: left' and 'size: 128'",
    .known = known,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
