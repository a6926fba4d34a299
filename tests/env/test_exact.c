// Sines, cosines and squares of many numbers at once are libm's. long_exact.c compares more.
#include "env/exact_check.h"

static void test_random(void **state) {
    (void)state;
    check_random(1, 20000);
}

static void test_every_count(void **state) {
    (void)state;
    double x[BATCH];
    for (int i = 0; i < BATCH; i++)
        x[i] = sin(i * 1.7) * 5;
    for (int count = 0; count <= BATCH; count++)
        check_doubles(count, x);
}

// What the fast way cannot do must be noticed: next to multiples of pi/2, huge, tiny, not finite.
static void test_special(void **state) {
    (void)state;
    double x[BATCH] = {0,      -0.0,   INFINITY, -INFINITY, NAN,      0x1p-1074, 1e-310,
                       1e-200, -1e-20, 1e-8,     1e300,     0x1p1023, 65536,     65536.5,
                       -1e5,   1e22,   0x1p-500, 0x1p512,   1,        -1};
    int count = 20;
    for (int k = -20; k <= 20; k++) {
        double near = k * M_PI_2;
        x[count++] = near;
        x[count++] = nextafter(near, INFINITY);
    }
    check_doubles(count, x);
    for (int i = 0; i + 4 <= count; i++)
        check_doubles(4, x + i);
}

static void test_floats(void **state) {
    (void)state;
    float x[BATCH] = {0, -0.0F, INFINITY, NAN, 1e-30F, 1e-45F, 1e30F, -2, 2, 2.5F, 0x1p-50F};
    for (int i = 11; i < BATCH; i++)
        x[i] = (float)i * 0.0173F;
    check_floats(BATCH, x);
    for (uint32_t bits = 0; bits < 0x40000000; bits += 4001 * BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            uint32_t word = bits + 4001 * i;
            memcpy(&x[i], &word, sizeof word);
        }
        check_floats(BATCH, x);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_every_count),
        cmocka_unit_test(test_special),
        cmocka_unit_test(test_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
