// Sines, cosines and squares of many numbers at once, equal to libm's to the last bit, as
// Gymnasium's are.
//
// libm's results are not always the nearest doubles, but never far from that: glibc's sine and
// cosine are within 0.55 units in the last place (ulp), its pow within 0.513 where these tasks call
// it. So the exact value is computed as a sum of two doubles, to better than 0.01 ulp, eight
// numbers at a time. Where it lies so near a double that every other one is beyond libm's bound,
// libm must have returned this one. The rest, one sine in nine and one square in thirty, is asked
// of libm itself.
#ifndef UP_ENV_NATIVE_EXACT_H
#define UP_ENV_NATIVE_EXACT_H

void up__sincos(int count, const double *x, double *sine, double *cosine);
void up__cosine(int count, double *x); // in place

// pow(x, 2) and powf(x, 2), as NumPy squares a scalar.
void up__square(int count, const double *x, double *result);
void up__square_float(int count, const float *x, float *result);

#endif
