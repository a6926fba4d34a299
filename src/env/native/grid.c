#include "env/native/grid.h"

#include <math.h>

#ifdef UP_HAVE_CAIRO

enum { CELL = UP__GRID_CELL };

void up__grid_tile(cairo_t *cairo, int row, int column, unsigned rgb) {
    up__picture_colour(cairo, rgb);
    up__picture_round(cairo, column * CELL + 1, row * CELL + 1, CELL - 2, CELL - 2, 5);
}

void up__grid_letter(cairo_t *cairo, int row, int column, const char *text, unsigned rgb) {
    up__picture_colour(cairo, rgb);
    up__picture_text(cairo, (column + 0.5) * CELL, (row + 0.5) * CELL, CELL * 0.4, text);
}

void up__grid_flag(cairo_t *cairo, int row, int column) {
    double x = (column + 0.35) * CELL, top = (row + 0.18) * CELL;
    up__picture_colour(cairo, 0x303030);
    up__picture_line(cairo, x, top, x, (row + 0.85) * CELL, 3);
    up__picture_colour(cairo, 0xd62828);
    cairo_move_to(cairo, x, top);
    cairo_line_to(cairo, x + 0.4 * CELL, top + 0.14 * CELL);
    cairo_line_to(cairo, x, top + 0.28 * CELL);
    cairo_fill(cairo);
}

void up__grid_walker(cairo_t *cairo, int row, int column) {
    double x = (column + 0.5) * CELL, y = row * CELL;
    up__picture_colour(cairo, 0x1d3557);
    up__picture_disc(cairo, x, y + 0.3 * CELL, 0.13 * CELL);
    up__picture_colour(cairo, 0xe76f51);
    up__picture_round(cairo, x - 0.15 * CELL, y + 0.43 * CELL, 0.3 * CELL, 0.4 * CELL, 0.1 * CELL);
}

void up__grid_arrow(cairo_t *cairo, int row, int column, int down, int right) {
    cairo_save(cairo);
    cairo_translate(cairo, (column + 0.5) * CELL, (row + 0.5) * CELL);
    cairo_rotate(cairo, atan2(down, right));
    up__picture_colour(cairo, 0x303030);
    cairo_move_to(cairo, 0.49 * CELL, 0);
    cairo_line_to(cairo, 0.36 * CELL, -0.1 * CELL);
    cairo_line_to(cairo, 0.36 * CELL, 0.1 * CELL);
    cairo_fill(cairo);
    cairo_restore(cairo);
}

#endif
