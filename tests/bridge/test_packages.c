// Packages of others: what they register is listed, and policies train on it, with flattened
// observations and masks.
#include "bridged.h"

#include "uphill/train.h"

typedef struct Found {
    int count;
    char text[1024];
} Found;

static void note(void *user, const char *id, const char *summary) {
    Found *found = user;
    size_t used = strlen(found->text);
    snprintf(found->text + used, sizeof found->text - used, "%s (%s)\n", id, summary);
    found->count++;
}

static void test_list(void **state) {
    (void)state;
    Found found = {0};
    assert_ok(up_env_each_foreign("spaces_env", note, &found));
    assert_string_equal(found.text, "spaces_env:Spaces-v0 (no limit of steps)\n"
                                    "spaces_env:Parts-v0 (no limit of steps)\n"
                                    "spaces_env:Masked-v0 (at most 100 steps, solved at 3)\n"
                                    "spaces_env:Aim-v0 (no limit of steps)\n"
                                    "spaces_env:Failing-v0 (no limit of steps)\n");
    found = (Found){0};
    assert_ok(up_env_each_foreign("gymnasium", note, &found));
    assert_true(found.count > 20);
    assert_non_null(strstr(found.text, "CartPole-v1 (at most 500 steps, solved at 475)\n"));
    assert_int_equal(up_env_each_foreign("no_such_package", note, &found), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "no module no_such_package"));
    assert_int_equal(up_env_each_foreign("json", note, &found), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "registers no environment"));
}

// Trains for `steps` steps in `workers` processes, with eight instances.
static void train(const char *id, const char *keywords, const char *steps, const char *workers) {
    static UpConfig config;
    UpTrainer *trainer;
    assert_ok(up_config_default(&config, "ppo"));
    assert_ok(up_config_set(&config, "env.id", id, "test"));
    assert_ok(up_config_set(&config, "env.options", keywords, "test"));
    assert_ok(up_config_set(&config, "env.workers", workers, "test"));
    assert_ok(up_config_set(&config, "train.steps", steps, "test"));
    assert_ok(up_config_set(&config, "rollout.steps", "32", "test"));
    assert_ok(up_train_create(&trainer, &config, NULL));
    assert_ok(up_train_run(trainer, NULL));
    assert_int_equal(up_train_progress(trainer)->steps, atoi(steps));
    assert_true(up_train_progress(trainer)->episodes > 0);
    up_train_destroy(trainer);
}

// A closed action that was taken would raise in the worker, and that would be a warning.
static void test_training(void **state) {
    (void)state;
    warnings = 0;
    train("spaces_env:Masked-v0", "", "512", "2");
    train("spaces_env:Masked-v0", "kind=multi", "512", "2");
    train("spaces_env:Masked-v0", "kind=bits", "512", "2");
    train("spaces_env:Masked-v0", "kind=dict", "512", "2");
    train("spaces_env:Parts-v0", "obs=dict;action=several;max_episode_steps=20", "512", "2");
    train("spaces_env:Parts-v0", "obs=dict;max_episode_steps=20", "512", "2");
    train("spaces_env:Parts-v0", "obs=nested;action=boxes;max_episode_steps=20", "512", "2");
    train("gym:Blackjack-v1", "", "512", "2");
    if (warnings) fail_msg("%s", warned);
}

// One of eight workers raises: its exception's line and place are shown, and training goes on.
static void test_exception(void **state) {
    (void)state;
    char keywords[200];
    snprintf(keywords, sizeof keywords, "once=%s/once", scratch_folder);
    warnings = 0;
    train("spaces_env:Failing-v0", keywords, "1024", "8");
    assert_int_equal(warnings, 1);
    int worker, instance, line, end = 0;
    sscanf(warned,
           "spaces_env:Failing-v0: worker %d (instance %d) raised ValueError: the ice broke "
           "(spaces_env.py:%d); it is restarted, its episodes count as truncated%n",
           &worker, &instance, &line, &end);
    if (!end || worker != instance || line < 50) fail_msg("%s", warned);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_exception),
    };
    if (!python_has("gymnasium")) {
        printf("skipped: there is no Python with gymnasium; run ./dev setup\n");
        return 77;
    }
    setenv("PYTHONPATH", UP_SOURCE_DIR "/tests/bridge", 1);
    up_set_warn(note_warning, NULL);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
