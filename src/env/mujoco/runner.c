// HalfCheetah, Hopper, Walker2d and Swimmer: the velocity of the root is rewarded, torques cost.
#include <math.h>

#include "env/mujoco/mujoco.h"

static double root_x(const UpMujoco *self, const mjData *data) {
    (void)self;
    return data->qpos[0];
}

static int size(const UpMujoco *self) {
    return (int)(self->model->nq + self->model->nv) - up__excluded(self);
}

static double forward_reward(const UpMujoco *self, int i) {
    return self->key.forward_reward_weight * up__velocity(self, i);
}

static float control_cost(const UpMujoco *self, int i) {
    return up__action_cost(self, i, self->key.ctrl_cost_weight);
}

// ---------------------------------------------------------------------------------------------------
// HalfCheetah and Swimmer, which cannot fall

static void crawler_observe(const UpMujoco *self, const mjData *data, float *obs) {
    int skip = up__excluded(self);
    obs = up__put(obs, data->qpos + skip, (int)self->model->nq - skip);
    up__put(obs, data->qvel, (int)self->model->nv);
}

static double crawler_score(const UpMujoco *self, int i, bool *terminated) {
    *terminated = false;
    return forward_reward(self, i) - (double)control_cost(self, i);
}

static const UpMujocoKeyword cheetah_keyword[] = {
    UP__KEYWORD(forward_reward_weight, 1),
    UP__KEYWORD(ctrl_cost_weight, 0.1),
    UP__KEYWORD(reset_noise_scale, 0.1),
    UP__KEYWORD_FLAG(exclude_current_positions_from_observation, 1),
};
const UpMujocoTask up__mujoco_half_cheetah = {
    .id = "HalfCheetah-v5",
    .xml = "half_cheetah.xml",
    .frame_skip = 5,
    .max_episode_steps = 1000,
    .reward_threshold = 4800,
    .nq = 2,
    .nv = 1,
    .nu = 1,
    .place = 1,
    .keywords = sizeof cheetah_keyword / sizeof *cheetah_keyword,
    .keyword = cheetah_keyword,
    .obs_size = size,
    .begin = up__begin_normal,
    .position = root_x,
    .observe = crawler_observe,
    .score = crawler_score,
    .camera = {true, {0, 0, 0.4}, 3, -12},
};

static const UpMujocoKeyword swimmer_keyword[] = {
    UP__KEYWORD(forward_reward_weight, 1),
    UP__KEYWORD(ctrl_cost_weight, 1e-4),
    UP__KEYWORD(reset_noise_scale, 0.1),
    UP__KEYWORD_FLAG(exclude_current_positions_from_observation, 1),
};
const UpMujocoTask up__mujoco_swimmer = {
    .id = "Swimmer-v5",
    .xml = "swimmer.xml",
    .frame_skip = 4,
    .max_episode_steps = 1000,
    .reward_threshold = 360,
    .nq = 3,
    .nv = 1,
    .nu = 1,
    .place = 2,
    .keywords = sizeof swimmer_keyword / sizeof *swimmer_keyword,
    .keyword = swimmer_keyword,
    .obs_size = size,
    .begin = up__begin_uniform,
    .position = root_x,
    .observe = crawler_observe,
    .score = crawler_score,
    .camera = {true, {0, 0, 0}, 4, -55},
};

// ---------------------------------------------------------------------------------------------------
// Hopper and Walker2d, which may fall

static void walker_observe(const UpMujoco *self, const mjData *data, float *obs) {
    int skip = up__excluded(self);
    obs = up__put(obs, data->qpos + skip, (int)self->model->nq - skip);
    up__put_clipped(obs, data->qvel, (int)self->model->nv, -10, 10);
}

static bool inside(const double range[2], double x) {
    return range[0] < x && x < range[1];
}

static bool walker_is_healthy(const UpMujoco *self, const mjData *data) {
    return inside(self->key.healthy_z_range, data->qpos[1]) &&
           inside(self->key.healthy_angle_range, data->qpos[2]);
}

static bool hopper_is_healthy(const UpMujoco *self, const mjData *data) {
    bool healthy = walker_is_healthy(self, data);
    for (int k = 2; k < self->model->nq; k++)
        healthy &= inside(self->key.healthy_state_range, data->qpos[k]);
    for (int k = 0; k < self->model->nv; k++)
        healthy &= inside(self->key.healthy_state_range, data->qvel[k]);
    return healthy;
}

static double upright_score(const UpMujoco *self, int i, bool healthy, bool *terminated) {
    *terminated = !healthy && self->key.terminate_when_unhealthy != 0;
    double rewards = forward_reward(self, i) + healthy * self->key.healthy_reward;
    return rewards - (double)control_cost(self, i);
}

static double hopper_score(const UpMujoco *self, int i, bool *terminated) {
    return upright_score(self, i, hopper_is_healthy(self, self->data[i]), terminated);
}

static double walker_score(const UpMujoco *self, int i, bool *terminated) {
    return upright_score(self, i, walker_is_healthy(self, self->data[i]), terminated);
}

static const UpMujocoKeyword hopper_keyword[] = {
    UP__KEYWORD(forward_reward_weight, 1),
    UP__KEYWORD(ctrl_cost_weight, 1e-3),
    UP__KEYWORD(healthy_reward, 1),
    UP__KEYWORD_FLAG(terminate_when_unhealthy, 1),
    UP__KEYWORD_RANGE(healthy_state_range, -100, 100),
    UP__KEYWORD_RANGE(healthy_z_range, 0.7, INFINITY),
    UP__KEYWORD_RANGE(healthy_angle_range, -0.2, 0.2),
    UP__KEYWORD(reset_noise_scale, 5e-3),
    UP__KEYWORD_FLAG(exclude_current_positions_from_observation, 1),
};
const UpMujocoTask up__mujoco_hopper = {
    .id = "Hopper-v5",
    .xml = "hopper.xml",
    .frame_skip = 4,
    .max_episode_steps = 1000,
    .reward_threshold = 3800,
    .nq = 3,
    .nv = 1,
    .nu = 1,
    .place = 1,
    .keywords = sizeof hopper_keyword / sizeof *hopper_keyword,
    .keyword = hopper_keyword,
    .obs_size = size,
    .begin = up__begin_uniform,
    .position = root_x,
    .observe = walker_observe,
    .score = hopper_score,
    .camera = {true, {0, 0, 0.8}, 3.2, -10},
};

static const UpMujocoKeyword walker_keyword[] = {
    UP__KEYWORD(forward_reward_weight, 1),
    UP__KEYWORD(ctrl_cost_weight, 1e-3),
    UP__KEYWORD(healthy_reward, 1),
    UP__KEYWORD_FLAG(terminate_when_unhealthy, 1),
    UP__KEYWORD_RANGE(healthy_z_range, 0.8, 2),
    UP__KEYWORD_RANGE(healthy_angle_range, -1, 1),
    UP__KEYWORD(reset_noise_scale, 5e-3),
    UP__KEYWORD_FLAG(exclude_current_positions_from_observation, 1),
};
const UpMujocoTask up__mujoco_walker2d = {
    .id = "Walker2d-v5",
    .xml = "walker2d_v5.xml",
    .frame_skip = 4,
    .max_episode_steps = 1000,
    .reward_threshold = NAN,
    .nq = 3,
    .nv = 1,
    .nu = 1,
    .place = 1,
    .keywords = sizeof walker_keyword / sizeof *walker_keyword,
    .keyword = walker_keyword,
    .obs_size = size,
    .begin = up__begin_uniform,
    .position = root_x,
    .observe = walker_observe,
    .score = walker_score,
    .camera = {true, {0, 0, 0.8}, 3.6, -10},
};
