/* Every source: the name of its row, dataset_NAME, in the file NAME.c. */
#ifndef DATASETS_LIST_H
#define DATASETS_LIST_H

#define DATASET_LIST(X)                                                                            \
    X(mnist)                                                                                       \
    X(fashion_mnist)                                                                               \
    X(cifar10)                                                                                     \
    X(faces)                                                                                       \
    X(imagenet64)                                                                                  \
    X(facades)                                                                                     \
    X(orange2lemon)                                                                                \
    X(images)                                                                                      \
    X(idx)                                                                                         \
    X(npy)                                                                                         \
    X(hdf5)                                                                                        \
    X(csv)                                                                                         \
    X(ring)                                                                                        \
    X(grid)                                                                                        \
    X(gaussians)                                                                                   \
    X(spiral)                                                                                      \
    X(moons)                                                                                       \
    X(line)

#endif
