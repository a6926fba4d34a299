// Acrobot-v1: two links, a torque at the joint between them, and a height to reach. Dynamics of
// Sutton and Barto's book by fourth-order Runge-Kutta, in the order of operations of Gymnasium 1.4,
// so that every number is equal to the last bit.
#include <math.h>

#include "env/native/exact.h"
#include "env/native/kinds.h"

typedef struct Acrobot {
    UpTask task;
    double *theta1, *theta2;         // (N) rad; 0 hangs down, and in line with the first link
    double *theta1_dot, *theta2_dot; // (N) rad/s
} Acrobot;

static const double dt = 0.2, gravity = 9.8;

#define MAX_SPEED_1 (4 * M_PI)
#define MAX_SPEED_2 (9 * M_PI)

enum { B = UP__TASK_BLOCK };

// The state of a block, or its derivative.
typedef struct Motion {
    double theta1[B], theta2[B], theta1_dot[B], theta2_dot[B];
} Motion;

// Four draws, rounded to float32 once.
static void begin(void *env, int i) {
    Acrobot *self = env;
    UpRng *rng = &self->task.native.rng[i];
    self->theta1[i] = (double)(float)up_rng_uniform(rng, -0.1, 0.1);
    self->theta2[i] = (double)(float)up_rng_uniform(rng, -0.1, 0.1);
    self->theta1_dot[i] = (double)(float)up_rng_uniform(rng, -0.1, 0.1);
    self->theta2_dot[i] = (double)(float)up_rng_uniform(rng, -0.1, 0.1);
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const Acrobot *self = env;
    double sine1[B], cosine1[B], sine2[B], cosine2[B];
    up__sincos(count, self->theta1 + first, sine1, cosine1);
    up__sincos(count, self->theta2 + first, sine2, cosine2);
    float *row = obs->f32 + (ptrdiff_t)first * 6;
    for (int i = 0; i < count; i++, row += 6) {
        row[0] = (float)cosine1[i];
        row[1] = (float)sine1[i];
        row[2] = (float)cosine2[i];
        row[3] = (float)sine2[i];
        row[4] = (float)self->theta1_dot[first + i];
        row[5] = (float)self->theta2_dot[first + i];
    }
}

// Links of length and mass 1 with moments of inertia 1, their centres of mass in the middle.
static void differentiate(int count, const Motion *s, const double *torque, Motion *k) {
    double sine2[B], cosine2[B], tilt1[B], tilt12[B], square1[B], square2[B], d2[B], d2_square[B];
    for (int i = 0; i < count; i++) {
        tilt1[i] = s->theta1[i] - M_PI / 2;
        tilt12[i] = s->theta1[i] + s->theta2[i] - M_PI / 2;
    }
    up__sincos(count, s->theta2, sine2, cosine2);
    up__cosine(count, tilt1);
    up__cosine(count, tilt12);
    up__square(count, s->theta1_dot, square1);
    up__square(count, s->theta2_dot, square2);
    for (int i = 0; i < count; i++)
        d2[i] = 0.25 + 0.5 * cosine2[i] + 1;
    up__square(count, d2, d2_square);
    for (int i = 0; i < count; i++) {
        double d1 = 0.25 + (1.25 + cosine2[i]) + 1 + 1;
        double phi2 = 0.5 * gravity * tilt12[i];
        double phi1 = -0.5 * square2[i] * sine2[i] -
                      s->theta2_dot[i] * s->theta1_dot[i] * sine2[i] + 1.5 * gravity * tilt1[i] +
                      phi2;
        double pull = torque[i] + d2[i] / d1 * phi1 - 0.5 * square1[i] * sine2[i] - phi2;
        double theta2_acc = pull / (1.25 - d2_square[i] / d1);
        k->theta1[i] = s->theta1_dot[i];
        k->theta2[i] = s->theta2_dot[i];
        k->theta1_dot[i] = -(d2[i] * theta2_acc + phi1) / d1;
        k->theta2_dot[i] = theta2_acc;
    }
}

// to = from + h k
static void move(int count, const double *restrict from, double h, const double *restrict k,
                 double *restrict to) {
    for (int i = 0; i < count; i++)
        to[i] = from[i] + h * k[i];
}

static void move_all(int count, const Motion *from, double h, const Motion *k, Motion *to) {
    move(count, from->theta1, h, k->theta1, to->theta1);
    move(count, from->theta2, h, k->theta2, to->theta2);
    move(count, from->theta1_dot, h, k->theta1_dot, to->theta1_dot);
    move(count, from->theta2_dot, h, k->theta2_dot, to->theta2_dot);
}

// y += dt/6 (k1 + 2 k2 + 2 k3 + k4)
static void combine(int count, const double *k1, const double *k2, const double *k3,
                    const double *k4, double *restrict y) {
    for (int i = 0; i < count; i++)
        y[i] = y[i] + dt / 6.0 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

static void integrate(int count, Motion *y, const double *torque) {
    Motion k1, k2, k3, k4, stage;
    differentiate(count, y, torque, &k1);
    move_all(count, y, dt / 2.0, &k1, &stage);
    differentiate(count, &stage, torque, &k2);
    move_all(count, y, dt / 2.0, &k2, &stage);
    differentiate(count, &stage, torque, &k3);
    move_all(count, y, dt, &k3, &stage);
    differentiate(count, &stage, torque, &k4);
    combine(count, k1.theta1, k2.theta1, k3.theta1, k4.theta1, y->theta1);
    combine(count, k1.theta2, k2.theta2, k3.theta2, k4.theta2, y->theta2);
    combine(count, k1.theta1_dot, k2.theta1_dot, k3.theta1_dot, k4.theta1_dot, y->theta1_dot);
    combine(count, k1.theta2_dot, k2.theta2_dot, k3.theta2_dot, k4.theta2_dot, y->theta2_dot);
}

// Into [-pi, pi] by whole turns.
static double wrap(double angle) {
    while (angle > M_PI)
        angle -= 2 * M_PI;
    while (angle < -M_PI)
        angle += 2 * M_PI;
    return angle;
}

static double bound(double speed, double limit) {
    speed = speed < -limit ? -limit : speed;
    return speed > limit ? limit : speed;
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Acrobot *self = env;
    Motion y = {0};
    double torque[B] = {0}, sum[B], cosine1[B];
    for (int i = 0; i < count; i++) {
        torque[i] = (double)step->action[first + i] - 1;
        y.theta1[i] = self->theta1[first + i];
        y.theta2[i] = self->theta2[first + i];
        y.theta1_dot[i] = self->theta1_dot[first + i];
        y.theta2_dot[i] = self->theta2_dot[first + i];
    }
    integrate(count, &y, torque);
    for (int i = 0; i < count; i++) {
        self->theta1[first + i] = wrap(y.theta1[i]);
        self->theta2[first + i] = wrap(y.theta2[i]);
        self->theta1_dot[first + i] = bound(y.theta1_dot[i], MAX_SPEED_1);
        self->theta2_dot[first + i] = bound(y.theta2_dot[i], MAX_SPEED_2);
        cosine1[i] = self->theta1[first + i];
        sum[i] = self->theta2[first + i] + self->theta1[first + i];
    }
    up__cosine(count, cosine1);
    up__cosine(count, sum);
    for (int i = 0; i < count; i++) {
        bool reached = -cosine1[i] - sum[i] > 1.0;
        step->terminated[first + i] = reached;
        step->reward[first + i] = reached ? 0 : -1;
    }
}

static bool possible(const void *env, int i) {
    const Acrobot *self = env;
    return fabs(self->theta1[i]) <= M_PI && fabs(self->theta2[i]) <= M_PI &&
           fabs(self->theta1_dot[i]) <= MAX_SPEED_1 && fabs(self->theta2_dot[i]) <= MAX_SPEED_2;
}

#ifdef UP_HAVE_CAIRO
// A link that hangs at `angle` from where we are; then goes to its end.
static void draw_link(cairo_t *cairo, double angle) {
    cairo_rotate(cairo, angle);
    up__picture_colour(cairo, 0x00a5b5);
    up__picture_round(cairo, -0.1, -0.1, 0.2, 1.2, 0.1);
    up__picture_colour(cairo, 0xf2c14e);
    up__picture_disc(cairo, 0, 0, 0.1);
    cairo_translate(cairo, 0, 1);
}

static void draw(const void *env, int i, cairo_t *cairo) {
    const Acrobot *self = env;
    const double scale = 500 / 4.4;
    cairo_translate(cairo, 250, 250);
    cairo_scale(cairo, scale, scale);
    up__picture_colour(cairo, 0x202020);
    up__picture_line(cairo, -2.2, -1, 2.2, -1, 0.015); // the height to reach
    draw_link(cairo, -self->theta1[i]);
    draw_link(cairo, -self->theta2[i]);
}
#endif

const UpTaskKind up__acrobot = {
    .obs = {.kind = UP_SPACE_BOX,
            .size = 6,
            .dims = 1,
            .shape = {6},
            .bounds = 6,
            .low = {-1, -1, -1, -1, (float)-MAX_SPEED_1, (float)-MAX_SPEED_2},
            .high = {1, 1, 1, 1, (float)MAX_SPEED_1, (float)MAX_SPEED_2}},
    .action = {.kind = UP_SPACE_DISCRETE, .size = 1, .n = 3},
    .frames_per_second = 15,
    .size = sizeof(Acrobot),
    .array = {UP__ARRAY(Acrobot, theta1), UP__ARRAY(Acrobot, theta2),
              UP__ARRAY(Acrobot, theta1_dot), UP__ARRAY(Acrobot, theta2_dot)},
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = 500,
    .height = 500,
    .draw = UP__DRAW(draw),
};
