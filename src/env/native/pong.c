// uphill/Pong-v0: the embedded Pong as an environment. One step is four frames. Observations are
// the screen, or with preprocess = pong80 the sparse difference to the screen of the step before.
#include "env/native/pong.h"

#include "env/native/kinds.h"
#include "env/wrappers/pong80.h"

typedef struct Pong {
    UpTask task;
    UpPongGame *game;   // (N)
    UpPongGame *before; // (N) one step earlier; at an episode's start the same, so no difference
} Pong;

enum { ACTIONS = 6, SCREEN = UP__ATARI_HEIGHT * UP__ATARI_WIDTH * 3 };

// Atari's minimal set: NOOP, FIRE, RIGHT, LEFT, RIGHTFIRE, LEFTFIRE. Right is up.
static const UpPongMove move_of[ACTIONS] = {UP__PONG_STAY, UP__PONG_STAY, UP__PONG_UP,
                                            UP__PONG_DOWN, UP__PONG_UP,   UP__PONG_DOWN};

static void begin(void *env, int i) {
    Pong *self = env;
    up__pong_begin(&self->game[i], &self->task.native.rng[i]);
    self->before[i] = self->game[i];
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Pong *self = env;
    for (int i = first; i < first + count; i++) {
        UpPongMove move = move_of[up__task_choice(step, i)];
        self->before[i] = self->game[i];
        step->reward[i] = up__pong_step(&self->game[i], &self->task.native.rng[i], move);
        step->terminated[i] = up__pong_over(&self->game[i]);
    }
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const Pong *self = env;
    for (int i = first; i < first + count; i++) {
        if (obs->form == UP_OBS_U8)
            up__pong_draw(&self->game[i], obs->u8 + (ptrdiff_t)i * SCREEN);
        else
            up__pong_difference(&self->before[i], &self->game[i], obs->entry + obs->begin[i],
                                &obs->count[i]);
    }
}

static bool possible(const void *env, int i) {
    const Pong *self = env;
    return up__pong_possible(&self->game[i]) && up__pong_possible(&self->before[i]);
}

static void paint(const void *env, int i, uint8_t *rgb) {
    up__pong_draw(&((const Pong *)env)->game[i], rgb);
    up__pong_draw_names(rgb); // for people alone: they are no part of what is observed
}

static UpStatus prepare(void *env, const UpEnvDef *def) {
    UpEnvSpec *spec = &((Pong *)env)->task.native.base.spec;
    if (def->preprocess > UP_PREPROCESS_PONG80) return up__native_no_preprocess(def);
    bool sparse = def->preprocess == UP_PREPROCESS_PONG80;
    spec->obs = sparse ? up_space_box(UP__PONG80_DIM, -1, 1)
                       : up_space_image(UP__ATARI_HEIGHT, UP__ATARI_WIDTH, 3);
    spec->obs_form = sparse ? UP_OBS_SPARSE : UP_OBS_U8;
    return UP_OK;
}

const UpTaskKind up__pong = {
    .action = {.kind = UP_SPACE_DISCRETE, .size = 1, .n = ACTIONS},
    .frames_per_second = 15,
    .size = sizeof(Pong),
    .array = {UP__ARRAY(Pong, game), UP__ARRAY(Pong, before)},
    .own_streams = true,
    .preprocesses = true,
    .prepare = prepare,
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = UP__ATARI_WIDTH,
    .height = UP__ATARI_HEIGHT,
    .paint = paint,
};
