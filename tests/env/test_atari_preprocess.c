// env.preprocess = atari against Gymnasium's AtariPreprocessing, recorded by
// tools/record_atari_preprocess.py: every pixel (as a hash), reward and end. The native games and,
// where there is a Python with ale-py, ALE's own through the worker. Skipped without ROMs.
#include <signal.h>

#include "bridge/bridged.h"
#include "env/batch.h"

#include "env/bridge/internal.h"

enum { TRACES = 11 };

typedef struct Trace {
    FILE *file;
    char id[64];
    const char *prefix; // of the id: "" or "gym:"
    int step;
} Trace;

static bool has_python; // with Gymnasium and ale-py

static uint64_t read_hash(Trace *trace) {
    unsigned long long hash;
    if (fscanf(trace->file, "%llx", &hash) != 1) fail_msg("%s: the trace is cut short", trace->id);
    return hash;
}

static void same_obs(Trace *trace, const char *what, const UpObs *obs) {
    if (hash_row(0, obs, 0) != read_hash(trace))
        fail_msg("%s%s, step %d: %s is not Gymnasium's", trace->prefix, trace->id, trace->step,
                 what);
}

static void set_options(UpEnvDef *def, const char *text) {
    char options[256];
    snprintf(options, sizeof options, "%s", strcmp(text, "-") == 0 ? "" : text);
    for (char *part = strtok(options, ";"); part; part = strtok(NULL, ";")) {
        char *value = strchr(part, '=');
        *value++ = 0;
        assert_ok(up_options_set(&up_env_options, def, part, value, "the trace"));
    }
}

static UpEnvDef atari_def(const char *prefix, const char *id) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s%s", prefix, id);
    def.preprocess = UP_PREPROCESS_ATARI;
    def.workers = 1;
    return def;
}

static void replay(Trace *trace, uint64_t seed, int steps, const char *options, int *ends) {
    UpEnvDef def = atari_def(trace->prefix, trace->id);
    Bridged b;
    set_options(&def, options);
    assert_ok(bridged_create(&b, &def, 1));
    assert_int_equal(b.env->spec.obs.shape[0], def.screen_size);
    assert_int_equal(b.env->spec.obs.dims, def.grayscale_obs ? 2 : 3);
    assert_ok(bridged_seed(&b, seed));
    trace->step = -1;
    same_obs(trace, "the first observation", &b.step.obs);
    for (trace->step = 0; trace->step < steps; trace->step++) {
        int action, reward, terminated, truncated;
        assert_int_equal(
            fscanf(trace->file, "%d %d %d %d", &action, &reward, &terminated, &truncated), 4);
        b.action[0] = (float)action;
        assert_ok(up_env_step(b.env, &b.step));
        assert_true(b.step.reward[0] == reward);
        assert_int_equal(b.step.terminated[0], terminated);
        assert_int_equal(b.step.truncated[0], truncated);
        same_obs(trace, "an observation", &b.step.obs);
        if (!terminated && !truncated) continue;
        assert_int_equal(fscanf(trace->file, " final%n", &(int){0}), 0);
        same_obs(trace, "the final observation", &b.step.final_obs);
        ++*ends;
    }
    bridged_destroy(&b);
}

static void replay_all(const char *prefix) {
    Trace trace = {.file = fopen(UP_TEST_DATA "/atari_preprocess.txt", "r"), .prefix = prefix};
    unsigned long long seed;
    int steps, traces = 0, ends = 0;
    char options[256];
    assert_non_null(trace.file);
    while (fscanf(trace.file, " id %63s seed %llu steps %d options %255s", trace.id, &seed, &steps,
                  options) == 4) {
        replay(&trace, seed, steps, options, &ends);
        traces++;
    }
    fclose(trace.file);
    assert_int_equal(traces, TRACES);
    assert_true(ends >= 3);
}

static void test_native(void **state) {
    (void)state;
    replay_all("");
}

static void test_worker(void **state) {
    (void)state;
    if (!has_python) skip();
    replay_all("gym:");
}

// ---------------------------------------------------------------------------------------------------
// The batch

static void choose(Bridged *b, UpRng *rng) {
    for (int i = 0; i < b->env->instances; i++)
        b->action[i] = (float)up_rng_integers(rng, 0, b->env->spec.action.n);
}

static void same_step(const Bridged *a, const Bridged *b) {
    size_t n = (size_t)a->env->instances;
    assert_memory_equal(a->step.obs.u8, b->step.obs.u8, n * (size_t)a->step.obs.dim);
    assert_memory_equal(a->step.reward, b->step.reward, n * sizeof(double));
    assert_memory_equal(a->step.terminated, b->step.terminated, n);
}

// Instances that sit idle are left alone, a pool changes nothing, and a restart goes on with the
// present random streams.
static void test_batch(void **state) {
    (void)state;
    UpEnvDef def = atari_def("", "BreakoutNoFrameskip-v4");
    def.terminal_on_life_loss = true;
    Bridged a, b;
    UpPool *pool;
    assert_ok(bridged_create(&a, &def, 4));
    assert_ok(bridged_create(&b, &def, 4));
    assert_ok(up_pool_create(&pool, 3));
    b.env->pool = pool;
    assert_ok(bridged_seed(&a, 3));
    assert_ok(bridged_seed(&b, 3));
    UpRng rng, again;
    up_rng_seed(&rng, 1);
    int ends = 0;
    for (int t = 0; t < 60; t++) {
        int idle = t % 4;
        uint64_t before = hash_row(0, &a.step.obs, idle);
        a.active[idle] = b.active[idle] = 0;
        again = rng;
        choose(&a, &rng);
        choose(&b, &again);
        assert_ok(up_env_step(a.env, &a.step));
        assert_ok(up_env_step(b.env, &b.step));
        same_step(&a, &b);
        assert_true(hash_row(0, &a.step.obs, idle) == before);
        a.active[idle] = b.active[idle] = 1;
        for (int i = 0; i < 4; i++)
            ends += i != idle && a.step.terminated[i];
    }
    assert_true(ends > 2);
    uint8_t which[4] = {0, 1, 0, 1};
    uint64_t kept = hash_row(0, &a.step.obs, 2), changed = hash_row(0, &a.step.obs, 3);
    assert_ok(up_env_restart(a.env, which, a.step.obs));
    assert_ok(up_env_restart(b.env, which, b.step.obs));
    same_step(&a, &b);
    assert_true(hash_row(0, &a.step.obs, 2) == kept && hash_row(0, &a.step.obs, 3) != changed);
    bridged_destroy(&a);
    bridged_destroy(&b);
    up_pool_destroy(pool);
}

// Saved in the middle of games and loaded into another batch, all goes on as it would have.
static void check_saved(const char *prefix) {
    UpEnvDef def = atari_def(prefix, "BreakoutNoFrameskip-v4");
    def.terminal_on_life_loss = true;
    Bridged a, b;
    UpRng rng, again;
    assert_ok(bridged_create(&a, &def, 2));
    assert_ok(bridged_create(&b, &def, 2));
    assert_ok(bridged_seed(&a, 5));
    assert_ok(bridged_seed(&b, 50));
    up_rng_seed(&rng, 2);
    for (int t = 0; t < 25; t++) {
        choose(&a, &rng);
        assert_ok(up_env_step(a.env, &a.step));
    }
    size_t size = a.env->vtable->state_size(a.env);
    assert_true(size > 0);
    void *bytes = malloc(size);
    a.env->vtable->state_save(a.env, bytes);
    assert_ok(b.env->vtable->state_load(b.env, bytes, size));
    assert_int_not_equal(b.env->vtable->state_load(b.env, bytes, 8), UP_OK);
    assert_ok(b.env->vtable->state_load(b.env, bytes, size));
    free(bytes);
    int ends = 0;
    for (int t = 0; t < 60; t++) {
        again = rng;
        choose(&a, &rng);
        choose(&b, &again);
        assert_ok(up_env_step(a.env, &a.step));
        assert_ok(up_env_step(b.env, &b.step));
        same_step(&a, &b);
        for (int i = 0; i < 2; i++) {
            if (!a.step.terminated[i]) continue;
            assert_true(hash_row(0, &a.step.final_obs, i) == hash_row(0, &b.step.final_obs, i));
            ends++;
        }
    }
    assert_true(ends > 0);
    bridged_destroy(&a);
    bridged_destroy(&b);
}

static void test_saved(void **state) {
    (void)state;
    check_saved("");
    if (has_python) check_saved("gym:");
}

// An episode that was lost with its worker ends with what was seen last.
static void test_lost_worker(void **state) {
    (void)state;
    if (!has_python) skip();
    UpEnvDef def = atari_def("gym:", "ALE/Pong-v5");
    Bridged b;
    UpRng rng;
    assert_ok(bridged_create(&b, &def, 2));
    assert_ok(bridged_seed(&b, 1));
    up_rng_seed(&rng, 2);
    for (int t = 0; t < 20; t++) {
        choose(&b, &rng);
        assert_ok(up_env_step(b.env, &b.step));
    }
    uint64_t last = hash_row(0, &b.step.obs, 1);
    warnings = 0;
    kill(((UpBridge *)b.env)->worker[0].process.pid, SIGKILL);
    choose(&b, &rng);
    assert_ok(up_env_step(b.env, &b.step));
    assert_int_equal(warnings, 1);
    assert_true(b.step.truncated[0] && b.step.truncated[1]);
    assert_true(hash_row(0, &b.step.final_obs, 1) == last);
    assert_true(hash_row(0, &b.step.obs, 1) != last);
    bridged_destroy(&b);
}

// The clock of the options counts actions.
static void test_clock(void **state) {
    (void)state;
    UpEnvDef def = atari_def("", "ALE/Pong-v5");
    def.max_episode_steps = 7;
    Bridged b;
    assert_ok(bridged_create(&b, &def, 1));
    assert_ok(bridged_seed(&b, 1));
    for (int t = 1; t <= 21; t++) {
        assert_ok(up_env_step(b.env, &b.step));
        assert_int_equal(b.step.truncated[0], t % 7 == 0);
        assert_int_equal(b.step.terminated[0], 0);
    }
    bridged_destroy(&b);
}

static void refused(const char *id, UpStatus status, const char *message) {
    Bridged b;
    UpEnvDef def = atari_def("", id);
    assert_int_equal(bridged_create(&b, &def, 1), status);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_refused(void **state) {
    (void)state;
    refused("CartPole-v1", UP_USAGE, "env.preprocess is for Atari's games");
    refused("uphill/Pong-v0", UP_USAGE, "env.preprocess is for Atari's games");
    if (has_python) refused("gym:CartPole-v1", UP_UNSUPPORTED, "ALE's games");
    UpEnvDef def = atari_def("", "CartPole-v1");
    UpEnv *env;
    def.preprocess = UP_PREPROCESS_NONE;
    def.frame_skip = 3;
    assert_int_equal(up_env_create(&env, &def, 1), UP_USAGE);
    assert_non_null(strstr(
        up_error(), "env.frame_skip does nothing here: it is read with env.preprocess = atari"));
    snprintf(def.id, sizeof def.id, "uphill/Pong-v0");
    def.frame_skip = 4;
    def.preprocess = UP_PREPROCESS_PONG80;
    def.frame_stack = 4;
    assert_int_equal(up_env_create(&env, &def, 1), UP_USAGE);
    assert_non_null(strstr(up_error(), "set env.frame_stack to 1"));
}

static bool has_roms(void) {
    UpEnvDef def = atari_def("", "ALE/Pong-v5");
    UpEnv *env;
    if (up_env_create(&env, &def, 1) != UP_OK) return false;
    up_env_destroy(env);
    return true;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native),      cmocka_unit_test(test_worker),
        cmocka_unit_test(test_batch),       cmocka_unit_test(test_saved),
        cmocka_unit_test(test_lost_worker), cmocka_unit_test(test_clock),
        cmocka_unit_test(test_refused),
    };
    if (!has_roms()) {
        printf("skipped: %s\n", up_error());
        return 77;
    }
    has_python = python_has("gymnasium, ale_py");
    up_set_warn(note_warning, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
