#include "env/native/exact.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "env/native/wide.h"

// The compiler would turn pow(x, 2) into x * x if it saw which function this is.
static double (*const volatile libm_pow)(double, double) = pow;
static float (*const volatile libm_powf)(float, float) = powf;

enum { CHUNK = 64, FEW = 4 }; // fewer numbers than FEW are libm's at once

// Positions of the numbers that are in doubt; returns how many.
static int list_doubts(int count, const double *restrict doubt, int *restrict list) {
    int length = 0;
    for (int i = 0; i < count; i++) {
        list[length] = i;
        length += doubt[i] != 0;
    }
    return length;
}

static int min_of(int a, int b) {
    return a < b ? a : b;
}

void up__sincos(int count, const double *x, double *sine, double *cosine) {
    const UpWide *wide = count < FEW ? NULL : up__wide();
    double doubt[CHUNK];
    int list[CHUNK];
    for (int at = 0; wide && at < count; at += CHUNK) {
        int n = min_of(count - at, CHUNK);
        wide->sincos(n, x + at, sine + at, cosine + at, doubt);
        int length = list_doubts(n, doubt, list);
        for (int k = 0; k < length; k++)
            sincos(x[at + list[k]], &sine[at + list[k]], &cosine[at + list[k]]);
    }
    for (int i = 0; i < count && !wide; i++)
        sincos(x[i], &sine[i], &cosine[i]);
}

void up__cosine(int count, double *x) {
    const UpWide *wide = count < FEW ? NULL : up__wide();
    double doubt[CHUNK], result[CHUNK];
    int list[CHUNK];
    for (int at = 0; wide && at < count; at += CHUNK) {
        int n = min_of(count - at, CHUNK);
        wide->cosine(n, x + at, result, doubt);
        int length = list_doubts(n, doubt, list);
        for (int k = 0; k < length; k++)
            result[list[k]] = cos(x[at + list[k]]);
        for (int i = 0; i < n; i++)
            x[at + i] = result[i];
    }
    for (int i = 0; i < count && !wide; i++)
        x[i] = cos(x[i]);
}

void up__square(int count, const double *x, double *result) {
    const UpWide *wide = count < FEW ? NULL : up__wide();
    double doubt[CHUNK];
    int list[CHUNK];
    for (int at = 0; wide && at < count; at += CHUNK) {
        int n = min_of(count - at, CHUNK);
        wide->square(n, x + at, result + at, doubt);
        int length = list_doubts(n, doubt, list);
        for (int k = 0; k < length; k++)
            result[at + list[k]] = libm_pow(x[at + list[k]], 2);
    }
    for (int i = 0; i < count && !wide; i++)
        result[i] = libm_pow(x[i], 2);
}

void up__square_float(int count, const float *x, float *result) {
    const UpWide *wide = count < FEW ? NULL : up__wide();
    double doubt[CHUNK];
    int list[CHUNK];
    for (int at = 0; wide && at < count; at += CHUNK) {
        int n = min_of(count - at, CHUNK);
        wide->square_float(n, x + at, result + at, doubt);
        int length = list_doubts(n, doubt, list);
        for (int k = 0; k < length; k++)
            result[at + list[k]] = libm_powf(x[at + list[k]], 2);
    }
    for (int i = 0; i < count && !wide; i++)
        result[i] = libm_powf(x[i], 2);
}
