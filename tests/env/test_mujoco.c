// MuJoCo's tasks: recorded trajectories of Gymnasium, threads, and simulations that go wrong.
#include "env/batch.h"

#ifndef UP_HAVE_MUJOCO

int main(void) {
    puts("skipped: this build has no MuJoCo");
    return 77;
}

#else

#include "env/mujoco/mujoco.h"

static UpMujoco *inside(const Batch *batch) {
    return (UpMujoco *)batch->env;
}

static UpEnvDef def_of(const char *id, const char *options) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", options);
    return def;
}

// ---------------------------------------------------------------------------------------------------
// Warnings are collected

static int warnings;
static char warning[512];

static void on_warning(void *user, const char *message) {
    (void)user;
    warnings++;
    snprintf(warning, sizeof warning, "%s", message);
}

static int setup(void **state) {
    (void)state;
    warnings = 0;
    warning[0] = 0;
    up_set_warn(on_warning, NULL);
    return 0;
}

// ---------------------------------------------------------------------------------------------------
// Recorded by tools/record_mujoco.py

static uint64_t read_hash(FILE *file) {
    unsigned long long hash;
    assert_int_equal(fscanf(file, "%llx", &hash), 1);
    return hash;
}

static uint64_t hash_obs(const UpObs *obs) {
    return hash_bytes(0, obs->f32, (size_t)obs->dim * sizeof *obs->f32);
}

// Returns the episodes that ended.
static int replay(FILE *file, const UpEnvDef *def, uint64_t seed, int steps) {
    Batch batch = batch_open_def(def, 1, seed);
    int ends = 0;
    if (read_hash(file) != hash_obs(&batch.step.obs))
        fail_msg("%s, seed %d: another first observation", def->id, (int)seed);
    for (int t = 0; t < steps; t++) {
        batch_act(&batch);
        double reward;
        int terminated, truncated;
        assert_int_equal(fscanf(file, "%la %d %d", &reward, &terminated, &truncated), 3);
        bool end = terminated || truncated;
        uint64_t obs = read_hash(file), final = end ? read_hash(file) : 0;
        if (memcmp(&reward, batch.step.reward, sizeof reward) != 0)
            fail_msg("%s, seed %d, step %d: the reward is %a, Gymnasium's is %a", def->id,
                     (int)seed, t, batch.step.reward[0], reward);
        if (obs != hash_obs(&batch.step.obs) || (end && final != hash_obs(&batch.step.final_obs)))
            fail_msg("%s, seed %d, step %d: another observation", def->id, (int)seed, t);
        assert_int_equal(batch.step.terminated[0], terminated);
        assert_int_equal(batch.step.truncated[0], truncated);
        ends += end;
    }
    batch_close(&batch);
    return ends;
}

static void test_recorded(void **state) {
    (void)state;
    FILE *file = fopen(UP_TEST_DATA "/mujoco.txt", "r");
    assert_non_null(file);
    char id[64], options[160];
    unsigned long long seed;
    int steps, traces = 0, ends = 0;
    while (fscanf(file, " %63s seed %llu steps %d options %159s", id, &seed, &steps, options) ==
           4) {
        UpEnvDef def = def_of(id, strcmp(options, "-") ? options : "");
        ends += replay(file, &def, seed, steps);
        traces++;
    }
    fclose(file);
    assert_int_equal(traces, 13);
    assert_true(ends > 20);
    assert_int_equal(warnings, 0);
}

// x = default_rng(0).uniform(-2, 3, count): the sum of np.square(np.clip(x, -1, 2)), of x, and of
// the squares of x in float32, by NumPy 2.4.6.
static void test_sums(void **state) {
    (void)state;
    static const struct {
        int count;
        double squares, plain, floats;
    } numpy[] = {
        {1, 0x1.675d89cf2cb99p+0, 0x1.2f4f9b0f40cc8p+0, 0x1.675d8c0000000p+0},
        {7, 0x1.9ca4ccab36701p+3, 0x1.3e05ec5baecf2p+1, 0x1.4a2fc00000000p+4},
        {8, 0x1.f37f85c5cabc2p+3, 0x1.087351e5ce0adp+2, 0x1.759d1c0000000p+4},
        {17, 0x1.2ebc15907bb25p+5, 0x1.5d4eee51455c6p+3, 0x1.c9bf120000000p+5},
        {84, 0x1.13980527a2843p+7, 0x1.91e153aefd29ep+5, 0},
        {128, 0x1.d05b94148f776p+7, 0x1.5dc008015af22p+6, 0},
        {129, 0x1.d25b94148f776p+7, 0x1.583dc0596d746p+6, 0},
        {300, 0x1.0fac1d1d2f553p+9, 0x1.a4d190e28d9e6p+7, 0},
        {1001, 0x1.9ed3553733050p+10, 0x1.234c61a38fc66p+9, 0},
    };
    static double x[1001];
    float single[64];
    UpRng rng;
    up_rng_seed(&rng, 0);
    for (int i = 0; i < 1001; i++) {
        x[i] = up_rng_uniform(&rng, -2, 3);
        if (i < 64) single[i] = (float)x[i];
    }
    for (size_t k = 0; k < sizeof numpy / sizeof(numpy[0]); k++) {
        int count = numpy[k].count;
        assert_true(up__sum_squares(x, count, -1, 2) == numpy[k].squares);
        assert_true(up__sum(x, count) == numpy[k].plain);
        if (count > 64) continue;
        assert_true((double)up__sum_squares_float(single, count) == numpy[k].floats);
    }
}

// ---------------------------------------------------------------------------------------------------
// Threads

static void test_threads(void **state) {
    (void)state;
    enum { N = 7 };
    UpPool *pool;
    assert_ok(up_pool_create(&pool, 3));
    Batch one = batch_open("Walker2d-v5", UP_PREPROCESS_NONE, N, 20);
    Batch three = batch_open("Walker2d-v5", UP_PREPROCESS_NONE, N, 20);
    three.env->pool = pool;
    for (int t = 0; t < 60; t++) {
        batch_act(&one);
        batch_act(&three);
        for (int i = 0; i < N; i++)
            assert_int_equal(hash_instance(0, &one.step, i), hash_instance(0, &three.step, i));
    }
    batch_close(&one);
    batch_close(&three);
    up_pool_destroy(pool);
}

// ---------------------------------------------------------------------------------------------------
// Simulations that go wrong

// Brings instance 1 of three out of the numbers; the episode ends there, in the same step, and the
// others do not notice.
static void test_divergence(void **state) {
    (void)state;
    enum { N = 3, AT = 10 };
    Batch well = batch_open("Hopper-v5", UP_PREPROCESS_NONE, N, 5);
    Batch ill = batch_open("Hopper-v5", UP_PREPROCESS_NONE, N, 5);
    float seen[16];
    for (int t = 0; t < 2 * AT; t++) {
        int64_t dim = ill.step.obs.dim;
        memcpy(seen, ill.step.obs.f32 + dim, (size_t)dim * sizeof *seen);
        if (t == AT) inside(&ill)->data[1]->qvel[2] = NAN;
        batch_act(&well);
        batch_act(&ill);
        for (int i = 0; i < N; i += 2)
            assert_int_equal(hash_instance(0, &well.step, i), hash_instance(0, &ill.step, i));
        if (t != AT) continue;
        assert_int_equal(ill.step.truncated[1], 1);
        assert_int_equal(ill.step.terminated[1], 0);
        assert_true(ill.step.reward[1] == 0);
        assert_memory_equal(seen, ill.step.final_obs.f32 + dim, (size_t)dim * sizeof *seen);
    }
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "Hopper-v5, instance 1: the simulation diverged"));
    for (int64_t i = 0; i < N * ill.step.obs.dim; i++)
        assert_true(isfinite(ill.step.obs.f32[i]));
    batch_close(&well);
    batch_close(&ill);
}

// An error inside of mj_step, which would end the process: no such integrator.
static void test_error_in_a_step(void **state) {
    (void)state;
    Batch batch = batch_open("HalfCheetah-v5", UP_PREPROCESS_NONE, 2, 5);
    int integrator = inside(&batch)->model->opt.integrator;
    inside(&batch)->model->opt.integrator = 99;
    batch_act(&batch);
    assert_int_equal(batch.step.truncated[0] + batch.step.truncated[1], 2);
    assert_int_equal(warnings, 2);
    assert_non_null(strstr(warning, "integrator"));
    inside(&batch)->model->opt.integrator = integrator;
    batch_act(&batch);
    assert_int_equal(batch.step.truncated[0] + batch.step.truncated[1], 0);
    assert_int_equal(warnings, 2);
    batch_close(&batch);
}

// A warning of the step that ends an episode is told, though the next one has begun by then.
static void test_warning_at_an_end(void **state) {
    (void)state;
    UpEnvDef def = def_of("HalfCheetah-v5", "");
    def.max_episode_steps = 1;
    Batch batch = batch_open_def(&def, 1, 5);
    inside(&batch)->model->opt.disableflags |= mjDSBL_CLAMPCTRL;
    inside(&batch)->native.base.spec.action.high[0] = 1e20F;
    batch.action[0] = 1e15F; // MuJoCo warns of numbers beyond 1e10
    assert_ok(up_env_step(batch.env, &batch.step));
    assert_int_equal(batch.step.truncated[0], 1);
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "instance 0: MuJoCo warns: "));
    assert_non_null(strstr(warning, "CTRL"));
    batch_close(&batch);
}

// Where not even a new episode can begin, the step fails, and says why.
static void test_error_in_a_reset(void **state) {
    (void)state;
    Batch batch = batch_open("Hopper-v5", UP_PREPROCESS_NONE, 2, 5);
    int solver = inside(&batch)->model->opt.solver;
    inside(&batch)->model->opt.solver = 99;
    UpStatus status = up_env_reset(batch.env, NULL, batch.step.obs);
    inside(&batch)->model->opt.solver = solver;
    assert_int_equal(status, UP_ENVIRONMENT);
    assert_non_null(strstr(up_error(), "instance 0: MuJoCo cannot begin an episode"));
    assert_non_null(strstr(up_error(), "solver"));
    assert_ok(up_env_reset(batch.env, NULL, batch.step.obs));
    batch_act(&batch);
    batch_close(&batch);
}

// ---------------------------------------------------------------------------------------------------
// Keywords and the spec

static void refused(const char *id, const char *options, UpStatus expected, const char *message) {
    UpEnvDef def = def_of(id, options);
    UpEnv *env;
    UpStatus status = up_env_create(&env, &def, 1);
    if (status == UP_OK) fail_msg("%s with %s was made", id, options);
    assert_null(env);
    assert_int_equal(status, expected);
    if (!strstr(up_error(), message)) fail_msg("%s: %s", options, up_error());
}

static void test_keywords(void **state) {
    (void)state;
    refused("Hopper-v5", "healthy=1", UP_USAGE, "did you mean env.healthy_reward?");
    refused("Hopper-v5", "qqqqqq=1", UP_USAGE, "healthy_reward, terminate_when_unhealthy");
    refused("Hopper-v5", "healthy_z_range=1", UP_USAGE, "is not 2 numbers");
    refused("Hopper-v5", "frame_skip=0", UP_USAGE, "frame_skip = 0 should be");
    refused("Hopper-v5", "frame_skip=1.5", UP_USAGE, "frame_skip = 1.5 should be");
    refused("Ant-v5", "main_body=14", UP_USAGE, "should be 0 to 13");
    refused("Hopper-v5", "xml_file=hoper.xml", UP_NOT_FOUND, "hoper.xml");
    refused("Reacher-v5", "xml_file=hopper.xml", UP_MISMATCH, "no body called fingertip");
    refused("Pusher-v5", "xml_file=swimmer.xml", UP_MISMATCH, "at least 11");
    UpEnvDef def = def_of("Swimmer-v5", "");
    def.preprocess = UP_PREPROCESS_PONG80;
    UpEnv *env;
    assert_int_equal(up_env_create(&env, &def, 1), UP_USAGE);
}

static void test_spec(void **state) {
    (void)state;
    UpEnvDef def = def_of("Pusher-v5", "");
    UpEnv *env;
    assert_ok(up_env_create(&env, &def, 1));
    char text[128];
    up_space_format(&env->spec.action, text, sizeof text);
    assert_string_equal(text, "Box(-2, 2, (7,), float32)");
    up_space_format(&env->spec.obs, text, sizeof text);
    assert_string_equal(text, "Box(-inf, inf, (23,), float32)");
    assert_int_equal(env->spec.max_episode_steps, 100);
    assert_true(env->spec.frames_per_second == 20);
    assert_true(env->spec.reward_threshold == 0);
    up_env_destroy(env);
}

// ---------------------------------------------------------------------------------------------------
// Pictures by OpenGL; those by Cairo are in test_contract.c

static void test_opengl(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // the driver is not ours
#endif
    Batch batch = batch_open("Reacher-v5", UP_PREPROCESS_NONE, 1, 3);
    UpImage image = {0};
    assert_ok(up_env_render(batch.env, 0, &image));
    size_t size = (size_t)image.width * (size_t)image.height * 3;
    uint8_t *picture[2] = {guarded_alloc(&batch, size), guarded_alloc(&batch, size)};
    UpStatus status = UP_OK;
    setenv("MUJOCO_GL", "egl", 1);
    for (int i = 0; i < 2 && status == UP_OK; i++) {
        image.rgb = picture[i];
        status = up_env_render(batch.env, 0, &image);
        for (int t = 0; t < 10; t++)
            batch_act(&batch);
    }
    unsetenv("MUJOCO_GL");
    if (status == UP_OK) {
        assert_memory_not_equal(picture[0], picture[1], size);
        size_t red = 0; // the walls
        for (size_t k = 0; k < size; k += 3)
            red += picture[0][k] > 2 * picture[0][k + 1];
        assert_in_range(red, size / 3 / 50, size / 3 / 2);
    } else {
        assert_int_equal(status, UP_UNSUPPORTED);
        assert_non_null(strstr(up_error(), "MUJOCO_GL"));
    }
    batch_close(&batch);
}

int main(void) {
    const char *version;
    if (up__mujoco_version(&version) == UP_NOT_FOUND) {
        printf("skipped: %s\n", up_error());
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_recorded, setup),
        cmocka_unit_test(test_sums),
        cmocka_unit_test_setup(test_threads, setup),
        cmocka_unit_test_setup(test_divergence, setup),
        cmocka_unit_test_setup(test_warning_at_an_end, setup),
        cmocka_unit_test_setup(test_error_in_a_step, setup),
        cmocka_unit_test_setup(test_error_in_a_reset, setup),
        cmocka_unit_test_setup(test_keywords, setup),
        cmocka_unit_test_setup(test_spec, setup),
        cmocka_unit_test_setup(test_opengl, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
