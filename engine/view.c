/* Views; see view.h. */
#include "engine/view.h"

#include "base/bug.h"

struct view view_strided(struct shape shape, const int64_t *stride, int64_t base) {
    struct view view = {.rank = shape.rank, .base = base};
    for (int a = 0; a < shape.rank; a++) {
        struct view_axis *axis = &view.axis[a];
        axis->extent = shape.extent[a];
        if (axis->extent == 1) continue;
        axis->factors = 1;
        axis->factor[0] = (struct factor){.extent = axis->extent, .stride = stride[a]};
    }
    return view;
}

struct view view_of(struct shape shape) {
    int64_t stride[AXES_MOST];
    shape_strides(shape, stride);
    return view_strided(shape, stride, 0);
}

/* Appends a factor inside the last one, merging with it where one stride says both. */
static bool push_factor(struct factor *list, int *count, int most, struct factor f) {
    if (f.extent == 1 && !f.padded) return true;
    struct factor *last = *count ? &list[*count - 1] : NULL;
    if (last && !last->padded && !f.padded && last->stride == f.extent * f.stride) {
        last->extent *= f.extent;
        last->stride = f.stride;
        return true;
    }
    if (*count == most) return false;
    list[(*count)++] = f;
    return true;
}

/* Takes factors with product `extent` from the inner end of list[0..count); they go to `axis`. */
static bool take_axis(struct factor *list, int *count, struct view_axis *axis, int64_t extent) {
    struct factor taken[FACTORS_MOST]; /* innermost first */
    int n = 0;
    int64_t need = extent;
    while (need > 1) {
        if (!*count || n == FACTORS_MOST) return false;
        struct factor *inner = &list[*count - 1];
        if (need % inner->extent == 0) {
            need /= inner->extent;
            taken[n++] = *inner;
            --*count;
        } else if (!inner->padded && inner->extent % need == 0) {
            taken[n++] = (struct factor){.extent = need, .stride = inner->stride};
            inner->extent /= need;
            inner->stride *= need;
            need = 1;
        } else
            return false;
    }
    *axis = (struct view_axis){.extent = extent};
    for (int i = n - 1; i >= 0; i--)
        if (!push_factor(axis->factor, &axis->factors, FACTORS_MOST, taken[i])) return false;
    return true;
}

bool view_reshape(struct view *view, struct shape shape) {
    struct factor list[AXES_MOST * FACTORS_MOST];
    int count = 0;
    for (int a = 0; a < view->rank; a++)
        for (int f = 0; f < view->axis[a].factors; f++)
            push_factor(list, &count, AXES_MOST * FACTORS_MOST, view->axis[a].factor[f]);
    struct view result = {
        .rank = shape.rank, .base = view->base, .padded = view->padded, .fill = view->fill};
    for (int a = shape.rank - 1; a >= 0; a--)
        if (!take_axis(list, &count, &result.axis[a], shape.extent[a])) return false;
    if (count) return false; /* a padded axis of extent 1 would be lost */
    *view = result;
    return true;
}

static void move_permute(struct view *view, const struct node *n) {
    struct view old = *view;
    for (int a = 0; a < n->shape.rank; a++)
        view->axis[a] = old.axis[n->at.order[a]];
}

static bool is_padded(const struct view_axis *axis) {
    for (int f = 0; f < axis->factors; f++)
        if (axis->factor[f].padded) return true;
    return false;
}

static bool move_broadcast(struct view *view, const struct node *n) {
    for (int a = 0; a < n->shape.rank; a++) {
        struct view_axis *axis = &view->axis[a];
        if (axis->extent == n->shape.extent[a]) continue;
        if (axis->factors) return false;
        *axis = (struct view_axis){.extent = n->shape.extent[a], .factors = 1};
        axis->factor[0] = (struct factor){.extent = axis->extent};
    }
    return true;
}

static bool move_slice(struct view *view, const struct node *n) {
    for (int a = 0; a < n->shape.rank; a++) {
        struct view_axis *axis = &view->axis[a];
        int64_t start = n->at.low[a], step = n->at.step[a], extent = n->shape.extent[a];
        if (start == 0 && step == 1 && extent == axis->extent) continue;
        if (is_padded(axis) || axis->factors > 1) return false;
        int64_t stride = axis->factors ? axis->factor[0].stride : 0;
        view->base += start * stride;
        *axis = (struct view_axis){.extent = extent, .factors = extent > 1};
        axis->factor[0] = (struct factor){.extent = extent, .stride = stride * step};
    }
    return true;
}

static bool move_flip(struct view *view, const struct node *n) {
    for (int a = 0; a < n->shape.rank; a++) {
        struct view_axis *axis = &view->axis[a];
        if (!(n->at.axes >> a & 1)) continue;
        if (is_padded(axis)) return false;
        for (int f = 0; f < axis->factors; f++) {
            view->base += (axis->factor[f].extent - 1) * axis->factor[f].stride;
            axis->factor[f].stride = -axis->factor[f].stride;
        }
    }
    return true;
}

static bool move_pad(struct view *view, const struct node *n) {
    if (view->padded && view->fill != n->at.value) return false;
    for (int a = 0; a < n->shape.rank; a++) {
        struct view_axis *axis = &view->axis[a];
        if (axis->extent == n->shape.extent[a]) continue;
        if (is_padded(axis) || axis->factors > 1) return false;
        int64_t count = axis->extent, stride = axis->factors ? axis->factor[0].stride : 0;
        *axis = (struct view_axis){.extent = n->shape.extent[a], .factors = 1};
        axis->factor[0] = (struct factor){.extent = axis->extent,
                                          .stride = stride,
                                          .padded = true,
                                          .low = n->at.low[a],
                                          .step = n->at.step[a],
                                          .count = count};
    }
    view->padded = true;
    view->fill = n->at.value;
    return true;
}

bool view_move(struct view *view, const struct node *movement) {
    switch (movement->op) {
    case OP_RESHAPE:
        return view_reshape(view, movement->shape);
    case OP_PERMUTE:
        move_permute(view, movement);
        return true;
    case OP_BROADCAST:
        return move_broadcast(view, movement);
    case OP_SLICE:
        return move_slice(view, movement);
    case OP_FLIP:
        return move_flip(view, movement);
    case OP_PAD:
        return move_pad(view, movement);
    default:
        BUG("%s is not a movement that views can say", op_rows[movement->op].name);
    }
}
