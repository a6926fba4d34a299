// Real Gymnasium environments through the bridge: equal to the native ones, and every kind of
// space.
#include "bridged.h"

#include <math.h>

#include "uphill/random.h"

static void random_actions(Bridged *b, UpRng *rng) {
    const UpSpace *space = &b->env->spec.action;
    for (int64_t k = 0; k < b->env->instances * space->size; k++) {
        if (space->kind == UP_SPACE_BOX)
            b->action[k] = (float)up_rng_uniform(rng, -3, 3);
        else if (space->kind == UP_SPACE_DISCRETE)
            b->action[k] = (float)up_rng_integers(rng, 0, space->n);
        else if (space->kind == UP_SPACE_MULTI_BINARY)
            b->action[k] = (float)up_rng_integers(rng, 0, 2);
        else
            b->action[k] = (float)up_rng_integers(rng, 0, space->choices[k % space->size]);
    }
}

// Both through the same interface, every number identical, over many ends of episodes.
static void assert_equal_envs(const char *native, const char *bridged, int instances, int steps) {
    Bridged a, b;
    UpEnvDef def_a = bridged_def(native, "", 0), def_b = bridged_def(bridged, "", 2);
    assert_ok(bridged_create(&a, &def_a, instances));
    assert_ok(bridged_create(&b, &def_b, instances));
    assert_int_equal(a.env->spec.obs.size, b.env->spec.obs.size);
    assert_int_equal(a.env->spec.action.kind, b.env->spec.action.kind);
    assert_int_equal(a.env->spec.max_episode_steps, b.env->spec.max_episode_steps);
    size_t dim = (size_t)a.env->spec.obs.size, row = dim * sizeof(float);
    assert_memory_equal(a.env->spec.obs.low, b.env->spec.obs.low, row);
    assert_memory_equal(a.env->spec.obs.high, b.env->spec.obs.high, row);
    assert_ok(bridged_seed(&a, 1000));
    assert_ok(bridged_seed(&b, 1000));
    assert_memory_equal(a.step.obs.f32, b.step.obs.f32, row * (size_t)instances);
    UpRng rng;
    up_rng_seed(&rng, 3);
    int ends = 0;
    for (int t = 0; t < steps; t++) {
        random_actions(&a, &rng);
        memcpy(b.action, a.action, (size_t)(instances * a.env->spec.action.size) * sizeof(float));
        assert_ok(up_env_step(a.env, &a.step));
        assert_ok(up_env_step(b.env, &b.step));
        size_t n = (size_t)instances;
        assert_memory_equal(a.step.obs.f32, b.step.obs.f32, row * n);
        assert_memory_equal(a.step.reward, b.step.reward, n * sizeof(double));
        assert_memory_equal(a.step.terminated, b.step.terminated, n);
        assert_memory_equal(a.step.truncated, b.step.truncated, n);
        for (size_t i = 0; i < n; i++) {
            if (!a.step.terminated[i] && !a.step.truncated[i]) continue;
            ends++;
            assert_memory_equal(a.step.final_obs.f32 + i * dim, b.step.final_obs.f32 + i * dim,
                                row);
        }
    }
    assert_true(ends >= instances);
    bridged_destroy(&a);
    bridged_destroy(&b);
}

static void test_cartpole(void **state) {
    (void)state;
    assert_equal_envs("CartPole-v1", "gym:CartPole-v1", 20, 400);
}

static void test_pendulum(void **state) {
    (void)state;
    assert_equal_envs("Pendulum-v1", "gym:Pendulum-v1", 7, 450);
}

// tests/bridge/spaces_env.py echoes what arrives: the reward is a checksum of the action as Python
// sees it.
static void test_spaces(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        UpSpaceKind action, obs;
        int64_t size;
    } row[] = {
        {"discrete", UP_SPACE_DISCRETE, UP_SPACE_DISCRETE, 1},
        {"multi_discrete", UP_SPACE_MULTI_DISCRETE, UP_SPACE_MULTI_DISCRETE, 3},
        {"multi_binary", UP_SPACE_MULTI_BINARY, UP_SPACE_MULTI_BINARY, 5},
        {"box64", UP_SPACE_BOX, UP_SPACE_BOX, 6},
        {"wide", UP_SPACE_BOX, UP_SPACE_BOX, 100},
    };
    setenv("PYTHONPATH", UP_SOURCE_DIR "/tests/bridge", 1);
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        char options[64];
        snprintf(options, sizeof options, "kind=%s;scale=2", row[k].kind);
        UpEnvDef def = bridged_def("gym:spaces_env:Spaces-v0", options, 1);
        Bridged b;
        assert_ok(bridged_create(&b, &def, 2));
        const UpEnvSpec *spec = &b.env->spec;
        assert_int_equal(spec->action.kind, row[k].action);
        assert_int_equal(spec->obs.kind, row[k].obs);
        assert_int_equal(spec->action.size, row[k].size);
        assert_ok(bridged_seed(&b, 0));
        UpRng rng;
        up_rng_seed(&rng, 5);
        for (int t = 0; t < 20; t++) {
            random_actions(&b, &rng);
            assert_ok(up_env_step(b.env, &b.step));
            for (int i = 0; i < 2; i++) {
                double sum = 0;
                for (int64_t c = 0; c < spec->action.size; c++) {
                    double value = (double)b.action[i * spec->action.size + c];
                    double low = (double)up_space_low(&spec->action, c);
                    double high = (double)up_space_high(&spec->action, c);
                    if (spec->action.kind == UP_SPACE_BOX)
                        value = value < low ? low : value > high ? high : value;
                    sum += value * (double)(c + 1);
                    // the observation is the action, in the observation's own space
                    assert_true((double)b.step.obs.f32[i * spec->obs.size + c] == value);
                }
                assert_true(fabs(b.step.reward[i] - 2 * sum) <= 1e-9 * (1 + fabs(sum)));
            }
        }
        bridged_destroy(&b);
    }
    Bridged b;
    UpEnvDef def = bridged_def("gym:spaces_env:Spaces-v0", "kind=dict", 1);
    assert_int_equal(bridged_create(&b, &def, 1), UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "flatten it with a wrapper"));
    unsetenv("PYTHONPATH");
}

static void refused(const char *id, const char *options, UpStatus status, const char *message) {
    Bridged b;
    UpEnvDef def = bridged_def(id, options, 1);
    assert_int_equal(bridged_create(&b, &def, 1), status);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_refusals(void **state) {
    (void)state;
    refused("gym:CartPol-v1", "", UP_UNKNOWN, "did you mean CartPole?");
    refused("gym:CartPole-v7", "", UP_UNKNOWN, "CartPole");
    refused("gym:no_such_module:Foo-v0", "", UP_NOT_FOUND, "pip install no_such_module");
    refused("gym:Pendulum-v1", "h=9.81", UP_USAGE, "unexpected keyword argument 'h'");
    refused("gym:Pendulum-v1", "g", UP_USAGE, "'g' is not key=value");
    UpEnvDef def = bridged_def("gym:Pendulum-v1", "", 1);
    def.preprocess = UP_PREPROCESS_PONG80;
    Bridged b;
    assert_int_equal(bridged_create(&b, &def, 1), UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "no colour images"));
}

// Keywords are typed: g=0 takes gravity away, so that a hanging pendulum keeps its speed.
static void test_keywords(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def("gym:Pendulum-v1", "g=0; max_episode_steps=17", 1);
    assert_ok(bridged_create(&b, &def, 1));
    assert_int_equal(b.env->spec.max_episode_steps, 17);
    assert_ok(bridged_seed(&b, 0));
    float speed = b.step.obs.f32[2];
    for (int t = 1; t <= 17; t++) {
        assert_ok(up_env_step(b.env, &b.step));
        assert_int_equal(b.step.truncated[0], t == 17);
        assert_true(t == 17 || b.step.obs.f32[2] == speed);
    }
    bridged_destroy(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cartpole), cmocka_unit_test(test_pendulum),
        cmocka_unit_test(test_spaces),   cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_refusals),
    };
    if (!python_has("gymnasium")) {
        printf("skipped: there is no Python with gymnasium; run ./dev setup\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
