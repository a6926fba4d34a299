// What a run directory says that cannot be true, and what a resume must take for new: none of it is
// believed, and none of it is lost without need.
#include "../scratch.h"

#include <math.h>

#include "train/trainer.h"

static UpConfig config;

static void set(const char *key, const char *value) {
    assert_ok(up_config_set(&config, key, value, "test"));
}

static void begin(const char *id) {
    assert_ok(up_config_default(&config, "ppo"));
    set("env.id", id);
    set("policy.hidden", "4");
    set("rollout.envs", "2");
    set("rollout.steps", "64");
    set("ppo.minibatch", "64");
    set("ppo.epochs", "1");
    set("train.threads", "1");
    set("train.steps", "1024");
}

static void train(const char *folder) {
    UpTrainer *t;
    assert_ok(up_train_create(&t, &config, scratch(folder)));
    assert_ok(up_train_run(t, NULL));
    up_train_destroy(t);
}

// A checkpoint with one of its tensors changed.
static void change(const char *from, const char *to, const char *name, void (*edit)(void *data)) {
    UpTensorFile file;
    assert_ok(up_tensors_read(from, &file));
    for (int i = 0; i < file.tensors; i++)
        if (strcmp(file.tensor[i].name, name) == 0) {
            edit((void *)file.tensor[i].data);
            assert_ok(up_tensors_write(to, file.tensor, file.tensors, file.meta, file.metas));
            up_tensors_free(&file);
            return;
        }
    fail_msg("%s holds no %s", from, name);
}

static UpStatus resume(UpTrainer **t, const char *folder, const char *key, const char *value) {
    assert_ok(up_train_config(&config, scratch(folder)));
    if (key) set(key, value);
    return up_train_resume(t, &config, scratch(folder));
}

// --- history.csv: the run goes on from before a change that it once made

static void test_history(void **state) {
    (void)state;
    static const char old[] = "step,option,before,after\n"
                              "512,ppo.clip,0.2,0.1\n"
                              "900000,optim.learning_rate,0.5,0.0003\n";
    UpTrainer *t;
    void *text;
    size_t size;
    begin("CartPole-v1");
    train("run");
    assert_ok(up_file_write(scratch("run/history.csv"), old, sizeof old - 1));
    assert_ok(resume(&t, "run", "train.steps", "2048"));
    up_train_destroy(t);
    assert_ok(up_file_read(scratch("run/history.csv"), &text, &size));
    assert_string_equal(text, "step,option,before,after\n"
                              "512,ppo.clip,0.2,0.1\n"
                              "1024,optim.learning_rate,0.5,0.0003\n"
                              "1024,train.steps,1024,2048\n");
    free(text);
}

// --- the best by one measure is no best by another

static void test_best(void **state) {
    (void)state;
    UpTrainer *t;
    begin("CartPole-v1");
    set("train.steps", "8192");
    train("run");
    assert_ok(resume(&t, "run", "train.steps", "9216"));
    assert_true(isfinite(t->best_return));
    up_train_destroy(t);
    assert_ok(resume(&t, "run", "eval.every", "512"));
    assert_true(t->best_return == -INFINITY);
    up_train_destroy(t);
}

// --- rows

static void go_ahead(const char *path, const char *key) {
    UpTensorFile file;
    assert_ok(up_tensors_read(path, &file));
    assert_non_null(up_tensors_meta(&file, key));
    for (int i = 0; i < file.metas; i++)
        if (strcmp(file.meta[i].key, key) == 0) file.meta[i].value = "1125899906842624";
    assert_ok(up_tensors_write(path, file.tensor, file.tensors, file.meta, file.metas));
    up_tensors_free(&file);
}

static void test_rows(void **state) {
    (void)state;
    static const char *const names[] = {"row.steps", "point.steps"};
    for (int i = 0; i < 2; i++) {
        UpTrainer *t;
        char folder[16], path[600];
        snprintf(folder, sizeof folder, "run%d", i);
        begin("CartPole-v1");
        train(folder);
        snprintf(path, sizeof path, "%s/checkpoints/000000001024.safetensors", scratch(folder));
        go_ahead(path, names[i]);
        assert_ok(resume(&t, folder, "train.steps", "2048"));
        assert_int_equal(t->row.steps, 1024);
        assert_int_equal(t->point.steps, 1024);
        up_train_destroy(t);
    }
}

// --- sparse observations: entries beyond the observation would be written behind an array later

static void beyond(void *data) {
    memset(data, 0xFF, 2);
}

static void test_sparse(void **state) {
    (void)state;
    UpTrainer *t;
    UpTensorFile file;
    char path[1200], folder[300];
    snprintf(path, sizeof path, "%s/old/sparse.safetensors", UP_TEST_DATA);
    assert_ok(up_tensors_read(path, &file));
    const char *text = up_tensors_meta(&file, "config");
    snprintf(folder, sizeof folder, "%s/checkpoints", scratch("sparse"));
    assert_ok(up_folder_create(folder));
    assert_ok(up_file_write(scratch("sparse/config.ini"), text, strlen(text)));
    up_tensors_free(&file);
    change(path, scratch("sparse/checkpoints/000000000001.safetensors"), "rollout.obs_entries",
           beyond);
    assert_int_equal(resume(&t, "sparse", NULL, NULL), UP_FORMAT);
    if (!strstr(up_error(), "observations are damaged")) fail_msg("%s", up_error());
}

// --- a checkpoint that does not say what its environment is like: that is asked, but runs no code

static UpStatus load_with_id(const char *id) {
    static UpConfig read;
    UpTensorFile file;
    UpPolicy policy;
    char path[1200], text[8192];
    begin("CartPole-v1");
    train("run");
    snprintf(path, sizeof path, "%s", scratch("run/checkpoints/000000001024.safetensors"));
    assert_ok(up_tensors_read(path, &file));
    UpMeta meta[32];
    int metas = 0;
    for (int i = 0; i < file.metas; i++) {
        if (strncmp(file.meta[i].key, "space.", 6) == 0) continue;
        meta[metas++] = file.meta[i];
        if (strcmp(file.meta[i].key, "config") != 0) continue;
        const char *at = strstr(file.meta[i].value, "id = CartPole-v1");
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*sid = %s%s", (int)(at - file.meta[i].value),
                 file.meta[i].value, id, at + strlen("id = CartPole-v1"));
        meta[metas - 1].value = text;
    }
    assert_true(metas < file.metas);
    snprintf(path, sizeof path, "%s", scratch("bare.safetensors"));
    assert_ok(up_tensors_write(path, file.tensor, file.tensors, meta, metas));
    up_tensors_free(&file);
    UpStatus status = up_policy_load(&policy, &read, path);
    if (status == UP_OK) up_policy_destroy(&policy);
    return status;
}

static void test_trust(void **state) {
    (void)state;
    static const char *const ids[] = {"./evil.so", "./evil.so:Evil-v0", "package:Evil-v0"};
    assert_ok(load_with_id("CartPole-v1"));
    for (int i = 0; i < 3; i++) {
        scratch_teardown(NULL);
        scratch_setup(NULL);
        assert_int_equal(load_with_id(ids[i]), UP_UNSUPPORTED);
        if (!strstr(up_error(), ids[i]) || !strstr(up_error(), "which is not opened for it"))
            fail_msg("%s", up_error());
    }
}

// --- weights that are not finite

static void lose(void *data) {
    const float nan = NAN;
    memcpy(data, &nan, sizeof nan);
}

static void test_not_finite(void **state) {
    (void)state;
    static UpConfig read;
    UpPolicy policy;
    begin("CartPole-v1");
    train("run");
    char path[600];
    snprintf(path, sizeof path, "%s", scratch("run/checkpoints/000000001024.safetensors"));
    change(path, path, "policy.0.bias", lose);
    assert_int_equal(up_policy_load(&policy, &read, path), UP_NUMERIC);
    if (!strstr(up_error(), "not finite")) fail_msg("%s", up_error());
}

// --- who makes a film says so to the environment

static bool for_pictures;

static UpStatus create_seen(UpEnv **env, const UpEnvDef *def, int instances) {
    UpEnvDef cartpole = *def;
    for_pictures |= def->pictures;
    strcpy(cartpole.id, "CartPole-v1");
    return up_env_create(env, &cartpole, instances);
}

static void test_film(void **state) {
    (void)state;
    begin("test/Seen-v0");
    train("plain");
    assert_false(for_pictures);
    set("train.film_every", "512");
    train("filmed");
    assert_true(for_pictures);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    static const UpEnvInfo seen = {"test/Seen-v0", "CartPole, watched", create_seen};
    if (up_env_register(&seen) != UP_OK) return 1;
    const struct CMUnitTest tests[] = {
        TEST(test_history), TEST(test_best),       TEST(test_rows), TEST(test_sparse),
        TEST(test_trust),   TEST(test_not_finite), TEST(test_film),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
