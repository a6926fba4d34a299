// One vector of floats and what can be done with it, for the instruction set that the including
// file asked for with UP_SIMD_AVX512, UP_SIMD_AVX2 or UP_SIMD_128. The kernels above it are written
// once. UP_SIMD_MANY stands for 32 registers, which hold larger tiles.
#ifndef UP_SIMD_H
#define UP_SIMD_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// In front of a short loop over registers, which are numbered only where all of it is written out.
#define UP_UNROLL _Pragma("GCC unroll 16")

#if defined(UP_SIMD_AVX512)

#define UP_SIMD_MANY
#define UP_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma")))
#define UP_INLINE static inline __attribute__((always_inline)) UP_TARGET
enum { LANES = 16, TILE_VECTORS = 4, SPARSE_VECTORS = 16 };
typedef __m512 V;
typedef __mmask16 VMask; // which lanes of a partial vector are used

UP_INLINE VMask v_mask(int64_t lanes) {
    return (VMask)(lanes >= LANES ? 0xffff : (1u << lanes) - 1);
}
UP_INLINE V v_load(const float *p) {
    return _mm512_loadu_ps(p);
}
UP_INLINE V v_load_mask(const float *p, VMask mask) {
    return _mm512_maskz_loadu_ps(mask, p);
}
UP_INLINE void v_store(float *p, V a) {
    _mm512_storeu_ps(p, a);
}
UP_INLINE void v_store_mask(float *p, V a, VMask mask) {
    _mm512_mask_storeu_ps(p, mask, a);
}
UP_INLINE V v_set(float x) {
    return _mm512_set1_ps(x);
}
UP_INLINE V v_add(V a, V b) {
    return _mm512_add_ps(a, b);
}
UP_INLINE V v_sub(V a, V b) {
    return _mm512_sub_ps(a, b);
}
UP_INLINE V v_mul(V a, V b) {
    return _mm512_mul_ps(a, b);
}
// a / b to about one unit in the last place; b is neither 0 nor infinite. Twice as
// fast as the instruction.
UP_INLINE V v_quotient(V a, V b) {
    V r = _mm512_rcp14_ps(b);
    r = _mm512_mul_ps(r, _mm512_fnmadd_ps(b, r, _mm512_set1_ps(2)));
    return _mm512_mul_ps(a, r);
}
// The root of a number from 0 to the largest, to about one unit in the last place; below the
// smallest normal number it may be that one's root. Three times as fast as the instruction.
UP_INLINE V v_root(V a) {
    a = _mm512_min_ps(_mm512_max_ps(a, _mm512_set1_ps(FLT_MIN)), _mm512_set1_ps(FLT_MAX));
    V r = _mm512_rsqrt14_ps(a), root = _mm512_mul_ps(a, r);
    V rest = _mm512_fnmadd_ps(root, root, a);
    return _mm512_fmadd_ps(rest, _mm512_mul_ps(r, _mm512_set1_ps(0.5f)), root);
}
// a b + c
UP_INLINE V v_fma(V a, V b, V c) {
    return _mm512_fmadd_ps(a, b, c);
}
// Where either is NaN these give b.
UP_INLINE V v_max(V a, V b) {
    return _mm512_max_ps(a, b);
}
UP_INLINE V v_min(V a, V b) {
    return _mm512_min_ps(a, b);
}
UP_INLINE V v_abs(V a) {
    return _mm512_abs_ps(a);
}
UP_INLINE V v_round(V a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// a 2^n for a whole n, down into the subnormal numbers.
UP_INLINE V v_scale(V a, V n) {
    return _mm512_scalef_ps(a, n);
}
// x > 0 ? a : b; a NaN in x gives b
UP_INLINE V v_if_positive(V x, V a, V b) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ), b, a);
}
// |a| with the sign of b
UP_INLINE V v_copysign(V a, V b) {
    V sign = _mm512_set1_ps(-0.0f);
    return _mm512_or_ps(_mm512_andnot_ps(sign, a), _mm512_and_ps(sign, b));
}
UP_INLINE float v_sum(V a) {
    return _mm512_reduce_add_ps(a);
}

// Sixteen bytes become numbers.
UP_INLINE void v_store_bytes(float *p, __m128i bytes) {
    _mm512_storeu_ps(p, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)));
}

// Sums of squares in double.
typedef struct VSum {
    __m512d low, high;
} VSum;
UP_INLINE void v_square_add(VSum *sum, V a) {
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(a));
    __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1));
    sum->low = _mm512_fmadd_pd(low, low, sum->low);
    sum->high = _mm512_fmadd_pd(high, high, sum->high);
}
UP_INLINE double v_square_total(const VSum *a, const VSum *b) {
    return _mm512_reduce_add_pd(
        _mm512_add_pd(_mm512_add_pd(a->low, a->high), _mm512_add_pd(b->low, b->high)));
}

#elif defined(UP_SIMD_AVX2)

#define UP_TARGET __attribute__((target("avx2,fma")))
#define UP_INLINE static inline __attribute__((always_inline)) UP_TARGET
enum { LANES = 8, TILE_VECTORS = 2, SPARSE_VECTORS = 8 };
typedef __m256 V;
typedef __m256i VMask;

UP_INLINE VMask v_mask(int64_t lanes) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes >= LANES ? LANES : (int)lanes), lane);
}
UP_INLINE V v_load(const float *p) {
    return _mm256_loadu_ps(p);
}
UP_INLINE V v_load_mask(const float *p, VMask mask) {
    return _mm256_maskload_ps(p, mask);
}
UP_INLINE void v_store(float *p, V a) {
    _mm256_storeu_ps(p, a);
}
UP_INLINE void v_store_mask(float *p, V a, VMask mask) {
    _mm256_maskstore_ps(p, mask, a);
}
UP_INLINE V v_set(float x) {
    return _mm256_set1_ps(x);
}
UP_INLINE V v_add(V a, V b) {
    return _mm256_add_ps(a, b);
}
UP_INLINE V v_sub(V a, V b) {
    return _mm256_sub_ps(a, b);
}
UP_INLINE V v_mul(V a, V b) {
    return _mm256_mul_ps(a, b);
}
UP_INLINE V v_quotient(V a, V b) {
    return _mm256_div_ps(a, b);
}
UP_INLINE V v_root(V a) {
    return _mm256_sqrt_ps(a);
}
UP_INLINE V v_fma(V a, V b, V c) {
    return _mm256_fmadd_ps(a, b, c);
}
UP_INLINE V v_max(V a, V b) {
    return _mm256_max_ps(a, b);
}
UP_INLINE V v_min(V a, V b) {
    return _mm256_min_ps(a, b);
}
UP_INLINE V v_abs(V a) {
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}
UP_INLINE V v_round(V a) {
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// In two steps, because 2^n itself may be too small for a float.
UP_INLINE V v_scale(V a, V n) {
    __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1);
    __m256i rest = _mm256_sub_epi32(whole, half), bias = _mm256_set1_epi32(127);
    __m256i power = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    __m256i power_rest = _mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23);
    return v_mul(v_mul(a, _mm256_castsi256_ps(power)), _mm256_castsi256_ps(power_rest));
}
UP_INLINE V v_if_positive(V x, V a, V b) {
    return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ));
}
UP_INLINE V v_copysign(V a, V b) {
    V sign = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(sign, a), _mm256_and_ps(sign, b));
}
UP_INLINE float v_sum(V a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

UP_INLINE void v_store_bytes(float *p, __m128i bytes) {
    _mm256_storeu_ps(p, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
    bytes = _mm_unpackhi_epi64(bytes, bytes);
    _mm256_storeu_ps(p + 8, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
}

typedef struct VSum {
    __m256d low, high;
} VSum;
UP_INLINE void v_square_add(VSum *sum, V a) {
    __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(a));
    __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1));
    sum->low = _mm256_fmadd_pd(low, low, sum->low);
    sum->high = _mm256_fmadd_pd(high, high, sum->high);
}
UP_INLINE double v_square_total(const VSum *a, const VSum *b) {
    __m256d s = _mm256_add_pd(_mm256_add_pd(a->low, a->high), _mm256_add_pd(b->low, b->high));
    double part[4];
    _mm256_storeu_pd(part, s);
    return part[0] + part[1] + part[2] + part[3];
}

#elif defined(UP_SIMD_128)

// Vectors of 128 bits, which every processor of today has: NEON, SSE2, and what the compiler knows
// elsewhere. Written in the compiler's own vectors; instructions where it would not find them.
#if defined(__aarch64__)
#define UP_SIMD_MANY
#endif
#define UP_TARGET
#define UP_INLINE static inline __attribute__((always_inline))
#if defined(UP_SIMD_MANY)
enum { LANES = 4, TILE_VECTORS = 4, SPARSE_VECTORS = 16 };
#else
enum { LANES = 4, TILE_VECTORS = 2, SPARSE_VECTORS = 8 };
#endif
typedef float V __attribute__((vector_size(16)));
typedef int32_t VInt __attribute__((vector_size(16)));
typedef int64_t VMask; // how many lanes, from the first

UP_INLINE VMask v_mask(int64_t lanes) {
    return lanes >= LANES ? LANES : lanes;
}
UP_INLINE V v_load(const float *p) {
    V a;
    memcpy(&a, p, sizeof a);
    return a;
}
UP_INLINE V v_load_mask(const float *p, VMask mask) {
    if (mask == LANES) return v_load(p);
    V a = {mask > 0 ? p[0] : 0, mask > 1 ? p[1] : 0, mask > 2 ? p[2] : 0, 0};
    return a;
}
UP_INLINE void v_store(float *p, V a) {
    memcpy(p, &a, sizeof a);
}
UP_INLINE void v_store_mask(float *p, V a, VMask mask) {
    if (mask == LANES) {
        v_store(p, a);
        return;
    }
    if (mask > 0) p[0] = a[0];
    if (mask > 1) p[1] = a[1];
    if (mask > 2) p[2] = a[2];
}
UP_INLINE V v_set(float x) {
    return (V){x, x, x, x};
}
UP_INLINE V v_add(V a, V b) {
    return a + b;
}
UP_INLINE V v_sub(V a, V b) {
    return a - b;
}
UP_INLINE V v_mul(V a, V b) {
    return a * b;
}
UP_INLINE V v_quotient(V a, V b) {
    return a / b;
}
UP_INLINE V v_root(V a) {
#if defined(__aarch64__)
    return (V)vsqrtq_f32((float32x4_t)a);
#elif defined(__x86_64__)
    return (V)_mm_sqrt_ps((__m128)a);
#else
    return (V){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
#endif
}
// Rounded twice where the processor has no such instruction.
UP_INLINE V v_fma(V a, V b, V c) {
#if defined(__aarch64__)
    return (V)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}
// which ? a : b for each lane; `which` is the result of a comparison
UP_INLINE V v_select(VInt which, V a, V b) {
    return (V)((which & (VInt)a) | (~which & (VInt)b));
}
UP_INLINE V v_max(V a, V b) {
    return v_select(a > b, a, b);
}
UP_INLINE V v_min(V a, V b) {
    return v_select(a < b, a, b);
}
UP_INLINE V v_abs(V a) {
    return (V)((VInt)a & INT32_MAX);
}
// Right below 2^22, and nothing larger comes here.
UP_INLINE V v_round(V a) {
#if defined(__aarch64__)
    return (V)vrndnq_f32((float32x4_t)a);
#else
    V large = v_set(12582912); // 1.5 2^23: beyond it no float has a fraction
    return (a + large) - large;
#endif
}
// As for AVX2.
UP_INLINE V v_scale(V a, V n) {
    VInt whole = __builtin_convertvector(n, VInt), half = whole >> 1;
    VInt power = (half + 127) << 23, power_rest = (whole - half + 127) << 23;
    return a * (V)power * (V)power_rest;
}
UP_INLINE V v_if_positive(V x, V a, V b) {
    return v_select(x > 0, a, b);
}
UP_INLINE V v_copysign(V a, V b) {
    return (V)(((VInt)a & INT32_MAX) | ((VInt)b & INT32_MIN));
}
UP_INLINE float v_sum(V a) {
    return (a[0] + a[2]) + (a[1] + a[3]);
}

#if defined(__x86_64__)
// Sixteen bytes become numbers.
UP_INLINE void v_store_bytes(float *p, __m128i bytes) {
    __m128i zero = _mm_setzero_si128();
    for (int i = 0; i < 2; i++, p += 8) {
        __m128i half = i ? _mm_unpackhi_epi8(bytes, zero) : _mm_unpacklo_epi8(bytes, zero);
        _mm_storeu_ps(p, _mm_cvtepi32_ps(_mm_unpacklo_epi16(half, zero)));
        _mm_storeu_ps(p + 4, _mm_cvtepi32_ps(_mm_unpackhi_epi16(half, zero)));
    }
}
#endif

typedef struct VSum {
    double lane[LANES];
} VSum;
UP_INLINE void v_square_add(VSum *sum, V a) {
    for (int i = 0; i < LANES; i++)
        sum->lane[i] += (double)a[i] * (double)a[i];
}
UP_INLINE double v_square_total(const VSum *a, const VSum *b) {
    double sum = 0;
    for (int i = 0; i < LANES; i++)
        sum += a->lane[i] + b->lane[i];
    return sum;
}

#endif

// to[j][i] = from[i][j], four by four; the rows of each lie so many numbers apart.
UP_INLINE void v4_transpose(const float *from, int64_t from_row, float *to, int64_t to_row) {
#if defined(__x86_64__)
    __m128 r0 = _mm_loadu_ps(from), r1 = _mm_loadu_ps(from + from_row);
    __m128 r2 = _mm_loadu_ps(from + 2 * from_row), r3 = _mm_loadu_ps(from + 3 * from_row);
    _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
    _mm_storeu_ps(to, r0);
    _mm_storeu_ps(to + to_row, r1);
    _mm_storeu_ps(to + 2 * to_row, r2);
    _mm_storeu_ps(to + 3 * to_row, r3);
#else // the compiler finds its own instructions
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++)
            to[j * to_row + i] = from[i * from_row + j];
#endif
}

#endif
