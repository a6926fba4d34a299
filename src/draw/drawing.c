// Pictures that become files: pixels by Cairo, or the text of an SVG.
#ifdef UP_HAVE_CAIRO

#include <stdlib.h>
#include <string.h>

#include "draw/pen.h"
#include "uphill/file.h"

static cairo_status_t draw_pixels(const UpDrawing *d, UpBuffer *file) {
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)(d->width * d->scale), (int)(d->height * d->scale));
    UpPen pen = {.ops = &up__pen_pixels, .cairo = cairo_create(surface)};
    cairo_scale(pen.cairo, d->scale, d->scale);
    up__pen_paint(&pen, UP__PAPER, 1);
    up__pen_box(&pen, 0, 0, d->width, d->height, true);
    d->draw(&pen, d->what);
    cairo_status_t drawn = pen.failed ? CAIRO_STATUS_NO_MEMORY : cairo_status(pen.cairo);
    cairo_destroy(pen.cairo);
    if (drawn == CAIRO_STATUS_SUCCESS)
        drawn = cairo_surface_write_to_png_stream(surface, up__pen_sink, file);
    cairo_surface_destroy(surface);
    return drawn;
}

static cairo_status_t draw_letters(const UpDrawing *d, UpBuffer *file) {
    UpBuffer path = {0};
    cairo_surface_t *measure = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    UpPen pen = {
        .ops = &up__pen_letters, .cairo = cairo_create(measure), .svg = file, .path = &path};
    up__pen_letters_begin(&pen, d);
    d->draw(&pen, d->what);
    up__pen_letters_end(&pen);
    cairo_status_t drawn = pen.failed ? CAIRO_STATUS_NO_MEMORY : cairo_status(pen.cairo);
    cairo_destroy(pen.cairo);
    cairo_surface_destroy(measure);
    free(path.bytes);
    return drawn;
}

UpStatus up__drawing_write(const UpDrawing *drawing, const char *path) {
    const char *ending = strrchr(path, '.');
    bool svg = ending && strcasecmp(ending, ".svg") == 0;
    if (!svg && !(ending && strcasecmp(ending, ".png") == 0))
        return up_fail(UP_USAGE, "cannot draw %s: its name must end in .svg or .png", path);
    UpBuffer file = {0};
    cairo_status_t drawn = svg ? draw_letters(drawing, &file) : draw_pixels(drawing, &file);
    UpStatus failure = drawn == CAIRO_STATUS_NO_MEMORY ? UP_MEMORY : UP_IO;
    UpStatus status = drawn == CAIRO_STATUS_SUCCESS ? up_file_write(path, file.bytes, file.size)
                                                    : up_fail(failure, "cannot draw %s: %s", path,
                                                              cairo_status_to_string(drawn));
    free(file.bytes);
    return status;
}

#endif
