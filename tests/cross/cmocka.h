// As much of cmocka as tests/kernels needs, for machines that have no cmocka: a failed assertion
// says so and ends the program.
#ifndef UP_TESTS_CROSS_CMOCKA_H
#define UP_TESTS_CROSS_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define fail_msg(...)                                                                              \
    do {                                                                                           \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fprintf(stderr, " (%s:%d)\n", __FILE__, __LINE__);                                         \
        exit(1);                                                                                   \
    } while (0)
#define assert_true(what)                                                                          \
    do {                                                                                           \
        if (!(what)) fail_msg("%s", #what);                                                        \
    } while (0)
#define assert_non_null(what) assert_true((what) != NULL)
#define assert_ptr_equal(a, b) assert_true((a) == (b))
#define assert_int_equal(a, b) assert_true((a) == (b))
#define assert_memory_equal(a, b, size) assert_true(memcmp(a, b, size) == 0)

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
};
#define cmocka_unit_test(test)                                                                     \
    { #test, test }
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    run_all(tests, (int)(sizeof(tests) / sizeof(tests)[0]))

static inline int run_all(const struct CMUnitTest *test, int count) {
    for (int i = 0; i < count; i++) {
        void *state = NULL;
        puts(test[i].name);
        test[i].test(&state);
    }
    return 0;
}

#endif
