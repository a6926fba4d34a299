// A learned vector for each choice: a product with one-hot rows, which are sparse.
#include <string.h>

#include "net/input.h"
#include "net/layer.h"

static UpStatus shape(const UpNet *net, UpLayer *layer) {
    if (layer->from >= 0 || net->reads != UP_READS_CHOICES)
        return up_fail(UP_USAGE, layer->from >= 0
                                     ? "it reads the observation, so it is the first layer"
                                     : "it needs a Discrete observation, and this one is none");
    layer->params = (size_t)(layer->inputs * layer->outputs);
    return UP_OK;
}

// N(0, 1), as PyTorch's.
static UpStatus init(const UpLayer *layer, UpInit how, double gain, UpReal *param, UpRng *rng) {
    (void)how, (void)gain;
    for (size_t i = 0; i < layer->params; i++)
        param[layer->param + i] = (UpReal)up_rng_normal(rng);
    return UP_OK;
}

static int tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]) {
    int64_t in = layer->inputs, out = layer->outputs;
    tensor[0] = (UpLayerTensor){"weight", 2, {in, out}, {in, out, 1, 1}, {out, 1}, layer->param};
    return 1;
}

static int64_t work(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return layer->outputs;
}

static void product(const UpPass *pass, const UpLayer *layer, const UpReal *block, int64_t row,
                    int64_t m, UpReal *y) {
    memset(y, 0, (size_t)(m * layer->outputs) * sizeof *y);
    up__input_product(pass->input, row, m, layer->inputs, layer->outputs, block + layer->param, y);
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    product(pass, &pass->net->layer[l], pass->param, row, m, up__pass_pre(pass, l, row));
}

// Nobody asks for the gradient of a choice.
static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    (void)pass, (void)l, (void)row, (void)m;
}

static int blocks(const UpPass *pass, const UpLayer *layer) {
    return up__input_blocks(pass->input, layer->inputs, layer->outputs);
}

static void gradient(const UpPass *pass, int l, int block) {
    const UpLayer *layer = &pass->net->layer[l];
    up__input_product_weight(pass->input, pass->rows, layer->inputs, layer->outputs, block,
                             up__pass_gradient(pass, l, 0), pass->grad + layer->param);
}

static void tangent(const UpPass *pass, int l, int64_t row, int64_t m) {
    product(pass, &pass->net->layer[l], pass->direction, row, m, up__pass_d(pass, l, row));
}

const UpLayerOps up__embed = {
    .name = "embed",
    .shape = shape,
    .first = true,
    .init = UP__LEARNS(init),
    .tensors = tensors,
    .work = work,
    .forward = forward,
    .backward = UP__LEARNS(backward),
    .blocks = UP__LEARNS(blocks),
    .gradient = UP__LEARNS(gradient),
    .tangent = UP__LEARNS(tangent),
};
