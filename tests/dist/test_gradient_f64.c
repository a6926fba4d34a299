// Gradient checks of the three distributions: log-probability, entropy, and KL divergence.
#include "gradcheck.h"
#include "uphill/dist.h"

enum { WIDTH = 4 };

typedef struct Check {
    UpDist dist;
    UpReal p[WIDTH], p_log_std[WIDTH], q[WIDTH], q_log_std[WIDTH];
    float action[WIDTH];
    UpReal c_log_prob, c_entropy, c_kl;
} Check;

static double objective(void *context) {
    const Check *c = context;
    return c->c_log_prob * up_dist_log_prob(&c->dist, c->p, c->p_log_std, c->action) +
           c->c_entropy * up_dist_entropy(&c->dist, c->p, c->p_log_std);
}

static double divergence(void *context) {
    const Check *c = context;
    return c->c_kl * up_dist_kl(&c->dist, c->p, c->p_log_std, c->q, c->q_log_std);
}

static void check(UpDist dist, UpRng *rng) {
    Check c = {.dist = dist, .c_log_prob = 0.7, .c_entropy = -0.4, .c_kl = 1.3};
    for (int i = 0; i < WIDTH; i++) {
        c.p[i] = 2 * up_rng_normal(rng);
        c.q[i] = 2 * up_rng_normal(rng);
        c.p_log_std[i] = 0.5 * up_rng_normal(rng);
        c.q_log_std[i] = 0.5 * up_rng_normal(rng);
    }
    up_dist_sample(&dist, c.p, c.p_log_std, rng, c.action);
    UpReal d[WIDTH] = {0}, d_log_std[WIDTH] = {0};
    up_dist_backward(&dist, c.p, c.p_log_std, c.action, c.c_log_prob, c.c_entropy, d, d_log_std);
    check_gradient("param", objective, &c, c.p, d, WIDTH);
    check_gradient("log_std", objective, &c, c.p_log_std, d_log_std, WIDTH);

    UpReal d_q[WIDTH] = {0}, d_q_log_std[WIDTH] = {0};
    up_dist_kl_backward(&dist, c.p, c.p_log_std, c.q, c.q_log_std, c.c_kl, d_q, d_q_log_std);
    check_gradient("q", divergence, &c, c.q, d_q, WIDTH);
    check_gradient("q_log_std", divergence, &c, c.q_log_std, d_q_log_std, WIDTH);
}

static void check_often(UpDist dist) {
    UpRng rng;
    up_rng_seed(&rng, 6);
    for (int i = 0; i < 50; i++)
        check(dist, &rng);
}

static void test_categorical(void **state) {
    (void)state;
    check_often((UpDist){UP_CATEGORICAL, WIDTH, 1});
}

static void test_bernoulli(void **state) {
    (void)state;
    check_often((UpDist){UP_BERNOULLI, WIDTH, WIDTH});
}

static void test_gaussian(void **state) {
    (void)state;
    check_often((UpDist){UP_GAUSSIAN, WIDTH, WIDTH});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_categorical),
        cmocka_unit_test(test_bernoulli),
        cmocka_unit_test(test_gaussian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
