/* The variables of a game: parameters, state, the optimizers' and averages' own; how they begin. */
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/build.h"

struct game_variable *variable_find(const struct game *game, const char *name) {
    for (int i = 0; i < game->variables_count; i++)
        if (!strcmp(game->variables[i]->variable.name, name)) return game->variables[i];
    return NULL;
}

struct game_variable *variable_new(struct builder *builder, const char *name,
                                   enum variable_role role, struct shape shape,
                                   struct initial_value initial, const struct origin *origin) {
    struct game *game = builder->game;
    struct game_variable *v = ARENA_NEW(builder->arena, struct game_variable);
    v->variable = (struct variable){.name = arena_text(builder->arena, name),
                                    .type = TYPE_FLOAT32,
                                    .shape = shape,
                                    .origin = origin,
                                    .index = game->variables_count};
    v->role = role;
    v->initial = initial;
    v->trainable = role == ROLE_PARAMETER;
    game->variables = ARENA_GROW(builder->arena, game->variables, game->variables_count);
    game->variables[game->variables_count++] = v;
    return v;
}

bool path_holds(const char *path, const char *name) {
    size_t length = strlen(path);
    return !strncmp(path, name, length) && (name[length] == 0 || name[length] == '/');
}

const struct average *experiment_average(const struct experiment *experiment, const char *name) {
    for (int i = 0; i < experiment->averages_count; i++)
        if (!strcmp(experiment->averages[i].name, name)) return &experiment->averages[i];
    return NULL;
}

bool average_covers(const struct average *average, const char *name) {
    for (int i = 0; i < average->of.count; i++)
        if (path_holds(average->of.list[i], name)) return true;
    return false;
}

/* "shadow/linear_1/weight" where the average is of one network, else "shadow/mapping/…". */
struct game_variable *variable_averaged(struct builder *builder, const struct average *average,
                                        struct game_variable *variable) {
    const char *name = variable->variable.name;
    if (!average || !average_covers(average, name)) return variable;
    const char *tail = average->of.count == 1 ? strchr(name, '/') + 1 : name;
    const char *copy = arena_format(builder->arena, "%s/%s", average->name, tail);
    struct game_variable *found = variable_find(builder->game, copy);
    if (found) return found;
    struct initial_value initial = {.kind = INITIAL_COPY, .copied = variable};
    return variable_new(builder, copy, ROLE_AVERAGE, variable->variable.shape, initial,
                        &average->origin);
}

/* ---- beginnings --------------------------------------------------------------------------------
 */

static struct initial_value normal(double mean, double deviation) {
    return (struct initial_value){.kind = INITIAL_NORMAL, .mean = mean, .deviation = deviation};
}

static struct initial_value uniform(double low, double high) {
    return (struct initial_value){.kind = INITIAL_UNIFORM, .low = low, .high = high};
}

struct initial_value initial_of(const struct distribution *init, double fan_in, double fan_out) {
    const char *name = init->name;
    double first = init->argument[0], second = init->argument[1];
    if (!strcmp(name, "constant")) return (struct initial_value){INITIAL_CONSTANT, .mean = first};
    if (!strcmp(name, "normal"))
        return init->count > 1 ? normal(first, second) : normal(0, init->count ? first : 1);
    if (!strcmp(name, "uniform"))
        return init->count > 1 ? uniform(first, second)
                               : uniform(init->count ? -first : 0, init->count ? first : 1);
    if (!strcmp(name, "fan_in")) return uniform(-1 / sqrt(fan_in), 1 / sqrt(fan_in));
    double deviation;
    if (!strncmp(name, "he", 2))
        deviation = sqrt(2 / (1 + first * first) / fan_in);
    else
        deviation = (init->count ? first : 1) * sqrt(2 / (fan_in + fan_out));
    bool flat = strstr(name, "_uniform") || !strcmp(name, "glorot");
    return flat ? uniform(-sqrt(3) * deviation, sqrt(3) * deviation) : normal(0, deviation);
}

struct initial_value initial_scaled(struct initial_value initial, double factor) {
    initial.mean *= factor;
    initial.deviation *= factor;
    initial.low *= factor;
    initial.high *= factor;
    return initial;
}

/* Uniform in (0, 1), with 53 random bits. */
static double draw(struct random_stream *stream) {
    uint64_t high = random_word(stream) >> 5, low = random_word(stream) >> 6;
    return ((double)(high << 26 | low) + 0.5) / 9007199254740992.0;
}

static void draw_normals(struct random_stream *stream, const struct initial_value *initial,
                         int64_t count, double *values) {
    const double turn = 6.283185307179586476925;
    for (int64_t i = 0; i < count; i += 2) {
        double radius = sqrt(-2 * log(draw(stream))), angle = turn * draw(stream);
        values[i] = initial->mean + initial->deviation * radius * cos(angle);
        if (i + 1 < count) values[i + 1] = initial->mean + initial->deviation * radius * sin(angle);
    }
}

/* The L2 norm of what lies under each index of the last axis of a variable's beginning. */
static void fill_norms(const struct game *game, const struct game_variable *whole, uint64_t seed,
                       int64_t count, double *values) {
    struct arena *arena = arena_new();
    int64_t all = shape_count(whole->variable.shape);
    double *beginning = ARENA_ARRAY(arena, double, all);
    game_initial(game, whole, seed, beginning);
    for (int64_t i = 0; i < count; i++)
        values[i] = 0;
    for (int64_t i = 0; i < all; i++)
        values[i % count] += beginning[i] * beginning[i];
    for (int64_t i = 0; i < count; i++)
        values[i] = sqrt(values[i]);
    arena_free(arena);
}

void game_initial(const struct game *game, const struct game_variable *variable, uint64_t seed,
                  double *values) {
    const struct initial_value *initial = &variable->initial;
    int64_t count = shape_count(variable->variable.shape);
    uint64_t key = hash_text(hash_mix(hash_text(0, "initial"), seed), variable->variable.name);
    struct random_stream stream = {.key = key};
    switch (initial->kind) {
    case INITIAL_CONSTANT:
        for (int64_t i = 0; i < count; i++)
            values[i] = initial->mean;
        break;
    case INITIAL_UNIFORM:
        for (int64_t i = 0; i < count; i++)
            values[i] = initial->low + (initial->high - initial->low) * draw(&stream);
        break;
    case INITIAL_NORMAL:
        draw_normals(&stream, initial, count, values);
        break;
    case INITIAL_COPY:
        game_initial(game, initial->copied, seed, values);
        break;
    case INITIAL_NORMS:
        fill_norms(game, initial->copied, seed, count, values);
        break;
    default:
        BUG("initial value %d", (int)initial->kind);
    }
}
