/* MNIST: handwritten digits. */
#include "datasets/examples.h"

static const char *const files[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", NULL};

static const struct dataset known[] = {
    {.count = 60000, .shape = {3, {28, 28, 1}}, .type = DATA_UINT8, .classes = 10},
    {.count = 10000, .shape = {3, {28, 28, 1}}, .type = DATA_UINT8, .classes = 10},
};

const struct dataset_row dataset_mnist = {
    .name = "mnist",
    .doc = "handwritten digits: 60,000 + 10,000 grey images of 28x28 in 10 classes",
    .citation = "LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to "
                "document recognition, Proceedings of the IEEE 86(11)",
    .licence = "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher Burges)",
    .parameters = published_parameters,
    .options_size = sizeof(struct published_options),
    .files = files,
    .get = "put MNIST's train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte "
           "and t10k-labels-idx1-ubyte, gzipped (.gz) or not, into one of these folders",
    .known = known,
    .open = published_open,
    .peek = published_peek,
    .load = examples_load,
};
