// JSON and memory: cJSON answers alike where a text is none and where memory was short. What is
// printed is whole or an error; a result that could not be read is not one that was never written.
#include "../allocator.h"
#include "../scratch.h"

#include "../../cli/cmd_eval.c"
#include "../../cli/sweep/folder.c"

static long until_failure, made; // the allocation of this number fails; 0: none

#if CAN_REPLACE
UNWATCHED static bool fails(void) {
    return until_failure > 0 && ++made == until_failure;
}
UNWATCHED void *malloc(size_t size) {
    return fails() ? NULL : SYSTEM(malloc)(size);
}
UNWATCHED void *calloc(size_t count, size_t size) {
    return fails() ? NULL : SYSTEM(calloc)(count, size);
}
UNWATCHED void *realloc(void *memory, size_t size) {
    return fails() ? NULL : SYSTEM(realloc)(memory, size);
}
#endif

// What the two files need of the program, and nothing here calls.
volatile sig_atomic_t cli_stop;
void cli_catch(void) {}
void cli_print(const char *format, ...) {
    (void)format;
}
bool cli_flag(const CliArgs *args, const char *name) {
    (void)args, (void)name;
    return false;
}
UpStatus cli_int(const CliArgs *args, const char *name, int64_t min, int64_t max, int64_t *value) {
    (void)args, (void)name, (void)min, (void)max, (void)value;
    return UP_OK;
}
UpStatus cli_sample(const CliArgs *args, const UpConfig *config, bool *sample) {
    (void)args, (void)config, (void)sample;
    return UP_OK;
}
UpStatus cli_trust(const CliArgs *args, const UpEnvDef *def, const char *file) {
    (void)args, (void)def, (void)file;
    return UP_OK;
}
UpStatus cli_env_overrides(UpConfig *config, const CliArgs *args) {
    (void)config, (void)args;
    return UP_OK;
}
int64_t sweep_seed(const Sweep *sweep, int run) {
    (void)sweep, (void)run;
    return 1;
}

static void test_eval_json(void **state) {
    (void)state;
    if (!CAN_REPLACE) skip();
    static Eval e;
    double returns[] = {1.5, 2.5, 3.5};
    int64_t lengths[] = {1, 2, 3};
    e = (Eval){.run = "a run", .returns = returns, .lengths = lengths, .done = 3};
    Summary s = summarise(&e);
    cJSON *root = make_json(&e, &s);
    char *whole = cJSON_PrintUnformatted(root);
    assert_non_null(whole);
    cJSON_Delete(root);
    int failed = 0;
    for (until_failure = 1;; until_failure++) {
        made = 0;
        root = make_json(&e, &s);
        bool reached = made >= until_failure;
        long at = until_failure;
        until_failure = 0;
        char *text = root ? cJSON_PrintUnformatted(root) : NULL;
        cJSON_Delete(root);
        if (text) assert_string_equal(text, whole); // whole, or not at all
        cJSON_free(text);
        if (!reached) break;
        assert_null(text);
        until_failure = at;
        failed++;
    }
    assert_true(failed > 20);
    cJSON_free(whole);
}

static void test_sweep_result(void **state) {
    (void)state;
    if (!CAN_REPLACE) skip();
    static const char json[] = "{\"steps\": 7, \"stop_reason\": \"steps\", \"solved\": false}";
    static Sweep sweep;
    SweepResult result;
    char folder[SWEEP_PATH], path[SWEEP_PATH + 16];
    int number = 1;
    sweep = (Sweep){.runs = 1, .settings = 1, .seeds = 1, .number = &number, .result = &result};
    snprintf(sweep.folder, sizeof sweep.folder, "%s", scratch_folder);
    sweep_run_folder(&sweep, 0, folder);
    assert_ok(up_folder_create(folder));
    snprintf(path, sizeof path, "%s/config.ini", folder);
    assert_ok(up_file_write(path, "", 0));
    snprintf(path, sizeof path, "%s/result.json", folder);
    assert_ok(up_file_write(path, json, sizeof json - 1));
    int failed = 0;
    for (until_failure = 1;; until_failure++) {
        made = 0;
        UpStatus status = sweep_read_result(&sweep, 0);
        bool reached = made >= until_failure;
        if (!reached) break;
        assert_int_equal(status, UP_MEMORY); // and not a run that was broken off
        failed++;
    }
    until_failure = 0;
    assert_int_equal(result.state, SWEEP_DONE);
    assert_true(failed > 5);
    assert_ok(up_file_write(path, json, 20)); // broken off while it was written
    assert_ok(sweep_read_result(&sweep, 0));
    assert_int_equal(result.state, SWEEP_BROKEN_OFF);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eval_json),
        cmocka_unit_test_setup_teardown(test_sweep_result, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
