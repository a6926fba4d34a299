// The description of a network, and room for what it computes.
#include "net/layer.h"
#include "uphill/net.h"

int64_t up_shape_size(UpShape shape) {
    return shape.channels * shape.height * shape.width;
}

void up_net_start(UpNet *net, UpReads reads, UpShape in) {
    *net = (UpNet){.reads = reads, .in = in, .inputs = up_shape_size(in), .out = up_shape_size(in)};
}

// A layer of two branches makes one of them.
static void join_branches(UpNet *net, int branch, int other) {
    for (int l = 0; l < net->layers; l++)
        if (net->layer[l].branch == other) net->layer[l].branch = branch;
}

// The stage in which a layer's result is there.
static int after(const UpNet *net, int l) {
    return l < 0 ? 0 : net->layer[l].stage + (net->layer[l].memory ? 2 : 0);
}

UpStatus up_net_add(UpNet *net, UpLayer layer) {
    const UpLayerOps *ops = up__ops(&layer);
    if (net->layers == UP_NET_LAYERS)
        return up_fail(UP_USAGE, "a network has at most %d layers", UP_NET_LAYERS);
    if (layer.from < 0 && !ops->first) return up_fail(UP_USAGE, "it needs a layer before it");
    layer.in = layer.from < 0 ? net->in : net->layer[layer.from].out;
    layer.inputs = up_shape_size(layer.in);
    layer.outputs = up_shape_size(layer.out);
    layer.branch = layer.from < 0 ? net->branches++ : net->layer[layer.from].branch;
    UP_TRY(ops->shape(net, &layer));
    layer.outputs = up_shape_size(layer.out);
    layer.stage = after(net, layer.from);
    if (layer.kind == UP_LAYER_ADD && after(net, layer.other) > layer.stage)
        layer.stage = after(net, layer.other);
    layer.memory_at = net->memory;
    net->memory += layer.memory;
    if (layer.stage + (layer.memory ? 2 : 0) >= net->stages)
        net->stages = layer.stage + (layer.memory ? 2 : 0) + 1;
    if (layer.kind == UP_LAYER_ADD)
        join_branches(net, layer.branch, net->layer[layer.other].branch);
    net->layer[net->layers++] = layer;
    net->out = layer.outputs;
    return UP_OK;
}

void up_net_place(UpNet *net, int first, int end, size_t *offset) {
    for (int l = first; l < end; l++) {
        net->layer[l].param = *offset;
        *offset += net->layer[l].params;
    }
}

UpNet up_net_mlp(int64_t in, const int64_t *hidden, int hidden_count, int64_t out,
                 UpActivation activation, bool bias, size_t *offset) {
    UpNet net;
    up_net_start(&net, UP_READS_NUMBERS, (UpShape){in, 1, 1});
    for (int l = 0; l < hidden_count + (out > 0); l++) {
        bool last = l == hidden_count;
        up_net_add(&net, (UpLayer){.kind = UP_LAYER_DENSE,
                                   .activation = last ? UP_IDENTITY : activation,
                                   .from = l - 1,
                                   .bias = bias,
                                   .out = {last ? out : hidden[l], 1, 1}});
    }
    up_net_place(&net, 0, net.layers, offset);
    return net;
}

UpStatus up_net_cache_create(UpNetCache *cache, const UpNet *net, int64_t rows, UpArena *arena) {
    *cache = (UpNetCache){.rows = rows};
    int64_t chunks = (rows + UP__CHUNK - 1) / UP__CHUNK, slots = chunks;
    if (slots < UP__PARTS) slots = UP__PARTS;
    for (int l = 0; l < net->layers; l++) {
        const UpLayer *layer = &net->layer[l];
        size_t count = (size_t)(rows * layer->outputs);
        cache->out[l] = up_arena_alloc(arena, count, sizeof(UpReal));
        cache->d_out[l] = up_arena_alloc(arena, count, sizeof(UpReal));
        if (layer->activation == UP_SILU)
            cache->pre[l] = up_arena_alloc(arena, count, sizeof(UpReal));
        const UpLayerOps *ops = up__ops(layer);
        if (ops->kept)
            cache->kept[l] =
                up_arena_alloc(arena, (size_t)(rows * ops->kept(layer)), sizeof(UpReal));
        if (ops->scratch)
            cache->scratch[l] =
                up_arena_alloc(arena, (size_t)(slots * ops->scratch(layer)), sizeof(UpReal));
        if (ops->collect)
            cache->part[l] = up_arena_alloc(arena, UP__PARTS * layer->params, sizeof(UpReal));
    }
    UP_TRY(up_arena_status(arena));
    return UP_OK;
}
