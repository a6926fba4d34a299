// Every allocation of a run fails once, from the first to the last.
#include "train/out_of_memory.h"

static void test_each(void **state) {
    (void)state;
    oom_check(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
