// With vectors: 64 or 32 pixels at a time.
#include "env/atari/beam/kernels.h"
#include "env/atari/tia/tia.h"

#if defined(__x86_64__)
#include <immintrin.h>

// ---------------------------------------------------------------------------------------------------
// AVX-512

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))

TARGET static inline __m512i mix(const UpTiaLayers *layers, int w) {
    __m512i now = _mm512_set1_epi8((char)layers->colour[UP__TIA_COLUBK]);
    for (int i = UP__LAYERS - 1; i >= 0; i--)
        now = _mm512_mask_mov_epi8(now, layers->set[i].word[w],
                                   _mm512_set1_epi8((char)layers->colour[i]));
    return now;
}

// A whole vector is stored, with what was there where it is not to change: masked stores are slow.
TARGET static bool paint_avx512(const UpTiaLayers *layers, int from, int to, uint8_t *row) {
    const UpTiaSet *before = &up__tia_below[from], *all = &up__tia_below[to];
    __m512i first = mix(layers, 0), second = mix(layers, 1);
    __m256i third = _mm512_castsi512_si256(mix(layers, 2));
    if (layers->comb) first = _mm512_maskz_mov_epi8(~up__tia_below[UP__COMB_WIDTH].word[0], first);
    __m512i was_first = _mm512_loadu_si512(row), was_second = _mm512_loadu_si512(row + 64);
    __m256i was_third = _mm256_loadu_si256((const void *)(row + 128));
    uint64_t one = _mm512_mask_cmpneq_epi8_mask(all->word[0] & ~before->word[0], first, was_first);
    uint64_t two =
        _mm512_mask_cmpneq_epi8_mask(all->word[1] & ~before->word[1], second, was_second);
    uint32_t three =
        _mm256_mask_cmpneq_epi8_mask((uint32_t)(all->word[2] & ~before->word[2]), third, was_third);
    if (!(one | two | three)) return false;
    _mm512_storeu_si512(row, _mm512_mask_mov_epi8(was_first, one, first));
    _mm512_storeu_si512(row + 64, _mm512_mask_mov_epi8(was_second, two, second));
    _mm256_storeu_si256((void *)(row + 128), _mm256_mask_mov_epi8(was_third, three, third));
    return true;
}

TARGET static ptrdiff_t same_avx512(const uint64_t *log, const uint64_t *other, ptrdiff_t count) {
    enum { LANES = 8 };
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        __mmask8 part = (__mmask8)(count - i < LANES ? (1u << (count - i)) - 1 : 0xFF);
        __m512i now = _mm512_maskz_loadu_epi64(part, log + i);
        __m512i then = _mm512_maskz_loadu_epi64(part, other + i);
        __mmask8 differs = _mm512_cmpneq_epi64_mask(now, then);
        if (differs) return i + __builtin_ctz(differs);
    }
    return count;
}

const UpTiaKernels *up__tia_kernels_avx512(void) {
    static const UpTiaKernels kernels = {paint_avx512, same_avx512};
    bool able = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl");
    return able ? &kernels : NULL;
}
#undef TARGET

// ---------------------------------------------------------------------------------------------------
// AVX2

#define TARGET __attribute__((target("avx2")))

// 0xFF for every bit, the lowest first.
TARGET static inline __m256i byte_masks(uint32_t bits) {
    const __m256i byte =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((int64_t)0x8040201008040201u);
    __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), byte);
    return _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
}

enum { CHUNK = 32, CHUNKS = UP__ATARI_COLUMNS / CHUNK };

TARGET static inline __m256i masks_of(const UpTiaSet *set, int chunk) {
    return byte_masks((uint32_t)(set->word[chunk / 2] >> CHUNK * (chunk & 1)));
}

TARGET static inline void mix_chunks(const UpTiaLayers *layers, __m256i now[CHUNKS]) {
    for (int c = 0; c < CHUNKS; c++)
        now[c] = _mm256_set1_epi8((char)layers->colour[UP__TIA_COLUBK]);
    for (int i = UP__LAYERS - 1; i >= 0; i--) {
        const UpTiaSet *set = &layers->set[i];
        __m256i colour = _mm256_set1_epi8((char)layers->colour[i]);
        if (!(set->word[0] | set->word[1] | set->word[2])) continue;
        for (int c = 0; c < CHUNKS; c++)
            now[c] = _mm256_blendv_epi8(now[c], colour, masks_of(set, c));
    }
    if (layers->comb)
        now[0] = _mm256_andnot_si256(masks_of(&up__tia_below[UP__COMB_WIDTH], 0), now[0]);
}

TARGET static bool paint_avx2(const UpTiaLayers *layers, int from, int to, uint8_t *row) {
    __m256i now[CHUNKS], then[CHUNKS], same = _mm256_set1_epi8(-1);
    mix_chunks(layers, now);
    for (int c = 0; c < CHUNKS; c++)
        then[c] = _mm256_loadu_si256((const void *)(row + c * CHUNK));
    if (to - from < UP__ATARI_COLUMNS)
        for (int c = 0; c < CHUNKS; c++) {
            __m256i part = _mm256_andnot_si256(masks_of(&up__tia_below[from], c),
                                               masks_of(&up__tia_below[to], c));
            now[c] = _mm256_blendv_epi8(then[c], now[c], part);
        }
    for (int c = 0; c < CHUNKS; c++)
        same = _mm256_and_si256(same, _mm256_cmpeq_epi8(now[c], then[c]));
    if (_mm256_movemask_epi8(same) == -1) return false;
    for (int c = 0; c < CHUNKS; c++)
        _mm256_storeu_si256((void *)(row + c * CHUNK), now[c]);
    return true;
}

TARGET static ptrdiff_t same_avx2(const uint64_t *log, const uint64_t *other, ptrdiff_t count) {
    enum { LANES = 4 };
    ptrdiff_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        __m256i now = _mm256_loadu_si256((const void *)(log + i));
        __m256i then = _mm256_loadu_si256((const void *)(other + i));
        unsigned equal =
            (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(now, then)));
        if (equal != 15) return i + __builtin_ctz(~equal);
    }
    while (i < count && log[i] == other[i])
        i++;
    return i;
}

const UpTiaKernels *up__tia_kernels_avx2(void) {
    static const UpTiaKernels kernels = {paint_avx2, same_avx2};
    return __builtin_cpu_supports("avx2") ? &kernels : NULL;
}

#else

const UpTiaKernels *up__tia_kernels_avx512(void) {
    return NULL;
}

const UpTiaKernels *up__tia_kernels_avx2(void) {
    return NULL;
}

#endif
