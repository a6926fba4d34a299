// The pen that writes an SVG: text stays text, colours are classes that a dark page changes, paths
// are relative, in tenths of a point.
#ifdef UP_HAVE_CAIRO

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/pen.h"

static void put(UpPen *pen, const char *bytes, size_t size) {
    pen->failed |= !up__buffer_append(pen->svg, bytes, size);
}

__attribute__((format(printf, 2, 3))) static void putf(UpPen *pen, const char *format, ...) {
    char text[256];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put(pen, text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

static void put_escaped(UpPen *pen, const char *text) {
    for (; *text; text++)
        switch (*text) {
        case '&':
            put(pen, "&amp;", 5);
            break;
        case '<':
            put(pen, "&lt;", 4);
            break;
        case '>':
            put(pen, "&gt;", 4);
            break;
        default:
            put(pen, text, 1);
        }
}

// "-1.5", ".3", "20": as short as it can be.
static int tenths(char *text, size_t capacity, int64_t value) {
    int64_t size = value < 0 ? -value : value;
    int used = snprintf(text, capacity, "%s", value < 0 ? "-" : "");
    if (size >= 10 || size == 0)
        used += snprintf(text + used, capacity - (size_t)used, "%lld", (long long)(size / 10));
    if (size % 10)
        used += snprintf(text + used, capacity - (size_t)used, ".%lld", (long long)(size % 10));
    return used;
}

static void to(UpPen *pen, double x, double y) {
    char text[64];
    int64_t new_x = llround(x * 10), new_y = llround(y * 10), dx = new_x - pen->at_x,
            dy = new_y - pen->at_y;
    int used = 0;
    if (!pen->open) {
        pen->path->size = 0;
        text[used++] = 'M';
        dx = new_x, dy = new_y;
    } else if (dx == 0 && dy == 0) {
        return;
    } else {
        text[used++] = 'l';
    }
    used += tenths(text + used, sizeof text - (size_t)used, dx);
    if (dy >= 0) text[used++] = ' ';
    used += tenths(text + used, sizeof text - (size_t)used, dy);
    pen->failed |= !up__buffer_append(pen->path, text, (size_t)used);
    pen->at_x = new_x;
    pen->at_y = new_y;
}

// class and, where they are not 1 and whole, opacity, width and dashes.
static void put_style(UpPen *pen, bool fill) {
    putf(pen, " class=\"%c%d\"", fill ? 'f' : 's', pen->paint);
    if (pen->alpha < 1) putf(pen, " %s-opacity=\"%.3g\"", fill ? "fill" : "stroke", pen->alpha);
    if (fill) return;
    putf(pen, " stroke-width=\"%.3g\"", pen->line);
    if (pen->dash[0] > 0) putf(pen, " stroke-dasharray=\"%.3g %.3g\"", pen->dash[0], pen->dash[1]);
}

static void end(UpPen *pen, bool fill) {
    putf(pen, "<path");
    put_style(pen, fill);
    putf(pen, " d=\"");
    put(pen, (const char *)pen->path->bytes, pen->path->size);
    putf(pen, fill ? "z\"/>\n" : "\"/>\n");
}

static void dot(UpPen *pen, double x, double y, double radius) {
    putf(pen, "<circle");
    put_style(pen, true);
    putf(pen, " cx=\"%.1f\" cy=\"%.1f\" r=\"%.3g\"/>\n", x, y, radius);
}

static void box(UpPen *pen, double x, double y, double width, double height, bool fill) {
    putf(pen, "<rect");
    put_style(pen, fill);
    putf(pen, " x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", x, y, width, height);
}

static void text_at(UpPen *pen, const char *text, double x, double y, double anchor, bool turned) {
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    if (!*text) return;
    putf(pen, "<text class=\"f%d%s\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.3g\"%s", pen->paint,
         pen->edged ? " e" : "", x, y, pen->size, anchors[(int)(2 * anchor)]);
    if (pen->bold) putf(pen, " font-weight=\"bold\"");
    if (pen->alpha < 1) putf(pen, " fill-opacity=\"%.3g\"", pen->alpha);
    if (turned) putf(pen, " transform=\"rotate(-90 %.1f %.1f)\"", x, y);
    putf(pen, ">");
    put_escaped(pen, text);
    putf(pen, "</text>\n");
}

static void put_base64(UpPen *pen, const UpBuffer *bytes) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes->size; i += 3) {
        size_t left = bytes->size - i;
        uint32_t three = (uint32_t)bytes->bytes[i] << 16;
        if (left > 1) three |= (uint32_t)bytes->bytes[i + 1] << 8;
        if (left > 2) three |= bytes->bytes[i + 2];
        char four[4] = {digit[three >> 18], digit[three >> 12 & 63],
                        left > 1 ? digit[three >> 6 & 63] : '=',
                        left > 2 ? digit[three & 63] : '='};
        put(pen, four, 4);
    }
}

static void picture(UpPen *pen, cairo_surface_t *surface, double x, double y, double width,
                    double height) {
    UpBuffer png = {0};
    pen->failed |= cairo_surface_write_to_png_stream(surface, up__pen_sink, &png) != 0;
    putf(pen,
         "<image x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" preserveAspectRatio=\"none\" "
         "style=\"image-rendering:pixelated\" href=\"data:image/png;base64,",
         x, y, width, height);
    put_base64(pen, &png);
    putf(pen, "\"/>\n");
    free(png.bytes);
}

static void put_colors(UpPen *pen, bool dark) {
    for (int p = 0; p < UP__PAINTS; p++) {
        uint32_t color = up__paint(p, dark);
        putf(pen, ".f%d{fill:#%06x}.s%d{stroke:#%06x}", p, color, p, color);
    }
    putf(pen, ".e{stroke:#%06x}", up__paint(UP__PAPER, dark));
}

static void put_element(UpPen *pen, const char *name, const char *text) {
    enum { LONGEST = 4096 };
    char clean[LONGEST];
    if (!text || !*text) return;
    up__text_clean(clean, sizeof clean, text);
    putf(pen, "<%s>", name);
    put_escaped(pen, clean);
    putf(pen, "</%s>\n", name);
}

void up__pen_letters_begin(UpPen *pen, const UpDrawing *d) {
    putf(pen,
         "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
         "height=\"%.0f\" role=\"img\" fill=\"none\" stroke-linejoin=\"round\" ",
         d->width, d->height, d->width, d->height);
    putf(pen, "font-family=\"Helvetica,Arial,'Liberation Sans',sans-serif\">\n");
    put_element(pen, "title", d->title);
    put_element(pen, "desc", d->description);
    putf(pen, "<style>.e{paint-order:stroke;stroke-width:5px;stroke-opacity:.85}");
    put_colors(pen, false);
    putf(pen, "\n@media(prefers-color-scheme:dark){");
    put_colors(pen, true);
    putf(pen, "}</style>\n<rect class=\"f%d\" width=\"100%%\" height=\"100%%\"/>\n", UP__PAPER);
}

void up__pen_letters_end(UpPen *pen) {
    putf(pen, "</svg>\n");
}

const UpPenOps up__pen_letters = {
    .to = to, .end = end, .dot = dot, .box = box, .text = text_at, .picture = picture};

#endif
