/*
 * Counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
 * easy as 1, 2, 3"). The same counter and key give the same four words on every machine, thread and
 * backend.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

struct philox {
    uint32_t word[4];
};

/* The four words at `counter` under `key`. */
struct philox philox4x32(const uint32_t counter[4], const uint32_t key[2]);

/* A 64-bit hash for seeds and places: the finaliser of SplitMix64 (Steele et al. 2014) over hash +
 * value. */
uint64_t hash_mix(uint64_t hash, uint64_t value);
uint64_t hash_text(uint64_t hash, const char *text);

/* A stream for the host (shuffles, initial values): draws words in order. Zero `at` and set `key`
 * to begin. */
struct random_stream {
    uint64_t key, at;
    struct philox block;
};
uint32_t random_word(struct random_stream *stream);
/* Uniform in [0, bound), without bias (Lemire 2019); bound > 0. */
uint32_t random_below(struct random_stream *stream, uint32_t bound);

#endif
