// What NumPy's SeedSequence gives others than PCG64.
#ifndef UP_CORE_SEED_H
#define UP_CORE_SEED_H

#include <stdint.h>

// SeedSequence(seed).generate_state(count), 32 bits each.
void up__seed_words(uint64_t seed, uint32_t *word, int count);

#endif
