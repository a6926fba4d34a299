// Gradient checks of the losses: alone, for each distribution and each region of the clipped ones,
// and through whole policies down to every number of the parameter block.
#include <string.h>

#include "gradcheck.h"
#include "dist/cases.h"
#include "gradient/observations.h"
#include "uphill/env.h"
#include "uphill/gradient.h"
#include "uphill/policy.h"
#include "uphill/random.h"

enum { ROWS = 72, WIDTH = 3, NUMBERS = CASE_WIDTH, HALF = ROWS / 2 }; // more than one chunk of 64

static const double clip = 0.2, value_clip = 0.3;

// Everything that a loss reads and writes, with room for the widest distribution.
typedef struct Check {
    UpDist dist;
    UpLoss loss;
    bool has_value;
    float action[ROWS * NUMBERS];
    UpReal advantage[ROWS], ret[ROWS], log_prob[ROWS], value[ROWS];
    UpReal param[ROWS * NUMBERS], log_std[NUMBERS], new_value[ROWS];
    UpReal d_param[ROWS * NUMBERS], d_log_std[NUMBERS], d_value[ROWS];
} Check;

static UpBatch batch_of(Check *c) {
    return (UpBatch){.B = ROWS,
                     .dist = &c->dist,
                     .action = c->action,
                     .advantage = c->advantage,
                     .ret = c->ret,
                     .log_prob = c->log_prob,
                     .value = c->value,
                     .param = c->param,
                     .log_std = c->dist.log_stds ? c->log_std : NULL,
                     .new_value = c->has_value ? c->new_value : NULL,
                     .d_param = c->d_param,
                     .d_log_std = c->d_log_std,
                     .d_value = c->d_value};
}

// Row i's ratio π/π_old and the sign of its advantage: all eight regions of the clipped surrogate
// take turns, each at some distance from the corners, where there is no derivative.
static double ratio_of(int i) {
    static const double ratio[] = {0.55, 0.93, 1.06, 1.6};
    return ratio[i % 4];
}

static double sign_of(int i) {
    return i / 4 % 2 ? -1 : 1;
}

// A new value that moved by less or more than the clip allows, to either side of the return.
static void fill_value(Check *c, int i, UpRng *rng) {
    static const double moved[] = {0.1, -0.2, 0.7, -0.9, 0.45, -0.5};
    c->value[i] = up_rng_normal(rng);
    c->new_value[i] = c->value[i] + moved[i % 6];
    c->ret[i] = c->value[i] + (i / 6 % 2 ? -1.3 : 1.1);
}

static void fill_rows(Check *c, UpRng *rng) {
    for (int i = 0; i < ROWS; i++) {
        const UpReal *param = c->param + i * c->dist.params;
        float *action = c->action + i * c->dist.actions;
        up_dist_sample(&c->dist, param, c->log_std, rng, action);
        c->advantage[i] = sign_of(i) * up_rng_uniform(rng, 0.3, 2);
        c->log_prob[i] = up_dist_log_prob(&c->dist, param, c->log_std, action) - log(ratio_of(i));
        fill_value(c, i, rng);
    }
}

static void fill(Check *c, UpDist dist, UpLoss loss, bool has_value) {
    UpRng rng;
    up_rng_seed(&rng, 21);
    *c = (Check){.dist = dist, .loss = loss, .has_value = has_value};
    for (int i = 0; i < ROWS * NUMBERS; i++)
        c->param[i] = up_rng_normal(&rng);
    for (int i = 0; i < NUMBERS; i++)
        c->log_std[i] = 0.3 * up_rng_normal(&rng);
    fill_rows(c, &rng);
}

static double clamp(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

// The loss as its header defines it, row by row.
static UpLossSums definition(const Check *c) {
    UpLossSums sums = {0};
    for (int i = 0; i < ROWS; i++) {
        const UpReal *param = c->param + i * c->dist.params;
        double log_prob =
            up_dist_log_prob(&c->dist, param, c->log_std, c->action + i * c->dist.actions);
        double ratio = exp(log_prob - c->log_prob[i]), weight = c->advantage[i];
        double held = clamp(ratio, 1 - c->loss.clip, 1 + c->loss.clip);
        bool clipping = c->loss.clip > 0;
        sums.policy -= clipping ? fmin(ratio * weight, held * weight) : weight * log_prob;
        sums.kl += clipping ? ratio - 1 - log(ratio) : 0;
        sums.clipped += clipping && fabs(ratio - 1) > c->loss.clip;
        sums.entropy += up_dist_entropy(&c->dist, param, c->log_std);
        if (!c->has_value) continue;
        double near = c->value[i] +
                      clamp(c->new_value[i] - c->value[i], -c->loss.value_clip, c->loss.value_clip);
        double plain = pow(c->new_value[i] - c->ret[i], 2), other = pow(near - c->ret[i], 2);
        sums.value += 0.5 * (c->loss.value_clip > 0 ? fmax(plain, other) : plain);
    }
    return sums;
}

static double weighted(const UpLoss *loss, UpLossSums sums) {
    return loss->policy_weight * sums.policy + loss->value_weight * sums.value -
           loss->entropy_weight * sums.entropy;
}

static double objective(void *context) {
    const Check *c = context;
    return weighted(&c->loss, definition(c));
}

static void same(const char *what, double result, double expected) {
    if (!(fabs(result - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%s: %.15g, the definition says %.15g", what, result, expected);
}

static void check_loss(UpDist dist, UpLoss loss, bool has_value) {
    static Check c;
    fill(&c, dist, loss, has_value);
    UpBatch batch = batch_of(&c);
    UpLossSums sums = up_loss(&loss, &batch, NULL), expected = definition(&c);
    same("policy", sums.policy, expected.policy);
    same("value", sums.value, expected.value);
    same("entropy", sums.entropy, expected.entropy);
    same("kl", sums.kl, expected.kl);
    same("clipped", sums.clipped, expected.clipped);
    check_gradient("param", objective, &c, c.param, c.d_param, (size_t)(ROWS * dist.params));
    check_gradient("log_std", objective, &c, c.log_std, c.d_log_std, (size_t)dist.log_stds);
    if (has_value) check_gradient("value", objective, &c, c.new_value, c.d_value, ROWS);
}

// The losses climb by the likelihood ratio, which what is drawn along a path does without.
static bool has_loss(int which) {
    return which != UP_SQUASHED_GAUSSIAN && which != UP_CERTAIN;
}

static void check_all(UpLoss loss) {
    for (int which = 0; which < CASES; which++) {
        if (!has_loss(which)) continue;
        check_loss(case_dist(which), loss, false);
        check_loss(case_dist(which), loss, true);
    }
}

static void test_policy_gradient(void **state) {
    (void)state;
    check_all((UpLoss){.policy_weight = 0.7});
}

static void test_clipped_surrogate(void **state) {
    (void)state;
    check_all((UpLoss){.policy_weight = 0.7, .clip = clip});
}

static void test_value(void **state) {
    (void)state;
    check_all((UpLoss){.value_weight = 1.5});
    check_all((UpLoss){.value_weight = 1.5, .value_clip = value_clip});
}

static void test_entropy(void **state) {
    (void)state;
    check_all((UpLoss){.entropy_weight = 0.4});
}

static void test_all_together(void **state) {
    (void)state;
    check_all((UpLoss){1.0 / ROWS, 2.0 / ROWS, 0.01 / ROWS, 0, 0});
    check_all((UpLoss){1, 0.5, 0.1, clip, value_clip});
}

// Where the clip holds, the policy feels nothing; elsewhere it does.
static void test_regions(void **state) {
    (void)state;
    static Check c;
    for (int which = 0; which < CASES; which++) {
        if (!has_loss(which)) continue;
        int64_t P = case_dist(which).params;
        fill(&c, case_dist(which), (UpLoss){.policy_weight = 1, .clip = clip}, false);
        UpBatch batch = batch_of(&c);
        assert_true(up_loss(&c.loss, &batch, NULL).clipped == HALF);
        for (int i = 0; i < ROWS; i++) {
            bool held = sign_of(i) > 0 ? ratio_of(i) > 1 + clip : ratio_of(i) < 1 - clip;
            bool moved = false;
            for (int64_t p = 0; p < P; p++)
                moved |= c.d_param[i * P + p] != 0;
            assert_int_equal(moved, !held);
        }
    }
}

// d_param and d_value are set, whatever they held; d_log_std is added to.
static void test_overwrites(void **state) {
    (void)state;
    static Check c, d;
    UpLoss loss = {1, 0.5, 0.1, clip, value_clip};
    fill(&c, case_dist(UP_GAUSSIAN), loss, true);
    d = c;
    for (int i = 0; i < ROWS * NUMBERS; i++)
        d.d_param[i] = d.d_value[i % ROWS] = 7;
    d.d_log_std[0] = 1;
    UpBatch first = batch_of(&c), second = batch_of(&d);
    up_loss(&loss, &first, NULL);
    up_loss(&loss, &second, NULL);
    assert_memory_equal(c.d_param, d.d_param, (size_t)(ROWS * c.dist.params) * sizeof *c.d_param);
    assert_memory_equal(c.d_value, d.d_value, sizeof c.d_value);
    same("log_std", d.d_log_std[0], c.d_log_std[0] + 1);
}

static void test_threads(void **state) {
    (void)state;
    static Check c, d;
    UpLoss loss = {1, 0.5, 0.1, clip, value_clip};
    fill(&c, case_dist(UP_GAUSSIAN), loss, true);
    d = c;
    UpBatch first = batch_of(&c), second = batch_of(&d);
    UpPool *pool;
    assert_int_equal(up_pool_create(&pool, 3), UP_OK);
    UpLossSums one = up_loss(&loss, &first, NULL), three = up_loss(&loss, &second, pool);
    up_pool_destroy(pool);
    assert_memory_equal(&one, &three, sizeof one);
    assert_memory_equal(&c, &d, sizeof c);
}

// The widest Gaussian: every component of d_log_std, and nothing beyond.
static void test_wide(void **state) {
    (void)state;
    enum { WIDE = UP_DIST_ACTIONS_MAX, FEW = 3 };
    static UpReal param[FEW * WIDE], log_std[WIDE], d_param[FEW * WIDE], d_log_std[WIDE + 1];
    static float action[FEW * WIDE];
    UpReal advantage[FEW] = {1, -2, 0.5};
    UpRng rng;
    up_rng_seed(&rng, 3);
    UpSpace box = up_space_box(WIDE, -1, 1);
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_GAUSSIAN, false), UP_OK);
    for (int i = 0; i < FEW * WIDE; i++) {
        param[i] = up_rng_normal(&rng);
        action[i] = (float)up_rng_normal(&rng);
        log_std[i % WIDE] = 0.1 * up_rng_normal(&rng);
    }
    UpLoss loss = {.policy_weight = 1, .entropy_weight = 0.5};
    UpBatch batch = {.B = FEW,
                     .dist = &dist,
                     .action = action,
                     .advantage = advantage,
                     .param = param,
                     .log_std = log_std,
                     .d_param = d_param,
                     .d_log_std = d_log_std};
    up_loss(&loss, &batch, NULL);
    assert_true(d_log_std[WIDE] == 0);
    for (int a = 0; a < WIDE; a++) { // -Ψ (z² - 1) - 0.5 for each sample
        double sum = -0.5 * FEW;
        for (int i = 0; i < FEW; i++) {
            double z = ((double)action[i * WIDE + a] - param[i * WIDE + a]) * exp(-log_std[a]);
            sum -= advantage[i] * (z * z - 1);
        }
        same("log_std", d_log_std[a], sum);
    }
    box = up_space_box(WIDE + 1, -1, 1);
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_GAUSSIAN, false), UP_UNSUPPORTED);
}

// ---------------------------------------------------------------------------------------------------
// End to end: ∂loss/∂parameter for a whole policy

enum { DIM = 7 };

typedef struct EndToEnd {
    UpPolicy policy;
    UpObs obs;
    UpLoss loss;
    Check rows; // actions, advantages and so on; its param and new_value are not used
} EndToEnd;

static UpLossSums forward(EndToEnd *e, bool backward) {
    UpPolicy *p = &e->policy;
    UpPolicyOut out = up_policy_forward(p, up_seen(&e->obs), UP_HEADS_ALL);
    UpReal d_log_std[WIDTH] = {0};
    UpBatch batch = batch_of(&e->rows);
    batch.param = out.param;
    batch.log_std = out.log_std;
    batch.new_value = out.value;
    batch.d_log_std = backward && out.log_std ? p->grad + p->log_std : d_log_std;
    UpLossSums sums = up_loss(&e->loss, &batch, NULL);
    if (backward) up_policy_backward(p, up_seen(&e->obs), e->rows.d_param, e->rows.d_value);
    return sums;
}

static double loss_of(void *context) {
    EndToEnd *e = context;
    return weighted(&e->loss, forward(e, false));
}

// A second pass adds the same gradient once more: nothing of the first one is left over.
static void check_accumulates(EndToEnd *e) {
    UpReal once[256];
    assert_true(e->policy.size <= 256);
    memcpy(once, e->policy.grad, e->policy.size * sizeof *once);
    forward(e, true);
    for (size_t i = 0; i < e->policy.size; i++)
        same("accumulated", e->policy.grad[i], 2 * once[i]);
}

static void check_policy(UpPolicyDef def, UpSpace action, UpObsForm form, bool value) {
    static EndToEnd e;
    memset(&e, 0, sizeof e);
    UpRng rng;
    up_rng_seed(&rng, 8);
    UpEnvSpec spec = {.obs = up_space_box(DIM, -10, 10), .action = action, .obs_form = form};
    e.loss = (UpLoss){1.0 / ROWS, 0.5 / ROWS, 0.1 / ROWS, clip, value_clip};
    assert_int_equal(up_policy_create(&e.policy, &def, &spec, value, ROWS, 5), UP_OK);
    for (size_t i = 0; i < e.policy.size; i++)
        e.policy.param[i] = 0.5 * up_rng_normal(&rng);
    fill_obs(&e.obs, form, ROWS, DIM, &rng);
    e.rows.dist = e.policy.dist;
    UpPolicyOut out = up_policy_forward(&e.policy, up_seen(&e.obs), UP_HEADS_ALL);
    int64_t P = e.policy.dist.params;
    memcpy(e.rows.param, out.param, (size_t)(ROWS * P) * sizeof(UpReal));
    if (out.log_std)
        memcpy(e.rows.log_std, out.log_std, (size_t)e.policy.dist.log_stds * sizeof(UpReal));
    fill_rows(&e.rows, &rng);
    if (value) // as if the present value had moved from there
        for (int i = 0; i < ROWS; i++)
            e.rows.value[i] = out.value[i] - (e.rows.new_value[i] - e.rows.value[i]);
    forward(&e, true);
    check_gradient("policy", loss_of, &e, e.policy.param, e.policy.grad, e.policy.size);
    check_accumulates(&e);
    up_policy_destroy(&e.policy);
}

static UpPolicyDef small_policy(void) {
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    def.hidden = (UpSizes){2, {5, 4}};
    return def;
}

static void check_policies(UpPolicyDef def, UpObsForm form) {
    UpSpace binary = {.kind = UP_SPACE_MULTI_BINARY, .size = WIDTH, .dims = 1, .shape = {WIDTH}};
    const UpSpace actions[] = {up_space_discrete(WIDTH), up_space_box(WIDTH, -1, 1), binary};
    for (int a = 0; a < 3; a++) {
        check_policy(def, actions[a], form, true);
        check_policy(def, actions[a], form, false);
    }
    def.box = UP_BOX_STATE_GAUSSIAN;
    check_policy(def, actions[1], form, true);
}

static void test_separate(void **state) {
    (void)state;
    check_policies(small_policy(), UP_OBS_F32);
}

static void test_shared(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.shared = true;
    check_policies(def, UP_OBS_F32);
}

static void test_without_bias(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.bias = false;
    def.bernoulli = true;
    check_policy(def, up_space_discrete(2), UP_OBS_F32, true);
    def.shared = true;
    check_policy(def, up_space_discrete(2), UP_OBS_F32, true);
}

static void test_linear(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.hidden = (UpSizes){0};
    check_policies(def, UP_OBS_F32);
    def.shared = true;
    check_policies(def, UP_OBS_SPARSE);
}

static void test_sparse(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    check_policies(def, UP_OBS_SPARSE);
    def.shared = true;
    def.activation = UP_SILU;
    check_policies(def, UP_OBS_SPARSE);
}

static void test_images(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.shared = true;
    check_policies(def, UP_OBS_U8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_gradient),
        cmocka_unit_test(test_clipped_surrogate),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_entropy),
        cmocka_unit_test(test_all_together),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_overwrites),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_separate),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_without_bias),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
