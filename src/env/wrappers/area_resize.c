// The mean over areas as OpenCV computes it: float32, first along x, then along y, taps in
// ascending order, products and sums rounded one by one, halves to even. Where both factors are
// integers it adds integers instead and multiplies once.
//
// Along x eight rows are done at a time, one in each lane: every lane has the operations, in the
// order, of one row alone.
#include "env/wrappers/area_resize.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { LANES = 8, HALF = 4, VALUES = UP__AREA_WIDTH * UP__AREA_CHANNELS };

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

static int32_t equal_before(const UpAreaAxis *axis, int cell) {
    size_t size = (size_t)axis->taps * sizeof *axis->weight;
    const float *weight = axis->weight + cell * axis->taps;
    for (int i = cell - 1; i >= 0; i--)
        if (memcmp(axis->weight + i * axis->taps, weight, size) == 0) return i;
    return -1;
}

// Every cell gets the same number of taps, so that the loops over them do not branch: those that it
// lacks weigh nothing, and adding 0 changes no bit of a sum that is not negative.
static UpStatus create_axis(UpAreaAxis *axis, int from, int to, UpArena *arena) {
    double scale = 1 / ((double)to / from);
    size_t room = (size_t)ceil(scale) + 2;
    Tap *tap = up_arena_alloc(arena, room, sizeof *tap);
    axis->first = up_arena_alloc(arena, (size_t)to, sizeof *axis->first);
    if (!tap || !axis->first) return UP_MEMORY;
    for (int i = 0; i < to; i++) {
        int count = taps_of(i, from, scale, tap);
        axis->taps = count > axis->taps ? count : axis->taps;
    }
    axis->weight = up_arena_alloc(arena, (size_t)to * (size_t)axis->taps, sizeof *axis->weight);
    axis->weighed = up_arena_alloc(arena, (size_t)to, sizeof *axis->weighed);
    if (!axis->weight || !axis->weighed) return UP_MEMORY;
    for (int i = 0; i < to; i++) {
        int count = taps_of(i, from, scale, tap), first = tap[0].source;
        axis->first[i] = first + axis->taps > from ? from - axis->taps : first;
        for (int t = 0; t < count; t++)
            axis->weight[i * axis->taps + first - axis->first[i] + t] = (float)tap[t].weight;
        axis->weighed[i] = equal_before(axis, i);
    }
    return UP_OK;
}

UpStatus up__area_create(UpArea *area, int width, int height, int channels, int size,
                         UpArena *arena) {
    *area = (UpArea){.width = width, .height = height, .channels = channels, .size = size};
    if (size < 1 || size > width || size > height || width > UP__AREA_WIDTH ||
        height > UP__AREA_HEIGHT || channels > UP__AREA_CHANNELS)
        return up_fail(UP_USAGE, "a picture of %d x %d pixels cannot be shrunk to %d x %d", width,
                       height, size, size);
    UP_TRY(create_axis(&area->x, width, size, arena));
    return create_axis(&area->y, height, size, arena);
}

// ---------------------------------------------------------------------------------------------------
// Along x

// Numbers of LANES rows, value after value: lanes[i][r] is number i of row r.
typedef float Lanes[LANES];

#ifdef __SSE2__
static void store_numbers(__m128i bytes, int half, Lanes *lanes) {
    const __m128i zero = _mm_setzero_si128();
    __m128i low = _mm_unpacklo_epi8(bytes, zero), high = _mm_unpackhi_epi8(bytes, zero);
    _mm_storeu_ps(lanes[0] + half, _mm_cvtepi32_ps(_mm_unpacklo_epi16(low, zero)));
    _mm_storeu_ps(lanes[1] + half, _mm_cvtepi32_ps(_mm_unpackhi_epi16(low, zero)));
    _mm_storeu_ps(lanes[2] + half, _mm_cvtepi32_ps(_mm_unpacklo_epi16(high, zero)));
    _mm_storeu_ps(lanes[3] + half, _mm_cvtepi32_ps(_mm_unpackhi_epi16(high, zero)));
}

// 16 numbers of each row at a time. Returns how many were done.
static int load_blocks(const uint8_t *const row[LANES], int count, Lanes *lanes) {
    int i = 0;
    for (; i + 16 <= count; i += 16) {
        for (int half = 0; half < LANES; half += HALF) {
            __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(row[half] + i));
            __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(row[half + 1] + i));
            __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(row[half + 2] + i));
            __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(row[half + 3] + i));
            __m128i ab = _mm_unpacklo_epi8(a, b), cd = _mm_unpacklo_epi8(c, d);
            store_numbers(_mm_unpacklo_epi16(ab, cd), half, lanes + i);
            store_numbers(_mm_unpackhi_epi16(ab, cd), half, lanes + i + 4);
            ab = _mm_unpackhi_epi8(a, b);
            cd = _mm_unpackhi_epi8(c, d);
            store_numbers(_mm_unpacklo_epi16(ab, cd), half, lanes + i + 8);
            store_numbers(_mm_unpackhi_epi16(ab, cd), half, lanes + i + 12);
        }
    }
    return i;
}

static inline void weigh(const Lanes *from, int step, const float *weight, int taps, Lanes to) {
    __m128 low = _mm_setzero_ps(), high = low;
    for (int t = 0; t < taps; t++) {
        __m128 w = _mm_set1_ps(weight[t]);
        low = _mm_add_ps(low, _mm_mul_ps(_mm_loadu_ps(from[t * step]), w));
        high = _mm_add_ps(high, _mm_mul_ps(_mm_loadu_ps(from[t * step] + HALF), w));
    }
    _mm_storeu_ps(to, low);
    _mm_storeu_ps(to + HALF, high);
}

// Four numbers of each row at a time. Returns how many were done.
static int split_blocks(const Lanes *lanes, int count, float row[LANES][VALUES]) {
    int i = 0;
    for (; i + 4 <= count; i += 4) {
        for (int half = 0; half < LANES; half += HALF) {
            __m128 a = _mm_loadu_ps(lanes[i] + half), b = _mm_loadu_ps(lanes[i + 1] + half);
            __m128 c = _mm_loadu_ps(lanes[i + 2] + half), d = _mm_loadu_ps(lanes[i + 3] + half);
            _MM_TRANSPOSE4_PS(a, b, c, d);
            _mm_storeu_ps(row[half] + i, a);
            _mm_storeu_ps(row[half + 1] + i, b);
            _mm_storeu_ps(row[half + 2] + i, c);
            _mm_storeu_ps(row[half + 3] + i, d);
        }
    }
    return i;
}

// 16 numbers at a time. Returns how many were done.
static int round_blocks(const float *sum, int count, uint8_t *to) {
    int i = 0;
    for (; i + 16 <= count; i += 16) {
        __m128i a = _mm_cvtps_epi32(_mm_loadu_ps(sum + i));
        __m128i b = _mm_cvtps_epi32(_mm_loadu_ps(sum + i + 4));
        __m128i c = _mm_cvtps_epi32(_mm_loadu_ps(sum + i + 8));
        __m128i d = _mm_cvtps_epi32(_mm_loadu_ps(sum + i + 12));
        _mm_storeu_si128((__m128i *)(void *)(to + i),
                         _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d)));
    }
    return i;
}
#else
static int load_blocks(const uint8_t *const row[LANES], int count, Lanes *lanes) {
    (void)row, (void)count, (void)lanes;
    return 0;
}

static inline void weigh(const Lanes *from, int step, const float *weight, int taps, Lanes to) {
    Lanes sum = {0};
    for (int t = 0; t < taps; t++)
        for (int r = 0; r < LANES; r++)
            sum[r] += from[t * step][r] * weight[t];
    memcpy(to, sum, sizeof sum);
}

static int split_blocks(const Lanes *lanes, int count, float row[LANES][VALUES]) {
    (void)lanes, (void)count, (void)row;
    return 0;
}

static int round_blocks(const float *sum, int count, uint8_t *to) {
    (void)sum, (void)count, (void)to;
    return 0;
}
#endif

// Every cell of eight rows. A constant number of taps lets the compiler unroll.
static inline void weigh_cells(const UpArea *area, const Lanes *wide, int taps, Lanes *result) {
    int channels = area->channels;
    for (int i = 0; i < area->size; i++)
        for (int c = 0; c < channels; c++)
            weigh(wide + area->x.first[i] * channels + c, channels, area->x.weight + i * taps, taps,
                  result[i * channels + c]);
}

// LANES rows, shrunk along x.
static void shrink_rows(const UpArea *area, const uint8_t *const row[LANES],
                        float narrow[LANES][VALUES]) {
    int count = area->width * area->channels, cells = area->size * area->channels;
    Lanes wide[VALUES], result[VALUES];
    for (int i = load_blocks(row, count, wide); i < count; i++)
        for (int r = 0; r < LANES; r++)
            wide[i][r] = row[r][i];
    if (area->x.taps == 3) // 160 to 84
        weigh_cells(area, wide, 3, result);
    else
        weigh_cells(area, wide, area->x.taps, result);
    for (int i = split_blocks(result, cells, narrow); i < cells; i++)
        for (int r = 0; r < LANES; r++)
            narrow[r][i] = result[i][r];
}

// ---------------------------------------------------------------------------------------------------
// Along y

// To the nearest, halves to even, as the vectors are. A mean of bytes is between 0 and 255.5.
static uint8_t rounded(float value) {
    return (uint8_t)lrintf(value);
}

// Do two rows of the result come from the same rows of the picture?
static bool rows_equal(const UpArea *area, const UpAreaRows *rows, int i, int j) {
    const uint8_t *const *a = rows->row + area->y.first[i], *const *b =
                                                                rows->row + area->y.first[j];
    for (int t = 0; t < area->y.taps; t++)
        if (a[t] != b[t]) return false;
    return true;
}

static bool has_changed(const UpArea *area, const UpAreaRows *rows, int i) {
    for (int t = 0; rows->changed && t < area->y.taps; t++)
        if (rows->changed[area->y.first[i] + t]) return true;
    return !rows->changed;
}

// The different rows of the picture that are needed, in order, and those shrunk last: the rows from
// ready[b] on, in each of two blocks.
typedef struct Needed {
    int count;
    int16_t number[UP__AREA_HEIGHT]; // of a row of the picture
    const uint8_t *row[UP__AREA_HEIGHT + LANES];
    int ready[2];
    float narrow[2][LANES][VALUES];
} Needed;

// Which rows of the result must be made. The others are what they were, or, like[i] >= 0, look like
// one above.
static void find_needed(const UpArea *area, const UpAreaRows *rows, Needed *needed,
                        int16_t like[UP__AREA_WIDTH]) {
    enum { KEPT = UP__AREA_WIDTH };
    int done = 0; // rows of the picture that were looked at
    needed->count = 0;
    for (int i = 0; i < area->size; i++) {
        int same = area->y.weighed[i], first = area->y.first[i];
        like[i] = KEPT;
        if (!has_changed(area, rows, i)) continue;
        like[i] = (int16_t)(same >= 0 && rows_equal(area, rows, i, same) ? same : -1);
        if (like[i] >= 0) continue;
        for (int y = first > done ? first : done; y < first + area->y.taps; y++) {
            bool repeats =
                y > 0 && needed->count > 0 && needed->row[needed->count - 1] == rows->row[y];
            if (!repeats) needed->row[needed->count++] = rows->row[y];
            needed->number[y] = (int16_t)(needed->count - 1);
        }
        done = first + area->y.taps;
    }
    for (int r = 0; r < LANES && needed->count > 0; r++)
        needed->row[needed->count + r] = needed->row[needed->count - 1];
}

static const float *narrow_row(const UpArea *area, Needed *needed, int number) {
    int first = number / LANES * LANES, block = number / LANES & 1;
    if (needed->ready[block] != first) {
        needed->ready[block] = first;
        shrink_rows(area, needed->row + first, needed->narrow[block]);
    }
    return needed->narrow[block][number - first];
}

static void sum_rows(const UpArea *area, Needed *needed, const int16_t *number, const float *weight,
                     float *restrict sum) {
    int count = area->size * area->channels;
    memset(sum, 0, (size_t)count * sizeof *sum);
    for (int t = 0; t < area->y.taps; t++) {
        const float *row = narrow_row(area, needed, number[t]);
        for (int j = 0; j < count; j++)
            sum[j] += weight[t] * row[j];
    }
}

// The same at once. Rows of two blocks are ready, and three lie in no more.
static void sum_three(const UpArea *area, Needed *needed, const int16_t *number,
                      const float *weight, float *restrict sum) {
    const float *a = narrow_row(area, needed, number[0]), *b = narrow_row(area, needed, number[1]),
                *c = narrow_row(area, needed, number[2]);
    for (int j = 0; j < area->size * area->channels; j++)
        sum[j] = weight[0] * a[j] + weight[1] * b[j] + weight[2] * c[j];
}

static void shrink(const UpArea *area, const UpAreaRows *rows, uint8_t *to) {
    Needed needed;
    float sum[VALUES];
    int16_t like[UP__AREA_WIDTH];
    int count = area->size * area->channels;
    find_needed(area, rows, &needed, like);
    needed.ready[0] = needed.ready[1] = -1;
    for (int i = 0; i < area->size; i++) {
        if (like[i] >= 0 && like[i] < area->size)
            memcpy(to + i * count, to + like[i] * count, (size_t)count);
        if (like[i] >= 0) continue;
        const float *weight = area->y.weight + i * area->y.taps;
        const int16_t *number = needed.number + area->y.first[i];
        if (area->y.taps == 3) // 210 to 84
            sum_three(area, &needed, number, weight, sum);
        else
            sum_rows(area, &needed, number, weight, sum);
        for (int j = round_blocks(sum, count, to + i * count); j < count; j++)
            to[i * count + j] = rounded(sum[j]);
    }
}

// Integer factors.
static void shrink_whole(const UpArea *area, const UpAreaRows *rows, uint8_t *to) {
    int across = area->width / area->size, down = area->height / area->size;
    int channels = area->channels;
    float scale = 1.0F / (float)(across * down);
    for (int y = 0; y < area->size; y++)
        for (int x = 0; x < area->size * channels; x++) {
            int sum = 0, left = x / channels * across * channels + x % channels;
            for (int i = 0; i < across * down; i++) {
                const uint8_t *row = rows->row[y * down + i / across];
                sum += row[left + i % across * channels];
            }
            to[y * area->size * channels + x] = rounded((float)sum * scale);
        }
}

void up__area_resize(const UpArea *area, const UpAreaRows *rows, uint8_t *to) {
    if (area->width % area->size == 0 && area->height % area->size == 0)
        shrink_whole(area, rows, to);
    else
        shrink(area, rows, to);
}
