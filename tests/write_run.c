/* Writes the run that tests/open_run.py opens: write_run FOLDER. */
#include <stdio.h>

#include "runner/store_metrics.h"
#include "runner/store_run.h"
#include "runner/store_sample.h"
#include "tests/store_help.h"

static bool write_samples(struct arena *arena, const struct run *run, struct error *e) {
    uint8_t pixels[2][3][4][1];
    int32_t labels[] = {7, 9};
    float latents[2][5], points[3][2];
    for (int i = 0; i < 24; i++)
        pixels[i / 12][i / 4 % 3][i % 4][0] = (uint8_t)(10 * i);
    for (int i = 0; i < 10; i++)
        latents[i / 5][i % 5] = (float)i / 4;
    for (int i = 0; i < 6; i++)
        points[i / 2][i % 2] = (float)i;
    struct sample images = {.step = 1000,
                            .images = {NULL, STORE_UINT8, 4, {2, 3, 4, 1}, pixels},
                            .latents = {NULL, STORE_FLOAT32, 2, {2, 5}, latents},
                            .labels = {NULL, STORE_INT32, 1, {2}, labels}};
    struct sample dots = {.step = 2000, .points = {NULL, STORE_FLOAT32, 2, {3, 2}, points}};
    return sample_write(NULL, sample_path(arena, run->samples, 1000), &images, e) &&
           sample_write(NULL, sample_path(arena, run->samples, 2000), &dots, e) &&
           sample_write_png(NULL, run_path(arena, run, "plots/samples.png"), &images.images, 0, 2,
                            e);
}

static bool write_metrics(struct arena *arena, const struct run *run, struct error *e) {
    struct metrics *m = metrics_open(arena, NULL, run->folder, -1, NULL, e);
    for (int step = 1; m && step <= 1000; step++) {
        const struct metric list[] = {
            {"epoch", step / 100.0},
            {"discriminator.loss", step == 3 ? 1e300 * 1e300 : 0.5 * step}};
        if (!metrics_append(m, step, 2, list, e)) return false;
    }
    return m && metrics_finish(m, e);
}

int main(int argc, char **argv) {
    if (argc != 2) return STATUS_USAGE;
    struct arena *arena = arena_new();
    struct error e = {0};
    struct run_options options = {
        .name = "test", .seed = 1, .folder = argv[1], .config_text = "name: test\n"};
    struct run *run = run_create(arena, NULL, &options, &e);
    struct checkpoint checkpoint = help_checkpoint(arena, 1000);
    if (run && write_samples(arena, run, &e) && write_metrics(arena, run, &e) &&
        checkpoint_write(NULL, checkpoint_path(arena, run->checkpoints, 1000), &checkpoint, &e))
        run_finish(run, "finished", &e);
    error_print(&e, stderr, false);
    arena_free(arena);
    return (int)e.status;
}
