// Pictures that Cairo draws.
#ifdef UP_HAVE_CAIRO

#include "draw/drawing.h"

#include <cairo-svg.h>
#include <stdlib.h>
#include <string.h>

#include "io/buffer.h"
#include "uphill/file.h"

static cairo_status_t to_buffer(void *buffer, const unsigned char *bytes, unsigned size) {
    return up__buffer_append(buffer, bytes, size) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

UpStatus up__drawing_write(const char *path, double width, double height, double scale,
                           UpDraw *draw, const void *what) {
    const char *ending = strrchr(path, '.');
    bool svg = ending && strcasecmp(ending, ".svg") == 0;
    if (!svg && !(ending && strcasecmp(ending, ".png") == 0))
        return up_fail(UP_USAGE, "cannot draw %s: its name must end in .svg or .png", path);
    UpBuffer file = {0};
    cairo_surface_t *surface =
        svg ? cairo_svg_surface_create_for_stream(to_buffer, &file, width, height)
            : cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * scale),
                                         (int)(height * scale));
    cairo_t *cairo = cairo_create(surface);
    if (!svg) cairo_scale(cairo, scale, scale);
    draw(cairo, what);
    cairo_status_t drawn = cairo_status(cairo);
    cairo_destroy(cairo);
    if (drawn == CAIRO_STATUS_SUCCESS && !svg)
        drawn = cairo_surface_write_to_png_stream(surface, to_buffer, &file);
    cairo_surface_finish(surface);
    if (drawn == CAIRO_STATUS_SUCCESS) drawn = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    UpStatus status = drawn == CAIRO_STATUS_SUCCESS ? up_file_write(path, file.bytes, file.size)
                                                    : up_fail(UP_IO, "cannot draw %s: %s", path,
                                                              cairo_status_to_string(drawn));
    free(file.bytes);
    return status;
}

void up__drawing_font(cairo_t *cairo, double size, bool bold) {
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
}

double up__drawing_width(cairo_t *cairo, const char *text) {
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

void up__drawing_text(cairo_t *cairo, const char *text, double x, double y, double anchor) {
    cairo_move_to(cairo, x - anchor * up__drawing_width(cairo, text), y);
    cairo_show_text(cairo, text);
}

#endif
