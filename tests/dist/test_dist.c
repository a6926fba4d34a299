// Distributions: recorded PyTorch results, extreme parameters, sampling, the choice by action
// space.
#include <string.h>

#include "trace.h"
#include "dist/cases.h"
#include "kl_backward.h"

enum { WIDTH_MAX = CASE_WIDTH, ROWS_MAX = 8 };

static UpDist one_of(int64_t n) {
    UpSpace space = up_space_discrete(n);
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &space, UP_BOX_GAUSSIAN, false), UP_OK);
    return dist;
}

static UpDist bits_of(int64_t n) {
    UpSpace space = {.kind = UP_SPACE_MULTI_BINARY, .size = n};
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &space, UP_BOX_GAUSSIAN, false), UP_OK);
    return dist;
}

static UpDist box_of(int64_t n, float low, float high, UpBoxHead head) {
    UpSpace space = up_space_box(n, low, high);
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &space, head, false), UP_OK);
    return dist;
}

static UpDist dist_named(const char *kind, int64_t width) {
    if (!strcmp(kind, "categorical")) return one_of(width);
    if (!strcmp(kind, "bernoulli")) return bits_of(width);
    if (!strcmp(kind, "gaussian")) return box_of(width, -1, 1, UP_BOX_GAUSSIAN);
    if (!strcmp(kind, "multi_categorical")) return case_dist(MULTI);
    for (int which = 0; which < UP_DIST_KINDS; which++)
        if (!strcmp(kind, up_dist_name((UpDistKind)which))) return case_dist(which);
    fail_msg("what is %s?", kind);
    return (UpDist){0};
}

// A case of the trace in memory. Arrays are (rows, width) or (width).
typedef struct Case {
    float p[ROWS_MAX * WIDTH_MAX], q[ROWS_MAX * WIDTH_MAX], action[ROWS_MAX * WIDTH_MAX];
    float p_log_std[WIDTH_MAX], q_log_std[WIDTH_MAX];
    float d_p[ROWS_MAX * WIDTH_MAX], d_q[ROWS_MAX * WIDTH_MAX], mask[ROWS_MAX * WIDTH_MAX];
    float d_p_log_std[WIDTH_MAX], d_q_log_std[WIDTH_MAX];
} Case;

static void replay(const cJSON *trace) {
    int rows = (int)trace_number(trace, "rows"), width = (int)trace_number(trace, "width");
    UpDist dist = dist_named(trace_text(trace, "kind"), width);
    Case c = {0};
    trace_floats(trace, "p", rows * width, c.p);
    trace_floats(trace, "q", rows * width, c.q);
    trace_floats(trace, "action", rows * (int)dist.actions, c.action);
    if (cJSON_GetObjectItem(trace, "mask")) {
        trace_floats(trace, "mask", rows * width, c.mask);
        for (int i = 0; i < rows * width; i++)
            if (c.mask[i] == 0) c.p[i] = c.q[i] = -INFINITY;
    }
    bool gaussian = dist.log_stds > 0, squashed = dist.part[0].kind == UP_SQUASHED_GAUSSIAN;
    double tolerance = squashed ? 1e-5 : 2e-6; // atanh takes digits
    if (gaussian) trace_floats(trace, "p_log_std", width, c.p_log_std);
    if (gaussian) trace_floats(trace, "q_log_std", width, c.q_log_std);
    float c_log_prob = (float)trace_number(trace, "c_log_prob");
    float c_entropy = (float)trace_number(trace, "c_entropy");
    for (int i = 0; i < rows; i++) {
        const float *p = c.p + i * width, *q = c.q + i * width;
        const float *action = c.action + i * dist.actions;
        UpDistKept kept;
        float entropy, log_prob = up_dist_evaluate(&dist, p, c.p_log_std, action, &entropy, &kept);
        float kl = up_dist_kl(&dist, p, c.p_log_std, q, c.q_log_std);
        trace_compare(trace, "log_prob", i, 1, &log_prob, tolerance);
        if (!squashed) trace_compare(trace, "entropy", i, 1, &entropy, 2e-6);
        trace_compare(trace, "kl", i, 1, &kl, 2e-6);
        up_dist_backward(&dist, p, c.p_log_std, action, &kept, c_log_prob, c_entropy,
                         c.d_p + i * width, c.d_p_log_std);
        kl_backward(&dist, p, c.p_log_std, q, c.q_log_std, 1, c.d_q + i * width, c.d_q_log_std);
    }
    trace_compare(trace, "d_p", 0, rows * width, c.d_p, tolerance);
    trace_compare(trace, "d_q", 0, rows * width, c.d_q, 2e-6);
    if (!gaussian) return;
    trace_compare(trace, "d_p_log_std", 0, width, c.d_p_log_std, 5e-6);
    trace_compare(trace, "d_q_log_std", 0, width, c.d_q_log_std, 5e-6);
}

static void replay_path(const cJSON *trace) {
    int rows = (int)trace_number(trace, "rows"), width = (int)trace_number(trace, "width");
    UpDist dist = dist_named(trace_text(trace, "kind"), width);
    int A = (int)dist.actions;
    assert_int_equal(dist.params, width);
    float p[ROWS_MAX * WIDTH_MAX], noise[ROWS_MAX * WIDTH_MAX], weight[ROWS_MAX * WIDTH_MAX];
    float action[ROWS_MAX * WIDTH_MAX], d_p[ROWS_MAX * WIDTH_MAX] = {0};
    trace_floats(trace, "p", rows * width, p);
    trace_floats(trace, "noise", rows * A, noise);
    trace_floats(trace, "weight", rows * A, weight);
    float c_log_prob = (float)trace_number(trace, "c_log_prob");
    for (int i = 0; i < rows; i++) {
        float log_prob = up_dist_pathwise(&dist, p + i * width, noise + i * A, action + i * A);
        trace_compare(trace, "log_prob", i, 1, &log_prob, 2e-6);
        up_dist_pathwise_backward(&dist, p + i * width, noise + i * A, weight + i * A, c_log_prob,
                                  d_p + i * width);
    }
    trace_compare(trace, "action", 0, rows * A, action, 2e-6);
    trace_compare(trace, "d_p", 0, rows * width, d_p, 2e-6);
}

static void test_torch(void **state) {
    (void)state;
    cJSON *list = trace_open("torch_dist.json");
    const cJSON *trace;
    int cases = 0;
    cJSON_ArrayForEach(trace, list) {
        if (cJSON_GetObjectItem(trace, "path"))
            replay_path(trace);
        else
            replay(trace);
        cases++;
    }
    assert_int_equal(cases, 9);
    cJSON_Delete(list);
}

// Logits beyond what exp can take give finite numbers, and log-probabilities keep their digits.
static void test_extreme_logits(void **state) {
    (void)state;
    UpDist categorical = one_of(3), bernoulli = bits_of(1);
    const float logit[3] = {1000, 0, -1000}, first = 0, last = 2;
    assert_true(up_dist_log_prob(&categorical, logit, NULL, &first) == 0);
    assert_true(up_dist_log_prob(&categorical, logit, NULL, &last) == -2000);
    assert_true(up_dist_entropy(&categorical, logit, NULL) == 0);
    assert_true(up_dist_kl(&categorical, logit, NULL, logit, NULL) == 0);
    float d[3] = {0}, entropy;
    UpDistKept kept;
    up_dist_evaluate(&categorical, logit, NULL, &last, &entropy, &kept);
    up_dist_backward(&categorical, logit, NULL, &last, &kept, 1, 1, d, NULL);
    assert_true(d[0] == -1 && d[1] == 0 && d[2] == 1);

    const float high = 500, bit0 = 0, bit1 = 1;
    assert_true(up_dist_log_prob(&bernoulli, &high, NULL, &bit0) == -500);
    assert_true(up_dist_log_prob(&bernoulli, &high, NULL, &bit1) == 0);
    assert_true(up_dist_entropy(&bernoulli, &high, NULL) == 0);
}

// A NaN in the parameters shows in every result, and sampling still returns a valid action.
static void test_nan_shows(void **state) {
    (void)state;
    const float zero[CASE_WIDTH] = {0}, log_std[3] = {0};
    float broken[CASE_WIDTH] = {0, NAN, 1};
    for (int which = 0; which < CASES; which++) {
        UpDist dist = case_dist(which);
        UpDistKind kind = dist.part[0].kind;
        bool chooses = dist.masks > 0, certain = kind == UP_CERTAIN;
        assert_true(certain || isnan(up_dist_log_prob(&dist, broken, log_std, zero)));
        assert_true(isnan(up_dist_kl(&dist, broken, log_std, zero, log_std)));
        if (chooses) assert_true(isnan(up_dist_entropy(&dist, broken, log_std)));
        UpRng rng;
        up_rng_seed(&rng, 12);
        float action[CASE_WIDTH];
        assert_true(certain || isnan(up_dist_sample(&dist, broken, log_std, &rng, action)));
        if (kind == UP_CATEGORICAL) assert_true(action[0] >= 0 && action[0] <= 2);
        if (kind == UP_BERNOULLI) assert_true(action[1] == 0 || action[1] == 1);
    }
}

enum { DRAWS = 200000 };

static void test_categorical_frequencies(void **state) {
    (void)state;
    UpDist dist = one_of(4);
    const float logit[4] = {0.5f, -1, 2, -200};
    double count[4] = {0};
    UpRng rng;
    up_rng_seed(&rng, 13);
    for (int i = 0; i < DRAWS; i++) {
        float action;
        up_dist_sample(&dist, logit, NULL, &rng, &action);
        count[(int)action]++;
    }
    for (int a = 0; a < 4; a++) {
        float action = (float)a;
        double p = exp((double)up_dist_log_prob(&dist, logit, NULL, &action));
        assert_true(fabs(count[a] / DRAWS - p) <= 5 * sqrt(p * (1 - p) / DRAWS));
    }
    float mode;
    up_dist_mode(&dist, logit, NULL, &mode);
    assert_true(mode == 2);
}

// Actions that a mask closes are never drawn, also where rounding leaves a rest; the others keep
// their shares, and a mask that leaves one makes it certain.
static void test_masked(void **state) {
    (void)state;
    UpDist dist = one_of(4);
    const float logit[4] = {0.5f, -INFINITY, 2, -INFINITY},
                one[4] = {-INFINITY, -3, -INFINITY, -INFINITY};
    double count[4] = {0};
    UpRng rng;
    up_rng_seed(&rng, 17);
    for (int i = 0; i < DRAWS; i++) {
        float action;
        up_dist_sample(&dist, logit, NULL, &rng, &action);
        count[(int)action]++;
        up_dist_sample(&dist, one, NULL, &rng, &action);
        assert_true(action == 1);
    }
    double p = 1 / (1 + exp(1.5));
    assert_true(count[1] == 0 && count[3] == 0);
    assert_true(fabs(count[0] / DRAWS - p) <= 5 * sqrt(p * (1 - p) / DRAWS));
    const float certain = 1;
    assert_true(up_dist_log_prob(&dist, one, NULL, &certain) == 0);
    assert_true(up_dist_entropy(&dist, one, NULL) == 0);
    float d[4] = {0}, mode, entropy;
    UpDistKept kept;
    up_dist_evaluate(&dist, one, NULL, &certain, &entropy, &kept);
    up_dist_backward(&dist, one, NULL, &certain, &kept, 1, 1, d, NULL);
    assert_true(d[0] == 0 && d[1] == 0 && d[2] == 0 && d[3] == 0);
    up_dist_mode(&dist, logit, NULL, &mode);
    assert_true(mode == 2);
}

static void test_bernoulli_frequencies(void **state) {
    (void)state;
    UpDist dist = bits_of(2);
    const float logit[2] = {1.2f, -0.4f};
    double count[2] = {0};
    float action[2];
    UpRng rng;
    up_rng_seed(&rng, 14);
    for (int i = 0; i < DRAWS; i++) {
        up_dist_sample(&dist, logit, NULL, &rng, action);
        for (int b = 0; b < 2; b++)
            count[b] += (double)action[b];
    }
    for (int b = 0; b < 2; b++) {
        double p = 1 / (1 + exp(-(double)logit[b]));
        assert_true(fabs(count[b] / DRAWS - p) <= 5 * sqrt(p * (1 - p) / DRAWS));
    }
    up_dist_mode(&dist, logit, NULL, action);
    assert_true(action[0] == 1 && action[1] == 0);
}

static void test_gaussian_moments(void **state) {
    (void)state;
    UpDist dist = box_of(2, -1, 1, UP_BOX_GAUSSIAN);
    const float mean[2] = {1.5f, -3}, log_std[2] = {-1, 0.7f};
    double sum[2] = {0}, square[2] = {0};
    float action[2];
    UpRng rng;
    up_rng_seed(&rng, 15);
    for (int i = 0; i < DRAWS; i++) {
        up_dist_sample(&dist, mean, log_std, &rng, action);
        for (int d = 0; d < 2; d++) {
            double z = ((double)action[d] - (double)mean[d]) / exp((double)log_std[d]);
            sum[d] += z;
            square[d] += z * z;
        }
    }
    for (int d = 0; d < 2; d++) {
        assert_true(fabs(sum[d] / DRAWS) <= 5 / sqrt(DRAWS));
        assert_true(fabs(square[d] / DRAWS - 1) <= 5 * sqrt(2.0 / DRAWS));
    }
    up_dist_mode(&dist, mean, log_std, action);
    assert_memory_equal(action, mean, sizeof mean);
}

// In the mean over samples -log π is the entropy, and log p - log q is the divergence.
static void test_entropy_and_kl_are_expectations(void **state) {
    (void)state;
    const float p[CASE_WIDTH] = {0.3f, -1, 1.1f, 0.5f, 0.1f, -0.7f, 0.4f, 0.9f, 0.2f};
    const float q[CASE_WIDTH] = {-0.5f, 0.2f, 0.9f, -0.4f, 0.3f, 0.3f, 0.1f, -0.8f, 0};
    const float p_log_std[3] = {-0.5f, 0.1f, 0.3f}, q_log_std[3] = {0, 0.4f, -0.1f};
    for (int which = 0; which < CASES; which++) {
        UpDist dist = case_dist(which);
        if (which == UP_CERTAIN) continue; // nothing is drawn
        double entropy = 0, kl = 0, expected;
        float action[CASE_WIDTH];
        UpRng rng;
        up_rng_seed(&rng, 16);
        for (int i = 0; i < DRAWS; i++) {
            float drawn = up_dist_sample(&dist, p, p_log_std, &rng, action);
            double log_p = (double)up_dist_log_prob(&dist, p, p_log_std, action);
            assert_true((double)drawn == log_p);
            entropy -= log_p / DRAWS;
            kl += (log_p - (double)up_dist_log_prob(&dist, q, q_log_std, action)) / DRAWS;
        }
        expected = (double)up_dist_entropy(&dist, p, p_log_std);
        assert_true(isnan(expected) ? which == UP_SQUASHED_GAUSSIAN
                                    : fabs(entropy - expected) < 0.02);
        assert_true(fabs(kl - (double)up_dist_kl(&dist, p, p_log_std, q, q_log_std)) < 0.02);
    }
}

// Whatever a mask closes is never drawn, of any kind, nor is it the mode; what it leaves is certain
// where it is alone.
static void test_masks(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 20);
    for (int which = 0; which < CASES; which++) {
        UpDist dist = case_dist(which);
        for (int i = 0; i < 2000 && dist.masks > 0; i++) {
            float param[CASE_WIDTH], action[CASE_WIDTH], mode[CASE_WIDTH];
            uint8_t mask[2 * CASE_WIDTH];
            for (int j = 0; j < CASE_WIDTH; j++)
                param[j] = (float)(3 * up_rng_normal(&rng));
            case_mask(&dist, mask, &rng);
            up_dist_mask(&dist, mask, param);
            float log_prob = up_dist_sample(&dist, param, NULL, &rng, action);
            up_dist_mode(&dist, param, NULL, mode);
            assert_true(isfinite(log_prob));
            assert_true(isfinite(up_dist_entropy(&dist, param, NULL)));
            assert_true(up_dist_kl(&dist, param, NULL, param, NULL) == 0);
            int64_t first = 0;
            for (int64_t a = 0; a < dist.actions; a++) {
                const UpDistPart *part = dist.parts > 1 ? &dist.part[a] : &dist.part[0];
                assert_true(mask[first + (int64_t)action[a]] && mask[first + (int64_t)mode[a]]);
                first += part->kind == UP_BERNOULLI ? 2 : part->params;
            }
            assert_int_equal(first, dist.masks);
        }
    }
}

// What is drawn lies as its density says: the share of each of twenty equal parts of the Box is the
// integral of the density over it, and log π of the path is that of the action.
static void test_squashed_density(void **state) {
    (void)state;
    enum { BINS = 20, FINE = 400 };
    UpSpace box = up_space_box(1, -1, 3);
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_SQUASHED, false), UP_OK);
    assert_true(dist.params == 2 && dist.actions == 1);
    const float param[2] = {0.4f, -0.3f};
    double count[BINS] = {0}, total = 0;
    UpRng rng, copy;
    up_rng_seed(&rng, 18);
    for (int i = 0; i < DRAWS; i++) {
        float action, same, noise;
        copy = rng;
        up_dist_sample(&dist, param, NULL, &rng, &action);
        assert_true(action >= -1 && action <= 3);
        int bin = (int)((action + 1) / 4 * BINS);
        count[bin < BINS ? bin : BINS - 1]++;
        noise = (float)up_rng_normal(&copy);
        float log_prob = up_dist_pathwise(&dist, param, &noise, &same);
        assert_true(action == same);
        float again = up_dist_log_prob(&dist, param, NULL, &action);
        assert_true(fabsf(log_prob - again) < 1e-3f * (1 + fabsf(log_prob)));
    }
    for (int b = 0; b < BINS; b++) {
        double share = 0;
        for (int i = 0; i < FINE; i++) {
            float action = (float)(-1 + 4 * (b + (i + 0.5) / FINE) / BINS);
            double density = exp((double)up_dist_log_prob(&dist, param, NULL, &action));
            share += density * 2 / BINS / FINE; // of tanh(u), in [-1, 1]
        }
        total += share;
        assert_true(fabs(count[b] / DRAWS - share) <= 5 * sqrt(share * (1 - share) / DRAWS) + 1e-5);
    }
    assert_true(fabs(total - 1) < 1e-3);
    float mode;
    up_dist_mode(&dist, param, NULL, &mode);
    assert_true(fabsf(mode - (1 + 2 * tanhf(0.4f))) < 1e-6f);
}

// Far out, where tanh is 1 in every digit, log π along the path is what the formula says.
static void test_squashed_far(void **state) {
    (void)state;
    UpSpace box = up_space_box(1, -1, 1);
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_SQUASHED, false), UP_OK);
    const float noise = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        const float param[2] = {(float)(sign * 50), 0};
        float action, zero = 0, d[2] = {0};
        float log_prob = up_dist_pathwise(&dist, param, &noise, &action);
        assert_true(action == (float)sign);
        // -½ log 2π − 2 log 2 + 2 |u|
        assert_true(fabs((double)log_prob - (100 - 0.918938533 - 1.386294361)) < 1e-4);
        up_dist_pathwise_backward(&dist, param, &noise, &zero, 1, d);
        assert_true(d[0] == (float)(2 * sign) && d[1] == -1);
        assert_true(isfinite(up_dist_log_prob(&dist, param, NULL, &action)));
    }
}

static void test_tanh(void **state) {
    (void)state;
    UpSpace box = up_space_box(2, -2, 2);
    box.bounds = 2, box.low[1] = 0, box.high[1] = 1;
    UpDist dist;
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_TANH, false), UP_OK);
    assert_true(dist.part[0].kind == UP_CERTAIN && dist.params == 2 && dist.actions == 2);
    const float param[2] = {0.5f, -40};
    float drawn[2], mode[2], path[2];
    UpRng rng, before;
    up_rng_seed(&rng, 19);
    before = rng;
    up_dist_sample(&dist, param, NULL, &rng, drawn);
    assert_memory_equal(&rng, &before, sizeof rng);
    up_dist_mode(&dist, param, NULL, mode);
    assert_true(up_dist_pathwise(&dist, param, NULL, path) == 0);
    assert_memory_equal(drawn, mode, sizeof mode);
    assert_memory_equal(path, mode, sizeof mode);
    assert_true(fabsf(mode[0] - 2 * tanhf(0.5f)) < 1e-6f && mode[1] == 0);
}

static void test_squashed_needs_bounds(void **state) {
    (void)state;
    UpDist dist;
    UpSpace discrete = up_space_discrete(3), open = up_space_box(2, -INFINITY, INFINITY),
            half = up_space_box(2, 0, 1);
    half.bounds = 2, half.low[1] = 0, half.high[1] = INFINITY;
    for (int form = UP_BOX_SQUASHED; form <= UP_BOX_TANH; form++) {
        assert_int_equal(up_dist_for_space(&dist, &discrete, (UpBoxHead)form, false), UP_MISMATCH);
        assert_non_null(strstr(up_error(), "Discrete(3)"));
        assert_int_equal(up_dist_for_space(&dist, &open, (UpBoxHead)form, false), UP_MISMATCH);
        assert_non_null(strstr(up_error(), "two bounds"));
        assert_int_equal(up_dist_for_space(&dist, &half, (UpBoxHead)form, false), UP_MISMATCH);
    }
}

static void test_choice_by_space(void **state) {
    (void)state;
    UpDist dist;
    UpSpace discrete = up_space_discrete(6), two = up_space_discrete(2);
    UpSpace box = up_space_box(3, -2, 2), bits = {.kind = UP_SPACE_MULTI_BINARY, .size = 5};
    assert_int_equal(up_dist_for_space(&dist, &discrete, UP_BOX_GAUSSIAN, false), UP_OK);
    assert_true(dist.part[0].kind == UP_CATEGORICAL && dist.params == 6 && dist.actions == 1);
    assert_int_equal(up_dist_for_space(&dist, &two, UP_BOX_GAUSSIAN, true), UP_OK);
    assert_true(dist.part[0].kind == UP_BERNOULLI && dist.params == 1 && dist.actions == 1);
    assert_int_equal(up_dist_for_space(&dist, &box, UP_BOX_GAUSSIAN, false), UP_OK);
    assert_true(dist.part[0].kind == UP_GAUSSIAN && dist.params == 3 && dist.actions == 3);
    assert_int_equal(up_dist_for_space(&dist, &bits, UP_BOX_GAUSSIAN, false), UP_OK);
    assert_true(dist.part[0].kind == UP_BERNOULLI && dist.params == 5 && dist.actions == 5);
    assert_int_equal(up_dist_for_space(&dist, &discrete, UP_BOX_GAUSSIAN, true), UP_MISMATCH);
    assert_non_null(strstr(up_error(), "Discrete(6)"));
    UpSpace multi = {.kind = UP_SPACE_MULTI_DISCRETE, .size = 2, .choices = {3, 4}};
    assert_int_equal(up_dist_for_space(&dist, &multi, UP_BOX_GAUSSIAN, false), UP_OK);
    assert_true(dist.parts == 2 && dist.params == 7 && dist.actions == 2);
    assert_true(dist.part[0].params == 3 && dist.part[1].params == 4 && dist.part[1].param == 3);
    UpSpace whole = up_space_box(2, 0, 9);
    for (int dtype = UP_DTYPE_U8; dtype <= UP_DTYPE_I64; dtype++) { // rounded by who takes them
        whole.dtype = (UpDtype)dtype;
        assert_int_equal(up_dist_for_space(&dist, &whole, UP_BOX_GAUSSIAN, false), UP_OK);
        assert_true(dist.part[0].kind == UP_GAUSSIAN && dist.params == 2 && dist.actions == 2);
    }
    UpSpace image = up_space_image(80, 80, 3);
    assert_int_equal(up_dist_for_space(&dist, &image, UP_BOX_GAUSSIAN, false), UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "19200 components"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch),
        cmocka_unit_test(test_extreme_logits),
        cmocka_unit_test(test_nan_shows),
        cmocka_unit_test(test_categorical_frequencies),
        cmocka_unit_test(test_masked),
        cmocka_unit_test(test_bernoulli_frequencies),
        cmocka_unit_test(test_gaussian_moments),
        cmocka_unit_test(test_entropy_and_kl_are_expectations),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_squashed_density),
        cmocka_unit_test(test_squashed_far),
        cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_squashed_needs_bounds),
        cmocka_unit_test(test_choice_by_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
