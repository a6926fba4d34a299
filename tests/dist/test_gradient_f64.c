// Gradient checks of the distributions: log-probability, entropy, and KL divergence.
#include <stdbool.h>

#include "gradcheck.h"
#include "kl_backward.h"
#include "uphill/dist.h"

enum { WIDTH = 9 };

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

static double log_density(void *context) {
    const Check *c = context;
    return c->c_log_prob * up_dist_log_prob(&c->dist, c->p, c->p_log_std, c->action);
}

static double divergence(void *context) {
    const Check *c = context;
    return c->c_kl * up_dist_kl(&c->dist, c->p, c->p_log_std, c->q, c->q_log_std);
}

// Whatever `closed` marks is masked. A difference quotient is taken of the open ones alone: the
// rest stays at -infinity, and its gradient must be 0.
static void check_open(const char *what, double (*loss)(void *), Check *c, UpReal *x,
                       const UpReal *d_x) {
    for (int i = 0; i < c->dist.params; i++) {
        if (isinf(x[i]))
            assert_true(d_x[i] == 0);
        else
            check_gradient(what, loss, c, x + i, d_x + i, 1);
    }
}

static void check(UpDist dist, bool masked, UpRng *rng) {
    Check c = {.dist = dist, .c_log_prob = 0.7, .c_entropy = -0.4, .c_kl = 1.3};
    for (int i = 0; i < WIDTH; i++) {
        c.p[i] = 2 * up_rng_normal(rng);
        c.q[i] = 2 * up_rng_normal(rng);
        c.p_log_std[i] = 0.5 * up_rng_normal(rng);
        c.q_log_std[i] = 0.5 * up_rng_normal(rng);
    }
    for (int i = 0; masked && i < WIDTH; i++) // one of the first two of each part stays open
        if (i % 3 != 1 && up_rng_double(rng) < 0.5) c.p[i] = c.q[i] = -(UpReal)INFINITY;
    up_dist_sample(&dist, c.p, c.p_log_std, rng, c.action);
    UpReal d[WIDTH] = {0}, d_log_std[WIDTH] = {0};
    up_dist_backward(&dist, c.p, c.p_log_std, c.action, c.c_log_prob, c.c_entropy, d, d_log_std);
    check_open("param", objective, &c, c.p, d);
    check_gradient("log_std", objective, &c, c.p_log_std, d_log_std, WIDTH);

    UpReal d_q[WIDTH] = {0}, d_q_log_std[WIDTH] = {0};
    kl_backward(&dist, c.p, c.p_log_std, c.q, c.q_log_std, c.c_kl, d_q, d_q_log_std);
    check_open("q", divergence, &c, c.q, d_q);
    check_gradient("q_log_std", divergence, &c, c.q_log_std, d_q_log_std, WIDTH);
}

static void check_often(UpDist dist, bool masked) {
    UpRng rng;
    up_rng_seed(&rng, 6);
    for (int i = 0; i < 50; i++)
        check(dist, masked, &rng);
}

static const UpDist multi = {
    .kind = UP_MULTI_CATEGORICAL, .params = 9, .actions = 3, .choices = {2, 3, 4}};

static void test_categorical(void **state) {
    (void)state;
    check_often((UpDist){.kind = UP_CATEGORICAL, .params = WIDTH, .actions = 1}, false);
}

static void test_multi_categorical(void **state) {
    (void)state;
    check_often(multi, false);
}

static void test_masked(void **state) {
    (void)state;
    check_often((UpDist){.kind = UP_CATEGORICAL, .params = WIDTH, .actions = 1}, true);
    check_often(multi, true);
}

static void test_bernoulli(void **state) {
    (void)state;
    check_often((UpDist){.kind = UP_BERNOULLI, .params = WIDTH, .actions = WIDTH}, false);
}

static void test_gaussian(void **state) {
    (void)state;
    check_often((UpDist){.kind = UP_GAUSSIAN, .params = WIDTH, .actions = WIDTH}, false);
}

// A squashed Gaussian and tanh along their path: of L = Σ w action + c log π.
typedef struct Path {
    UpDist dist;
    UpReal param[2 * WIDTH], noise[WIDTH], weight[WIDTH], c_log_prob;
} Path;

static double path_loss(void *context) {
    const Path *c = context;
    UpReal action[WIDTH];
    double loss = c->c_log_prob * up_dist_pathwise(&c->dist, c->param, c->noise, action);
    for (int i = 0; i < WIDTH; i++)
        loss += c->weight[i] * action[i];
    return loss;
}

static void check_path(UpBoxHead form, double spread, UpRng *rng) {
    UpSpace box = up_space_box(WIDTH, -1, 1);
    box.bounds = 3; // the third stands for the rest
    for (int i = 0; i < 3; i++) {
        box.low[i] = (float)(-1 - i);
        box.high[i] = (float)(0.5 + 2 * i);
    }
    Path c = {.c_log_prob = -0.6};
    assert_int_equal(up_dist_for_space(&c.dist, &box, form, false), UP_OK);
    for (int i = 0; i < WIDTH; i++) {
        c.param[i] = spread * up_rng_normal(rng);
        c.param[WIDTH + i] = up_rng_normal(rng);
        c.noise[i] = up_rng_normal(rng);
        c.weight[i] = up_rng_normal(rng);
    }
    if (form == UP_BOX_SQUASHED) c.param[WIDTH] = 2.5, c.param[WIDTH + 1] = -21; // are held
    UpReal d[2 * WIDTH] = {0};
    up_dist_pathwise_backward(&c.dist, c.param, c.noise, c.weight, c.c_log_prob, d);
    check_gradient("path", path_loss, &c, c.param, d, (size_t)c.dist.params);
    if (form == UP_BOX_SQUASHED) assert_true(d[WIDTH] == 0 && d[WIDTH + 1] == 0);
}

static void test_pathwise(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 7);
    for (int i = 0; i < 50; i++) {
        check_path(UP_BOX_SQUASHED, 1, &rng);
        check_path(UP_BOX_SQUASHED, 20, &rng); // where tanh is 1 in every digit
        check_path(UP_BOX_TANH, 2, &rng);
    }
}

static void test_squashed(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 8);
    UpSpace box = up_space_box(4, -1, 3);
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_SQUASHED, false), UP_OK);
    for (int i = 0; i < 50; i++) {
        Check c = {.dist = dist, .c_log_prob = 0.7};
        for (int j = 0; j < 8; j++)
            c.p[j] = 0.5 * up_rng_normal(&rng);
        up_dist_sample(&dist, c.p, NULL, &rng, c.action);
        UpReal d[WIDTH] = {0};
        up_dist_backward(&dist, c.p, NULL, c.action, c.c_log_prob, 0, d, NULL);
        check_gradient("param", log_density, &c, c.p, d, 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_categorical), cmocka_unit_test(test_multi_categorical),
        cmocka_unit_test(test_masked),      cmocka_unit_test(test_bernoulli),
        cmocka_unit_test(test_gaussian),    cmocka_unit_test(test_pathwise),
        cmocka_unit_test(test_squashed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
