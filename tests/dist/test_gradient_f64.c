// Gradient checks of every kind of distribution: log-probability, entropy, KL divergence, the
// Fisher product and the path.
#include <stdbool.h>

#include "gradcheck.h"
#include "dist/cases.h"
#include "kl_backward.h"

typedef struct Check {
    UpDist dist;
    UpReal p[CASE_WIDTH], p_log_std[CASE_WIDTH], q[CASE_WIDTH], q_log_std[CASE_WIDTH];
    UpReal noise[CASE_WIDTH], weight[CASE_WIDTH];
    float action[CASE_WIDTH];
    UpReal c_log_prob, c_entropy, c_kl;
} Check;

// A squashed Gaussian's entropy, which it has not, is left out.
static double objective(void *context) {
    const Check *c = context;
    double entropy = up_dist_entropy(&c->dist, c->p, c->p_log_std);
    return c->c_log_prob * up_dist_log_prob(&c->dist, c->p, c->p_log_std, c->action) +
           (isnan(entropy) ? 0 : c->c_entropy * entropy);
}

static double divergence(void *context) {
    const Check *c = context;
    return c->c_kl * up_dist_kl(&c->dist, c->p, c->p_log_std, c->q, c->q_log_std);
}

// Of L = Σ w action + c log π.
static double path_loss(void *context) {
    const Check *c = context;
    UpReal action[CASE_WIDTH];
    double loss = c->c_log_prob * up_dist_pathwise(&c->dist, c->p, c->noise, action);
    for (int64_t i = 0; i < c->dist.actions; i++)
        loss += c->weight[i] * action[i];
    return loss;
}

// Whatever is infinite is masked. A difference quotient is taken of the open ones alone: the rest
// stays where it is, and its gradient must be 0.
static void check_open(const char *what, double (*loss)(void *), Check *c, UpReal *x,
                       const UpReal *d_x) {
    for (int i = 0; i < c->dist.params; i++) {
        if (isinf(x[i]))
            assert_true(d_x[i] == 0);
        else
            check_gradient(what, loss, c, x + i, d_x + i, 1);
    }
}

static void check_density(Check *c) {
    UpReal d[CASE_WIDTH] = {0}, d_log_std[CASE_WIDTH] = {0}, entropy;
    UpDistKept kept;
    UpReal log_prob = up_dist_evaluate(&c->dist, c->p, c->p_log_std, c->action, &entropy, &kept);
    assert_true(log_prob == up_dist_log_prob(&c->dist, c->p, c->p_log_std, c->action));
    assert_true(isnan(entropy) || entropy == up_dist_entropy(&c->dist, c->p, c->p_log_std));
    up_dist_backward(&c->dist, c->p, c->p_log_std, c->action, &kept, c->c_log_prob, c->c_entropy, d,
                     d_log_std);
    check_open("param", objective, c, c->p, d);
    check_gradient("log_std", objective, c, c->p_log_std, d_log_std, (size_t)c->dist.log_stds);
}

// The Fisher product is the derivative of the divergence's gradient at q = p.
static void check_fisher(const Check *c) {
    const double h = 1e-5;
    int64_t P = c->dist.params;
    UpReal product[CASE_WIDTH], above[CASE_WIDTH] = {0}, below[CASE_WIDTH] = {0}, q[CASE_WIDTH],
                                unused[CASE_WIDTH];
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int64_t i = 0; i < P; i++)
            q[i] = c->p[i] + sign * h * c->weight[i];
        kl_backward(&c->dist, c->p, c->p_log_std, q, c->p_log_std, 1, sign > 0 ? above : below,
                    unused);
    }
    memcpy(product, c->weight, sizeof product);
    up_dist_fisher(&c->dist, c->p, c->p_log_std, 1, product);
    for (int64_t i = 0; i < P; i++) {
        double numeric = (above[i] - below[i]) / (2 * h);
        if (!(fabs(numeric - product[i]) < 1e-6 * fmax(1e-2, fabs(numeric))))
            fail_msg("Fisher[%d]: the product says %.12g, the difference quotient %.12g", (int)i,
                     product[i], numeric);
    }
}

static void check_divergence(Check *c) {
    if (isnan(divergence(c))) {
        assert_true(c->dist.part[0].kind == UP_CERTAIN);
        return;
    }
    UpReal d_q[CASE_WIDTH] = {0}, d_q_log_std[CASE_WIDTH] = {0};
    kl_backward(&c->dist, c->p, c->p_log_std, c->q, c->q_log_std, c->c_kl, d_q, d_q_log_std);
    check_open("q", divergence, c, c->q, d_q);
    check_gradient("q_log_std", divergence, c, c->q_log_std, d_q_log_std, (size_t)c->dist.log_stds);
    check_fisher(c);
}

static void check_path(Check *c) {
    UpDistKind kind = c->dist.part[0].kind;
    if (kind != UP_SQUASHED_GAUSSIAN && kind != UP_CERTAIN) return;
    UpReal d[CASE_WIDTH] = {0};
    up_dist_pathwise_backward(&c->dist, c->p, c->noise, c->weight, c->c_log_prob, d);
    check_gradient("path", path_loss, c, c->p, d, (size_t)c->dist.params);
}

static void fill(Check *c, int which, double size, UpRng *rng) {
    *c = (Check){.dist = case_dist(which), .c_log_prob = 0.7, .c_entropy = -0.4, .c_kl = 1.3};
    for (int i = 0; i < CASE_WIDTH; i++) {
        c->p[i] = size * up_rng_normal(rng);
        c->q[i] = size * up_rng_normal(rng);
        c->p_log_std[i] = 0.5 * up_rng_normal(rng);
        c->q_log_std[i] = 0.5 * up_rng_normal(rng);
        c->noise[i] = up_rng_normal(rng);
        c->weight[i] = up_rng_normal(rng);
    }
    // Means and, where the network computes them, log_stds.
    for (int64_t i = c->dist.actions; i < c->dist.params && c->dist.masks == 0; i++) {
        c->p[i] = c->p_log_std[i];
        c->q[i] = c->q_log_std[i];
    }
}

static void check(int which, bool masked, UpRng *rng) {
    Check c;
    fill(&c, which, 1, rng);
    uint8_t mask[2 * CASE_WIDTH];
    if (masked) {
        case_mask(&c.dist, mask, rng);
        up_dist_mask(&c.dist, mask, c.p);
        up_dist_mask(&c.dist, mask, c.q);
    }
    up_dist_sample(&c.dist, c.p, c.p_log_std, rng, c.action);
    check_density(&c);
    check_divergence(&c);
    check_path(&c);
}

static void test_every_kind(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 6);
    for (int which = 0; which < CASES; which++)
        for (int i = 0; i < 50; i++) {
            check(which, false, &rng);
            if (case_dist(which).masks > 0) check(which, true, &rng);
        }
}

// Where tanh is 1 in every digit.
static void test_far_path(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 7);
    for (int i = 0; i < 50; i++) {
        Check c;
        fill(&c, UP_SQUASHED_GAUSSIAN, 20, &rng);
        check_path(&c);
    }
}

// A log_std beyond its bounds is held there, and nothing flows back into it.
static void test_held(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 8);
    for (int which = UP_STATE_GAUSSIAN; which <= UP_SQUASHED_GAUSSIAN; which++) {
        Check c, inside;
        fill(&c, which, 1, &rng);
        inside = c;
        c.p[3] = 2.5, inside.p[3] = UP_DIST_LOG_STD_MAX;
        c.p[4] = -20.5, inside.p[4] = UP_DIST_LOG_STD_MIN;
        up_dist_sample(&c.dist, c.p, NULL, &rng, c.action);
        assert_true(up_dist_log_prob(&c.dist, c.p, NULL, c.action) ==
                    up_dist_log_prob(&c.dist, inside.p, NULL, c.action));
        UpReal d[CASE_WIDTH] = {0}, entropy;
        UpDistKept kept;
        up_dist_evaluate(&c.dist, c.p, NULL, c.action, &entropy, &kept);
        up_dist_backward(&c.dist, c.p, NULL, c.action, &kept, 1, 1, d, NULL);
        assert_true(d[3] == 0 && d[4] == 0 && d[5] != 0);
        UpReal tangent[CASE_WIDTH] = {1, 1, 1, 1, 1, 1};
        up_dist_fisher(&c.dist, c.p, NULL, 1, tangent);
        assert_true(tangent[3] == 0 && tangent[4] == 0 && tangent[5] == 2);
        check_path(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_far_path),
        cmocka_unit_test(test_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
