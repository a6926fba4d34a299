// What a convolution reads, as numbers in pixels: (row, column, channel) with the padding around
// it. Bytes become 0 … 255 here; the products are divided by 255.
#include "kernels/kernels.h"
#include "kernels/simd.h"

static float conv_scale(const UpConvInput *x) {
    return x->obs && x->obs->form == UP_OBS_U8 ? 1.0f / 255 : 1;
}

// The output of another layer without padding is read where it stands.
static bool conv_in_place(const UpConv *conv, const UpConvInput *x) {
    return !x->obs && conv->padding == 0;
}

// The padding is zero and stays so.
static void conv_clear(const UpConv *conv, float *scratch) {
    if (conv->padding > 0)
        memset(scratch, 0,
               (size_t)(up__conv_pictures(conv) * up__conv_padded(conv)) * sizeof *scratch);
}

// Sixteen pixels of four planes of bytes become 64 numbers.
UP_INLINE void conv_read_four(const uint8_t *const plane[4], int64_t at, float *to) {
#if defined(__x86_64__)
    __m128i c[4], low[2], high[2];
    for (int i = 0; i < 4; i++)
        c[i] = _mm_loadu_si128((const __m128i *)(plane[i] + at));
    for (int i = 0; i < 2; i++) {
        low[i] = _mm_unpacklo_epi8(c[2 * i], c[2 * i + 1]);
        high[i] = _mm_unpackhi_epi8(c[2 * i], c[2 * i + 1]);
    }
    v_store_bytes(to, _mm_unpacklo_epi16(low[0], low[1]));
    v_store_bytes(to + 16, _mm_unpackhi_epi16(low[0], low[1]));
    v_store_bytes(to + 32, _mm_unpacklo_epi16(high[0], high[1]));
    v_store_bytes(to + 48, _mm_unpackhi_epi16(high[0], high[1]));
#else // the compiler finds its own instructions
    for (int p = 0; p < 16; p++)
        for (int i = 0; i < 4; i++)
            to[4 * p + i] = plane[i][at + p];
#endif
}

// `count` pixels from the one numbered `first` on, of which `to` is the first number. The four
// frames that games are stacked in go together.
UP_TARGET static void conv_read_run(const UpConv *conv, const UpConvInput *x, int64_t row,
                                    int64_t first, int64_t count, float *to) {
    const UpObs *obs = x->obs;
    int64_t in = conv->in, step, begin = 0;
    if (in == 4 && obs->form == UP_OBS_U8 && (!x->channels_last || obs->stack == 4)) {
        const uint8_t *plane[4];
        for (int c = 0; c < 4; c++)
            plane[c] = obs->u8 + up__conv_plane(conv, x, row, c, &step) + first;
        for (; begin + 16 <= count; begin += 16)
            conv_read_four(plane, begin, to + 4 * begin);
    }
    for (int64_t c = 0; c < in; c++) {
        int64_t at = up__conv_plane(conv, x, row, c, &step) + first * step;
        if (obs->form == UP_OBS_U8)
            for (int64_t p = begin; p < count; p++)
                to[p * in + c] = obs->u8[at + p * step];
        else
            for (int64_t p = begin; p < count; p++)
                to[p * in + c] = obs->f32[at + p * step];
    }
}

// The pictures of some rows: those of `x` where they stand, or in the scratch.
UP_TARGET static const float *conv_read(const UpConv *conv, const UpConvInput *x, int64_t row,
                                        int64_t count, float *scratch) {
    int64_t pad = conv->padding, in = conv->in, size = conv->height * conv->width;
    if (conv_in_place(conv, x)) return x->real + row * size * in;
    int64_t line = (conv->width + 2 * pad) * in;
    for (int64_t n = 0; n < count; n++) {
        float *picture = scratch + n * up__conv_padded(conv);
        if (pad == 0) {
            conv_read_run(conv, x, row + n, 0, size, picture);
            continue;
        }
        for (int64_t i = 0; i < conv->height; i++) {
            float *to = picture + (i + pad) * line + pad * in;
            if (x->obs)
                conv_read_run(conv, x, row + n, i * conv->width, conv->width, to);
            else
                memcpy(to, x->real + ((row + n) * size + i * conv->width) * in,
                       (size_t)(conv->width * in) * sizeof *to);
        }
    }
    return scratch;
}
