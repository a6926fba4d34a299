// The sizes of a convolution.
#include "kernels/conv.h"

enum {
    PIXELS = 64, // of the output: pictures are worked on together until they have so many
    LINE = 16,   // numbers in a cache line
};

static int64_t side(int64_t size, int64_t kernel, int64_t stride, int64_t padding) {
    int64_t rest = size + 2 * padding - kernel;
    return rest < 0 ? 0 : rest / stride + 1;
}

UpConv up__conv_describe(int64_t in, int64_t height, int64_t width, int64_t out, int64_t kernel,
                         int64_t stride, int64_t padding) {
    return (UpConv){.in = in,
                    .height = height,
                    .width = width,
                    .out = out,
                    .kernel = kernel,
                    .stride = stride,
                    .padding = padding,
                    .out_height = side(height, kernel, stride, padding),
                    .out_width = side(width, kernel, stride, padding)};
}

int64_t up__conv_pictures(const UpConv *conv) {
    int64_t pixels = conv->out_height * conv->out_width;
    return (PIXELS + pixels - 1) / pixels;
}

int64_t up__conv_padded(const UpConv *conv) {
    return (conv->height + 2 * conv->padding) * (conv->width + 2 * conv->padding) * conv->in;
}

size_t up__conv_scratch(const UpConv *conv) {
    int64_t pictures = up__conv_pictures(conv) * up__conv_padded(conv);
    int64_t weights = conv->kernel * conv->kernel * conv->in * conv->out;
    return (size_t)((pictures + LINE - 1) / LINE * LINE + weights);
}
