/* ImageNet made small: Tiny ImageNet as it was published, or twenty of its classes in an archive. */
#include "datasets/images.h"

static const char *const files[] = {"imagenet64-jpeg.tar", "tiny-imagenet-200.zip", NULL};

static const char *const mirrors[] = {"https://cs231n.stanford.edu/", "http://cs231n.stanford.edu/",
                                      NULL};

/* Length and SHA-256 as several projects that fetch it have them. */
static const struct dataset_remote remote = {
    mirrors,
    {{"tiny-imagenet-200.zip", 248100043,
      "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821"}}};

static const struct parameter parameters[] = {
    IMAGES_FOLDER_ROW, IMAGES_SELECT_ROWS, IMAGES_PAIRS_ROW("none"), IMAGES_ROWS, {0},
};

static const struct dataset known[3] = {
    [0] = {.count = 100000, .shape = {3, {64, 64, 3}}, .type = DATA_UINT8, .classes = 200},
    [2] = {.count = 500,
           .shape = {3, {64, 64, 3}},
           .type = DATA_UINT8,
           .classes = 20}, /* of the twenty */
};

const struct dataset_row dataset_imagenet64 = {
    .name = "imagenet64",
    .doc = "photographs: Tiny ImageNet, 100,000 images of 64x64 in 200 classes of ImageNet",
    .citation = "Deng, Dong, Socher, Li, Li and Fei-Fei 2009, ImageNet: a large-scale hierarchical "
                "image database, CVPR; made small as Tiny ImageNet (Stanford CS231n)",
    .licence = "ImageNet's terms: non-commercial research and education",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .files = files,
    .remote = &remote,
    .get =
        "run 'duel fetch imagenet64', or put tiny-imagenet-200.zip, or imagenet64-jpeg.tar, with "
        "JPEG files of 64x64 pixels in folders train/CLASS and val/CLASS, into one of these "
        "folders",
    .known = known,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
