// What several tasks do.
#include "env/mujoco/mujoco.h"

float *up__put(float *at, const double *x, int count) {
    for (int k = 0; k < count; k++)
        at[k] = (float)x[k];
    return at + count;
}

float *up__put_clipped(float *at, const double *x, int count, double low, double high) {
    for (int k = 0; k < count; k++)
        at[k] = (float)up__clip(x[k], low, high);
    return at + count;
}

float up__action_cost(const UpMujoco *self, int i, double weight) {
    int nu = (int)self->model->nu;
    return (float)weight * up__sum_squares_float(self->action + (ptrdiff_t)i * nu, nu);
}

static void begin_position(UpMujoco *self, int i) {
    double scale = self->key.reset_noise_scale, *qpos = self->data[i]->qpos;
    for (int k = 0; k < self->model->nq; k++)
        qpos[k] += up_rng_uniform(up__mujoco_rng(self, i), -scale, scale);
}

void up__begin_uniform(UpMujoco *self, int i) {
    begin_position(self, i);
    double scale = self->key.reset_noise_scale, *qvel = self->data[i]->qvel;
    for (int k = 0; k < self->model->nv; k++)
        qvel[k] += up_rng_uniform(up__mujoco_rng(self, i), -scale, scale);
}

void up__begin_normal(UpMujoco *self, int i) {
    begin_position(self, i);
    double scale = self->key.reset_noise_scale, *qvel = self->data[i]->qvel;
    for (int k = 0; k < self->model->nv; k++)
        qvel[k] += scale * up_rng_normal(up__mujoco_rng(self, i));
}
