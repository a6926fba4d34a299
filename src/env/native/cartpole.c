// CartPole-v0 and -v1: Barto, Sutton and Anderson (1983), with the constants, the order of
// operations and the seeded resets of Gymnasium 1.4, so that every number is equal to the last bit.
#include <math.h>

#include "env/native/exact.h"
#include "env/native/kinds.h"

typedef struct CartPole {
    UpTask task;
    double *x, *x_dot;          // (N) m, m/s
    double *theta, *theta_dot;  // (N) rad, rad/s
    double sutton_barto_reward; // keyword: reward 0, and -1 where the pole fell
} CartPole;

static const double gravity = 9.8, pole_mass = 0.1, total_mass = 0.1 + 1.0, half_length = 0.5;
static const double pole_moment = 0.1 * 0.5, push = 10.0, tau = 0.02;

#define THETA_LIMIT (12 * 2 * M_PI / 360)
#define X_LIMIT 2.4

static void begin(void *env, int i) {
    CartPole *self = env;
    UpRng *rng = &self->task.native.rng[i];
    self->x[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->x_dot[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->theta[i] = up_rng_uniform(rng, -0.05, 0.05);
    self->theta_dot[i] = up_rng_uniform(rng, -0.05, 0.05);
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const CartPole *self = env;
    float *restrict row = obs->f32 + (ptrdiff_t)first * 4;
    const double *restrict x = self->x + first, *restrict x_dot = self->x_dot + first;
    const double *restrict theta = self->theta + first;
    const double *restrict theta_dot = self->theta_dot + first;
    for (int i = 0; i < count; i++) {
        row[4 * i] = (float)x[i];
        row[4 * i + 1] = (float)x_dot[i];
        row[4 * i + 2] = (float)theta[i];
        row[4 * i + 3] = (float)theta_dot[i];
    }
}

// Euler's method.
static void integrate(CartPole *self, int first, int count, const float *restrict action) {
    double *restrict x = self->x + first, *restrict x_dot = self->x_dot + first;
    double *restrict theta = self->theta + first, *restrict theta_dot = self->theta_dot + first;
    double sine[UP__TASK_BLOCK], cosine[UP__TASK_BLOCK];
    up__sincos(count, theta, sine, cosine);
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

static void advance(void *env, int first, int count, const UpStep *step) {
    CartPole *self = env;
    integrate(self, first, count, step->action + first);
    const double *restrict x = self->x + first, *restrict theta = self->theta + first;
    double *restrict reward = step->reward + first;
    uint8_t *restrict terminated = step->terminated + first;
    double stands = self->sutton_barto_reward ? 0 : 1, falls = self->sutton_barto_reward ? -1 : 1;
    for (int i = 0; i < count; i++) {
        bool fell = (fabs(x[i]) > X_LIMIT) | (fabs(theta[i]) > THETA_LIMIT);
        reward[i] = fell ? falls : stands;
        terminated[i] = fell;
    }
}

// Within one push, beyond which the pole has fallen, no speed comes near this.
static bool possible(const void *env, int i) {
    const CartPole *self = env;
    const double fast = 1000;
    return fabs(self->x[i]) <= X_LIMIT && fabs(self->theta[i]) <= THETA_LIMIT &&
           fabs(self->x_dot[i]) <= fast && fabs(self->theta_dot[i]) <= fast;
}

#ifdef UP_HAVE_CAIRO
static void draw(const void *env, int i, cairo_t *cairo) {
    const CartPole *self = env;
    const double scale = 600 / 4.8, pole_width = 10, cart_width = 50, cart_height = 30;
    up__picture_upwards(cairo, 400);
    up__picture_colour(cairo, 0x000000);
    up__picture_line(cairo, 0, 100.5, 600, 100.5, 1); // the track
    cairo_translate(cairo, self->x[i] * scale + 300, 100);
    up__picture_box(cairo, -cart_width / 2, -cart_height / 2, cart_width, cart_height);
    cairo_translate(cairo, 0, cart_height / 4);
    cairo_rotate(cairo, -self->theta[i]);
    up__picture_colour(cairo, 0xca9865);
    up__picture_box(cairo, -pole_width / 2, -pole_width / 2, pole_width, scale);
    up__picture_colour(cairo, 0x8184cb);
    up__picture_disc(cairo, 0, 0, pole_width / 2);
}
#endif

#define X_MAX ((float)(X_LIMIT * 2))
#define THETA_MAX ((float)(THETA_LIMIT * 2))

const UpTaskKind up__cartpole = {
    .obs = {.kind = UP_SPACE_BOX,
            .size = 4,
            .dims = 1,
            .shape = {4},
            .bounds = 4,
            .low = {-X_MAX, -INFINITY, -THETA_MAX, -INFINITY},
            .high = {X_MAX, INFINITY, THETA_MAX, INFINITY}},
    .action = {.kind = UP_SPACE_DISCRETE, .size = 1, .n = 2},
    .frames_per_second = 50,
    .size = sizeof(CartPole),
    .array = {UP__ARRAY(CartPole, x), UP__ARRAY(CartPole, x_dot), UP__ARRAY(CartPole, theta),
              UP__ARRAY(CartPole, theta_dot)},
    .keyword = {UP__FLAG(CartPole, sutton_barto_reward)},
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = 600,
    .height = 400,
    .draw = UP__DRAW(draw),
};
