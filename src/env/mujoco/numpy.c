// Sums in the order of NumPy 2: in turn below 8 numbers, in eight interleaved sums up to 128, in
// two halves beyond. The tasks' costs are such sums, and their last bits depend on the order.
#include "env/mujoco/mujoco.h"

enum { LANES = 8, BLOCK = 128 };

typedef double (*SummandFn)(double x, const double range[2]);

static inline double itself(double x, const double range[2]) {
    (void)range;
    return x;
}

static inline double square_clipped(double x, const double range[2]) {
    double clipped = up__clip(x, range[0], range[1]);
    return clipped * clipped;
}

static inline double sum_block(const double *x, int count, SummandFn summand,
                               const double range[2]) {
    double sum = 0, lane[LANES] = {0};
    int whole = count - count % LANES;
    for (int i = 0; i < whole; i++)
        lane[i % LANES] += summand(x[i], range);
    if (whole > 0)
        sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
              ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (int i = whole; i < count; i++)
        sum += summand(x[i], range);
    return sum;
}

double up__sum(const double *x, int count) {
    if (count <= BLOCK) return sum_block(x, count, itself, NULL);
    int half = count / 2 - count / 2 % LANES;
    return up__sum(x, half) + up__sum(x + half, count - half);
}

double up__sum_squares(const double *x, int count, double low, double high) {
    const double range[2] = {low, high};
    if (count <= BLOCK) return sum_block(x, count, square_clipped, range);
    int half = count / 2 - count / 2 % LANES;
    return up__sum_squares(x, half, low, high) + up__sum_squares(x + half, count - half, low, high);
}

// Of the actions, which are UP_SPACE_BOUNDS at most: a block.
float up__sum_squares_float(const float *x, int count) {
    float sum = 0, lane[LANES] = {0};
    int whole = count - count % LANES;
    for (int i = 0; i < whole; i++)
        lane[i % LANES] += x[i] * x[i];
    if (whole > 0)
        sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
              ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (int i = whole; i < count; i++)
        sum += x[i] * x[i];
    return sum;
}
