/* Fashion-MNIST: articles of clothing, in the form of MNIST. */
#include "datasets/examples.h"

static const char *const files[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", NULL};

static const char *const class_names[] = {"T-shirt/top", "trouser",   "pullover", "dress",
                                          "coat",        "sandal",    "shirt",    "sneaker",
                                          "bag",         "ankle boot"};

static const struct dataset known[] = {
    {.count = 60000,
     .shape = {3, {28, 28, 1}},
     .type = DATA_UINT8,
     .classes = 10,
     .class_names = class_names},
    {.count = 10000,
     .shape = {3, {28, 28, 1}},
     .type = DATA_UINT8,
     .classes = 10,
     .class_names = class_names},
};

const struct dataset_row dataset_fashion_mnist = {
    .name = "fashion-mnist",
    .doc = "articles of clothing: 60,000 + 10,000 grey images of 28x28 in 10 classes",
    .citation = "Xiao, Rasul and Vollgraf 2017, Fashion-MNIST: a novel image dataset for "
                "benchmarking machine learning algorithms, arXiv 1708.07747",
    .licence = "MIT (Zalando SE)",
    .parameters = published_parameters,
    .options_size = sizeof(struct published_options),
    .files = files,
    .get = "sudo apt install dataset-fashion-mnist (Debian, Ubuntu), or put its four IDX files, "
           "gzipped (.gz) or not, into one of these folders",
    .known = known,
    .open = published_open,
    .peek = published_peek,
    .load = examples_load,
};
