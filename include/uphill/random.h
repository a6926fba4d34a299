// Random numbers, equal to NumPy's to the bit: PCG64 (XSL-RR 128/64) seeded through SeedSequence.
// One stream per purpose and per instance, never a global one, so that results do not depend on the
// number of threads. References: M. O'Neill, "PCG" (2014); NumPy's bit_generator documentation.
#ifndef UPHILL_RANDOM_H
#define UPHILL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A stream. Plain data: copy it to save it. Eight-byte words only, so its bytes are reproducible.
typedef struct UpRng {
    uint64_t state_high, state_low;         // the 128-bit state
    uint64_t increment_high, increment_low; // odd; selects the sequence
    uint64_t half;     // the unused upper half of the last 64-bit draw, for 32-bit draws
    uint64_t has_half; // 0 or 1
} UpRng;

// What a stream is for. The numbers are part of the reproducibility contract: never renumber.
typedef enum UpStream {
    UP_STREAM_INIT = 1,    // initial weights
    UP_STREAM_POLICY = 2,  // sampling actions, one stream per instance
    UP_STREAM_SHUFFLE = 3, // order of minibatches
    UP_STREAM_RANDOM = 4,  // random actions of `uphill rollout`, one stream per instance
    UP_STREAM_ENV = 5,     // environments that are not Gymnasium's
    UP_STREAM_SWEEP = 6,   // values that `uphill sweep` draws, one stream per setting
} UpStream;

// The stream of numpy.random.default_rng(seed), which is also Gymnasium's np_random(seed).
void up_rng_seed(UpRng *rng, uint64_t seed);

// The stream of default_rng(SeedSequence(seed, spawn_key=(purpose, index))).
void up_rng_stream(UpRng *rng, uint64_t seed, UpStream purpose, uint32_t index);

// Can a stream be in this state? What was read from a file may never end to draw else.
bool up_rng_possible(const UpRng *rng);

uint64_t up_rng_u64(UpRng *rng);                                // all 64 bits
uint32_t up_rng_u32(UpRng *rng);                                // low half first, then the high one
double up_rng_double(UpRng *rng);                               // Generator.random(): [0, 1)
double up_rng_uniform(UpRng *rng, double low, double high);     // Generator.uniform(low, high)
int64_t up_rng_integers(UpRng *rng, int64_t low, int64_t high); // Generator.integers(low, high)
double up_rng_normal(UpRng *rng);                               // Generator.standard_normal()
void up_rng_shuffle(UpRng *rng, uint32_t *values, uint32_t length); // Fisher-Yates over integers()

#ifdef __cplusplus
}
#endif
#endif
