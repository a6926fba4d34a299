#include "../scratch.h"

#include <math.h>
#include <cjson/cJSON.h>

#include "uphill/result.h"

static cJSON *written(const UpResult *result) {
    void *bytes;
    size_t size;
    assert_ok(up_result_write(scratch("result.json"), result));
    assert_ok(up_file_read(scratch("result.json"), &bytes, &size));
    assert_int_equal(((char *)bytes)[size - 1], '\n');
    cJSON *root = cJSON_Parse(bytes);
    assert_non_null(root);
    free(bytes);
    return root;
}

static void every_member_is_there(void **state) {
    (void)state;
    UpResult result = {1234567, 61.25,    300,         18.5,  19.25, 42,
                       true,    "target", "ALE/\"x\"", "ppo", NULL,  7};
    cJSON *root = written(&result);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "steps")) == 1234567);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "seconds")) == 61.25);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "episodes")) == 300);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "running_reward")) == 18.5);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "return_mean")) == 19.25);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "length_mean")) == 42);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "seed")) == 7);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(root, "solved")));
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(root, "stop_reason")), "target");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(root, "env")), "ALE/\"x\"");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(root, "algo")), "ppo");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "recipe")));
    cJSON_Delete(root);
}

static void what_is_no_number_is_null(void **state) {
    (void)state;
    UpResult result = {.running_reward = NAN, .return_mean = INFINITY, .seed = INT64_MAX};
    cJSON *root = written(&result);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "running_reward")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "return_mean")));
    cJSON_Delete(root);
    void *bytes;
    size_t size;
    assert_ok(up_file_read(scratch("result.json"), &bytes, &size));
    assert_non_null(strstr(bytes, "9223372036854775807"));
    free(bytes);
}

static void failure_harms_nothing(void **state) {
    (void)state;
    UpResult result = {.seed = 1};
    assert_ok(up_file_write(scratch("result.json"), "old", 3));
    scratch_disk(16);
    UpStatus status = up_result_write(scratch("result.json"), &result);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_file(scratch("result.json"), "old");
    assert_int_equal(up_result_write(scratch("no/result.json"), &result), UP_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_member_is_there),
        TEST(what_is_no_number_is_null),
        TEST(failure_harms_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
