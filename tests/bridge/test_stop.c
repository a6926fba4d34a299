// A program that shall end does not wait for a worker that hangs, but for one that saves.
#include "fake.h"

#include <signal.h>
#include <sys/time.h>

#include "core/clock.h"
#include "uphill/stop.h"

static volatile sig_atomic_t stop;

static void ask(int number) {
    (void)number;
    stop = 1;
}

// Asks to stop a moment later, as Ctrl-C would.
static void ask_soon(void) {
    stop = 0;
    signal(SIGALRM, ask);
    struct itimerval soon = {.it_value = {.tv_usec = 200000}};
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
}

static void assert_stopped(UpStatus status, double begin, const char *whom) {
    char text[200];
    assert_int_equal(status, UP_INTERRUPTED);
    assert_true(up__clock() - begin < 10); // on a busy machine; else 1.2
    snprintf(text, sizeof text, "gym:Fake-v0: %s had not answered for ", whom);
    if (strncmp(up_error(), text, strlen(text)) != 0) fail_msg("%s", up_error());
    assert_string_equal(warned, up_error());
    assert_int_equal(warnings, 1);
}

static void test_step(void **state) {
    (void)state;
    Bridged b;
    char options[200];
    snprintf(options, sizeof options, "length=9;worker=1;once=%s/step;hang=1", scratch_folder);
    assert_ok(start(&b, options, 4, 2));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    ask_soon();
    double begin = up__clock();
    assert_stopped(step_all(&b, 0), begin, "worker 1 (instances 2 to 3)");
    stop = 0; // somebody who goes on all the same finds another worker in its place
    assert_ok(step_all(&b, 0));
    assert_true(!b.step.truncated[1] && b.step.truncated[2] && b.step.truncated[3]);
    bridged_destroy(&b);
}

static void test_reset(void **state) {
    (void)state;
    Bridged b;
    assert_ok(start(&b, "hang_reset=0", 1, 1));
    ask_soon();
    double begin = up__clock();
    assert_stopped(bridged_seed(&b, 0), begin, "worker 0 (instance 0)");
    bridged_destroy(&b);
}

static void test_saving(void **state) {
    (void)state;
    Bridged b;
    stop = 0;
    assert_ok(start(&b, "slow_save=1.5", 1, 1));
    assert_ok(bridged_seed(&b, 0));
    stop = 1;
    assert_true(b.env->vtable->state_size(b.env) > 0);
    stop = 0;
    bridged_destroy(&b);
}

// Who is waited for is said once, long before it counts as hung.
static void test_silence(void **state) {
    (void)state;
    Bridged b;
    char options[200];
    snprintf(options, sizeof options, "length=9;once=%s/silence;hang=1", scratch_folder);
    UpEnvDef def = bridged_def("gym:Fake-v0", options, 1);
    def.timeout = 3;
    stop = warnings = 0;
    assert_ok(bridged_create(&b, &def, 1));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 0);
    assert_ok(step_all(&b, 0));
    assert_int_equal(warnings, 2);
    assert_non_null(
        strstr(first_warned, "gym:Fake-v0: worker 0 (instance 0): waiting for its answer for 1"));
    assert_non_null(strstr(first_warned, " s; after 3 s it counts as hung (env.timeout)"));
    assert_non_null(strstr(warned, "did not answer for 3 s; it is restarted"));
    bridged_destroy(&b);
}

static int setup(void **state) {
    up_set_stop(&stop);
    return fake_setup(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_saving),
        cmocka_unit_test(test_silence),
    };
    if (!fake_ready()) return 77;
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
