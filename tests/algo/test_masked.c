// PPO with masks takes no closed action in a few thousand steps of every head; a mask of another
// length is refused.
#include "algo/masked.h"

static void test_every_head(void **state) {
    (void)state;
    masked_every_head("8192");
}

static void test_wrong_length(void **state) {
    (void)state;
    UpPolicyDef def;
    UpPolicy policy;
    UpSpace bits = {.kind = UP_SPACE_MULTI_BINARY, .size = 3};
    const struct {
        UpSpace action;
        int64_t mask_size;
        const char *message;
    } row[] = {
        {up_space_discrete(5), 4, "masks of 4 entries; its action space has 5 choices"},
        {bits, 3, "masks of 3 entries; its action space has 6 choices"},
        {up_space_box(3, -1, 1), 3, "masks of 3 entries; its action space has 0 choices"},
        {masked_several(), 17, "masks of 17 entries; its action space has 15 choices"},
    };
    up_options_default(&up_policy_options, &def);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        UpEnvSpec spec = {.id = "Test-v0",
                          .obs = up_space_box(2, -1, 1),
                          .action = row[i].action,
                          .mask_size = row[i].mask_size};
        assert_int_equal(up_policy_create(&policy, &def, &spec, true, 1, 1), UP_UNSUPPORTED);
        if (!strstr(up_error(), row[i].message)) fail_msg("%s", up_error());
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_head),
                                       cmocka_unit_test(test_wrong_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
