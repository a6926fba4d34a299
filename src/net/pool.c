// The largest number of each window, as PyTorch's MaxPool2d: zeros of the padding take no part, and
// the gradient goes to the first of equals.
#include "kernels/conv.h"
#include "net/layer.h"

static UpStatus shape(const UpNet *net, UpLayer *layer) {
    UP_TRY(up__net_windows(net, layer));
    if (layer->padding > layer->kernel / 2)
        return up_fail(UP_USAGE, "its padding must not be more than half of its kernel");
    UpConv conv = up__conv_describe(layer->in.channels, layer->in.height, layer->in.width, 1,
                                    layer->kernel, layer->stride, layer->padding);
    layer->out = (UpShape){layer->in.channels, conv.out_height, conv.out_width};
    return UP_OK;
}

static int64_t work(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return layer->outputs * layer->kernel * layer->kernel;
}

// Where in the picture x (height, width, channels) the largest number stands that output `at` sees.
// A NaN is larger than any number.
static int64_t largest(const UpLayer *layer, const UpReal *x, int64_t at) {
    const UpShape *in = &layer->in, *out = &layer->out;
    int64_t c = at % in->channels, j = at / in->channels % out->width,
            i = at / in->channels / out->width, best = -1;
    for (int64_t u = 0; u < layer->kernel; u++) {
        for (int64_t v = 0; v < layer->kernel; v++) {
            int64_t y = i * layer->stride + u - layer->padding,
                    z = j * layer->stride + v - layer->padding;
            if (y < 0 || z < 0 || y >= in->height || z >= in->width) continue;
            int64_t here = (y * in->width + z) * in->channels + c;
            if (best < 0 || x[here] > x[best] || x[here] != x[here]) best = here;
        }
    }
    return best;
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    const UpReal *x = pass->cache->out[layer->from] + row * layer->inputs;
    UpReal *y = up__pass_pre(pass, l, row);
    for (int64_t i = 0; i < m; i++, x += layer->inputs, y += layer->outputs)
        for (int64_t at = 0; at < layer->outputs; at++)
            y[at] = x[largest(layer, x, at)];
}

static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    const UpReal *x = pass->cache->out[layer->from] + row * layer->inputs;
    const UpReal *d = up__pass_gradient(pass, l, row);
    UpReal *d_below = up__pass_below(pass, layer->from, row);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t at = 0; at < layer->outputs; at++)
            d_below[largest(layer, x, at)] += d[at];
        x += layer->inputs;
        d_below += layer->inputs;
        d += layer->outputs;
    }
}

const UpLayerOps up__pool = {
    .name = "pool",
    .shape = shape,
    .work = work,
    .forward = forward,
    .backward = UP__LEARNS(backward),
};
