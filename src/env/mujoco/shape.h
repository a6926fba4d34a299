// The bodies of a scene of MuJoCo's, drawn with Cairo.
#ifndef UP_ENV_MUJOCO_SHAPE_H
#define UP_ENV_MUJOCO_SHAPE_H

#include "env/mujoco/lens.h"

#ifdef UP_HAVE_CAIRO

// One geom in its colours, or (flat) its outline alone in the present colour, pressed down
// to the height `floor`.
void up__shape_draw(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom);
void up__shape_shadow(const UpLens *lens, cairo_t *cairo, const mjvGeom *geom, double floor);

#endif

#endif
