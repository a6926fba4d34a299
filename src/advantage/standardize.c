#include <float.h>
#include <math.h>

#include "uphill/advantage.h"

// Sums are in double and in order, whatever the number of threads.
typedef struct Moments {
    double count, sum, squares; // squares: of the distance to the first value, against cancellation
    double first;
} Moments;

static void add(Moments *m, double value) {
    if (m->count == 0) m->first = value;
    double shifted = value - m->first;
    m->count += 1;
    m->sum += shifted;
    m->squares += shifted * shifted;
}

static double mean_of(const Moments *m) {
    return m->first + m->sum / m->count;
}

static double variance_of(const Moments *m, double divisor) {
    double variance = (m->squares - m->sum * m->sum / m->count) / divisor;
    return variance > 0 ? variance : 0;
}

static double larger(double a, UpReal b) {
    return fmax(a, fabs((double)b));
}

// Advantages are differences of returns and values: a deviation that is no more than what those are
// rounded by tells nothing about actions, and must not be blown up to 1.
static double rounding(double largest) {
    return 4 * (sizeof(UpReal) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON) * largest;
}

static UpReal standard(UpReal x, double mean, double deviation, double largest) {
    return deviation > rounding(largest) ? (UpReal)(((double)x - mean) / (deviation + 1e-8)) : 0;
}

// One instance's cells from first to last, or those of all instances with n < 0.
static void standardize_range(UpRollout *r, int64_t n, int64_t first, int64_t last) {
    int64_t from = n < 0 ? 0 : first * r->N + n,
            to = n < 0 ? r->length * r->N : last * r->N + n + 1;
    int64_t stride = n < 0 ? 1 : r->N;
    Moments m = {0};
    double largest = 0;
    for (int64_t cell = from; cell < to; cell += stride) {
        if (!r->valid[cell]) continue;
        add(&m, (double)r->advantage[cell]);
        largest = larger(larger(larger(largest, r->advantage[cell]), r->ret[cell]), r->value[cell]);
    }
    if (m.count == 0) return;
    double mean = mean_of(&m), deviation = sqrt(variance_of(&m, m.count));
    for (int64_t cell = from; cell < to; cell += stride)
        if (r->valid[cell])
            r->advantage[cell] = standard(r->advantage[cell], mean, deviation, largest);
}

void up_advantage_standardize(UpRollout *r, UpStandardize over) {
    if (over == UP_STANDARDIZE_BATCH) standardize_range(r, -1, 0, 0);
    if (over != UP_STANDARDIZE_EPISODE) return;
    for (int64_t n = 0; n < r->N; n++) {
        int64_t first = 0;
        for (int64_t t = 0; t < r->length; t++) {
            int64_t cell = t * r->N + n;
            bool last = t == r->length - 1 || r->terminated[cell] || r->truncated[cell];
            if (!last) continue;
            standardize_range(r, n, first, t);
            first = t + 1;
        }
    }
}

void up_standardize(UpReal *advantage, const UpReal *ret, const UpReal *value, int64_t count) {
    if (count < 2) return;
    Moments m = {0};
    double largest = 0;
    for (int64_t i = 0; i < count; i++) {
        add(&m, (double)advantage[i]);
        largest = larger(larger(larger(largest, advantage[i]), ret[i]), value[i]);
    }
    double mean = mean_of(&m), deviation = sqrt(variance_of(&m, m.count - 1));
    for (int64_t i = 0; i < count; i++)
        advantage[i] = standard(advantage[i], mean, deviation, largest);
}

double up_explained_variance(const UpRollout *r) {
    Moments ret = {0}, error = {0};
    for (int64_t cell = 0; cell < r->length * r->N; cell++) {
        if (!r->valid[cell]) continue;
        add(&ret, (double)r->ret[cell]);
        add(&error, (double)(r->ret[cell] - r->value[cell]));
    }
    if (ret.count < 2) return NAN;
    double variance = variance_of(&ret, ret.count);
    return variance > 0 ? 1 - variance_of(&error, error.count) / variance : NAN;
}
