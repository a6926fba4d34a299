// Convolution, as PyTorch's Conv2d has it (a cross-correlation with zeros around the picture):
//
//     y[r][i][j][o] = b[o] + Σ_{u,v,c} x[r][i s + u - p][j s + v - p][c] w[u][v][c][o]
//
// for kernels of u, v < k numbers a side, stride s and padding p. Between layers a picture lies as
// (row, column, channel); weights lie as (u, v, in, out), which is a dense layer's (in, out) with a
// window as its input, and PyTorch's (out, in, u, v) turned round. So each row of a window is one
// run of k·in numbers, and all three products are matrix products whose left factor is read where
// it stands.
//
// The functions are in the table of kernels.h: conv_forward, conv_input, conv_weight. They run on
// the calling thread, allocate nothing, and what they compute for a row does not depend on the
// others in the call. Sums of the weight gradient run over the rows in ascending order.
#ifndef UP_KERNELS_CONV_H
#define UP_KERNELS_CONV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uphill/obs.h"
#include "uphill/real.h"

typedef struct UpConv {
    int64_t in, height, width; // channels and sides of the picture that is read
    int64_t out, kernel, stride, padding;
    int64_t out_height, out_width; // 0 where the kernel is larger than the padded picture
} UpConv;

// The description with the sides of what comes out: floor((side + 2 p - k) / s) + 1.
UpConv up__conv_describe(int64_t in, int64_t height, int64_t width, int64_t out, int64_t kernel,
                         int64_t stride, int64_t padding);

// Numbers of scratch that each of the three functions needs, whatever the rows. The kernel fits.
size_t up__conv_scratch(const UpConv *conv);

// For the kernels: pictures that are worked on together, and numbers of one padded picture.
int64_t up__conv_pictures(const UpConv *conv);
int64_t up__conv_padded(const UpConv *conv);

// What a convolution reads: the output of another layer, or the rows from `first` on of an
// observation (F32, or U8 divided by 255). The frames of a stack are channels, the oldest first;
// one frame is planes (channel, row, column), or (row, column, channel) if `channels_last`.
typedef struct UpConvInput {
    const UpReal *real; // (rows, height, width, in), where obs is NULL
    const UpObs *obs;
    int64_t first;
    bool channels_last;
} UpConvInput;

// Where pixel (0, 0) of channel c of a row stands in obs->u8 or obs->f32, and how far apart its
// pixels are.
static inline int64_t up__conv_plane(const UpConv *conv, const UpConvInput *x, int64_t row,
                                     int64_t c, int64_t *step) {
    int64_t stack = x->obs->stack > 1 ? x->obs->stack : 1, channels = conv->in / stack;
    int64_t at = x->first + row;
    if (stack > 1) at = x->obs->frame[at * stack + c / channels];
    *step = x->channels_last ? channels : 1;
    return at * x->obs->dim +
           (x->channels_last ? c % channels : c % channels * conv->height * conv->width);
}

// The plain C reference, in up__kernels_reference; forward without the activation.
void up__conv_forward_plain(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *w,
                            const UpReal *b, UpReal *y);
void up__conv_input_plain(const UpConv *conv, int64_t rows, const UpReal *dy, const UpReal *w,
                          UpReal *dx);
void up__conv_weight_plain(const UpConv *conv, int64_t rows, UpConvInput x, const UpReal *dy,
                           UpReal *dw, UpReal *db);

#endif
