/*
 * Draws a random valid graph: recipes, each weighted by how much training graphs hold of it.
 */
#include "tests/fuzz/maker.h"
#include "tests/fuzz/subject.h"

static const struct {
    int weight;
    void (*make)(struct maker *m);
} recipes[] = {
    {8, recipe_leaf},     {10, recipe_unary},     {14, recipe_binary}, {3, recipe_pow},
    {6, recipe_select},   {8, recipe_activation}, {9, recipe_move},    {9, recipe_moves},
    {6, recipe_concat},   {5, recipe_broadcast},  {9, recipe_reduce},  {6, recipe_norm},
    {3, recipe_softmax},  {2, recipe_length},     {12, recipe_matmul}, {8, recipe_conv},
    {2, recipe_data},     {3, recipe_gather},     {2, recipe_scatter}, {4, recipe_whole},
    {8, recipe_gradient}, {3, recipe_adam},       {3, recipe_store},   {3, recipe_sign},
    {4, recipe_game},     {2, recipe_cycle},      {1, recipe_long},    {5, recipe_plain},
    {3, recipe_total},    {2, recipe_stack},      {2, recipe_tiles},
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

static void make_one(struct maker *m) {
    int total = 0, at = 0;
    for (int i = 0; i < RECIPES; i++)
        total += recipes[i].weight;
    int draw = (int)below(m, total);
    while (draw >= recipes[at].weight)
        draw -= recipes[at++].weight;
    recipes[at].make(m);
}

/* Most graphs are small; some hold tensors that several tiles, chunks and threads share. */
static void draw_sizes(struct maker *m) {
    int size = (int)below(m, 100);
    m->largest = size < 85 ? 600 : size < 96 ? 6000 : 60000;
    m->budget = m->largest * 12;
    if (size >= 85 && m->extent_most > 256) m->budget = m->largest * 6;
    for (int i = 0; i < PALETTE; i++)
        m->palette[i] = draw_extent(m);
    if (size >= 96) m->palette[0] = m->extent_most < 300 ? m->extent_most : 100 + below(m, 200);
}

struct subject *subject_make(struct arena *arena, uint64_t seed, int64_t extent_most) {
    struct maker m = {.arena = arena, .g = graph_new(arena), .extent_most = extent_most};
    m.subject = ARENA_NEW(arena, struct subject);
    *m.subject = (struct subject){.arena = arena, .graph = m.g, .seed = seed};
    m.random.key = hash_mix(0x5eed, seed);
    draw_sizes(&m);
    new_leaf(&m, draw_shape(&m));
    if (chance(&m, 70)) new_variable(&m, draw_shape(&m));
    for (int64_t steps = 2 + below(&m, 25); steps > 0 && m.budget > 0; steps--)
        make_one(&m);
    if (chance(&m, 15)) late_product(&m);
    add_results(&m);
    graph_verify(m.g, "making a graph");
    return subject_edit(arena, m.subject, &(struct edit){0});
}
