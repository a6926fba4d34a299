// Pictures of the native environments, drawn with Cairo (optional). An environment's drawing stands
// in its own file, within #ifdef UP_HAVE_CAIRO; here is what several of them use.
#ifndef UP_ENV_NATIVE_PICTURE_H
#define UP_ENV_NATIVE_PICTURE_H

#include "uphill/env.h"

#ifdef UP_HAVE_CAIRO
#include <cairo.h>
#define UP__DRAW(function) function
#else
typedef void cairo_t;
#define UP__DRAW(function) NULL
#endif

// Draws instance i. The sheet is white, its origin the upper left corner, y points down.
typedef void (*UpDrawFn)(const void *self, int i, cairo_t *cairo);

// Fills in `image`, whose size is set already. UP_UNSUPPORTED without Cairo, where draw is NULL.
UpStatus up__picture(UpImage *image, UpDrawFn draw, const void *self, int i);

#ifdef UP_HAVE_CAIRO
void up__picture_upwards(cairo_t *cairo, double height); // origin below left, y points up
void up__picture_colour(cairo_t *cairo, unsigned rgb);   // 0xRRGGBB
void up__picture_disc(cairo_t *cairo, double x, double y, double radius);
void up__picture_box(cairo_t *cairo, double x, double y, double width, double height);
void up__picture_round(cairo_t *cairo, double x, double y, double width, double height,
                       double radius); // a box with round corners
void up__picture_line(cairo_t *cairo, double x0, double y0, double x1, double y1, double width);
void up__picture_text(cairo_t *cairo, double x, double y, double size,
                      const char *text); // its middle at x, y
#endif

#endif
