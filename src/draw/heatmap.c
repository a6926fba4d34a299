// Draws heat maps with Cairo.
#include "uphill/heatmap.h"

#ifndef UP_HAVE_CAIRO

static UpStatus no_cairo(void) {
    return up_fail(UP_UNSUPPORTED,
                   "cannot draw: pictures need Cairo; install libcairo2-dev and build again");
}

UpStatus up_heatmap_write(const UpHeatmap *map, const char *path) {
    (void)map;
    (void)path;
    return no_cairo();
}

UpStatus up_heatmap_render(const UpHeatmap *map, UpImage *image) {
    (void)map;
    (void)image;
    return no_cairo();
}

#else

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "draw/drawing.h"

// Of each sign. Few colours keep a GIF's palette exact and files small.
enum { LEVELS = 40 };
enum { MARGIN = 16, AXIS_LEFT = 72, AXIS_BOTTOM = 56, HEAD = 96, WIDTH_MIN = 760 };
enum { GRID_WIDTH = 1640, MAP_WIDTH = 880, MAP_HEIGHT = 640, SIDE_MAX = 32767 };
static const uint32_t gap_color = 0xB0B0B0, no_number = 0x000000;

typedef struct Layout {
    int64_t across, down;     // tiles
    int64_t gap;              // between two tiles, in cells
    int64_t columns, rows;    // of the picture in cells, gaps included
    int64_t scale_x, scale_y; // pixels of a cell
    int64_t left, width, height;
    bool axes;
} Layout;

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

static UpStatus lay_out(const UpHeatmap *map, Layout *l) {
    if (map->tiles < 1 || map->rows < 1 || map->columns < 1 || !(map->limit > 0))
        return up_fail(UP_USAGE, "a heat map needs tiles, rows, columns and a limit above 0");
    *l = (Layout){.across = 1, .axes = map->tiles == 1};
    if (!l->axes) { // about twice as wide as high
        double across = sqrt(2.0 * map->tiles * map->rows / map->columns);
        l->across = clamp((int64_t)ceil(across), 1, map->tiles);
        l->gap = clamp(map->columns / 40, 1, 4);
    }
    l->down = (map->tiles + l->across - 1) / l->across;
    l->columns = l->across * (map->columns + l->gap) - l->gap;
    l->rows = l->down * (map->rows + l->gap) - l->gap;
    l->scale_x = clamp((l->axes ? MAP_WIDTH : GRID_WIDTH) / l->columns, 1, l->axes ? 48 : 16);
    l->scale_y = l->axes ? clamp(MAP_HEIGHT / l->rows, 1, 24) : l->scale_x;
    l->left = l->axes ? AXIS_LEFT : MARGIN;
    l->width = l->left + l->columns * l->scale_x + MARGIN;
    if (l->width < WIDTH_MIN) l->width = WIDTH_MIN;
    l->height = HEAD + l->rows * l->scale_y + (l->axes ? AXIS_BOTTOM : MARGIN);
    if (l->width > SIDE_MAX || l->height > SIDE_MAX)
        return up_fail(UP_UNSUPPORTED, "a heat map of %d × %d × %d numbers is too large to draw",
                       map->tiles, map->rows, map->columns);
    return UP_OK;
}

// From white to the ends of ColorBrewer's RdBu.
static uint32_t color_of(double share) {
    const double red[3] = {178, 24, 43}, blue[3] = {33, 102, 172};
    if (isnan(share)) return no_number;
    double level = round(fmin(fabs(share), 1) * LEVELS) / LEVELS;
    const double *end = share < 0 ? blue : red;
    uint32_t color = 0;
    for (int c = 0; c < 3; c++)
        color = color << 8 | (uint32_t)lround(255 + level * (end[c] - 255));
    return color;
}

// All cells as a picture of one pixel each.
static cairo_surface_t *cells(const UpHeatmap *map, const Layout *l) {
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)l->columns, (int)l->rows);
    unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    if (!data) return surface; // its status tells
    for (int64_t y = 0; y < l->rows; y++) {
        uint32_t *row = (uint32_t *)(void *)(data + (size_t)y * stride);
        int64_t tile_y = y / (map->rows + l->gap), cell_y = y % (map->rows + l->gap);
        for (int64_t x = 0; x < l->columns; x++) {
            int64_t tile_x = x / (map->columns + l->gap), cell_x = x % (map->columns + l->gap);
            int64_t tile = tile_y * l->across + tile_x;
            bool inside = tile < map->tiles && cell_y < map->rows && cell_x < map->columns;
            int64_t cell = (tile * map->rows + cell_y) * map->columns + cell_x;
            row[x] = inside              ? color_of(map->value[cell] / map->limit)
                     : tile < map->tiles ? gap_color
                                         : 0xFFFFFF;
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static void set_font(cairo_t *cairo, double size, bool bold, double grey) {
    up__drawing_font(cairo, size, bold);
    cairo_set_source_rgb(cairo, grey, grey, grey);
}

static void draw_head(cairo_t *cairo, const UpHeatmap *map) {
    const double bar = 4, y = 68, high = 12;
    char text[32];
    set_font(cairo, 17, true, 0.13);
    if (map->title) up__drawing_text(cairo, map->title, MARGIN, 30, 0);
    set_font(cairo, 12, false, 0.3);
    if (map->note) up__drawing_text(cairo, map->note, MARGIN, 54, 0);
    snprintf(text, sizeof text, "−%.3g", map->limit);
    double x = MARGIN + up__drawing_width(cairo, text) + 8;
    up__drawing_text(cairo, text, MARGIN, y + high - 2, 0);
    double end = x + (2 * LEVELS + 1) * bar;
    snprintf(text, sizeof text, "+%.3g", map->limit);
    up__drawing_text(cairo, text, end + 8, y + high - 2, 0);
    for (int i = -LEVELS; i <= LEVELS; i++) {
        uint32_t color = color_of((double)i / LEVELS);
        cairo_set_source_rgb(cairo, (color >> 16) / 255.0, (color >> 8 & 255) / 255.0,
                             (color & 255) / 255.0);
        cairo_rectangle(cairo, x + (i + LEVELS) * bar, y, bar, high);
        cairo_fill(cairo);
    }
    cairo_set_source_rgb(cairo, 0.6, 0.6, 0.6);
    cairo_set_line_width(cairo, 1);
    cairo_rectangle(cairo, x - 0.5, y - 0.5, end - x + 1, high + 1);
    cairo_stroke(cairo);
}

// 1, 2, 5, 10, …: the first step at which labels are `room` pixels apart.
static int64_t label_step(int64_t scale, int64_t room) {
    int64_t step = 1;
    for (int i = 0; step * scale < room; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void draw_axes(cairo_t *cairo, const UpHeatmap *map, const Layout *l) {
    char text[24];
    double right = (double)(l->left + l->columns * l->scale_x);
    double bottom = (double)(HEAD + l->rows * l->scale_y);
    set_font(cairo, 11, false, 0.3);
    for (int64_t i = 0, step = label_step(l->scale_y, 16); i < l->rows; i += step) {
        snprintf(text, sizeof text, "%lld", (long long)i);
        up__drawing_text(cairo, text, (double)l->left - 8,
                         HEAD + ((double)i + 0.5) * (double)l->scale_y + 4, 1);
    }
    for (int64_t i = 0, step = label_step(l->scale_x, 40); i < l->columns; i += step) {
        snprintf(text, sizeof text, "%lld", (long long)i);
        up__drawing_text(cairo, text, (double)l->left + ((double)i + 0.5) * (double)l->scale_x,
                         bottom + 16, 0.5);
    }
    set_font(cairo, 12, false, 0.3);
    if (map->column_label)
        up__drawing_text(cairo, map->column_label, ((double)l->left + right) / 2, bottom + 40, 0.5);
    if (map->row_label) {
        cairo_save(cairo);
        cairo_translate(cairo, 26, (HEAD + bottom) / 2);
        cairo_rotate(cairo, -M_PI / 2);
        up__drawing_text(cairo, map->row_label, 0, 0, 0.5);
        cairo_restore(cairo);
    }
}

typedef struct Drawing {
    const UpHeatmap *map;
    Layout layout;
} Drawing;

static void draw(cairo_t *cairo, const void *what) {
    const UpHeatmap *map = ((const Drawing *)what)->map;
    const Layout *l = &((const Drawing *)what)->layout;
    cairo_surface_t *picture = cells(map, l);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    draw_head(cairo, map);
    if (l->axes) draw_axes(cairo, map, l);
    cairo_translate(cairo, (double)l->left, HEAD);
    cairo_scale(cairo, (double)l->scale_x, (double)l->scale_y);
    cairo_set_source_surface(cairo, picture, 0, 0); // a picture that failed makes cairo's status so
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_rectangle(cairo, 0, 0, (double)l->columns, (double)l->rows);
    cairo_fill(cairo);
    cairo_surface_destroy(picture);
}

UpStatus up_heatmap_write(const UpHeatmap *map, const char *path) {
    Drawing drawing = {.map = map};
    UP_TRY(lay_out(map, &drawing.layout));
    return up__drawing_write(path, (double)drawing.layout.width, (double)drawing.layout.height, 1,
                             draw, &drawing);
}

UpStatus up_heatmap_render(const UpHeatmap *map, UpImage *image) {
    Drawing drawing = {.map = map};
    UP_TRY(lay_out(map, &drawing.layout));
    image->width = (int)drawing.layout.width;
    image->height = (int)drawing.layout.height;
    if (!image->rgb) return UP_OK;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, image->width, image->height);
    cairo_t *cairo = cairo_create(surface);
    draw(cairo, &drawing);
    cairo_status_t drawn = cairo_status(cairo);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    uint8_t *rgb = image->rgb;
    for (size_t y = 0; drawn == CAIRO_STATUS_SUCCESS && y < (size_t)image->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(data + y * stride);
        for (int x = 0; x < image->width; x++, rgb += 3) {
            rgb[0] = (uint8_t)(row[x] >> 16);
            rgb[1] = (uint8_t)(row[x] >> 8);
            rgb[2] = (uint8_t)row[x];
        }
    }
    cairo_surface_destroy(surface);
    return drawn == CAIRO_STATUS_SUCCESS
               ? UP_OK
               : up_fail(UP_IO, "cannot draw a heat map: %s", cairo_status_to_string(drawn));
}

#endif
