// Rows of screens, from palette bytes to what AtariPreprocessing sees of them.
#include <string.h>

#include "env/wrappers/atari_view.h"

enum { ROW = UP__AREA_WIDTH * UP__AREA_CHANNELS };

// ---------------------------------------------------------------------------------------------------
// Plain

static void colour_row(const UpAtariView *view, const uint8_t *row, uint8_t *to) {
    int width = view->area.width, channels = view->area.channels;
    for (int x = 0; channels == 1 && x < width; x++)
        to[x] = view->colour[row[x]];
    for (int x = 0; channels == 3 && x < width; x++)
        memcpy(to + 3 * x, view->colour + 3 * row[x], 3);
}

static void maximum(const uint8_t *a, size_t size, uint8_t *to) {
    for (size_t i = 0; i < size; i++)
        to[i] = a[i] > to[i] ? a[i] : to[i];
}

static bool hold(const uint8_t *row, size_t size, uint8_t *held) {
    if (memcmp(held, row, size) == 0) return false;
    memcpy(held, row, size);
    return true;
}

bool up__atari_hold_plain(const UpAtariView *view, const uint8_t *a, const uint8_t *b,
                          uint8_t *held) {
    size_t width = (size_t)view->area.width, size = width * (size_t)view->area.channels;
    uint8_t now[ROW], other[ROW];
    colour_row(view, a, now);
    if (memcmp(a, b, width) != 0) {
        colour_row(view, b, other);
        maximum(other, size, now);
    }
    return hold(now, size, held);
}

bool up__atari_hold_more(const UpAtariView *view, const uint8_t *a, uint8_t *held) {
    size_t size = (size_t)view->area.width * (size_t)view->area.channels;
    uint8_t now[ROW];
    colour_row(view, a, now);
    maximum(held, size, now);
    return hold(now, size, held);
}

#if defined(__x86_64__)
#include <immintrin.h>

// ---------------------------------------------------------------------------------------------------
// AVX2: the greys of even bytes are eight tables of sixteen

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { TABLES = 8, BYTES = 32 };

static bool suits(const UpAtariView *view) {
    return view->area.channels == 1 && view->area.width % BYTES == 0;
}

INLINE __m256i load(const uint8_t *bytes) {
    return _mm256_loadu_si256((const void *)bytes);
}

// A shuffle makes a byte 0 where the high bit of its index is set, as here in all tables but one.
INLINE __m256i even_greys(const __m256i table[TABLES], __m256i bytes) {
    __m256i index = _mm256_srli_epi16(bytes, 1), grey = _mm256_setzero_si256();
    for (int i = 0; i < TABLES; i++) {
        __m256i low = _mm256_xor_si256(index, _mm256_set1_epi8((char)(16 * i)));
        low = _mm256_adds_epu8(low, _mm256_set1_epi8(0x70));
        grey = _mm256_or_si256(grey, _mm256_shuffle_epi8(table[i], low));
    }
    return grey;
}

TARGET static bool hold_avx2(const UpAtariView *view, const uint8_t *a, const uint8_t *b,
                             uint8_t *held) {
    __m256i table[TABLES], odd = _mm256_setzero_si256(), same = _mm256_set1_epi8(-1);
    for (int x = 0; x < view->area.width; x += BYTES)
        odd = _mm256_or_si256(odd, _mm256_or_si256(load(a + x), load(b + x)));
    if (!_mm256_testz_si256(odd, _mm256_set1_epi8(1)))
        return up__atari_hold_plain(view, a, b, held);
    for (int i = 0; i < TABLES; i++)
        table[i] =
            _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)(view->even + 16 * i)));
    for (int x = 0; x < view->area.width; x += BYTES) {
        __m256i now = even_greys(table, load(a + x));
        if (memcmp(a + x, b + x, BYTES) != 0)
            now = _mm256_max_epu8(now, even_greys(table, load(b + x)));
        same = _mm256_and_si256(same, _mm256_cmpeq_epi8(now, load(held + x)));
        _mm256_storeu_si256((void *)(held + x), now);
    }
    return _mm256_movemask_epi8(same) != -1;
}

UpAtariHold up__atari_hold_avx2(const UpAtariView *view) {
    return __builtin_cpu_supports("avx2") && suits(view) ? hold_avx2 : NULL;
}

// ---------------------------------------------------------------------------------------------------
// AVX-512 with VBMI: the greys are two tables of 128

#undef TARGET
#undef INLINE
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE __m512i greys(const __m512i table[4], __m512i bytes) {
    __m512i low = _mm512_permutex2var_epi8(table[0], bytes, table[1]);
    __m512i high = _mm512_permutex2var_epi8(table[2], bytes, table[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes), low, high);
}

INLINE __m512i load_half(const uint8_t *bytes) {
    return _mm512_zextsi256_si512(_mm256_loadu_si256((const void *)bytes));
}

TARGET static bool hold_avx512(const UpAtariView *view, const uint8_t *a, const uint8_t *b,
                               uint8_t *held) {
    int width = view->area.width, x = 0;
    uint64_t changed = 0;
    __m512i table[4];
    for (int i = 0; i < 4; i++)
        table[i] = _mm512_loadu_si512(view->colour + 64 * i);
    for (; x + 64 <= width; x += 64) {
        __m512i now = _mm512_max_epu8(greys(table, _mm512_loadu_si512(a + x)),
                                      greys(table, _mm512_loadu_si512(b + x)));
        changed |= _mm512_cmpneq_epi8_mask(now, _mm512_loadu_si512(held + x));
        _mm512_storeu_si512(held + x, now);
    }
    if (x < width) {
        __m512i now =
            _mm512_max_epu8(greys(table, load_half(a + x)), greys(table, load_half(b + x)));
        __m256i half = _mm512_castsi512_si256(now);
        changed |= _mm256_cmpneq_epi8_mask(half, load(held + x));
        _mm256_storeu_si256((void *)(held + x), half);
    }
    return changed != 0;
}

UpAtariHold up__atari_hold_avx512(const UpAtariView *view) {
    bool able = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi");
    return able && suits(view) ? hold_avx512 : NULL;
}

#else

UpAtariHold up__atari_hold_avx2(const UpAtariView *view) {
    (void)view;
    return NULL;
}

UpAtariHold up__atari_hold_avx512(const UpAtariView *view) {
    (void)view;
    return NULL;
}

#endif
