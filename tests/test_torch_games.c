/* links: language reference */
/*
 * Whole games in double, 100 steps of each, against PyTorch: the reference backend plays them from the
 * same beginning with the same batches and draws. What PyTorch came to is in torch_games.h.
 *
 *     test_torch_games --draws     prints what tests/torch_games.py needs to play the same games
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/play.h"
#include "tests/torch_games.h"

enum { STEPS = 100 };

/* A bias before batch norm has a gradient of nought, whose rounding decides where Adam steps: none
 * here. */
static const struct {
    const char *name, *text;
} games[] = {
    {"mnist-mlp", "data: {source: ring, batch: 16}\n"
                  "latent: {z: normal(6)}\n"
                  "networks:\n"
                  "  generator:\n"
                  "    inputs: [z]\n"
                  "    layers:\n"
                  "      - linear: {units: 4, bias: false}\n"
                  "      - batch_norm\n"
                  "      - leaky_relu: 0.2\n"
                  "      - linear: {units: 6, bias: false}\n"
                  "      - batch_norm\n"
                  "      - leaky_relu: 0.2\n"
                  "      - linear: {units: 8, bias: false}\n"
                  "      - batch_norm\n"
                  "      - leaky_relu: 0.2\n"
                  "      - linear: 2\n"
                  "      - tanh\n"
                  "  discriminator:\n"
                  "    inputs: [x]\n"
                  "    layers:\n"
                  "      - flatten\n"
                  "      - linear: 8\n"
                  "      - leaky_relu: 0.2\n"
                  "      - linear: 6\n"
                  "      - leaky_relu: 0.2\n"
                  "      - linear: 4\n"
                  "      - leaky_relu: 0.2\n"
                  "      - linear: 1\n"
                  "optimizer: {adam: {lr: 2e-3, betas: [0.5, 0.999]}}\n"
                  "game: {objective: non-saturating}\n"},
    {"wgan-gp", "data: {source: grid, batch: 12}\n"
                "latent: {z: normal(4)}\n"
                "networks:\n"
                "  generator:\n"
                "    inputs: [z]\n"
                "    layers: [linear: 8, relu, linear: 8, relu, linear: 2]\n"
                "  discriminator:\n"
                "    inputs: [x]\n"
                "    layers: [linear: 8, leaky_relu: 0.2, linear: 8, leaky_relu: 0.2, linear: 1]\n"
                "optimizer: {adam: {lr: 1e-3, betas: [0, 0.9]}}\n"
                "game: {objective: wgan-gp}\n"},
    {"r1", "data: {source: ring, batch: 16}\n"
           "latent: {z: normal(4)}\n"
           "networks:\n"
           "  generator:\n"
           "    inputs: [z]\n"
           "    layers: [linear: 8, tanh, linear: 8, softplus, linear: 2]\n"
           "  discriminator:\n"
           "    inputs: [x]\n"
           "    layers: [linear: 8, softplus, linear: 8, sigmoid, linear: 1]\n"
           "optimizer: {sgd: {lr: 0.05, momentum: 0.9}}\n"
           "game: {objective: [non-saturating, {r1: {weight: 5}}]}\n"},
};
enum { GAMES = sizeof games / sizeof *games };

/* ---- playing ----------------------------------------------------------------------------------
 */

/* Where a phase's draws are, as outputs of its program. */
struct draws {
    int count, output[8];
    const struct node *node[8];
};

static void keep_draws(const struct game_program *program, struct draws *draws) {
    struct graph *g = program->graph;
    for (int i = 0; i < g->count; i++) {
        if (g->nodes[i]->op != OP_RANDOM) continue;
        if (draws->count == 8) BUG("more draws than this test keeps");
        draws->node[draws->count] = g->nodes[i];
        draws->output[draws->count++] = g->outputs_count;
        graph_output(g, "draw", g->nodes[i], NULL);
    }
}

static void print_numbers(FILE *file, const char *what, struct shape shape, const double *values) {
    fprintf(file, "%s", what);
    for (int a = 0; a < shape.rank; a++)
        fprintf(file, " %lld", (long long)shape.extent[a]);
    fputs(" :", file);
    for (int64_t i = 0; i < shape_count(shape); i++)
        fprintf(file, " %.17g", values[i]);
    fputc('\n', file);
}

/* One run of a phase, with what it was given and what it drew. */
static void print_run(struct play *p, int phase, const struct draws *draws, FILE *file) {
    static const char *const kinds[] = {[RANDOM_UNIFORM] = "uniform", [RANDOM_NORMAL] = "normal"};
    const struct test_stream *data = &p->streams[0];
    int64_t batch = data->stream.batch;
    double values[1024];
    fprintf(file, "run %s\n", p->game->phases[phase].program.name);
    for (int64_t i = 0; i < 2 * batch; i++)
        values[i] = ((const float *)data->data.values)[2 * data->index[i / 2] + i % 2];
    print_numbers(file, "x", SHAPE(batch, 2), values);
    for (int i = 0; i < draws->count; i++) {
        BUG_IF(shape_count(draws->node[i]->shape) > 1024);
        backend_reference.output(p->programs[phase], draws->output[i], TYPE_FLOAT64, values);
        print_numbers(file, kinds[draws->node[i]->at.kind], draws->node[i]->shape, values);
    }
}

static int repetitions(const struct game *g, int phase) {
    struct game_clock clock = {.updates = 1};
    const struct host_scalar *repeat = &g->phases[phase].repeat;
    return repeat->expression ? (int)game_scalar(g, repeat, &clock) : 1;
}

static void print_variables(struct play *p, FILE *file) {
    for (int i = 0; i < p->game->variables_count; i++) {
        const struct game_variable *v = p->game->variables[i];
        if (v->role == ROLE_OPTIMIZER) continue;
        play_get(p, v->variable.name, p->row);
        print_numbers(file, v->variable.name, v->variable.shape, p->row);
    }
}

/* Each further repetition of a phase takes another batch. */
static void play_steps(struct play *p, const struct draws *draws, FILE *file) {
    for (p->step = 0; p->step < STEPS; p->step++) {
        for (int i = 0; i < p->game->phases_count; i++)
            for (int k = 0; k < repetitions(p->game, i); k++) {
                if (k) stream_next(&p->streams[0].stream, p->streams[0].index);
                assert_true(play_run(p, i, k));
                if (file) print_run(p, i, &draws[i], file);
            }
        stream_next(&p->streams[0].stream, p->streams[0].index);
    }
}

static void open_game(struct play *p, int number, struct draws *draws) {
    char text[2048];
    snprintf(text, sizeof text, "name: %s\nseed: 1\ntrain: {steps: 1}\n%s", games[number].name,
             games[number].text);
    play_read(p, text);
    p->exact = true;
    for (int i = 0; p->game && i < p->game->phases_count; i++)
        keep_draws(&p->game->phases[i].program, &draws[i]);
    if (!play_start(p)) BUG("%s cannot be played", games[number].name);
}

static int print_draws(FILE *file) {
    for (int i = 0; i < GAMES; i++) {
        struct play p;
        struct draws draws[4] = {0};
        open_game(&p, i, draws);
        fprintf(file, "game %s\n", games[i].name);
        print_variables(&p, file);
        play_steps(&p, draws, file);
        play_close(&p);
    }
    return ferror(file) ? 1 : 0;
}

/* ---- comparing --------------------------------------------------------------------------------
 */

/* Of a tensor: its norm, and a sum in which each element counts otherwise. */
static void digest(const double *values, int64_t count, double *norm, double *mixed) {
    double squares = 0;
    *mixed = 0;
    for (int64_t i = 0; i < count; i++) {
        squares += values[i] * values[i];
        *mixed += values[i] * cos((double)i);
    }
    *norm = sqrt(squares);
}

/* The largest difference, as a share of the tensor's norm. */
static double compare(struct play *p, const char *game, int *compared) {
    double worst = 0;
    for (size_t i = 0; i < sizeof torch_games / sizeof *torch_games; i++) {
        if (strcmp(torch_games[i].game, game) != 0) continue;
        const struct game_variable *v = play_variable(p, torch_games[i].variable);
        double norm, mixed;
        play_get(p, v->variable.name, p->row);
        digest(p->row, shape_count(v->variable.shape), &norm, &mixed);
        double off = fmax(fabs(norm - torch_games[i].norm), fabs(mixed - torch_games[i].mixed));
        if (off > 1e-11 * norm)
            print_error("%s: %s has norm %.12g and sum %.12g, not %.12g and %.12g\n", game,
                        v->variable.name, norm, mixed, torch_games[i].norm, torch_games[i].mixed);
        worst = fmax(worst, off / norm);
        ++*compared;
    }
    return worst;
}

static void games_are_pytorchs(void **state) {
    (void)state;
    for (int i = 0; i < GAMES; i++) {
        struct play p;
        struct draws draws[4] = {0};
        int compared = 0, tensors = 0;
        open_game(&p, i, draws);
        for (int k = 0; k < p.game->variables_count; k++)
            tensors += p.game->variables[k]->role != ROLE_OPTIMIZER;
        play_steps(&p, draws, NULL);
        double worst = compare(&p, games[i].name, &compared);
        print_message("%s: %d tensors after %d steps, off by %.1e at most\n", games[i].name,
                      compared, STEPS, worst);
        assert_int_equal(compared, tensors);
        assert_true(worst <= 1e-11);
        play_close(&p);
    }
}

int main(int count, char **words) {
    if (count == 2 && !strcmp(words[1], "--draws")) return print_draws(stdout);
    const struct CMUnitTest tests[] = {cmocka_unit_test(games_are_pytorchs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
