// Drawing of tasks on a grid.
#ifndef UP_ENV_NATIVE_GRID_H
#define UP_ENV_NATIVE_GRID_H

#include "env/native/picture.h"

enum { UP__GRID_CELL = 60 }; // pixels

#ifdef UP_HAVE_CAIRO
// A tile of the grid, with a thin joint around it.
void up__grid_tile(cairo_t *cairo, int row, int column, unsigned rgb);
void up__grid_letter(cairo_t *cairo, int row, int column, const char *text, unsigned rgb);
void up__grid_flag(cairo_t *cairo, int row, int column);
void up__grid_walker(cairo_t *cairo, int row, int column); // a figure
// An arrow over the cell, towards (down, right).
void up__grid_arrow(cairo_t *cairo, int row, int column, int down, int right);
#endif

#endif
