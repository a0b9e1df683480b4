/*
 * The loop axes of one kernel: the flat loop is cut where any view of it is cut, each view becomes a
 * map over the pieces, and neighbours through which all maps run with one stride are one axis again.
 */
#include <string.h>

#include "base/whole.h"
#include "engine/fuse.h"

enum { CUTS_MOST = 40 };
struct cuts {
    int64_t at[CUTS_MOST]; /* inner products at which the flat loop is cut, ascending, each dividing
                              the next */
    int count;
};

static bool cut(struct cuts *cuts, int64_t at) {
    int i = 0;
    while (i < cuts->count && cuts->at[i] < at)
        i++;
    if (i < cuts->count && cuts->at[i] == at) return true;
    if (cuts->count == CUTS_MOST) return false;
    if (i && at % cuts->at[i - 1]) return false;
    if (i < cuts->count && cuts->at[i] % at) return false;
    memmove(cuts->at + i + 1, cuts->at + i, (size_t)(cuts->count - i) * sizeof *cuts->at);
    cuts->at[i] = at;
    cuts->count++;
    return true;
}

static bool cut_by_view(struct cuts *cuts, const struct view *view) {
    int64_t inner = 1;
    const struct view_axis *axis = &view->axis[0];
    for (int k = axis->factors - 1; k >= 0; k--) {
        if (!cut(cuts, inner)) return false;
        inner *= axis->factor[k].extent;
        if (!cut(cuts, inner)) return false;
    }
    return true;
}

/* The map of a view over axes [cuts[i], cuts[i + 1]); false if a padded factor would be cut. */
static bool set_map(const struct view *view, const struct fused *fused, struct map *map) {
    struct gather *gather = map->gather;
    *map = (struct map){
        .base = view->base, .padded = view->padded, .fill = view->fill, .gather = gather};
    const struct view_axis *axis = &view->axis[0];
    int k = axis->factors - 1;
    int64_t inner = 1, done = 1; /* elements inside the factor's start, and inside the axis */
    for (int a = fused->axes - 1; a >= 0; a--) {
        int64_t extent = fused->extent[a];
        map->step[a] = 1;
        if (k >= 0) {
            const struct factor *f = &axis->factor[k];
            map->stride[a] = f->stride * (done / inner);
            if (f->padded) {
                if (f->extent != extent) return false;
                map->low[a] = f->low;
                map->step[a] = f->step;
                map->count[a] = f->count;
            }
            if (done * extent == inner * f->extent) {
                inner *= f->extent;
                k--;
            }
        }
        done *= extent;
    }
    return true;
}

static bool same_run(const struct map *map, int a, int64_t extent) {
    return !map->count[a] && !map->count[a + 1] && map->stride[a] == extent * map->stride[a + 1];
}

static void drop_axis(struct map *map, int a, int axes) {
    for (int i = a; i + 1 < axes; i++) {
        map->stride[i] = map->stride[i + 1];
        map->low[i] = map->low[i + 1];
        map->step[i] = map->step[i + 1];
        map->count[i] = map->count[i + 1];
    }
    map->stride[axes - 1] = map->low[axes - 1] = map->count[axes - 1] = 0;
}

/* Joins axes a and a + 1 where every map runs through both with one stride. */
static void merge_axes(struct fused *fused, struct pending *pending, int count) {
    int outer = fused->outer_axes, reduced = outer + fused->reduced_axes;
    for (int a = fused->axes - 2; a >= 0; a--) {
        if (a + 1 == outer || a + 1 == reduced) continue;
        bool same = true;
        for (int p = 0; p < count && same; p++)
            same = same_run(pending[p].map, a, fused->extent[a + 1]);
        if (!same) continue;
        for (int p = 0; p < count; p++)
            drop_axis(pending[p].map, a, fused->axes);
        fused->extent[a + 1] *= fused->extent[a];
        memmove(fused->extent + a, fused->extent + a + 1,
                (size_t)(fused->axes - a - 1) * sizeof *fused->extent);
        fused->axes--;
        if (a < outer)
            outer--, reduced--, fused->outer_axes--;
        else if (a < reduced)
            reduced--, fused->reduced_axes--;
    }
}

static void set_groups(struct fused *fused) {
    int64_t inner = 1;
    int a = fused->axes;
    while (a > 0 && inner < fused->inner)
        inner *= fused->extent[--a];
    int first_inner = a;
    int64_t reduced = 1;
    while (a > 0 && reduced < fused->reduced)
        reduced *= fused->extent[--a];
    fused->outer_axes = a;
    fused->reduced_axes = first_inner - a;
}

enum { ROW_CHUNK = 4096, COLUMN_CHUNK = 32, CHUNKS_MOST = 64 };

static void set_chunks(struct fused *fused) {
    int64_t chunk = fused->form == FORM_ROW ? ROW_CHUNK : COLUMN_CHUNK;
    int64_t even = divide_up(fused->reduced, CHUNKS_MOST);
    if (even > chunk) chunk = (even + 15) / 16 * 16;
    fused->chunk = chunk;
    fused->chunks = divide_up(fused->reduced, chunk);
}

bool fuse_set_axes(struct fused *fused, struct pending *pending, int count) {
    struct cuts cuts = {.at = {1}, .count = 1};
    bool fits = cut(&cuts, fused->inner) && cut(&cuts, fused->inner * fused->reduced) &&
                cut(&cuts, fused->inner * fused->reduced * fused->outer);
    for (int p = 0; p < count && fits; p++)
        fits = cut_by_view(&cuts, &pending[p].view);
    if (!fits || cuts.count - 1 > AXES_MOST) return false;
    fused->axes = cuts.count - 1;
    for (int i = 0; i < fused->axes; i++)
        fused->extent[fused->axes - 1 - i] = cuts.at[i + 1] / cuts.at[i];
    if (!fused->axes) fused->extent[fused->axes++] = 1;
    for (int p = 0; p < count; p++)
        if (!set_map(&pending[p].view, fused, pending[p].map)) return false;
    set_groups(fused);
    merge_axes(fused, pending, count);
    set_chunks(fused);
    return true;
}
