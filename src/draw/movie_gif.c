// Animated GIFs with giflib. Of each frame only the rectangle that changed is stored, and in it
// what did not change is transparent, which compresses to almost nothing. The file is built in
// memory and written when it is complete.
#include "draw/movie_internal.h"

#ifndef UP_HAVE_GIF

UpStatus up__gif_create(UpMovie **movie, const char *path, int width, int height, double rate) {
    (void)width, (void)height, (void)rate;
    *movie = NULL;
    return up_fail(UP_UNSUPPORTED,
                   "cannot film %s: GIFs need giflib; run ./dev setup (libgif-dev) and build again",
                   path);
}

#else

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/buffer.h"
#include "draw/movie_palette.h"
#include "uphill/file.h"

// Browsers show a delay of less than 2 (in 1/100 s) as 10.
enum { DELAY_MIN = 2, DELAY_MAX = 65535 };

typedef struct Rectangle {
    int left, top, right, bottom; // right and bottom are one beyond
} Rectangle;

typedef struct Gif {
    UpMovie base;
    GifFileType *file;
    UpBuffer bytes;
    UpPalette global, local; // the first frame's colours; those of a frame that has others
    uint8_t *shown; // (height, width, 3) what a viewer sees once the waiting frame is shown
    // The frame that waits for its delay, which the next change decides.
    Rectangle area;  // that changed
    uint8_t *index;  // (height, width) colours in `area`, row after row
    UpColorBin *bin; // (UP__COLOR_BINS) where a frame has too many colours
    bool has_local;  // it needs `local`
    int64_t begin;   // when it appears, in 1/100 s
} Gif;

static int to_buffer(GifFileType *file, const GifByteType *bytes, int size) {
    return up__buffer_append(file->UserData, bytes, (size_t)size) ? size : 0;
}

static UpStatus gif_failed(const Gif *gif, int code) {
    const char *reason = GifErrorString(code);
    return up_fail(UP_IO, "cannot film %s: %s", gif->base.path, reason ? reason : "out of memory");
}

// A colour table of 2^n entries with `transparent` beyond the last colour.
static ColorMapObject *color_map(const UpPalette *palette) {
    int size = 4;
    while (size < palette->count + 1)
        size *= 2;
    return GifMakeMapObject(size, palette->color);
}

static bool put_extension(GifFileType *file, int code, const void *bytes, int size,
                          const void *more, int more_size) {
    return EGifPutExtensionLeader(file, code) == GIF_OK &&
           EGifPutExtensionBlock(file, size, bytes) == GIF_OK &&
           (more_size == 0 || EGifPutExtensionBlock(file, more_size, more) == GIF_OK) &&
           EGifPutExtensionTrailer(file) == GIF_OK;
}

// The screen with the first frame's colours, and the extension that says: repeat for ever.
static bool put_head(Gif *gif) {
    const uint8_t forever[] = {1, 0, 0};
    ColorMapObject *map = color_map(&gif->global);
    if (!map) return false;
    EGifSetGifVersion(gif->file, true);
    bool good =
        EGifPutScreenDesc(gif->file, gif->base.width, gif->base.height, 8, 0, map) == GIF_OK &&
        put_extension(gif->file, APPLICATION_EXT_FUNC_CODE, "NETSCAPE2.0", 11, forever, 3);
    GifFreeMapObject(map);
    return good;
}

// Writes the waiting frame, which disappears at `end`.
static UpStatus put_waiting(Gif *gif, int64_t end) {
    const UpPalette *palette = gif->has_local ? &gif->local : &gif->global;
    const Rectangle *a = &gif->area;
    int64_t delay = end - gif->begin;
    if (delay < DELAY_MIN) delay = DELAY_MIN;
    if (delay > DELAY_MAX) delay = DELAY_MAX;
    GifByteType control[4];
    EGifGCBToExtension(&(GraphicsControlBlock){DISPOSE_DO_NOT, false, (int)delay, palette->count},
                       control);
    ColorMapObject *map = gif->has_local ? color_map(palette) : NULL;
    int width = a->right - a->left, height = a->bottom - a->top;
    bool good = (map || !gif->has_local) &&
                put_extension(gif->file, GRAPHICS_EXT_FUNC_CODE, control, 4, NULL, 0) &&
                EGifPutImageDesc(gif->file, a->left, a->top, width, height, false, map) == GIF_OK;
    for (int y = 0; y < height && good; y++)
        good = EGifPutLine(gif->file, gif->index + (size_t)y * (size_t)width, width) == GIF_OK;
    GifFreeMapObject(map);
    GifFreeMapObject(gif->file->Image.ColorMap); // giflib 5.2.1 forgets its copy at the next frame
    gif->file->Image.ColorMap = NULL;
    return good ? UP_OK : gif_failed(gif, gif->file->Error);
}

static const uint8_t *pixel(const Gif *gif, const uint8_t *rgb, int x, int y) {
    return rgb + 3 * ((size_t)y * (size_t)gif->base.width + (size_t)x);
}

// The smallest rectangle that holds every changed pixel; false if there is none.
static bool find_changes(const Gif *gif, const uint8_t *rgb, Rectangle *area) {
    int width = gif->base.width, height = gif->base.height;
    *area = (Rectangle){width, height, 0, 0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (memcmp(pixel(gif, rgb, x, y), pixel(gif, gif->shown, x, y), 3) == 0) continue;
            if (x < area->left) area->left = x;
            if (x >= area->right) area->right = x + 1;
            if (y < area->top) area->top = y;
            area->bottom = y + 1;
        }
    return area->right > 0;
}

// Fills gif->index for gif->area; false if a colour is absent (`add`: if there are too many). The
// first frame has nothing before it that transparent pixels could show.
static bool index_exactly(Gif *gif, const uint8_t *rgb, UpPalette *palette, bool add) {
    const Rectangle *a = &gif->area;
    const int same = -2;
    int first = gif->base.frames == 0;
    uint8_t *index = gif->index;
    for (int pass = add ? 0 : 1; pass < 2; pass++) // the palette's size makes the transparent index
        for (int y = a->top; y < a->bottom; y++)
            for (int x = a->left; x < a->right; x++) {
                const uint8_t *color = pixel(gif, rgb, x, y);
                int found = !first && memcmp(color, pixel(gif, gif->shown, x, y), 3) == 0
                                ? same
                                : up__palette_index(palette, color, add);
                if (found == -1) return false;
                if (pass == 1) *index++ = (uint8_t)(found == same ? palette->count : found);
            }
    return true;
}

// More than 255 colours: the most frequent ones stand for all.
static void index_nearly(Gif *gif, const uint8_t *rgb, UpPalette *palette) {
    const Rectangle *a = &gif->area;
    bool first = gif->base.frames == 0;
    memset(gif->bin, 0, UP__COLOR_BINS * sizeof *gif->bin);
    for (int y = a->top; y < a->bottom; y++)
        for (int x = a->left; x < a->right; x++)
            up__bins_count(gif->bin, pixel(gif, rgb, x, y));
    up__bins_choose(gif->bin, palette);
    uint8_t *index = gif->index;
    for (int y = a->top; y < a->bottom; y++)
        for (int x = a->left; x < a->right; x++) {
            const uint8_t *color = pixel(gif, rgb, x, y);
            bool same = !first && memcmp(color, pixel(gif, gif->shown, x, y), 3) == 0;
            *index++ = (uint8_t)(same ? palette->count : gif->bin[up__bin(color)].index);
        }
}

// Makes `rgb` the waiting frame. Its colours are the global ones if they suffice.
static void wait_with(Gif *gif, const uint8_t *rgb) {
    bool first = gif->base.frames == 0;
    gif->has_local = false;
    if (!index_exactly(gif, rgb, &gif->global, first)) {
        UpPalette *palette = first ? &gif->global : &gif->local;
        gif->has_local = !first;
        up__palette_clear(palette);
        if (!index_exactly(gif, rgb, palette, true)) index_nearly(gif, rgb, palette);
    }
    memcpy(gif->shown, rgb, 3 * (size_t)gif->base.width * (size_t)gif->base.height);
}

// When frame `number` appears. Rounding the sum, not each delay, keeps the rate right on average.
static int64_t frame_time(const Gif *gif, int64_t number) {
    return llround(100.0 * (double)number / gif->base.frames_per_second);
}

static UpStatus gif_frame(UpMovie *movie, const uint8_t *rgb) {
    Gif *gif = (Gif *)movie;
    int64_t time = frame_time(gif, movie->frames);
    if (movie->frames == 0) {
        gif->area = (Rectangle){0, 0, movie->width, movie->height};
        wait_with(gif, rgb);
        return put_head(gif) ? UP_OK : gif_failed(gif, gif->file->Error);
    }
    Rectangle area;
    // Beyond 50 frames a second some are left out; what does not change needs no frame.
    if (time - gif->begin < DELAY_MIN || !find_changes(gif, rgb, &area)) return UP_OK;
    UP_TRY(put_waiting(gif, time));
    gif->area = area;
    gif->begin = time;
    wait_with(gif, rgb);
    return UP_OK;
}

static UpStatus gif_finish(UpMovie *movie) {
    Gif *gif = (Gif *)movie;
    int code = 0;
    UP_TRY(put_waiting(gif, frame_time(gif, movie->frames)));
    int closed = EGifCloseFile(gif->file, &code);
    gif->file = NULL;
    if (closed != GIF_OK) return gif_failed(gif, code);
    return up_file_write(movie->path, gif->bytes.bytes, gif->bytes.size);
}

static void gif_destroy(UpMovie *movie) {
    Gif *gif = (Gif *)movie;
    if (gif->file) EGifCloseFile(gif->file, NULL);
    free(gif->bytes.bytes);
    free(gif->shown);
    free(gif->index);
    free(gif->bin);
    free(gif);
}

UpStatus up__gif_create(UpMovie **movie, const char *path, int width, int height, double rate) {
    *movie = NULL;
    int code = 0;
    size_t pixels = (size_t)width * (size_t)height;
    Gif *gif = calloc(1, sizeof *gif);
    if (!gif) return up_fail(UP_MEMORY, "out of memory");
    gif->base = (UpMovie){gif_frame, gif_finish, gif_destroy, "", width, height, rate, 0, UP_OK};
    strcpy(gif->base.path, path);
    up__palette_clear(&gif->global);
    gif->shown = malloc(3 * pixels);
    gif->index = malloc(pixels);
    gif->bin = malloc(UP__COLOR_BINS * sizeof *gif->bin);
    gif->file = EGifOpen(&gif->bytes, to_buffer, &code);
    if (gif->shown && gif->index && gif->bin && gif->file) {
        *movie = &gif->base;
        return UP_OK;
    }
    gif_destroy(&gif->base);
    return up_fail(UP_MEMORY, "out of memory for %s", path);
}

#endif
