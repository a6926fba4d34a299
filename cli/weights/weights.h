// A layer of a policy's network, read from a checkpoint and made ready to draw.
#ifndef UPHILL_CLI_WEIGHTS_H
#define UPHILL_CLI_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/algo.h"
#include "uphill/heatmap.h"

// How the inputs of the first layer lie on a screen. A unit's tile shows all planes side by side.
typedef struct WeightsScreen {
    int64_t height, width;    // 0: the inputs are no picture
    int64_t frames, channels; // planes, oldest frame first
    bool channels_first;      // of a frame
} WeightsScreen;

typedef struct WeightsDrawing {
    int64_t layer;
    bool has_screen;
    WeightsScreen screen;
    UpConfig config; // of the file that was read last
    double limit;    // of the scale; 0 until one was chosen
    char title[512], note[512];
    float *value;
    int *order; // (units) of tiles: the strongest first; NULL until one was chosen
    UpHeatmap map;
} WeightsDrawing;

// Fills `map` and what it borrows from the layer d->layer in the file. The scale, the screen
// and the order of a drawing that was loaded before stay. d->value and d->order are the caller's to
// free().
UpStatus weights_load(WeightsDrawing *d, const char *path);

#endif
