// Compares the vector functions of env/native/exact.h with libm, bit by bit.
#ifndef UP_TESTS_ENV_EXACT_CHECK_H
#define UP_TESTS_ENV_EXACT_CHECK_H

#include <math.h>
#include <string.h>

#include "scratch.h"

#include "env/native/exact.h"
#include "uphill/random.h"

static double (*const volatile true_pow)(double, double) = pow;
static float (*const volatile true_powf)(float, float) = powf;

static inline void same_double(const char *what, double x, double ours, double libm) {
    if (isnan(ours) && isnan(libm)) return;
    if (memcmp(&ours, &libm, sizeof ours) != 0)
        fail_msg("%s of %a is %a, libm's is %a", what, x, ours, libm);
}

enum { BATCH = 128 };

static inline void check_doubles(int count, const double *x) {
    double sine[BATCH], cosine[BATCH], square[BATCH], alone[BATCH];
    memcpy(alone, x, (size_t)count * sizeof *x);
    up__sincos(count, x, sine, cosine);
    up__cosine(count, alone);
    up__square(count, x, square);
    for (int i = 0; i < count; i++) {
        same_double("sin", x[i], sine[i], sin(x[i]));
        same_double("cos", x[i], cosine[i], cos(x[i]));
        same_double("cos", x[i], alone[i], cos(x[i]));
        same_double("pow(x, 2)", x[i], square[i], true_pow(x[i], 2));
    }
}

static inline void check_floats(int count, const float *x) {
    float square[BATCH];
    up__square_float(count, x, square);
    for (int i = 0; i < count; i++) {
        float libm = true_powf(x[i], 2);
        if (isnan(libm) && isnan(square[i])) continue;
        if (memcmp(&libm, &square[i], sizeof libm) != 0)
            fail_msg("powf(%a, 2) is %a, libm's is %a", (double)x[i], (double)square[i],
                     (double)libm);
    }
}

// `batches` of random numbers, their magnitudes spread over what the tasks and their users meet.
static inline void check_random(uint64_t seed, long batches) {
    static const double range[] = {0.25, 1, 3.2, 7, 100, 1e4, 1e6};
    UpRng rng;
    up_rng_seed(&rng, seed);
    double x[BATCH];
    for (long k = 0; k < batches; k++) {
        double limit = range[k % 7];
        for (int i = 0; i < BATCH; i++)
            x[i] = up_rng_uniform(&rng, -limit, limit);
        check_doubles(BATCH, x);
    }
}

#endif
