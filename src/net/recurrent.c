#include "net/recurrent.h"

#include <string.h>

#include "kernels/kernels.h"
#include "net/input.h"

UpRecurrent up__recurrent(const UpLayer *layer, const UpPass *pass) {
    UpRecurrent r = {.H = layer->outputs, .wide = up__gates(layer) * layer->outputs};
    r.w_ih = layer->param;
    r.w_hh = r.w_ih + (size_t)(layer->inputs * r.wide);
    r.b_ih = r.w_hh + (size_t)(r.H * r.wide);
    r.b_hh = r.b_ih + (size_t)(layer->bias ? r.wide : 0);
    if (pass) {
        r.T = pass->input.steps > 1 ? pass->input.steps : 1;
        r.S = pass->rows / r.T;
    }
    return r;
}

UpStatus up__recurrent_shape(const UpNet *net, UpLayer *layer) {
    (void)net;
    int64_t wide = up__gates(layer) * layer->outputs;
    layer->params =
        (size_t)((layer->inputs + layer->outputs) * wide + (layer->bias ? 2 * wide : 0));
    layer->memory = (layer->kind == UP_LAYER_LSTM ? 2 : 1) * layer->outputs;
    return UP_OK;
}

int up__recurrent_tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]) {
    UpRecurrent r = up__recurrent(layer, NULL);
    tensor[0] = up__matrix_tensor(layer, "weight_ih", r.wide, r.w_ih);
    tensor[1] =
        (UpLayerTensor){"weight_hh", 2, {r.wide, r.H}, {r.wide, r.H, 1, 1}, {1, r.wide}, r.w_hh};
    tensor[2] = (UpLayerTensor){"bias_ih", 1, {r.wide}, {r.wide, 1, 1, 1}, {1}, r.b_ih};
    tensor[3] = (UpLayerTensor){"bias_hh", 1, {r.wide}, {r.wide, 1, 1, 1}, {1}, r.b_hh};
    return layer->bias ? 4 : 2;
}

int64_t up__recurrent_work(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return up__gates(layer) * layer->outputs * (layer->inputs + layer->outputs);
}

// ---------------------------------------------------------------------------------------------------
// Rows

void up__recurrent_read(const UpPass *pass, int l, int64_t row, int64_t m, UpReal *y) {
    const UpLayer *layer = &pass->net->layer[l];
    UpRecurrent r = up__recurrent(layer, pass);
    for (int64_t i = 0; i < m; i++) {
        if (layer->bias)
            memcpy(y + i * r.wide, pass->param + r.b_ih, (size_t)r.wide * sizeof *y);
        else
            memset(y + i * r.wide, 0, (size_t)r.wide * sizeof *y);
    }
    up__input_product(up__pass_input(pass, layer->from), row, m, layer->inputs, r.wide,
                      pass->param + r.w_ih, y);
}

void up__recurrent_send(const UpPass *pass, int l, int64_t row, int64_t m, const UpReal *dy) {
    const UpLayer *layer = &pass->net->layer[l];
    UpRecurrent r = up__recurrent(layer, pass);
    UpReal *d_below = up__pass_below(pass, layer->from, row);
    if (d_below)
        up__kernels()->product_input(m, r.wide, layer->inputs, dy, pass->param + r.w_ih, d_below);
}

int up__recurrent_blocks(const UpPass *pass, const UpLayer *layer) {
    int64_t wide = up__gates(layer) * layer->outputs;
    return up__input_blocks(up__pass_input(pass, layer->from), layer->inputs, wide) + 1;
}

void up__recurrent_gradient(const UpPass *pass, int l, int block, const UpReal *d_ih,
                            const UpReal *d_hh, const UpReal *before) {
    const UpLayer *layer = &pass->net->layer[l];
    const UpKernels *kernels = up__kernels();
    UpRecurrent r = up__recurrent(layer, pass);
    if (block + 1 < up__recurrent_blocks(pass, layer)) {
        up__input_product_weight(up__pass_input(pass, layer->from), pass->rows, layer->inputs,
                                 r.wide, block, d_ih, pass->grad + r.w_ih);
        return;
    }
    kernels->product_weight(pass->rows, r.wide, r.H, before, r.H, d_hh, pass->grad + r.w_hh);
    if (!layer->bias) return;
    kernels->sum_rows(pass->rows, r.wide, d_ih, pass->grad + r.b_ih);
    kernels->sum_rows(pass->rows, r.wide, d_hh, pass->grad + r.b_hh);
}

// ---------------------------------------------------------------------------------------------------
// Steps

static bool begins(const UpPass *pass, int64_t row) {
    return pass->input.begins && pass->input.begins[row];
}

void up__recurrent_before(const UpPass *pass, int l, int64_t t, int64_t first, int64_t m, int part,
                          const UpReal *after, UpReal *to) {
    const UpLayer *layer = &pass->net->layer[l];
    UpRecurrent r = up__recurrent(layer, pass);
    const UpReal *memory = pass->input.memory;
    for (int64_t i = 0; i < m; i++, to += r.H) {
        int64_t s = first + i;
        const UpReal *from = t > 0 ? after + ((t - 1) * r.S + s) * r.H : NULL;
        if (t == 0 && memory) from = memory + s * pass->net->memory + layer->memory_at + part * r.H;
        if (!from || begins(pass, t * r.S + s))
            memset(to, 0, (size_t)r.H * sizeof *to);
        else
            memcpy(to, from, (size_t)r.H * sizeof *to);
    }
}

void up__recurrent_keep(const UpPass *pass, int l, int64_t first, int64_t m, int part,
                        const UpReal *after) {
    const UpLayer *layer = &pass->net->layer[l];
    UpRecurrent r = up__recurrent(layer, pass);
    UpReal *memory = pass->input.memory_out;
    for (int64_t s = first; memory && s < first + m; s++)
        memcpy(memory + s * pass->net->memory + layer->memory_at + part * r.H,
               after + ((r.T - 1) * r.S + s) * r.H, (size_t)r.H * sizeof *memory);
}

const UpReal *up__recurrent_back(const UpPass *pass, int l, int64_t row, const UpReal *back) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    int64_t next = row + r.S;
    return next < pass->rows && !begins(pass, next) ? back + next * r.H : NULL;
}
