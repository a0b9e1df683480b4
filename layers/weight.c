/* The table of what a weight may go through; see weight.h. */
#include "layers/weight.h"

#include <string.h>

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

const char *weight_kind(const char *leaf) {
    const char *slash = strrchr(leaf, '/');
    return slash ? slash + 1 : leaf;
}

const char *weighting_leaf(const struct weighting *w, const char *leaf) {
    int folder = (int)(weight_kind(w->leaf) - w->leaf);
    return arena_format(w->layer->arena, "%.*s%s", folder, w->leaf, leaf);
}
