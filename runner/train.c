/* The training loop; see train.h. */
#include "runner/train.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "base/bug.h"
#include "runner/store_metrics.h"

/* ---- signals: the first one asks for an end of the step, the second one ends at once ---- */

static volatile sig_atomic_t stop_signal;

static void on_signal(int number) {
    stop_signal = number;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)(SA_RESTART | (int)SA_RESETHAND)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- when something is due ---- */

/* How far training is, in each unit that a duration may have. */
struct mark {
    double at[4];
};

static struct mark mark_now(const struct train *train) {
    const struct play *play = train->play;
    struct mark mark;
    mark.at[DURATION_STEPS] = (double)play->step;
    mark.at[DURATION_EPOCHS] = play_epoch(play);
    mark.at[DURATION_MINUTES] = (seconds_now() - train->started) / 60;
    mark.at[DURATION_IMAGES] = (double)play_images(play);
    return mark;
}

/* Whether a multiple of `every` lies between two marks, the later included. */
static bool is_due(const struct duration *every, const struct mark *before,
                   const struct mark *after) {
    if (!(every->count > 0)) return false;
    return floor(after->at[every->unit] / every->count) >
           floor(before->at[every->unit] / every->count);
}

/* The same for the times of an output: again and again, or at certain points. */
static bool times_due(const struct output_times *times, const struct mark *before,
                      const struct mark *after) {
    for (int i = 0; i < times->at_count; i++) {
        const struct duration *at = &times->at[i];
        if (before->at[at->unit] < at->count && after->at[at->unit] >= at->count) return true;
    }
    return is_due(&times->every, before, after);
}

static double fraction_done(const struct train *train, const struct mark *now) {
    const struct duration *length = &train->experiment->train;
    double done = length->count > 0 ? now->at[length->unit] / length->count : 1;
    return done < 1 ? done : 1;
}

double train_done(const struct train *train) {
    enum duration_unit unit = train->experiment->train.unit;
    return unit == DURATION_MINUTES ? train->before / 60 : mark_now(train).at[unit];
}

/* ---- what a step leaves behind ---- */

static void read_metrics(struct train *train) {
    train->metrics[0] = (struct metric){"epoch", play_epoch(train->play)};
    train->metrics_count = 1;
    for (int i = 0; i < train->play->game->metrics_count; i++) {
        double value;
        if (play_metric(train->play, i, &value))
            train->metrics[train->metrics_count++] =
                (struct metric){train->play->game->metrics[i].name, value};
    }
}

static bool record(struct train *train, struct error *error) {
    train->recorded = train->play->step;
    read_metrics(train);
    return metrics_append(train->record, train->play->step, train->metrics_count, train->metrics,
                          error);
}

/* Whether the step has numbers for which the record waits: of a phase that runs at times, and did not when metrics were `due`. */
static bool catches_up(struct train *train, bool due) {
    const struct play *play = train->play;
    bool late = false;
    for (int i = 0; i < play->game->metrics_count; i++) {
        int phase = play->game->metrics[i].phase;
        if (phase < 0) continue;
        uint64_t bit = (uint64_t)1 << phase;
        if (!play->phases[phase].ran) {
            train->missed |= due ? bit : 0;
            continue;
        }
        late = late || train->missed & bit;
        train->missed &= ~bit;
    }
    return late;
}

static bool save_samples(struct train *train, struct error *error) {
    struct sample sample;
    if (!train->sampling || train->sampled == train->play->step) return true;
    if (!sampling_run(train->sampling, &sample, error)) return false;
    struct arena *scratch = arena_new();
    bool good = sample_write(NULL, sample_path(scratch, train->run->samples, train->play->step),
                             &sample, error);
    arena_free(scratch);
    train->sampled = train->play->step;
    return good;
}

static bool save_checkpoint(struct train *train, struct error *error) {
    struct checkpoint checkpoint = {.config = train->config};
    if (train->saved == train->play->step) return true;
    if (!metrics_sync(train->record, &checkpoint.metrics_bytes, error)) return false;
    struct arena *scratch = arena_new();
    play_save(train->play, &checkpoint, scratch);
    session_describe_data(train->session, &checkpoint, scratch);
    if (train->experiment->train.unit ==
        DURATION_MINUTES) /* else the same content, the same file */
        checkpoint_count(scratch, &checkpoint, "milliseconds",
                         (int64_t)((seconds_now() - train->started) * 1000));
    if (train->missed)
        checkpoint_count(scratch, &checkpoint, "missed_metrics", (int64_t)train->missed);
    bool good =
        checkpoint_write(NULL, checkpoint_path(scratch, train->run->checkpoints, train->play->step),
                         &checkpoint, error);
    if (good) {
        train->saved = train->play->step;
        good = checkpoint_prune(NULL, train->run->checkpoints,
                                (int)train->experiment->checkpoints.keep, train->play->step, error);
    }
    arena_free(scratch);
    return good;
}

static struct progress_state progress_state(struct train *train, const struct mark *now) {
    const struct duration *length = &train->experiment->train;
    return (struct progress_state){
        .step = train->play->step,
        .epoch = play_epoch(train->play),
        .epochs = length->unit == DURATION_EPOCHS ? length->count : 0,
        .fraction = fraction_done(train, now),
        .count = train->metrics_count - 1,
        .metrics = train->metrics + 1,
    };
}

/* Everything that the step just done makes due. */
static bool after_step(struct train *train, const struct mark *before, const struct mark *now,
                       struct error *error) {
    const struct experiment *experiment = train->experiment;
    bool due = times_due(&experiment->metrics.times, before, now), late = catches_up(train, due);
    if ((due || late || play_observed(train->play)) && !record(train, error)) return false;
    if (times_due(&experiment->samples.times, before, now) && !save_samples(train, error))
        return false;
    if (times_due(&experiment->checkpoints.times, before, now) && !save_checkpoint(train, error))
        return false;
    if (progress_due(&train->progress)) {
        read_metrics(train);
        struct progress_state state = progress_state(train, now);
        progress_draw(&train->progress, &state);
    }
    return true;
}

/* ---- how it ends ---- */

/* "training diverged at step 7, in phase 'generator': generator.loss is not finite", or "…: the
 * result of 'matmul' is not finite, in generator/linear_2, for the update of …". */
static void add_not_finite(struct text *message, const struct train *train,
                           const struct not_finite *where) {
    text_format(message,
                "training diverged at step %" PRId64 ", in phase '%s': ", train->play->step + 1,
                train->play->running);
    if (!strncmp(where->what, "output ", 7)) {
        text_format(message, "%s is not finite", where->what + 7);
    } else {
        text_add(message, "the result of '");
        for (const char *c = where->what; *c; c++)
            text_add_range(message, &(char){(char)tolower((unsigned char)*c)}, 1);
        text_add(message, "' is not finite");
    }
    if (where->label) text_format(message, ", in %s", where->label);
    if (where->variable) text_format(message, ", for the update of %s", where->variable);
}

/* Tells where the number is from and which checkpoint is the last good one, which stays. */
static enum status report_not_finite(struct train *train, const struct not_finite *where,
                                     struct error *error) {
    struct diagnostics diagnostics = {.arena = train->arena};
    struct text message = {0};
    add_not_finite(&message, train, where);
    const char *good =
        train->saved >= 0
            ? arena_format(train->arena, "the last good checkpoint is %s",
                           checkpoint_path(train->arena, train->run->checkpoints, train->saved))
            : NULL;
    diagnostics_add(&diagnostics, where->origin, good, "%s", text_get(&message));
    text_release(&message);
    progress_clear(&train->progress);
    diagnostics_print(&diagnostics, stderr, train->arguments->colour);
    metrics_finish(train->record, error);
    run_finish(train->run, "diverged", error);
    return error->status == STATUS_OK ? STATUS_DIVERGED : error->status;
}

/* What the last step has shown is recorded, too. The checkpoint does not count it, so that a run which goes on cuts it off: its
 * record is that of an unbroken run. */
static bool record_last(struct train *train, struct error *error) {
    return train->recorded == train->play->step || record(train, error);
}

static enum status finish(struct train *train, bool stopped, struct error *error) {
    bool good = (stopped || save_samples(train, error)) && save_checkpoint(train, error) &&
                record_last(train, error) && metrics_finish(train->record, error) &&
                run_finish(train->run, stopped ? "stopped" : "finished", error);
    struct mark now = mark_now(train);
    read_metrics(train);
    struct progress_state state = progress_state(train, &now);
    progress_end(&train->progress, &state);
    if (!good) return error->status;
    if (!stopped) return STATUS_OK;
    if (!train->arguments->quiet)
        fprintf(stderr, "stopped at step %" PRId64 "; 'duel resume %s' goes on\n",
                train->play->step, train->run->folder);
    return STATUS_STOPPED;
}

static enum status fail(struct train *train, struct error *error) {
    struct error ignored = {0}; /* the first error is the one to tell */
    progress_clear(&train->progress);
    metrics_finish(train->record, &ignored);
    run_finish(train->run, "failed", &ignored);
    if (train->saved >= 0 && !error->hint[0])
        error_hint(error, "the last good checkpoint is %s",
                   checkpoint_path(train->arena, train->run->checkpoints, train->saved));
    return error->status;
}

/* ---- the loop ---- */

enum status train_run(struct train *train, bool resumed, struct error *error) {
    const struct play *play = train->play;
    train->started = seconds_now() - train->before;
    train->saved = train->sampled = resumed ? play->step : -1;
    train->recorded = play->step;
    train->metrics = ARENA_ARRAY(train->arena, struct metric, play->game->metrics_count + 1);
    stop_signal = 0;
    catch_signals();
    progress_start(&train->progress, stderr, train->arguments->quiet, train->arguments->colour,
                   play->step);
    if (!resumed && (!save_samples(train, error) || !save_checkpoint(train, error)))
        return fail(train, error);
    struct mark before = mark_now(train);
    while (fraction_done(train, &before) < 1) {
        struct not_finite where = {0};
        enum play_result result = play_step(train->play, &where, error);
        if (result == PLAY_NOT_FINITE) return report_not_finite(train, &where, error);
        if (result == PLAY_FAILED) return fail(train, error);
        struct mark now = mark_now(train);
        if (!after_step(train, &before, &now, error)) return fail(train, error);
        before = now;
        if (stop_signal && fraction_done(train, &now) < 1) return finish(train, true, error);
    }
    return finish(train, false, error);
}

/* The digests of the data streams, by name. */
static struct run_fact *data_facts(const struct train *train, int *count) {
    const struct experiment *x = train->session->experiment;
    struct run_fact *facts = ARENA_ARRAY(train->arena, struct run_fact, x->data_count);
    for (int i = 0; i < x->data_count; i++)
        facts[i] = (struct run_fact){x->data[i].name, train->session->data[i].sha256};
    *count = x->data_count;
    return facts;
}

struct run_facts train_facts(const struct train *train) {
    const struct play *play = train->play;
    int data_count;
    const struct run_fact *data = data_facts(train, &data_count);
    return (struct run_facts){
        .argument_count = train->arguments->words_count,
        .arguments = train->arguments->words,
        .device = play->backend->identity(play->device),
        .threads = play->backend->threads(play->device),
        .data_count = data_count,
        .data = data,
    };
}
