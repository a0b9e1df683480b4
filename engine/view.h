/*
 * Views: how the elements of a buffer are seen through a chain of movement operations.
 *
 * Each axis of a view is a list of factors, outermost first, each with an extent and a stride in
 * the buffer, so that a reshape which merges axes of unrelated strides is still a view. An axis
 * made by PAD has one factor and bounds.
 */
#ifndef ENGINE_VIEW_H
#define ENGINE_VIEW_H

#include "engine/graph.h"

enum { FACTORS_MOST = 12 };
struct factor {
    int64_t extent, stride;
    bool padded; /* element (i - low) / step where that is a whole number in [0, count), else the
                    view's fill */
    int64_t low, step, count;
};
struct view_axis {
    int64_t extent;
    int factors;
    struct factor factor[FACTORS_MOST];
};
struct view {
    int rank;
    struct view_axis axis[AXES_MOST];
    int64_t base;
    bool padded;
    double fill;
};

/* Row-major over `shape`. */
struct view view_of(struct shape shape);
/* Over `shape` with the given strides. */
struct view view_strided(struct shape shape, const int64_t *stride, int64_t base);
/* What `movement`, an operation of class MOVE but not CONCAT, makes of it; false if no view says
 * it. */
bool view_move(struct view *view, const struct node *movement);
bool view_reshape(struct view *view, struct shape shape);

#endif
