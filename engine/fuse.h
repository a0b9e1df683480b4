/* What fuse.c (which values lie in memory, which kernels there are) and fuse_axes.c (one kernel's
 * code and axes) share. */
#ifndef ENGINE_FUSE_H
#define ENGINE_FUSE_H

#include "engine/fused.h"
#include "engine/view.h"

/* A value that a fused kernel leaves in memory. */
struct root {
    const struct node *value;
    bool copy; /* value is made elsewhere: read it and store it here as well */
    const struct node
        *reduction; /* value, if it is a reduction; then the loop runs over its source */
    const struct node *part_of; /* the concat that it is written into */
    struct place place;
    struct view store; /* of `value`'s shape, from place */
    bool check_finite;
    int64_t count;                 /* elements of the loop */
    int64_t outer, reduced, inner; /* of a reduction */
};

enum { UNIT_ROOTS_MOST = 12 };

/* A kernel in the making. */
struct unit {
    enum kernel_kind kind;
    int id;
    const struct node *node;
    struct root *roots;
    int roots_count;
    int64_t count, outer, reduced, inner; /* reduced 0: nothing is */
    const struct node **reads;
    int reads_count;
    uint64_t *ancestors; /* units that must run before */
    struct fused *fused;
};

struct producers {
    int *units, count;
};

struct fuser {
    struct arena *arena;
    struct graph *graph;
    bool no_fuse;
    bool *forced, *wanted, *material; /* by node id */
    struct place *place;              /* by node id; of material nodes */
    struct producers *producers;      /* by node id: the units that make it */
    struct buffer *buffers;
    int buffers_count;
    struct unit *units;
    int units_count, units_most, words;
    int *assigned;
    struct place *outputs;
};

bool fuse_is_leaf(const struct node *node);

/* Where the value of x lies; x is material, or a reshape or slice in one piece of what is. */
struct place fuse_place(const struct fuser *fuser, const struct node *x);

/* The unit's program; NULL if its views do not fit together. Then *obstacle, if asked for, is a
 * node to make material. */
struct fused *fuse_compile(struct fuser *fuser, const struct unit *unit,
                           const struct node **obstacle);

#endif
