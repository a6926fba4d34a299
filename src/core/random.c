// PCG64 and SeedSequence, equal to NumPy's to the bit. The generator is O'Neill's PCG XSL-RR
// 128/64, the seeding her seed_seq_fe128 as NumPy uses it, bounded integers are Lemire's (2019),
// normals the ziggurat of Marsaglia and Tsang (2000) in Doornik's form (2005) with 256 levels and
// 52-bit abscissae.
#include "uphill/random.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "core/seed.h"

typedef unsigned __int128 U128;

// ---------------------------------------------------------------------------------------------------
// Seeding

enum { POOL = 4, ENTROPY_MAX = 8 };

static uint32_t hash_mix(uint32_t value, uint32_t *constant, uint32_t multiplier) {
    value ^= *constant;
    *constant *= multiplier;
    value *= *constant;
    return value ^ (value >> 16);
}

static uint32_t mix(uint32_t x, uint32_t y) {
    uint32_t result = x * 0xca01f9ddu - y * 0x4973f715u;
    return result ^ (result >> 16);
}

// Stirs `length` words of entropy into the pool.
static void fill_pool(uint32_t pool[POOL], const uint32_t *entropy, int length) {
    const uint32_t multiplier = 0x931e8875u;
    uint32_t constant = 0x43b0d7e5u;
    for (int i = 0; i < POOL; i++)
        pool[i] = hash_mix(i < length ? entropy[i] : 0, &constant, multiplier);
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++)
            if (from != to) pool[to] = mix(pool[to], hash_mix(pool[from], &constant, multiplier));
    for (int from = POOL; from < length; from++)
        for (int to = 0; to < POOL; to++)
            pool[to] = mix(pool[to], hash_mix(entropy[from], &constant, multiplier));
}

// SeedSequence's generate_state.
static void generate(const uint32_t pool[POOL], uint32_t *word, int count) {
    uint32_t constant = 0x8b51f9ddu;
    for (int i = 0; i < count; i++)
        word[i] = hash_mix(pool[i % POOL], &constant, 0x58f38dedu);
}

static U128 state_of(const UpRng *rng) {
    return (U128)rng->state_high << 64 | rng->state_low;
}

static void advance(UpRng *rng) {
    const U128 multiplier = (U128)0x2360ed051fc65da4u << 64 | 0x4385df649fccf645u;
    U128 increment = (U128)rng->increment_high << 64 | rng->increment_low;
    U128 state = state_of(rng) * multiplier + increment;
    rng->state_high = (uint64_t)(state >> 64);
    rng->state_low = (uint64_t)state;
}

static void seed_from(UpRng *rng, const uint32_t *entropy, int length) {
    uint32_t pool[POOL];
    fill_pool(pool, entropy, length);

    uint32_t half[8];
    uint64_t word[4];
    generate(pool, half, 8);
    for (int i = 0; i < 4; i++)
        word[i] = (uint64_t)half[2 * i + 1] << 32 | half[2 * i];

    U128 start = (U128)word[0] << 64 | word[1];
    U128 increment = ((U128)word[2] << 64 | word[3]) << 1 | 1;
    *rng = (UpRng){.increment_high = (uint64_t)(increment >> 64),
                   .increment_low = (uint64_t)increment};
    advance(rng);
    U128 state = state_of(rng) + start;
    rng->state_high = (uint64_t)(state >> 64);
    rng->state_low = (uint64_t)state;
    advance(rng);
}

// Appends an integer as NumPy does: 32-bit words, low first, no leading zeros, but one word for 0.
static int append(uint32_t *entropy, int length, uint64_t value) {
    entropy[length++] = (uint32_t)value;
    if (value >> 32) entropy[length++] = (uint32_t)(value >> 32);
    return length;
}

void up_rng_seed(UpRng *rng, uint64_t seed) {
    uint32_t entropy[ENTROPY_MAX];
    seed_from(rng, entropy, append(entropy, 0, seed));
}

void up__seed_words(uint64_t seed, uint32_t *word, int count) {
    uint32_t pool[POOL], entropy[ENTROPY_MAX];
    fill_pool(pool, entropy, append(entropy, 0, seed));
    generate(pool, word, count);
}

void up_rng_stream(UpRng *rng, uint64_t seed, UpStream purpose, uint32_t index) {
    // Where there is a spawn key, the seed is padded to the pool's size, so that no seed of more
    // words can give the same entropy.
    uint32_t entropy[ENTROPY_MAX] = {0};
    append(entropy, 0, seed);
    int length = append(entropy, POOL, (uint64_t)purpose);
    seed_from(rng, entropy, append(entropy, length, index));
}

bool up_rng_possible(const UpRng *rng) {
    return rng->increment_low % 2 == 1 && rng->has_half <= 1 && rng->half <= UINT32_MAX;
}

// ---------------------------------------------------------------------------------------------------
// Draws

uint64_t up_rng_u64(UpRng *rng) {
    advance(rng);
    uint64_t folded = rng->state_high ^ rng->state_low;
    unsigned turn = (unsigned)(rng->state_high >> 58);
    return folded >> turn | folded << (-turn & 63);
}

uint32_t up_rng_u32(UpRng *rng) {
    if (rng->has_half) {
        rng->has_half = 0;
        return (uint32_t)rng->half;
    }
    uint64_t both = up_rng_u64(rng);
    rng->has_half = 1;
    rng->half = both >> 32;
    return (uint32_t)both;
}

double up_rng_double(UpRng *rng) {
    return (double)(up_rng_u64(rng) >> 11) * 0x1p-53;
}

double up_rng_uniform(UpRng *rng, double low, double high) {
    double range = high - low;
    return low + range * up_rng_double(rng);
}

// Lemire's method: the upper half of draw * count is uniform once the few draws whose lower half
// falls below 2^bits mod count are refused.
static uint32_t bounded_32(UpRng *rng, uint32_t count) {
    uint64_t product = (uint64_t)up_rng_u32(rng) * count;
    if ((uint32_t)product < count) {
        uint32_t threshold = -count % count;
        while ((uint32_t)product < threshold)
            product = (uint64_t)up_rng_u32(rng) * count;
    }
    return (uint32_t)(product >> 32);
}

static uint64_t bounded_64(UpRng *rng, uint64_t count) {
    U128 product = (U128)up_rng_u64(rng) * count;
    if ((uint64_t)product < count) {
        uint64_t threshold = -count % count;
        while ((uint64_t)product < threshold)
            product = (U128)up_rng_u64(rng) * count;
    }
    return (uint64_t)(product >> 64);
}

int64_t up_rng_integers(UpRng *rng, int64_t low, int64_t high) {
    uint64_t last = (uint64_t)high - (uint64_t)low - 1; // the largest offset from `low`
    uint64_t offset;
    if (last == 0)
        offset = 0; // and nothing is drawn
    else if (last < UINT32_MAX)
        offset = bounded_32(rng, (uint32_t)last + 1);
    else if (last == UINT32_MAX)
        offset = up_rng_u32(rng);
    else if (last < UINT64_MAX)
        offset = bounded_64(rng, last + 1);
    else
        offset = up_rng_u64(rng);
    return (int64_t)((uint64_t)low + offset);
}

void up_rng_shuffle(UpRng *rng, uint32_t *values, uint32_t length) {
    for (uint32_t i = length; i > 1; i--) {
        uint32_t j = (uint32_t)up_rng_integers(rng, 0, i);
        uint32_t value = values[i - 1];
        values[i - 1] = values[j];
        values[j] = value;
    }
}

// ---------------------------------------------------------------------------------------------------
// Normal numbers: the area under exp(-x²/2) is cut into 256 layers of equal area, the lowest one
// holding the tail beyond `tail_start`.

enum { LEVELS = 256 };
static const double tail_start = 3.6541528853610088;
static const double tail_start_inverse = 0.27366123732975828;
static const double layer_area = 0x1.43016a5a4372ep-8; // 0.0049286732339746519

static struct {
    uint64_t inside[LEVELS]; // abscissae below this lie under the curve for certain
    double scale[LEVELS];    // from a 52-bit abscissa to x
    double height[LEVELS];   // exp(-x²/2) at the layer's edge
} ziggurat;
static pthread_once_t ziggurat_once = PTHREAD_ONCE_INIT;

// Correctly rounded for all that is asked of them here, whichever libm is below.
static double exp_rounded(double x) {
    return (double)expl(x);
}
static double log_rounded(double x) {
    return (double)logl(x);
}

// The layers' edges follow from one another downwards in x. NumPy's table is this recursion in
// double precision, where a difference in the last bit of one edge moves all that follow. It was
// once made with an exponential that rounded the wrong way at one edge, 38; to draw NumPy's
// numbers, so do we.
static void ziggurat_build(void) {
    const double unit = 0x1p52;
    const int rounded_up = 38;
    double edge = tail_start, height = exp_rounded(-0.5 * edge * edge);

    ziggurat.inside[0] = (uint64_t)(edge * height / layer_area * unit);
    ziggurat.scale[0] = layer_area / height / unit;
    ziggurat.height[0] = 1;
    ziggurat.inside[1] = 0;
    ziggurat.scale[LEVELS - 1] = edge / unit;
    ziggurat.height[LEVELS - 1] = height;
    for (int i = LEVELS - 2; i >= 1; i--) {
        double next = sqrt(-2 * log_rounded(layer_area / edge + height));
        ziggurat.inside[i + 1] = (uint64_t)(next / edge * unit);
        ziggurat.scale[i] = next / unit;
        height = exp_rounded(-0.5 * next * next);
        if (i == rounded_up) height = nextafter(height, 1);
        ziggurat.height[i] = height;
        edge = next;
    }
}

// Marsaglia's tail method.
static double normal_tail(UpRng *rng, bool negative) {
    for (;;) {
        double x = -tail_start_inverse * log1p(-up_rng_double(rng));
        double y = -log1p(-up_rng_double(rng));
        if (y + y > x * x) return negative ? -(tail_start + x) : tail_start + x;
    }
}

double up_rng_normal(UpRng *rng) {
    pthread_once(&ziggurat_once, ziggurat_build);
    for (;;) {
        uint64_t bits = up_rng_u64(rng);
        unsigned level = bits & 0xff;
        uint64_t abscissa = bits >> 9 & 0xfffffffffffff;
        double x = (double)abscissa * ziggurat.scale[level];
        if (bits >> 8 & 1) x = -x;
        if (abscissa < ziggurat.inside[level]) return x;
        if (level == 0) return normal_tail(rng, abscissa >> 8 & 1);

        double top = ziggurat.height[level - 1], bottom = ziggurat.height[level];
        if ((top - bottom) * up_rng_double(rng) + bottom < exp(-0.5 * x * x)) return x;
    }
}
