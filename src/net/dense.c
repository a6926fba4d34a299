// Dense layers: forward, and backward beside it.
#include <string.h>

#include "kernels/kernels.h"
#include "net/init.h"
#include "net/input.h"
#include "net/layer.h"

enum { SPARSE_ENTRIES = 64 }; // entries of a sparse row, for estimating its work

static UpStatus shape(const UpNet *net, UpLayer *layer) {
    (void)net;
    layer->params = (size_t)(layer->inputs * layer->outputs + (layer->bias ? layer->outputs : 0));
    return UP_OK;
}

static size_t bias_at(const UpLayer *layer) {
    return layer->param + (size_t)(layer->inputs * layer->outputs);
}

static UpStatus init(const UpLayer *layer, UpInit how, double gain, UpReal *param, UpRng *rng) {
    UpMatrix w = {param + layer->param, layer->inputs, layer->outputs};
    return up__init_weights(how, gain, w, layer->bias ? param + bias_at(layer) : NULL, rng);
}

static int tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]) {
    int64_t out = layer->outputs;
    tensor[0] = up__matrix_tensor(layer, "weight", out, layer->param);
    tensor[1] = (UpLayerTensor){"bias", 1, {out}, {out, 1, 1, 1}, {1}, bias_at(layer)};
    return layer->bias ? 2 : 1;
}

static int64_t work(const UpPass *pass, const UpLayer *layer) {
    const UpObs *obs = layer->from < 0 ? pass->input.obs : NULL;
    bool few = obs && obs->form == UP_OBS_SPARSE && layer->inputs > SPARSE_ENTRIES;
    return (few ? SPARSE_ENTRIES : layer->inputs) * layer->outputs;
}

static void fill_bias(const UpLayer *layer, const UpReal *param, int64_t m, UpReal *y) {
    size_t bytes = (size_t)layer->outputs * sizeof(UpReal);
    for (int64_t i = 0; i < m; i++) {
        if (layer->bias)
            memcpy(y + i * layer->outputs, param + bias_at(layer), bytes);
        else
            memset(y + i * layer->outputs, 0, bytes);
    }
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    UpReal *y = up__pass_pre(pass, l, row);
    fill_bias(layer, pass->param, m, y);
    up__input_product(up__pass_input(pass, layer->from), row, m, layer->inputs, layer->outputs,
                      pass->param + layer->param, y);
}

static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    UpReal *d_below = up__pass_below(pass, layer->from, row);
    if (d_below)
        up__kernels()->product_input(m, layer->outputs, layer->inputs,
                                     up__pass_gradient(pass, l, row), pass->param + layer->param,
                                     d_below);
}

static int blocks(const UpPass *pass, const UpLayer *layer) {
    return up__input_blocks(up__pass_input(pass, layer->from), layer->inputs, layer->outputs);
}

// One block of dW; the first one also adds the bias gradient.
static void gradient(const UpPass *pass, int l, int block) {
    const UpLayer *layer = &pass->net->layer[l];
    const UpReal *d = up__pass_gradient(pass, l, 0);
    up__input_product_weight(up__pass_input(pass, layer->from), pass->rows, layer->inputs,
                             layer->outputs, block, d, pass->grad + layer->param);
    if (block == 0 && layer->bias)
        up__kernels()->sum_rows(pass->rows, layer->outputs, d, pass->grad + bias_at(layer));
}

// With Y = X W + b:  dY = X dW + db + dX W.
static void tangent(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    const UpReal *moved = up__pass_moved(pass, layer->from, row);
    UpReal *d = up__pass_d(pass, l, row);
    fill_bias(layer, pass->direction, m, d);
    up__input_product(up__pass_input(pass, layer->from), row, m, layer->inputs, layer->outputs,
                      pass->direction + layer->param, d);
    if (moved)
        up__kernels()->product(m, layer->outputs, layer->inputs, moved, layer->inputs,
                               pass->param + layer->param, d);
}

const UpLayerOps up__dense = {
    .name = "dense",
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
