// PPO with masks takes no closed action in a million steps of every head.
#include "algo/masked.h"

static void test_every_head(void **state) {
    (void)state;
    masked_every_head("1000000");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_head)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
