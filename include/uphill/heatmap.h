// Numbers as colours: one matrix, or a grid of small pictures such as the first layer's filters.
// Positive is red, negative blue, 0 white. Drawn by Cairo (optional component).
#ifndef UPHILL_HEATMAP_H
#define UPHILL_HEATMAP_H

#include "uphill/image.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// One tile is drawn with numbered axes, several as a grid, the first at the upper left, row by row;
// the first `large` of them twice as large, above the others.
typedef struct UpHeatmap {
    const char *title, *note;             // lines above the picture
    const char *row_label, *column_label; // of the axes, where there is one tile
    int tiles, rows, columns;             // rows and columns of a tile
    const float *value;                   // (tiles, rows, columns); what is no number is black
    double limit;                         // full colour at ± this and beyond; above 0
    int large;                            // of several tiles
} UpHeatmap;

// Writes `path`; its ending, .svg or .png, chooses the format. UP_UNSUPPORTED without Cairo.
UpStatus up_heatmap_write(const UpHeatmap *map, const char *path);

// The same picture as a frame for uphill/movie.h. image->rgb NULL: tells width and height alone,
// which depend on tiles, rows and columns only.
UpStatus up_heatmap_render(const UpHeatmap *map, UpImage *image);

#ifdef __cplusplus
}
#endif
#endif
