// The sheet that a native environment draws on, and the shapes that several of them use.
#include "env/native/picture.h"

#include <math.h>

#ifdef UP_HAVE_CAIRO

// Copies the sheet out: Cairo's pixels are 0x00RRGGBB words.
static void copy_out(cairo_surface_t *surface, UpImage *image) {
    cairo_surface_flush(surface);
    const unsigned char *rows = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    uint8_t *rgb = image->rgb;
    for (int y = 0; y < image->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(rows + (ptrdiff_t)y * stride);
        for (int x = 0; x < image->width; x++, rgb += 3) {
            rgb[0] = (uint8_t)(row[x] >> 16);
            rgb[1] = (uint8_t)(row[x] >> 8);
            rgb[2] = (uint8_t)row[x];
        }
    }
}

UpStatus up__picture(UpImage *image, UpDrawFn draw, const void *self, int i) {
    if (!image->rgb) return UP_OK;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, image->width, image->height);
    cairo_t *cairo = cairo_create(surface);
    cairo_status_t status = cairo_status(cairo);
    if (status == CAIRO_STATUS_SUCCESS) {
        up__picture_colour(cairo, 0xffffff);
        cairo_paint(cairo);
        draw(self, i, cairo);
        copy_out(surface, image);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    if (status == CAIRO_STATUS_SUCCESS) return UP_OK;
    return up_fail(UP_MEMORY, "cannot draw: %s", cairo_status_to_string(status));
}

void up__picture_upwards(cairo_t *cairo, double height) {
    cairo_translate(cairo, 0, height);
    cairo_scale(cairo, 1, -1);
}

void up__picture_colour(cairo_t *cairo, unsigned rgb) {
    cairo_set_source_rgb(cairo, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
}

void up__picture_disc(cairo_t *cairo, double x, double y, double radius) {
    cairo_new_path(cairo);
    cairo_arc(cairo, x, y, radius, 0, 2 * M_PI);
    cairo_fill(cairo);
}

void up__picture_box(cairo_t *cairo, double x, double y, double width, double height) {
    cairo_rectangle(cairo, x, y, width, height);
    cairo_fill(cairo);
}

void up__picture_round(cairo_t *cairo, double x, double y, double width, double height,
                       double radius) {
    double right = x + width - radius, bottom = y + height - radius;
    cairo_new_path(cairo);
    cairo_arc(cairo, right, y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cairo, right, bottom, radius, 0, M_PI / 2);
    cairo_arc(cairo, x + radius, bottom, radius, M_PI / 2, M_PI);
    cairo_arc(cairo, x + radius, y + radius, radius, M_PI, 3 * M_PI / 2);
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

void up__picture_line(cairo_t *cairo, double x0, double y0, double x1, double y1, double width) {
    cairo_set_line_width(cairo, width);
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    cairo_stroke(cairo);
}

void up__picture_text(cairo_t *cairo, double x, double y, double size, const char *text) {
    cairo_text_extents_t extents;
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cairo, size);
    cairo_text_extents(cairo, text, &extents);
    cairo_move_to(cairo, x - extents.x_bearing - extents.width / 2,
                  y - extents.y_bearing - extents.height / 2);
    cairo_show_text(cairo, text);
    cairo_new_path(cairo);
}

#else

UpStatus up__picture(UpImage *image, UpDrawFn draw, const void *self, int i) {
    (void)image, (void)draw, (void)self, (void)i;
    return up_fail(UP_UNSUPPORTED, "this build has no Cairo, which draws the native environments: "
                                   "run ./dev setup (libcairo2-dev) and build again");
}

#endif
