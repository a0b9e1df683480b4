/* Every layer: the name of its row, NAME_layer, in the file NAME.c. */
#ifndef LAYERS_LIST_H
#define LAYERS_LIST_H

#define LAYER_LIST(X)                                                                              \
    X(linear)                                                                                      \
    X(flatten)                                                                                     \
    X(reshape)                                                                                     \
    X(relu)                                                                                        \
    X(leaky_relu)                                                                                  \
    X(sigmoid)                                                                                     \
    X(tanh)                                                                                        \
    X(softplus)                                                                                    \
    X(softmax)                                                                                     \
    X(log_softmax)                                                                                 \
    X(batch_norm)                                                                                  \
    X(dropout)                                                                                     \
    X(embedding)                                                                                   \
    X(one_hot)                                                                                     \
    X(concat)                                                                                      \
    X(add)                                                                                         \
    X(parameter)                                                                                   \
    X(call)                                                                                        \
    X(compute)

#endif
