// Workers that die, hang, raise or talk nonsense: each is named and replaced, its episodes are cut
// short, and the others do not notice.
#include "fake.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "core/clock.h"

// The last worker but two of `workers`, which have two instances each, fails at its third step: it
// is named, and within seconds there is another one.
static void failure(const char *how, const char *why, int workers, double timeout) {
    char options[200], text[300];
    int lost = workers > 2 ? workers - 3 : 1, first = 2 * lost, instances = 2 * workers;
    snprintf(options, sizeof options, "length=9;worker=%d;once=%s/%s%d;%s=2", lost, scratch_folder,
             how, workers, how);
    UpEnvDef def = bridged_def("gym:Fake-v0", options, workers);
    def.timeout = timeout;
    Bridged b;
    warnings = 0;
    assert_ok(bridged_create(&b, &def, instances));
    assert_ok(bridged_seed(&b, 50));
    for (int t = 0; t < 2; t++)
        assert_ok(step_all(&b, t));
    int pid = (int)row(&b.step.obs, first)[PID];
    double begin = up__clock();
    assert_ok(step_all(&b, 2));
    assert_true(up__clock() - begin < 12); // on a busy machine; else a fraction of it
    assert_int_equal(warnings, 1);
    snprintf(text, sizeof text, "gym:Fake-v0: worker %d (instances %d to %d) %s", lost, first,
             first + 1, why);
    if (strncmp(warned, text, strlen(text)) != 0) fail_msg("%s", warned);
    for (int i = 0; i < instances; i++) {
        bool cut = i / 2 == lost;
        assert_int_equal(b.step.truncated[i], cut);
        assert_int_equal(b.step.terminated[i], 0);
        if (!cut) {
            assert_row(&b.step.obs, i, 50 + i, 0, 3, (i + 2) % 7);
            continue;
        }
        // the last that was seen, though the worker had gone on already
        assert_row(&b.step.final_obs, i, 50 + i, 0, 2, (i + 1) % 7);
        assert_int_equal(row(&b.step.obs, i)[STEPS], 0);
        assert_int_not_equal(row(&b.step.obs, i)[SEED], 50 + i);
        assert_true(b.step.reward[i] == 0);
    }
    assert_int_not_equal(row(&b.step.obs, first)[PID], pid);
    assert_int_not_equal(row(&b.step.obs, first)[SEED], row(&b.step.obs, first + 1)[SEED]);
    assert_int_equal(kill(pid, 0), -1); // nothing of it is left
    for (int t = 0; t < 3; t++)
        assert_ok(step_all(&b, t));
    assert_int_equal(row(&b.step.obs, first)[STEPS], 3);
    assert_int_equal(warnings, 1);
    bridged_destroy(&b);
}

static void test_exit(void **state) {
    (void)state;
    failure("exit", "exited with code 3: last words;", 2, 20);
}

static void test_kill(void **state) {
    (void)state;
    failure("kill", "was killed by signal 9 (Killed);", 8, 20);
}

static void test_raise(void **state) {
    (void)state;
    failure("raise", "raised ValueError: seven is not a colour;", 8, 20);
}

static void test_hang(void **state) {
    (void)state;
    failure("hang", "did not answer for 1 s;", 2, 1);
    failure("stop", "was stopped by a signal;", 8, 20); // noticed long before the time is up
}

static void test_nonsense(void **state) {
    (void)state;
    failure("babble", "wrote 1 bytes that are no answer into descriptor 3", 2, 20);
    failure("forge", "wrote 8 bytes that are no answer into descriptor 3", 2, 20);
    failure("close", "closed its channel", 2, 20);
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

// A worker raises while some of its instances begin anew: those do so in its successor, the others'
// episodes are reported as lost at their next step.
static void test_restart_of_a_lost_worker(void **state) {
    (void)state;
    Bridged b;
    char options[200], once[96];
    snprintf(once, sizeof once, "%s/restart", scratch_folder);
    snprintf(options, sizeof options, "length=9;worker=0;raise_reset=0;once=%s", once);
    close(open(once, O_CREAT | O_WRONLY, 0600)); // not at the first reset
    assert_ok(start(&b, options, 4, 2));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    unlink(once);
    assert_ok(up_env_restart(b.env, (uint8_t[]){0, 1, 1, 0}, b.step.obs));
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warned, "no reset today"));
    assert_row(&b.step.obs, 0, 0, 0, 1, 0); // as it was
    assert_int_equal(row(&b.step.obs, 1)[STEPS], 0);
    assert_row(&b.step.obs, 2, 2, 1, 0, 0);
    assert_row(&b.step.obs, 3, 3, 0, 1, 3);
    assert_ok(step_all(&b, 0));
    assert_true(b.step.truncated[0] && !b.step.truncated[1] && !b.step.truncated[2]);
    assert_row(&b.step.final_obs, 0, 0, 0, 1, 0);
    assert_int_equal(row(&b.step.obs, 1)[STEPS], 1);
    assert_row(&b.step.obs, 3, 3, 0, 2, 3);
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
    assert_int_equal(warnings, 1); // the second reads like the first
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
    assert_int_equal(warnings, 1);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_raise),
        cmocka_unit_test(test_hang),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_fresh_seeds_repeat),
        cmocka_unit_test(test_idle_instance_of_a_lost_worker),
        cmocka_unit_test(test_restart_of_a_lost_worker),
        cmocka_unit_test(test_idle_instance_of_two_lost_workers),
        cmocka_unit_test(test_memory_cannot_shrink),
        cmocka_unit_test(test_gives_up),
        cmocka_unit_test(test_output_is_swallowed),
    };
    if (!fake_ready()) return 77;
    return cmocka_run_group_tests(tests, fake_setup, scratch_teardown);
}
