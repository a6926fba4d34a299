// What several kinds ask of shapes.
#include "net/layer.h"

UpStatus up__net_windows(const UpNet *net, const UpLayer *layer) {
    const UpShape *in = &layer->in;
    bool picture = layer->from >= 0
                       ? in->height > 1 || in->width > 1
                       : net->reads == UP_READS_PLANES || net->reads == UP_READS_PIXELS;
    if (!picture && layer->from < 0)
        return up_fail(UP_USAGE, "it needs a picture, and the observation is none");
    if (!picture)
        return up_fail(UP_USAGE, "it needs a picture, and the layer before it gives %lld numbers",
                       (long long)layer->inputs);
    int64_t high = in->height + 2 * layer->padding, wide = in->width + 2 * layer->padding;
    if (layer->kernel <= high && layer->kernel <= wide) return UP_OK;
    return up_fail(UP_USAGE,
                   "a kernel of %lld x %lld does not fit into a picture of %lld x %lld (with its "
                   "padding)",
                   (long long)layer->kernel, (long long)layer->kernel, (long long)high,
                   (long long)wide);
}

UpLayerTensor up__matrix_tensor(const UpLayer *layer, const char *name, int64_t out, size_t at) {
    int64_t in = layer->inputs, C = layer->in.channels, H = layer->in.height, W = layer->in.width;
    UpLayerTensor tensor = {name, 2, {out, in}, {out, in, 1, 1}, {1, out}, at};
    if (layer->from < 0) return tensor;
    // A picture between layers lies otherwise than PyTorch's.
    return (UpLayerTensor){name, 2, {out, in}, {out, C, H, W}, {1, out, W * C * out, C * out}, at};
}
