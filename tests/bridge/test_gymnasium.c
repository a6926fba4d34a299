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
        {"image3", UP_SPACE_BOX, UP_SPACE_BOX, 120}, // bytes, in four dimensions
    };
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
                    if (spec->obs_form == UP_OBS_U8) value = rint(value);
                    sum += value * (double)(c + 1);
                    // the observation is the action, in the observation's own space
                    int64_t at = i * spec->obs.size + c;
                    bool bytes = spec->obs_form == UP_OBS_U8;
                    assert_true((bytes ? b.step.obs.u8[at] : (double)b.step.obs.f32[at]) == value);
                }
                assert_true(fabs(b.step.reward[i] - 2 * sum) <= 1e-9 * (1 + fabs(sum)));
            }
        }
        bridged_destroy(&b);
    }
}

static void check_part(const UpSpace *space, int part, const char *name, int first, int size) {
    assert_string_equal(space->part[part].name, name);
    assert_int_equal(space->part[part].first, first);
    assert_int_equal(space->part[part].size, size);
}

// A Dict of every kind arrives as Gymnasium's flatten writes it, with its keys: test_worker.py
// compares the numbers.
static void test_flattened(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def("spaces_env:Parts-v0", "obs=dict;action=boxes", 1);
    assert_ok(bridged_create(&b, &def, 2));
    const UpSpace *obs = &b.env->spec.obs, *action = &b.env->spec.action;
    assert_int_equal(obs->kind, UP_SPACE_BOX);
    assert_int_equal(obs->size, 4 + 3 + 2 + 5);
    assert_int_equal(obs->parts, 4);
    check_part(obs, 0, "position", 0, 4);
    check_part(obs, 1, "gear", 4, 3);
    check_part(obs, 2, "lamps", 7, 2);
    check_part(obs, 3, "dials", 9, 5);
    assert_int_equal(action->kind, UP_SPACE_BOX);
    assert_int_equal(action->size, 4);
    check_part(action, 1, "1", 2, 2);
    assert_true(up_space_low(action, 1) == 0 && up_space_low(action, 2) == -3);
    assert_ok(bridged_seed(&b, 0));
    memcpy(b.action, (float[]){0.5F, 2, -4, 1.5F, 0, 0, 0, 0}, 8 * sizeof(float));
    assert_ok(up_env_step(b.env, &b.step)); // clipped to (0.5, 1) and (-3, 1.5)
    assert_true(b.step.reward[0] == 0.5 + 2 - 9 + 6 && b.step.reward[1] == 0);
    bridged_destroy(&b);
}

// Collections of choices travel as numbers, counted from 0.
static void test_flattened_choices(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def("spaces_env:Parts-v0", "", 1);
    assert_ok(bridged_create(&b, &def, 1));
    assert_int_equal(b.env->spec.action.kind, UP_SPACE_MULTI_DISCRETE);
    assert_true(b.env->spec.action.choices[0] == 3 && b.env->spec.action.choices[1] == 4);
    check_part(&b.env->spec.obs, 0, "b", 0, 1);
    check_part(&b.env->spec.obs, 1, "a", 1, 1);
    assert_ok(bridged_seed(&b, 0));
    memcpy(b.action, (float[]){2, 1}, 2 * sizeof(float));
    assert_ok(up_env_step(b.env, &b.step));
    assert_true(b.step.reward[0] ==
                3 + 5); // one-hot: entries 2 and 3 + 1, each weighed by its place
    bridged_destroy(&b);
}

// Actions of several kinds at once: each component arrives as its own space has it.
static void test_several(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def("spaces_env:Parts-v0", "action=several", 1);
    assert_ok(bridged_create(&b, &def, 2));
    const UpSpace *action = &b.env->spec.action;
    assert_int_equal(action->kind, UP_SPACE_SEVERAL);
    assert_int_equal(action->size, 8);
    const int64_t choices[8] = {0, 0, 0, 3, 2, 2, 2, 3};
    for (int64_t i = 0; i < 8; i++)
        assert_int_equal(up_space_choices(action, i), choices[i]);
    assert_true(up_space_low(action, 1) == -1 && up_space_high(action, 1) == 3);
    assert_true(up_space_low(action, 2) == -0.5F && up_space_high(action, 2) == 4.5F); // rounded
    assert_int_equal(up_space_mask(action), 3 + 4 + 5);
    check_part(action, 0, "aim", 0, 2);
    check_part(action, 3, "lamps", 4, 2);
    char text[256];
    up_space_format(action, text, sizeof text);
    assert_string_equal(text, "Dict('aim': Box(-1, 3, (2,), float32), 'whole': Box(-0.5, 4.5, "
                              "(1,), float32), 'gear': Discrete(3), 'lamps': MultiBinary(2), "
                              "'dials': MultiDiscrete([2 3]))");
    assert_ok(bridged_seed(&b, 0));
    const float sent[16] = {0.5F, 4, 2.6F, 2, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0};
    memcpy(b.action, sent, sizeof sent);
    assert_ok(up_env_step(b.env, &b.step));
    // Its flatten: aim 0.5 3, whole 3, gear one-hot 0 0 1, lamps 1 0, dials one-hot 0 1, 0 0 1.
    assert_true(b.step.reward[0] == 0.5 + 2 * 3 + 3 * 3 + 6 + 7 + 10 + 13);
    assert_true(b.step.reward[1] == 4 + 9 + 11); // zeros: the first of each choice
    b.action[3] = 3;                             // there is no such gear
    assert_int_equal(up_env_step(b.env, &b.step), UP_USAGE);
    assert_non_null(strstr(up_error(), "'gear': Discrete(3)"));
    bridged_destroy(&b);
}

// Masks of every space that has them, by the method and by the info: closed actions are none of
// those that a mask lets through, and the environment looks.
static void test_masks_everywhere(void **state) {
    (void)state;
    static const char *const kinds[] = {"discrete", "multi", "bits", "dict", "tuple"};
    static const int64_t sizes[] = {6, 5, 6, 12, 12};
    warnings = 0;
    up_set_warn(note_warning, NULL);
    for (int k = 0; k < 10; k++) {
        char options[64];
        snprintf(options, sizeof options, "kind=%s;method=%s", kinds[k / 2],
                 k % 2 ? "true" : "false");
        UpEnvDef def = bridged_def("spaces_env:Masked-v0", options, 1);
        Bridged b;
        assert_ok(bridged_create(&b, &def, 2));
        assert_int_equal(b.env->spec.mask_size, sizes[k / 2]);
        assert_ok(bridged_seed(&b, 0));
        UpRng rng;
        up_rng_seed(&rng, 5);
        for (int t = 0; t < 30; t++) {
            for (int i = 0; i < 2; i++)
                up_space_random(&b.env->spec.action, b.step.obs.mask + i * sizes[k / 2], &rng,
                                b.action + i * b.env->spec.action.size);
            assert_ok(up_env_step(b.env, &b.step));
        }
        bridged_destroy(&b);
    }
    up_set_warn(NULL, NULL);
    if (warnings) fail_msg("%s", warned);
}

static void test_masks(void **state) {
    (void)state;
    for (int multi = 0; multi < 2; multi++) {
        Bridged b;
        UpEnvDef def =
            bridged_def("spaces_env:Masked-v0", multi ? "kind=multi" : "kind=discrete", 2);
        int64_t size = multi ? 5 : 6, width = multi ? 2 : 1;
        assert_ok(bridged_create(&b, &def, 3));
        assert_int_equal(b.env->spec.mask_size, size);
        assert_ok(bridged_seed(&b, 0));
        for (int t = 0; t < 10; t++) {
            int parity = t % 3 % 2;
            for (int i = 0; i < 3; i++)
                for (int64_t a = 0; a < size; a++)
                    assert_int_equal(b.step.obs.mask[i * size + a],
                                     (multi && a >= 3 ? a - 3 : a) % 2 == parity);
            for (int64_t k = 0; k < 3 * width; k++)
                b.action[k] = (float)parity;
            assert_ok(up_env_step(b.env, &b.step));
        }
        for (int64_t k = 0; k < 3 * width; k++)
            b.action[k] = k > 0; // 1 is open in the second step of an episode, 0 is not
        warnings = 0;
        up_set_warn(note_warning, NULL);
        assert_ok(up_env_step(b.env, &b.step));
        up_set_warn(NULL, NULL);
        assert_int_equal(warnings, 1);
        assert_non_null(strstr(warned, "was closed"));
        bridged_destroy(&b);
    }
}

// Some instances begin anew, the others do not notice.
static void test_restart(void **state) {
    (void)state;
    Bridged b;
    UpEnvDef def = bridged_def("gym:CartPole-v1", "", 2);
    assert_ok(bridged_create(&b, &def, 4));
    assert_ok(bridged_seed(&b, 0));
    assert_ok(up_env_step(b.env, &b.step));
    float before[16];
    memcpy(before, b.step.obs.f32, sizeof before);
    const uint8_t which[4] = {0, 1, 0, 0};
    assert_ok(up_env_restart(b.env, which, b.step.obs));
    for (int i = 0; i < 4; i++) {
        bool same = memcmp(before + 4 * i, b.step.obs.f32 + 4 * i, 4 * sizeof(float)) == 0;
        assert_int_equal(same, i != 1);
        for (int d = 0; d < 4 && i == 1; d++)
            assert_true(fabsf(b.step.obs.f32[4 + d]) <= 0.05F);
    }
    assert_ok(up_env_step(b.env, &b.step));
    bridged_destroy(&b);
}

static void refused(const char *id, const char *options, UpStatus status, const char *message) {
    Bridged b;
    UpEnvDef def = bridged_def(id, options, 1);
    assert_int_equal(bridged_create(&b, &def, 1), status);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_refusals(void **state) {
    (void)state;
    refused("gym:CartPol-v1", "", UP_UNKNOWN, "did you mean gym:CartPole-v1?");
    refused("gym:CartPole-v7", "", UP_UNKNOWN, "did you mean gym:CartPole-v1?");
    refused("gym:no_such_module:Foo-v0", "", UP_NOT_FOUND, "no module no_such_module: ");
    refused("gym:Pendulum-v1", "gg=9.81", UP_USAGE, "no keyword 'gg'; did you mean 'g'?");
    refused("gym:Ant-v5", "framskip=3", UP_USAGE, "framskip"); // it takes any, and hands them on
    refused("spaces_env:Spaces-v0", "kind=text", UP_UNSUPPORTED, "cannot be flattened");
    refused("spaces_env:Parts-v0", "obs=sequence", UP_UNSUPPORTED, "cannot be flattened");
    refused("spaces_env:Parts-v0", "action=deep", UP_UNSUPPORTED, "deeper than in one Dict");
    refused("spaces_env:Parts-v0", "action=nested", UP_UNSUPPORTED, "deeper than in one Dict");
    refused("spaces_env:Parts-v0", "action=many", UP_UNSUPPORTED, "more than 64 numbers");
    refused("spaces_env:Masked-v0", "kind=bits;method=true;short=true", UP_ENVIRONMENT,
            "action_masks() is an array of bool of shape (5,); declared: 6 of int8 or bool");
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
        cmocka_unit_test(test_cartpole),  cmocka_unit_test(test_pendulum),
        cmocka_unit_test(test_spaces),    cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_flattened), cmocka_unit_test(test_flattened_choices),
        cmocka_unit_test(test_several),   cmocka_unit_test(test_masks_everywhere),
        cmocka_unit_test(test_masks),     cmocka_unit_test(test_restart),
        cmocka_unit_test(test_refusals),
    };
    if (!python_has("gymnasium")) {
        printf("skipped: there is no Python with gymnasium; run ./dev setup\n");
        return 77;
    }
    setenv("PYTHONPATH", UP_SOURCE_DIR "/tests/bridge", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
