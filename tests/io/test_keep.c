// What a checkpoint may say of a run's numbers: what no run comes to is damaged, and is not taken.
#include "../scratch.h"

#include "uphill/keep.h"

typedef struct Run {
    UpRng rng[2];
    int64_t age[2], steps;
    UpKeep keep;
} Run;

static void run_make(Run *run) {
    *run = (Run){.age = {5, 7}, .steps = 12};
    for (int i = 0; i < 2; i++)
        up_rng_stream(&run->rng[i], 1, UP_STREAM_POLICY, (uint32_t)i);
    up_keep_random(&run->keep, "random", run->rng, 2);
    up_keep_counts(&run->keep, "ages", run->age, 2);
    up_keep_int(&run->keep, "steps", &run->steps);
}

// Saves `bad` and loads it into a good one.
static UpStatus reload(const Run *bad, UpTensorFile *file) {
    UpSaving saving = {0};
    UpArena arena = {0};
    const char *path = scratch("a.safetensors");
    assert_ok(up_keep_save(&bad->keep, &saving, &arena));
    assert_ok(up_tensors_write(path, saving.tensor, saving.tensors, saving.meta, saving.metas));
    up_arena_free(&arena);
    assert_ok(up_tensors_read(path, file));
    Run good;
    run_make(&good);
    UpStatus status = up_keep_load(&good.keep, file);
    if (status == UP_OK) assert_memory_equal(good.rng, bad->rng, sizeof good.rng);
    assert_true(up_rng_possible(&good.rng[0]) && up_rng_possible(&good.rng[1]));
    assert_true(good.age[0] >= 0 && good.age[0] <= INT64_C(1) << 53);
    up_tensors_free(file);
    return status;
}

static void refused(const Run *bad, const char *name) {
    UpTensorFile file;
    assert_int_equal(reload(bad, &file), UP_FORMAT);
    if (!strstr(up_error(), name)) fail_msg("\"%s\" does not name %s", up_error(), name);
}

static void test_possible(void **state) {
    (void)state;
    Run run;
    UpTensorFile file;
    run_make(&run);
    assert_ok(reload(&run, &file));
    run.rng[1] = (UpRng){0}; // draws 0 for ever, and a shuffle waits for another number
    refused(&run, "random");
    run_make(&run);
    run.rng[0].has_half = 2;
    refused(&run, "random");
    const int64_t ages[] = {-1, INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1};
    for (int i = 0; i < 4; i++) {
        run_make(&run);
        run.age[0] = ages[i];
        refused(&run, "ages");
        run_make(&run);
        run.steps = ages[i];
        refused(&run, "steps");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_possible, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
