/*
 * What draws a random graph: a pool of values that grows by recipes. A value carries an interval
 * that it lies in, so that logarithms and powers get operands that they are defined for; a value
 * that nothing is known of (a gradient) is squashed first.
 */
#ifndef TESTS_FUZZ_MAKER_H
#define TESTS_FUZZ_MAKER_H

#include "base/random.h"
#include "tests/fuzz/fuzz.h"

struct term {
    struct node *node;
    double low, high; /* its elements lie between */
};

enum { PALETTE = 4 };
struct maker {
    struct arena *arena;
    struct graph *g;
    struct subject *subject;
    struct random_stream random;
    struct term *pool; /* float32 */
    int count;
    struct term *whole; /* int32 */
    int whole_count;
    int64_t palette[PALETTE]; /* extents, so that shapes meet */
    int64_t extent_most, largest, budget;
    struct node *clock;
};

/* ---- maker.c: chance, shapes, leaves, and operands from the pool ---- */

int64_t below(struct maker *m, int64_t n);
bool chance(struct maker *m, int percent);
double fraction(struct maker *m);
/* Adds a value to its pool and hands it on. */
struct term keep(struct maker *m, struct node *node, double low, double high);
int64_t draw_extent(struct maker *m);
struct shape draw_shape(struct maker *m);
/* Some of its axes, at least one where there is one. */
uint32_t draw_axes(struct maker *m, struct shape shape);
struct term new_variable(struct maker *m, struct shape shape);
struct term new_whole_table(struct maker *m, struct shape shape);
struct term new_random(struct maker *m, struct shape shape);
struct term new_leaf(struct maker *m, struct shape shape);
/* Some value, rather a late one. */
struct term pick(struct maker *m);
struct term reduced(struct maker *m, struct term t, uint32_t axes);
/* A value made to have `shape`. */
struct term fit(struct maker *m, struct term t, struct shape shape);
/* An operand of `shape`: one that is there, one made to fit, or a new one. */
struct term operand(struct maker *m, struct shape shape);
/* The value brought between low and high, if it may lie outside. */
struct term tame(struct maker *m, struct term t, double low, double high);
/* So that products of products stay within range. */
struct term moderate(struct maker *m, struct term t);

/* ---- recipes_map.c: element by element ---- */

double largest_of(struct term t);
void recipe_leaf(struct maker *m);
void recipe_unary(struct maker *m);
void recipe_binary(struct maker *m);
void recipe_plain(struct maker *m);
void recipe_pow(struct maker *m);
void recipe_select(struct maker *m);
void recipe_sign(struct maker *m);
void recipe_activation(struct maker *m);
void recipe_whole(struct maker *m);
void recipe_long(struct maker *m);

/* ---- recipes_move.c: movement ---- */

/* Axes merged, split, and ones put in and taken out. */
struct node *reshaped(struct maker *m, struct node *x);
struct node *permuted(struct maker *m, struct node *x);
struct node *sliced(struct maker *m, struct node *x);
void recipe_move(struct maker *m);
void recipe_moves(struct maker *m);
void recipe_concat(struct maker *m);
void recipe_broadcast(struct maker *m);

/* ---- recipes_conv.c: convolutions ---- */

void recipe_conv(struct maker *m);
void recipe_tiles(struct maker *m);

/* ---- recipes_product.c: reductions, products and indexing ---- */

struct node *mean(struct maker *m, struct node *x, uint32_t axes);
/* Indices into n rows, perhaps part of a longer input. */
struct term new_index(struct maker *m, struct shape shape, int64_t n);
/* Factors taken transposed, as lowering makes them: no gradient can be taken through it. */
void late_product(struct maker *m);
void recipe_reduce(struct maker *m);
void recipe_norm(struct maker *m);
void recipe_softmax(struct maker *m);
void recipe_length(struct maker *m);
void recipe_matmul(struct maker *m);
void recipe_data(struct maker *m);
void recipe_gather(struct maker *m);
void recipe_scatter(struct maker *m);

/* ---- recipes_game.c: gradients and whole games ---- */

void recipe_gradient(struct maker *m);
void recipe_cycle(struct maker *m);
void recipe_game(struct maker *m);

/* ---- recipes_update.c: what is assigned and read ---- */

void add_results(struct maker *m);
void recipe_adam(struct maker *m);
void recipe_store(struct maker *m);
void recipe_total(struct maker *m);
void recipe_stack(struct maker *m);

#endif
