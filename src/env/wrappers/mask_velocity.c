// What moves is seen without its velocities: they read 0, as under rl_zoo3's MaskVelocityWrapper. A
// policy has to remember where things were.
#include <string.h>

#include "env/wrappers/wrapper.h"

typedef struct MaskVelocity {
    UpWrapper wrapper;
    const int *velocity; // components, -1 behind the last
} MaskVelocity;

enum { MOST = 4 };
static const struct Known {
    const char *name; // without the version
    int velocity[MOST];
} known[] = {
    {"CartPole", {1, 3, -1}},
    {"Pendulum", {2, -1}},
    {"MountainCar", {1, -1}},
    {"MountainCarContinuous", {1, -1}},
    {"Acrobot", {4, 5, -1}},
    {"LunarLander", {2, 3, 5, -1}},
    {"LunarLanderContinuous", {2, 3, 5, -1}},
};

static void blind(const UpEnv *env, UpObs obs, const uint8_t *which) {
    const MaskVelocity *self = (const MaskVelocity *)env;
    for (int n = 0; n < env->instances; n++)
        for (const int *at = self->velocity; *at >= 0 && (!which || which[n]); at++)
            obs.f32[n * obs.dim + *at] = 0;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    UpEnv *inner = up__wrapper_inner(env);
    UP_TRY(inner->vtable->reset(inner, seeds, obs));
    blind(env, obs, NULL);
    return UP_OK;
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    UpEnv *inner = up__wrapper_inner(env);
    UP_TRY(inner->vtable->restart(inner, which, obs));
    blind(env, obs, which);
    return UP_OK;
}

static UpStatus step(UpEnv *env, UpStep *step) {
    UpEnv *inner = up__wrapper_inner(env);
    UpStatus status = inner->vtable->step(inner, step);
    env->lost = inner->lost;
    UP_TRY(status);
    blind(env, step->obs, step->active);
    for (int n = 0; n < env->instances; n++) {
        UpObs row = step->final_obs;
        if (step->active && !step->active[n]) continue;
        if (!step->terminated[n] && !step->truncated[n]) continue;
        for (const int *at = ((MaskVelocity *)env)->velocity; *at >= 0; at++)
            row.f32[n * row.dim + *at] = 0;
    }
    return UP_OK;
}

static const struct Known *find(const char *id) {
    if (strncmp(id, "gym:", 4) == 0) id += 4;
    size_t length = strcspn(id, "-");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == length && strncmp(id, known[i].name, length) == 0)
            return &known[i];
    return NULL;
}

UpStatus up__mask_velocity_wrap(UpEnv **env, const char *id) {
    const struct Known *one = find(id);
    if (!one || (*env)->spec.obs_form != UP_OBS_F32) {
        up_env_destroy(*env);
        *env = NULL;
        return up_fail(UP_USAGE,
                       "%s: env.mask_velocity knows the velocities of CartPole, Pendulum, "
                       "MountainCar, Acrobot and LunarLander alone",
                       id);
    }
    MaskVelocity *self = up__wrapper_create(sizeof *self, *env);
    *env = (UpEnv *)self;
    if (!self) return UP_MEMORY;
    self->velocity = one->velocity;
    self->wrapper.vtable.reset = reset;
    self->wrapper.vtable.step = step;
    if (self->wrapper.vtable.restart) self->wrapper.vtable.restart = restart;
    return UP_OK;
}
