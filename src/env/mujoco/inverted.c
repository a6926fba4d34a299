// InvertedPendulum and InvertedDoublePendulum: a cart keeps one or two poles up.
#include <math.h>

#include "env/mujoco/mujoco.h"

// ---------------------------------------------------------------------------------------------------
// InvertedPendulum

static int single_size(const UpMujoco *self) {
    return (int)(self->model->nq + self->model->nv);
}

static void single_observe(const UpMujoco *self, const mjData *data, float *obs) {
    obs = up__put(obs, data->qpos, (int)self->model->nq);
    up__put(obs, data->qvel, (int)self->model->nv);
}

static double single_score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    *terminated = fabs(data->qpos[1]) > 0.2; // what is not finite has ended as diverged
    return *terminated ? 0 : 1;
}

static const UpMujocoKeyword single_keyword[] = {UP__KEYWORD(reset_noise_scale, 0.01)};
const UpMujocoTask up__mujoco_inverted_pendulum = {
    .id = "InvertedPendulum-v5",
    .xml = "inverted_pendulum.xml",
    .frame_skip = 2,
    .max_episode_steps = 1000,
    .reward_threshold = 950,
    .nq = 2,
    .nv = 2,
    .nu = 1,
    .keywords = 1,
    .keyword = single_keyword,
    .obs_size = single_size,
    .begin = up__begin_uniform,
    .observe = single_observe,
    .score = single_score,
    .camera = {false, {0, 0, 0.2}, 2.8, -10},
};

// ---------------------------------------------------------------------------------------------------
// InvertedDoublePendulum

// NumPy computes x**2 of a scalar by libm's pow, which now and then differs from x * x in the last
// bit; the compiler would turn one into the other if it saw which function this is.
static double (*const volatile square)(double, double) = pow;

enum { JOINTS = 3, DOUBLE_OBS = 1 + 2 + 2 + JOINTS + 1 };

static int double_size(const UpMujoco *self) {
    (void)self;
    return DOUBLE_OBS;
}

static void double_observe(const UpMujoco *self, const mjData *data, float *obs) {
    (void)self;
    obs[0] = (float)data->qpos[0];
    for (int k = 0; k < 2; k++) {
        obs[1 + k] = (float)sin(data->qpos[1 + k]);
        obs[3 + k] = (float)cos(data->qpos[1 + k]);
    }
    obs = up__put_clipped(obs + 5, data->qvel, JOINTS, -10, 10);
    up__put_clipped(obs, data->qfrc_constraint, 1, -10, 10);
}

static double double_score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    double x = data->site_xpos[0], y = data->site_xpos[2]; // the upper pole's tip
    *terminated = y <= 1;
    double distance = 0.01 * square(x, 2) + square(y - 2, 2);
    double speed = 1e-3 * square(data->qvel[1], 2) + 5e-3 * square(data->qvel[2], 2);
    double alive = *terminated ? 0 : self->key.healthy_reward;
    return alive - distance - speed;
}

static const UpMujocoKeyword double_keyword[] = {
    UP__KEYWORD(healthy_reward, 10),
    UP__KEYWORD(reset_noise_scale, 0.1),
};
const UpMujocoTask up__mujoco_inverted_double_pendulum = {
    .id = "InvertedDoublePendulum-v5",
    .xml = "inverted_double_pendulum.xml",
    .frame_skip = 5,
    .max_episode_steps = 1000,
    .reward_threshold = 9100,
    .nq = JOINTS,
    .nv = JOINTS,
    .nu = 1,
    .nsite = 1,
    .keywords = sizeof double_keyword / sizeof *double_keyword,
    .keyword = double_keyword,
    .obs_size = double_size,
    .begin = up__begin_normal,
    .observe = double_observe,
    .score = double_score,
    .camera = {false, {0, 0, 0.4}, 4, -10},
};
