/* MNIST: handwritten digits. */
#include "datasets/examples.h"

static const char *const files[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", NULL};

static const char *const mirrors[] = {
    "https://storage.googleapis.com/cvdf-datasets/mnist/", /* as TensorFlow Datasets */
    "https://ossci-datasets.s3.amazonaws.com/mnist/",      /* as torchvision */
    NULL};

/* SHA-256 and lengths are those of TensorFlow Datasets' list of check sums, and of files whose MD5 is
 * torchvision's. */
static const struct dataset_remote remote = {
    mirrors,
    {{"train-images-idx3-ubyte.gz", 9912422,
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
     {"train-labels-idx1-ubyte.gz", 28881,
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
     {"t10k-images-idx3-ubyte.gz", 1648877,
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
     {"t10k-labels-idx1-ubyte.gz", 4542,
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}}};

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
    .remote = &remote,
    .get = "run 'duel fetch mnist', or put MNIST's train-images-idx3-ubyte, "
           "train-labels-idx1-ubyte, t10k-images-idx3-ubyte "
           "and t10k-labels-idx1-ubyte, gzipped (.gz) or not, into one of these folders",
    .known = known,
    .open = published_open,
    .peek = published_peek,
    .load = examples_load,
};
