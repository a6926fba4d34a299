// What plots and heat maps are drawn with: paths, dots, boxes, text and pictures, in Cairo's pixels
// or as the text of an SVG, whose letters stay letters and whose colours follow the reader's choice
// of light or dark. Points from the upper left corner throughout.
#ifndef UP_DRAW_PEN_H
#define UP_DRAW_PEN_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#include "draw/plot_series.h"
#include "io/buffer.h"
#include "uphill/status.h"

// What something is decides its colour, so that a dark page gets others. UP__SERIES + i is the
// colour of a line.
typedef enum UpPaint { UP__PAPER, UP__INK, UP__SOFT, UP__GRID, UP__SERIES } UpPaint;
enum { UP__PAINTS = UP__SERIES + UP__PLOT_COLORS };

typedef struct UpPen UpPen;

// The ways to draw. A pen's fields say how it is set.
typedef struct UpPenOps {
    void (*to)(UpPen *, double x, double y);
    void (*end)(UpPen *, bool fill); // the path
    void (*dot)(UpPen *, double x, double y, double radius);
    void (*box)(UpPen *, double x, double y, double width, double height, bool fill);
    void (*text)(UpPen *, const char *text, double x, double y, double anchor, bool turned);
    void (*picture)(UpPen *, cairo_surface_t *, double x, double y, double width, double height);
} UpPenOps;

struct UpPen {
    const UpPenOps *ops;
    cairo_t *cairo; // draws; for an SVG it only measures text
    int paint;      // UpPaint
    double alpha;
    double line;          // width
    double dash[2];       // on, off; 0: a whole line
    double size;          // of letters
    bool bold, edged;     // edged: letters over curves have an edge of paper
    bool open;            // a path has begun
    UpBuffer *svg, *path; // NULL in a picture of pixels
    int64_t at_x, at_y;   // the path's last point, in tenths
    bool failed;          // no memory for the SVG, or for a picture in a picture
};

extern const UpPenOps up__pen_pixels, up__pen_letters;

// A picture that becomes a file; a PNG has scale² pixels for a point. title and description are an
// SVG's, for those who cannot see it.
typedef struct UpDrawing {
    double width, height, scale;
    const char *title, *description;
    void (*draw)(UpPen *pen, const void *what);
    const void *what;
} UpDrawing;

// What stands before and behind an SVG's shapes.
void up__pen_letters_begin(UpPen *pen, const UpDrawing *drawing);
void up__pen_letters_end(UpPen *pen);

void up__pen_paint(UpPen *pen, int paint, double alpha);
void up__pen_line(UpPen *pen, double width, double on, double off); // 0, 0: not dashed
void up__pen_font(UpPen *pen, double size, bool bold);

void up__pen_to(UpPen *pen, double x, double y); // begins a path, or goes on with it
void up__pen_stroke(UpPen *pen);
void up__pen_fill(UpPen *pen);
void up__pen_segment(UpPen *pen, double x0, double y0, double x1, double y1);
void up__pen_dot(UpPen *pen, double x, double y, double radius);
void up__pen_box(UpPen *pen, double x, double y, double width, double height, bool fill);
double up__pen_width(UpPen *pen, const char *text);
// `anchor` 0 puts the text's left end at x, 0.5 its middle, 1 its right end; y is the base line.
// Bytes that are no text become '?'.
void up__pen_text(UpPen *pen, const char *text, double x, double y, double anchor);
// From bottom to top, its middle at (x, y).
void up__pen_text_up(UpPen *pen, const char *text, double x, double y);
// Each of the surface's pixels is a cell with sharp edges.
void up__pen_picture(UpPen *pen, cairo_surface_t *surface, double x, double y, double width,
                     double height);

// Where Cairo writes PNGs to: an UpBuffer.
cairo_status_t up__pen_sink(void *buffer, const unsigned char *bytes, unsigned size);

// A colour of `paint` as 0xRRGGBB, on white or on dark paper.
uint32_t up__paint(int paint, bool dark);

// A copy of `text` that is valid UTF-8 without control characters: what else is in it becomes '?'.
void up__text_clean(char *clean, size_t capacity, const char *text);

// The name of the file must end in .svg or .png.
UpStatus up__drawing_write(const UpDrawing *drawing, const char *path);

#endif
