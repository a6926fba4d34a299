// Gymnasium's AtariPreprocessing around a console: a step plays several frames with one action, the
// maximum of the last two is seen, and an episode begins with a random number of frames without an
// action. The same around ALE is played by its worker, workers/uphill_atari.py.
#include <string.h>

#include "env/wrappers/atari_view.h"
#include "env/wrappers/wrapper.h"

enum { NOOP = 0, FIRE = 1, ACTIONS_TO_FIRE = 3, PICTURE = UP__AREA_WIDTH * UP__AREA_HEIGHT };

typedef struct Atari {
    UpWrapper wrapper;
    UpConsoleInfo info;
    UpAtariView view;
    int64_t noop_max, frame_skip;
    bool life_ends, fires;
    int32_t *lives; // (N) after the last frame
    int64_t *steps; // (N) of the episode
    // What the tasks of the present call work on.
    const uint64_t *seeds; // (N) or NULL
    const uint8_t *which;  // (N) or NULL: all
    UpStep *step;
    UpObs obs;
} Atari;

// ---------------------------------------------------------------------------------------------------
// One instance

// A picture that the next frame leaves as it is: a copy, where it would draw over it.
static UpPicture keep(const Atari *self, UpPicture picture, uint8_t copy[PICTURE]) {
    if (picture.lasts) return picture;
    memcpy(copy, picture.pixel, (size_t)self->info.height * (size_t)self->info.width);
    return (UpPicture){.pixel = copy};
}

// The last frame, and the one before it.
static void see(Atari *self, int i, const UpPicture *before) {
    UpPicture newest = self->wrapper.inner->vtable->console->picture(self->wrapper.inner, i);
    UpAtariScreens screens = {newest.pixel,
                              before ? before->pixel : NULL,
                              {newest.touched, before ? before->touched : NULL}};
    up__atari_view_see(&self->view, i, &screens);
}

// One action's frames. Where they end the episode, the last observation is what was seen before.
static double play(Atari *self, int i, int action, bool *terminated, bool *truncated) {
    UpEnv *inner = self->wrapper.inner;
    const UpConsole *console = inner->vtable->console;
    uint8_t copy[PICTURE];
    UpPicture before = {0};
    double reward = 0;
    *terminated = *truncated = false;
    for (int64_t left = self->frame_skip - 1; left >= 0; left--) {
        reward += console->frame(inner, i, action, left < 2, terminated, truncated);
        if (self->life_ends) {
            int lives = console->lives(inner, i);
            *terminated |= lives < self->lives[i];
            self->lives[i] = lives;
        }
        bool pooled = self->frame_skip > 1 && left == 0;
        if (*terminated || *truncated) {
            if (pooled) up__atari_view_add(&self->view, i, before.pixel);
            break;
        }
        if (left == 1) before = keep(self, console->picture(inner, i), copy);
        if (left == 0) see(self, i, pooled ? &before : NULL);
    }
    return reward;
}

static void begin(Atari *self, int i, const uint64_t *seed) {
    UpEnv *inner = self->wrapper.inner;
    const UpConsole *console = inner->vtable->console;
    console->reset(inner, i, seed);
    int64_t noops =
        self->noop_max > 0 ? up_rng_integers(console->random(inner, i), 1, self->noop_max + 1) : 0;
    for (int64_t left = noops - 1; left >= 0; left--) {
        bool terminated = false, truncated = false;
        console->frame(inner, i, NOOP, left == 0, &terminated, &truncated);
        if (terminated || truncated) console->reset(inner, i, seed);
    }
    self->lives[i] = console->lives(inner, i);
    see(self, i, NULL);
}

// With Stable-Baselines3's FireResetEnv: an action's frames of FIRE, then of the action after it.
static void reset_one(Atari *self, int i, const uint64_t *seed) {
    begin(self, i, seed);
    for (int action = FIRE; self->fires && action < ACTIONS_TO_FIRE; action++) {
        bool terminated, truncated;
        play(self, i, action, &terminated, &truncated);
        if (terminated || truncated) begin(self, i, seed);
    }
    self->steps[i] = 0;
}

static uint8_t *row_of(const UpObs *obs, int i) {
    return obs->u8 + (int64_t)i * obs->dim;
}

// ---------------------------------------------------------------------------------------------------
// Slots

static void reset_task(void *context, int i) {
    Atari *self = context;
    if (self->which && !self->which[i]) return;
    reset_one(self, i, self->seeds ? &self->seeds[i] : NULL);
    up__atari_view_write(&self->view, i, row_of(&self->obs, i));
}

static UpStatus begin_episodes(UpEnv *env, const uint64_t *seeds, const uint8_t *which, UpObs obs) {
    Atari *self = (Atari *)env;
    self->seeds = seeds;
    self->which = which;
    self->obs = obs;
    up_pool_run(env->pool, env->instances, reset_task, self);
    return UP_OK;
}

static UpStatus atari_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    return begin_episodes(env, seeds, NULL, obs);
}

static UpStatus atari_restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    return begin_episodes(env, NULL, which, obs);
}

static void step_task(void *context, int i) {
    Atari *self = context;
    UpStep *step = self->step;
    if (step->active && !step->active[i]) return;
    bool terminated, truncated;
    step->reward[i] = play(self, i, (int)step->action[i], &terminated, &truncated);
    int64_t limit = self->wrapper.base.spec.max_episode_steps;
    self->steps[i]++;
    truncated |= limit > 0 && self->steps[i] >= limit;
    step->terminated[i] = terminated;
    step->truncated[i] = truncated;
    if (terminated || truncated) {
        up__atari_view_write(&self->view, i, row_of(&step->final_obs, i));
        reset_one(self, i, NULL);
    }
    up__atari_view_write(&self->view, i, row_of(&step->obs, i));
}

static UpStatus atari_step(UpEnv *env, UpStep *step) {
    Atari *self = (Atari *)env;
    self->step = step;
    up_pool_run(env->pool, env->instances, step_task, self);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Life

static UpStatus build(Atari *self, const UpEnvDef *def) {
    UpWrapper *wrapper = &self->wrapper;
    UpEnv *env = &wrapper->base, *inner = wrapper->inner;
    self->info = inner->vtable->console->info(inner);
    self->noop_max = def->noop_max;
    self->frame_skip = def->frame_skip;
    self->life_ends = def->terminal_on_life_loss;
    self->fires =
        def->fire_reset && self->info.fire == FIRE && inner->spec.action.n >= ACTIONS_TO_FIRE;
    UP_TRY(up__atari_view_create(&self->view, def, &self->info, env->instances, &wrapper->arena));
    wrapper->field[wrapper->fields++] = (UpWrapperField){self->view.held, self->view.size};
    self->lives = up__wrapper_array(wrapper, sizeof *self->lives);
    self->steps = up__wrapper_array(wrapper, sizeof *self->steps);
    if (!self->lives || !self->steps) return UP_MEMORY;
    env->spec.obs = up__atari_view_space(&self->view);
    env->spec.obs_form = UP_OBS_U8;
    env->spec.frames_per_second = inner->spec.frames_per_second / (double)def->frame_skip;
    wrapper->vtable.reset = atari_reset;
    wrapper->vtable.restart = atari_restart;
    wrapper->vtable.step = atari_step;
    return UP_OK;
}

UpStatus up__atari_wrap(UpEnv **env, const UpEnvDef *def) {
    Atari *self = up__wrapper_create(sizeof *self, *env);
    *env = (UpEnv *)self;
    if (!self) return UP_MEMORY;
    UpStatus status = build(self, def);
    if (status == UP_OK) return UP_OK;
    up_env_destroy(*env);
    *env = NULL;
    return status;
}
