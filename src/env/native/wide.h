// Arithmetic in pairs of doubles for as many numbers as a vector register holds. Inner to exact.h.
#ifndef UP_ENV_NATIVE_WIDE_H
#define UP_ENV_NATIVE_WIDE_H

// doubt (count): not 0 where the result may differ from libm's.
typedef struct UpWide {
    void (*sincos)(int count, const double *x, double *sine, double *cosine, double *doubt);
    void (*cosine)(int count, const double *x, double *cosine, double *doubt);
    void (*square)(int count, const double *x, double *result, double *doubt);
    void (*square_float)(int count, const float *x, float *result, double *doubt);
} UpWide;

// The widest of this machine. NULL: none, or the bounds of this system's libm are not known.
const UpWide *up__wide(void);

#endif
