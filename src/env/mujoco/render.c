// Pictures: MuJoCo tells where everything is seen from and of what shape it is; Cairo draws it, or
// MuJoCo itself by OpenGL.
#include <stdlib.h>

#include "env/mujoco/draw.h"
#include "env/mujoco/internal.h"

enum { WIDTH = 480, HEIGHT = 480, GEOMS_MAX = 1000 };

static void make_scene(void *context) {
    UpMujoco *self = context;
    self->call->mjv_defaultScene(self->scene);
    self->call->mjv_makeScene(self->model, self->scene, GEOMS_MAX);
}

typedef struct Look {
    UpMujoco *self;
    int i;
    mjvCamera *camera;
} Look;

static void update_scene(void *context) {
    const Look *look = context;
    UpMujoco *self = look->self;
    mjvOption option;
    self->call->mjv_defaultOption(&option);
    self->call->mjv_updateScene(self->model, self->data[look->i], &option, NULL, look->camera,
                                mjCAT_STATIC | mjCAT_DYNAMIC, self->scene);
}

// From the side, or from where the task says; where the body goes, the camera goes.
static mjvCamera camera_of(const UpMujoco *self, const mjData *data) {
    const UpMujocoCamera *view = &self->task->camera;
    mjvCamera camera;
    self->call->mjv_defaultCamera(&camera);
    for (int k = 0; k < 3; k++)
        camera.lookat[k] = view->lookat[k];
    if (view->follows && self->model->nbody > 1) {
        camera.lookat[0] += data->xpos[3];
        camera.lookat[1] += data->xpos[4];
    }
    camera.azimuth = 90;
    camera.elevation = view->elevation;
    camera.distance = view->distance;
    return camera;
}

void up__mujoco_free_scene(UpMujoco *self) {
    up__mujoco_gl_close(self);
    if (!self->scene) return;
    self->call->mjv_freeScene(self->scene);
    free(self->scene);
}

UpStatus up__mujoco_render(UpEnv *env, int instance, UpImage *image) {
    UpMujoco *self = (UpMujoco *)env;
    image->width = WIDTH;
    image->height = HEIGHT;
    if (!image->rgb) return UP_OK;
    char message[UP__MUJOCO_MESSAGE];
    if (!self->scene) {
        self->scene = calloc(1, sizeof *self->scene);
        if (!self->scene) return up_fail(UP_MEMORY, "%s: no memory for a picture", env->spec.id);
        if (!up__mujoco_guarded(make_scene, self, message))
            return up_fail(UP_UNSUPPORTED, "%s: cannot draw: %s", env->spec.id, message);
    }
    mjvCamera camera = camera_of(self, self->data[instance]);
    if (!up__mujoco_guarded(update_scene, &(Look){self, instance, &camera}, message))
        return up_fail(UP_UNSUPPORTED, "%s: cannot draw: %s", env->spec.id, message);
    if (up__mujoco_gl_wanted()) return up__mujoco_gl_draw(self, image);
    UpMujocoPicture picture = {self->scene, WIDTH, HEIGHT, camera.lookat};
    return up__picture(image, UP__DRAW(up__scene_draw), &picture, 0);
}
