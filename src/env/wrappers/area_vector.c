// Shrinking with AVX2: eight numbers at a time, every lane with the operations, in the order, of
// one number alone.
#include "env/wrappers/area_resize.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { LANES = 8, GROUP = 4, BYTES = 16 };

// ---------------------------------------------------------------------------------------------------
// Along x

// The bytes of eight numbers.
INLINE __m256i load_bytes(const uint8_t *row, const int32_t *at) {
    const __m128i *low = (const void *)(row + at[0]), *high = (const void *)(row + at[1]);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)),
                                   _mm_loadu_si128(high), 1);
}

INLINE __m256 tap(__m256i bytes, const uint8_t *pick, const float *weight) {
    __m256i picked = _mm256_shuffle_epi8(bytes, _mm256_loadu_si256((const void *)pick));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(picked), _mm256_loadu_ps(weight));
}

INLINE void narrow_taps(const UpArea *area, const uint8_t *const *row, int taps, float *to) {
    int padded = area->padded;
    for (int j = 0; j < padded; j += LANES) {
        const uint8_t *pick = area->pick + j * GROUP;
        const float *weight = area->weight + j;
        __m256i bytes[UP__AREA_ROWS];
        __m256 sum[UP__AREA_ROWS];
        for (int r = 0; r < UP__AREA_ROWS; r++) {
            bytes[r] = load_bytes(row[r], area->at + j / GROUP);
            sum[r] = tap(bytes[r], pick, weight);
        }
        for (int t = 1; t < taps; t++) {
            pick += padded * GROUP;
            weight += padded;
            for (int r = 0; r < UP__AREA_ROWS; r++)
                sum[r] = _mm256_add_ps(sum[r], tap(bytes[r], pick, weight));
        }
        for (int r = 0; r < UP__AREA_ROWS; r++)
            _mm256_storeu_ps(to + r * padded + j, sum[r]);
    }
}

// A constant number of taps lets the compiler unroll.
TARGET static void narrow(const UpArea *area, const uint8_t *const *row, float *to) {
    if (area->x.taps == 3) // 160 to 84
        narrow_taps(area, row, 3, to);
    else
        narrow_taps(area, row, area->x.taps, to);
}

// ---------------------------------------------------------------------------------------------------
// Along y

INLINE __m256i sum_lanes(const float *const *row, const float *weight, int taps, int j) {
    __m256 sum = _mm256_mul_ps(_mm256_set1_ps(weight[0]), _mm256_loadu_ps(row[0] + j));
    for (int t = 1; t < taps; t++)
        sum = _mm256_add_ps(sum,
                            _mm256_mul_ps(_mm256_set1_ps(weight[t]), _mm256_loadu_ps(row[t] + j)));
    return _mm256_cvtps_epi32(sum); // halves to even
}

// The last bytes are made twice rather than any behind them.
INLINE void sum_taps(const UpArea *area, const float *const *row, const float *weight, int taps,
                     uint8_t *to) {
    int count = area->size * area->channels;
    for (int next = 0; next < count; next += BYTES) {
        int j = next + BYTES <= count ? next : count - BYTES;
        __m256i low = sum_lanes(row, weight, taps, j);
        __m256i high = sum_lanes(row, weight, taps, j + LANES);
        __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
        __m128i bytes =
            _mm_packus_epi16(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
        _mm_storeu_si128((void *)(to + j), bytes);
    }
}

TARGET static void sum(const UpArea *area, const float *const *row, const float *weight,
                       uint8_t *to) {
    if (area->y.taps == 3) // 210 to 84
        sum_taps(area, row, weight, 3, to);
    else
        sum_taps(area, row, weight, area->y.taps, to);
}

static const UpAreaKernels vectors = {narrow, sum};

// ---------------------------------------------------------------------------------------------------
// Shuffles

// The byte of tap t of number j.
static int byte_of(const UpArea *area, int j, int t) {
    return (area->x.first[j / area->channels] + t) * area->channels + j % area->channels;
}

// false: the bytes of a group are too far apart.
static bool plan_group(UpArea *area, int group) {
    int count = area->size * area->channels, last = area->width * area->channels - BYTES;
    int first = group * GROUP, at = first < count ? byte_of(area, first, 0) : 0;
    if (at > last) at = last;
    area->at[group] = at;
    for (int j = first; j < first + GROUP && j < count; j++)
        for (int t = 0; t < area->x.taps; t++) {
            int byte = byte_of(area, j, t) - at;
            if (byte < 0 || byte >= BYTES) return false;
            area->pick[(t * area->padded + j) * GROUP] = (uint8_t)byte;
            area->weight[t * area->padded + j] =
                area->x.weight[j / area->channels * area->x.taps + t];
        }
    return true;
}

UpStatus up__area_vectors(UpArea *area, UpArena *arena) {
    size_t taps = (size_t)area->x.taps, padded = (size_t)area->padded;
    if (!__builtin_cpu_supports("avx2") || area->size * area->channels < BYTES) return UP_OK;
    area->at = up_arena_alloc(arena, padded / GROUP, sizeof *area->at);
    area->pick = up_arena_alloc(arena, taps * padded, GROUP);
    area->weight = up_arena_alloc(arena, taps * padded, sizeof *area->weight);
    UP_TRY(up_arena_status(arena));
    memset(area->pick, 0x80, taps * padded * GROUP); // makes a byte 0
    for (int group = 0; group < area->padded / GROUP; group++)
        if (!plan_group(area, group)) return UP_OK;
    area->kernels = &vectors;
    return UP_OK;
}

#else

UpStatus up__area_vectors(UpArea *area, UpArena *arena) {
    (void)area, (void)arena;
    return UP_OK;
}

#endif
