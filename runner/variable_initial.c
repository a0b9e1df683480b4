/*
 * How variables begin: drawn in double, from the seed and the variable's own name.
 *
 * layer_weight in layers/layer.h says what each initialiser means.
 */
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/random.h"
#include "runner/build.h"

/* ---- from a name to numbers --------------------------------------------------------------------
 */

static struct initial_value normal(double mean, double deviation) {
    return (struct initial_value){.kind = INITIAL_NORMAL, .mean = mean, .deviation = deviation};
}

static struct initial_value uniform(double low, double high) {
    return (struct initial_value){.kind = INITIAL_UNIFORM, .low = low, .high = high};
}

static bool begins(const char *name, const char *with) {
    return !strncmp(name, with, strlen(with));
}

/* Those whose deviation depends on the numbers that go in and come out. */
static struct initial_value scaled(const struct distribution *init, double fan_in, double fan_out) {
    const char *name = init->name;
    double first = init->argument[0], deviation;
    if (begins(name, "he"))
        deviation = sqrt(2 / (1 + first * first) / fan_in);
    else if (begins(name, "lecun"))
        deviation = sqrt(1 / fan_in);
    else
        deviation = (init->count ? first : 1) * sqrt(2 / (fan_in + fan_out));
    bool flat = strstr(name, "_uniform") || !strcmp(name, "glorot");
    return flat ? uniform(-sqrt(3) * deviation, sqrt(3) * deviation) : normal(0, deviation);
}

struct initial_value initial_of(const struct distribution *init, double fan_in, double fan_out) {
    const char *name = init->name;
    double first = init->argument[0], second = init->argument[1];
    double gain = init->count ? first : 1;
    if (!strcmp(name, "constant")) return (struct initial_value){INITIAL_CONSTANT, .mean = first};
    if (!strcmp(name, "orthogonal"))
        return (struct initial_value){INITIAL_ORTHOGONAL, .mean = gain};
    if (!strcmp(name, "identity")) return (struct initial_value){INITIAL_IDENTITY, .mean = gain};
    if (!strcmp(name, "normal") || !strcmp(name, "truncated_normal")) {
        struct initial_value value = init->count > 1 ? normal(first, second) : normal(0, gain);
        if (*name == 't') value.kind = INITIAL_TRUNCATED;
        return value;
    }
    if (!strcmp(name, "uniform"))
        return init->count > 1 ? uniform(first, second)
                               : uniform(init->count ? -first : 0, init->count ? first : 1);
    if (!strcmp(name, "fan_in")) return uniform(-1 / sqrt(fan_in), 1 / sqrt(fan_in));
    return scaled(init, fan_in, fan_out);
}

struct initial_value initial_scaled(struct initial_value initial, double factor) {
    initial.mean *= factor;
    initial.deviation *= factor;
    initial.low *= factor;
    initial.high *= factor;
    return initial;
}

static int arguments_most(const char *name) {
    static const char *const two[] = {"normal", "truncated_normal", "uniform"};
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (!strcmp(name, two[i])) return 2;
    return strcmp(name, "fan_in") && !begins(name, "lecun");
}

const char *initial_problem(struct arena *arena, const struct distribution *init,
                            struct shape shape) {
    int most = arguments_most(init->name);
    if (init->count > most)
        return arena_format(arena, "'%s' takes %s, but is given %d", init->name,
                            !most       ? "no number"
                            : most == 1 ? "at most one number"
                                        : "at most two numbers",
                            init->count);
    if (!strcmp(init->name, "orthogonal") && shape.rank < 2)
        return arena_format(arena, "'orthogonal' is for weights of two axes or more, not for %s",
                            shape_text(arena, shape));
    if (!strcmp(init->name, "identity") && shape.rank != 2)
        return arena_format(arena, "'identity' is for weights of two axes, not for %s",
                            shape_text(arena, shape));
    return NULL;
}

/* ---- draws -------------------------------------------------------------------------------------
 */

/* Uniform in (0, 1), with 53 random bits. */
static double draw(struct random_stream *stream) {
    uint64_t high = random_word(stream) >> 5, low = random_word(stream) >> 6;
    return ((double)(high << 26 | low) + 0.5) / 9007199254740992.0;
}

/* Two numbers of mean 0 and deviation 1 (Box and Muller 1958). */
static void draw_pair(struct random_stream *stream, double pair[2]) {
    const double turn = 6.283185307179586476925;
    double radius = sqrt(-2 * log(draw(stream))), angle = turn * draw(stream);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

/* Normal numbers, and again those that are further off than `most` deviations. */
static void draw_normals(struct random_stream *stream, double mean, double deviation, double most,
                         int64_t count, double *values) {
    for (int64_t i = 0; i < count;) {
        double pair[2];
        draw_pair(stream, pair);
        for (int k = 0; k < 2 && i < count; k++)
            if (fabs(pair[k]) <= most) values[i++] = mean + deviation * pair[k];
    }
}

/* ---- orthogonal and identity -------------------------------------------------------------------
 */

/* In eight parts, which a compiler can add side by side. */
static double dot(const double *a, const double *b, int64_t length) {
    double part[8] = {0}, rest = 0;
    int64_t i = 0;
    for (; i + 8 <= length; i += 8)
        for (int k = 0; k < 8; k++)
            part[k] += a[i + k] * b[i + k];
    for (; i < length; i++)
        rest += a[i] * b[i];
    for (int k = 0; k < 8; k++)
        rest += part[k];
    return rest;
}

/* Gram-Schmidt, each vector twice, which is enough for full precision (Giraud et al. 2005, Numer.
 * Math. 101). R's diagonal is positive, so normal vectors give uniformly distributed ones (Mezzadri
 * 2007, Notices of the AMS 54). */
static void orthonormalise(double *vectors, int64_t count, int64_t length) {
    for (int64_t i = 0; i < count; i++) {
        double *v = vectors + i * length;
        for (int64_t k = 0; k < 2 * i; k++) {
            const double *u = vectors + k % i * length;
            double share = dot(u, v, length);
            for (int64_t a = 0; a < length; a++)
                v[a] -= share * u[a];
        }
        double norm = sqrt(dot(v, v, length));
        for (int64_t a = 0; a < length; a++)
            v[a] /= norm;
    }
}

/* The weight as a matrix of its last axis's columns: the fewer of its rows and columns become
 * orthonormal, times the gain. */
static void draw_orthogonal(struct random_stream *stream, double gain, struct shape shape,
                            double *values) {
    int64_t columns = shape.extent[shape.rank - 1], rows = shape_count(shape) / columns;
    bool tall = rows > columns;
    int64_t count = tall ? columns : rows, length = tall ? rows : columns;
    struct arena *scratch = arena_new();
    double *vectors = ARENA_ARRAY(scratch, double, count *length);
    draw_normals(stream, 0, 1, INFINITY, count * length, vectors);
    orthonormalise(vectors, count, length);
    for (int64_t i = 0; i < count; i++)
        for (int64_t a = 0; a < length; a++)
            values[tall ? a * columns + i : i * columns + a] = gain * vectors[i * length + a];
    arena_free(scratch);
}

static void fill_identity(double gain, struct shape shape, double *values) {
    for (int64_t row = 0; row < shape.extent[0]; row++)
        for (int64_t column = 0; column < shape.extent[1]; column++)
            *values++ = row == column ? gain : 0;
}

/* ---- of another variable -----------------------------------------------------------------------
 */

/* The L2 norm of what lies under each index of an axis of a variable's beginning. */
static void fill_norms(const struct game *game, const struct game_variable *whole, int axis,
                       uint64_t seed, int64_t count, double *values) {
    struct arena *arena = arena_new();
    int64_t all = shape_count(whole->variable.shape), stride[AXES_MOST];
    shape_strides(whole->variable.shape, stride);
    double *beginning = ARENA_ARRAY(arena, double, all);
    game_initial(game, whole, seed, beginning);
    for (int64_t i = 0; i < count; i++)
        values[i] = 0;
    for (int64_t i = 0; i < all; i++)
        values[i / stride[axis] % count] += beginning[i] * beginning[i];
    for (int64_t i = 0; i < count; i++)
        values[i] = sqrt(values[i]);
    arena_free(arena);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

void game_initial(const struct game *game, const struct game_variable *variable, uint64_t seed,
                  double *values) {
    const struct initial_value *initial = &variable->initial;
    struct shape shape = variable->variable.shape;
    int64_t count = shape_count(shape);
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
    case INITIAL_TRUNCATED:
        draw_normals(&stream, initial->mean, initial->deviation,
                     initial->kind == INITIAL_TRUNCATED ? 2 : INFINITY, count, values);
        break;
    case INITIAL_ORTHOGONAL:
        draw_orthogonal(&stream, initial->mean, shape, values);
        break;
    case INITIAL_IDENTITY:
        fill_identity(initial->mean, shape, values);
        break;
    case INITIAL_VALUES:
        memcpy(values, initial->values, (size_t)count * sizeof *values);
        break;
    case INITIAL_COPY:
        game_initial(game, initial->copied, seed, values);
        break;
    case INITIAL_NORMS:
        fill_norms(game, initial->copied, initial->axis, seed, count, values);
        break;
    default:
        BUG("initial value %d", (int)initial->kind);
    }
}
