#include "env/native/wide.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GLIBC__)

#define INLINE static inline __attribute__((always_inline))

// A value as an unevaluated sum, |low| at most half an ulp of high.
typedef struct Pair {
    double high, low;
} Pair;

// a + b where |a| >= |b| or a is 0 (Dekker 1971).
INLINE Pair sum_ordered(double a, double b) {
    double high = a + b;
    return (Pair){high, b - (high - a)};
}

INLINE Pair difference(double a, double b) { // Knuth
    double high = a - b, t = high - a;
    return (Pair){high, (a - (high - t)) - (b + t)};
}

INLINE Pair product(double a, double b) {
    double high = a * b;
    return (Pair){high, __builtin_fma(a, b, -high)};
}

INLINE double fused(double a, double b, double c) {
    return __builtin_fma(a, b, c);
}

// 0 where the nearest double to the pair is `high` and no other is within 0.555 ulp of it: high +
// 1.125 low would round to another one if |low| were more than 0.4445 ulp. Here and below, 0 and 1
// are doubles, because compilers do not vectorise booleans of several sizes for every register.
INLINE double doubt_of(Pair x) {
    return fused(1.125, x.low, x.high) == x.high ? 0 : 1;
}

INLINE uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE double of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// x = k pi/2 + r with |r| <= pi/4 and a little; the last two bits of `quadrant` are those of k. Two
// parts of pi/2 have 33 bits, so that their products with k are exact.
INLINE Pair reduce(double x, uint64_t *quadrant) {
    const double part1 = 0x1.921fb544p+0, part2 = 0x1.0b4611a6p-34, part3 = 0x1.3198a2e037073p-69;
    const double shift = 0x1.8p52; // adding it rounds to an integer
    double shifted = fused(x, 0x1.45f306dc9c883p-1, shift), k = shifted - shift;
    *quadrant = bits_of(shifted);
    Pair r = difference(x - k * part1, k * part2);
    return sum_ordered(r.high, fused(-k, part3, r.low));
}

// Taylor's series at r = high + low. The terms that weigh most are pairs.  z = high²
INLINE Pair sine_series(Pair r, Pair z, double cosine) {
    double p = 1.0 / 355687428096000;
    p = fused(p, z.high, -1.0 / 1307674368000);
    p = fused(p, z.high, 1.0 / 6227020800);
    p = fused(p, z.high, -1.0 / 39916800);
    p = fused(p, z.high, 1.0 / 362880);
    p = fused(p, z.high, -1.0 / 5040);
    p = fused(p, z.high, 1.0 / 120);
    Pair u = sum_ordered(-1.0 / 6, fused(p, z.high, -0x1.5555555555555p-57));
    Pair w = product(z.high, u.high);
    w.low = fused(z.high, u.low, fused(z.low, u.high, w.low));
    Pair t = product(r.high, w.high);
    t.low = fused(r.high, w.low, t.low);
    Pair s = sum_ordered(r.high, t.high);
    return sum_ordered(s.high, s.low + fused(r.low, cosine, t.low));
}

INLINE Pair cosine_series(Pair r, Pair z) {
    double p = -1.0 / 6402373705728000;
    p = fused(p, z.high, 1.0 / 20922789888000);
    p = fused(p, z.high, -1.0 / 87178291200);
    p = fused(p, z.high, 1.0 / 479001600);
    p = fused(p, z.high, -1.0 / 3628800);
    p = fused(p, z.high, 1.0 / 40320);
    p = fused(p, z.high, -1.0 / 720);
    Pair u = sum_ordered(1.0 / 24, fused(p, z.high, 0x1.5555555555555p-59));
    Pair w = product(z.high, u.high);
    w.low = fused(z.high, u.low, fused(z.low, u.high, w.low));
    Pair v = sum_ordered(-0.5, w.high);
    v.low += w.low;
    Pair t = product(z.high, v.high);
    t.low = fused(z.high, v.low, fused(z.low, v.high, t.low));
    Pair c = sum_ordered(1, t.high);
    // d cos = -sin r dr, for which the first two terms of the sine are enough
    double sine = r.high - r.high * z.high * (1.0 / 6);
    return sum_ordered(c.high, c.low + fused(-r.low, sine, t.low));
}

// `even` or `odd` as the quadrant is, its sign turned in quadrants 2 and 3. Without branches, which
// would keep a loop from being vectorised.
INLINE double choose(uint64_t quadrant, double even, double odd) {
    uint64_t mask = -(quadrant & 1), sign = (quadrant & 2) << 62;
    return of_bits(((bits_of(even) & ~mask) | (bits_of(odd) & mask)) ^ sign);
}

// Both at once. Not 0 where x is too large for the reduction, or next to a multiple of pi/2.
INLINE double sine_cosine(double x, Pair *sine, Pair *cosine) {
    uint64_t q;
    Pair r = reduce(x, &q), z = product(r.high, r.high);
    Pair c = cosine_series(r, z), s = sine_series(r, z, c.high);
    *sine = (Pair){choose(q, s.high, c.high), choose(q, s.low, c.low)};
    *cosine = (Pair){choose(q + 1, s.high, c.high), choose(q + 1, s.low, c.low)};
    return (fabs(x) < 0x1p16 ? 0.0 : 1.0) + (fabs(r.high) > 0x1p-20 ? 0.0 : 1.0);
}

INLINE void all_sincos(int count, const double *restrict x, double *restrict sine,
                       double *restrict cosine, double *restrict doubt) {
    for (int i = 0; i < count; i++) {
        Pair s, c;
        double unable = sine_cosine(x[i], &s, &c);
        sine[i] = s.high;
        cosine[i] = c.high;
        doubt[i] = unable + doubt_of(s) + doubt_of(c);
    }
}

INLINE void all_cosine(int count, const double *restrict x, double *restrict cosine,
                       double *restrict doubt) {
    for (int i = 0; i < count; i++) {
        Pair s, c;
        double unable = sine_cosine(x[i], &s, &c);
        cosine[i] = c.high;
        doubt[i] = unable + doubt_of(c);
    }
}

// The pair is exact here, and pow nearer: its error is 0.511 ulp of its exponential function and
// 2^-14 |2 log x| of its logarithm, 0.513 in all for these x. Above 0.4854 ulp, 1.03 low would
// round.
INLINE void all_square(int count, const double *restrict x, double *restrict result,
                       double *restrict doubt) {
    for (int i = 0; i < count; i++) {
        Pair p = product(x[i], x[i]);
        result[i] = p.high;
        doubt[i] = (fused(1.03, p.low, p.high) == p.high ? 0.0 : 1.0) +
                   (p.high > 0x1p-32 ? 0.0 : 1.0) + (p.high < 0x1p16 ? 0.0 : 1.0);
    }
}

// The square of a float is exact in double precision. powf was compared for every float up to 2.
INLINE void all_square_float(int count, const float *restrict x, float *restrict result,
                             double *restrict doubt) {
    for (int i = 0; i < count; i++) {
        double exact = (double)x[i] * (double)x[i];
        float nearest = (float)exact;
        float other = (float)((double)nearest + 1.03 * (exact - (double)nearest));
        result[i] = nearest;
        doubt[i] = (double)(other == nearest ? 0.0F : 1.0F) + (exact > 0x1p-100 ? 0.0 : 1.0) +
                   (exact <= 4 ? 0.0 : 1.0);
    }
}

// One set of functions for each kind of vector. Results are the same in all of them.
#define WIDE(name, instructions)                                                                   \
    __attribute__((target(instructions))) static void sincos_##name(                               \
        int count, const double *x, double *sine, double *cosine, double *doubt) {                 \
        all_sincos(count, x, sine, cosine, doubt);                                                 \
    }                                                                                              \
    __attribute__((target(instructions))) static void cosine_##name(                               \
        int count, const double *x, double *cosine, double *doubt) {                               \
        all_cosine(count, x, cosine, doubt);                                                       \
    }                                                                                              \
    __attribute__((target(instructions))) static void square_##name(                               \
        int count, const double *x, double *result, double *doubt) {                               \
        all_square(count, x, result, doubt);                                                       \
    }                                                                                              \
    __attribute__((target(instructions))) static void square_float_##name(                         \
        int count, const float *x, float *result, double *doubt) {                                 \
        all_square_float(count, x, result, doubt);                                                 \
    }                                                                                              \
    static const UpWide name = {sincos_##name, cosine_##name, square_##name, square_float_##name};

WIDE(avx2, "avx2,fma")
WIDE(avx512, "avx512f,avx512dq,avx512vl,avx2,fma")

const UpWide *up__wide(void) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return &avx512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2 : NULL;
}

#else

const UpWide *up__wide(void) {
    return NULL;
}

#endif
