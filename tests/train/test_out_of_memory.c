// A spread sample of the allocations of a run fails.
#include "train/out_of_memory.h"

static void test_each(void **state) {
    (void)state;
    oom_check(40);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
