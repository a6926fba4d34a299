// The parent's side of the worker protocol, against fake_worker.py, which needs no package.
#include "bridged.h"

#include <signal.h>
#include <sys/wait.h>

enum { SEED, EPISODE, STEPS, ACTION, PID, RESETS, DIM };

static const float *row(const UpObs *obs, int i) {
    return obs->f32 + (int64_t)i * DIM;
}

static void assert_row(const UpObs *obs, int i, int seed, int episode, int steps, int action) {
    const float *values = row(obs, i);
    assert_int_equal(values[SEED], seed);
    assert_int_equal(values[EPISODE], episode);
    assert_int_equal(values[STEPS], steps);
    assert_int_equal(values[ACTION], action);
}

// Steps with action i + add in instance i.
static UpStatus step_all(Bridged *b, int add) {
    for (int i = 0; i < b->env->instances; i++)
        b->action[i] = (float)((i + add) % 7);
    return up_env_step(b->env, &b->step);
}

static UpStatus start(Bridged *b, const char *options, int instances, int workers) {
    UpEnvDef def = bridged_def("gym:Fake-v0", options, workers);
    warnings = 0;
    warned[0] = 0;
    return bridged_create(b, &def, instances);
}

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
// Failures

// Instances 0 and 1 are worker 0's, 2 and 3 worker 1's, which fails at its third step.
static void failure(const char *how, const char *why, double timeout) {
    char options[200], text[300];
    snprintf(options, sizeof options, "length=9;worker=1;once=%s/%s;%s=2", scratch_folder, how,
             how);
    UpEnvDef def = bridged_def("gym:Fake-v0", options, 2);
    def.timeout = timeout;
    Bridged b;
    warnings = 0;
    assert_ok(bridged_create(&b, &def, 4));
    assert_ok(bridged_seed(&b, 50));
    for (int t = 0; t < 2; t++)
        assert_ok(step_all(&b, t));
    int pid = (int)row(&b.step.obs, 3)[PID];
    assert_ok(step_all(&b, 2));
    assert_int_equal(warnings, 1);
    snprintf(text, sizeof text, "gym:Fake-v0: worker 1 (instances 2 to 3) %s", why);
    if (strncmp(warned, text, strlen(text)) != 0) fail_msg("%s", warned);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(b.step.truncated[i], i >= 2);
        assert_int_equal(b.step.terminated[i], 0);
        if (i < 2) assert_row(&b.step.obs, i, 50 + i, 0, 3, i + 2);
        // the last that was seen, though the worker had gone on already
        if (i >= 2) assert_row(&b.step.final_obs, i, 50 + i, 0, 2, i + 1);
        if (i >= 2) assert_int_equal(row(&b.step.obs, i)[STEPS], 0);
        if (i >= 2) assert_int_not_equal(row(&b.step.obs, i)[SEED], 50 + i);
        if (i >= 2) assert_true(b.step.reward[i] == 0);
    }
    assert_int_not_equal(row(&b.step.obs, 3)[PID], pid);
    assert_int_not_equal(row(&b.step.obs, 2)[SEED], row(&b.step.obs, 3)[SEED]);
    assert_int_equal(kill(pid, 0), -1); // nothing of it is left
    for (int t = 0; t < 3; t++)
        assert_ok(step_all(&b, t));
    assert_int_equal(row(&b.step.obs, 3)[STEPS], 3);
    assert_int_equal(warnings, 1);
    bridged_destroy(&b);
}

static void test_exit(void **state) {
    (void)state;
    failure("exit", "exited with code 3: last words;", 20);
}

static void test_kill(void **state) {
    (void)state;
    failure("kill", "was killed by signal 9 (Killed);", 20);
}

static void test_raise(void **state) {
    (void)state;
    failure("raise", "raised ValueError: seven is not a colour;", 20);
}

static void test_hang(void **state) {
    (void)state;
    failure("hang", "did not answer for 1 s;", 1);
    failure("stop", "did not answer for 1 s;", 1);
}

static void test_nonsense(void **state) {
    (void)state;
    failure("babble", "answered with byte 63;", 20);
    failure("close", "closed its channel", 20);
}

// The same failure at the same step gives the same new episodes.
static void test_fresh_seeds_repeat(void **state) {
    (void)state;
    float seed[2][2];
    for (int run = 0; run < 2; run++) {
        Bridged b;
        char options[200];
        snprintf(options, sizeof options, "once=%s/again%d;kill=1", scratch_folder, run);
        assert_ok(start(&b, options, 2, 1));
        assert_ok(bridged_seed(&b, 3));
        assert_ok(step_all(&b, 0));
        assert_ok(step_all(&b, 0));
        for (int i = 0; i < 2; i++)
            seed[run][i] = row(&b.step.obs, i)[SEED];
        bridged_destroy(&b);
    }
    assert_memory_equal(seed[0], seed[1], sizeof seed[0]);
}

static void test_idle_instance_of_a_lost_worker(void **state) {
    (void)state;
    Bridged b;
    char options[200];
    snprintf(options, sizeof options, "length=9;once=%s/idle;kill=1", scratch_folder);
    assert_ok(start(&b, options, 2, 1));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    b.active[1] = 0;
    assert_ok(step_all(&b, 0));
    assert_true(b.step.truncated[0] == 1 && b.step.truncated[1] == 0);
    assert_row(&b.step.obs, 1, 1, 0, 1, 1); // untouched
    b.active[1] = 1;
    assert_ok(step_all(&b, 3));
    assert_int_equal(row(&b.step.obs, 0)[STEPS], 1);
    assert_int_equal(b.step.truncated[1], 1);
    assert_row(&b.step.final_obs, 1, 1, 0, 1, 1);
    assert_int_equal(row(&b.step.obs, 1)[STEPS], 0);
    assert_ok(step_all(&b, 3));
    assert_int_equal(row(&b.step.obs, 1)[STEPS], 1);
    bridged_destroy(&b);
}

// Two workers die in turn while instance 1 sits idle: its last observation is the one it showed at
// first.
static void test_idle_instance_of_two_lost_workers(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "length=9;kill=1", 2, 1)); // each dies at its second step
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    b.active[1] = 0;
    for (int t = 0; t < 3; t++)
        assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 2);
    assert_int_equal(b.step.truncated[0], 1);
    b.active[1] = 1;
    assert_ok(step_all(&b, 0));
    assert_int_equal(b.step.truncated[1], 1);
    assert_row(&b.step.final_obs, 1, 1, 0, 1, 1);
    bridged_destroy(&b);
}

// A memory that became shorter would kill this process with SIGBUS.
static void test_memory_cannot_shrink(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "shrink=-1", 2, 1));
    assert_ok(bridged_seed(&b, 0));
    for (int t = 0; t < 3; t++)
        assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 0);
    bridged_destroy(&b);
}

static void test_gives_up(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "exit=0", 2, 1));
    assert_ok(bridged_seed(&b, 0));
    UpStatus status = UP_OK;
    for (int t = 0; t < 10 && status == UP_OK; t++)
        status = step_all(&b, 0);
    assert_int_equal(status, UP_ENVIRONMENT);
    assert_int_equal(warnings, 3);
    assert_non_null(strstr(up_error(),
                           "worker 0 (instances 0 to 1) exited with code 3: last words; "
                           "gave up after 3 restarts"));
    bridged_destroy(&b);
    assert_ok(start(&b, "raise_reset=0", 1, 1));
    assert_int_equal(bridged_seed(&b, 0), UP_ENVIRONMENT);
    assert_non_null(strstr(up_error(), "no reset today"));
    bridged_destroy(&b);
}

// More output than a pipe holds must not block a worker.
static void test_output_is_swallowed(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "print=-1", 1, 1));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 0);
    bridged_destroy(&b);
}

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
// State

static void test_state(void **state) {
    (void)state;
    Bridged a, b;
    assert_ok(start(&a, "length=4", 5, 2));
    assert_ok(bridged_seed(&a, 70));
    for (int t = 0; t < 6; t++)
        assert_ok(step_all(&a, t));
    size_t size = a.env->vtable->state_size(a.env);
    assert_true(size > 0);
    void *bytes = malloc(size);
    a.env->vtable->state_save(a.env, bytes);

    assert_ok(start(&b, "length=4", 5, 3)); // other workers, same instances
    assert_ok(b.env->vtable->state_load(b.env, bytes, size));
    for (int t = 0; t < 9; t++) {
        assert_ok(step_all(&a, t));
        assert_ok(step_all(&b, t));
        for (int i = 0; i < 5; i++) {
            assert_memory_equal(row(&a.step.obs, i), row(&b.step.obs, i), PID * sizeof(float));
            assert_true(a.step.reward[i] == b.step.reward[i]);
            assert_int_equal(a.step.truncated[i], b.step.truncated[i]);
        }
    }
    assert_int_equal(b.env->vtable->state_load(b.env, bytes, size - 8), UP_FORMAT);
    assert_int_equal(b.env->vtable->state_load(b.env, bytes, 20), UP_MISMATCH);
    ((unsigned char *)bytes)[8] ^= 1;
    assert_int_equal(b.env->vtable->state_load(b.env, bytes, size), UP_MISMATCH);
    ((unsigned char *)bytes)[8] ^= 1;
    unsigned chance = 1;
    for (int k = 0; k < 300; k++) { // damage ends in an error or in another game, never in a crash
        chance = chance * 1103515245 + 12345;
        size_t at = chance / 65536 % size;
        ((unsigned char *)bytes)[at] ^= 0x80;
        if (b.env->vtable->state_load(b.env, bytes, size) != UP_OK) assert_ok(step_all(&b, 0));
        ((unsigned char *)bytes)[at] ^= 0x80;
    }
    free(bytes);
    bridged_destroy(&a);
    bridged_destroy(&b);
}

// The checkpoint is written all the same; the games of the lost worker are new ones in it.
static void test_worker_dies_while_it_saves(void **state) {
    (void)state;
    Bridged b;
    char options[200];
    snprintf(options, sizeof options, "length=9;worker=1;once=%s/save;kill_save=0", scratch_folder);
    assert_ok(start(&b, options, 4, 2));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    assert_true(b.env->vtable->state_size(b.env) > 0);
    assert_int_equal(warnings, 1);
    assert_ok(step_all(&b, 0));
    assert_row(&b.step.obs, 0, 0, 0, 2, 0);
    assert_true(!b.step.truncated[1] && b.step.truncated[2] && b.step.truncated[3]);
    assert_row(&b.step.final_obs, 3, 3, 0, 1, 3);
    bridged_destroy(&b);
    assert_ok(start(&b, "kill_save=0", 1, 1)); // always
    assert_ok(bridged_seed(&b, 0));
    assert_int_equal(b.env->vtable->state_size(b.env), 0);
    assert_non_null(strstr(up_error(), "gave up after 3 restarts"));
    bridged_destroy(&b);
}

static void test_state_is_optional(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "nosave=1", 1, 1));
    assert_null(b.env->vtable->state_size);
    bridged_destroy(&b);
    static const char *const damage[] = {"badsave=1", "longblob=1"};
    for (int i = 0; i < 2; i++) {
        assert_ok(start(&b, damage[i], 2, 1));
        assert_ok(bridged_seed(&b, 0));
        assert_int_equal(b.env->vtable->state_size(b.env), 0);
        assert_ok(step_all(&b, 0));
        bridged_destroy(&b);
    }
    UpImage image = {0};
    assert_ok(start(&b, "bigframe=1", 1, 1));
    assert_int_equal(up_env_render(b.env, 0, &image), UP_ENVIRONMENT);
    bridged_destroy(&b);
    assert_ok(start(&b, "raise_frame=0", 1, 1));
    assert_ok(bridged_seed(&b, 0));
    assert_int_equal(up_env_render(b.env, 0, &image), UP_ENVIRONMENT);
    assert_non_null(strstr(up_error(), "no picture"));
    assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 0);
    bridged_destroy(&b);
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

static int setup(void **state) {
    setenv("UPHILL_WORKER", UP_SOURCE_DIR "/tests/bridge/fake_worker.py", 1);
    up_set_warn(note_warning, NULL);
    return scratch_setup(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_idle_instances_are_left_alone),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_exit),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_raise),
        cmocka_unit_test(test_hang),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_fresh_seeds_repeat),
        cmocka_unit_test(test_idle_instance_of_a_lost_worker),
        cmocka_unit_test(test_idle_instance_of_two_lost_workers),
        cmocka_unit_test(test_memory_cannot_shrink),
        cmocka_unit_test(test_gives_up),
        cmocka_unit_test(test_output_is_swallowed),
        cmocka_unit_test(test_start_failures),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_worker_dies_while_it_saves),
        cmocka_unit_test(test_state_is_optional),
        cmocka_unit_test(test_nothing_leaks),
        cmocka_unit_test(test_workers_die_with_the_parent),
    };
    setenv("UPHILL_WORKER", UP_SOURCE_DIR "/tests/bridge/fake_worker.py", 1);
    if (!python_has("")) {
        printf("skipped: there is no Python\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
