// What plots and heat maps share: text, and the file that a drawing becomes.
#ifndef UP_IO_DRAWING_H
#define UP_IO_DRAWING_H

#include <cairo.h>
#include <stdbool.h>

#include "uphill/status.h"

typedef void UpDraw(cairo_t *cairo, const void *what);

// Writes a picture whose name must end in .svg or .png; the latter has scale² pixels for a point.
UpStatus up__drawing_write(const char *path, double width, double height, double scale,
                           UpDraw *draw, const void *what);

void up__drawing_font(cairo_t *cairo, double size, bool bold);
double up__drawing_width(cairo_t *cairo, const char *text);
// `anchor` 0 puts the text's left end at x, 0.5 its middle, 1 its right end; y is the base line.
void up__drawing_text(cairo_t *cairo, const char *text, double x, double y, double anchor);

#endif
