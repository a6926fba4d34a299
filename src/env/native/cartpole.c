// CartPole-v1: Barto, Sutton and Anderson (1983), with the constants, the order of operations and
// the seeded resets of Gymnasium 1.4, so that every number is equal to the last bit.
#include <math.h>

#include "env/native/native.h"

typedef struct CartPole {
    UpNative native;
    double *x, *x_dot;         // (N) m, m/s
    double *theta, *theta_dot; // (N) rad, rad/s
    double sutton_barto;       // keyword: reward 0, and -1 where the pole fell
} CartPole;

static const double gravity = 9.8, pole_mass = 0.1, total_mass = 0.1 + 1.0, half_length = 0.5;
static const double pole_moment = 0.1 * 0.5, push = 10.0, tau = 0.02;
static const double theta_limit = 12 * 2 * M_PI / 360, x_limit = 2.4;

enum { STEPS_MAX = 500, OBS = 4, BLOCK = 64 };

static void write_obs(const CartPole *self, int i, float *obs) {
    obs[0] = (float)self->x[i];
    obs[1] = (float)self->x_dot[i];
    obs[2] = (float)self->theta[i];
    obs[3] = (float)self->theta_dot[i];
}

static void begin_episode(CartPole *self, int i) {
    UpRng *rng = &self->native.rng[i];
    self->x[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->x_dot[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->theta[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->theta_dot[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->native.elapsed[i] = 0;
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    CartPole *self = (CartPole *)env;
    for (int i = 0; i < env->instances; i++) {
        if (which && !which[i]) continue;
        begin_episode(self, i);
        write_obs(self, i, obs.f32 + i * OBS);
    }
    return UP_OK;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    up__native_seed((UpNative *)env, seeds);
    return restart(env, NULL, obs);
}

// Euler's method over instances first … first+count-1. Sines come first, from libm, so that the
// compiler can vectorise the rest.
static void integrate(CartPole *self, int first, int count, const float *restrict action) {
    double *restrict x = self->x + first, *restrict x_dot = self->x_dot + first;
    double *restrict theta = self->theta + first, *restrict theta_dot = self->theta_dot + first;
    double sine[BLOCK], cosine[BLOCK];
    for (int i = 0; i < count; i++)
        sincos(theta[i], &sine[i], &cosine[i]);
    for (int i = 0; i < count; i++) {
        double force = action[i] == 1 ? push : -push;
        double temp = (force + pole_moment * (theta_dot[i] * theta_dot[i]) * sine[i]) / total_mass;
        double theta_acc =
            (gravity * sine[i] - cosine[i] * temp) /
            (half_length * (4.0 / 3.0 - pole_mass * (cosine[i] * cosine[i]) / total_mass));
        double x_acc = temp - pole_moment * theta_acc * cosine[i] / total_mass;
        x[i] = x[i] + tau * x_dot[i];
        x_dot[i] = x_dot[i] + tau * x_acc;
        theta[i] = theta[i] + tau * theta_dot[i];
        theta_dot[i] = theta_dot[i] + tau * theta_acc;
    }
}

// Reward, ends and observations of one instance that has been integrated.
static void conclude(CartPole *self, int i, UpStep *step) {
    bool terminated = self->x[i] < -x_limit || self->x[i] > x_limit ||
                      self->theta[i] < -theta_limit || self->theta[i] > theta_limit;
    bool truncated = up__native_clock(&self->native, i);
    step->reward[i] = self->sutton_barto == 0 ? 1 : terminated ? -1 : 0;
    step->terminated[i] = terminated;
    step->truncated[i] = truncated;
    if (terminated || truncated) {
        write_obs(self, i, step->final_obs.f32 + i * OBS);
        begin_episode(self, i);
    }
    write_obs(self, i, step->obs.f32 + i * OBS);
}

static UpStatus step_all(UpEnv *env, UpStep *step) {
    CartPole *self = (CartPole *)env;
    if (step->active) {
        for (int i = 0; i < env->instances; i++) {
            if (!step->active[i]) continue;
            integrate(self, i, 1, step->action + i);
            conclude(self, i, step);
        }
        return UP_OK;
    }
    for (int first = 0; first < env->instances; first += BLOCK) {
        int count = env->instances - first < BLOCK ? env->instances - first : BLOCK;
        integrate(self, first, count, step->action + first);
        for (int i = first; i < first + count; i++)
            conclude(self, i, step);
    }
    return UP_OK;
}

static UpStatus render(UpEnv *env, int instance, UpImage *image) {
    const CartPole *self = (const CartPole *)env;
    return up__picture_cartpole(image, self->x[instance], self->theta[instance]);
}

static const UpEnvVtable vtable = {
    .abi = UP_ENV_ABI,
    .reset = reset,
    .step = step_all,
    .destroy = up__native_destroy,
    .render = render,
    .state_size = up__native_state_size,
    .state_save = up__native_state_save,
    .state_load = up__native_state_load,
    .restart = restart,
};

UpStatus up__cartpole_create(UpEnv **env, const UpEnvDef *def, int instances) {
    double sutton_barto = 0;
    UP_TRY(up__native_options(def, &(UpNativeOption){"sutton_barto_reward", &sutton_barto}, 1));
    UP_TRY(up__native_no_preprocess(def));
    CartPole *self = up__native_create(sizeof *self, &vtable, instances);
    if (!self) return UP_MEMORY;
    self->sutton_barto = sutton_barto;
    self->x = up__native_array(&self->native, sizeof *self->x);
    self->x_dot = up__native_array(&self->native, sizeof *self->x_dot);
    self->theta = up__native_array(&self->native, sizeof *self->theta);
    self->theta_dot = up__native_array(&self->native, sizeof *self->theta_dot);
    *env = &self->native.base;
    if (!self->x || !self->x_dot || !self->theta || !self->theta_dot) {
        up__native_destroy(*env);
        *env = NULL;
        return UP_MEMORY;
    }

    UpSpace obs = up_space_box(OBS, -INFINITY, INFINITY);
    obs.bounds = OBS;
    obs.high[0] = (float)(x_limit * 2);
    obs.high[1] = obs.high[3] = INFINITY;
    obs.high[2] = (float)(theta_limit * 2);
    for (int i = 0; i < OBS; i++)
        obs.low[i] = -obs.high[i];
    (*env)->spec = (UpEnvSpec){.id = "CartPole-v1",
                               .obs = obs,
                               .action = up_space_discrete(2),
                               .obs_form = UP_OBS_F32,
                               .max_episode_steps = STEPS_MAX,
                               .reward_threshold = 475,
                               .frames_per_second = 50};
    return UP_OK;
}
