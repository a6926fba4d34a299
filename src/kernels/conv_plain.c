// Convolution in plain C: what the vector kernels are compared with, and what the double build
// runs. It needs no scratch.
#include "kernels/conv.h"

// Element (i, j) of channel c; 0 outside the picture.
static UpReal element(const UpConv *conv, const UpConvInput *x, int64_t row, int64_t c, int64_t i,
                      int64_t j) {
    if (i < 0 || j < 0 || i >= conv->height || j >= conv->width) return 0;
    int64_t pixel = i * conv->width + j, step;
    if (!x->obs) return x->real[(row * conv->height * conv->width + pixel) * conv->in + c];
    int64_t at = up__conv_plane(conv, x, row, c, &step) + pixel * step;
    return x->obs->form == UP_OBS_U8 ? (UpReal)x->obs->u8[at] / 255 : (UpReal)x->obs->f32[at];
}

void up__conv_forward_plain(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *w,
                            const UpReal *b, UpReal *y) {
    int64_t in = conv->in, out = conv->out, k = conv->kernel, s = conv->stride;
    int64_t pixels = conv->out_height * conv->out_width;
    for (int64_t at = 0; at < rows * pixels; at++) {
        int64_t row = at / pixels, i = at % pixels / conv->out_width, j = at % conv->out_width;
        UpReal *to = y + at * out;
        for (int64_t o = 0; o < out; o++)
            to[o] = b ? b[o] : 0;
        for (int64_t t = 0; t < k * k * in; t++) {
            int64_t u = t / (k * in), v = t / in % k;
            UpReal value = element(conv, &x, row, t % in, i * s + u - conv->padding,
                                   j * s + v - conv->padding);
            for (int64_t o = 0; o < out; o++)
                to[o] += value * w[t * out + o];
        }
    }
}

void up__conv_input_plain(const UpConv *conv, int64_t rows, const UpReal *dy, const UpReal *w,
                          UpReal *dx) {
    int64_t in = conv->in, out = conv->out, k = conv->kernel, s = conv->stride;
    int64_t pixels = conv->out_height * conv->out_width;
    for (int64_t at = 0; at < rows * pixels; at++) {
        int64_t row = at / pixels, i = at % pixels / conv->out_width, j = at % conv->out_width;
        for (int64_t t = 0; t < k * k * in; t++) {
            int64_t y = i * s + t / (k * in) - conv->padding,
                    x = j * s + t / in % k - conv->padding;
            if (y < 0 || x < 0 || y >= conv->height || x >= conv->width) continue;
            UpReal sum = 0;
            for (int64_t o = 0; o < out; o++)
                sum += dy[at * out + o] * w[t * out + o];
            dx[((row * conv->height + y) * conv->width + x) * in + t % in] += sum;
        }
    }
}

void up__conv_weight_plain(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *dy,
                           UpReal *dw, UpReal *db) {
    int64_t in = conv->in, out = conv->out, k = conv->kernel, s = conv->stride;
    int64_t pixels = conv->out_height * conv->out_width;
    for (int64_t at = 0; at < rows * pixels; at++) {
        int64_t row = at / pixels, i = at % pixels / conv->out_width, j = at % conv->out_width;
        for (int64_t o = 0; db && o < out; o++)
            db[o] += dy[at * out + o];
        for (int64_t t = 0; t < k * k * in; t++) {
            int64_t u = t / (k * in), v = t / in % k;
            UpReal value = element(conv, &x, row, t % in, i * s + u - conv->padding,
                                   j * s + v - conv->padding);
            for (int64_t o = 0; o < out; o++)
                dw[t * out + o] += value * dy[at * out + o];
        }
    }
}
