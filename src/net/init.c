// Initial weights. Values are drawn in double in the order in which they are stored, except for the
// orthogonal matrix, whose vectors are drawn one after another.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "uphill/net.h"

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
static UpStatus fill_orthogonal(const UpDense *layer, double gain, UpReal *w, UpRng *rng) {
    bool tall = layer->in >= layer->out;
    int64_t count = tall ? layer->out : layer->in, length = tall ? layer->in : layer->out;
    double *v = malloc((size_t)(count * length) * sizeof *v);
    if (!v)
        return up_fail(UP_MEMORY, "no memory to initialise a layer of %lld x %lld weights",
                       (long long)layer->in, (long long)layer->out);
    UpStatus status = orthonormal(v, count, length, rng);
    for (int64_t i = 0; status == UP_OK && i < layer->in; i++)
        for (int64_t j = 0; j < layer->out; j++)
            w[i * layer->out + j] = (UpReal)(gain * (tall ? v[j * length + i] : v[i * length + j]));
    free(v);
    return status;
}

static void fill_uniform(double bound, int64_t count, UpReal *values, UpRng *rng) {
    for (int64_t i = 0; i < count; i++)
        values[i] = (UpReal)up_rng_uniform(rng, -bound, bound);
}

UpStatus up_dense_init(const UpDense *layer, UpInit init, double gain, UpReal *param, UpRng *rng) {
    UpReal *w = param + layer->weight, *b = param + layer->bias;
    int64_t count = layer->in * layer->out;
    double in = (double)layer->in, out = (double)layer->out;
    if (layer->has_bias) memset(b, 0, (size_t)layer->out * sizeof *b);
    switch (init) {
    case UP_INIT_ORTHOGONAL:
        return fill_orthogonal(layer, gain, w, rng);
    case UP_INIT_XAVIER:
        fill_uniform(gain * sqrt(6 / (in + out)), count, w, rng);
        return UP_OK;
    case UP_INIT_KAIMING:
        fill_uniform(gain * sqrt(3 / in), count, w, rng);
        return UP_OK;
    case UP_INIT_TORCH:
        fill_uniform(1 / sqrt(in), count, w, rng);
        if (layer->has_bias) fill_uniform(1 / sqrt(in), layer->out, b, rng);
        return UP_OK;
    case UP_INIT_NORMAL_IN:
        for (int64_t i = 0; i < count; i++)
            w[i] = (UpReal)(up_rng_normal(rng) * gain / sqrt(in));
        return UP_OK;
    }
    return up_fail(UP_USAGE, "initialisation %d does not exist; one of " UP_INIT_CHOICES,
                   (int)init);
}
