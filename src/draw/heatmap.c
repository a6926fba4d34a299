// Draws heat maps with Cairo.
#include "uphill/heatmap.h"

#ifndef UP_HAVE_CAIRO

static UpStatus no_cairo(void) {
    return up_fail(
        UP_UNSUPPORTED,
        "cannot draw: pictures need Cairo; run ./dev setup (libcairo2-dev) and build again");
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

#include "draw/pen.h"

// Of each sign. Few colours keep a GIF's palette exact and files small.
enum { LEVELS = 40 };
enum { MARGIN = 16, AXIS_LEFT = 72, AXIS_BOTTOM = 56, HEAD = 96, WIDTH_MIN = 760 };
enum { GRID_WIDTH = 1640, MAP_WIDTH = 880, MAP_HEIGHT = 640, SIDE_MAX = 32767 };
static const uint32_t gap_color = 0xB0B0B0, no_number = 0x000000;

typedef struct Layout {
    int64_t across, down;      // small tiles
    int64_t large, large_down; // tiles twice as large, in rows above the small ones
    int64_t gap;               // between two tiles, in cells
    int64_t columns, rows;     // of the picture in cells, gaps included
    int64_t scale_x, scale_y;  // pixels of a cell
    int64_t left, width, height;
    bool axes;
} Layout;

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

// Small tiles stand in an even number of columns, so that two of them are as wide as a large one.
static void lay_tiles(const UpHeatmap *map, Layout *l) {
    int64_t across = 1;
    if (!l->axes) { // about twice as wide as high
        across =
            clamp((int64_t)ceil(sqrt(2.0 * map->tiles * map->rows / map->columns)), 1, map->tiles);
        l->gap = clamp(map->columns / 40, 1, 4);
    }
    l->large = l->axes ? 0 : clamp(map->large, 0, map->tiles);
    if (l->large > 0) across += across % 2;
    l->across = across;
    if (l->large > 0) l->large_down = (l->large + across / 2 - 1) / (across / 2);
    l->down = (map->tiles - l->large + across - 1) / across;
    l->columns = across * (map->columns + l->gap) - l->gap;
    l->rows = (2 * l->large_down + l->down) * (map->rows + l->gap) - l->gap;
}

static UpStatus lay_out(const UpHeatmap *map, Layout *l) {
    if (map->tiles < 1 || map->rows < 1 || map->columns < 1 || !(map->limit > 0))
        return up_fail(UP_USAGE, "a heat map needs tiles, rows, columns and a limit above 0");
    *l = (Layout){.axes = map->tiles == 1};
    lay_tiles(map, l);
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

// The number that is shown in a cell of the picture, NULL between tiles; *tile is where it belongs.
static const float *cell_at(const UpHeatmap *map, const Layout *l, int64_t x, int64_t y,
                            int64_t *tile) {
    int64_t size = 1, across = l->across, first = 0;
    int64_t large_rows = 2 * l->large_down * (map->rows + l->gap);
    if (y < large_rows)
        size = 2, across /= 2;
    else
        y -= large_rows, first = l->large;
    int64_t wide = size * (map->columns + l->gap), high = size * (map->rows + l->gap);
    int64_t cell_x = x % wide / size, cell_y = y % high / size;
    *tile = first + y / high * across + x / wide;
    if (size == 2 && *tile >= l->large)
        *tile = map->tiles; // the rest of the last row of large ones
    if (*tile >= map->tiles || cell_x >= map->columns || cell_y >= map->rows) return NULL;
    return &map->value[(*tile * map->rows + cell_y) * map->columns + cell_x];
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
        for (int64_t x = 0; x < l->columns; x++) {
            int64_t tile;
            const float *value = cell_at(map, l, x, y, &tile);
            row[x] = value               ? color_of(*value / map->limit)
                     : tile < map->tiles ? gap_color
                                         : 0xFFFFFF;
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

// The colours in their order, one pixel each.
static cairo_surface_t *scale(void) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 2 * LEVELS + 1, 1);
    uint32_t *row = (uint32_t *)(void *)cairo_image_surface_get_data(surface);
    for (int i = 0; row && i <= 2 * LEVELS; i++)
        row[i] = color_of((double)(i - LEVELS) / LEVELS);
    cairo_surface_mark_dirty(surface);
    return surface;
}

static void set_font(UpPen *pen, double size, bool bold, UpPaint paint) {
    up__pen_font(pen, size, bold);
    up__pen_paint(pen, (int)paint, 1);
}

static void draw_head(UpPen *pen, const UpHeatmap *map) {
    const double bar = 4, y = 68, high = 12;
    char text[32];
    set_font(pen, 17, true, UP__INK);
    if (map->title) up__pen_text(pen, map->title, MARGIN, 30, 0);
    set_font(pen, 12, false, UP__SOFT);
    if (map->note) up__pen_text(pen, map->note, MARGIN, 54, 0);
    snprintf(text, sizeof text, "−%.3g", map->limit);
    double x = MARGIN + up__pen_width(pen, text) + 8, width = (2 * LEVELS + 1) * bar;
    up__pen_text(pen, text, MARGIN, y + high - 2, 0);
    snprintf(text, sizeof text, "+%.3g", map->limit);
    up__pen_text(pen, text, x + width + 8, y + high - 2, 0);
    cairo_surface_t *colors = scale();
    up__pen_picture(pen, colors, x, y, width, high);
    cairo_surface_destroy(colors);
    up__pen_line(pen, 1, 0, 0);
    up__pen_box(pen, x - 0.5, y - 0.5, width + 1, high + 1, false);
}

// 1, 2, 5, 10, …: the first step at which labels are `room` pixels apart.
static int64_t label_step(int64_t scale, int64_t room) {
    int64_t step = 1;
    for (int i = 0; step * scale < room; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void draw_axes(UpPen *pen, const UpHeatmap *map, const Layout *l) {
    char text[24];
    double right = (double)(l->left + l->columns * l->scale_x);
    double bottom = (double)(HEAD + l->rows * l->scale_y);
    set_font(pen, 11, false, UP__SOFT);
    for (int64_t i = 0, step = label_step(l->scale_y, 16); i < l->rows; i += step) {
        snprintf(text, sizeof text, "%lld", (long long)i);
        up__pen_text(pen, text, (double)l->left - 8,
                     HEAD + ((double)i + 0.5) * (double)l->scale_y + 4, 1);
    }
    for (int64_t i = 0, step = label_step(l->scale_x, 40); i < l->columns; i += step) {
        snprintf(text, sizeof text, "%lld", (long long)i);
        up__pen_text(pen, text, (double)l->left + ((double)i + 0.5) * (double)l->scale_x,
                     bottom + 16, 0.5);
    }
    set_font(pen, 12, false, UP__SOFT);
    if (map->column_label)
        up__pen_text(pen, map->column_label, ((double)l->left + right) / 2, bottom + 40, 0.5);
    if (map->row_label) up__pen_text_up(pen, map->row_label, 26, (HEAD + bottom) / 2);
}

typedef struct Drawing {
    const UpHeatmap *map;
    Layout layout;
} Drawing;

static void draw(UpPen *pen, const void *what) {
    const UpHeatmap *map = ((const Drawing *)what)->map;
    const Layout *l = &((const Drawing *)what)->layout;
    cairo_surface_t *picture = cells(map, l);
    draw_head(pen, map);
    if (l->axes) draw_axes(pen, map, l);
    up__pen_picture(pen, picture, (double)l->left, HEAD, (double)(l->columns * l->scale_x),
                    (double)(l->rows * l->scale_y));
    cairo_surface_destroy(picture);
}

UpStatus up_heatmap_write(const UpHeatmap *map, const char *path) {
    Drawing drawing = {.map = map};
    UP_TRY(lay_out(map, &drawing.layout));
    UpDrawing picture = {.width = (double)drawing.layout.width,
                         .height = (double)drawing.layout.height,
                         .scale = 1,
                         .title = map->title,
                         .description = map->note,
                         .draw = draw,
                         .what = &drawing};
    return up__drawing_write(&picture, path);
}

UpStatus up_heatmap_render(const UpHeatmap *map, UpImage *image) {
    Drawing drawing = {.map = map};
    UP_TRY(lay_out(map, &drawing.layout));
    image->width = (int)drawing.layout.width;
    image->height = (int)drawing.layout.height;
    if (!image->rgb) return UP_OK;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, image->width, image->height);
    UpPen pen = {.ops = &up__pen_pixels, .cairo = cairo_create(surface)};
    up__pen_paint(&pen, UP__PAPER, 1);
    up__pen_box(&pen, 0, 0, image->width, image->height, true);
    draw(&pen, &drawing);
    cairo_status_t drawn = pen.failed ? CAIRO_STATUS_NO_MEMORY : cairo_status(pen.cairo);
    cairo_destroy(pen.cairo);
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
               : up_fail(drawn == CAIRO_STATUS_NO_MEMORY ? UP_MEMORY : UP_IO,
                         "cannot draw a heat map: %s", cairo_status_to_string(drawn));
}

#endif
