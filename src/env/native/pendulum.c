// Pendulum-v1: swing up and hold, with the order of operations, the number types and the seeded
// resets of Gymnasium 1.4 under NumPy 2, so that every number is equal to the last bit.
#include <math.h>

#include "env/native/native.h"

typedef struct Pendulum {
    UpNative native;
    double *theta, *theta_dot; // (N) rad (0 is up), rad/s
    double *sine;              // (N) sin(theta), which one step computes and the next one needs
    float *torque;             // (N) last action after clipping, for the picture; 0 after a reset
    double g;                  // keyword, m/s²
} Pendulum;

static const double max_speed = 8, dt = 0.05, mass = 1, length = 1;
static const float max_torque = 2;

enum { STEPS_MAX = 200, OBS = 3 };

// NumPy computes x**2 of a scalar by libm's pow, which now and then differs from x * x in the last
// bit; the compiler would turn one into the other if it saw which function this is.
static double (*const volatile square_double)(double, double) = pow;
static float (*const volatile square_float)(float, float) = powf;

// ((x + pi) % (2 pi)) - pi, with Python's sign of a remainder.
static double normalise_angle(double x) {
    double shifted = x + M_PI, turn = 2 * M_PI;
    if (shifted < 0 || shifted >= turn) {
        shifted = fmod(shifted, turn);
        if (shifted < 0) shifted += turn;
    }
    return shifted - M_PI;
}

// Also keeps the sine for the next step.
static void write_obs(Pendulum *self, int i, float *obs) {
    double sine, cosine;
    sincos(self->theta[i], &sine, &cosine);
    self->sine[i] = sine;
    obs[0] = (float)cosine;
    obs[1] = (float)sine;
    obs[2] = (float)self->theta_dot[i];
}

static void begin_episode(Pendulum *self, int i) {
    UpRng *rng = &self->native.rng[i];
    self->theta[i] = up_rng_uniform(rng, -M_PI, M_PI);
    self->theta_dot[i] = up_rng_uniform(rng, -1, 1);
    self->torque[i] = 0;
    self->native.elapsed[i] = 0;
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    Pendulum *self = (Pendulum *)env;
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

static void step_one(Pendulum *self, int i, UpStep *step) {
    double theta = self->theta[i], theta_dot = self->theta_dot[i];
    float torque = fminf(fmaxf(step->action[i], -max_torque), max_torque);
    self->torque[i] = torque;

    // The terms in the torque are float32 until they meet the others.
    float torque_cost = 0.001F * square_float(torque, 2);
    double cost = square_double(normalise_angle(theta), 2) + 0.1 * square_double(theta_dot, 2) +
                  (double)torque_cost;
    float push = (float)(3.0 / (mass * (length * length))) * torque;

    theta_dot += (3 * self->g / (2 * length) * self->sine[i] + (double)push) * dt;
    theta_dot = fmin(fmax(theta_dot, -max_speed), max_speed);
    self->theta[i] = theta + theta_dot * dt;
    self->theta_dot[i] = theta_dot;

    step->reward[i] = -cost;
    step->terminated[i] = 0;
    step->truncated[i] = up__native_clock(&self->native, i);
    if (step->truncated[i]) {
        write_obs(self, i, step->final_obs.f32 + i * OBS);
        begin_episode(self, i);
    }
    write_obs(self, i, step->obs.f32 + i * OBS);
}

static UpStatus step_all(UpEnv *env, UpStep *step) {
    Pendulum *self = (Pendulum *)env;
    for (int i = 0; i < env->instances; i++)
        if (!step->active || step->active[i]) step_one(self, i, step);
    return UP_OK;
}

static UpStatus render(UpEnv *env, int instance, UpImage *image) {
    const Pendulum *self = (const Pendulum *)env;
    return up__picture_pendulum(image, self->theta[instance], (double)self->torque[instance]);
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

UpStatus up__pendulum_create(UpEnv **env, const UpEnvDef *def, int instances) {
    double g = 10;
    UP_TRY(up__native_options(def, &(UpNativeOption){"g", &g}, 1));
    UP_TRY(up__native_no_preprocess(def));
    Pendulum *self = up__native_create(sizeof *self, &vtable, instances);
    if (!self) return UP_MEMORY;
    self->g = g;
    self->theta = up__native_array(&self->native, sizeof *self->theta);
    self->theta_dot = up__native_array(&self->native, sizeof *self->theta_dot);
    self->sine = up__native_array(&self->native, sizeof *self->sine);
    self->torque = up__native_array(&self->native, sizeof *self->torque);
    *env = &self->native.base;
    if (!self->theta || !self->theta_dot || !self->sine || !self->torque) {
        up__native_destroy(*env);
        *env = NULL;
        return UP_MEMORY;
    }

    UpSpace obs = up_space_box(OBS, -1, 1);
    obs.bounds = OBS;
    for (int i = 0; i < OBS; i++) {
        obs.high[i] = i < 2 ? 1 : (float)max_speed;
        obs.low[i] = -obs.high[i];
    }
    (*env)->spec = (UpEnvSpec){.id = "Pendulum-v1",
                               .obs = obs,
                               .action = up_space_box(1, -max_torque, max_torque),
                               .obs_form = UP_OBS_F32,
                               .max_episode_steps = STEPS_MAX,
                               .reward_threshold = (double)NAN,
                               .frames_per_second = 30};
    return UP_OK;
}
