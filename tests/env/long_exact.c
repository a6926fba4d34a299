// As test_exact.c, over 500 million doubles and every float from 0 to 2.
#include "env/exact_check.h"

static void test_doubles(void **state) {
    (void)state;
    check_random(2, 500000000 / BATCH);
}

static void test_floats(void **state) {
    (void)state;
    float x[BATCH];
    for (uint32_t bits = 0; bits <= 0x40000000; bits += BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            uint32_t word = bits + i;
            memcpy(&x[i], &word, sizeof word);
        }
        check_floats(BATCH, x);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_doubles),
                                       cmocka_unit_test(test_floats)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
