// Fisher-vector products: against difference quotients of the gradient of KL(π_old ‖ π) at π_old,
// down to every number of the parameter block, for each distribution, form of observation and
// activation.
#include <string.h>

#include "gradcheck.h"
#include "gradient/observations.h"
#include "kl_backward.h"
#include "uphill/env.h"
#include "uphill/policy.h"
#include "uphill/random.h"

enum { ROWS = 70, DIM = 7, WIDTH = 6, NUMBERS = 400, DIRECTIONS = 3 }; // rows: more than a chunk

typedef struct Case {
    UpPolicy policy;
    UpObs obs;
    UpReal old[ROWS * WIDTH], old_log_std[WIDTH]; // π_old
} Case;

// policy.grad = the gradient of Σ KL(π_old ‖ π) over the rows.
static void kl_gradient(Case *c) {
    UpPolicy *p = &c->policy;
    int64_t P = p->dist.params;
    UpReal d_param[ROWS * WIDTH] = {0};
    memset(p->grad, 0, p->size * sizeof *p->grad);
    UpPolicyOut out = up_policy_forward(p, up_seen(&c->obs), UP_HEADS_ALL);
    for (int i = 0; i < ROWS; i++)
        kl_backward(&p->dist, c->old + i * P, c->old_log_std, out.param + i * P, out.log_std, 1,
                    d_param + i * P, p->grad + p->log_std);
    up_policy_backward(p, up_seen(&c->obs), d_param, NULL);
}

// (∇KL(θ + h v) − ∇KL(θ − h v)) / 2h
static void quotient(Case *c, const UpReal *v, UpReal *result) {
    const double h = 1e-5;
    UpPolicy *p = &c->policy;
    UpReal kept[NUMBERS];
    memcpy(kept, p->param, p->size * sizeof *kept);
    memset(result, 0, p->size * sizeof *result);
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (size_t i = 0; i < p->size; i++)
            p->param[i] = kept[i] + sign * h * v[i];
        kl_gradient(c);
        for (size_t i = 0; i < p->size; i++)
            result[i] += sign * p->grad[i] / (2 * h);
    }
    memcpy(p->param, kept, p->size * sizeof *kept);
    memset(p->grad, 0, p->size * sizeof *p->grad);
}

static double largest_of(size_t count, const UpReal *x) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(x[i]));
    return largest;
}

static void check_direction(Case *c, UpRng *rng) {
    UpPolicy *p = &c->policy;
    UpReal v[NUMBERS], numeric[NUMBERS], once[NUMBERS];
    for (size_t i = 0; i < p->size; i++)
        v[i] = up_rng_normal(rng);
    quotient(c, v, numeric);
    up_policy_forward(p, up_seen(&c->obs), UP_HEADS_POLICY);
    up_policy_fisher(p, up_seen(&c->obs), v, 1);
    double scale = largest_of(p->size, numeric);
    assert_true(scale > 1e-3);
    for (size_t i = 0; i < p->size; i++)
        if (!(fabs(p->grad[i] - numeric[i]) < 1e-6 * fmax(fabs(numeric[i]), 1e-3 * scale)))
            fail_msg("[%zu]: the product says %.12g, the difference quotient %.12g", i, p->grad[i],
                     numeric[i]);
    // It adds to the gradient, and scales.
    memcpy(once, p->grad, p->size * sizeof *once);
    up_policy_forward(p, up_seen(&c->obs), UP_HEADS_ALL);
    up_policy_fisher(p, up_seen(&c->obs), v, 2);
    for (size_t i = 0; i < p->size; i++)
        assert_true(fabs(p->grad[i] - 3 * once[i]) <= 1e-10 * scale);
    memset(p->grad, 0, p->size * sizeof *p->grad);
}

static void check(UpPolicyDef def, UpSpace action, UpObsForm form) {
    static Case c;
    memset(&c, 0, sizeof c);
    UpRng rng;
    up_rng_seed(&rng, 12);
    UpEnvSpec spec = {.obs = up_space_box(DIM, -10, 10), .action = action, .obs_form = form};
    assert_int_equal(up_policy_create(&c.policy, &def, &spec, true, ROWS, 5), UP_OK);
    UpPolicy *p = &c.policy;
    assert_true(p->size <= NUMBERS && p->dist.params <= WIDTH);
    double size = def.box == UP_BOX_STATE_GAUSSIAN ? 0.1 : 0.5; // 1/σ² grows fast
    for (size_t i = 0; i < p->size; i++)
        p->param[i] = size * up_rng_normal(&rng);
    fill_obs(&c.obs, form, ROWS, DIM, &rng);
    UpPolicyOut out = up_policy_forward(p, up_seen(&c.obs), UP_HEADS_ALL);
    memcpy(c.old, out.param, (size_t)(ROWS * p->dist.params) * sizeof(UpReal));
    if (out.log_std) memcpy(c.old_log_std, out.log_std, (size_t)p->dist.log_stds * sizeof(UpReal));
    for (int d = 0; d < DIRECTIONS; d++)
        check_direction(&c, &rng);
    up_policy_destroy(p);
}

static UpPolicyDef small_policy(void) {
    UpPolicyDef def;
    up_options_default(&up_policy_options, &def);
    def.hidden = (UpSizes){2, {5, 4}};
    return def;
}

static void check_actions(UpPolicyDef def, UpObsForm form) {
    UpSpace binary = {.kind = UP_SPACE_MULTI_BINARY, .size = 3, .dims = 1, .shape = {3}};
    UpSpace multi = {
        .kind = UP_SPACE_MULTI_DISCRETE, .size = 2, .dims = 1, .shape = {2}, .choices = {2, 3}};
    const UpSpace actions[] = {up_space_discrete(3), up_space_box(3, -1, 1), binary, multi};
    for (int a = 0; a < 4; a++)
        check(def, actions[a], form);
    def.box = UP_BOX_STATE_GAUSSIAN;
    check(def, actions[1], form);
}

static void test_separate(void **state) {
    (void)state;
    for (int activation = UP_IDENTITY; activation < UP_ACTIVATIONS; activation++) {
        UpPolicyDef def = small_policy();
        def.activation = activation;
        check_actions(def, UP_OBS_F32);
    }
}

static void test_shared(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.shared = true;
    check_actions(def, UP_OBS_F32);
    def.activation = UP_SILU;
    check_actions(def, UP_OBS_SPARSE);
}

static void test_linear(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.hidden = (UpSizes){0};
    def.bias = false;
    check_actions(def, UP_OBS_F32);
    def.bernoulli = true;
    check(def, up_space_discrete(2), UP_OBS_SPARSE);
}

static void test_forms(void **state) {
    (void)state;
    check_actions(small_policy(), UP_OBS_U8);
    check_actions(small_policy(), UP_OBS_SPARSE);
}

// The same bits for any number of threads.
static void test_threads(void **state) {
    (void)state;
    UpPolicyDef def = small_policy();
    def.hidden = (UpSizes){2, {96, 96}};
    UpEnvSpec spec = {.obs = up_space_box(DIM, -10, 10), .action = up_space_box(3, -1, 1)};
    static UpReal v[20000], product[2][20000];
    UpRng rng;
    up_rng_seed(&rng, 13);
    UpObs obs;
    fill_obs(&obs, UP_OBS_F32, ROWS, DIM, &rng);
    for (int i = 0; i < 20000; i++)
        v[i] = up_rng_normal(&rng);
    for (int threads = 1; threads <= 3; threads += 2) {
        UpPolicy p;
        UpPool *pool;
        assert_int_equal(up_pool_create(&pool, threads), UP_OK);
        assert_int_equal(up_policy_create(&p, &def, &spec, false, ROWS, 5), UP_OK);
        assert_true(p.size <= 20000);
        p.pool = pool;
        up_policy_forward(&p, up_seen(&obs), UP_HEADS_POLICY);
        up_policy_fisher(&p, up_seen(&obs), v, 0.5);
        memcpy(product[threads / 2], p.grad, p.size * sizeof(UpReal));
        up_policy_destroy(&p);
        up_pool_destroy(pool);
    }
    assert_memory_equal(product[0], product[1], sizeof product[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_separate), cmocka_unit_test(test_shared),
        cmocka_unit_test(test_linear),   cmocka_unit_test(test_forms),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
