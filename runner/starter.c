/* Writing a first experiment; see starter.h. */
#include "runner/starter.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* Batches of an epoch that is worth samples at its end. */
enum { EPOCH_LEAST = 100 };

/* ---- what the game wants ---- */

bool starter_has_phase(const struct objective_file *objective, const char *name) {
    const struct config *phases = objective->root ? config_get(objective->root, "phases") : NULL;
    return phases && config_get(phases, name);
}

static bool is_part_of_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether `word` stands in the text by itself; one that begins with a dot is an output that is named. */
static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length) {
        bool begins = *word == '.' || at == text || (!is_part_of_name(at[-1]) && at[-1] != '.');
        if (begins && !is_part_of_name(at[length])) return true;
    }
    return false;
}

static bool names_below(const struct config *value, const char *word) {
    if (value->kind < CONFIG_LIST) return value->text && has_word(value->text, word);
    for (int i = 0; i < value->count; i++)
        if (names_below(value->items[i], word)) return true;
    return false;
}

bool starter_names(const struct starter *starter, const char *word) {
    for (int i = 0; i < starter->objectives_count; i++) {
        const struct config *root = starter->objectives[i]->root,
                            *phases = root ? config_get(root, "phases") : NULL;
        if (phases && names_below(phases, word)) return true;
    }
    return false;
}

/* ---- the file ---- */

static void write_head(const struct starter *s, struct arena *arena, struct text *t) {
    if (s->schema) text_format(t, "# yaml-language-server: $schema=%s\n", s->schema);
    text_format(t,
                "# A first experiment. 'duel check %s' tells what is wrong with it, 'duel describe "
                "%s' what it computes,\n"
                "# 'duel train %s' trains it, and 'duel plot %s' then draws it. Any value may be "
                "changed for one run:\n"
                "# 'duel train %s --set seed=2'. docs/language.md explains the whole language.\n"
                "name: ",
                s->file, s->file, s->file, s->name, s->file);
    config_write_line(config_new_text(arena, s->name), t);
    text_add(t, "\nseed: 1 # all draws depend on it\n\n");
}

void starter_data(const struct starter *s, int64_t batch, struct text *t) {
    text_format(t, "data: {source: %s", s->source);
    for (int i = 0; i < s->options->count; i++) {
        text_format(t, ", %s: ", s->options->keys[i]->text);
        config_write_line(s->options->items[i], t);
    }
    if (!config_get(s->options, "batch")) text_format(t, ", batch: %" PRId64, batch);
    text_add(t, "}\n");
}

static int64_t batch_of(const struct starter *s) {
    const struct config *given = config_get(s->options, "batch");
    int64_t batch = s->data->shape.rank > 1 ? 64 : 256;
    if (given && given->kind == CONFIG_INTEGER && given->integer > 0) return given->integer;
    return s->data->count > 0 && s->data->count < batch ? s->data->count : batch;
}

static void write_data(const struct starter *s, struct arena *arena, struct text *t) {
    const struct dataset *data = s->data;
    text_format(t,
                "# What is learned: 'duel datasets %s' tells its options, 'duel datasets' lists "
                "others. A batch of examples is x,\n",
                s->source);
    text_format(t, "# each %s%s", arena_extents(arena, data->shape.rank, data->shape.extent),
                data->type == DATA_UINT8 ? " in [-1, 1]" : "");
    if (data->classes) text_format(t, "; y are their classes, 0 to %d", data->classes - 1);
    text_add(t, ".\n");
    starter_data(s, batch_of(s), t);
    text_format(t, "\n# Noise that each sample is made from.\nlatent: {z: normal(%d)}\n\n",
                data->shape.rank > 1 ? 100 : 16);
}

/* An objective and its parameters, each with what it is. */
static void write_objective(const struct objective_file *objective, struct text *t) {
    const struct config *declared =
        objective->root ? config_get(objective->root, "parameters") : NULL;
    text_format(t, "    - %s%s\n", objective->name, declared && declared->count ? ":" : "");
    for (int i = 0; declared && i < declared->count; i++) {
        const struct config *one = declared->items[i],
                            *standard = one->kind == CONFIG_MAP ? config_get(one, "default") : one;
        const struct config *doc = config_get(one, "doc");
        text_format(t, "        %s: %s", declared->keys[i]->text,
                    standard && standard->text ? standard->text : "1");
        if (doc && doc->text) text_format(t, " # %s", doc->text);
        text_add(t, "\n");
    }
}

static void write_game(const struct starter *s, struct text *t) {
    bool image = s->data->shape.rank > 1;
    text_format(t,
                "\n# How gradients become updates: 'duel optimizers' lists others, 'duel "
                "optimizers adam' tells its parameters.\n"
                "optimizer: {adam: {lr: %s, betas: [0.5, 0.999]}}\n\n",
                image ? "2e-4" : "1e-3");
    text_format(t,
                "# Who is updated, and on what: 'duel objectives %s' shows it, 'duel objectives' "
                "lists others.\ngame:\n  objective:\n",
                s->objectives[0]->name);
    for (int i = 0; i < s->objectives_count; i++)
        write_objective(s->objectives[i], t);
}

/* Few examples make short epochs: then all is said in steps. */
static void write_end(const struct starter *s, struct text *t) {
    bool image = s->data->shape.rank > 1;
    bool epochs = image && (!s->data->count || s->data->count / batch_of(s) >= EPOCH_LEAST);
    text_format(t, "\n# How long: epochs, steps, images or minutes.\ntrain: {%s}\n",
                epochs ? "epochs: 20" : "steps: 10000");
    text_format(t,
                "\n# What is kept of a run, and when: '1 epoch', '50 steps', '10 minutes', "
                "'never'.\noutputs:\n"
                "  samples: {every: %s, count: %d}\n  checkpoints: {every: %s, keep: 3}\n",
                epochs ? "1 epoch" : "250 steps", image ? 64 : 1024,
                epochs ? "1 epoch" : "2500 steps");
}

void starter_write(const struct starter *s, struct arena *arena, struct text *t) {
    write_head(s, arena, t);
    write_data(s, arena, t);
    starter_networks(s, arena, t);
    write_game(s, t);
    write_end(s, t);
}
