/* Every source: the name of its row, dataset_NAME, in the file NAME.c. */
#ifndef DATASETS_LIST_H
#define DATASETS_LIST_H

#define DATASET_LIST(X)                                                                            \
    X(mnist)                                                                                       \
    X(fashion_mnist)                                                                               \
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
