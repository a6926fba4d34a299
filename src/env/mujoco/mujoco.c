// Creation, end and saved state.
#include "env/mujoco/mujoco.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "env/mujoco/internal.h"

static const UpMujocoTask *const tasks[] = {
    &up__mujoco_half_cheetah,
    &up__mujoco_hopper,
    &up__mujoco_walker2d,
    &up__mujoco_swimmer,
    &up__mujoco_ant,
    &up__mujoco_humanoid,
    &up__mujoco_humanoid_standup,
    &up__mujoco_reacher,
    &up__mujoco_pusher,
    &up__mujoco_inverted_pendulum,
    &up__mujoco_inverted_double_pendulum,
    NULL,
};

// ---------------------------------------------------------------------------------------------------
// Saved state: the registered arrays, among them a copy of the simulations' states

static void state_save(const UpEnv *env, void *bytes) {
    const UpMujoco *self = (const UpMujoco *)env;
    for (int i = 0; i < env->instances; i++)
        self->call->mj_getState(self->model, self->data[i],
                                self->state + (ptrdiff_t)i * self->state_size, mjSTATE_INTEGRATION);
    up__native_state_save(env, bytes);
}

// MuJoCo itself holds a simulation for diverged beyond 1e10, and begins it anew.
static bool possible(const void *env, int i) {
    const UpMujoco *self = env;
    const mjtNum *state = self->state + (ptrdiff_t)i * self->state_size;
    const float *last = self->last + i * self->native.base.spec.obs.size;
    bool within = fabs(self->position[i]) <= mjMAXVAL;
    for (int k = 0; k < self->state_size; k++)
        within &= fabs(state[k]) <= mjMAXVAL;
    for (int64_t k = 0; k < self->native.base.spec.obs.size; k++)
        within &= isfinite(last[k]);
    return within;
}

static UpStatus state_load(UpEnv *env, const void *bytes, size_t size) {
    UpMujoco *self = (UpMujoco *)env;
    UP_TRY(up__native_state_load(env, bytes, size));
    for (int i = 0; i < env->instances; i++) {
        mjData *data = self->data[i];
        self->call->mj_resetData(self->model, data);
        self->call->mj_setState(self->model, data, self->state + (ptrdiff_t)i * self->state_size,
                                mjSTATE_INTEGRATION);
        self->call->mj_kinematics(self->model, data); // for pictures
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Creation and end

static void destroy(UpEnv *env) {
    UpMujoco *self = (UpMujoco *)env;
    up__mujoco_free_scene(self);
    for (int i = 0; self->data && i < env->instances; i++)
        if (self->data[i]) self->call->mj_deleteData(self->data[i]);
    if (self->model) self->call->mj_deleteModel(self->model);
    up__native_destroy(env);
}

static UpStatus describe(UpMujoco *self) {
    const UpMujocoTask *task = self->task;
    const mjModel *model = self->model;
    UpSpace action = up_space_box(model->nu, -1, 1);
    action.bounds = (int)model->nu;
    for (int k = 0; k < model->nu; k++) {
        action.low[k] = (float)model->actuator_ctrlrange[2 * k];
        action.high[k] = (float)model->actuator_ctrlrange[2 * k + 1];
    }
    UpEnvSpec *spec = &self->native.base.spec;
    *spec = (UpEnvSpec){.obs = up_space_box(task->obs_size(self), -INFINITY, INFINITY),
                        .action = action,
                        .obs_form = UP_OBS_F32,
                        .max_episode_steps = task->max_episode_steps,
                        .reward_threshold = task->reward_threshold,
                        .frames_per_second = round(1 / self->dt)};
    snprintf(spec->id, sizeof spec->id, "%s", task->id);
    return UP_OK;
}

static void make_data(void *context) {
    UpMujoco *self = context;
    for (int i = 0; i < self->native.base.instances; i++)
        self->data[i] = self->call->mj_makeData(self->model);
}

static UpStatus allocate(UpMujoco *self) {
    size_t n = (size_t)self->native.base.instances, dim = (size_t)self->native.base.spec.obs.size;
    UpArena *arena = &self->native.arena;
    self->state_size = self->call->mj_stateSize(self->model, mjSTATE_INTEGRATION);
    self->state = up__native_array(&self->native, (size_t)self->state_size * sizeof *self->state);
    self->position = up__native_array(&self->native, sizeof *self->position);
    self->last = up__native_array(&self->native, dim * sizeof *self->last);
    self->before = up_arena_alloc(arena, n, sizeof *self->before);
    self->action = up_arena_alloc(arena, n, (size_t)self->model->nu * sizeof *self->action);
    self->trouble = up_arena_alloc(arena, n, sizeof *self->trouble);
    self->message = up_arena_alloc(arena, n, sizeof *self->message);
    self->data = up_arena_alloc(arena, n, sizeof(mjData *));
    if (!self->state || !self->position || !self->last || !self->before || !self->action ||
        !self->trouble || !self->message || !self->data)
        return UP_MEMORY;
    char message[UP__MUJOCO_MESSAGE];
    if (!up__mujoco_guarded(make_data, self, message) || !self->data[n - 1])
        return up_fail(UP_MEMORY, "%s: no memory for %zu simulations", self->task->id, n);
    return UP_OK;
}

static UpStatus build(UpMujoco *self, const UpEnvDef *def) {
    UP_TRY(up__mujoco_keywords(self, def));
    UP_TRY(up__mujoco_load(&self->call));
    UP_TRY(up__mujoco_model(self));
    UP_TRY(describe(self));
    return allocate(self);
}

UpStatus up__mujoco_create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {
        .abi = UP_ENV_ABI,
        .reset = up__mujoco_reset,
        .step = up__mujoco_step,
        .destroy = destroy,
        .render = up__mujoco_render,
        .state_size = up__native_state_size,
        .state_save = state_save,
        .state_load = state_load,
        .restart = up__mujoco_restart,
    };
    *env = NULL;
    UP_TRY(up__native_no_preprocess(def));
    UpMujoco *self = up__native_create(sizeof *self, &vtable, instances);
    if (!self) return UP_MEMORY;
    self->native.possible = possible;
    for (const UpMujocoTask *const *task = tasks; *task; task++)
        if (strcmp((*task)->id, def->id) == 0) self->task = *task;
    UpStatus status = build(self, def);
    if (status != UP_OK) {
        destroy(&self->native.base);
        return status;
    }
    *env = &self->native.base;
    return UP_OK;
}
