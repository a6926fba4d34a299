// Convolutions: src/kernels/conv.h has the products.
#include <string.h>

#include "kernels/kernels.h"
#include "net/init.h"
#include "net/layer.h"

enum {
    BLOCK = 16, // rows that a block of the gradient has at least
    LINE = 16,  // numbers in a cache line
};

static UpConv conv_of(const UpLayer *layer) {
    return up__conv_describe(layer->in.channels, layer->in.height, layer->in.width,
                             layer->out.channels, layer->kernel, layer->stride, layer->padding);
}

static int64_t window(const UpLayer *layer) {
    return layer->kernel * layer->kernel * layer->in.channels;
}

static size_t bias_at(const UpLayer *layer) {
    return layer->param + (size_t)(window(layer) * layer->out.channels);
}

static UpStatus shape(const UpNet *net, UpLayer *layer) {
    UP_TRY(up__net_windows(net, layer));
    UpConv conv = conv_of(layer);
    layer->out.height = conv.out_height;
    layer->out.width = conv.out_width;
    layer->params =
        (size_t)(window(layer) * layer->out.channels + (layer->bias ? layer->out.channels : 0));
    return UP_OK;
}

static UpStatus init(const UpLayer *layer, UpInit how, double gain, UpReal *param, UpRng *rng) {
    UpMatrix w = {param + layer->param, window(layer), layer->out.channels};
    return up__init_weights(how, gain, w, layer->bias ? param + bias_at(layer) : NULL, rng);
}

static int tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]) {
    int64_t in = layer->in.channels, out = layer->out.channels, k = layer->kernel;
    tensor[0] = (UpLayerTensor){
        "weight",    4, {out, in, k, k}, {out, in, k, k}, {1, out, k * in * out, in * out},
        layer->param};
    tensor[1] = (UpLayerTensor){"bias", 1, {out}, {out, 1, 1, 1}, {1}, bias_at(layer)};
    return layer->bias ? 2 : 1;
}

static int64_t work(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return layer->outputs * window(layer);
}

static int64_t scratch(const UpLayer *layer) {
    UpConv conv = conv_of(layer);
    return ((int64_t)up__conv_scratch(&conv) + LINE - 1) / LINE * LINE;
}

// That of one chunk of rows, or of one block of the gradient.
static UpReal *scratch_of(const UpPass *pass, int l, int64_t slot) {
    return pass->cache->scratch[l] + slot * scratch(&pass->net->layer[l]);
}

// What it reads, from row `row` on.
static UpConvInput input_of(const UpPass *pass, const UpLayer *layer, int64_t row) {
    UpInput input = up__pass_input(pass, layer->from);
    if (input.obs)
        return (UpConvInput){
            .obs = input.obs, .first = row, .channels_last = pass->net->reads == UP_READS_PIXELS};
    return (UpConvInput){.real = input.real + row * layer->inputs};
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    UpConv conv = conv_of(layer);
    up__kernels()->conv_forward(&conv, m, input_of(pass, layer, row), pass->param + layer->param,
                                layer->bias ? pass->param + bias_at(layer) : NULL,
                                pass->cache->pre[l] ? UP_IDENTITY : layer->activation,
                                up__pass_pre(pass, l, row), scratch_of(pass, l, row / UP__CHUNK));
}

// There is no gradient of a picture's pixels.
static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    UpConv conv = conv_of(layer);
    if (layer->from < 0) return;
    up__kernels()->conv_input(&conv, m, up__pass_gradient(pass, l, row), pass->param + layer->param,
                              up__pass_below(pass, layer->from, row),
                              scratch_of(pass, l, row / UP__CHUNK));
}

static int blocks(const UpPass *pass, const UpLayer *layer) {
    (void)layer;
    int64_t count = (pass->rows + BLOCK - 1) / BLOCK;
    return (int)(count < UP__PARTS ? count : UP__PARTS);
}

// Blocks of rows: each reads its own part of dY once.
static void gradient(const UpPass *pass, int l, int block) {
    const UpLayer *layer = &pass->net->layer[l];
    UpConv conv = conv_of(layer);
    int count = blocks(pass, layer);
    int64_t first = pass->rows * block / count, end = pass->rows * (block + 1) / count;
    UpReal *part = pass->cache->part[l] + (size_t)block * layer->params;
    memset(part, 0, layer->params * sizeof *part);
    up__kernels()->conv_weight(&conv, end - first, input_of(pass, layer, first),
                               up__pass_gradient(pass, l, first), part,
                               layer->bias ? part + window(layer) * layer->out.channels : NULL,
                               scratch_of(pass, l, block));
}

static void collect(const UpPass *pass, int l) {
    const UpLayer *layer = &pass->net->layer[l];
    UpReal *grad = pass->grad + layer->param;
    int count = blocks(pass, layer);
    for (int b = 0; b < count; b++) {
        const UpReal *part = pass->cache->part[l] + (size_t)b * layer->params;
        for (size_t i = 0; i < layer->params; i++)
            grad[i] += part[i];
    }
}

const UpLayerOps up__conv = {
    .name = "conv",
    .shape = shape,
    .first = true,
    .init = UP__LEARNS(init),
    .tensors = tensors,
    .work = work,
    .scratch = scratch,
    .activates = true,
    .forward = forward,
    .backward = UP__LEARNS(backward),
    .blocks = UP__LEARNS(blocks),
    .gradient = UP__LEARNS(gradient),
    .collect = UP__LEARNS(collect),
};
