// Gymnasium's v5 tasks of MuJoCo, through MuJoCo's C API: what their files share. Observations,
// rewards and seeded resets are Gymnasium 1.4's to the last bit, with the same MuJoCo.
#ifndef UP_ENV_MUJOCO_H
#define UP_ENV_MUJOCO_H

#include "env/mujoco/library.h"
#include "env/native/native.h"

UpStatus up__mujoco_create(UpEnv **env, const UpEnvDef *def, int instances);
// Writes its tasks and their ids into list (room); returns how many there are.
int up__mujoco_list(UpEnvInfo *list, int room);

// The keywords of all tasks, by Gymnasium's names.
typedef struct UpMujocoKeywords {
    char xml_file[UP_OPTION_TEXT_MAX];
    double frame_skip, main_body, reset_noise_scale, healthy_reward, terminate_when_unhealthy;
    double forward_reward_weight, ctrl_cost_weight, contact_cost_weight, impact_cost_weight;
    double uph_cost_weight, reward_near_weight, reward_dist_weight, reward_control_weight;
    double healthy_state_range[2], healthy_z_range[2], healthy_angle_range[2];
    double contact_force_range[2], contact_cost_range[2], impact_cost_range[2];
    double exclude_current_positions_from_observation;
    double include_cinert_in_observation, include_cvel_in_observation;
    double include_qfrc_actuator_in_observation, include_cfrc_ext_in_observation;
} UpMujocoKeywords;

// One keyword of a task. The model's file and the frame skip belong to every task.
typedef struct UpMujocoKeyword {
    const char *name;
    size_t offset; // in UpMujocoKeywords
    double preset[2];
    int count; // 1, or 2 for a range
    bool flag; // True or False
} UpMujocoKeyword;
#define UP__KEYWORD(name, preset)                                                                  \
    { #name, offsetof(UpMujocoKeywords, name), {preset }, 1, false }
#define UP__KEYWORD_FLAG(name, preset)                                                             \
    { #name, offsetof(UpMujocoKeywords, name), {preset }, 1, true }
#define UP__KEYWORD_RANGE(name, low, high)                                                         \
    { #name, offsetof(UpMujocoKeywords, name), {low, high }, 2, false }

typedef struct UpMujoco UpMujoco;
typedef struct UpMujocoGl UpMujocoGl;

enum { UP__MUJOCO_BODIES = 3 };

// Where pictures are taken from.
typedef struct UpMujocoCamera {
    bool follows;               // body 1, to the sides
    double lookat[3];           // a point, or beside body 1
    double distance, elevation; // metres, degrees (-90: from above)
} UpMujocoCamera;

typedef struct UpMujocoTask {
    const char *id, *xml;
    int frame_skip, max_episode_steps;
    double reward_threshold;      // NAN if Gymnasium has none
    int nq, nv, nu, nbody, nsite; // the least that a model of the user's must have
    int place;           // coordinates that exclude_current_positions_from_observation leaves out
    bool contact_forces; // cfrc_ext is used
    const char *body[UP__MUJOCO_BODIES]; // whose positions are used; NULL beyond
    int keywords;
    const UpMujocoKeyword *keyword;
    UpMujocoCamera camera;

    int (*obs_size)(const UpMujoco *self);
    // Adds the reset's noise to qpos and qvel, which are the model's.
    void (*begin)(UpMujoco *self, int i);
    // optional: what the forward reward is the velocity of
    double (*position)(const UpMujoco *self, const mjData *data);
    void (*observe)(const UpMujoco *self, const mjData *data, float *obs);
    // The reward of the step that was just made, and whether the task ended.
    double (*score)(const UpMujoco *self, int i, bool *terminated);
} UpMujocoTask;

extern const UpMujocoTask up__mujoco_half_cheetah, up__mujoco_hopper, up__mujoco_walker2d,
    up__mujoco_swimmer, up__mujoco_ant, up__mujoco_humanoid, up__mujoco_humanoid_standup,
    up__mujoco_inverted_pendulum, up__mujoco_inverted_double_pendulum, up__mujoco_reacher,
    up__mujoco_pusher;

struct UpMujoco {
    UpNative native;
    const UpMujocoTask *task;
    const UpMujocoCalls *call;
    UpMujocoKeywords key;
    mjModel *model;              // of all instances
    double dt;                   // of a step, in seconds
    int body[UP__MUJOCO_BODIES]; // numbers of task->body

    // per instance
    mjData **data;
    float *action;             // (N, nu) of the last step, clipped
    double *before, *position; // task->position before and after the last step
    float *last;               // (N, obs) the observation that was delivered last
    mjtNum *state;             // (N, state_size) scratch of state_save and state_load
    int state_size;
    uint8_t *trouble;                    // UpMujocoTrouble of the last step
    char (*message)[UP__MUJOCO_MESSAGE]; // that goes with it

    // NULL before the first picture
    mjvScene *scene;
    UpMujocoGl *gl;
};

typedef enum UpMujocoTrouble {
    UP__MUJOCO_FINE,
    UP__MUJOCO_WARNED,   // goes on
    UP__MUJOCO_DIVERGED, // the episode ends
    UP__MUJOCO_BROKEN,   // not even a new episode can begin
} UpMujocoTrouble;

// numpy.c ----------------------------------------------------------------------------------------

// np.sum(np.square(np.clip(x, low, high))), in NumPy's order.
double up__sum_squares(const double *x, int count, double low, double high);
float up__sum_squares_float(const float *x, int count);
double up__sum(const double *x, int count);

// np.clip, which lets NaN pass.
static inline double up__clip(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

// What several tasks do ---------------------------------------------------------------------------

// Write `count` numbers to an observation and return where it goes on.
float *up__put(float *at, const double *x, int count);
float *up__put_clipped(float *at, const double *x, int count, double low, double high);

// How many of the root's coordinates the observation leaves out.
static inline int up__excluded(const UpMujoco *self) {
    return self->key.exclude_current_positions_from_observation != 0 ? self->task->place : 0;
}

// weight * np.sum(np.square(action)) in float32, which is what NumPy makes of these types.
float up__action_cost(const UpMujoco *self, int i, double weight);

// Uniform noise on qpos, then uniform or normal noise on qvel, of the task's reset_noise_scale.
void up__begin_uniform(UpMujoco *self, int i);
void up__begin_normal(UpMujoco *self, int i);

// The forward velocity of the last step.
static inline double up__velocity(const UpMujoco *self, int i) {
    return (self->position[i] - self->before[i]) / self->dt;
}

static inline UpRng *up__mujoco_rng(UpMujoco *self, int i) {
    return &self->native.rng[i];
}

#endif
