// MT19937 (Matsumoto and Nishimura, 1998), seeded as std::mt19937 is.
#include "env/atari/machine/machine.h"

enum { WORDS = 624, SHIFT = 397 };

void up__mt19937_seed(UpMt19937 *mt, uint32_t seed) {
    mt->word[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t before = mt->word[i - 1];
        mt->word[i] = 1812433253u * (before ^ (before >> 30)) + i;
    }
    mt->index = WORDS;
}

static void twist(uint32_t *word) {
    for (int i = 0; i < WORDS; i++) {
        uint32_t mixed = (word[i] & 0x80000000u) | (word[(i + 1) % WORDS] & 0x7FFFFFFFu);
        word[i] = word[(i + SHIFT) % WORDS] ^ (mixed >> 1) ^ (mixed & 1 ? 0x9908B0DFu : 0);
    }
}

uint32_t up__mt19937_next(UpMt19937 *mt) {
    if (mt->index >= WORDS) {
        twist(mt->word);
        mt->index = 0;
    }
    uint32_t y = mt->word[mt->index++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
}
