// The camera of a scene of MuJoCo's that is drawn with Cairo.
#ifndef UP_ENV_MUJOCO_LENS_H
#define UP_ENV_MUJOCO_LENS_H

#include <mujoco/mujoco.h>

#include "env/native/picture.h"

#ifdef UP_HAVE_CAIRO

#define UP__LENS_NEAR 0.05 // metres; what is nearer is not drawn

// Where the camera is and what it sees.
typedef struct UpLens {
    double position[3], forward[3], up[3], right[3];
    double focal;     // pixels at a distance of 1
    double x, y;      // pixels, the picture's middle
    double around[3]; // what it looks at
} UpLens;

// A point on the sheet, in pixels, and how far it is from the camera, in metres.
typedef struct UpSpot {
    double x, y, depth;
} UpSpot;

// The camera of a sheet of width × height pixels; `around` is left at 0.
UpLens up__lens_of(const mjvScene *scene, double width, double height);

UpSpot up__lens_spot(const UpLens *lens, const double point[3]);

// The outline of a polygon in space, clipped where it passes the camera; false if nothing is left.
bool up__lens_polygon(const UpLens *lens, cairo_t *cairo, int corners, double corner[][3]);

#endif

#endif
