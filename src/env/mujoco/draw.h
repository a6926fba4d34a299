// Pictures of a scene of MuJoCo's without OpenGL, drawn with Cairo.
#ifndef UP_ENV_MUJOCO_DRAW_H
#define UP_ENV_MUJOCO_DRAW_H

#include <mujoco/mujoco.h>

#include "env/native/picture.h"

#ifdef UP_HAVE_CAIRO

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

UpSpot up__lens_spot(const UpLens *lens, const double point[3]);

// The outline of a polygon in space, clipped where it passes the camera; false if nothing is left.
bool up__lens_polygon(const UpLens *lens, cairo_t *cairo, int corners, double corner[][3]);

// shape.c: one geom in its colours, or (flat) its outline alone in the present colour, pressed down
// to the height `floor`.
void up__shape_draw(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom);
void up__shape_shadow(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom, double floor);

#endif

// What is drawn: a scene whose camera is set, and the point that it looks at.
typedef struct UpMujocoPicture {
    const mjvScene *scene;
    double width, height; // pixels
    const double *around; // (3)
} UpMujocoPicture;

// Draws an UpMujocoPicture; an UpDrawFn.
void up__scene_draw(const void *picture, int unused, cairo_t *cairo);

#endif
