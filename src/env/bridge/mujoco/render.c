#include "env/bridge/mujoco/internal.h"

UpStatus up__mujoco_render(UpEnv *env, int instance, UpImage *image) {
    (void)instance, (void)image;
    return up_fail(UP_UNSUPPORTED, "%s cannot draw itself", env->spec.id);
}
