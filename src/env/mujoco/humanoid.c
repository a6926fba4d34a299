// Humanoid, which walks, and HumanoidStandup, which lies and shall rise. They see the same.
#include <math.h>

#include "env/mujoco/mujoco.h"

// Numbers of a body's inertia, velocity and force, and the root's degrees of freedom.
enum { INERTIA = 10, VELOCITY = 6, FORCES = 6, ROOT = 6 };

static int size(const UpMujoco *self) {
    const UpMujocoKeywords *key = &self->key;
    int bodies = (int)self->model->nbody - 1, nv = (int)self->model->nv;
    int size = (int)self->model->nq + nv - up__excluded(self);
    if (key->include_cinert_in_observation != 0) size += INERTIA * bodies;
    if (key->include_cvel_in_observation != 0) size += VELOCITY * bodies;
    if (key->include_qfrc_actuator_in_observation != 0) size += nv - ROOT;
    if (key->include_cfrc_ext_in_observation != 0) size += FORCES * bodies;
    return size;
}

static void observe(const UpMujoco *self, const mjData *data, float *obs) {
    const UpMujocoKeywords *key = &self->key;
    int bodies = (int)self->model->nbody - 1, nv = (int)self->model->nv;
    int skip = up__excluded(self);
    obs = up__put(obs, data->qpos + skip, (int)self->model->nq - skip);
    obs = up__put(obs, data->qvel, nv);
    // Body 0 is the world.
    if (key->include_cinert_in_observation != 0)
        obs = up__put(obs, data->cinert + INERTIA, INERTIA * bodies);
    if (key->include_cvel_in_observation != 0)
        obs = up__put(obs, data->cvel + VELOCITY, VELOCITY * bodies);
    if (key->include_qfrc_actuator_in_observation != 0)
        obs = up__put(obs, data->qfrc_actuator + ROOT, nv - ROOT);
    if (key->include_cfrc_ext_in_observation != 0)
        up__put(obs, data->cfrc_ext + FORCES, FORCES * bodies);
}

// What the actuators were given costs, not the action; they are doubles.
static double control_cost(const UpMujoco *self, const mjData *data) {
    return self->key.ctrl_cost_weight *
           up__sum_squares(data->ctrl, (int)self->model->nu, -INFINITY, INFINITY);
}

static double contact_cost(const UpMujoco *self, const mjData *data, double weight,
                           const double range[2]) {
    int count = FORCES * (int)self->model->nbody;
    double cost = weight * up__sum_squares(data->cfrc_ext, count, -INFINITY, INFINITY);
    return up__clip(cost, range[0], range[1]);
}

// ---------------------------------------------------------------------------------------------------
// Humanoid

// The centre of mass, as of the last substep's beginning.
static double mass_centre_x(const UpMujoco *self, const mjData *data) {
    const mjModel *model = self->model;
    double sum = 0;
    for (int b = 0; b < model->nbody; b++)
        sum += model->body_mass[b] * data->xipos[3 * b];
    return sum / up__sum(model->body_mass, (int)model->nbody);
}

static double walk_score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    const double *range = self->key.healthy_z_range;
    bool healthy = range[0] < data->qpos[2] && data->qpos[2] < range[1];
    *terminated = !healthy && self->key.terminate_when_unhealthy != 0;
    double rewards = self->key.forward_reward_weight * up__velocity(self, i) +
                     healthy * self->key.healthy_reward;
    double costs =
        control_cost(self, data) +
        contact_cost(self, data, self->key.contact_cost_weight, self->key.contact_cost_range);
    return rewards - costs;
}

#define SIGHT_KEYWORDS                                                                             \
    UP__KEYWORD(reset_noise_scale, 1e-2),                                                          \
        UP__KEYWORD_FLAG(exclude_current_positions_from_observation, 1),                           \
        UP__KEYWORD_FLAG(include_cinert_in_observation, 1),                                        \
        UP__KEYWORD_FLAG(include_cvel_in_observation, 1),                                          \
        UP__KEYWORD_FLAG(include_qfrc_actuator_in_observation, 1),                                 \
        UP__KEYWORD_FLAG(include_cfrc_ext_in_observation, 1)

static const UpMujocoKeyword walk_keyword[] = {
    UP__KEYWORD(forward_reward_weight, 1.25), UP__KEYWORD(ctrl_cost_weight, 0.1),
    UP__KEYWORD(contact_cost_weight, 5e-7),   UP__KEYWORD_RANGE(contact_cost_range, -INFINITY, 10),
    UP__KEYWORD(healthy_reward, 5),           UP__KEYWORD_FLAG(terminate_when_unhealthy, 1),
    UP__KEYWORD_RANGE(healthy_z_range, 1, 2), SIGHT_KEYWORDS,
};
const UpMujocoTask up__mujoco_humanoid = {
    .id = "Humanoid-v5",
    .xml = "humanoid.xml",
    .frame_skip = 5,
    .max_episode_steps = 1000,
    .reward_threshold = NAN,
    .nq = 3,
    .nv = ROOT,
    .nu = 1,
    .nbody = 2,
    .place = 2,
    .contact_forces = true,
    .keywords = sizeof walk_keyword / sizeof *walk_keyword,
    .keyword = walk_keyword,
    .obs_size = size,
    .begin = up__begin_uniform,
    .position = mass_centre_x,
    .observe = observe,
    .score = walk_score,
    .camera = {true, {0, 0, 1}, 4, -12},
};

// ---------------------------------------------------------------------------------------------------
// HumanoidStandup

static double rise_score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    *terminated = false;
    double height = data->qpos[2] / self->model->opt.timestep;
    return height - control_cost(self, data) -
           contact_cost(self, data, self->key.impact_cost_weight, self->key.impact_cost_range) + 1;
}

static const UpMujocoKeyword rise_keyword[] = {
    UP__KEYWORD(uph_cost_weight, 1), // Gymnasium reads it and does not use it
    UP__KEYWORD(ctrl_cost_weight, 0.1),
    UP__KEYWORD(impact_cost_weight, 0.5e-6),
    UP__KEYWORD_RANGE(impact_cost_range, -INFINITY, 10),
    SIGHT_KEYWORDS,
};
const UpMujocoTask up__mujoco_humanoid_standup = {
    .id = "HumanoidStandup-v5",
    .xml = "humanoidstandup.xml",
    .frame_skip = 5,
    .max_episode_steps = 1000,
    .reward_threshold = NAN,
    .nq = 3,
    .nv = ROOT,
    .nu = 1,
    .nbody = 2,
    .place = 2,
    .contact_forces = true,
    .keywords = sizeof rise_keyword / sizeof *rise_keyword,
    .keyword = rise_keyword,
    .obs_size = size,
    .begin = up__begin_uniform,
    .observe = observe,
    .score = rise_score,
    .camera = {true, {0, 0, 0.7}, 4, -15},
};
