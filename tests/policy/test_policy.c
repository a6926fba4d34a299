// Policies: their tensors in PyTorch's names and orientation, the normaliser, acting.
#include <math.h>
#include <string.h>

#include "counting.h"
#include "scratch.h"
#include "uphill/policy.h"

enum { DIM = 5, ROWS = 9 };

static UpPolicyDef plain_def(void) {
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    def.hidden = (UpSizes){2, {4, 3}};
    return def;
}

static UpEnvSpec spec_of(UpSpace action) {
    return (UpEnvSpec){.id = "Test-v0", .obs = up_space_box(DIM, -10, 10), .action = action};
}

static UpPolicy make(UpPolicyDef def, UpSpace action, bool value, uint64_t seed) {
    UpEnvSpec spec = spec_of(action);
    UpPolicy policy;
    assert_ok(up_policy_create(&policy, &def, &spec, value, ROWS, seed));
    return policy;
}

static void fill_random(float *values, int count, uint64_t seed) {
    UpRng rng;
    up_rng_seed(&rng, seed);
    for (int i = 0; i < count; i++)
        values[i] = (float)(3 * up_rng_normal(&rng) + 1);
}

// ---------------------------------------------------------------------------------------------------
// Tensors

static void check_names(const UpPolicy *policy, const char *expected) {
    UpTensor tensor[UP_POLICY_TENSORS];
    UpArena arena = {0};
    int tensors;
    char text[1024] = "", *end = text;
    assert_ok(up_policy_export(policy, tensor, &tensors, &arena));
    for (int i = 0; i < tensors; i++) {
        end += sprintf(end, "%s%s(%d", i ? " " : "", tensor[i].name, (int)tensor[i].shape[0]);
        if (tensor[i].dims == 2) end += sprintf(end, ",%d", (int)tensor[i].shape[1]);
        end += sprintf(end, ")");
    }
    assert_string_equal(text, expected);
    up_arena_free(&arena);
}

static void test_names(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    UpPolicy p = make(def, up_space_discrete(6), true, 1);
    check_names(&p, "policy.0.weight(4,5) policy.0.bias(4) policy.1.weight(3,4) policy.1.bias(3) "
                    "policy.2.weight(6,3) policy.2.bias(6) "
                    "value.0.weight(4,5) value.0.bias(4) value.1.weight(3,4) value.1.bias(3) "
                    "value.2.weight(1,3) value.2.bias(1)");
    up_policy_destroy(&p);
    def.shared = true;
    def.normalize_obs = true;
    p = make(def, up_space_box(2, -1, 1), true, 1);
    check_names(&p, "trunk.0.weight(4,5) trunk.0.bias(4) trunk.1.weight(3,4) trunk.1.bias(3) "
                    "policy.0.weight(2,3) policy.0.bias(2) value.0.weight(1,3) value.0.bias(1) "
                    "policy.log_std(2) obs.mean(5) obs.var(5) obs.count(1)");
    up_policy_destroy(&p);
    def = plain_def();
    snprintf(def.net, sizeof def.net, "dense:6 lstm:3 lstm:2 gru:4 norm lstm:2");
    p = make(def, up_space_discrete(2), false, 1);
    check_names(&p, "policy.0.weight(6,5) policy.0.bias(6) policy.lstm.weight_ih_l0(12,6) "
                    "policy.lstm.weight_hh_l0(12,3) policy.lstm.bias_ih_l0(12) "
                    "policy.lstm.bias_hh_l0(12) policy.lstm.weight_ih_l1(8,3) "
                    "policy.lstm.weight_hh_l1(8,2) policy.lstm.bias_ih_l1(8) "
                    "policy.lstm.bias_hh_l1(8) policy.gru.weight_ih_l0(12,2) "
                    "policy.gru.weight_hh_l0(12,4) policy.gru.bias_ih_l0(12) "
                    "policy.gru.bias_hh_l0(12) policy.1.weight(4) policy.1.bias(4) "
                    "policy.lstm2.weight_ih_l0(8,4) policy.lstm2.weight_hh_l0(8,2) "
                    "policy.lstm2.bias_ih_l0(8) policy.lstm2.bias_hh_l0(8) policy.2.weight(2,2) "
                    "policy.2.bias(2)");
    assert_int_equal(up_policy_memory(&p), 2 * 3 + 2 * 2 + 4 + 2 * 2);
    up_policy_destroy(&p);
    def.shared = true;
    snprintf(def.net, sizeof def.net, "gru:3");
    p = make(def, up_space_discrete(2), true, 1);
    check_names(&p, "gru.weight_ih_l0(9,5) gru.weight_hh_l0(9,3) gru.bias_ih_l0(9) "
                    "gru.bias_hh_l0(9) policy.0.weight(2,3) policy.0.bias(2) value.0.weight(1,3) "
                    "value.0.bias(1)");
    up_policy_destroy(&p);
    def = plain_def();
    def.bias = false;
    def.bernoulli = true;
    def.hidden = (UpSizes){1, {7}};
    p = make(def, up_space_discrete(2), false, 1);
    check_names(&p, "policy.0.weight(7,5) policy.1.weight(1,7)");
    assert_int_equal(p.size, 7 * 5 + 7);
    up_policy_destroy(&p);
}

static const float *data_of(const UpTensor *tensor, int tensors, const char *name) {
    for (int i = 0; i < tensors; i++)
        if (strcmp(tensor[i].name, name) == 0) return tensor[i].data;
    fail_msg("no tensor %s", name);
    return NULL;
}

// y = activation(W x + b) with W (out, in), as nn.Linear computes it.
static void linear(const UpTensor *tensor, int tensors, const char *name, int in, int out,
                   bool active, const double *x, double *y) {
    char key[64];
    snprintf(key, sizeof key, "%s.weight", name);
    const float *w = data_of(tensor, tensors, key);
    snprintf(key, sizeof key, "%s.bias", name);
    const float *b = data_of(tensor, tensors, key);
    for (int o = 0; o < out; o++) {
        y[o] = (double)b[o];
        for (int i = 0; i < in; i++)
            y[o] += (double)w[o * in + i] * x[i];
        if (active) y[o] = tanh(y[o]);
    }
}

static void test_orientation(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.shared = true;
    def.gain_policy = 1;
    UpPolicy p = make(def, up_space_discrete(6), true, 4);
    fill_random(p.param, (int)p.size, 8);
    float obs[ROWS * DIM];
    fill_random(obs, ROWS * DIM, 9);
    UpObs view = {.rows = ROWS, .dim = DIM, .f32 = obs};
    UpPolicyOut out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
    UpTensor tensor[UP_POLICY_TENSORS];
    UpArena arena = {0};
    int tensors;
    assert_ok(up_policy_export(&p, tensor, &tensors, &arena));
    for (int row = 0; row < ROWS; row++) {
        double x[DIM], first[4], second[3], logits[6], value;
        for (int i = 0; i < DIM; i++)
            x[i] = (double)obs[row * DIM + i];
        linear(tensor, tensors, "trunk.0", DIM, 4, true, x, first);
        linear(tensor, tensors, "trunk.1", 4, 3, true, first, second);
        linear(tensor, tensors, "policy.0", 3, 6, false, second, logits);
        linear(tensor, tensors, "value.0", 3, 1, false, second, &value);
        for (int a = 0; a < 6; a++)
            assert_true(fabs((double)out.param[row * 6 + a] - logits[a]) < 1e-4);
        assert_true(fabs((double)out.value[row] - value) < 1e-4);
    }
    up_arena_free(&arena);
    up_policy_destroy(&p);
}

// Through a file and into a policy of another seed: the same bytes.
static void check_round_trip(UpPolicyDef def, UpSpace action, bool value) {
    UpPolicy from = make(def, action, value, 1), to = make(def, action, value, 2);
    fill_random(from.param, (int)from.size, 3);
    if (def.normalize_obs) {
        float obs[ROWS * DIM];
        fill_random(obs, ROWS * DIM, 5);
        UpObs view = {.rows = ROWS, .dim = DIM, .f32 = obs};
        up_policy_observe(&from, &view, NULL, true);
    }
    UpTensor tensor[UP_POLICY_TENSORS];
    UpTensorFile file;
    UpArena arena = {0};
    int tensors;
    assert_ok(up_policy_export(&from, tensor, &tensors, &arena));
    assert_ok(up_tensors_write(scratch("p.safetensors"), tensor, tensors, NULL, 0));
    assert_ok(up_tensors_read(scratch("p.safetensors"), &file));
    assert_memory_not_equal(from.param, to.param, from.size * sizeof *from.param);
    assert_ok(up_policy_import(&to, &file));
    assert_memory_equal(from.param, to.param, from.size * sizeof *from.param);
    if (def.normalize_obs) {
        assert_memory_equal(from.stats.mean, to.stats.mean, DIM * sizeof(double));
        assert_memory_equal(from.stats.var, to.stats.var, DIM * sizeof(double));
        assert_true(from.stats.count == to.stats.count);
    }
    up_tensors_free(&file);
    up_arena_free(&arena);
    up_policy_destroy(&from);
    up_policy_destroy(&to);
}

static void test_round_trip(void **state) {
    (void)state;
    for (int i = 0; i < 16; i++) {
        UpPolicyDef def = plain_def();
        def.shared = i & 1;
        def.bias = i & 2;
        def.normalize_obs = i & 4;
        if (i == 15) def.hidden = (UpSizes){0};
        check_round_trip(def, i & 8 ? up_space_box(3, -1, 1) : up_space_discrete(3), i % 3);
    }
}

// Importing `file` fails and names `tensor`.
static void expect_mismatch(UpPolicy *policy, const UpTensorFile *file, const char *tensor) {
    assert_int_equal(up_policy_import(policy, file), UP_MISMATCH);
    if (!strstr(up_error(), tensor)) fail_msg("\"%s\" does not name %s", up_error(), tensor);
}

static void test_mismatch(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.normalize_obs = true;
    UpPolicy p = make(def, up_space_box(3, -1, 1), true, 1);
    UpTensor tensor[UP_POLICY_TENSORS], kept;
    UpArena arena = {0};
    int tensors;
    assert_ok(up_policy_export(&p, tensor, &tensors, &arena));
    UpTensorFile file = {.tensor = tensor, .tensors = tensors};
    assert_ok(up_policy_import(&p, &file));
    for (int i = 0; i < tensors; i++) {
        kept = tensor[i];
        for (int d = 0; d < kept.dims; d++) {
            tensor[i].shape[d]++;
            expect_mismatch(&p, &file, kept.name);
            tensor[i] = kept;
        }
        tensor[i].type = UP_I32;
        expect_mismatch(&p, &file, kept.name);
        tensor[i] = kept;
        tensor[i].dims = 3 - kept.dims;
        expect_mismatch(&p, &file, kept.name);
        tensor[i] = kept;
        strcpy(tensor[i].name, "else");
        expect_mismatch(&p, &file, kept.name);
        tensor[i] = kept;
    }
    up_arena_free(&arena);
    up_policy_destroy(&p);
}

// ---------------------------------------------------------------------------------------------------
// Making

static void test_seed(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.log_std = -0.7;
    UpPolicy a = make(def, up_space_box(2, -1, 1), true, 1);
    UpPolicy b = make(def, up_space_box(2, -1, 1), true, 1);
    UpPolicy c = make(def, up_space_box(2, -1, 1), true, 2);
    assert_memory_equal(a.param, b.param, a.size * sizeof *a.param);
    assert_memory_not_equal(a.param, c.param, a.size * sizeof *a.param);
    for (size_t i = 0; i < 2; i++)
        assert_true(a.param[a.log_std + i] == -0.7F);
    assert_int_equal(a.size, a.log_std + 2);
    up_policy_destroy(&a);
    up_policy_destroy(&b);
    up_policy_destroy(&c);
}

// A log_std that the network computes begins where the learnt vector does, and is no number apart.
static void test_state_spread(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.log_std = -0.7;
    def.box = UP_BOX_STATE_GAUSSIAN;
    def.gain_policy = 0;
    UpPolicy p = make(def, up_space_box(2, -1, 1), true, 1);
    const float numbers[5] = {1, -2, 3, 0.5f, 4};
    UpObs obs = {.form = UP_OBS_F32, .rows = 1, .dim = 5, .f32 = (float *)numbers};
    UpPolicyOut out = up_policy_forward(&p, up_seen(&obs), UP_HEADS_ALL);
    assert_null(out.log_std);
    assert_true(out.param[0] == 0 && out.param[1] == 0);
    assert_true(out.param[2] == -0.7F && out.param[3] == -0.7F);
    assert_int_equal(p.size, p.log_std);
    up_policy_destroy(&p);
}

static void test_reserve(void **state) {
    (void)state;
    UpPolicy p = make(plain_def(), up_space_discrete(3), true, 1);
    enum { MORE = 200 };
    float obs[MORE * DIM], few[ROWS * 3];
    fill_random(obs, MORE * DIM, 2);
    UpObs view = {.rows = ROWS, .dim = DIM, .f32 = obs};
    memcpy(few, up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL).param, sizeof few);
    assert_ok(up_policy_reserve(&p, MORE));
    assert_int_equal(p.rows, MORE);
    view.rows = MORE;
    assert_memory_equal(few, up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL).param, sizeof few);
    assert_ok(up_policy_reserve(&p, 1)); // less changes nothing
    assert_int_equal(p.rows, MORE);
    up_policy_destroy(&p);
}

static void test_images_are_not_normalised(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.normalize_obs = true;
    UpEnvSpec spec = spec_of(up_space_discrete(2));
    spec.obs_form = UP_OBS_U8;
    UpPolicy p;
    assert_int_equal(up_policy_create(&p, &def, &spec, true, 1, 1), UP_USAGE);
    assert_non_null(strstr(up_error(), "policy.normalize_obs"));
    assert_null(p.param);
}

// ---------------------------------------------------------------------------------------------------
// Normaliser

// The running mean and variance as Gymnasium's RunningMeanStd begins: 1e-4 samples of N(0, 1).
static void expected_stats(const float *seen, int rows, int d, double *mean, double *var) {
    double count = 1e-4, total = count + rows, sum = 0, squares = count;
    for (int i = 0; i < rows; i++)
        sum += (double)seen[i * DIM + d];
    *mean = sum / total;
    squares += count * *mean * *mean; // of the first samples, which lie at 0
    for (int i = 0; i < rows; i++)
        squares += ((double)seen[i * DIM + d] - *mean) * ((double)seen[i * DIM + d] - *mean);
    *var = squares / total;
}

static void test_normaliser(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.normalize_obs = true;
    def.clip_obs = 1.25;
    UpPolicy p = make(def, up_space_discrete(2), true, 1);
    UpActor train = up_policy_actor(&p), frozen = up_policy_actor_frozen(&p, true);
    float seen[4 * ROWS * DIM];
    int rows = 0, clipped = 0;
    for (int batch = 0; batch < 4; batch++) {
        float raw[ROWS * DIM], obs[ROWS * DIM];
        uint8_t active[ROWS];
        fill_random(raw, ROWS * DIM, (uint64_t)batch);
        memcpy(obs, raw, sizeof obs);
        for (int i = 0; i < ROWS; i++) {
            active[i] = batch == 0 || i % 3 != batch % 3;
            if (active[i]) memcpy(seen + DIM * rows++, raw + i * DIM, DIM * sizeof *raw);
        }
        UpObs view = {.rows = ROWS, .dim = DIM, .f32 = obs};
        train.observe(train.user, &view, batch == 0 ? NULL : active, true);
        for (int cell = 0; cell < ROWS * DIM; cell++) {
            double mean, var;
            expected_stats(seen, rows, cell % DIM, &mean, &var);
            double z = ((double)raw[cell] - mean) / sqrt(var + 1e-8);
            clipped += active[cell / DIM] && fabs(z) > 1.25;
            z = active[cell / DIM] ? fmax(-1.25, fmin(1.25, z)) : (double)raw[cell];
            assert_true(fabs((double)obs[cell] - z) < 1e-5);
        }
        // Frozen, nothing is learned.
        double count = p.stats.count, mean = p.stats.mean[0];
        frozen.observe(frozen.user, &view, NULL, true);
        assert_true(p.stats.count == count && p.stats.mean[0] == mean);
        assert_true(fabs(count - 1e-4 - rows) < 1e-9);
    }
    assert_true(clipped > 5);
    up_policy_destroy(&p);
}

// ---------------------------------------------------------------------------------------------------
// Acting

static void test_actor(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.gain_policy = 5;
    UpPolicy p = make(def, up_space_discrete(6), true, 1);
    UpActor sample = up_policy_actor(&p), greedy = up_policy_actor_frozen(&p, true);
    float obs[ROWS * DIM], action[ROWS], log_prob[ROWS], value[ROWS], alone[ROWS];
    UpRng rng[ROWS], copy[ROWS];
    fill_random(obs, ROWS * DIM, 3);
    for (int i = 0; i < ROWS; i++)
        up_rng_stream(&rng[i], 1, UP_STREAM_POLICY, (uint32_t)i);
    memcpy(copy, rng, sizeof copy);
    UpObs view = {.rows = ROWS, .dim = DIM, .f32 = obs};
    sample.act(sample.user, up_seen(&view), rng, action, log_prob, value);
    UpPolicyOut out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
    for (int i = 0; i < ROWS; i++) {
        float drawn;
        up_dist_sample(&p.dist, out.param + 6 * i, NULL, &copy[i], &drawn);
        assert_true(action[i] == drawn);
        assert_true(log_prob[i] == up_dist_log_prob(&p.dist, out.param + 6 * i, NULL, &drawn));
        assert_true(value[i] == out.value[i]);
    }
    sample.value(sample.user, up_seen(&view), alone);
    assert_memory_equal(alone, value, sizeof value);
    greedy.act(greedy.user, up_seen(&view), rng, action, log_prob, value);
    assert_memory_equal(rng, copy, sizeof rng); // no number was drawn
    out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
    for (int i = 0; i < ROWS; i++)
        for (int a = 0; a < 6; a++)
            assert_true(out.param[6 * i + a] <= out.param[6 * i + (int)action[i]]);
    up_policy_destroy(&p);
}

static void test_without_value(void **state) {
    (void)state;
    UpPolicy p = make(plain_def(), up_space_discrete(3), false, 1);
    float obs[DIM] = {0}, action, log_prob, value = 7;
    UpRng rng;
    up_rng_seed(&rng, 1);
    UpObs view = {.rows = 1, .dim = DIM, .f32 = obs};
    UpActor actor = up_policy_actor(&p);
    assert_null(up_policy_forward(&p, up_seen(&view), UP_HEADS_VALUE).value);
    actor.act(actor.user, up_seen(&view), &rng, &action, &log_prob, &value);
    assert_true(value == 0);
    value = 7;
    actor.value(actor.user, up_seen(&view), &value);
    assert_true(value == 0);
    up_policy_destroy(&p);
}

// What a robot runs: normalised, clipped to the action space, and without any allocation.
static void test_act(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    def.normalize_obs = true;
    def.log_std = 2;
    def.hidden = (UpSizes){2, {64, 64}};
    UpPolicy p = make(def, up_space_box(2, -0.5F, 1), true, 1);
    p.stats.mean[0] = 1;
    p.stats.var[0] = 4;
    float action[2], raw[DIM] = {3}, obs[DIM], normal[DIM] = {1};
    UpRng rng;
    up_rng_seed(&rng, 1);
    UpObs view = {.rows = 1, .dim = DIM, .f32 = obs};
    allocations = frees = 0;
    int low = 0, high = 0;
    for (int i = 0; i < 100; i++) {
        memcpy(obs, raw, sizeof obs);
        atomic_store(&counting, true);
        up_policy_act(&p, &view, NULL, i ? &rng : NULL, action);
        atomic_store(&counting, false);
        for (int d = 0; d < DIM; d++)
            assert_true(fabsf(obs[d] - normal[d]) < 1e-6F);
        assert_true(action[0] >= -0.5F && action[0] <= 1);
        low += action[0] == -0.5F;
        high += action[0] == 1;
        if (i) continue;
        UpPolicyOut out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
        for (int a = 0; a < 2; a++)
            assert_true(action[a] == fmaxf(-0.5F, fminf(1, out.param[a])));
    }
    assert_true(low > 20 && high > 20 && low + high < 100);
    assert_int_equal(allocations, 0);
    assert_int_equal(frees, 0);
    up_policy_destroy(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_orientation),
        cmocka_unit_test_setup_teardown(test_round_trip, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_state_spread),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_images_are_not_normalised),
        cmocka_unit_test(test_normaliser),
        cmocka_unit_test(test_actor),
        cmocka_unit_test(test_without_value),
        cmocka_unit_test(test_act),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
