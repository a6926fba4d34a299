// The tensors of recorded networks, by PyTorch's names.
#ifndef UP_TESTS_LAYERS_H
#define UP_TESTS_LAYERS_H

#include "trace.h"
#include "uphill/net.h"

enum { FLOATS = 40000 };
static float block[FLOATS];

// The place in the block of every number of a tensor, in PyTorch's order; returns how many.
static inline int places(const UpLayerTensor *t, size_t *place) {
    int count = 0;
    for (int64_t i = 0; i < t->extent[0]; i++)
        for (int64_t j = 0; j < t->extent[1]; j++)
            for (int64_t k = 0; k < t->extent[2]; k++)
                for (int64_t l = 0; l < t->extent[3]; l++)
                    place[count++] = t->at + (size_t)(i * t->stride[0] + j * t->stride[1] +
                                                      k * t->stride[2] + l * t->stride[3]);
    return count;
}

// Loads the tensors of a trace into `param`, or compares its gradients with `param`.
static inline int move_tensors(const cJSON *trace, const UpNet *net, bool compare, float *param) {
    static size_t place[FLOATS];
    int moved = 0, index = 0, depth = 0;
    for (int l = 0; l < net->layers; l++) {
        UpLayerTensor tensor[UP_LAYER_TENSORS];
        int tensors = up_layer_tensors(&net->layer[l], tensor);
        for (int t = 0; t < tensors; t++) {
            char key[64];
            int count = places(&tensor[t], place);
            if (net->layer[l].memory)
                snprintf(key, sizeof key, "%s%s.%s_l%d", compare ? "d_" : "",
                         up_layer_name(&net->layer[l]), tensor[t].name, depth);
            else
                snprintf(key, sizeof key, "%s%d.%s", compare ? "d_" : "", index, tensor[t].name);
            if (!compare) trace_floats(trace, key, count, block);
            for (int i = 0; i < count; i++) {
                if (compare)
                    block[i] = param[place[i]];
                else
                    param[place[i]] = block[i];
            }
            if (compare) trace_compare(trace, key, 0, count, block, 1e-5);
            moved += count;
        }
        index += tensors > 0 && !net->layer[l].memory;
        depth += net->layer[l].memory > 0;
    }
    return moved;
}

#endif
