// uphill/Recall-v0: a symbol is shown once, then nothing for a while, then a question: which one
// was it? A policy without a memory can but guess. The memory that is needed is the keyword
// `delay`: the question comes so many steps behind the symbol.
#include <math.h>
#include <stdio.h>

#include "env/native/kinds.h"

typedef struct Recall {
    UpTask task;
    int32_t *shown, *said; // (N) symbols, from 0; the last action, -1 before there is one
    double delay, symbols; // keywords
} Recall;

enum { DELAY_MAX = 100000, SYMBOLS_MAX = 64 };

static UpStatus check(const UpEnvDef *def, const char *name, double value, int low, int high) {
    if (value >= low && value <= high && value == floor(value)) return UP_OK;
    return up_fail(UP_USAGE, "%s: %s = %g is not an integer of %d to %d", def->id, name, value, low,
                   high);
}

// Observations: 0 nothing, 1 to `symbols` a symbol, and the question.
static UpStatus prepare(void *env, const UpEnvDef *def) {
    Recall *self = env;
    UpEnvSpec *spec = &self->task.native.base.spec;
    UP_TRY(check(def, "delay", self->delay, 1, DELAY_MAX));
    UP_TRY(check(def, "symbols", self->symbols, 2, SYMBOLS_MAX));
    spec->obs = up_space_discrete((int64_t)self->symbols + 2);
    spec->action = up_space_discrete((int64_t)self->symbols);
    return UP_OK;
}

static void begin(void *env, int i) {
    Recall *self = env;
    self->shown[i] = (int32_t)up_rng_integers(&self->task.native.rng[i], 0, (int64_t)self->symbols);
    self->said[i] = -1;
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Recall *self = env;
    for (int i = first; i < first + count; i++) {
        bool asked = self->task.native.elapsed[i] == (int32_t)self->delay;
        self->said[i] = up__task_choice(step, i);
        step->reward[i] = asked && self->said[i] == self->shown[i];
        step->terminated[i] = asked;
    }
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const Recall *self = env;
    for (int i = first; i < first + count; i++) {
        int32_t elapsed = self->task.native.elapsed[i];
        obs->f32[i] = elapsed == 0                      ? (float)(self->shown[i] + 1)
                      : elapsed == (int32_t)self->delay ? (float)(self->symbols + 1)
                                                        : 0;
    }
}

static bool possible(const void *env, int i) {
    const Recall *self = env;
    int32_t symbols = (int32_t)self->symbols;
    return self->shown[i] >= 0 && self->shown[i] < symbols && self->said[i] >= -1 &&
           self->said[i] < symbols && self->task.native.elapsed[i] <= (int32_t)self->delay;
}

enum { SIDE = 240 };

#ifdef UP_HAVE_CAIRO
static void draw(const void *env, int i, cairo_t *cairo) {
    const Recall *self = env;
    int32_t elapsed = self->task.native.elapsed[i], delay = (int32_t)self->delay;
    char text[64];
    double turn = 2 * M_PI * self->shown[i] / self->symbols;
    up__picture_colour(cairo, 0xe8edf0);
    up__picture_disc(cairo, SIDE / 2.0, SIDE / 2.0, 100);
    up__picture_colour(cairo, 0xe76f51);
    if (elapsed == 0)
        up__picture_disc(cairo, SIDE / 2.0 + 70 * sin(turn), SIDE / 2.0 - 70 * cos(turn), 22);
    up__picture_colour(cairo, 0x202020);
    if (elapsed == delay) up__picture_text(cairo, SIDE / 2.0, SIDE / 2.0, 60, "?");
    if (elapsed <= delay) {
        snprintf(text, sizeof text, "%d of %d", elapsed, delay);
    } else {
        snprintf(text, sizeof text, "%s", self->said[i] == self->shown[i] ? "right" : "wrong");
        turn = 2 * M_PI * self->said[i] / self->symbols;
        up__picture_disc(cairo, SIDE / 2.0 + 70 * sin(turn), SIDE / 2.0 - 70 * cos(turn), 22);
    }
    up__picture_text(cairo, SIDE / 2.0, SIDE - 8, 16, text);
}
#endif

const UpTaskKind up__recall = {
    .frames_per_second = 10,
    .size = sizeof(Recall),
    .array = {UP__ARRAY(Recall, shown), UP__ARRAY(Recall, said)},
    .keyword = {UP__NUMBER(Recall, delay), UP__NUMBER(Recall, symbols)},
    .prepare = prepare,
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = SIDE,
    .height = SIDE,
    .draw = UP__DRAW(draw),
};
