// What mujoco.c and its helpers share; the tasks do not see it.
#ifndef UP_ENV_MUJOCO_INTERNAL_H
#define UP_ENV_MUJOCO_INTERNAL_H

#include "env/mujoco/mujoco.h"

// model.c: fill key from the task and def->options; then load, check and measure the model.
UpStatus up__mujoco_keywords(UpMujoco *self, const UpEnvDef *def);
UpStatus up__mujoco_model(UpMujoco *self);

// run.c: episodes and steps of all instances, over the environment's pool
UpStatus up__mujoco_reset(UpEnv *env, const uint64_t *seeds, UpObs obs);
UpStatus up__mujoco_restart(UpEnv *env, const uint8_t *which, UpObs obs);
UpStatus up__mujoco_step(UpEnv *env, UpStep *step);

// gl.c: pictures of self->scene by OpenGL, where MUJOCO_GL=egl asks for them
bool up__mujoco_gl_wanted(void);
UpStatus up__mujoco_gl_draw(UpMujoco *self, UpImage *image);
void up__mujoco_gl_close(UpMujoco *self);

// render.c
UpStatus up__mujoco_render(UpEnv *env, int instance, UpImage *image);
void up__mujoco_free_scene(UpMujoco *self);

#endif
