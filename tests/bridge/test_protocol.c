// The parent's side of the worker protocol, against fake_worker.py, which needs no package: what
// travels, how workers start, and that they end with their parent.
#include "fake.h"

#include <signal.h>
#include <sys/wait.h>

static void test_batch(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "length=3", 5, 2));
    assert_string_equal(b.env->spec.id, "gym:Fake-v0");
    assert_int_equal(b.env->spec.obs.size, DIM);
    assert_int_equal(b.env->spec.action.n, 7);
    assert_int_equal(b.env->spec.max_episode_steps, 100);
    assert_true(b.env->spec.reward_threshold == 9.5 && b.env->spec.frames_per_second == 25);
    assert_ok(bridged_seed(&b, 10));
    for (int i = 0; i < 5; i++)
        assert_row(&b.step.obs, i, 10 + i, 0, 0, 0);
    assert_int_equal(row(&b.step.obs, 0)[PID], row(&b.step.obs, 2)[PID]); // 3 and 2 instances
    assert_int_not_equal(row(&b.step.obs, 2)[PID], row(&b.step.obs, 3)[PID]);
    for (int t = 1; t <= 9; t++) {
        assert_ok(step_all(&b, t));
        int episode = (t - 1) / 3, steps = (t - 1) % 3 + 1;
        for (int i = 0; i < 5; i++) {
            bool ended = steps == 3;
            assert_true(b.step.reward[i] == (i + t) % 7 + steps / 100.0);
            assert_int_equal(b.step.truncated[i], ended && episode % 2 == 0);
            assert_int_equal(b.step.terminated[i], ended && episode % 2 == 1);
            if (ended) assert_row(&b.step.final_obs, i, 10 + i, episode, 3, (i + t) % 7);
            if (ended)
                assert_row(&b.step.obs, i, 10 + i, episode + 1, 0, 0);
            else
                assert_row(&b.step.obs, i, 10 + i, episode, steps, (i + t) % 7);
        }
    }
    assert_ok(up_env_reset(b.env, NULL, b.step.obs)); // goes on with the same streams
    assert_row(&b.step.obs, 4, 14, 4, 0, 0);
    assert_int_equal(warnings, 0);
    bridged_destroy(&b);
}

static void test_idle_instances_are_left_alone(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "length=9", 4, 2));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    b.active[1] = b.active[2] = b.active[3] = 0; // worker 1 has nothing to do at all
    b.step.obs.f32[1 * DIM] = -7;
    b.step.reward[2] = -7;
    assert_ok(step_all(&b, 0));
    assert_row(&b.step.obs, 0, 0, 0, 2, 0);
    assert_true(b.step.obs.f32[1 * DIM] == -7 && b.step.reward[2] == -7);
    memset(b.active, 1, 4);
    assert_ok(step_all(&b, 0));
    assert_row(&b.step.obs, 0, 0, 0, 3, 0);
    assert_row(&b.step.obs, 1, 1, 0, 2, 1);
    assert_row(&b.step.obs, 3, 3, 0, 2, 3);
    bridged_destroy(&b);
}

// Masks arrive as 0 and 1, whatever a worker writes, and names fit for the head of a table.
static void test_masks_and_parts(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "length=3;mask=1;parts=1", 4, 2));
    const UpSpace *obs = &b.env->spec.obs;
    assert_int_equal(b.env->spec.mask_size, 7);
    assert_int_equal(obs->parts, 2);
    assert_string_equal(obs->part[0].name, "who__what");
    assert_true(obs->part[1].first == 2 && obs->part[1].size == 4);
    assert_ok(bridged_seed(&b, 0));
    for (int t = 0; t < 5; t++) {
        for (int i = 0; i < 4; i++)
            for (int a = 0; a < 7; a++)
                assert_int_equal(b.step.obs.mask[7 * i + a], a != t % 3);
        assert_ok(step_all(&b, t));
    }
    bridged_destroy(&b);
}

static void test_images(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "kind=image", 3, 2));
    assert_int_equal(b.env->spec.obs_form, UP_OBS_U8);
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    const uint8_t *image = b.step.obs.u8 + 2 * 96000;
    for (int at = 0; at < 96000; at += 37)
        assert_int_equal(image[at], (1 + at / 480 + at / 3 % 160 + at % 3) % 256);
    UpImage picture = {0};
    assert_ok(up_env_render(b.env, 2, &picture));
    assert_true(picture.width == 4 && picture.height == 3);
    uint8_t rgb[36] = {0};
    picture.rgb = rgb;
    assert_ok(up_env_render(b.env, 1, &picture));
    assert_int_equal(rgb[35], 1); // the second of worker 0
    picture.width = 5;
    assert_int_equal(up_env_render(b.env, 1, &picture), UP_MISMATCH);
    bridged_destroy(&b);
}

// The worker sends image[35:195:2, ::2, 0] only; what is made of it must equal the whole image's
// way.
static void test_view(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def("gym:Fake-v0", "kind=image;length=4", 1);
    def.preprocess = UP_PREPROCESS_PONG80;
    assert_ok(bridged_create(&b, &def, 2));
    assert_int_equal(b.env->spec.obs_form, UP_OBS_SPARSE);
    assert_ok(bridged_seed(&b, 0));
    assert_int_equal(b.step.obs.count[1], 0);
    assert_ok(step_all(&b, 0));
    uint32_t expected = 0;
    const UpSparseEntry *entry = b.step.obs.entry + b.step.obs.begin[1];
    for (int p = 0; p < 6400; p++) {
        int before = (35 + p / 80 * 2 + p % 80 * 2) % 256, now = (before + 1) % 256;
        bool was = before != 0 && before != 144 && before != 109;
        bool is = now != 0 && now != 144 && now != 109;
        if (was != is) assert_int_equal(entry[expected++], 2 * p + was);
    }
    assert_int_equal(b.step.obs.count[1], expected);
    for (int t = 2; t <= 4; t++)
        assert_ok(step_all(&b, 0));
    assert_int_equal(b.step.truncated[0], 1);
    assert_true(b.step.final_obs.count[0] > 0);
    assert_int_equal(b.step.obs.count[0], 0); // the first frame of an episode has none before it
    bridged_destroy(&b);
}

// ---------------------------------------------------------------------------------------------------
// Start

static void test_start_failures(void **state) {
    (void)state;
    static const struct {
        const char *options;
        UpStatus status;
        const char *message;
    } row[] = {
        {"refuse=1", UP_UNKNOWN, "gym:Fake-v0: refused as asked"},
        {"refuse=2", UP_NOT_FOUND, "gym:Fake-v0: refused as asked"},
        {"refuse=3", UP_UNSUPPORTED, "gym:Fake-v0: refused as asked"},
        {"refuse=4", UP_USAGE, "gym:Fake-v0: refused as asked"},
        {"refuse=5", UP_ENVIRONMENT, "gym:Fake-v0: refused as asked"},
        {"refuse=77", UP_ENVIRONMENT, "gym:Fake-v0: refused as asked"},
        {"start_exit=0;worker=1", UP_ENVIRONMENT,
         "gym:Fake-v0: worker 1 exited with code 1: cannot start, no fuel"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        Bridged b;
        assert_int_equal(start(&b, row[i].options, 3, 2), row[i].status);
        assert_null(b.env);
        assert_string_equal(up_error(), row[i].message);
    }
}

static void test_paths(void **state) {
    (void)state;
    Bridged b;
    char worker[512], *path = strdup(getenv("PATH"));
    snprintf(worker, sizeof worker, "%s", getenv("UPHILL_WORKER"));
    setenv("UPHILL_WORKER", "/nowhere/worker.py", 1);
    assert_int_equal(start(&b, "", 1, 1), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "UPHILL_WORKER is /nowhere/worker.py"));
    setenv("UPHILL_WORKER", "/bin/false", 1); // not Python: executed itself
    assert_int_equal(start(&b, "", 1, 1), UP_ENVIRONMENT);
    assert_non_null(strstr(up_error(), "exited with code 1"));
    setenv("UPHILL_WORKER", worker, 1);
    setenv("UPHILL_PYTHON", "/nowhere/python", 1);
    assert_int_equal(start(&b, "", 1, 1), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "UPHILL_PYTHON is /nowhere/python"));
    unsetenv("UPHILL_PYTHON");
    setenv("PATH", path, 1);
    free(path);
}

// ---------------------------------------------------------------------------------------------------
// Life

static void test_nothing_leaks(void **state) {
    (void)state;
    Bridged b;
    int files = scratch_entries("/proc/self/fd");
    assert_ok(start(&b, "", 6, 3));
    assert_ok(bridged_seed(&b, 0));
    int pid = (int)row(&b.step.obs, 0)[PID];
    bridged_destroy(&b);
    assert_int_equal(scratch_entries("/proc/self/fd"), files);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(start(&b, "start_exit=0;worker=1", 2, 2), UP_ENVIRONMENT);
    assert_int_equal(scratch_entries("/proc/self/fd"), files);
}

static bool is_alive(int pid) {
    for (int tries = 0; tries < 100; tries++) {
        char path[64], text[256] = "";
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE *file = fopen(path, "r");
        bool gone = !file || !fgets(text, sizeof text, file) || strstr(text, ") Z ");
        if (file) fclose(file);
        if (gone) return false;
        usleep(20000);
    }
    return true;
}

// A parent that is killed takes its workers along: one that waits, and one that is stopped.
static void test_workers_die_with_the_parent(void **state) {
    (void)state;
    int pipes[2], pid[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t parent = fork();
    if (parent == 0) {
        Bridged b;
        if (start(&b, "", 2, 2) != UP_OK || bridged_seed(&b, 0) != UP_OK) _exit(1);
        for (int i = 0; i < 2; i++)
            pid[i] = (int)row(&b.step.obs, i)[PID];
        kill(pid[1], SIGSTOP);
        if (write(pipes[1], pid, sizeof pid) != sizeof pid) _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(pipes[0], pid, sizeof pid), sizeof pid);
    assert_int_equal(getpgid(pid[0]), pid[0]); // Ctrl-C does not reach it
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    assert_false(is_alive(pid[0]));
    assert_false(is_alive(pid[1]));
    close(pipes[0]);
    close(pipes[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_idle_instances_are_left_alone),
        cmocka_unit_test(test_masks_and_parts),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_start_failures),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_nothing_leaks),
        cmocka_unit_test(test_workers_die_with_the_parent),
    };
    if (!fake_ready()) return 77;
    return cmocka_run_group_tests(tests, fake_setup, scratch_teardown);
}
