// The kinds of layers that there are.
#include "net/layer.h"

const UpLayerOps *const up__layer_ops[UP_LAYER_KINDS] = {
    [UP_LAYER_DENSE] = &up__dense, [UP_LAYER_CONV] = &up__conv, [UP_LAYER_POOL] = &up__pool,
    [UP_LAYER_NORM] = &up__norm,   [UP_LAYER_ADD] = &up__add,   [UP_LAYER_ACTIVATE] = &up__activate,
    [UP_LAYER_EMBED] = &up__embed, [UP_LAYER_LSTM] = &up__lstm, [UP_LAYER_GRU] = &up__gru,
};

UpStatus up_layer_init(const UpLayer *layer, UpInit init, double gain, UpReal *param, UpRng *rng) {
    const UpLayerOps *ops = up__ops(layer);
    return ops->init ? ops->init(layer, init, gain, param, rng) : UP_OK;
}

const char *up_net_no_tangent(const UpNet *net) {
    for (int l = 0; l < net->layers; l++)
        if (!up__ops(&net->layer[l])->tangent) return up__ops(&net->layer[l])->name;
    return NULL;
}

int up_layer_tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]) {
    const UpLayerOps *ops = up__ops(layer);
    return ops->tensors ? ops->tensors(layer, tensor) : 0;
}

const char *up_layer_name(const UpLayer *layer) {
    return up__ops(layer)->name;
}
