/* Real images beside generated ones; see plotting.h. */
#include <string.h>

#include "base/random.h"
#include "runner/model.h"
#include "runner/plot_table.h"
#include "runner/plotting.h"
#include "runner/real_images.h"

/* So many of each, at most. */
enum { SHOWN_MOST = 100 };

struct real {
    struct model model;
    struct arena *arena;
    struct plot_request request;
    struct plot_files files;
    struct sample generated, sample; /* the newest samples; real images, one beside each */
    int64_t count;
    const char *path; /* of the file that the real ones are kept in, in the run's folder */
};

static const struct plot_frame *last_frame(const struct real *r) {
    return &r->request.frames[r->request.frame_count - 1];
}

/* The labels of the newest samples, where each has one. */
static const int32_t *labels_of(const struct real *r) {
    const struct store_array *labels = &r->generated.labels;
    return labels->data && labels->rank == 1 ? labels->data : NULL;
}

/* A drawn image, or the next one that was shown less often than others, of the label that is wanted. */
static int64_t choose(const struct dataset *data, struct random_stream *draw, const int32_t *label,
                      int *shown) {
    const int64_t first = random_below(draw, (uint32_t)data->count);
    int64_t least = -1;
    for (int64_t i = 0; i < data->count && (least < 0 || shown[least]); i++) {
        const int64_t at = (first + i) % data->count;
        if (label && data->labels && data->labels[at] != *label) continue;
        if (least < 0 || shown[at] < shown[least]) least = at;
    }
    if (least < 0) least = first;
    shown[least]++;
    return least;
}

static void take_images(struct real *r, const struct real_images *real) {
    const struct dataset *data = real->data;
    const struct plot_frame *frame = last_frame(r);
    const int32_t *wanted = labels_of(r);
    struct random_stream draw = {
        .key = hash_text(hash_mix(hash_text(0, "samples"), r->model.session.experiment->seed),
                         "real")};
    uint8_t *images = ARENA_ARRAY(r->arena, uint8_t, r->count * real->size);
    int32_t *labels = ARENA_ARRAY(r->arena, int32_t, r->count);
    int64_t *indices = ARENA_ARRAY(r->arena, int64_t, r->count);
    int *shown = ARENA_ARRAY(r->arena, int, data->count);
    for (int64_t i = 0; i < r->count; i++) {
        indices[i] = choose(data, &draw, wanted ? &wanted[i] : NULL, shown);
        memcpy(images + i * real->size, real_image(real, indices[i]), (size_t)real->size);
        if (data->labels) labels[i] = data->labels[indices[i]];
    }
    r->sample.step = frame->step;
    r->sample.images =
        (struct store_array){.type = STORE_UINT8,
                             .rank = 4,
                             .extent = {r->count, frame->height, frame->width, frame->channels},
                             .data = images};
    if (data->labels)
        r->sample.labels = (struct store_array){
            .type = STORE_INT32, .rank = 1, .extent = {r->count}, .data = labels};
    struct store_array *index = ARENA_NEW(r->arena, struct store_array);
    *index = (struct store_array){
        .path = "index", .type = STORE_INT64, .rank = 1, .extent = {r->count}, .data = indices};
    r->sample.others = index;
    r->sample.others_count = 1;
}

static int root_of(int64_t count) {
    int root = 1;
    while ((int64_t)root * root < count)
        root++;
    return root;
}

static bool draw(struct real *r, struct error *error) {
    const struct plot_frame *frame = last_frame(r);
    struct plot_job job;
    struct sample_layout layout;
    const char *path = arena_format(r->arena, "%s/%s", r->request.run, r->path);
    if (!sample_layout(r->arena, path, &layout, error) ||
        !plot_job_open(&job, r->arena, r->request.scripts, r->request.run, NULL, &r->files, error))
        return false;
    const int across = root_of(r->count), rows = (int)((r->count + across - 1) / across);
    struct plot_images images[] = {{frame->path, (int64_t)frame->offset, -1},
                                   {r->path, layout.images.offset, frame->step}};
    struct plot_table table = plot_table_new(r->arena, rows, 2 * across);
    bool *gaps = ARENA_ARRAY(r->arena, bool, 2 * across);
    for (int64_t i = 0; i < r->count; i++)
        for (int side = 0; side < 2; side++)
            table.cells[i / across * 2 * across + side * across + i % across] =
                (struct plot_cell){1 + side, i, NULL};
    table.column_labels = ARENA_ARRAY(r->arena, const char *, 2 * across);
    table.column_labels[(across - 1) / 2] = "generated";
    table.column_labels[across + (across - 1) / 2] = "real";
    gaps[across] = true;
    table.gaps = gaps;
    table.height = frame->height;
    table.width = frame->width;
    table.channels = frame->channels;
    table.images = images;
    table.images_count = 2;
    table.title = r->request.title;
    return plot_table_draw(&job, &table, "plots/real", r->request.formats, error);
}

/* Finds samples and data, and keeps the real images in plots/real.h5. */
static bool prepare(struct real *r, const struct arguments *arguments, const char *folder,
                    struct error *error) {
    struct real_images real;
    if (!plotting_find(r->arena, folder, &r->request, error)) return false;
    if (!r->request.frame_count || !last_frame(r)->channels) {
        error_set(error, STATUS_USAGE,
                  "'--real' is for samples that are images, which the run lacks");
        return error_hint(error, r->request.frame_count
                                     ? "points are drawn over the real ones anyway"
                                     : "'outputs: samples:' makes them");
    }
    const struct plot_frame *frame = last_frame(r);
    const int64_t extent[3] = {frame->height, frame->width, frame->channels};
    if (!sample_read(r->arena, arena_format(r->arena, "%s/%s", folder, frame->path), &r->generated,
                     error) ||
        !model_read(&r->model, arguments, folder, error) || !model_load_data(&r->model, error) ||
        !real_images_find(&r->model.session, extent, &real, error))
        return false;
    r->count = frame->count < SHOWN_MOST ? frame->count : SHOWN_MOST;
    r->path = "plots/real.h5";
    take_images(r, &real);
    return sample_write(NULL, arena_format(r->arena, "%s/%s", folder, r->path), &r->sample, error);
}

enum status plotting_real(const struct arguments *arguments, const char *folder, unsigned formats,
                          struct error *error) {
    struct real r = {.arena = arguments->arena,
                     .request = {.formats = formats & ~(1u << PLOT_GIF)}};
    r.request.files = &r.files;
    if (!prepare(&r, arguments, folder, error) || !draw(&r, error))
        return session_report(&r.model.session, error);
    for (int i = 0; i < r.files.count; i++)
        printf("%s\n", r.files.list[i]);
    return STATUS_OK;
}
