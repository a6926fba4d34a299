// Pendulum-v1: swing up and hold, with the order of operations, the number types and the seeded
// resets of Gymnasium 1.4 under NumPy 2, so that every number is equal to the last bit.
#include <math.h>

#include "env/native/exact.h"
#include "env/native/kinds.h"

typedef struct Pendulum {
    UpTask task;
    double *theta, *theta_dot; // (N) rad (0 is up), rad/s
    double *sine;              // (N) sin(theta), which one step computes and the next one needs
    float *torque;             // (N) last action after clipping, for the picture; 0 after a reset
    double g;                  // keyword, m/s²
} Pendulum;

static const double max_speed = 8, dt = 0.05, mass = 1, length = 1;
static const float max_torque = 2;

static void begin(void *env, int i) {
    Pendulum *self = env;
    UpRng *rng = &self->task.native.rng[i];
    self->theta[i] = up_rng_uniform(rng, -M_PI, M_PI);
    self->theta_dot[i] = up_rng_uniform(rng, -1, 1);
    self->torque[i] = 0;
}

// Also keeps the sines for the next step.
static void observe(void *env, int first, int count, const UpObs *obs) {
    Pendulum *self = env;
    double cosine[UP__TASK_BLOCK];
    double *restrict sine = self->sine + first;
    const double *restrict theta_dot = self->theta_dot + first;
    float *restrict row = obs->f32 + (ptrdiff_t)first * 3;
    up__sincos(count, self->theta + first, sine, cosine);
    for (int i = 0; i < count; i++) {
        row[3 * i] = (float)cosine[i];
        row[3 * i + 1] = (float)sine[i];
        row[3 * i + 2] = (float)theta_dot[i];
    }
}

// ((x + pi) % (2 pi)) - pi, with Python's sign of a remainder.
static void normalise_angles(int count, const double *x, double *result) {
    const double turn = 2 * M_PI;
    for (int i = 0; i < count; i++) {
        double shifted = x[i] + M_PI;
        if (shifted < 0 || shifted >= turn) {
            shifted = fmod(shifted, turn);
            if (shifted < 0) shifted += turn;
        }
        result[i] = shifted - M_PI;
    }
}

// The cost of the state that is left, and of the torque. Terms of the torque are float32 until they
// meet the others.
static void charge(const Pendulum *self, int first, int count, double *restrict reward) {
    double angle[UP__TASK_BLOCK], speed[UP__TASK_BLOCK];
    float torque[UP__TASK_BLOCK];
    normalise_angles(count, self->theta + first, reward);
    up__square(count, reward, angle);
    up__square(count, self->theta_dot + first, speed);
    up__square_float(count, self->torque + first, torque);
    for (int i = 0; i < count; i++)
        reward[i] = -(angle[i] + 0.1 * speed[i] + (double)(0.001F * torque[i]));
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Pendulum *self = env;
    const float *restrict action = step->action + first;
    double *restrict theta = self->theta + first, *restrict theta_dot = self->theta_dot + first;
    const double *restrict sine = self->sine + first;
    float *restrict torque = self->torque + first;
    uint8_t *restrict terminated = step->terminated + first;
    for (int i = 0; i < count; i++) {
        float raised = action[i] < -max_torque ? -max_torque : action[i];
        torque[i] = raised > max_torque ? max_torque : raised;
    }
    charge(self, first, count, step->reward + first);
    double pull = 3 * self->g / (2 * length);
    for (int i = 0; i < count; i++) {
        float push = (float)(3.0 / (mass * (length * length))) * torque[i];
        double speed = theta_dot[i] + (pull * sine[i] + (double)push) * dt;
        speed = speed < -max_speed ? -max_speed : speed;
        speed = speed > max_speed ? max_speed : speed;
        theta[i] = theta[i] + speed * dt;
        theta_dot[i] = speed;
        terminated[i] = 0;
    }
}

// Angles add up, by 0.4 a step at most.
static bool possible(const void *env, int i) {
    const Pendulum *self = env;
    const double far = 1e9;
    return fabs(self->theta[i]) <= far && fabs(self->theta_dot[i]) <= max_speed &&
           fabs(self->sine[i]) <= 1 && fabsf(self->torque[i]) <= max_torque;
}

#ifdef UP_HAVE_CAIRO
// An arc around the axle whose radius grows with the torque and whose arrow shows its direction.
static void draw_torque(cairo_t *cairo, double torque, double scale) {
    double radius = scale * fabs(torque) / 4, side = torque > 0 ? 1 : -1;
    if (radius < 2) return;
    up__picture_colour(cairo, 0x000000);
    cairo_save(cairo);
    cairo_scale(cairo, side, 1); // a positive torque turns counter-clockwise
    cairo_set_line_width(cairo, 3);
    cairo_arc(cairo, 0, 0, radius, -0.6 * M_PI, 0.6 * M_PI);
    cairo_stroke(cairo);
    cairo_rotate(cairo, 0.6 * M_PI);
    cairo_move_to(cairo, radius - 6, 0);
    cairo_line_to(cairo, radius + 6, 0);
    cairo_line_to(cairo, radius, 10);
    cairo_fill(cairo);
    cairo_restore(cairo);
}

static void draw(const void *env, int i, cairo_t *cairo) {
    const Pendulum *self = env;
    const double scale = 400 / 4.4, rod_width = 0.2 * scale;
    up__picture_upwards(cairo, 400);
    cairo_translate(cairo, 300, 200);
    up__picture_colour(cairo, 0xcc4d4d);
    cairo_save(cairo);
    cairo_rotate(cairo, self->theta[i] + M_PI / 2);
    up__picture_box(cairo, 0, -rod_width / 2, scale, rod_width);
    up__picture_disc(cairo, 0, 0, rod_width / 2);
    up__picture_disc(cairo, scale, 0, rod_width / 2);
    cairo_restore(cairo);
    draw_torque(cairo, (double)self->torque[i], scale);
    up__picture_colour(cairo, 0x000000);
    up__picture_disc(cairo, 0, 0, 0.05 * scale);
}
#endif

const UpTaskKind up__pendulum = {
    .obs = {.kind = UP_SPACE_BOX,
            .size = 3,
            .dims = 1,
            .shape = {3},
            .bounds = 3,
            .low = {-1, -1, -8},
            .high = {1, 1, 8}},
    .action = UP__BOX1(-2, 2),
    .frames_per_second = 30,
    .size = sizeof(Pendulum),
    .array = {UP__ARRAY(Pendulum, theta), UP__ARRAY(Pendulum, theta_dot), UP__ARRAY(Pendulum, sine),
              UP__ARRAY(Pendulum, torque)},
    .keyword = {UP__NUMBER(Pendulum, g)},
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = 600,
    .height = 400,
    .draw = UP__DRAW(draw),
};
