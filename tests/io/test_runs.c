#include "../scratch.h"

#include <math.h>

#include "uphill/registry.h"

static UpRunRecord seen[8];
static int count;

static void collect(void *user, const UpRunRecord *record) {
    assert_ptr_equal(user, seen);
    assert_true(count < 8);
    seen[count++] = *record;
}

static UpStatus list(void) {
    count = 0;
    return up_registry_each(collect, seen);
}

static UpRunRecord record(const char *folder, int64_t started) {
    UpRunRecord r = {.seed = 7, .steps = 1000000000000, .started = started, .seconds = 1.5};
    strcpy(r.folder, folder);
    strcpy(r.env, "ALE/Pong-v5");
    strcpy(r.algo, "ppo");
    strcpy(r.recipe, "it's \"pong\"; DROP TABLE runs");
    strcpy(r.stop_reason, "running");
    r.running_reward = NAN;
    return r;
}

#ifdef UP_HAVE_SQLITE
static void lists_newest_first(void **state) {
    (void)state;
    setenv("UPHILL_REGISTRY", scratch("a/b/runs.db"), 1);
    assert_ok(list());
    assert_int_equal(count, 0);
    assert_int_equal(scratch_entries(scratch_folder), 0); // looking creates nothing
    UpRunRecord first = record("/runs/1", 100), second = record("/runs/2", 200);
    assert_ok(up_registry_put(&first));
    assert_ok(up_registry_put(&second));
    assert_ok(list());
    assert_int_equal(count, 2);
    assert_string_equal(seen[0].folder, "/runs/2");
    assert_string_equal(seen[1].folder, "/runs/1");
    assert_string_equal(seen[1].env, first.env);
    assert_string_equal(seen[1].algo, first.algo);
    assert_string_equal(seen[1].recipe, first.recipe);
    assert_string_equal(seen[1].stop_reason, "running");
    assert_true(seen[1].seed == 7 && seen[1].steps == 1000000000000 && seen[1].started == 100);
    assert_true(seen[1].seconds == 1.5 && isnan(seen[1].running_reward));

    strcpy(first.stop_reason, "target");
    first.running_reward = 18.5;
    assert_ok(up_registry_put(&first)); // replaces
    assert_ok(list());
    assert_int_equal(count, 2);
    assert_string_equal(seen[1].stop_reason, "target");
    assert_true(seen[1].running_reward == 18.5);
}

static void keeps_a_start(void **state) {
    (void)state;
    setenv("UPHILL_REGISTRY", scratch("starts.db"), 1);
    UpRunRecord r = record("/runs/1", 100);
    assert_ok(up_registry_put(&r));
    r.started = 0; // as a resumed run
    r.steps = 5;
    assert_ok(up_registry_put(&r));
    assert_ok(list());
    assert_int_equal(count, 1);
    assert_true(seen[0].started == 100 && seen[0].steps == 5);

    UpRunRecord lost = record("/runs/2", 0); // that was removed from the list meanwhile
    assert_ok(up_registry_put(&lost));
    assert_ok(list());
    assert_int_equal(count, 2);
    assert_true(seen[0].started > 1000000000);
}

static void knows_its_place(void **state) {
    (void)state;
    UpRunRecord r = record("/runs/1", 1);
    unsetenv("UPHILL_REGISTRY");
    setenv("XDG_STATE_HOME", scratch("state"), 1);
    assert_ok(up_registry_put(&r));
    assert_int_equal(access(scratch("state/uphill/runs.db"), F_OK), 0);
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", scratch("home"), 1);
    assert_ok(up_registry_put(&r));
    assert_int_equal(access(scratch("home/.local/state/uphill/runs.db"), F_OK), 0);
    unsetenv("HOME");
    assert_int_equal(up_registry_put(&r), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "UPHILL_REGISTRY"));
}

static void refuses_a_foreign_file(void **state) {
    (void)state;
    const char text[] = "this is no database, and it is long enough to have a header of one ......."
                        "............................................................";
    UpRunRecord r = record("/runs/1", 1);
    setenv("UPHILL_REGISTRY", scratch("runs.db"), 1);
    assert_ok(up_file_write(scratch("runs.db"), text, strlen(text)));
    assert_int_equal(up_registry_put(&r), UP_IO);
    assert_non_null(strstr(up_error(), "not a database"));
    assert_int_equal(list(), UP_IO);
    assert_file(scratch("runs.db"), text);
    setenv("UPHILL_REGISTRY", scratch("runs.db/x"), 1);
    assert_int_equal(up_registry_put(&r), UP_IO);
}
#else
static void says_what_to_install(void **state) {
    (void)state;
    UpRunRecord r = record("/runs/1", 1);
    assert_int_equal(up_registry_put(&r), UP_UNSUPPORTED);
    assert_int_equal(list(), UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "libsqlite3-dev"));
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
#ifdef UP_HAVE_SQLITE
        TEST(lists_newest_first),
        TEST(keeps_a_start),
        TEST(knows_its_place),
        TEST(refuses_a_foreign_file),
#else
        TEST(says_what_to_install),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
