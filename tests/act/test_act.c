// A policy that acts alone does what the policy inside the library does: the same bits, whatever
// its spaces, networks and observations; it allocates nothing; a file cannot make it do harm.
#include <math.h>

#include "core/obs.h"
#include "counting.h"
#include "env/rescale.h"
#include "policy/spec.h"
#include "scratch.h"
#include "uphill/act.h"
#include "uphill/policy.h"
#include "uphill/train.h"

enum { TRIES = 40, WIDEST = 4096 };

// A checkpoint as the trainer writes it, of a policy whose every number is drawn.
typedef struct Made {
    UpPolicy policy;
    UpEnvSpec spec;
    const UpSpace *inside;
} Made;

static void write_policy(const Made *made, const char *path) {
    UpTensor tensor[UP_POLICY_TENSORS];
    UpMeta meta[UP__SPEC_METAS + 2] = {{"env", "Test-v0"}};
    UpArena arena = {0};
    int tensors, metas;
    char config[2048] = "[train]\nsteps = 5\n\n[policy]\n", value[UP_OPTION_TEXT_MAX];
    for (int i = 0; i < up_policy_options.count; i++) {
        up_options_format(&up_policy_options, i, &made->policy.def, value, sizeof value);
        sprintf(config + strlen(config), "%s = %s\n", up_policy_options.rows[i].name, value);
    }
    strcat(config, "\n[optim]\nhidden = 7\n"); // another section's line
    meta[1] = (UpMeta){"config", config};
    assert_ok(up_policy_export(&made->policy, tensor, &tensors, &arena));
    assert_ok(up__spec_write(&made->spec, made->inside, meta + 2, &metas, &arena));
    assert_ok(up_tensors_write(path, tensor, tensors, meta, metas + 2));
    up_arena_free(&arena);
}

static Made make(UpPolicyDef def, UpEnvSpec spec, const UpSpace *inside, uint64_t seed) {
    Made made = {.spec = spec, .inside = inside};
    UpRng rng;
    up_rng_seed(&rng, seed);
    assert_ok(up_policy_create(&made.policy, &def, &spec, seed % 2, 1, seed));
    for (size_t i = 0; i < made.policy.size; i++)
        made.policy.param[i] = (float)up_rng_normal(&rng) / 2;
    for (int64_t d = 0; def.normalize_obs && d < spec.obs.size; d++) {
        made.policy.stats.mean[d] = up_rng_normal(&rng);
        made.policy.stats.var[d] = 0.1 + up_rng_double(&rng);
    }
    return made;
}

// A row that the space may hold, as numbers.
static void draw(const Made *made, float *obs, UpRng *rng) {
    const UpSpace *space = &made->spec.obs;
    for (int64_t i = 0; i < space->size * made->policy.stack; i++) {
        int64_t c = i % space->size;
        if (space->kind == UP_SPACE_DISCRETE)
            obs[i] = (float)up_rng_integers(rng, 0, space->n);
        else if (space->kind == UP_SPACE_MULTI_DISCRETE)
            obs[i] = (float)up_rng_integers(rng, 0, space->choices[c]);
        else if (made->spec.obs_form == UP_OBS_U8)
            obs[i] = (float)up_rng_integers(rng, 0, 256);
        else if (made->spec.obs_form == UP_OBS_SPARSE)
            obs[i] = (float)up_rng_integers(rng, -20, 21) / 20;
        else
            obs[i] = (float)(4 * up_rng_normal(rng));
        if (made->spec.obs_form == UP_OBS_SPARSE) obs[i] = truncf(obs[i]);
    }
}

// What the library's own policy does with it, as up_evaluate does and the environment then takes.
static void expect(Made *made, const float *row, const uint8_t *mask, float *action) {
    UpArena arena = {0};
    int64_t size = made->spec.obs.size, stack = made->policy.stack;
    UpObs seen = {.form = made->spec.obs_form, .rows = 1, .dim = size, .stack = stack};
    up__obs_create(&seen, &arena);
    assert_ok(up_arena_status(&arena));
    for (int64_t i = 0; i < stack * size; i++) {
        if (seen.f32) seen.f32[i] = row[i];
        if (seen.u8) seen.u8[i] = (uint8_t)row[i];
        if (seen.entry && row[i] != 0)
            seen.entry[seen.count[0]++] = (UpSparseEntry)(2 * i + (row[i] < 0));
    }
    for (int64_t j = 0; j < stack && seen.f32; j++) { // as each came
        UpObs frame = {.form = UP_OBS_F32, .rows = 1, .dim = size, .f32 = seen.f32 + j * size};
        up_policy_observe(&made->policy, &frame, NULL, false);
    }
    seen.mask = (uint8_t *)mask;
    seen.mask_size = mask ? made->policy.dist.masks : 0;
    up_dist_mode(&made->policy.dist,
                 up_policy_forward(&made->policy, up_seen(&seen), UP_HEADS_POLICY).param, NULL,
                 action);
    const UpSpace *taken = made->inside ? made->inside : &made->spec.action;
    for (int64_t a = 0; taken->kind == UP_SPACE_BOX && a < taken->size; a++) {
        float gradient, intercept;
        up__rescale_line(taken, a, &gradient, &intercept);
        if (made->inside) action[a] = up__rescale_back(action[a], gradient, intercept);
        action[a] = fminf(fmaxf(action[a], up_space_low(taken, a)), up_space_high(taken, a));
    }
    up_arena_free(&arena);
}

static void check(UpPolicyDef def, UpEnvSpec spec, const UpSpace *inside, uint64_t seed) {
    Made made = make(def, spec, inside, seed);
    UpRng rng;
    UpAct *act;
    static float obs[WIDEST], action[64], want[64];
    uint8_t mask[64];
    snprintf(made.spec.id, sizeof made.spec.id, "Test-v0");
    write_policy(&made, scratch("p.safetensors"));
    assert_ok(up_act_load(&act, scratch("p.safetensors")));
    assert_int_equal(up_act_obs_size(act), spec.obs.size * made.policy.stack);
    assert_int_equal(up_act_action_size(act), spec.action.size);
    up_rng_seed(&rng, seed);
    for (int i = 0; i < TRIES; i++) {
        bool masked = i % 2 && up_act_mask_size(act) > 0;
        draw(&made, obs, &rng);
        for (int64_t j = 0; masked && j < up_act_mask_size(act); j++)
            mask[j] = j == 0 || up_rng_integers(&rng, 0, 2);
        allocations = frees = 0;
        atomic_store(&counting, true);
        up_act(act, obs, masked ? mask : NULL, action);
        atomic_store(&counting, false);
        if (CAN_COUNT) assert_int_equal(allocations + frees, 0);
        expect(&made, obs, masked ? mask : NULL, want);
        assert_memory_equal(action, want, (size_t)spec.action.size * sizeof *want);
    }
    up_act_free(act);
    up_policy_destroy(&made.policy);
}

static UpSpace multi_discrete(void) {
    return (UpSpace){.kind = UP_SPACE_MULTI_DISCRETE, .size = 3, .choices = {3, 2, 4}};
}

static UpSpace box_of_three(void) {
    UpSpace space = up_space_box(3, -1, 1);
    space.bounds = 3;
    const float low[] = {-0.3f, -1, 0}, high[] = {0.1f, 1, 2e-3f};
    memcpy(space.low, low, sizeof low);
    memcpy(space.high, high, sizeof high);
    return space;
}

static void test_every_action_space(void **state) {
    (void)state;
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    const UpSpace spaces[] = {up_space_discrete(2), up_space_discrete(6),
                              multi_discrete(),     {.kind = UP_SPACE_MULTI_BINARY, .size = 5},
                              box_of_three(),       up_space_box(17, -INFINITY, INFINITY)};
    for (int a = 0; a < 6; a++)
        for (int shared = 0; shared < 2; shared++) {
            UpEnvSpec spec = {.obs = up_space_box(11, -INFINITY, INFINITY), .action = spaces[a]};
            def.shared = shared;
            def.bias = a != 1;
            def.activation = a; // every activation once
            def.normalize_obs = a % 2;
            def.bernoulli = a == 0;
            check(def, spec, NULL, (uint64_t)(10 * a + shared));
        }
}

static void test_rescaled_actions(void **state) {
    (void)state;
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    const UpSpace inside = box_of_three();
    check(def, (UpEnvSpec){.obs = up_space_box(4, -1, 1), .action = up_space_box(3, -1, 1)},
          &inside, 3);
}

static void test_every_observation(void **state) {
    (void)state;
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    UpSpace act = up_space_discrete(5), pixels = up_space_image(20, 17, 3);
    UpSpace wide = up_space_box(3000, -1, 1), pair = multi_discrete();
    check(def, (UpEnvSpec){.obs = up_space_discrete(500), .action = act}, NULL, 1);
    check(def, (UpEnvSpec){.obs = pair, .action = act}, NULL, 2);
    check(def, (UpEnvSpec){.obs = pixels, .obs_form = UP_OBS_U8, .action = act}, NULL, 3);
    check(def, (UpEnvSpec){.obs = pixels, .obs_form = UP_OBS_U8, .stack = 4, .action = act}, NULL,
          4);
    check(def, (UpEnvSpec){.obs = wide, .obs_form = UP_OBS_SPARSE, .action = act}, NULL, 5);
    snprintf(def.net, sizeof def.net,
             "conv:4x5s2p1,relu pool:3s2 conv:6x3s1,elu norm dense:16,tanh");
    check(def, (UpEnvSpec){.obs = pixels, .obs_form = UP_OBS_U8, .stack = 4, .action = act}, NULL,
          8);
    snprintf(def.net, sizeof def.net, "embed:8,relu dense:16 dense:16 add:1");
    check(def, (UpEnvSpec){.obs = pair, .action = act}, NULL, 9);
    def.net[0] = 0;
    def.normalize_obs = true;
    check(def, (UpEnvSpec){.obs = up_space_box(9, -1, 1), .stack = 3, .action = act}, NULL, 6);
    def.hidden.count = 0; // a linear policy
    check(def, (UpEnvSpec){.obs = up_space_box(9, -1, 1), .action = act}, NULL, 7);
}

// A run's own checkpoint, its own environment: every action of an episode as `uphill eval` takes
// it.
static void check_run(const char *id, const char *const *set) {
    static UpConfig config;
    UpTrainer *trainer;
    UpPolicy policy;
    UpAct *act;
    UpEnv *env;
    UpArena arena = {0};
    UpObs obs, last;
    assert_ok(up_config_default(&config, "ppo"));
    assert_ok(up_config_set(&config, "env.id", id, "test"));
    assert_ok(up_config_set(&config, "train.steps", "512", "test"));
    assert_ok(up_config_set(&config, "train.threads", "1", "test"));
    for (; *set; set += 2)
        assert_ok(up_config_set(&config, set[0], set[1], "test"));
    assert_ok(up_train_create(&trainer, &config, scratch(id)));
    assert_ok(up_train_run(trainer, NULL));
    up_train_destroy(trainer);
    char path[300];
    snprintf(path, sizeof path, "%s/checkpoints/%012d.safetensors", scratch(id), 512);
    assert_ok(up_policy_load(&policy, &config, scratch(id)));
    assert_ok(up_act_load(&act, path));
    assert_ok(up_env_create(&env, &config.env, 1));
    assert_ok(up_obs_create(&obs, &env->spec, 1, &arena));
    assert_ok(up_obs_create(&last, &env->spec, 1, &arena));
    float action[8], alone[8], raw[64], memory[64] = {0};
    double reward;
    uint8_t terminated, truncated;
    uint64_t seed = 5;
    UpStep step = {action, NULL, obs, last, &reward, &terminated, &truncated};
    assert_ok(up_env_reset(env, &seed, obs));
    for (int t = 0; t < 300; t++) {
        memcpy(raw, obs.f32, (size_t)obs.dim * sizeof *raw);
        up_policy_act(&policy, &obs, memory, NULL, action);
        up_act(act, raw, obs.mask, alone); // Taxi-v4 says what may be done
        if (config.env.rescale_action)     // Pendulum-v1 takes numbers from -2 to 2
            assert_float_equal(alone[0], 2 * action[0], 1e-6);
        else
            assert_memory_equal(action, alone, (size_t)up_act_action_size(act) * sizeof *action);
        assert_ok(up_env_step(env, &step));
        if (!terminated && !truncated) continue;
        memset(memory, 0, sizeof memory);
        up_act_begin(act);
    }
    up_env_destroy(env);
    up_policy_destroy(&policy);
    up_act_free(act);
    up_arena_free(&arena);
}

static void test_runs(void **state) {
    (void)state;
    check_run("CartPole-v1", (const char *[]){NULL});
    check_run("Taxi-v4", (const char *[]){"policy.hidden", "32", NULL});
    check_run("Pendulum-v1",
              (const char *[]){"policy.normalize_obs", "true", "env.rescale_action", "true", NULL});
    check_run("Acrobot-v1", (const char *[]){"policy.shared", "true", NULL});
    check_run("MountainCar-v0", (const char *[]){"policy.net", "dense:8,relu lstm:9 gru:7",
                                                 "policy.shared", "true", NULL});
}

// What is wrong is said, and nothing is left behind.
static void test_refuses(void **state) {
    (void)state;
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    UpEnvSpec spec = {.obs = up_space_box(4, -1, 1), .action = up_space_discrete(2)};
    Made made = make(def, spec, NULL, 1);
    write_policy(&made, scratch("good"));
    static const struct {
        const char *key, *value; // NULL: taken away
        UpStatus status;
        const char *says;
    } wrong[] = {
        {"config", NULL, UP_FORMAT, "no config"},
        {"config", "[policy]\nhidden = -3\n", UP_FORMAT, "policy.hidden"},
        {"config", "[policy]\nhidden\n", UP_FORMAT, "damaged"},
        {"config", "[policy]\nhidden = 32\n", UP_MISMATCH, "policy.0.weight"},
        {"config", "[policy]\nhidden = 65536,65536\n", UP_MISMATCH, "weights"},
        {"space.obs", NULL, UP_NOT_FOUND, "space.obs"},
        {"space.obs", "box float32 5 low -1 high 1", UP_MISMATCH, "policy.0.weight"},
        {"space.obs", "box float32 0 low -1 high 1", UP_FORMAT, "space.obs"},
        {"space.obs", "box float32 4 low nan high 1", UP_FORMAT, "space.obs"},
        {"space.obs", "box float32 4 low -1 high 1 x", UP_FORMAT, "space.obs"},
        {"space.obs", "box float32 99999,99999,99999 low -1 high 1", UP_FORMAT, "space.obs"},
        {"space.obs", "discrete 99999999999", UP_FORMAT, "space.obs"},
        {"space.obs", "discrete 1000000000", UP_UNSUPPORTED, "discrete"},
        {"space.action", "multi_discrete 2,,2", UP_FORMAT, "space.action"},
        {"space.action", "tree 3", UP_FORMAT, "space.action"},
        {"space.obs_form", "sparse ", UP_FORMAT, "space.obs_form"},
        {"space.obs_form", NULL, UP_FORMAT, "space.obs_form"},
        {"space.stack", "0", UP_FORMAT, "space.stack"},
        {"space.stack", "99999", UP_MISMATCH, "weights"},
        {"space.action_inside", "discrete 2", UP_FORMAT, "space.action_inside"},
    };
    UpTensorFile file;
    assert_ok(up_tensors_read(scratch("good"), &file));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        UpMeta meta[16];
        int metas = 0;
        for (int j = 0; j < file.metas; j++)
            if (strcmp(file.meta[j].key, wrong[i].key) != 0) meta[metas++] = file.meta[j];
        if (wrong[i].value) meta[metas++] = (UpMeta){(char *)wrong[i].key, (char *)wrong[i].value};
        assert_ok(up_tensors_write(scratch("bad"), file.tensor, file.tensors, meta, metas));
        UpAct *act = (UpAct *)&file;
        UpStatus status = up_act_load(&act, scratch("bad"));
        if (status != wrong[i].status || !strstr(up_error(), wrong[i].says))
            fail_msg("%s = %s: %s: %s", wrong[i].key, wrong[i].value ? wrong[i].value : "(none)",
                     up_status_text(status), up_error());
        assert_null(act);
    }
    up_tensors_free(&file);
    up_policy_destroy(&made.policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_action_space),
        cmocka_unit_test(test_rescaled_actions),
        cmocka_unit_test(test_every_observation),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
