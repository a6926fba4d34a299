// Sums in the order of NumPy 2: in turn below 8 numbers, in eight interleaved sums up to 128, in
// two halves beyond. The tasks' costs are such sums, and their last bits depend on the order.
#include "env/bridge/mujoco/mujoco.h"

enum { LANES = 8, BLOCK = 128 };

// Where a long array is cut: after a multiple of the lanes.
static int half_of(int count) {
    return count / 2 - count / 2 % LANES;
}

// `get(i)` is the i-th summand; the four that differ in it share this text.
#define UP_PAIRWISE(type, get, whole)                                                              \
    do {                                                                                           \
        if (count < LANES) {                                                                       \
            type sum = 0;                                                                          \
            for (int i = 0; i < count; i++)                                                        \
                sum += get(i);                                                                     \
            return sum;                                                                            \
        }                                                                                          \
        if (count > BLOCK) return whole;                                                           \
        type lane[LANES];                                                                          \
        int i = 0;                                                                                 \
        for (; i < LANES; i++)                                                                     \
            lane[i] = get(i);                                                                      \
        for (; i < count - count % LANES; i++)                                                     \
            lane[i % LANES] += get(i);                                                             \
        type sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) +                                   \
                   ((lane[4] + lane[5]) + (lane[6] + lane[7]));                                    \
        for (; i < count; i++)                                                                     \
            sum += get(i);                                                                         \
        return sum;                                                                                \
    } while (0)

double up__sum(const double *x, int count) {
    int half = half_of(count);
#define UP_GET(i) x[i]
    UP_PAIRWISE(double, UP_GET, up__sum(x, half) + up__sum(x + half, count - half));
#undef UP_GET
}

static inline double square_clipped(double x, double low, double high) {
    double clipped = up__clip(x, low, high);
    return clipped * clipped;
}

double up__sum_squares(const double *x, int count, double low, double high) {
    int half = half_of(count);
#define UP_GET(i) square_clipped(x[i], low, high)
    UP_PAIRWISE(double, UP_GET,
                up__sum_squares(x, half, low, high) +
                    up__sum_squares(x + half, count - half, low, high));
#undef UP_GET
}

float up__sum_squares_float(const float *x, int count) {
    int half = half_of(count);
#define UP_GET(i) x[i] * x[i]
    UP_PAIRWISE(float, UP_GET,
                up__sum_squares_float(x, half) + up__sum_squares_float(x + half, count - half));
#undef UP_GET
}
