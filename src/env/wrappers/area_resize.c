// The mean over areas as OpenCV computes it: float32, first along x, then along y, taps in
// ascending order, products and sums rounded one by one, halves to even. Where both factors are
// integers it adds integers instead and multiplies once.
#include "env/wrappers/area_resize.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCK = 16 };

// ---------------------------------------------------------------------------------------------------
// Weights

typedef struct Tap {
    int source;
    double weight;
} Tap;

// A part of a cell at one of its ends that is narrower than this is left out.
static const double sliver = 1e-3;

// The taps of cell `i`: the pixels that lie in it whole, and the parts of those at its two ends.
static int taps_of(int i, int from, double scale, Tap *tap) {
    double begin = i * scale, end = begin + scale;
    double width = fmin(scale, from - begin);
    int last = (int)fmin(floor(end), from - 1), first = (int)fmin(ceil(begin), last);
    int count = 0;
    if (first - begin > sliver) tap[count++] = (Tap){first - 1, (first - begin) / width};
    for (int source = first; source < last; source++)
        tap[count++] = (Tap){source, 1 / width};
    if (end - last > sliver) tap[count++] = (Tap){last, fmin(fmin(end - last, 1), width) / width};
    return count;
}

// Every cell gets the same number of taps, so that the loops over them do not branch: those that it
// lacks weigh nothing, and adding 0 changes no bit of a sum that is not negative.
static UpStatus create_axis(UpAreaAxis *axis, int from, int to, UpArena *arena) {
    double scale = 1 / ((double)to / from);
    size_t room = (size_t)ceil(scale) + 2;
    Tap *tap = up_arena_alloc(arena, room, sizeof *tap);
    axis->first = up_arena_alloc(arena, (size_t)to, sizeof *axis->first);
    UP_TRY(up_arena_status(arena));
    for (int i = 0; i < to; i++) {
        int count = taps_of(i, from, scale, tap);
        axis->taps = count > axis->taps ? count : axis->taps;
    }
    axis->weight = up_arena_alloc(arena, (size_t)to * (size_t)axis->taps, sizeof *axis->weight);
    axis->cell = up_arena_alloc(arena, (size_t)from, sizeof *axis->cell);
    UP_TRY(up_arena_status(arena));
    for (int i = 0; i < to; i++) {
        int count = taps_of(i, from, scale, tap), first = tap[0].source;
        axis->first[i] = first + axis->taps > from ? from - axis->taps : first;
        for (int t = 0; t < count; t++)
            axis->weight[i * axis->taps + first - axis->first[i] + t] = (float)tap[t].weight;
    }
    for (int i = to - 1; i >= 0; i--)
        for (int t = 0; t < axis->taps; t++)
            axis->cell[axis->first[i] + t] = i;
    return UP_OK;
}

UpStatus up__area_create(UpArea *area, int width, int height, int channels, int size,
                         UpArena *arena) {
    *area = (UpArea){.width = width,
                     .height = height,
                     .channels = channels,
                     .size = size,
                     .padded = (size * channels + BLOCK - 1) / BLOCK * BLOCK,
                     .kernels = &up__area_plain};
    if (size < 1 || size > width || size > height || width > UP__AREA_WIDTH ||
        height > UP__AREA_HEIGHT || channels > UP__AREA_CHANNELS)
        return up_fail(UP_USAGE, "a picture of %d x %d pixels cannot be shrunk to %d x %d", width,
                       height, size, size);
    UP_TRY(create_axis(&area->x, width, size, arena));
    UP_TRY(create_axis(&area->y, height, size, arena));
    return up__area_vectors(area, arena);
}

// ---------------------------------------------------------------------------------------------------
// One row

// Constant numbers of taps and channels let the compiler unroll.
static inline void narrow_taps(const UpArea *area, const uint8_t *row, int channels, int taps,
                               float *restrict to) {
    const float *weight = area->x.weight;
    float wide[UP__AREA_WIDTH * UP__AREA_CHANNELS];
    for (int j = 0; j < area->width * channels; j++)
        wide[j] = row[j];
    for (int i = 0; i < area->size; i++, weight += taps)
        for (int c = 0; c < channels; c++) {
            const float *from = wide + area->x.first[i] * channels + c;
            float sum = 0;
            for (int t = 0; t < taps; t++)
                sum += from[t * channels] * weight[t];
            *to++ = sum;
        }
}

static void narrow(const UpArea *area, const uint8_t *const *row, float *to) {
    for (int r = 0; r < UP__AREA_ROWS; r++, to += area->padded)
        if (area->channels == 1 && area->x.taps == 3) // 160 to 84
            narrow_taps(area, row[r], 1, 3, to);
        else
            narrow_taps(area, row[r], area->channels, area->x.taps, to);
}

// To the nearest, halves to even: floats from 2^23 on have no fractions. A mean of bytes is between
// 0 and 255.5.
static inline uint8_t rounded(float value) {
    return (uint8_t)(value + 0x1p23F - 0x1p23F);
}

static inline void sum_taps(int count, const float *const *row, const float *weight, int taps,
                            uint8_t *restrict to) {
    for (int j = 0; j < count; j++) {
        float sum = 0;
        for (int t = 0; t < taps; t++)
            sum += weight[t] * row[t][j];
        to[j] = rounded(sum);
    }
}

static void sum(const UpArea *area, const float *const *row, const float *weight, uint8_t *to) {
    int count = area->size * area->channels;
    if (area->y.taps == 3) // 210 to 84
        sum_taps(count, row, weight, 3, to);
    else
        sum_taps(count, row, weight, area->y.taps, to);
}

const UpAreaKernels up__area_plain = {narrow, sum};

// ---------------------------------------------------------------------------------------------------
// All rows

void up__area_mark(const UpArea *area, int y, uint64_t rows[UP__AREA_WORDS]) {
    const int32_t *first = area->y.first;
    for (int i = area->y.cell[y]; i < area->size && first[i] <= y; i++)
        rows[i / 64] |= (uint64_t)1 << i % 64;
}

// The different rows of the picture that are needed, in order, and those shrunk last, number n in
// slot n % slots. Cells of few rows are wide and those of many are few: NUMBERS are enough.
enum { SLOTS = 512, NUMBERS = SLOTS * BLOCK };
typedef struct Needed {
    int count, done, slots;
    int16_t number[UP__AREA_HEIGHT]; // of a row of the picture
    const uint8_t *row[UP__AREA_HEIGHT + UP__AREA_ROWS];
    float narrow[NUMBERS]; // (slots, padded)
} Needed;

// The first of the result's rows from i on that is to be made.
static int next_made(const UpArea *area, const uint64_t *rows, int i) {
    if (!rows) return i;
    for (; i < area->size; i = (i / 64 + 1) * 64) {
        uint64_t left = rows[i / 64] >> i % 64;
        if (left) return i + __builtin_ctzll(left);
    }
    return i;
}

// Many rows equal the one above.
static void need_row(Needed *needed, const uint8_t *row, int y, size_t size) {
    int last = needed->count - 1;
    bool repeats = last >= 0 && memcmp(needed->row[last], row, size) == 0;
    if (!repeats) needed->row[needed->count++] = row;
    needed->number[y] = (int16_t)(needed->count - 1);
}

static void find_needed(const UpArea *area, const uint8_t *picture, const uint64_t *rows,
                        Needed *needed) {
    size_t size = (size_t)area->width * (size_t)area->channels;
    int y = 0; // rows before it were looked at
    needed->count = needed->done = 0;
    needed->slots = 1;
    while (needed->slots < area->y.taps + UP__AREA_ROWS - 1)
        needed->slots *= 2;
    for (int i = next_made(area, rows, 0); i < area->size; i = next_made(area, rows, i + 1)) {
        int first = area->y.first[i];
        for (y = first > y ? first : y; y < first + area->y.taps; y++)
            need_row(needed, picture + (size_t)y * size, y, size);
    }
    for (int r = 0; r < UP__AREA_ROWS && needed->count > 0; r++)
        needed->row[needed->count + r] = needed->row[needed->count - 1];
}

static const float *narrow_row(const UpArea *area, Needed *needed, int number) {
    int mask = needed->slots - 1;
    for (; needed->done <= number; needed->done += UP__AREA_ROWS)
        area->kernels->narrow(area, needed->row + needed->done,
                              needed->narrow + (needed->done & mask) * area->padded);
    return needed->narrow + (number & mask) * area->padded;
}

static void shrink(const UpArea *area, const uint8_t *picture, const uint64_t *rows, uint8_t *to) {
    int taps = area->y.taps;
    const float *row[UP__AREA_HEIGHT];
    Needed needed;
    find_needed(area, picture, rows, &needed);
    for (int i = next_made(area, rows, 0); i < area->size; i = next_made(area, rows, i + 1)) {
        for (int t = 0; t < taps; t++)
            row[t] = narrow_row(area, &needed, needed.number[area->y.first[i] + t]);
        area->kernels->sum(area, row, area->y.weight + i * taps,
                           to + i * area->size * area->channels);
    }
}

// Integer factors.
static void shrink_whole(const UpArea *area, const uint8_t *picture, uint8_t *to) {
    int across = area->width / area->size, down = area->height / area->size;
    int channels = area->channels;
    float scale = 1.0F / (float)(across * down);
    for (int y = 0; y < area->size; y++)
        for (int x = 0; x < area->size * channels; x++) {
            int sum = 0, left = x / channels * across * channels + x % channels;
            for (int i = 0; i < across * down; i++) {
                const uint8_t *row = picture + (y * down + i / across) * area->width * channels;
                sum += row[left + i % across * channels];
            }
            to[y * area->size * channels + x] = rounded((float)sum * scale);
        }
}

void up__area_resize(const UpArea *area, const uint8_t *picture, const uint64_t *rows,
                     uint8_t *to) {
    if (area->width % area->size == 0 && area->height % area->size == 0)
        shrink_whole(area, picture, to);
    else
        shrink(area, picture, rows, to);
}
