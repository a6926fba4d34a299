// The pen that draws pixels, by Cairo.
#ifdef UP_HAVE_CAIRO

#include <math.h>

#include "draw/pen.h"

cairo_status_t up__pen_sink(void *buffer, const unsigned char *bytes, unsigned size) {
    return up__buffer_append(buffer, bytes, size) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

static void apply(UpPen *pen) {
    uint32_t color = up__paint(pen->paint, false);
    cairo_set_source_rgba(pen->cairo, (color >> 16) / 255.0, (color >> 8 & 255) / 255.0,
                          (color & 255) / 255.0, pen->alpha);
    cairo_set_line_width(pen->cairo, pen->line);
    cairo_set_line_join(pen->cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(pen->cairo, pen->dash, pen->dash[0] > 0 ? 2 : 0, 0);
}

static void to(UpPen *pen, double x, double y) {
    if (!pen->open) cairo_new_path(pen->cairo);
    cairo_line_to(pen->cairo, x, y);
}

static void end(UpPen *pen, bool fill) {
    apply(pen);
    if (fill)
        cairo_fill(pen->cairo);
    else
        cairo_stroke(pen->cairo);
}

static void dot(UpPen *pen, double x, double y, double radius) {
    cairo_new_path(pen->cairo);
    cairo_arc(pen->cairo, x, y, radius, 0, 2 * M_PI);
    end(pen, true);
}

static void box(UpPen *pen, double x, double y, double width, double height, bool fill) {
    cairo_new_path(pen->cairo);
    cairo_rectangle(pen->cairo, x, y, width, height);
    end(pen, fill);
}

static void letters(UpPen *pen, const char *text, double anchor) {
    const double edge = 5;
    double left = -anchor * up__pen_width(pen, text);
    if (pen->edged) {
        UpPen paper = *pen;
        up__pen_paint(&paper, UP__PAPER, 0.85);
        up__pen_line(&paper, edge, 0, 0);
        apply(&paper);
        cairo_move_to(pen->cairo, left, 0);
        cairo_text_path(pen->cairo, text);
        cairo_stroke(pen->cairo);
    }
    apply(pen);
    cairo_move_to(pen->cairo, left, 0);
    cairo_show_text(pen->cairo, text);
}

static void text_at(UpPen *pen, const char *text, double x, double y, double anchor, bool turned) {
    cairo_save(pen->cairo);
    cairo_translate(pen->cairo, x, y);
    if (turned) cairo_rotate(pen->cairo, -M_PI / 2);
    letters(pen, text, anchor);
    cairo_restore(pen->cairo);
}

static void picture(UpPen *pen, cairo_surface_t *surface, double x, double y, double width,
                    double height) {
    double columns = cairo_image_surface_get_width(surface),
           rows = cairo_image_surface_get_height(surface);
    pen->failed |= cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS; // it has no columns
    if (pen->failed) return;
    cairo_save(pen->cairo);
    cairo_translate(pen->cairo, x, y);
    cairo_scale(pen->cairo, width / columns, height / rows);
    cairo_set_source_surface(pen->cairo, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(pen->cairo), CAIRO_FILTER_NEAREST);
    cairo_rectangle(pen->cairo, 0, 0, columns, rows);
    cairo_fill(pen->cairo);
    cairo_restore(pen->cairo);
}

const UpPenOps up__pen_pixels = {
    .to = to, .end = end, .dot = dot, .box = box, .text = text_at, .picture = picture};

#endif
