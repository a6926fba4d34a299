// Ant: the velocity of the torso is rewarded, torques and contact forces cost.
#include <math.h>

#include "env/mujoco/mujoco.h"

enum { FORCES = 6 }; // numbers of a body's cfrc_ext

static int size(const UpMujoco *self) {
    int forces = self->key.include_cfrc_ext_in_observation != 0 ? FORCES : 0;
    return (int)(self->model->nq + self->model->nv) - up__excluded(self) +
           forces * (int)(self->model->nbody - 1);
}

// As of the last substep's beginning, as it stands in Gymnasium's data.
static double torso_x(const UpMujoco *self, const mjData *data) {
    return data->xpos[3 * (int)self->key.main_body];
}

static void observe(const UpMujoco *self, const mjData *data, float *obs) {
    int skip = up__excluded(self);
    const double *range = self->key.contact_force_range;
    obs = up__put(obs, data->qpos + skip, (int)self->model->nq - skip);
    obs = up__put(obs, data->qvel, (int)self->model->nv);
    if (self->key.include_cfrc_ext_in_observation != 0)
        up__put_clipped(obs, data->cfrc_ext + FORCES, FORCES * (int)(self->model->nbody - 1),
                        range[0], range[1]);
}

static bool is_healthy(const UpMujoco *self, const mjData *data) {
    bool finite = true;
    for (int k = 0; k < self->model->nq; k++)
        finite &= isfinite(data->qpos[k]) != 0;
    for (int k = 0; k < self->model->nv; k++)
        finite &= isfinite(data->qvel[k]) != 0;
    const double *range = self->key.healthy_z_range;
    return finite && range[0] <= data->qpos[2] && data->qpos[2] <= range[1];
}

static double score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    const double *range = self->key.contact_force_range;
    bool healthy = is_healthy(self, data);
    *terminated = !healthy && self->key.terminate_when_unhealthy != 0;
    double rewards = up__velocity(self, i) * self->key.forward_reward_weight +
                     healthy * self->key.healthy_reward;
    double contact_cost =
        self->key.contact_cost_weight *
        up__sum_squares(data->cfrc_ext, FORCES * (int)self->model->nbody, range[0], range[1]);
    double costs = (double)up__action_cost(self, i, self->key.ctrl_cost_weight) + contact_cost;
    return rewards - costs;
}

static const UpMujocoKeyword keyword[] = {
    UP__KEYWORD(forward_reward_weight, 1),
    UP__KEYWORD(ctrl_cost_weight, 0.5),
    UP__KEYWORD(contact_cost_weight, 5e-4),
    UP__KEYWORD(healthy_reward, 1),
    UP__KEYWORD(main_body, 1),
    UP__KEYWORD_FLAG(terminate_when_unhealthy, 1),
    UP__KEYWORD_RANGE(healthy_z_range, 0.2, 1),
    UP__KEYWORD_RANGE(contact_force_range, -1, 1),
    UP__KEYWORD(reset_noise_scale, 0.1),
    UP__KEYWORD_FLAG(exclude_current_positions_from_observation, 1),
    UP__KEYWORD_FLAG(include_cfrc_ext_in_observation, 1),
};
const UpMujocoTask up__mujoco_ant = {
    .id = "Ant-v5",
    .xml = "ant.xml",
    .frame_skip = 5,
    .max_episode_steps = 1000,
    .reward_threshold = 6000,
    .nq = 3,
    .nv = 1,
    .nu = 1,
    .nbody = 2,
    .place = 2,
    .contact_forces = true,
    .keywords = sizeof keyword / sizeof *keyword,
    .keyword = keyword,
    .obs_size = size,
    .begin = up__begin_normal,
    .position = torso_x,
    .observe = observe,
    .score = score,
    .camera = {true, {0, 0, 0.4}, 4, -25},
};
