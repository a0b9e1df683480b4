/* Fashion-MNIST: articles of clothing, in the form of MNIST. */
#include "datasets/examples.h"

static const char *const files[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", NULL};

static const char *const mirrors[] = {
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/", /* as Keras */
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/", NULL};

/* SHA-256 and lengths are those of files whose MD5 is the one that its authors published. */
static const struct dataset_remote remote = {
    mirrors,
    {{"train-images-idx3-ubyte.gz", 26421880,
      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
     {"train-labels-idx1-ubyte.gz", 29515,
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
     {"t10k-images-idx3-ubyte.gz", 4422102,
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
     {"t10k-labels-idx1-ubyte.gz", 5148,
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}}};

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
    .remote = &remote,
    .get = "run 'duel fetch fashion-mnist', or sudo apt install dataset-fashion-mnist (Debian, "
           "Ubuntu), or put its four IDX files, "
           "gzipped (.gz) or not, into one of these folders",
    .known = known,
    .open = published_open,
    .peek = published_peek,
    .load = examples_load,
};
