/* duel describe: networks layer by layer, every value that is used, and what a step costs. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "runner/build.h"
#include "runner/drawing.h"
#include "runner/memory_chart.h"
#include "runner/session.h"

struct step_costs {
    int nodes, kernels, products;
    int64_t flops, bytes, block_bytes;
};

/* How often a phase runs in a step, on average, at the beginning of training. */
static double runs_a_step(const struct game *game, const struct game_phase *phase) {
    double *state = NULL;
    struct game_clock clock = {.state = state, .updates = 1};
    double repeat = 1, every = 1;
    if (game->scalar_state_count > 0) return 1;
    if (phase->repeat.expression) repeat = game_scalar(game, &phase->repeat, &clock);
    if (phase->every.expression) every = game_scalar(game, &phase->every, &clock);
    return repeat >= 0 && every >= 1 ? repeat / every : 1;
}

static void add_costs(const struct play *play, const struct play_program *program, double runs,
                      struct step_costs *all) {
    if (!program->program) return;
    struct program_costs costs = play->backend->costs(program->program);
    all->nodes += costs.nodes;
    all->kernels += costs.kernels;
    all->products += costs.products;
    all->flops += (int64_t)((double)costs.flops * runs);
    all->bytes += (int64_t)((double)costs.bytes * runs);
    all->block_bytes += costs.block_bytes;
}

static struct step_costs step_costs(const struct play *play) {
    struct step_costs costs = {0};
    for (int i = 0; i < play->game->phases_count; i++)
        add_costs(play, &play->phases[i], runs_a_step(play->game, &play->game->phases[i]), &costs);
    add_costs(play, &play->end, 1, &costs);
    return costs;
}

static int64_t parameters_of(const struct game *game, const char *network) {
    int64_t count = 0;
    for (int i = 0; i < game->layers_count; i++)
        if (!network || !strcmp(game->layers[i].network, network))
            count += game->layers[i].parameters;
    return count;
}

/* Of a layer's parameters, those that no optimizer may change. */
static int64_t frozen_of(const struct game *game, const struct game_layer *layer) {
    int64_t count = 0;
    for (int i = 0; layer->parameters > 0 && i < game->variables_count; i++) {
        const struct game_variable *v = game->variables[i];
        if (v->role == ROLE_PARAMETER && !v->trainable && path_holds(layer->path, v->variable.name))
            count += shape_count(v->variable.shape);
    }
    return count;
}

static void print_column(const char *text, int width) {
    int wide = text_width(text);
    printf("%s%*s", text, wide < width ? width - wide : 0, "");
}

static int widest(const struct game *game,
                  const char *(*of)(const struct game *, const struct game_layer *)) {
    int width = 0;
    for (int i = 0; i < game->layers_count; i++) {
        int length = text_width(of(game, &game->layers[i]));
        if (length > width) width = length;
    }
    return width;
}

static const char *path_of(const struct game *game, const struct game_layer *layer) {
    (void)game;
    return layer->path;
}
static const char *kind_of(const struct game *game, const struct game_layer *layer) {
    (void)game;
    return layer->kind;
}
static const char *shape_of(const struct game *game, const struct game_layer *layer) {
    return shape_text(game->arena, layer->shape);
}

static void print_layers(const struct game *game) {
    int path = widest(game, path_of), kind = widest(game, kind_of), shape = widest(game, shape_of);
    const char *network = "";
    for (int i = 0; i < game->layers_count; i++) {
        const struct game_layer *layer = &game->layers[i];
        if (strcmp(network, layer->network) != 0) {
            network = layer->network;
            printf("%s%s: %" PRId64 " parameters\n", i ? "\n" : "", network,
                   parameters_of(game, network));
        }
        fputs("  ", stdout);
        print_column(layer->path, path + 2);
        print_column(layer->kind, kind + 2);
        print_column(shape_of(game, layer), shape + 2);
        const char *more = layer->options ? layer->options : "";
        int64_t frozen = frozen_of(game, layer);
        const char *how = !frozen                      ? ""
                          : frozen < layer->parameters ? "  partly frozen"
                                                       : "  frozen";
        printf("%10" PRId64 "%s%s%s\n", layer->parameters, how, *more ? "  " : "", more);
    }
}

static void print_text(const struct session *session, const struct play *play) {
    struct step_costs costs = step_costs(play);
    print_layers(session->game);
    printf("\na step: %.3g GFLOP, %.3g MB read and written, %d kernels, %d products, %.3g MB "
           "of intermediate results\n",
           (double)costs.flops / 1e9, (double)costs.bytes / 1e6, costs.kernels, costs.products,
           (double)costs.block_bytes / 1e6);
    printf("in all: %" PRId64 " parameters\n", parameters_of(session->game, NULL));
    printf("\nevery value that is used:\n\n%s", session_resolved(session));
}

static json_t *shape_json(struct shape shape) {
    json_t *list = json_array();
    for (int a = 0; a < shape.rank; a++)
        json_array_append_new(list, json_integer(shape.extent[a]));
    return list;
}

static void print_json(const struct session *session, const struct play *play) {
    const struct game *game = session->game;
    struct step_costs costs = step_costs(play);
    json_t *layers = json_array();
    for (int i = 0; i < game->layers_count; i++) {
        const struct game_layer *layer = &game->layers[i];
        json_array_append_new(
            layers, json_pack("{s:s s:s s:s s:o s:I s:I s:s?}", "network", layer->network, "path",
                              layer->path, "kind", layer->kind, "shape", shape_json(layer->shape),
                              "parameters", (json_int_t)layer->parameters, "frozen",
                              (json_int_t)frozen_of(game, layer), "options", layer->options));
    }
    json_t *object = json_pack(
        "{s:s s:o s:I s:I s:I s:I s:i s:i s:i s:s}", "name", session->experiment->name, "layers",
        layers, "parameters", (json_int_t)parameters_of(game, NULL), "flops_per_step",
        (json_int_t)costs.flops, "bytes_per_step", (json_int_t)costs.bytes, "block_bytes",
        (json_int_t)costs.block_bytes, "nodes", costs.nodes, "kernels", costs.kernels, "products",
        costs.products, "resolved", session_resolved(session));
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    printf("%s\n", text);
    free(text);
    json_decref(object);
}

static void print_program(const struct play *play, const struct play_program *program) {
    if (!program->program) return;
    printf("# %s\n", program->source->name);
    play->backend->print(program->program, stdout);
    printf("\n");
}

static void print_memory(const struct play *play, const struct play_program *program) {
    if (!program->program) return;
    struct arena *arena = arena_new();
    struct memory_plan plan = play->backend->memory(program->program, arena);
    memory_chart_print(program->source->name, &plan, stdout);
    arena_free(arena);
}

static enum status run(const struct arguments *arguments, struct error *error) {
    struct session session;
    struct play_options options;
    session_start(&session, arguments);
    if (!session_read(&session, arguments->operands[0], error) ||
        !session_play_options(&session, NULL, &options, error) || !session_build(&session))
        return session_report(&session, error);
    if (arguments_has(arguments, "--dot")) {
        drawing_print(session.game, stdout);
        return STATUS_OK;
    }
    struct play *play = play_open(session.game, &options, session.arena, error);
    if (!play) return error->status;
    if (arguments_has(arguments, "--graph")) {
        for (int i = 0; i < session.game->phases_count; i++)
            print_program(play, &play->phases[i]);
        print_program(play, &play->end);
    } else if (arguments_has(arguments, "--memory")) {
        for (int i = 0; i < session.game->phases_count; i++)
            print_memory(play, &play->phases[i]);
        print_memory(play, &play->end);
    } else if (arguments_has(arguments, "--json")) {
        print_json(&session, play);
    } else {
        print_text(&session, play);
    }
    return STATUS_OK;
}

static const struct option_row options[] = {
    {"--graph", NULL, "print the programs that the device runs instead"},
    {"--memory", NULL, "show how much memory is alive at each kernel, and whose it is, instead"},
    {"--dot", NULL, "print a drawing of the networks and the game, for Graphviz, instead"},
    OPTION_JSON,
    OPTION_SET,
    OPTION_DEVICE,
    OPTION_HELP,
    OPTION_END,
};

static const struct example examples[] = {
    {"duel describe configs/mnist-mlp.yaml", "shows its networks and what a step costs"},
    {"duel describe mnist-mlp --graph", "shows the programs"},
    {"duel describe mnist-mlp --memory", "shows where the most memory is needed, and why"},
    {"duel describe mnist-mlp --dot | dot -Tsvg -o mnist-mlp.svg", "draws networks and game"},
    {NULL, NULL},
};

const struct command command_describe = {
    .name = "describe",
    .doc = "shows networks layer by layer, and every value that is used",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
