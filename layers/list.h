/* Every layer: the name of its row, NAME_layer, in the file NAME.c. */
#ifndef LAYERS_LIST_H
#define LAYERS_LIST_H

#define LAYER_LIST(X)                                                                              \
    X(linear)                                                                                      \
    X(maxout)                                                                                      \
    X(conv)                                                                                        \
    X(conv_transpose)                                                                              \
    X(bias)                                                                                        \
    X(identity)                                                                                    \
    X(flatten)                                                                                     \
    X(reshape)                                                                                     \
    X(permute)                                                                                     \
    X(max_pool)                                                                                    \
    X(average_pool)                                                                                \
    X(global_pool)                                                                                 \
    X(upsample)                                                                                    \
    X(downsample)                                                                                  \
    X(pixel_shuffle)                                                                               \
    X(pixel_unshuffle)                                                                             \
    X(patches)                                                                                     \
    X(unpatches)                                                                                   \
    X(blur)                                                                                        \
    X(relu)                                                                                        \
    X(leaky_relu)                                                                                  \
    X(prelu)                                                                                       \
    X(elu)                                                                                         \
    X(selu)                                                                                        \
    X(gelu)                                                                                        \
    X(silu)                                                                                        \
    X(sigmoid)                                                                                     \
    X(tanh)                                                                                        \
    X(softplus)                                                                                    \
    X(softmax)                                                                                     \
    X(log_softmax)                                                                                 \
    X(batch_norm)                                                                                  \
    X(conditional_batch_norm)                                                                      \
    X(layer_norm)                                                                                  \
    X(instance_norm)                                                                               \
    X(group_norm)                                                                                  \
    X(pixel_norm)                                                                                  \
    X(dropout)                                                                                     \
    X(gaussian_noise)                                                                              \
    X(pack)                                                                                        \
    X(minibatch_stddev)                                                                            \
    X(minibatch_discrimination)                                                                    \
    X(embedding)                                                                                   \
    X(projection)                                                                                  \
    X(self_attention)                                                                              \
    X(one_hot)                                                                                     \
    X(concat)                                                                                      \
    X(add)                                                                                         \
    X(multiply)                                                                                    \
    X(residual)                                                                                    \
    X(branch)                                                                                      \
    X(sequential)                                                                                  \
    X(repeat)                                                                                      \
    X(parameter)                                                                                   \
    X(call)                                                                                        \
    X(compute)

#endif
