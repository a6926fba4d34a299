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
