#include "env/native/exact.h"

#include <math.h>

static double (*const volatile square_double)(double, double) = pow;
static float (*const volatile square_float)(float, float) = powf;

void up__sincos(int count, const double *x, double *sine, double *cosine) {
    for (int i = 0; i < count; i++)
        sincos(x[i], &sine[i], &cosine[i]);
}

void up__cosine(int count, double *x) {
    for (int i = 0; i < count; i++)
        x[i] = cos(x[i]);
}

void up__square(int count, const double *x, double *result) {
    for (int i = 0; i < count; i++)
        result[i] = square_double(x[i], 2);
}

void up__square_float(int count, const float *x, float *result) {
    for (int i = 0; i < count; i++)
        result[i] = square_float(x[i], 2);
}
