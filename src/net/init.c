// Initial weights. Values are drawn in double in the order in which they are stored, except for the
// orthogonal matrix, whose vectors are drawn one after another.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/init.h"

enum { LANES = 8 }; // partial sums of a dot product, so that it vectorises and keeps its order

static double dot(const double *a, const double *b, int64_t length) {
    double part[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= length; i += LANES)
        for (int j = 0; j < LANES; j++)
            part[j] += a[i + j] * b[i + j];
    for (; i < length; i++)
        sum += a[i] * b[i];
    for (int j = 0; j < LANES; j++)
        sum += part[j];
    return sum;
}

// Gram-Schmidt makes `count` random vectors orthonormal. It is the QR decomposition whose R has a
// positive diagonal, so no sign has to be corrected.  v (count, length), count <= length
static UpStatus orthonormal(double *v, int64_t count, int64_t length, UpRng *rng) {
    for (int64_t i = 0; i < count * length; i++)
        v[i] = up_rng_normal(rng);
    for (int64_t i = 0; i < count; i++) {
        double *a = v + i * length;
        for (int64_t j = 0; j < i; j++) {
            const double *b = v + j * length;
            double projection = dot(a, b, length);
            for (int64_t e = 0; e < length; e++)
                a[e] -= projection * b[e];
        }
        double norm = sqrt(dot(a, a, length));
        if (!(norm > 0)) return up_fail(UP_NUMERIC, "orthogonal initialisation drew a zero vector");
        for (int64_t e = 0; e < length; e++)
            a[e] /= norm;
    }
    return UP_OK;
}

// The rows of the shorter side are orthonormal, as torch.nn.init.orthogonal_ has it.
static UpStatus fill_orthogonal(UpMatrix w, double gain, UpRng *rng) {
    bool tall = w.in >= w.out;
    int64_t count = tall ? w.out : w.in, length = tall ? w.in : w.out;
    double *v = malloc((size_t)(count * length) * sizeof *v);
    if (!v)
        return up_fail(UP_MEMORY, "no memory to initialise a layer of %lld x %lld weights",
                       (long long)w.in, (long long)w.out);
    UpStatus status = orthonormal(v, count, length, rng);
    for (int64_t i = 0; status == UP_OK && i < w.in; i++)
        for (int64_t j = 0; j < w.out; j++)
            w.at[i * w.out + j] = (UpReal)(gain * (tall ? v[j * length + i] : v[i * length + j]));
    free(v);
    return status;
}

void up__init_uniform(double bound, int64_t count, UpReal *values, UpRng *rng) {
    for (int64_t i = 0; i < count; i++)
        values[i] = (UpReal)up_rng_uniform(rng, -bound, bound);
}

UpStatus up__init_weights(UpInit init, double gain, UpMatrix w, UpReal *bias, UpRng *rng) {
    int64_t count = w.in * w.out;
    double in = (double)w.in, out = (double)w.out;
    if (bias) memset(bias, 0, (size_t)w.out * sizeof *bias);
    switch (init) {
    case UP_INIT_ORTHOGONAL:
        return fill_orthogonal(w, gain, rng);
    case UP_INIT_XAVIER:
        up__init_uniform(gain * sqrt(6 / (in + out)), count, w.at, rng);
        return UP_OK;
    case UP_INIT_KAIMING:
        up__init_uniform(gain * sqrt(3 / in), count, w.at, rng);
        return UP_OK;
    case UP_INIT_TORCH:
        up__init_uniform(1 / sqrt(in), count, w.at, rng);
        if (bias) up__init_uniform(1 / sqrt(in), w.out, bias, rng);
        return UP_OK;
    case UP_INIT_NORMAL_IN:
        for (int64_t i = 0; i < count; i++)
            w.at[i] = (UpReal)(up_rng_normal(rng) * gain / sqrt(in));
        return UP_OK;
    }
    return up_fail(UP_USAGE, "initialisation %d does not exist; one of " UP_INIT_CHOICES,
                   (int)init);
}
