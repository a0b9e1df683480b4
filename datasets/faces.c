/* Faces: photographs from Flickr-Faces-HQ, made small. */
#include "datasets/images.h"

static const char *const files[] = {"faces64-jpeg.tar", NULL};

static const struct parameter parameters[] = {
    IMAGES_FOLDER_ROW, IMAGES_SELECT_ROWS, IMAGES_PAIRS_ROW("none"), IMAGES_ROWS, {0},
};

static const struct dataset known[3] = {
    [0] = {.count = 5000, .shape = {3, {64, 64, 3}}, .type = DATA_UINT8},
};

const struct dataset_row dataset_faces = {
    .name = "faces",
    .doc = "faces: the first 5,000 images of Flickr-Faces-HQ, 64x64, aligned",
    .citation = "Karras, Laine and Aila 2019, A style-based generator architecture for generative "
                "adversarial networks, arXiv 1812.04948",
    .licence = "CC BY-NC-SA 4.0 (NVIDIA); each photograph has its own licence: non-commercial use, "
               "with attribution",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .files = files,
    .get =
        "put faces64-jpeg.tar, JPEG files of 64x64 pixels, into one of these folders; "
        "https://github.com/NVlabs/ffhq-dataset has them with 128x128 pixels (thumbnails128x128, "
        "2 GB), which 'source: images' reads by 'path' and 'size: 64'",
    .known = known,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
