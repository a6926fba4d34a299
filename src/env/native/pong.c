// uphill/Pong-v0: the embedded Pong as an environment. One step is four frames. Observations are
// the screen, or with preprocess = pong80 the sparse difference to the screen of the step before.
#include "env/native/pong.h"

#include <math.h>

#include "env/native/native.h"
#include "env/preprocess.h"

typedef struct Pong {
    UpNative native;
    UpPongGame *game; // (N)
} Pong;

enum { STEPS_MAX = 27000, ACTIONS = 6, SCREEN = UP__ATARI_HEIGHT * UP__ATARI_WIDTH * 3 };

// Atari's minimal set: NOOP, FIRE, RIGHT, LEFT, RIGHTFIRE, LEFTFIRE. Right is up.
static const UpPongMove move_of[ACTIONS] = {UP__PONG_STAY, UP__PONG_STAY, UP__PONG_UP,
                                            UP__PONG_DOWN, UP__PONG_UP,   UP__PONG_DOWN};

// The game now, seen after `before`; NULL: the first of an episode, whose difference is zero.
static void write_obs(const Pong *self, int i, const UpPongGame *before, const UpObs *obs) {
    if (obs->form == UP_OBS_U8)
        up__pong_draw(&self->game[i], obs->u8 + (int64_t)i * SCREEN);
    else if (before)
        up__pong_difference(before, &self->game[i], obs->entry + obs->begin[i], &obs->count[i]);
    else
        obs->count[i] = 0;
}

static void begin_episode(Pong *self, int i) {
    up__pong_begin(&self->game[i], &self->native.rng[i]);
    self->native.elapsed[i] = 0;
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    Pong *self = (Pong *)env;
    for (int i = 0; i < env->instances; i++) {
        if (which && !which[i]) continue;
        begin_episode(self, i);
        write_obs(self, i, NULL, &obs);
    }
    return UP_OK;
}

// Streams are our own, not Gymnasium's.
static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    for (int i = 0; seeds && i < env->instances; i++)
        up_rng_stream(&((Pong *)env)->native.rng[i], seeds[i], UP_STREAM_ENV, 0);
    return restart(env, NULL, obs);
}

static void step_one(Pong *self, int i, UpStep *step) {
    UpPongGame before = self->game[i];
    UpPongMove move = move_of[(int)step->action[i]];
    step->reward[i] = up__pong_step(&self->game[i], &self->native.rng[i], move);
    step->terminated[i] = up__pong_over(&self->game[i]);
    step->truncated[i] = up__native_clock(&self->native, i);
    if (!step->terminated[i] && !step->truncated[i]) {
        write_obs(self, i, &before, &step->obs);
        return;
    }
    write_obs(self, i, &before, &step->final_obs);
    begin_episode(self, i);
    write_obs(self, i, NULL, &step->obs);
}

static UpStatus step_all(UpEnv *env, UpStep *step) {
    Pong *self = (Pong *)env;
    for (int i = 0; i < env->instances; i++)
        if (!step->active || step->active[i]) step_one(self, i, step);
    return UP_OK;
}

static UpStatus render(UpEnv *env, int instance, UpImage *image) {
    image->width = UP__ATARI_WIDTH;
    image->height = UP__ATARI_HEIGHT;
    if (image->rgb) up__pong_draw(&((const Pong *)env)->game[instance], image->rgb);
    return UP_OK;
}

static UpStatus state_load(UpEnv *env, const void *bytes, size_t size) {
    UP_TRY(up__native_state_load(env, bytes, size));
    for (int i = 0; i < env->instances; i++)
        if (!up__pong_possible(&((const Pong *)env)->game[i]))
            return up_fail(UP_FORMAT, "%s: the saved state of instance %d is damaged", env->spec.id,
                           i);
    return UP_OK;
}

static const UpEnvVtable vtable = {
    .abi = UP_ENV_ABI,
    .reset = reset,
    .step = step_all,
    .destroy = up__native_destroy,
    .render = render,
    .state_size = up__native_state_size,
    .state_save = up__native_state_save,
    .state_load = state_load,
    .restart = restart,
};

UpStatus up__pong_create(UpEnv **env, const UpEnvDef *def, int instances) {
    UP_TRY(up__native_options(def, NULL, 0));
    Pong *self = up__native_create(sizeof *self, &vtable, instances);
    if (!self) return UP_MEMORY;
    self->game = up__native_array(&self->native, sizeof *self->game);
    if (!self->game) {
        up__native_destroy(&self->native.base);
        return UP_MEMORY;
    }
    *env = &self->native.base;

    bool sparse = def->preprocess == UP_PREPROCESS_PONG80;
    (*env)->spec = (UpEnvSpec){.id = "uphill/Pong-v0",
                               .obs = sparse ? up_space_box(UP__PONG80_DIM, -1, 1)
                                             : up_space_image(UP__ATARI_HEIGHT, UP__ATARI_WIDTH, 3),
                               .action = up_space_discrete(ACTIONS),
                               .obs_form = sparse ? UP_OBS_SPARSE : UP_OBS_U8,
                               .max_episode_steps = STEPS_MAX,
                               .reward_threshold = (double)NAN,
                               .frames_per_second = 15};
    return UP_OK;
}
