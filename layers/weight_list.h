/* Every transformation of weights: the name of its row, NAME_weight, in the file NAME.c. */
#ifndef LAYERS_WEIGHT_LIST_H
#define LAYERS_WEIGHT_LIST_H

#define WEIGHT_LIST(X)                                                                             \
    X(spectral_norm)                                                                               \
    X(weight_norm)                                                                                 \
    X(equalized)

#endif
