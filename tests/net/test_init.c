// Initial weights: orthogonality, bounds, moments, and that they depend on the stream alone.
#include <math.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/net.h"

enum { COUNT_MAX = 200 * 300 + 300 };
static float param[COUNT_MAX], again[COUNT_MAX];

static size_t bias_at(const UpLayer *layer) {
    return layer->param + (size_t)(layer->inputs * layer->outputs);
}

static UpLayer describe(int64_t in, int64_t out, bool bias) {
    size_t offset = 0;
    UpNet mlp = up_net_mlp(in, NULL, 0, out, UP_IDENTITY, bias, &offset);
    assert_true(offset <= COUNT_MAX);
    return mlp.layer[0];
}

static void init(const UpLayer *layer, UpInit how, double gain, float *values) {
    UpRng rng;
    up_rng_seed(&rng, 10);
    for (int64_t i = 0; i < layer->outputs; i++) // a bias that must be overwritten
        values[bias_at(layer) + (size_t)i] = 9;
    assert_int_equal(up_layer_init(layer, how, gain, values, &rng), UP_OK);
}

// The vectors of the shorter side have length gain and are perpendicular: PyTorch's orthogonal_.
static void check_orthogonal(int64_t in, int64_t out, double gain) {
    UpLayer layer = describe(in, out, true);
    init(&layer, UP_INIT_ORTHOGONAL, gain, param);
    int64_t count = in < out ? in : out, length = in < out ? out : in;
    int64_t stride = in < out ? out : 1, step = in < out ? 1 : out;
    for (int64_t a = 0; a < count; a++) {
        for (int64_t b = 0; b <= a; b++) {
            double product = 0;
            for (int64_t i = 0; i < length; i++)
                product += (double)param[a * stride + i * step] * param[b * stride + i * step];
            double expected = a == b ? gain * gain : 0;
            if (!(fabs(product - expected) < 1e-6 * gain * gain))
                fail_msg("%lld x %lld: vectors %lld and %lld have the product %g", (long long)in,
                         (long long)out, (long long)a, (long long)b, product);
        }
    }
    for (int64_t i = 0; i < out; i++)
        assert_true(param[bias_at(&layer) + (size_t)i] == 0);
}

static void test_orthogonal(void **state) {
    (void)state;
    check_orthogonal(300, 200, sqrt(2));
    check_orthogonal(200, 300, 1);
    check_orthogonal(64, 64, 1);
    check_orthogonal(64, 1, 0.01);
    check_orthogonal(1, 64, 1);
    check_orthogonal(1, 1, 2);
}

// Over many draws of a 2 x 2 matrix both signs and both determinants occur: the matrix is not
// biased by the sign convention of a QR decomposition.
static void test_orthogonal_signs(void **state) {
    (void)state;
    UpLayer layer = describe(2, 2, false);
    UpRng rng;
    up_rng_seed(&rng, 11);
    int positive = 0, rotation = 0;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(up_layer_init(&layer, UP_INIT_ORTHOGONAL, 1, param, &rng), UP_OK);
        positive += param[0] > 0;
        rotation += param[0] * param[3] - param[1] * param[2] > 0;
    }
    assert_in_range(positive, 420, 580); // five standard deviations
    assert_in_range(rotation, 420, 580);
}

static void check_moments(UpInit how, double gain, double bound, double deviation) {
    UpLayer layer = describe(200, 300, true);
    init(&layer, how, gain, param);
    double sum = 0, square = 0, largest = 0, n = 200 * 300;
    for (int i = 0; i < 200 * 300; i++) {
        sum += param[i];
        square += (double)param[i] * param[i];
        largest = fmax(largest, fabs((double)param[i]));
    }
    assert_true(fabs(sum / n) < 5 * deviation / sqrt(n));
    assert_true(fabs(sqrt(square / n) / deviation - 1) < 0.02);
    if (bound > 0) assert_true(largest <= bound * (1 + 1e-6) && largest > 0.99 * bound);
    if (bound == 0) assert_true(largest > 3.5 * deviation); // a normal distribution has tails
}

static void test_bounds(void **state) {
    (void)state;
    double xavier = 1.5 * sqrt(6.0 / 500), kaiming = sqrt(2) * sqrt(3.0 / 200);
    double torch = 1 / sqrt(200), root3 = sqrt(3);
    check_moments(UP_INIT_XAVIER, 1.5, xavier, xavier / root3);
    check_moments(UP_INIT_KAIMING, sqrt(2), kaiming, kaiming / root3);
    check_moments(UP_INIT_TORCH, 1, torch, torch / root3);
    check_moments(UP_INIT_NORMAL_IN, 2, 0, 2 / sqrt(200));
}

static void test_torch_bias(void **state) {
    (void)state;
    UpLayer layer = describe(16, 300, true);
    init(&layer, UP_INIT_TORCH, 1, param);
    double largest = 0;
    for (int i = 0; i < 300; i++)
        largest = fmax(largest, fabs((double)param[bias_at(&layer) + (size_t)i]));
    assert_true(largest <= 0.25 && largest > 0.23);
}

static void test_same_stream_same_values(void **state) {
    (void)state;
    UpLayer layer = describe(30, 20, true);
    for (int how = UP_INIT_ORTHOGONAL; how <= UP_INIT_NORMAL_IN; how++) {
        init(&layer, (UpInit)how, 1, param);
        init(&layer, (UpInit)how, 1, again);
        assert_memory_equal(param, again, (30 * 20 + 20) * sizeof(float));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orthogonal),
        cmocka_unit_test(test_orthogonal_signs),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_torch_bias),
        cmocka_unit_test(test_same_stream_same_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
