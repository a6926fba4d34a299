// Colours, text, and what all pens do alike.
#include "draw/pen.h"

#include <stdio.h>

#include "uphill/text.h"

// Okabe and Ito, "Color Universal Design" (2008), without their yellow, which is faint on white. On
// dark paper the same hues, lighter.
static const struct {
    uint32_t light, dark;
} colors[UP__PAINTS] = {
    [UP__PAPER] = {0xffffff, 0x0d1117},      [UP__INK] = {0x212121, 0xe6e6e6},
    [UP__SOFT] = {0x5f5f5f, 0xa0a6ad},       [UP__GRID] = {0xe6e6e6, 0x272c33},
    [UP__SERIES + 0] = {0x0072b2, 0x4aa3e8}, [UP__SERIES + 1] = {0xd55e00, 0xf58a42},
    [UP__SERIES + 2] = {0x009e73, 0x35c99b}, [UP__SERIES + 3] = {0xcc79a7, 0xe39ac2},
    [UP__SERIES + 4] = {0xe69f00, 0xf2bd4b}, [UP__SERIES + 5] = {0x56b4e9, 0x9fdcff},
    [UP__SERIES + 6] = {0x404040, 0xc4c4c4},
};

uint32_t up__paint(int paint, bool dark) {
    return dark ? colors[paint].dark : colors[paint].light;
}

// Bytes of a code that Unicode keeps free of characters, which neither Cairo nor XML takes; else 0.
static int noncharacter(const char *text) {
    const unsigned char *t = (const unsigned char *)text;
    if (t[0] < 0xe0 || !t[1]) return 0;
    if (t[0] == 0xef && t[1] == 0xb7 && t[2] >= 0x90 && t[2] <= 0xaf) return 3;
    if (t[0] == 0xef && t[1] == 0xbf && t[2] >= 0xbe) return 3;
    return t[0] >= 0xf0 && (t[1] & 0xf) == 0xf && t[2] == 0xbf && t[3] >= 0xbe ? 4 : 0;
}

void up__text_clean(char *clean, size_t capacity, const char *text) {
    snprintf(clean, capacity, "%s", text);
    up_text_clean(clean);
    for (char *at = clean; *at; at++)
        for (int left = noncharacter(at); left > 0; left--)
            at[left - 1] = '?';
}

void up__pen_paint(UpPen *pen, int paint, double alpha) {
    pen->paint = paint;
    pen->alpha = alpha;
}

void up__pen_line(UpPen *pen, double width, double on, double off) {
    pen->line = width;
    pen->dash[0] = on;
    pen->dash[1] = off;
}

void up__pen_to(UpPen *pen, double x, double y) {
    pen->ops->to(pen, x, y);
    pen->open = true;
}

static void end(UpPen *pen, bool fill) {
    if (pen->open) pen->ops->end(pen, fill);
    pen->open = false;
}

void up__pen_stroke(UpPen *pen) {
    end(pen, false);
}

void up__pen_fill(UpPen *pen) {
    end(pen, true);
}

void up__pen_segment(UpPen *pen, double x0, double y0, double x1, double y1) {
    up__pen_to(pen, x0, y0);
    up__pen_to(pen, x1, y1);
    up__pen_stroke(pen);
}

void up__pen_dot(UpPen *pen, double x, double y, double radius) {
    pen->ops->dot(pen, x, y, radius);
}

void up__pen_box(UpPen *pen, double x, double y, double width, double height, bool fill) {
    pen->ops->box(pen, x, y, width, height, fill);
}

void up__pen_picture(UpPen *pen, cairo_surface_t *surface, double x, double y, double width,
                     double height) {
    pen->ops->picture(pen, surface, x, y, width, height);
}

#ifdef UP_HAVE_CAIRO

enum { TEXT = 1024 };

void up__pen_font(UpPen *pen, double size, bool bold) {
    pen->size = size;
    pen->bold = bold;
    cairo_select_font_face(pen->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(pen->cairo, size);
}

double up__pen_width(UpPen *pen, const char *text) {
    char clean[TEXT];
    cairo_text_extents_t extents;
    up__text_clean(clean, sizeof clean, text);
    cairo_text_extents(pen->cairo, clean, &extents);
    return extents.x_advance;
}

void up__pen_text(UpPen *pen, const char *text, double x, double y, double anchor) {
    char clean[TEXT];
    up__text_clean(clean, sizeof clean, text);
    pen->ops->text(pen, clean, x, y, anchor, false);
}

void up__pen_text_up(UpPen *pen, const char *text, double x, double y) {
    char clean[TEXT];
    up__text_clean(clean, sizeof clean, text);
    pen->ops->text(pen, clean, x, y, 0.5, true);
}

#endif
