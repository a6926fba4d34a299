// What a checkpoint holds: those of older versions load whole, and nothing that must last is
// forgotten.
#include "scratch.h"

#include <math.h>

#include "train/trainer.h"

// A run directory whose only checkpoint is data/old/NAME.safetensors.
static const char *old_run(const char *name) {
    char path[1200], folder[300];
    UpTensorFile file;
    snprintf(path, sizeof path, "%s/old/%s.safetensors", UP_TEST_DATA, name);
    assert_ok(up_tensors_read(path, &file));
    snprintf(folder, sizeof folder, "%s", scratch(name));
    snprintf(path, sizeof path, "%s/checkpoints", folder);
    assert_ok(up_folder_create(path));
    const char *config = up_tensors_meta(&file, "config");
    assert_non_null(config);
    snprintf(path, sizeof path, "%s/config.ini", folder);
    assert_ok(up_file_write(path, config, strlen(config)));
    snprintf(path, sizeof path, "%s/checkpoints/000000000001.safetensors", folder);
    assert_ok(up_tensors_write(path, file.tensor, file.tensors, file.meta, file.metas));
    up_tensors_free(&file);
    return scratch(name);
}

static bool same_text(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

// Loaded and saved again, every tensor and every number is the same.
static void check_old(const char *name) {
    static const size_t size[] = {4, 8, 1, 2, 4, 8, 8};
    UpConfig config;
    UpTrainer *t;
    UpTensorFile before, after;
    char path[1200];
    const char *folder = old_run(name);
    assert_ok(up_train_config(&config, folder));
    assert_ok(up_train_resume(&t, &config, folder));
    assert_ok(up__checkpoint_save(t));
    snprintf(path, sizeof path, "%s/checkpoints/%012lld.safetensors", t->folder,
             (long long)t->progress.steps);
    assert_ok(up_tensors_read(path, &after));
    snprintf(path, sizeof path, "%s/old/%s.safetensors", UP_TEST_DATA, name);
    assert_ok(up_tensors_read(path, &before));
    assert_true(before.tensors > 8 && after.tensors >= before.tensors);
    for (int i = 0; i < before.tensors; i++) {
        const UpTensor *a = &before.tensor[i], *b = up_tensors_find(&after, a->name);
        if (!b || up_tensor_count(a) != up_tensor_count(b) || a->type != b->type ||
            memcmp(a->data, b->data, (size_t)up_tensor_count(a) * size[a->type]) != 0)
            fail_msg("%s: tensor %s is not what it was", name, a->name);
    }
    for (int i = 0; i < before.metas; i++) {
        const char *key = before.meta[i].key;
        if (strcmp(key, "crc32") != 0 && strcmp(key, "config") != 0 &&
            !same_text(before.meta[i].value, up_tensors_meta(&after, key)))
            fail_msg("%s: %s is not what it was", name, key);
    }
    up_tensors_free(&before);
    up_tensors_free(&after);
    up_train_destroy(t);
}

// Stacks with statistics of observations and returns; sparse observations; a learned value with its
// own optimiser; action masks; a running average.
static void test_old(void **state) {
    (void)state;
    static const char *const names[] = {"stack", "sparse", "value", "masks", "average"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_old(names[i]);
}

// The baseline `average` goes on from where it was.
static void test_average(void **state) {
    (void)state;
    UpConfig config;
    UpTrainer *t;
    const char *folder = old_run("average");
    assert_ok(up_train_config(&config, folder));
    assert_ok(up_train_resume(&t, &config, folder));
    assert_true(t->learner.average_return > 1);
    up_train_destroy(t);
}

// A stream that would never end to draw is damage.
static void test_streams(void **state) {
    (void)state;
    static UpKeep keep;
    static UpSaving saving;
    UpArena arena = {0};
    UpTensorFile file;
    UpRng rng = {0};
    up_keep_random(&keep, "random.shuffle", &rng, 1);
    assert_ok(up_keep_save(&keep, &saving, &arena));
    assert_ok(up_tensors_write(scratch("zeros"), saving.tensor, saving.tensors, saving.meta,
                               saving.metas));
    assert_ok(up_tensors_read(scratch("zeros"), &file));
    assert_int_equal(up_keep_load(&keep, &file), UP_FORMAT);
    up_tensors_free(&file);
    up_arena_free(&arena);
}

// More than there is room for is said, not dropped.
static void test_room(void **state) {
    (void)state;
    static UpKeep keep;
    static UpSaving saving;
    UpArena arena = {0};
    int64_t number = 0;
    for (int i = 0; i <= UP_KEEP_MAX; i++)
        up_keep_int(&keep, "number", &number);
    assert_int_equal(up_keep_save(&keep, &saving, &arena), UP_UNSUPPORTED);
    up_arena_free(&arena);
}

// What another version did not have, or had otherwise, stays as it is.
static void test_optional(void **state) {
    (void)state;
    static UpKeep old, new;
    static UpSaving saving;
    UpArena arena = {0};
    UpTensorFile file;
    double three[3] = {1, 2, 3}, four[4] = {4, 4, 4, 4}, real = 0.1, read = 5;
    char text[8] = "abc", other[8] = "xyz", tight[2] = "x";
    int64_t used = 2, got = 9, absent = 7;
    up_keep(&old, "three", UP_F64, three, 3);
    up_keep_some(&old, "some", UP_F64, three, &used, 3);
    up_keep_real(&old, "real", &real);
    up_keep_text(&old, "text", text, sizeof text);
    assert_ok(up_keep_save(&old, &saving, &arena));
    assert_ok(up_tensors_write(scratch("kept"), saving.tensor, saving.tensors, saving.meta,
                               saving.metas));
    assert_ok(up_tensors_read(scratch("kept"), &file));
    up_keep(&new, "three", UP_F64, four, 4)->optional = true;
    up_keep_int(&new, "absent", &absent)->optional = true;
    up_keep_text(&new, "text", tight, sizeof tight)->optional = true;
    up_keep_text(&new, "text", other, sizeof other);
    up_keep_real(&new, "real", &read);
    assert_ok(up_keep_load(&new, &file));
    assert_true(four[0] == 4 && absent == 7 && read == 0.1 && tight[0] == 'x');
    assert_string_equal(other, "abc");
    up_keep_some(&new, "some", UP_F64, four, &got, 4);
    assert_ok(up_keep_load(&new, &file));
    assert_true(got == 2 && four[1] == 2 && four[2] == 4);
    up_keep(&new, "three", UP_F64, four, 4);
    assert_int_equal(up_keep_load(&new, &file), UP_MISMATCH);
    up_tensors_free(&file);
    up_arena_free(&arena);
}

// A file that asks for a network larger than itself is refused before one is made.
static void test_enormous(void **state) {
    (void)state;
    char path[1200], config[8192];
    UpTensorFile file;
    UpPolicy policy;
    UpConfig loaded;
    snprintf(path, sizeof path, "%s/old/value.safetensors", UP_TEST_DATA);
    assert_ok(up_tensors_read(path, &file));
    for (int i = 0; i < file.metas; i++) {
        if (strcmp(file.meta[i].key, "config") != 0) continue;
        const char *text = file.meta[i].value, *hidden = strstr(text, "hidden = 8\n");
        assert_non_null(hidden);
        snprintf(config, sizeof config, "%.*shidden = 20000,20000\n%s", (int)(hidden - text), text,
                 hidden + strlen("hidden = 8\n"));
        file.meta[i].value = config;
    }
    assert_ok(up_tensors_write(scratch("enormous.safetensors"), file.tensor, file.tensors,
                               file.meta, file.metas));
    up_tensors_free(&file);
    alarm(5); // it took hours
    assert_int_equal(up_policy_load(&policy, &loaded, scratch("enormous.safetensors")),
                     UP_MISMATCH);
    alarm(0);
    assert_non_null(strstr(up_error(), "weights is asked for, and the file holds"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old),     cmocka_unit_test(test_average),
        cmocka_unit_test(test_room),    cmocka_unit_test(test_optional),
        cmocka_unit_test(test_streams), cmocka_unit_test(test_enormous)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
