// Reacher and Pusher: an arm that shall touch a target, or push an object to one.
#include <math.h>
#include <string.h>

#include "env/mujoco/mujoco.h"

static const double *position_of(const UpMujoco *self, const mjData *data, int body) {
    return data->xpos + 3 * self->body[body];
}

// np.linalg.norm of two or three numbers: OpenBLAS fuses the additions of a short dot product, on
// every processor that can.
static double norm(double x, double y) {
    return sqrt(fma(y, y, x * x));
}

static double distance(const double *a, const double *b) {
    double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
    return sqrt(fma(z, z, fma(y, y, x * x)));
}

// The noise of all velocities; those of the last `still` joints, the target's, are 0.
static void begin_velocity(UpMujoco *self, int i, int still) {
    mjData *data = self->data[i];
    int nv = (int)self->model->nv;
    for (int k = 0; k < nv; k++)
        data->qvel[k] = up_rng_uniform(up__mujoco_rng(self, i), -0.005, 0.005);
    memset(data->qvel + nv - still, 0, (size_t)still * sizeof *data->qvel);
}

// ---------------------------------------------------------------------------------------------------
// Reacher

enum { REACHER_OBS = 10, FINGERTIP = 0, TARGET = 1 };

static int reacher_size(const UpMujoco *self) {
    (void)self;
    return REACHER_OBS;
}

static void reacher_begin(UpMujoco *self, int i) {
    UpRng *rng = up__mujoco_rng(self, i);
    double *qpos = self->data[i]->qpos, x, y;
    int nq = (int)self->model->nq;
    for (int k = 0; k < nq; k++)
        qpos[k] = up_rng_uniform(rng, -0.1, 0.1) + qpos[k];
    do {
        x = up_rng_uniform(rng, -0.2, 0.2);
        y = up_rng_uniform(rng, -0.2, 0.2);
    } while (norm(x, y) >= 0.2);
    qpos[nq - 2] = x;
    qpos[nq - 1] = y;
    begin_velocity(self, i, 2);
}

static void reacher_observe(const UpMujoco *self, const mjData *data, float *obs) {
    const double *tip = position_of(self, data, FINGERTIP);
    const double *target = position_of(self, data, TARGET);
    for (int k = 0; k < 2; k++) {
        obs[k] = (float)cos(data->qpos[k]);
        obs[2 + k] = (float)sin(data->qpos[k]);
        obs[8 + k] = (float)(tip[k] - target[k]);
    }
    up__put(obs + 4, data->qpos + 2, 2);
    up__put(obs + 6, data->qvel, 2);
}

static double reacher_score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    *terminated = false;
    double far = distance(position_of(self, data, FINGERTIP), position_of(self, data, TARGET));
    float control = up__action_cost(self, i, self->key.reward_control_weight);
    return -far * self->key.reward_dist_weight - (double)control;
}

static const UpMujocoKeyword reacher_keyword[] = {
    UP__KEYWORD(reward_dist_weight, 1),
    UP__KEYWORD(reward_control_weight, 1),
};
const UpMujocoTask up__mujoco_reacher = {
    .id = "Reacher-v5",
    .xml = "reacher.xml",
    .frame_skip = 2,
    .max_episode_steps = 50,
    .reward_threshold = -3.75,
    .nq = 4,
    .nv = 4,
    .nu = 1,
    .body = {"fingertip", "target"},
    .keywords = sizeof reacher_keyword / sizeof *reacher_keyword,
    .keyword = reacher_keyword,
    .obs_size = reacher_size,
    .begin = reacher_begin,
    .observe = reacher_observe,
    .score = reacher_score,
    .camera = {false, {0, 0, 0}, 0.85, -85},
};

// ---------------------------------------------------------------------------------------------------
// Pusher

enum { PUSHER_JOINTS = 7, PUSHER_OBS = 2 * PUSHER_JOINTS + 9, TIP = 0, OBJECT = 1, GOAL = 2 };

static int pusher_size(const UpMujoco *self) {
    (void)self;
    return PUSHER_OBS;
}

// The object lies away from the goal, which is at 0.
static void pusher_begin(UpMujoco *self, int i) {
    UpRng *rng = up__mujoco_rng(self, i);
    double *object = self->data[i]->qpos + self->model->nq - 4;
    do {
        object[0] = up_rng_uniform(rng, -0.3, 0);
        object[1] = up_rng_uniform(rng, -0.2, 0.2);
    } while (norm(object[0], object[1]) <= 0.17);
    object[2] = object[3] = 0;
    begin_velocity(self, i, 4);
}

static void pusher_observe(const UpMujoco *self, const mjData *data, float *obs) {
    obs = up__put(obs, data->qpos, PUSHER_JOINTS);
    obs = up__put(obs, data->qvel, PUSHER_JOINTS);
    obs = up__put(obs, position_of(self, data, TIP), 3);
    obs = up__put(obs, position_of(self, data, OBJECT), 3);
    up__put(obs, position_of(self, data, GOAL), 3);
}

static double pusher_score(const UpMujoco *self, int i, bool *terminated) {
    const mjData *data = self->data[i];
    const double *object = position_of(self, data, OBJECT);
    *terminated = false;
    double near = distance(object, position_of(self, data, TIP)) * self->key.reward_near_weight;
    double far = distance(object, position_of(self, data, GOAL)) * self->key.reward_dist_weight;
    float control = up__action_cost(self, i, self->key.reward_control_weight);
    return -far - (double)control - near;
}

static const UpMujocoKeyword pusher_keyword[] = {
    UP__KEYWORD(reward_near_weight, 0.5),
    UP__KEYWORD(reward_dist_weight, 1),
    UP__KEYWORD(reward_control_weight, 0.1),
};
const UpMujocoTask up__mujoco_pusher = {
    .id = "Pusher-v5",
    .xml = "pusher_v5.xml",
    .frame_skip = 5,
    .max_episode_steps = 100,
    .reward_threshold = 0,
    .nq = PUSHER_JOINTS + 4,
    .nv = PUSHER_JOINTS + 4,
    .nu = 1,
    .body = {"tips_arm", "object", "goal"},
    .keywords = sizeof pusher_keyword / sizeof *pusher_keyword,
    .keyword = pusher_keyword,
    .obs_size = pusher_size,
    .begin = pusher_begin,
    .observe = pusher_observe,
    .score = pusher_score,
    .camera = {false, {0.4, -0.05, -0.3}, 2.7, -45},
};
