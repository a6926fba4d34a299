// Pictures of a scene of MuJoCo's without OpenGL, drawn with Cairo.
#ifndef UP_ENV_MUJOCO_DRAW_H
#define UP_ENV_MUJOCO_DRAW_H

#include <mujoco/mujoco.h>

#include "env/native/picture.h"

// What is drawn: a scene whose camera is set, and the point that it looks at.
typedef struct UpMujocoPicture {
    const mjvScene *scene;
    double width, height; // pixels
    const double *around; // (3)
} UpMujocoPicture;

// Draws an UpMujocoPicture; an UpDrawFn.
void up__scene_draw(const void *picture, int unused, cairo_t *cairo);

#endif
