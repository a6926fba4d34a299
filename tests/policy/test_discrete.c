// Policies and choices: discrete observations are read one-hot, and an action mask closes actions.
#include <math.h>
#include <string.h>

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

static void fill_random(float *values, int count, uint64_t seed) {
    UpRng rng;
    up_rng_seed(&rng, seed);
    for (int i = 0; i < count; i++)
        values[i] = (float)(3 * up_rng_normal(&rng) + 1);
}

// A policy for such observations answers as one for the vectors that Gymnasium's flatten makes of
// them, and receives the same gradient.
static void check_one_hot(UpSpace space, const float *seen, bool shared) {
    enum { B = 3 };
    UpPolicyDef def = plain_def();
    def.shared = shared;
    def.gain_policy = 1;
    int64_t flat = up_space_flat(&space);
    UpEnvSpec spec = spec_of(up_space_discrete(4)), vector = spec;
    spec.obs = space;
    vector.obs = up_space_box(flat, 0, 1);
    UpPolicy p, q;
    assert_ok(up_policy_create(&p, &def, &spec, true, B, 1));
    assert_ok(up_policy_create(&q, &def, &vector, true, B, 1));
    assert_int_equal(p.size, q.size);
    float row[B * 16] = {0}, values[B * 4];
    memcpy(values, seen, (size_t)(B * space.size) * sizeof *values);
    for (int i = 0; i < B; i++) {
        int64_t first = 0;
        for (int64_t c = 0; c < space.size; c++) {
            row[i * flat + first + (int64_t)values[i * space.size + c]] = 1;
            first += space.kind == UP_SPACE_DISCRETE ? space.n : space.choices[c];
        }
    }
    UpObs a = {.rows = B, .dim = space.size, .f32 = values};
    UpObs b = {.rows = B, .dim = flat, .f32 = row};
    UpPolicyOut one = up_policy_forward(&p, up_seen(&a), UP_HEADS_ALL),
                two = up_policy_forward(&q, up_seen(&b), UP_HEADS_ALL);
    for (int i = 0; i < B * 4; i++)
        assert_true(fabsf(one.param[i] - two.param[i]) < 1e-6F);
    float d_param[B * 4], d_value[B];
    fill_random(d_param, B * 4, 3);
    fill_random(d_value, B, 4);
    up_policy_backward(&p, up_seen(&a), d_param, d_value);
    up_policy_backward(&q, up_seen(&b), d_param, d_value);
    float size = 0;
    for (size_t i = 0; i < p.size; i++) {
        assert_true(fabsf(p.grad[i] - q.grad[i]) < 1e-5F);
        size += fabsf(p.grad[i]);
    }
    assert_true(size > 1);
    up_policy_destroy(&p);
    up_policy_destroy(&q);
}

static void test_one_hot(void **state) {
    (void)state;
    UpSpace tuple = {.kind = UP_SPACE_MULTI_DISCRETE, .size = 3, .choices = {2, 5, 3}};
    for (int shared = 0; shared < 2; shared++) {
        check_one_hot(up_space_discrete(7), (float[]){0, 6, 3}, shared);
        check_one_hot(tuple, (float[]){1, 0, 2, 0, 4, 0, 1, 2, 1}, shared);
    }
}

// A state that is outside its space reads no memory that is not the policy's.
static void test_one_hot_outside(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    UpEnvSpec spec = spec_of(up_space_discrete(2));
    spec.obs = up_space_discrete(7);
    UpPolicy p;
    assert_ok(up_policy_create(&p, &def, &spec, true, 4, 1));
    float obs[4] = {-1, 7, 1e30F, NAN};
    UpObs view = {.rows = 4, .dim = 1, .f32 = obs};
    UpPolicyOut out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
    for (int i = 0; i < 8; i++)
        assert_true(isfinite(out.param[i]));
    up_policy_destroy(&p);
    def.normalize_obs = true;
    assert_int_equal(up_policy_create(&p, &def, &spec, true, 4, 1), UP_USAGE);
    def.normalize_obs = false;
    spec.obs = up_space_discrete(UP_SPARSE_DIM_MAX + 1);
    assert_int_equal(up_policy_create(&p, &def, &spec, true, 4, 1), UP_UNSUPPORTED);
}

static void test_masks(void **state) {
    (void)state;
    UpPolicyDef def = plain_def();
    UpEnvSpec spec = spec_of(up_space_discrete(4));
    spec.mask_size = 4;
    UpPolicy p;
    assert_ok(up_policy_create(&p, &def, &spec, true, ROWS, 1));
    float obs[ROWS * DIM], action[ROWS], log_prob[ROWS], value[ROWS], open[ROWS * 4];
    uint8_t mask[ROWS * 4];
    fill_random(obs, ROWS * DIM, 2);
    UpObs view = {.rows = ROWS, .dim = DIM, .f32 = obs};
    memcpy(open, up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL).param, sizeof open);
    for (int i = 0; i < ROWS * 4; i++)
        mask[i] = (i + i / 4) % 4 < 2;
    view.mask_size = 4;
    view.mask = mask;
    UpPolicyOut out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
    for (int i = 0; i < ROWS * 4; i++)
        assert_true(mask[i] ? out.param[i] == open[i] : out.param[i] == -INFINITY);
    UpRng rng[ROWS];
    for (int i = 0; i < ROWS; i++)
        up_rng_stream(&rng[i], 3, UP_STREAM_POLICY, (uint32_t)i);
    UpActor actor[] = {up_policy_actor(&p), up_policy_actor_frozen(&p, true)};
    for (int draw = 0; draw < 200; draw++) {
        UpActor *a = &actor[draw % 2];
        a->act(a->user, up_seen(&view), rng, action, log_prob, value);
        for (int i = 0; i < ROWS; i++) {
            assert_true(mask[i * 4 + (int)action[i]]);
            assert_true(isfinite(log_prob[i]));
        }
    }
    up_policy_destroy(&p);
    def.bernoulli = true;
    spec.action = up_space_discrete(2);
    spec.mask_size = 2;
    assert_ok(up_policy_create(&p, &def, &spec, true, ROWS, 1));
    view.mask_size = 2; // may it be 0, may it be 1
    for (int i = 0; i < ROWS; i++) {
        mask[2 * i] = i % 3 != 0;
        mask[2 * i + 1] = i % 3 != 1;
    }
    out = up_policy_forward(&p, up_seen(&view), UP_HEADS_ALL);
    for (int i = 0; i < ROWS; i++)
        assert_true(i % 3 == 2 ? isfinite(out.param[i])
                               : out.param[i] == (i % 3 == 0 ? INFINITY : -INFINITY));
    up_policy_destroy(&p);
    spec.mask_size = 1;
    assert_int_equal(up_policy_create(&p, &def, &spec, true, ROWS, 1), UP_UNSUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_hot),
        cmocka_unit_test(test_one_hot_outside),
        cmocka_unit_test(test_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
