/*
 * What is derived from metrics.jsonl: metrics.h5, which programs read, and plots/metrics.tsv, which
 * gnuplot reads, since it cannot inflate. Both are made from the record alone, so they can be made
 * again whenever it is there.
 */
#include "base/text.h"
#include "files/hdf5.h"
#include "runner/store_checkpoint.h"
#include "runner/store_metrics.h"
#include "runner/store_record.h"

static bool write_hdf5(const struct file_calls *calls, const char *path, const struct record *r,
                       struct error *e) {
    struct arena *arena = arena_new();
    struct hdf5_writer *w = hdf5_writer_new(arena, e);
    hdf5_set_integer(w, "", "duel_format", STORE_FORMAT);
    hdf5_set_text(w, "", "duel_kind", "metrics");
    struct store_array step = {"step", STORE_INT64, 1, {r->rows}, r->step};
    hdf5_add(w, &step, HDF5_COMPRESSED);
    for (int i = 0; i < r->columns; i++) {
        struct store_array metric = {
            r->column[i].name, STORE_FLOAT64, 1, {r->rows}, r->column[i].value};
        hdf5_add(w, &metric, HDF5_COMPRESSED);
        hdf5_set_scale(w, metric.path, 0, "step");
    }
    bool ok = hdf5_save(w, calls, path);
    arena_free(arena);
    return ok;
}

bool metrics_write_table(const struct file_calls *calls, const char *path, const struct record *r,
                         struct error *e) {
    struct text text = {0};
    text_add(&text, "step");
    for (int i = 0; i < r->columns; i++)
        text_format(&text, "\t%s", r->column[i].name);
    text_add(&text, "\n");
    for (int64_t row = 0; row < r->rows; row++) {
        text_format(&text, "%lld", (long long)r->step[row]);
        for (int i = 0; i < r->columns; i++) {
            text_add(&text, "\t");
            text_add_number(&text, r->column[i].value[row]);
        }
        text_add(&text, "\n");
    }
    bool ok = file_write(calls, path, text_get(&text), text.length, e);
    text_release(&text);
    return ok;
}

bool metrics_derive(const struct file_calls *calls, const char *folder, struct error *e) {
    struct arena *arena = arena_new();
    struct record *record = record_new(arena, folder);
    bool ok =
        record_read(record, e) &&
        write_hdf5(calls, arena_format(arena, "%s/metrics.h5", folder), record, e) &&
        file_make_folders(calls, arena_format(arena, "%s/plots", folder), e) &&
        metrics_write_table(calls, arena_format(arena, "%s/plots/metrics.tsv", folder), record, e);
    arena_free(arena);
    return ok;
}
