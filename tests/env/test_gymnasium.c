// The native tasks against trajectories of Gymnasium, recorded by tools/record_gymnasium.py. Every
// number must be equal to the last bit.
#include "env/batch.h"

typedef struct Trace {
    FILE *file;
    const char *id;
    int seed, step; // where it stands, for messages
} Trace;

static double read_number(Trace *trace) {
    char word[64];
    if (fscanf(trace->file, "%63s", word) != 1) fail_msg("%s: the trace is cut short", trace->id);
    return strtod(word, NULL);
}

static void same(const Trace *trace, const char *what, double recorded, double ours) {
    if (memcmp(&recorded, &ours, sizeof ours) != 0)
        fail_msg("%s, seed %d, step %d: %s is %a, Gymnasium's is %a", trace->id, trace->seed,
                 trace->step, what, ours, recorded);
}

static void same_obs(Trace *trace, const char *what, const float *obs, int64_t dim) {
    for (int64_t i = 0; i < dim; i++)
        same(trace, what, read_number(trace), (double)obs[i]);
}

static void same_mask(Trace *trace, const uint8_t *mask, int64_t size) {
    for (int64_t i = 0; i < size; i++)
        same(trace, "the action mask", read_number(trace), mask[i]);
}

static void replay(Trace *trace, uint64_t seed, int steps, const char *options, int *ends) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", trace->id);
    snprintf(def.options, sizeof def.options, "%s", strcmp(options, "-") ? options : "");
    UpEnv *env;
    assert_ok(up_env_create(&env, &def, 1));
    float action = 0, obs[8], final[8];
    uint8_t mask[8];
    double reward;
    uint8_t terminated, truncated;
    int64_t dim = env->spec.obs.size;
    UpStep step = {.action = &action,
                   .obs = {.form = UP_OBS_F32,
                           .rows = 1,
                           .dim = dim,
                           .f32 = obs,
                           .mask_size = env->spec.mask_size,
                           .mask = mask},
                   .final_obs = {.form = UP_OBS_F32,
                                 .rows = 1,
                                 .dim = dim,
                                 .f32 = final,
                                 .mask_size = env->spec.mask_size,
                                 .mask = mask},
                   .reward = &reward,
                   .terminated = &terminated,
                   .truncated = &truncated};
    trace->seed = (int)seed;
    trace->step = -1;
    assert_ok(up_env_reset(env, &seed, step.obs));
    same_obs(trace, "the first observation", obs, dim);
    same_mask(trace, mask, env->spec.mask_size);
    for (trace->step = 0; trace->step < steps; trace->step++) {
        action = (float)read_number(trace);
        assert_ok(up_env_step(env, &step));
        same(trace, "the reward", read_number(trace), reward);
        same(trace, "terminated", read_number(trace), terminated);
        same(trace, "truncated", read_number(trace), truncated);
        same_obs(trace, "an observation", obs, dim);
        same_mask(trace, mask, env->spec.mask_size);
        if (!terminated && !truncated) continue;
        ends[truncated]++;
        char word[16];
        assert_int_equal(fscanf(trace->file, "%15s", word), 1);
        assert_string_equal(word, "final");
        same_obs(trace, "the final observation", final, dim);
    }
    up_env_destroy(env);
}

// Replays a whole file; returns how many traces it held. ends: episodes [terminated, truncated].
static int replay_file(const char *id, int ends[2]) {
    char path[256], options[64];
    snprintf(path, sizeof path, UP_TEST_DATA "/%s.txt", id);
    Trace trace = {fopen(path, "r"), id, 0, 0};
    assert_non_null(trace.file);
    unsigned long long seed;
    int steps, traces = 0;
    while (fscanf(trace.file, " seed %llu steps %d options %63s", &seed, &steps, options) == 3) {
        replay(&trace, seed, steps, options, ends);
        traces++;
    }
    fclose(trace.file);
    return traces;
}

static void test_traces(void **state) {
    (void)state;
    static const struct {
        const char *id;
        int traces, terminated, truncated;
    } file[] = {
        {"Acrobot-v1", 2, 3, 0},      {"Blackjack-v1", 2, 176, 0},
        {"CartPole-v0", 2, 2, 1},     {"CartPole-v1", 5, 11, 1},
        {"CliffWalking-v1", 2, 3, 0}, {"CliffWalkingSlippery-v1", 1, 0, 0},
        {"FrozenLake-v1", 3, 38, 0},  {"FrozenLake8x8-v1", 1, 7, 0},
        {"MountainCar-v0", 3, 1, 1},  {"MountainCarContinuous-v0", 3, 3, 0},
        {"Pendulum-v1", 5, 0, 3},     {"Taxi-v4", 4, 13, 1},
    };
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) {
        int ends[2] = {0};
        assert_int_equal(replay_file(file[f].id, ends), file[f].traces);
        assert_int_equal(ends[0], file[f].terminated);
        assert_int_equal(ends[1], file[f].truncated);
    }
}

static void test_spec(void **state) {
    (void)state;
    UpEnvDef def = up_env_def_default();
    UpEnv *env;
    char text[256];
    strcpy(def.id, "CartPole-v1");
    assert_ok(up_env_create(&env, &def, 1));
    up_space_format(&env->spec.obs, text, sizeof text);
    assert_string_equal(text, "Box([-4.80000019 -inf -0.418879032 -inf], [4.80000019 inf "
                              "0.418879032 inf], (4,), float32)");
    assert_int_equal(env->spec.max_episode_steps, 500);
    assert_true(env->spec.reward_threshold == 475);
    up_env_destroy(env);
    strcpy(def.id, "Pendulum-v1");
    assert_ok(up_env_create(&env, &def, 1));
    up_space_format(&env->spec.action, text, sizeof text);
    assert_string_equal(text, "Box(-2, 2, (1,), float32)");
    assert_int_equal(env->spec.max_episode_steps, 200);
    up_env_destroy(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traces),
        cmocka_unit_test(test_spec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
