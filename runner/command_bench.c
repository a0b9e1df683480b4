/* duel bench: times whole training steps on data in memory, and their kernels. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "runner/progress.h"
#include "runner/session.h"

enum { WARM_UP_STEPS = 3, SYNTHETIC_EXAMPLES = 4096 };
static const double warm_up_seconds = 0.2;

struct timing {
    int64_t steps, batch, flops, bytes, block_bytes;
    double first_seconds, median, minimum;
    bool synthetic;
};

/* Bytes (or numbers) of the right shape, where the data set is not there. */
static void make_data(const struct experiment_data *source, struct arena *arena,
                      struct dataset *data) {
    int64_t batch = source->stream.batch;
    *data = source->dataset;
    data->count = batch > SYNTHETIC_EXAMPLES ? batch : SYNTHETIC_EXAMPLES;
    size_t values = (size_t)(data->count * dataset_example_size(data));
    struct random_stream random = {.key = 1};
    if (data->type == DATA_UINT8) {
        uint8_t *bytes = ARENA_ARRAY(arena, uint8_t, values);
        for (size_t i = 0; i < values; i++)
            bytes[i] = (uint8_t)(random_word(&random) >> 24);
        data->values = bytes;
    } else {
        float *numbers = ARENA_ARRAY(arena, float, values);
        for (size_t i = 0; i < values; i++)
            numbers[i] = (float)random_word(&random) * 0x1p-31f - 1;
        data->values = numbers;
    }
    if (!data->classes) return;
    int32_t *labels = ARENA_ARRAY(arena, int32_t, data->count);
    for (int64_t i = 0; i < data->count; i++)
        labels[i] = experiment_label(
            source, (int)random_below(&random, (uint32_t)experiment_label_count(source)));
    data->labels = labels;
}

/* A stream's data, or what stands in for them. */
static bool get_stream(const struct session *session, const struct experiment_data *source,
                       struct dataset *data, struct timing *timing, struct error *error) {
    struct error missing = {0};
    if (dataset_load(&source->request, session->arena, data, &missing)) return true;
    if (missing.status != STATUS_NO_INPUT) {
        *error = missing;
        return false;
    }
    timing->synthetic = true;
    make_data(source, session->arena, data);
    if (!session->arguments->quiet)
        fprintf(stderr, "the data set%s%s is not there: random examples of its shape stand in\n",
                *source->name ? " of stream " : "", source->name);
    return true;
}

static bool get_data(const struct session *session, struct play *play, struct timing *timing,
                     struct error *error) {
    const struct experiment *x = session->experiment;
    struct dataset *data = ARENA_ARRAY(session->arena, struct dataset, x->data_count);
    for (int i = 0; i < x->data_count; i++)
        if (!get_stream(session, &x->data[i], &data[i], timing, error)) return false;
    return play_set_data(play, data, session->arena, error);
}

static bool one_step(struct play *play, double *seconds, struct error *error) {
    struct not_finite where;
    double start = seconds_now();
    enum play_result result = play_step(play, &where, error);
    *seconds = seconds_now() - start;
    if (result == PLAY_NOT_FINITE)
        error_set(error, STATUS_DIVERGED, "step %" PRId64 ": %s is not finite", play->step + 1,
                  where.what);
    return result == PLAY_DONE;
}

static void add_costs(const struct play *play, const struct play_program *program, int64_t before,
                      struct timing *timing) {
    if (!program->program) return;
    struct program_costs costs = play->backend->costs(program->program);
    timing->flops += costs.flops * (program->updates - before);
    timing->bytes += costs.bytes * (program->updates - before);
    timing->block_bytes += costs.block_bytes;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void each_program(struct play *play, void (*call)(struct play *, struct play_program *)) {
    for (int i = 0; i < play->game->phases_count; i++)
        call(play, &play->phases[i]);
    if (play->end.program) call(play, &play->end);
}

static void start_profile(struct play *play, struct play_program *program) {
    play->backend->profile_start(program->program);
}

/* Warms up, then times `timing->steps` steps. */
static bool measure(struct play *play, struct timing *timing, bool profile, struct arena *arena,
                    struct error *error) {
    double passed, warm = 0;
    double *seconds = ARENA_ARRAY(arena, double, timing->steps);
    int64_t *before = ARENA_ARRAY(arena, int64_t, play->game->phases_count);
    if (!one_step(play, &timing->first_seconds, error)) return false;
    for (int i = 0; i < WARM_UP_STEPS || (warm < warm_up_seconds && i < timing->steps);
         i++, warm += passed)
        if (!one_step(play, &passed, error)) return false;
    if (profile) each_program(play, start_profile);
    int64_t end_before = play->end.updates;
    for (int i = 0; i < play->game->phases_count; i++)
        before[i] = play->phases[i].updates;
    for (int64_t i = 0; i < timing->steps; i++)
        if (!one_step(play, &seconds[i], error)) return false;
    for (int i = 0; i < play->game->phases_count; i++)
        add_costs(play, &play->phases[i], before[i], timing);
    add_costs(play, &play->end, end_before, timing);
    timing->flops /= timing->steps;
    timing->bytes /= timing->steps;
    qsort(seconds, (size_t)timing->steps, sizeof *seconds, compare);
    timing->minimum = seconds[0];
    timing->median = (seconds[(timing->steps - 1) / 2] + seconds[timing->steps / 2]) / 2;
    return true;
}

/* ---- the profile ---- */

struct profile {
    int count;
    struct profile_row {
        const char *phase;
        struct kernel_profile kernel;
    } * rows;
    double seconds;
};

static void add_profile(const struct play *play, const struct play_program *program,
                        struct arena *arena, struct profile *profile) {
    int count = 0;
    if (!program->program) return;
    const struct kernel_profile *rows = play->backend->profile(program->program, &count);
    for (int i = 0; i < count; i++) {
        profile->rows = ARENA_GROW(arena, profile->rows, profile->count);
        profile->rows[profile->count++] = (struct profile_row){program->source->name, rows[i]};
        profile->seconds += rows[i].seconds;
    }
}

static int compare_rows(const void *a, const void *b) {
    const struct profile_row *x = a, *y = b;
    return (x->kernel.seconds < y->kernel.seconds) - (x->kernel.seconds > y->kernel.seconds);
}

static struct profile read_profile(const struct play *play, struct arena *arena) {
    struct profile profile = {0};
    for (int i = 0; i < play->game->phases_count; i++)
        add_profile(play, &play->phases[i], arena, &profile);
    add_profile(play, &play->end, arena, &profile);
    if (profile.count)
        qsort(profile.rows, (size_t)profile.count, sizeof *profile.rows, compare_rows);
    return profile;
}

static double rate(const struct kernel_profile *kernel) {
    if (!(kernel->seconds > 0)) return 0;
    return (double)kernel->flops * (double)kernel->runs / kernel->seconds / 1e9;
}

static void print_profile(const struct profile *profile, int64_t steps) {
    printf("\n%9s %6s %9s  %-14s %s\n", "ms/step", "share", "GFLOP/s", "phase", "kernel");
    for (int i = 0; i < profile->count; i++) {
        const struct profile_row *row = &profile->rows[i];
        const struct kernel_profile *kernel = &row->kernel;
        printf("%9.4f %5.1f%% %9.2f  %-14s %s%s%s\n", 1e3 * kernel->seconds / (double)steps,
               profile->seconds > 0 ? 100 * kernel->seconds / profile->seconds : 0, rate(kernel),
               row->phase, kernel->name, kernel->label ? "  " : "",
               kernel->label ? kernel->label : "");
    }
}

static json_t *profile_json(const struct profile *profile, int64_t steps) {
    json_t *list = json_array();
    for (int i = 0; i < profile->count; i++) {
        const struct kernel_profile *kernel = &profile->rows[i].kernel;
        json_array_append_new(
            list, json_pack("{s:s s:s s:s? s:f s:f s:I s:I s:I}", "phase", profile->rows[i].phase,
                            "kernel", kernel->name, "label", kernel->label, "ms",
                            1e3 * kernel->seconds / (double)steps, "share",
                            profile->seconds > 0 ? kernel->seconds / profile->seconds : 0, "runs",
                            (json_int_t)kernel->runs, "flops", (json_int_t)kernel->flops, "bytes",
                            (json_int_t)kernel->bytes));
    }
    return list;
}

/* ---- results ---- */

static void print_json(const struct session *session, struct play *play,
                       const struct timing *timing, const struct profile *profile) {
    json_t *object = json_pack(
        "{s:s s:s s:I s:I s:f s:f s:f s:f s:f s:I s:I s:I s:b}", "config",
        session->experiment->name, "device", play->backend->identity(play->device), "batch",
        (json_int_t)timing->batch, "steps", (json_int_t)timing->steps, "median_ms",
        1e3 * timing->median, "minimum_ms", 1e3 * timing->minimum, "samples_per_second",
        (double)timing->batch / timing->median, "gflops",
        (double)timing->flops / timing->median / 1e9, "first_step_seconds", timing->first_seconds,
        "flops_per_step", (json_int_t)timing->flops, "bytes_per_step", (json_int_t)timing->bytes,
        "block_bytes", (json_int_t)timing->block_bytes, "synthetic_data", timing->synthetic);
    json_object_set_new(object, "peak_bytes", json_integer((json_int_t)memory_peak()));
    if (profile) json_object_set_new(object, "kernels", profile_json(profile, timing->steps));
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));
    printf("%s\n", text);
    free(text);
    json_decref(object);
}

static void print_text(const struct session *session, struct play *play,
                       const struct timing *timing, const struct profile *profile) {
    printf("%s on %s, batch %" PRId64 ", %" PRId64 " steps%s\n", session->experiment->name,
           play->backend->identity(play->device), timing->batch, timing->steps,
           timing->synthetic ? ", synthetic data" : "");
    printf("median     %10.3f ms/step\n", 1e3 * timing->median);
    printf("minimum    %10.3f ms/step\n", 1e3 * timing->minimum);
    printf("first step %10.3f ms\n", 1e3 * timing->first_seconds);
    printf("samples    %10.0f /s\n", (double)timing->batch / timing->median);
    printf("arithmetic %10.4g GFLOP/s (%.3g GFLOP a step)\n",
           (double)timing->flops / timing->median / 1e9, (double)timing->flops / 1e9);
    printf("traffic    %10.4g GB/s (%.3g MB a step)\n",
           (double)timing->bytes / timing->median / 1e9, (double)timing->bytes / 1e6);
    printf("memory     %10.1f MB at its peak\n", (double)memory_peak() / 1e6);
    if (profile) print_profile(profile, timing->steps);
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct session session;
    struct play_options options;
    struct timing timing = {0};
    bool profiling = arguments_has(arguments, "--profile");
    session_start(&session, arguments);
    if (!arguments_integer(arguments, "--steps", 1, 1000000, 200, &timing.steps, error) ||
        !session_read(&session, arguments->operands[0], error) ||
        !session_play_options(&session, NULL, &options, error) || !session_build(&session))
        return session_report(&session, error);
    struct play *play = play_open(session.game, &options, session.arena, error);
    if (!play || !get_data(&session, play, &timing, error)) return error->status;
    play_begin(play);
    timing.batch = session.experiment->batch;
    if (!measure(play, &timing, profiling, session.arena, error)) return error->status;
    struct profile profile = {0};
    if (profiling) profile = read_profile(play, session.arena);
    (arguments_has(arguments, "--json") ? print_json : print_text)(&session, play, &timing,
                                                                   profiling ? &profile : NULL);
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--steps", "N", "how many steps are timed; 200 by default"},
    {"--profile", NULL, "kernel by kernel, the slowest first"},
    OPTION_JSON,
    OPTION_SET,
    OPTION_DEVICE,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel bench configs/mnist-mlp.yaml", "times its steps"},
    {"duel bench mnist-mlp --profile --steps 50", "tells where the time goes"},
    {"duel bench mnist-mlp --set data.batch=256 --json", "another batch, as JSON"},
    {NULL, NULL},
};

const struct command command_bench = {
    .name = "bench",
    .doc = "times training steps",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .about = "Whole steps on data in memory, after a warm-up. Nothing is written. Where the data\n"
             "set is missing, random examples of its shape stand in.",
    .options = options,
    .examples = examples,
    .run = run,
};
