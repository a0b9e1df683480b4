/* What the files of the fuser share: the state of the pass, and what each file does for the others.
 */
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
    bool broken; /* there is no kernel for it */
    int *after;  /* units that make what it reads */
    int after_count;
    /* Those of the newest units that must run before it, directly or not, when there were
     * `recent_at` units: bit k stands for the newest but k. */
    uint64_t recent;
    int recent_at;
};

struct producers {
    int *units, count;
};

struct fuser {
    struct arena *arena;   /* of the kernels */
    struct arena *attempt; /* until all begins again, or the kernels are made */
    struct graph *graph;
    bool no_fuse;
    bool *forced, *wanted, *material; /* by node id */
    struct place *place;              /* by node id; of material nodes */
    struct producers *producers;      /* by node id: the units that make it */
    uint32_t *seen, walks;            /* by node id: what the last walk that met it has seen */
    struct buffer *buffers;
    int buffers_count;
    struct unit *units;
    int units_count, first_open; /* units before it neither wait for new ones nor take roots */
    int broken, obstacles;       /* of this attempt: units without a kernel, nodes newly forced */
    int *assigned;
    struct place *outputs;
};

/* ---- fuse_material.c: which values lie in memory, and where ---- */

bool fuse_is_leaf(const struct node *node);

/* Decides which nodes are material, and gives them their places. */
void fuse_choose_material(struct fuser *fuser);
void fuse_choose_places(struct fuser *fuser);

/* The material node in whose memory x lies, and how many elements from its start; NULL if there is
 * none. */
const struct node *fuse_base_of(const struct fuser *fuser, const struct node *x, int64_t *offset);

/* Where the value of x lies; x is material, or a reshape or slice in one piece of what is. */
struct place fuse_place(const struct fuser *fuser, const struct node *x);

/* Whether each part of a concat lies in one piece of it. */
bool fuse_is_outermost(const struct node *concat);

int fuse_add_buffer(struct fuser *fuser, struct buffer buffer);
int fuse_add_planned(struct fuser *fuser, const struct node *node);

/* ---- fuse_units.c: kernels in the making ---- */

/* Puts a root into a unit; where there is no kernel for it, what is in the way is forced. */
void fuse_add_root(struct fuser *fuser, const struct root *root);
/* A product is a unit of its own. */
void fuse_add_product(struct fuser *fuser, const struct node *product);
void fuse_add_producer(struct fuser *fuser, const struct node *node, int unit);

/* ---- one kernel: its code (fuse_code.c), axes (fuse_axes.c) and registers (fuse_registers.c) ---- */

/* The unit's program, in `arena`; NULL if its views do not fit together. Then *obstacle, if asked
 * for, is a node to make material. */
struct fused *fuse_compile(const struct fuser *fuser, const struct unit *unit, struct arena *arena,
                           const struct node **obstacle);

/* A view over the flat loop that waits for axes: of a leaf, a store, an index or a gather's index.
 */
struct pending {
    struct view view;
    struct map *map;
    const struct node *moved; /* the movement nearest its memory, to make material if views do not
                                 fit; may be NULL */
};

/* Gives the loop its axes and each pending view its map; false if the views do not fit together. */
bool fuse_set_axes(struct fused *fused, struct pending *pending, int count);

/* Gives each of the code's values a register. */
void fuse_set_registers(struct fused *fused, int values);

/* ---- fuse_kernels.c ---- */

/* The units as kernels, in an order that runs. */
struct kernels *fuse_kernels(struct fuser *fuser);

#endif
