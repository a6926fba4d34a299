// Gradient checks in double precision: central differences against what backward computed.
#ifndef UP_TESTS_GRADCHECK_H
#define UP_TESTS_GRADCHECK_H

#include <math.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/real.h"

#ifndef UP_DOUBLE
#error "gradient checks belong to the double build: name the file test_<x>_f64.c"
#endif

// Checks d_x[i] = ∂loss/∂x[i] for `count` numbers: the relative error stays below 1e-6. Derivatives
// below 1e-3 count as 1e-3, since a difference quotient has about eleven absolute digits.
static inline void check_gradient(const char *what, double (*loss)(void *), void *context,
                                  UpReal *x, const UpReal *d_x, size_t count) {
    const double h = 1e-5;
    for (size_t i = 0; i < count; i++) {
        double kept = x[i];
        x[i] = kept + h;
        double above = loss(context);
        x[i] = kept - h;
        double below = loss(context);
        x[i] = kept;
        double numeric = (above - below) / (2 * h);
        double scale = fmax(1e-3, fmax(fabs(numeric), fabs(d_x[i])));
        if (!(fabs(numeric - d_x[i]) < 1e-6 * scale))
            fail_msg("%s[%zu]: backward says %.12g, the difference quotient %.12g", what, i, d_x[i],
                     numeric);
    }
}

#endif
