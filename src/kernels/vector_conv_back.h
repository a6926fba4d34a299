// The gradients of a convolution.
#include "kernels/kernels.h"
#include "kernels/simd.h"

// dX += dY Wᵀ. For each row of the window (u) and each strip of it that no two neighbours share, a
// pixel of dY times a strip of Wᵀ goes to the strip of its window.

// Columns of a strip.
static int64_t conv_strip(const UpConv *conv) {
    return conv_least(conv_least(conv->stride, conv->kernel) * conv->in, TILE_COLUMNS);
}

// to[o][t] = w[t][o] for `width` rows of w.
UP_TARGET static void conv_turn(int64_t width, int64_t out, const float *w, float *to) {
    int64_t t = 0;
    for (; t + 4 <= width; t += 4) {
        int64_t o = 0;
        for (; o + 4 <= out; o += 4)
            v4_transpose(w + t * out + o, out, to + o * width + t, width);
        for (; o < out; o++)
            for (int64_t r = t; r < t + 4; r++)
                to[o * width + r] = w[r * out + o];
    }
    for (; t < width; t++)
        for (int64_t o = 0; o < out; o++)
            to[o * width + t] = w[t * out + o];
}

// The strips of all rows of the window, one behind the other, each (out, width).
UP_TARGET static void conv_turn_all(const UpConv *conv, const float *w, float *to) {
    int64_t run = conv->kernel * conv->in, out = conv->out;
    for (int64_t u = 0; u < conv->kernel; u++) {
        for (int64_t t = 0, width; t < run; t += width) {
            width = conv_least(run - t, conv_strip(conv));
            conv_turn(width, out, w + (u * run + t) * out, to);
            to += width * out;
        }
    }
}

// One strip of some pictures.  dx: the first number of the strip in the first window
UP_TARGET static void conv_input_strip(const Pictures *pictures, int64_t count, int64_t width,
                                       const float *dy, const float *w, float *dx, Ahead *ahead) {
    const UpConv *conv = pictures->conv;
    int64_t out = conv->out, pixels = count * conv->out_height * conv->out_width;
    Terms terms = {{1, 1, out}, {0, 0, 1}, width};
    End end = {.add = true, .scale = 1};
    Walk walk = {.pictures = pictures};
    for (int64_t begin = 0, stop; begin < pixels; begin = stop) {
        int64_t at[CONV_ROWS], to[CONV_ROWS];
        stop = begin + conv_tile_rows(pixels - begin, width);
        for (int64_t p = begin; p < stop; p++) {
            at[p - begin] = p * out;
            to[p - begin] = conv_next(&walk);
        }
        conv_sum(stop - begin, width, &terms, end, dy, at, w, dx, to);
        conv_ahead(ahead, (stop - begin) * width);
    }
}

// dx += the inner part of padded pictures.
UP_TARGET static void conv_unpad(const UpConv *conv, int64_t count, const float *padded,
                                 float *dx) {
    int64_t pad = conv->padding, line = conv->width * conv->in;
    int64_t padded_line = line + 2 * pad * conv->in;
    for (int64_t n = 0; n < count; n++, padded += up__conv_padded(conv))
        for (int64_t i = 0; i < conv->height; i++, dx += line)
            for (int64_t t = 0; t < line; t++)
                dx[t] += padded[(i + pad) * padded_line + pad * conv->in + t];
}

UP_TARGET static void conv_input(const UpConv *conv, int64_t rows, const float *dy, const float *w,
                                 float *dx, float *scratch) {
    Pictures pictures = conv_pictures(conv);
    int64_t most = up__conv_pictures(conv), run = conv->kernel * conv->in;
    int64_t out = conv->out_height * conv->out_width * conv->out;
    float *turned = scratch + up__conv_scratch(conv) - conv->kernel * run * conv->out;
    conv_turn_all(conv, w, turned);
    for (int64_t row = 0; row < rows; row += most) {
        int64_t count = conv_least(rows - row, most);
        float *to = conv->padding ? scratch : dx + row * pictures.size;
        const float *strip = turned;
        int64_t next = conv_least(rows - row - count, most);
        Ahead ahead = {.work = count * out / conv->out * conv->kernel * run,
                       .from = {dy + (row + count) * out, dx + (row + count) * pictures.size},
                       .size = {next * out, next * pictures.size}};
        conv_clear(conv, scratch);
        for (int64_t u = 0; u < conv->kernel; u++) {
            for (int64_t t = 0, width; t < run; t += width) {
                width = conv_least(run - t, conv_strip(conv));
                conv_input_strip(&pictures, count, width, dy + row * out, strip,
                                 to + u * pictures.line + t, &ahead);
                strip += width * conv->out;
            }
        }
        if (conv->padding)
            conv_unpad(conv, count, scratch, dx + row * conv->height * conv->width * conv->in);
    }
}

// dW += Xᵀ dY over some pictures.
UP_TARGET static void conv_weight_some(const Pictures *pictures, int64_t count, float scale,
                                       const float *x, const float *dy, float *dw, Ahead ahead) {
    const UpConv *conv = pictures->conv;
    int64_t out = conv->out, run = conv->kernel * conv->in;
    Terms terms = {{count, conv->out_height, conv->out_width},
                   {pictures->size, pictures->i_step, pictures->line_step},
                   out};
    End end = {.add = true, .scale = scale};
    for (int64_t o = 0; o < out; o += TILE_COLUMNS) {
        int64_t width = conv_least(out - o, TILE_COLUMNS);
        for (int64_t u = 0; u < conv->kernel; u++) {
            for (int64_t begin = 0, stop; begin < run; begin = stop) {
                int64_t at[CONV_ROWS], to[CONV_ROWS];
                stop = begin + conv_tile_rows(run - begin, width);
                for (int64_t t = begin; t < stop; t++) {
                    at[t - begin] = u * pictures->line + t;
                    to[t - begin] = (u * run + t) * out + o;
                }
                conv_sum(stop - begin, width, &terms, end, x, at, dy + o, dw, to);
                conv_ahead(&ahead, (stop - begin) * width);
            }
        }
    }
}

UP_TARGET static void conv_weight(const UpConv *conv, int64_t rows, UpConvInput x, const float *dy,
                                  float *dw, float *db, float *scratch) {
    Pictures pictures = conv_pictures(conv);
    int64_t most = up__conv_pictures(conv), pixels = conv->out_height * conv->out_width;
    if (!conv_in_place(conv, &x)) conv_clear(conv, scratch);
    for (int64_t row = 0; row < rows; row += most) {
        int64_t count = conv_least(rows - row, most);
        const float *from = conv_read(conv, &x, row, count, scratch);
        const float *d = dy + row * pixels * conv->out;
        int64_t next = conv_least(rows - row - count, most);
        Ahead ahead = {.work = conv->kernel * conv->kernel * conv->in * conv->out,
                       .from = {conv_in_place(conv, &x) ? from + count * pictures.size : NULL,
                                d + count * pixels * conv->out},
                       .size = {next * pictures.size, next * pixels * conv->out}};
        conv_weight_some(&pictures, count, conv_scale(&x), from, d, dw, ahead);
        if (db) sum_rows(count * pixels, conv->out, d, db);
    }
}
