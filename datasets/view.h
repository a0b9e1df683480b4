/*
 * What programs see of examples that lie in memory: one half of a pair, a crop of it, mirrored or not. The
 * examples themselves never change, so that each draw can see them otherwise.
 *
 * x is [height, width, channels] of the crop. Each draw of an example has its moves: where the crop begins,
 * and whether it is mirrored. Both halves of a pair are moved alike. The moves depend on the seed, the epoch
 * and the number of the draw in it, so that a run that is resumed sees the same.
 */
#ifndef DATASETS_VIEW_H
#define DATASETS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parameter.h"

/* Which half is x; the other one is the condition. */
enum view_pairs { PAIRS_NONE, PAIRS_LEFT, PAIRS_RIGHT };

struct view {
    int pairs;       /* enum view_pairs */
    bool flip;       /* mirrored left to right, or not, each as likely */
    int64_t padding; /* black pixels on each side, before the crop */
    int64_t crop[2]; /* height, width; 0: as large as without padding */
};

/* Of x, and of the condition, where examples are `stored` in memory. */
struct extents view_shape(const struct view *view, const struct extents *stored);

/* Whether draws differ: then programs take their moves. */
bool view_moves(const struct view *view);

/* Where the crop of a draw begins, in pixels of the padded image, and whether it is mirrored then. */
enum { VIEW_TOP, VIEW_LEFT, VIEW_FLIP, VIEW_MOVES };

/* The moves of `count` examples, int32 (count, VIEW_MOVES): those of draw `position` in `epoch`. */
void view_draw(const struct view *view, const struct extents *stored, uint64_t seed, int64_t epoch,
               int64_t position, int64_t count, int32_t *moves);

/* The moves where nothing is drawn, as for samples: the middle, as it is. */
void view_middle(const struct view *view, const struct extents *stored, int32_t moves[VIEW_MOVES]);

/* What is seen of one image of bytes by such moves: fills `x`, of view_shape, where black is 0. */
void view_take(const struct view *view, const struct extents *stored,
               const int32_t moves[VIEW_MOVES], const uint8_t *image, uint8_t *x);

/* CONFIG where the view does not fit images that are so stored; `wrong` gets the option's name. */
bool view_check(const struct view *view, const struct extents *stored, const char **wrong,
                struct error *error);

#endif
