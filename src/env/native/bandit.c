// Bandits: uphill/Bandit-v0, Welleck 2020's one-step warm-up, and uphill/Testbed-v0, the ten-armed
// testbed of Sutton and Barto (section 2.3).
#include <math.h>
#include <stdio.h>

#include "env/native/kinds.h"

typedef struct Bandit {
    UpTask task;
    int32_t *pulled;           // (N) the last arm, counted from 1; 0 before the first pull
    double *won;               // (N) its reward
    double *value;             // (N, arms) the testbed's mean rewards
    double arms, mean_of_arms; // keywords
} Bandit;

enum { ARMS_MAX = 4096 };

static UpStatus prepare(void *env, const UpEnvDef *def) {
    Bandit *self = env;
    if (!(self->arms >= 1 && self->arms <= ARMS_MAX && self->arms == floor(self->arms)))
        return up_fail(UP_USAGE, "%s: arms = %g is not an integer of 1 to %d", def->id, self->arms,
                       ARMS_MAX);
    self->task.native.base.spec.action = up_space_discrete((int64_t)self->arms);
    return UP_OK;
}

// One state, and the observation is 1.
static void observe(void *env, int first, int count, const UpObs *obs) {
    (void)env;
    for (int i = first; i < first + count; i++)
        obs->f32[i] = 1;
}

static bool possible(const void *env, int i) {
    const Bandit *self = env;
    return self->pulled[i] >= 0 && self->pulled[i] <= (int)self->arms && isfinite(self->won[i]);
}

// ---------------------------------------------------------------------------------------------------
// Welleck 2020: r(1) = 1, r(2 … A/2) = 0.9, the rest 0; an episode is one pull

static void begin_bandit(void *env, int i) {
    (void)env, (void)i;
}

static void advance_bandit(void *env, int first, int count, const UpStep *step) {
    Bandit *self = env;
    int half = (int)self->arms / 2;
    for (int i = first; i < first + count; i++) {
        int arm = up__task_choice(step, i);
        self->pulled[i] = arm + 1;
        self->won[i] = step->reward[i] = arm == 0 ? 1 : arm < half ? 0.9 : 0;
        step->terminated[i] = true;
    }
}

// ---------------------------------------------------------------------------------------------------
// The testbed: q(a) ~ N(mean, 1) for an episode, rewards ~ N(q(a), 1)

static UpStatus prepare_testbed(void *env, const UpEnvDef *def) {
    Bandit *self = env;
    UP_TRY(prepare(env, def));
    self->value = up__native_array(&self->task.native, (size_t)self->arms * sizeof *self->value);
    return self->value ? UP_OK : UP_MEMORY;
}

// Twelve deviations from the mean is what nobody draws.
static bool possible_testbed(const void *env, int i) {
    const Bandit *self = env;
    const double *value = self->value + (ptrdiff_t)i * (int)self->arms;
    for (int a = 0; a < (int)self->arms; a++)
        if (!(fabs(value[a] - self->mean_of_arms) <= 12)) return false;
    return possible(env, i);
}

static void begin_testbed(void *env, int i) {
    Bandit *self = env;
    int arms = (int)self->arms;
    for (int a = 0; a < arms; a++)
        self->value[(ptrdiff_t)i * arms + a] =
            self->mean_of_arms + up_rng_normal(&self->task.native.rng[i]);
    self->pulled[i] = 0;
}

static void advance_testbed(void *env, int first, int count, const UpStep *step) {
    Bandit *self = env;
    int arms = (int)self->arms;
    for (int i = first; i < first + count; i++) {
        int arm = up__task_choice(step, i);
        double mean = self->value[(ptrdiff_t)i * arms + arm];
        self->pulled[i] = arm + 1;
        self->won[i] = step->reward[i] = mean + up_rng_normal(&self->task.native.rng[i]);
        step->terminated[i] = false;
    }
}

// ---------------------------------------------------------------------------------------------------
// Pictures: a bar for each arm's mean reward, the last pull and what it brought

enum { WIDTH = 600, HEIGHT = 400 };

#ifdef UP_HAVE_CAIRO
static void draw_bars(const Bandit *self, int i, const double *value, double zero, cairo_t *cairo) {
    const int arms = (int)self->arms;
    const double width = 560.0 / arms, unit = 60, middle = HEIGHT / 2.0;
    up__picture_colour(cairo, 0x303030);
    up__picture_line(cairo, 20, middle, WIDTH - 20, middle, 1);
    for (int a = 0; a < arms; a++) {
        double height = (value[a] - zero) * unit;
        up__picture_colour(cairo, a + 1 == self->pulled[i] ? 0xe76f51 : 0x9db4c0);
        up__picture_box(cairo, 20 + (a + 0.1) * width, middle - (height > 0 ? height : 0),
                        0.8 * width, fabs(height));
    }
    if (self->pulled[i] == 0) return;
    char text[64];
    snprintf(text, sizeof text, "arm %d: %.2f", self->pulled[i], self->won[i]);
    up__picture_colour(cairo, 0x202020);
    up__picture_text(cairo, WIDTH / 2.0, 24, 20, text);
    up__picture_disc(cairo, 20 + (self->pulled[i] - 0.5) * width,
                     middle - (self->won[i] - zero) * unit, 5);
}

static void draw_bandit(const void *env, int i, cairo_t *cairo) {
    const Bandit *self = env;
    double value[ARMS_MAX];
    for (int a = 0; a < (int)self->arms; a++)
        value[a] = a == 0 ? 1 : a < (int)self->arms / 2 ? 0.9 : 0;
    draw_bars(self, i, value, 0, cairo);
}

static void draw_testbed(const void *env, int i, cairo_t *cairo) {
    const Bandit *self = env;
    draw_bars(self, i, self->value + (ptrdiff_t)i * (int)self->arms, self->mean_of_arms, cairo);
}
#endif

const UpTaskKind up__bandit = {
    .obs = UP__BOX1(1, 1),
    .frames_per_second = 4,
    .size = sizeof(Bandit),
    .array = {UP__ARRAY(Bandit, pulled), UP__ARRAY(Bandit, won)},
    .keyword = {UP__NUMBER(Bandit, arms)},
    .prepare = prepare,
    .begin = begin_bandit,
    .advance = advance_bandit,
    .observe = observe,
    .possible = possible,
    .width = WIDTH,
    .height = HEIGHT,
    .draw = UP__DRAW(draw_bandit),
};

const UpTaskKind up__testbed = {
    .obs = UP__BOX1(1, 1),
    .frames_per_second = 4,
    .size = sizeof(Bandit),
    .array = {UP__ARRAY(Bandit, pulled), UP__ARRAY(Bandit, won)},
    .keyword = {UP__NUMBER(Bandit, arms), UP__NUMBER(Bandit, mean_of_arms)},
    .prepare = prepare_testbed,
    .begin = begin_testbed,
    .advance = advance_testbed,
    .observe = observe,
    .possible = possible_testbed,
    .width = WIDTH,
    .height = HEIGHT,
    .draw = UP__DRAW(draw_testbed),
};
