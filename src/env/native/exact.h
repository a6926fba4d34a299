// Sines, cosines and squares of many numbers at once, equal to libm's to the last bit, as
// Gymnasium's are.
//
// libm's results are not always the nearest doubles, but never far from that: glibc's sine and
// cosine are within 0.55 units in the last place (ulp), its pow within 0.54. So the exact value is
// computed as a sum of two doubles, to better than 0.01 ulp, eight numbers at a time. Where it lies
// within 0.44 ulp of a double, every other double is more than 0.55 ulp away, and libm must have
// returned this one. The rest, about one in nine, is asked of libm itself.
#ifndef UP_ENV_NATIVE_EXACT_H
#define UP_ENV_NATIVE_EXACT_H

void up__sincos(int count, const double *x, double *sine, double *cosine);
void up__cosine(int count, double *x); // in place

// pow(x, 2) and powf(x, 2), as NumPy squares a scalar.
void up__square(int count, const double *x, double *result);
void up__square_float(int count, const float *x, float *result);

#endif
