// Layer normalisation (Ba 2016), as PyTorch's LayerNorm: with u = (x - mean) / sqrt(var + epsilon)
// over the numbers of a row, y = u weight + bias.
#include <math.h>

#include "net/layer.h"

enum {
    LANES = 16,  // partial sums, so that they vectorise and keep their order
    BLOCK = 512, // numbers of weight and bias in a block of the gradient
    KEPT = 2,    // mean and 1 / sqrt(var + epsilon)
};
static const double epsilon = 1e-5;

static UpStatus shape(const UpNet *net, UpLayer *layer) {
    (void)net;
    layer->out = layer->in;
    layer->params = (size_t)(2 * layer->inputs);
    return UP_OK;
}

static UpStatus init(const UpLayer *layer, UpInit how, double gain, UpReal *param, UpRng *rng) {
    (void)how, (void)gain, (void)rng;
    for (int64_t i = 0; i < layer->inputs; i++) {
        param[layer->param + (size_t)i] = 1;
        param[layer->param + (size_t)(layer->inputs + i)] = 0;
    }
    return UP_OK;
}

static int tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]) {
    int64_t C = layer->in.channels, H = layer->in.height, W = layer->in.width;
    for (int t = 0; t < 2; t++)
        tensor[t] = (UpLayerTensor){t ? "bias" : "weight",
                                    H > 1 || W > 1 ? 3 : 1,
                                    {C, H, W},
                                    {C, H, W, 1},
                                    {1, W * C, C},
                                    layer->param + (size_t)(t * layer->inputs)};
    return 2;
}

static int64_t work(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return 4 * layer->inputs;
}

static int64_t kept(const UpLayer *layer) {
    (void)layer;
    return KEPT;
}

static UpReal total(const UpReal part[LANES]) {
    UpReal sum = 0;
    for (int j = 0; j < LANES; j++)
        sum += part[j];
    return sum;
}

// Σ a, and Σ (a - shift) (b - shift of its own): plain dot products of what is given.
static UpReal sum_of(const UpReal *a, int64_t n) {
    UpReal part[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++)
            part[j] += a[i + j];
    for (; i < n; i++)
        part[i % LANES] += a[i];
    return total(part);
}

static UpReal square_of(const UpReal *a, UpReal mean, int64_t n) {
    UpReal part[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++)
            part[j] += (a[i + j] - mean) * (a[i + j] - mean);
    for (; i < n; i++)
        part[i % LANES] += (a[i] - mean) * (a[i] - mean);
    return total(part);
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    int64_t n = layer->inputs;
    const UpReal *x = pass->cache->out[layer->from] + row * n;
    const UpReal *weight = pass->param + layer->param, *bias = weight + n;
    UpReal *y = up__pass_pre(pass, l, row), *keep = pass->cache->kept[l] + row * KEPT;
    for (int64_t i = 0; i < m; i++, x += n, y += n, keep += KEPT) {
        UpReal mean = keep[0] = sum_of(x, n) / (UpReal)n;
        double var = (double)square_of(x, mean, n) / (double)n;
        UpReal scale = keep[1] = (UpReal)(1 / sqrt(var + epsilon));
        for (int64_t k = 0; k < n; k++)
            y[k] = (x[k] - mean) * scale * weight[k] + bias[k];
    }
}

// With g = dy weight:  dx = (g - mean(g) - u mean(g u)) / sqrt(var + epsilon).
static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    int64_t n = layer->inputs;
    const UpReal *x = pass->cache->out[layer->from] + row * n,
                 *dy = up__pass_gradient(pass, l, row);
    const UpReal *weight = pass->param + layer->param, *keep = pass->cache->kept[l] + row * KEPT;
    UpReal *dx = up__pass_below(pass, layer->from, row);
    for (int64_t i = 0; i < m; i++, x += n, dy += n, dx += n, keep += KEPT) {
        UpReal part[LANES] = {0}, turned[LANES] = {0}, mean = keep[0], scale = keep[1];
        for (int64_t k = 0; k < n; k++) {
            UpReal g = dy[k] * weight[k];
            part[k % LANES] += g;
            turned[k % LANES] += g * ((x[k] - mean) * scale);
        }
        UpReal level = total(part) / (UpReal)n, slope = total(turned) / (UpReal)n;
        for (int64_t k = 0; k < n; k++)
            dx[k] += scale * (dy[k] * weight[k] - level - (x[k] - mean) * scale * slope);
    }
}

static int blocks(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return (int)((layer->inputs + BLOCK - 1) / BLOCK);
}

static void gradient(const UpPass *pass, int l, int block) {
    const UpLayer *layer = &pass->net->layer[l];
    int64_t n = layer->inputs, first = (int64_t)block * BLOCK,
            end = first + BLOCK < n ? first + BLOCK : n;
    const UpReal *x = pass->cache->out[layer->from], *dy = up__pass_gradient(pass, l, 0);
    const UpReal *keep = pass->cache->kept[l];
    UpReal *d_weight = pass->grad + layer->param, *d_bias = d_weight + n;
    for (int64_t i = 0; i < pass->rows; i++, x += n, dy += n, keep += KEPT) {
        for (int64_t k = first; k < end; k++) {
            d_weight[k] += dy[k] * (x[k] - keep[0]) * keep[1];
            d_bias[k] += dy[k];
        }
    }
}

const UpLayerOps up__norm = {
    .name = "norm",
    .shape = shape,
    .init = UP__LEARNS(init),
    .tensors = tensors,
    .work = work,
    .kept = kept,
    .forward = forward,
    .backward = UP__LEARNS(backward),
    .blocks = UP__LEARNS(blocks),
    .gradient = UP__LEARNS(gradient),
};
