/* Philox and hashes; see random.h. */
#include "base/random.h"

struct philox philox4x32(const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (struct philox){{c0, c1, c2, c3}};
}

uint64_t hash_mix(uint64_t hash, uint64_t value) {
    uint64_t z = (hash ^ value) + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t hash_text(uint64_t hash, const char *text) {
    for (; *text; text++)
        hash = hash_mix(hash, (unsigned char)*text);
    return hash_mix(hash, 0x100);
}

uint32_t random_word(struct random_stream *stream) {
    uint32_t lane = (uint32_t)(stream->at % 4);
    if (lane == 0) {
        uint64_t block = stream->at / 4;
        uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), 0, 0};
        uint32_t key[2] = {(uint32_t)stream->key, (uint32_t)(stream->key >> 32)};
        stream->block = philox4x32(counter, key);
    }
    stream->at++;
    return stream->block.word[lane];
}

uint32_t random_below(struct random_stream *stream, uint32_t bound) {
    uint64_t product = (uint64_t)random_word(stream) * bound;
    if ((uint32_t)product < bound) {
        uint32_t least = -bound % bound;
        while ((uint32_t)product < least)
            product = (uint64_t)random_word(stream) * bound;
    }
    return (uint32_t)(product >> 32);
}
