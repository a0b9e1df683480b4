/* The table of what a weight may go through; see weight.h. */
#include "layers/weight.h"

#include <string.h>

#include "base/text.h"
#include "layers/weight_list.h"

#define X(name) extern const struct weight_row name##_weight;
WEIGHT_LIST(X)
#undef X

const struct weight_row *const weight_rows[] = {
#define X(name) &name##_weight,
    WEIGHT_LIST(X)
#undef X
        NULL,
};

const struct weight_row *weight_find(const char *name) {
    for (int i = 0; weight_rows[i]; i++)
        if (!strcmp(weight_rows[i]->name, name)) return weight_rows[i];
    return NULL;
}

const struct weight_row *weight_meant(const char *name) {
    struct nearest nearest = {.wanted = name};
    for (int i = 0; weight_rows[i]; i++)
        nearest_try_row(&nearest, weight_rows[i]->name, weight_rows[i]->aliases);
    return nearest.name && !nearest.distance ? weight_find(nearest.name) : NULL;
}

#define X(name) #name " "
const struct parameter weight_parameters[] = {
    {.name = "weight",
     .type = PARAMETER_TEXTS,
     .standard = "",
     .choices = WEIGHT_LIST(X),
     .doc =
         "what the weight goes through before its use, in this order; 'duel weights' lists them"},
    {0},
};
#undef X

const char *weight_kind(const char *leaf) {
    const char *slash = strrchr(leaf, '/');
    return slash ? slash + 1 : leaf;
}

const char *weighting_leaf(const struct weighting *w, const char *leaf) {
    int folder = (int)(weight_kind(w->leaf) - w->leaf);
    return arena_format(w->layer->arena, "%.*s%s", folder, w->leaf, leaf);
}
