/*
 * Drawing a game; see drawing.h.
 *
 * The edges of a phase follow its expressions: what a loss is made of, through the networks that are called on the way. Each
 * phase has a colour of its own. A thick edge goes to what the phase updates.
 */
#include "runner/drawing.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "runner/experiment.h"
#include "runner/latent.h"
#include "runner/optimizer.h"

enum { LINE = 56 }; /* characters of an expression in one line */

/* Okabe and Ito 2008: seen apart by all. */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73",
                                      "#CC79A7", "#56B4E9", "#E69F00"};

enum { COLOURS = sizeof colours / sizeof *colours };

/* ---- text ---- */

/* Text within an HTML-like label. */
static void print_escaped(const char *text, size_t length, FILE *file) {
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            fputc(text[i], file);
        }
    }
}

static void print_text(const char *text, FILE *file) {
    print_escaped(text, strlen(text), file);
}

/* An expression in lines that are broken between its words. */
static void print_formula(const char *text, FILE *file) {
    for (bool first = true; *text; first = false) {
        size_t length = strlen(text), at = length;
        if (length > LINE) {
            for (at = LINE; at && text[at] != ' ';)
                at--;
            if (!at) at = LINE + strcspn(text + LINE, " ");
        }
        fputs(first ? "" : "<BR ALIGN=\"LEFT\"/>&nbsp;&nbsp;", file);
        print_escaped(text, at, file);
        text += at;
        text += strspn(text, " ");
    }
    fputs("<BR ALIGN=\"LEFT\"/>", file);
}

static const char *formula_of(const struct expression *expression, struct arena *arena) {
    struct text text = {0};
    expression_write(expression, &text);
    char *formula = arena_text(arena, text_get(&text));
    text_release(&text);
    for (char *c = formula; *c; c++)
        if (isspace((unsigned char)*c)) *c = ' ';
    return formula;
}

static void print_row(const char *name, const char *kind, const char *shape, FILE *file) {
    fputs("<TR><TD ALIGN=\"LEFT\">", file);
    print_text(name, file);
    fputs("</TD><TD ALIGN=\"LEFT\">", file);
    print_text(kind, file);
    fputs("</TD><TD ALIGN=\"RIGHT\">", file);
    print_text(shape, file);
    fputs("</TD></TR>", file);
}

/* ---- values and networks ---- */

/* Data and latents, those that the drawing has an edge from. */
static void print_value(const struct experiment *x, const char *name, struct arena *arena,
                        FILE *file) {
    const struct experiment_data *examples = experiment_examples(x, name),
                                 *labels = experiment_labels(x, name);
    if (!examples) examples = experiment_condition(x, name);
    struct extents seen = {0};
    if (examples) seen = experiment_example_shape(examples);
    fprintf(file, "  \"value %s\" [shape=%s, style=filled, fillcolor=\"#EEEEEE\", label=\"", name,
            examples || labels ? "cylinder" : "ellipse");
    if (examples)
        fprintf(file, "%s\\n%s %s", examples->row->name, name,
                shape_text(arena, shape_make(seen.rank, seen.extent)));
    else if (labels)
        fprintf(file, "%s\\n%s: %d classes", labels->row->name, name, labels->dataset.classes);
    for (int i = 0; i < x->latents_count; i++) {
        const struct latent *latent = &x->latents[i];
        if (strcmp(latent->name, name) != 0) continue;
        const struct extents *shape = &latent->options->shape;
        fprintf(file, "%s\\n%s %s", name, latent->row->name,
                shape_text(arena, shape_make(shape->rank, shape->extent)));
    }
    fputs("\"];\n", file);
}

static void print_network(const struct game *game, const struct network *network,
                          struct arena *arena, FILE *file) {
    int64_t parameters = 0;
    size_t prefix = strlen(network->name) + 1;
    for (int i = 0; i < game->layers_count; i++)
        if (!strcmp(game->layers[i].network, network->name))
            parameters += game->layers[i].parameters;
    fprintf(file,
            "  \"network %s\" [shape=plain, label=<<TABLE BORDER=\"1\" CELLBORDER=\"0\" "
            "CELLSPACING=\"0\" CELLPADDING=\"2\">"
            "<TR><TD COLSPAN=\"3\" BGCOLOR=\"#DDDDDD\"><B>%s</B>, %" PRId64 " parameters</TD></TR>",
            network->name, network->name, parameters);
    for (int i = 0; i < game->layers_count; i++) {
        const struct game_layer *layer = &game->layers[i];
        if (strcmp(layer->network, network->name) != 0) continue;
        const char *name = strlen(layer->path) > prefix ? layer->path + prefix : layer->path;
        print_row(name, layer->kind, shape_text(arena, layer->shape), file);
    }
    fputs("</TABLE>>];\n", file);
}

static void print_average(const struct average *average, FILE *file) {
    fprintf(file, "  \"network %s\" [shape=box, style=dashed, label=\"%s: a running average\"];\n",
            average->name, average->name);
    for (int i = 0; i < average->of.count; i++)
        fprintf(file, "  \"network %s\" -> \"network %s\" [style=dotted, color=\"#777777\"];\n",
                average->of.list[i], average->name);
}

/* ---- what flows in a phase ---- */

enum { NODES_MOST = 128, EDGES_MOST = 512 };

/* Names of nodes. */
struct nodes {
    int count;
    const char *list[NODES_MOST];
};

struct flow {
    const struct experiment *x;
    struct arena *arena;
    const struct phase *phase;
    const char *colour;
    struct nodes *values; /* the data and latents that were met */
    FILE *file;
    int edges_count, depth;
    const char *edges[EDGES_MOST]; /* those that are drawn already */
};

static void add_node(struct nodes *nodes, const char *name) {
    for (int i = 0; i < nodes->count; i++)
        if (!strcmp(nodes->list[i], name)) return;
    if (nodes->count < NODES_MOST) nodes->list[nodes->count++] = name;
}

/* Each edge of a phase is drawn once. */
static void print_edge(struct flow *flow, const char *from, const char *to,
                       const char *attributes) {
    const char *edge = arena_format(flow->arena, "  \"%s\" -> \"%s\" [color=\"%s\"%s];\n", from, to,
                                    flow->colour, attributes);
    for (int i = 0; i < flow->edges_count; i++)
        if (!strcmp(flow->edges[i], edge)) return;
    if (flow->edges_count == EDGES_MOST) return;
    flow->edges[flow->edges_count++] = edge;
    fputs(edge, flow->file);
}

static bool is_callable(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->averages_count; i++)
        if (!strcmp(x->averages[i].name, name)) return true;
    return experiment_network(x, name);
}

static bool is_value(const struct experiment *x, const char *name) {
    for (int i = 0; i < x->latents_count; i++)
        if (!strcmp(x->latents[i].name, name)) return true;
    return experiment_binds(x, name);
}

static void follow(struct flow *flow, const struct expression *e, struct nodes *sources);

static void follow_name(struct flow *flow, const char *name, struct nodes *sources) {
    for (int i = 0; i < flow->phase->let.count; i++) {
        const struct game_term *let = &flow->phase->let.list[i];
        if (strcmp(let->name, name) != 0 || !let->expression ||
            flow->depth > flow->phase->let.count)
            continue;
        flow->depth++;
        follow(flow, let->expression, sources);
        flow->depth--;
        return;
    }
    if (is_value(flow->x, name)) {
        add_node(flow->values, name);
        add_node(sources, arena_format(flow->arena, "value %s", name));
    }
    if (is_callable(flow->x, name))
        add_node(sources, arena_format(flow->arena, "network %s", name));
}

/* A call of a network: what is given flows to it; an input that is not given comes by its own name. */
static void follow_call(struct flow *flow, const struct expression *call, const char *name,
                        struct nodes *sources) {
    const struct network *network = experiment_network(flow->x, name);
    const char *node = arena_format(flow->arena, "network %s", name);
    struct nodes given = {0};
    int arguments = 0;
    for (int i = 1; i < call->count; i++)
        if (call->part[i]) {
            follow(flow, call->part[i], &given);
            arguments += !call->keyword[i];
        }
    for (int i = arguments; network && i < network->inputs_count; i++)
        follow_name(flow, network->inputs[i].name, &given);
    for (int i = 0; i < given.count; i++)
        if (strcmp(given.list[i], node) != 0) print_edge(flow, given.list[i], node, "");
    add_node(sources, node);
}

static void follow(struct flow *flow, const struct expression *e, struct nodes *sources) {
    const struct expression *callee = e->kind == EXPRESSION_CALL ? e->part[0] : NULL;
    if (e->kind == EXPRESSION_NAME) {
        follow_name(flow, e->name, sources);
    } else if (callee && callee->kind == EXPRESSION_NAME && is_callable(flow->x, callee->name)) {
        follow_call(flow, e, callee->name, sources);
    } else {
        for (int i = callee ? 1 : 0; i < e->count; i++)
            if (e->part[i]) follow(flow, e->part[i], sources);
    }
}

static void follow_terms(struct flow *flow, const struct game_terms *terms, const char *node) {
    struct nodes sources = {0};
    for (int i = 0; i < terms->count; i++)
        if (terms->list[i].expression) follow(flow, terms->list[i].expression, &sources);
    for (int i = 0; i < sources.count; i++)
        print_edge(flow, sources.list[i], node, "");
}

/* ---- phases ---- */

static void print_terms(const char *before, const struct game_terms *terms, struct arena *arena,
                        FILE *file) {
    for (int i = 0; i < terms->count; i++) {
        const struct game_term *term = &terms->list[i];
        if (!term->expression) continue;
        fputs("<TR><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">", file);
        print_formula(arena_format(arena, "%s%s%s%s", before, term->name ? term->name : "",
                                   term->name ? " = " : "", formula_of(term->expression, arena)),
                      file);
        fputs("</TD></TR>", file);
    }
}

static void print_single(const char *name, const struct game_term *term, struct arena *arena,
                         FILE *file) {
    if (term->expression)
        print_terms(arena_format(arena, "%s ", name),
                    &(struct game_terms){1, (struct game_term *)term}, arena, file);
}

/* The optimizer that updates a path: the one of its own, or the common one. */
static const char *optimizer_of(const struct experiment *x, const char *path) {
    const struct experiment_optimizer *found = NULL;
    for (int i = 0; i < x->optimizers_count; i++) {
        const struct experiment_optimizer *o = &x->optimizers[i];
        if (!o->label && !found) found = o;
        for (int k = 0; k < o->paths.count; k++)
            if (!strcmp(o->paths.list[k], path)) found = o;
    }
    return found && found->row ? found->row->name : "";
}

static void print_phase(const struct experiment *x, int index, struct nodes *values,
                        struct arena *arena, FILE *file) {
    const struct phase *phase = &x->phases[index];
    const char *node = arena_format(arena, "phase %s", phase->name),
               *colour = colours[index % COLOURS];
    fprintf(file,
            "  \"%s\" [shape=plain, label=<<TABLE BORDER=\"2\" COLOR=\"%s\" CELLBORDER=\"0\" "
            "CELLSPACING=\"0\" CELLPADDING=\"2\">"
            "<TR><TD BGCOLOR=\"%s\"><FONT COLOR=\"white\"><B>%d. %s</B></FONT></TD></TR>",
            node, colour, colour, index + 1, phase->name);
    print_single("repeat", &phase->repeat, arena, file);
    print_single("every", &phase->every, arena, file);
    print_single("when", &phase->when, arena, file);
    print_single("batch", &phase->batch, arena, file);
    print_terms("", &phase->let, arena, file);
    for (int i = 0; i < phase->players_count; i++) {
        const struct game_player *player = &phase->players[i];
        print_terms(*player->name ? arena_format(arena, "%s minimizes ", player->name)
                                  : "minimize ",
                    &player->minimize, arena, file);
        print_single("project", &player->project, arena, file);
    }
    print_terms("set ", &phase->set, arena, file);
    fputs("</TABLE>>];\n", file);
    struct flow flow = {
        .x = x, .arena = arena, .phase = phase, .colour = colour, .values = values, .file = file};
    for (int i = 0; i < phase->players_count; i++) {
        const struct game_player *player = &phase->players[i];
        follow_terms(&flow, &player->minimize, node);
        for (int k = 0; player->minimize.count && k < player->update.count; k++) {
            const char *path = player->update.list[k];
            const char *to = arena_format(arena, "network %.*s", (int)strcspn(path, "/"), path);
            print_edge(
                &flow, node, to,
                arena_format(
                    arena,
                    ", penwidth=3, constraint=false, fontcolor=\"%s\", label=\"updates%s%s, %s\"",
                    colour, strchr(path, '/') ? " " : "", strchr(path, '/') ? path : "",
                    optimizer_of(x, path)));
        }
    }
    follow_terms(&flow, &phase->set, node);
}

void drawing_print(const struct game *game, FILE *file) {
    const struct experiment *x = game->experiment;
    struct arena *arena = arena_new();
    fprintf(file,
            "digraph \"%s\" {\n"
            "  graph [rankdir=LR, ranksep=0.8, nodesep=0.4, fontname=\"Helvetica\", label=\"%s\", "
            "labelloc=t];\n"
            "  node [fontname=\"Helvetica\", fontsize=11];\n"
            "  edge [fontname=\"Helvetica\", fontsize=10];\n",
            x->name, x->name);
    for (int i = 0; i < x->networks_count; i++)
        print_network(game, &x->networks[i], arena, file);
    for (int i = 0; i < x->averages_count; i++)
        print_average(&x->averages[i], file);
    struct nodes values = {0};
    for (int i = 0; i < x->phases_count; i++)
        print_phase(x, i, &values, arena, file);
    for (int i = 0; i < values.count; i++)
        print_value(x, values.list[i], arena, file);
    fputs("}\n", file);
    arena_free(arena);
}
