// MountainCar-v0 and MountainCarContinuous-v0: a car too weak for the hill must swing up (Moore
// 1990). Order of operations, number types and seeded resets are those of Gymnasium 1.4 under NumPy
// 2, so that every number is equal to the last bit.
#include <math.h>

#include "env/native/exact.h"
#include "env/native/kinds.h"

typedef struct Car {
    UpTask task;
    double *position, *velocity; // (N) the continuous car's are float32 but for its first step
    double goal_velocity;        // keyword: the least speed at the goal
} Car;

#define LEFT_END (-1.2)
#define RIGHT_END 0.6
#define MAX_SPEED 0.07

enum { B = UP__TASK_BLOCK };

static void begin(void *env, int i) {
    Car *self = env;
    self->position[i] = up_rng_uniform(&self->task.native.rng[i], -0.6, -0.4);
    self->velocity[i] = 0;
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const Car *self = env;
    float *restrict row = obs->f32 + (ptrdiff_t)first * 2;
    for (int i = 0; i < count; i++) {
        row[2 * i] = (float)self->position[first + i];
        row[2 * i + 1] = (float)self->velocity[first + i];
    }
}

// The continuous car's bounds are rounded to float32.
static bool possible(const void *env, int i) {
    const Car *self = env;
    const double rounding = 1e-6;
    return self->position[i] >= LEFT_END - rounding && self->position[i] <= RIGHT_END + rounding &&
           fabs(self->velocity[i]) <= MAX_SPEED + rounding;
}

static double clip(double value, double low, double high) {
    value = value < low ? low : value;
    return value > high ? high : value;
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Car *self = env;
    const float *restrict action = step->action + first;
    double *restrict position = self->position + first, *restrict velocity = self->velocity + first;
    double *restrict reward = step->reward + first;
    uint8_t *restrict terminated = step->terminated + first;
    double slope[B], goal_velocity = self->goal_velocity;
    for (int i = 0; i < count; i++)
        slope[i] = 3 * position[i];
    up__cosine(count, slope);
    for (int i = 0; i < count; i++) {
        double v = velocity[i] + (((double)action[i] - 1) * 0.001 + slope[i] * -0.0025);
        v = clip(v, -MAX_SPEED, MAX_SPEED);
        double x = clip(position[i] + v, LEFT_END, RIGHT_END);
        bool stopped = (x == LEFT_END) & (v < 0);
        v = stopped ? 0 : v;
        position[i] = x;
        velocity[i] = v;
        terminated[i] = (x >= 0.5) & (v >= goal_velocity);
        reward[i] = -1;
    }
}

// ---------------------------------------------------------------------------------------------------
// The continuous car

// The first step of an episode, whose state is still in double precision.
static void first_step(Car *self, int i, float force, double slope, bool *reached) {
    float thrust = force * 0.0015F;
    double v = self->velocity[i] + (double)(thrust - (float)(0.0025 * slope));
    v = clip(v, -MAX_SPEED, MAX_SPEED);
    double x = clip(self->position[i] + v, LEFT_END, RIGHT_END);
    if (x == LEFT_END && v < 0) v = 0;
    *reached = x >= 0.45 && v >= self->goal_velocity;
    self->position[i] = (double)(float)x;
    self->velocity[i] = (double)(float)v;
}

// Any later one. A speed that was clipped is compared with the goal's in double precision.
static void later_step(Car *self, int i, float force, double slope, bool *reached) {
    const float fast = (float)MAX_SPEED, left = (float)LEFT_END, right = (float)RIGHT_END;
    float thrust = force * 0.0015F;
    float v = (float)self->velocity[i] + (thrust - (float)(0.0025 * slope));
    bool clipped = v > fast;
    v = clipped ? fast : v < -fast ? -fast : v;
    float x = (float)self->position[i] + v;
    x = x > right ? right : x < left ? left : x;
    if (x == left && v < 0) v = 0;
    bool quick = clipped ? self->goal_velocity <= MAX_SPEED : v >= (float)self->goal_velocity;
    *reached = x >= 0.45F && quick;
    self->position[i] = (double)x;
    self->velocity[i] = (double)v;
}

static void advance_continuous(void *env, int first, int count, const UpStep *step) {
    Car *self = env;
    const int32_t *elapsed = self->task.native.elapsed;
    double slope[B];
    for (int i = 0; i < count; i++) {
        double x = self->position[first + i];
        slope[i] = elapsed[first + i] == 0 ? 3 * x : (double)(3 * (float)x);
    }
    up__cosine(count, slope);
    for (int i = first; i < first + count; i++) {
        float force = step->action[i] < -1 ? -1 : step->action[i] > 1 ? 1 : step->action[i];
        bool reached;
        (elapsed[i] == 0 ? first_step : later_step)(self, i, force, slope[i - first], &reached);
        step->terminated[i] = reached;
        step->reward[i] = (reached ? 100 : 0) - (double)force * (double)force * 0.1;
    }
}

// ---------------------------------------------------------------------------------------------------
// Pictures

#ifdef UP_HAVE_CAIRO
static double height(double x) {
    return sin(3 * x) * 0.45 + 0.55;
}

static void draw_hills(cairo_t *cairo) {
    const double end = RIGHT_END - LEFT_END;
    cairo_move_to(cairo, 0, 0);
    double x = 0;
    while (x < end + 0.005) {
        cairo_line_to(cairo, x, height(x + LEFT_END));
        x += 0.01;
    }
    cairo_line_to(cairo, end, 0);
    up__picture_colour(cairo, 0xcfe3c8);
    cairo_fill_preserve(cairo);
    up__picture_colour(cairo, 0x3d5a45);
    cairo_set_line_width(cairo, 0.006);
    cairo_stroke(cairo);
}

static void draw_flag(cairo_t *cairo, double x) {
    double foot = height(x), top = foot + 0.15;
    up__picture_colour(cairo, 0x202020);
    up__picture_line(cairo, x - LEFT_END, foot, x - LEFT_END, top, 0.006);
    up__picture_colour(cairo, 0xe0a800);
    cairo_move_to(cairo, x - LEFT_END, top);
    cairo_line_to(cairo, x - LEFT_END + 0.075, top - 0.02);
    cairo_line_to(cairo, x - LEFT_END, top - 0.04);
    cairo_fill(cairo);
}

static void draw_at(const Car *self, int i, double goal, cairo_t *cairo) {
    const double scale = 600 / (RIGHT_END - LEFT_END), x = self->position[i];
    up__picture_upwards(cairo, 400);
    cairo_scale(cairo, scale, scale);
    draw_hills(cairo);
    draw_flag(cairo, goal);
    cairo_translate(cairo, x - LEFT_END, height(x));
    cairo_rotate(cairo, atan(3 * 0.45 * cos(3 * x)));
    up__picture_colour(cairo, 0x2a4b7c);
    up__picture_round(cairo, -0.06, 0.025, 0.12, 0.05, 0.015);
    up__picture_round(cairo, -0.035, 0.06, 0.07, 0.035, 0.015);
    up__picture_colour(cairo, 0x808080);
    up__picture_disc(cairo, -0.035, 0.024, 0.022);
    up__picture_disc(cairo, 0.035, 0.024, 0.022);
}

static void draw(const void *env, int i, cairo_t *cairo) {
    draw_at(env, i, 0.5, cairo);
}

static void draw_continuous(const void *env, int i, cairo_t *cairo) {
    draw_at(env, i, 0.45, cairo);
}
#endif

#define OBS                                                                                        \
    {                                                                                              \
        .kind = UP_SPACE_BOX, .size = 2, .dims = 1, .shape = {2}, .bounds = 2,                     \
        .low = {(float)LEFT_END, (float)-MAX_SPEED}, .high = {                                     \
            (float)RIGHT_END,                                                                      \
            (float)MAX_SPEED                                                                       \
        }                                                                                          \
    }

const UpTaskKind up__mountain_car = {
    .obs = OBS,
    .action = {.kind = UP_SPACE_DISCRETE, .size = 1, .n = 3},
    .frames_per_second = 30,
    .size = sizeof(Car),
    .array = {UP__ARRAY(Car, position), UP__ARRAY(Car, velocity)},
    .keyword = {UP__NUMBER(Car, goal_velocity)},
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = 600,
    .height = 400,
    .draw = UP__DRAW(draw),
};

const UpTaskKind up__mountain_car_continuous = {
    .obs = OBS,
    .action = UP__BOX1(-1, 1),
    .frames_per_second = 30,
    .size = sizeof(Car),
    .array = {UP__ARRAY(Car, position), UP__ARRAY(Car, velocity)},
    .keyword = {UP__NUMBER(Car, goal_velocity)},
    .begin = begin,
    .advance = advance_continuous,
    .observe = observe,
    .possible = possible,
    .width = 600,
    .height = 400,
    .draw = UP__DRAW(draw_continuous),
};
