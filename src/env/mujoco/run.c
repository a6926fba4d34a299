// Resets and steps. Every instance has data of its own, so that they run side by side; what one of
// them has to tell is collected and told afterwards by the calling thread.
#include <math.h>
#include <string.h>

#include "env/mujoco/internal.h"

// ---------------------------------------------------------------------------------------------------
// Episodes

typedef struct One {
    UpMujoco *self;
    int i;
} One;

static void forward(void *context) {
    const One *one = context;
    UpMujoco *self = one->self;
    mjData *data = self->data[one->i];
    self->call->mj_resetData(self->model, data);
    self->task->begin(self, one->i);
    self->call->mj_forward(self->model, data);
}

// Begins an episode and writes its first observation.
static void begin_episode(UpMujoco *self, int i, float *obs) {
    if (!up__mujoco_guarded(forward, &(One){self, i}, self->message[i]))
        self->trouble[i] = UP__MUJOCO_BROKEN;
    else if (self->message[i][0] && !self->trouble[i])
        self->trouble[i] = UP__MUJOCO_WARNED;
    if (self->task->position) self->position[i] = self->task->position(self, self->data[i]);
    self->native.elapsed[i] = 0;
    self->task->observe(self, self->data[i], obs);
    int64_t dim = self->native.base.spec.obs.size;
    memcpy(self->last + i * dim, obs, (size_t)dim * sizeof *obs);
}

// The same after a step, of which there may be something to tell, too.
static void begin_next(UpMujoco *self, int i, float *obs) {
    char message[UP__MUJOCO_MESSAGE];
    memcpy(message, self->message[i], sizeof message);
    begin_episode(self, i, obs);
    if (message[0] && self->trouble[i] != UP__MUJOCO_BROKEN)
        memcpy(self->message[i], message, sizeof message);
}

typedef struct Reset {
    UpMujoco *self;
    const uint8_t *which; // NULL: all
    float *obs;
} Reset;

static void reset_one(void *context, int i) {
    const Reset *reset = context;
    if (reset->which && !reset->which[i]) return;
    reset->self->trouble[i] = UP__MUJOCO_FINE;
    begin_episode(reset->self, i, reset->obs + i * reset->self->native.base.spec.obs.size);
}

// Tells what went wrong in the instances that took part.
static UpStatus tell(UpMujoco *self, const uint8_t *which) {
    const char *id = self->task->id;
    UpStatus status = UP_OK;
    for (int i = 0; i < self->native.base.instances; i++) {
        if ((which && !which[i]) || self->trouble[i] == UP__MUJOCO_FINE) continue;
        const char *message = self->message[i];
        if (self->trouble[i] == UP__MUJOCO_WARNED)
            up_warn("%s, instance %d: MuJoCo warns: %s", id, i, message);
        else if (self->trouble[i] == UP__MUJOCO_DIVERGED)
            up_warn("%s, instance %d: the simulation diverged and its episode ended: %s", id, i,
                    message);
        else if (status == UP_OK)
            status = up_fail(UP_ENVIRONMENT, "%s, instance %d: MuJoCo cannot begin an episode: %s",
                             id, i, message);
    }
    return status;
}

UpStatus up__mujoco_restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    UpMujoco *self = (UpMujoco *)env;
    up_pool_run(env->pool, env->instances, reset_one, &(Reset){self, which, obs.f32});
    return tell(self, which);
}

UpStatus up__mujoco_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    up__native_seed((UpNative *)env, seeds);
    return up__mujoco_restart(env, NULL, obs);
}

// ---------------------------------------------------------------------------------------------------
// Steps

static void simulate(void *context) {
    const One *one = context;
    UpMujoco *self = one->self;
    mjData *data = self->data[one->i];
    int frames = (int)self->key.frame_skip;
    for (int k = 0; k < frames; k++)
        self->call->mj_step(self->model, data);
    if (self->task->contact_forces) self->call->mj_rnePostConstraint(self->model, data);
}

static void set_action(UpMujoco *self, int i, const float *action) {
    const UpSpace *space = &self->native.base.spec.action;
    int nu = (int)space->size;
    float *clipped = self->action + (ptrdiff_t)i * nu;
    double *ctrl = self->data[i]->ctrl;
    for (int k = 0; k < nu; k++) {
        clipped[k] = fminf(fmaxf(action[k], space->low[k]), space->high[k]);
        ctrl[k] = (double)clipped[k];
    }
}

// MuJoCo meets a bad state by beginning anew from the model's own position, and counts that.
static bool diverged(const mjData *data) {
    return data->warning[mjWARN_BADQPOS].number || data->warning[mjWARN_BADQVEL].number ||
           data->warning[mjWARN_BADQACC].number;
}

// 0 * x is 0 for every finite number; one sum tells of them all.
static bool all_finite(const float *x, int64_t count) {
    float sum = 0;
    for (int64_t k = 0; k < count; k++)
        sum += 0 * x[k];
    return sum == 0;
}

typedef struct Step {
    UpMujoco *self;
    UpStep *step;
} Step;

// The episode of an instance that diverged is over, but its task is not: truncated, where it was
// last seen.
static void end_diverged(UpMujoco *self, int i, UpStep *step) {
    int64_t dim = self->native.base.spec.obs.size;
    self->trouble[i] = UP__MUJOCO_DIVERGED;
    if (!self->message[i][0]) strcpy(self->message[i], "a number is not finite");
    step->reward[i] = 0;
    step->terminated[i] = 0;
    step->truncated[i] = 1;
    memcpy(step->final_obs.f32 + i * dim, self->last + i * dim, (size_t)dim * sizeof(float));
    begin_next(self, i, step->obs.f32 + i * dim);
}

static void step_one(void *context, int i) {
    UpMujoco *self = ((Step *)context)->self;
    UpStep *step = ((Step *)context)->step;
    if (step->active && !step->active[i]) return;
    const UpMujocoTask *task = self->task;
    const mjData *data = self->data[i];
    int64_t dim = self->native.base.spec.obs.size;
    float *obs = step->obs.f32 + i * dim;

    set_action(self, i, step->action + i * self->native.base.spec.action.size);
    bool returned = up__mujoco_guarded(simulate, &(One){self, i}, self->message[i]);
    self->trouble[i] = self->message[i][0] ? UP__MUJOCO_WARNED : UP__MUJOCO_FINE;
    if (!returned || diverged(data)) {
        end_diverged(self, i, step);
        return;
    }
    self->before[i] = self->position[i];
    if (task->position) self->position[i] = task->position(self, data);
    bool terminated;
    double reward = task->score(self, i, &terminated);
    task->observe(self, data, obs);
    if (!isfinite(reward) || !all_finite(obs, dim)) {
        end_diverged(self, i, step);
        return;
    }
    step->reward[i] = reward;
    step->terminated[i] = terminated;
    step->truncated[i] = up__native_clock(&self->native, i);
    if (terminated || step->truncated[i]) {
        memcpy(step->final_obs.f32 + i * dim, obs, (size_t)dim * sizeof *obs);
        begin_next(self, i, obs);
    } else {
        memcpy(self->last + i * dim, obs, (size_t)dim * sizeof *obs);
    }
}

UpStatus up__mujoco_step(UpEnv *env, UpStep *step) {
    UpMujoco *self = (UpMujoco *)env;
    up_pool_run(env->pool, env->instances, step_one, &(Step){self, step});
    return tell(self, step->active);
}
