/* The code of one kernel, once it is whole: products join sums, values get registers, and what is
 * stored is made in its place. */
#include "engine/fuse.h"

/* How often each value is used. */
static int *count_uses(const struct fused *fused, int values, struct arena *scratch) {
    int *uses = ARENA_ARRAY(scratch, int, values + 1);
    for (int i = 0; i < fused->code_count; i++) {
        const struct instruction *k = &fused->code[i];
        if (k->a >= 0) uses[k->a]++;
        if (k->b >= 0) uses[k->b]++;
        if (k->c >= 0) uses[k->c]++;
    }
    for (int i = 0; i < fused->reductions_count; i++)
        uses[fused->reductions[i].src]++;
    return uses;
}

/* A sum or difference with a product that nobody else needs becomes one instruction; the bits are
 * the same. */
static void join_products(struct fused *fused, int values, struct arena *scratch) {
    int *uses = count_uses(fused, values, scratch), *maker = ARENA_ARRAY(scratch, int, values + 1);
    bool *gone = ARENA_ARRAY(scratch, bool, fused->code_count + 1);
    for (int i = 0; i < fused->code_count; i++) {
        struct instruction *k = &fused->code[i];
        if (k->dst >= 0) maker[k->dst] = i;
        bool sum = k->op == OP_ADD, difference = k->op == OP_SUB;
        if (k->type != TYPE_FLOAT32 || (!sum && !difference)) continue;
        for (int side = 0; side < 2; side++) {
            int product = side ? k->b : k->a, other = side ? k->a : k->b;
            const struct instruction *m = &fused->code[maker[product]];
            if (m->op != OP_MUL || uses[product] != 1 || product == other) continue;
            gone[maker[product]] = true;
            k->op = sum ? FUSED_MUL_ADD : side ? FUSED_SUB_MUL : FUSED_MUL_SUB;
            k->a = m->a;
            k->b = m->b;
            k->c = (int16_t)other;
            break;
        }
    }
    int kept = 0;
    for (int i = 0; i < fused->code_count; i++)
        if (!gone[i]) fused->code[kept++] = fused->code[i];
    fused->code_count = kept;
}

/* Values become registers, used again once nobody needs them. */
static void set_registers(struct fused *fused, int values, struct arena *scratch) {
    int *last = ARENA_ARRAY(scratch, int, values + 1), *reg = ARENA_ARRAY(scratch, int, values + 1);
    bool *busy = ARENA_ARRAY(scratch, bool, values + 1);
    for (int i = 0; i < fused->code_count; i++) {
        const struct instruction *k = &fused->code[i];
        if (k->a >= 0) last[k->a] = i;
        if (k->b >= 0) last[k->b] = i;
        if (k->c >= 0) last[k->c] = i;
    }
    for (int i = 0; i < fused->reductions_count; i++)
        last[fused->reductions[i].src] = fused->code_count;
    for (int i = 0; i < fused->code_count; i++) {
        struct instruction *k = &fused->code[i];
        int16_t old[3] = {k->a, k->b, k->c};
        if (k->a >= 0) k->a = (int16_t)reg[k->a];
        if (k->b >= 0) k->b = (int16_t)reg[k->b];
        if (k->c >= 0) k->c = (int16_t)reg[k->c];
        if (k->dst >= 0) {
            int r = 0;
            while (busy[r])
                r++;
            busy[r] = true;
            reg[k->dst] = r;
            if (r >= fused->registers) fused->registers = r + 1;
            if (last[k->dst] == 0) last[k->dst] = i;
        }
        for (int s = 0; s < 3; s++)
            if (old[s] >= 0 && last[old[s]] == i) busy[reg[old[s]]] = false;
        if (k->dst >= 0) k->dst = (int16_t)reg[k->dst];
    }
    for (int i = 0; i < fused->reductions_count; i++)
        fused->reductions[i].src = (int16_t)reg[fused->reductions[i].src];
}

/* A store right after what it stores was computed goes straight to memory. */
static void direct_stores(struct fused *fused) {
    int kept = 0;
    for (int i = 0; i < fused->code_count; i++) {
        struct instruction *k = &fused->code[i], *previous = kept ? &fused->code[kept - 1] : NULL;
        bool direct = k->op == FUSED_STORE && previous && previous->dst == k->a &&
                      previous->store < 0 && previous->op != FUSED_LOAD &&
                      previous->op != FUSED_STORE && previous->result == k->result;
        if (direct)
            previous->store = k->leaf;
        else
            fused->code[kept++] = *k;
    }
    fused->code_count = kept;
}

void fuse_set_registers(struct fused *fused, int values) {
    struct arena *scratch = arena_new();
    join_products(fused, values, scratch);
    set_registers(fused, values, scratch);
    direct_stores(fused);
    arena_free(scratch);
}
