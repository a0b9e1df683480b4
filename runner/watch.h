/*
 * A run as one picture in characters: how far it is, its metrics as curves, its newest samples. It
 * is read from metrics.jsonl and samples/ alone.
 */
#ifndef RUNNER_WATCH_H
#define RUNNER_WATCH_H

#include "runner/canvas.h"
#include "runner/store_about.h"
#include "runner/store_sample.h"

struct watch {
    struct arena *arena;
    const char *folder;
    enum run_state state;
    bool resumable;
    double seconds; /* since it began, or from its start to its end */
    struct record *record;
    struct arena *samples_arena; /* of the samples, NULL: there are none */
    struct sample samples;
    int64_t samples_step;
};

/* Begins with the run in `folder`; released with the arena. */
struct watch *watch_open(struct arena *arena, const char *folder);

/* Reads what is new. */
bool watch_read(struct watch *watch, struct error *error);

/* Draws it all on a blank canvas. */
void watch_draw(const struct watch *watch, const struct canvas_style *style, struct canvas *canvas);

#endif
