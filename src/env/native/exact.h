// Sines, cosines and squares of many numbers at once, equal to libm's to the last bit.
#ifndef UP_ENV_NATIVE_EXACT_H
#define UP_ENV_NATIVE_EXACT_H

void up__sincos(int count, const double *x, double *sine, double *cosine);
void up__cosine(int count, double *x); // in place

// pow(x, 2), as NumPy squares a scalar.
void up__square(int count, const double *x, double *result);
void up__square_float(int count, const float *x, float *result);

#endif
