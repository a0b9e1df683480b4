/* CIFAR-10: tiny photographs in ten classes. The published binary batches, or the same as JPEG files. */
#include "datasets/cifar_file.h"
#include "datasets/images.h"

static const char *const files[] = {"cifar-10-batches-bin", "cifar-10-binary.tar",
                                    "cifar10-jpeg.tar", NULL};

static const char *const mirrors[] = {"https://www.cs.toronto.edu/~kriz/", NULL};

/* SHA-256 and length are those of TensorFlow Datasets' list of check sums. */
static const struct dataset_remote remote = {
    mirrors,
    {{"cifar-10-binary.tar.gz", 170052171,
      "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"}}};

static const struct parameter parameters[] = {
    IMAGES_FOLDER_ROW, IMAGES_SELECT_ROWS, IMAGES_PAIRS_ROW("none"), IMAGES_ROWS, {0},
};

static const struct dataset known[3] = {
    [0] = {.count = 50000,
           .shape = {3, {32, 32, 3}},
           .type = DATA_UINT8,
           .classes = 10,
           .class_names = cifar_class_names},
    [1] = {.count = 10000,
           .shape = {3, {32, 32, 3}},
           .type = DATA_UINT8,
           .classes = 10,
           .class_names = cifar_class_names},
};

const struct dataset_row dataset_cifar10 = {
    .name = "cifar10",
    .doc = "photographs: 50,000 + 10,000 colour images of 32x32 in 10 classes",
    .citation = "Krizhevsky 2009, Learning multiple layers of features from tiny images, technical "
                "report, University of Toronto",
    .licence = "none stated; its authors ask to be cited",
    .parameters = parameters,
    .options_size = sizeof(struct images_options),
    .files = files,
    .remote = &remote,
    .get = "run 'duel fetch cifar10', or put cifar-10-binary.tar.gz, the folder "
           "cifar-10-batches-bin that is in it, or cifar10-jpeg.tar.gz into one of these folders",
    .known = known,
    .view = images_view,
    .peek = images_peek,
    .load = images_load,
};
