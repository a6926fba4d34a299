// Atari's games as a batch of environments. An instance is stepped alone, so that a pool may spread
// them over threads; of its frames only the last of a step is drawn, and of that only the rows that
// the observation reads.
#include <string.h>

#include "core/seed.h"
#include "env/atari/internal.h"

// ---------------------------------------------------------------------------------------------------
// Pictures

enum { COLUMNS = UP__ATARI_COLUMNS, PONG80_FIRST = 35, PONG80_END = 195, PONG80_STEP = 2 };

static const uint8_t *picture_of(const UpAtariEnv *self, int i) {
    return up__atari_pixels(&self->console[i].machine, &self->screen[i]);
}

// The rows of a step's last frame that its observation needs; none of them where it needs memory.
static UpAtariRows rows_of(const UpAtariEnv *self) {
    if (self->pong80) return (UpAtariRows){PONG80_FIRST, PONG80_END, PONG80_STEP};
    return (UpAtariRows){0, self->system.game.lines, 1};
}

static bool sees(const UpAtariEnv *self) {
    return self->pong80 || self->def.obs != UP__ATARI_RAM_OBS;
}

// A pixel's three bytes are written as four, of which the next pixel's take the last.
static void write_rgb(const UpAtariEnv *self, int i, uint8_t *rgb) {
    const uint8_t *pixel = picture_of(self, i);
    int last = self->system.game.lines * COLUMNS - 1;
    for (int j = 0; j < last; j++, rgb += 3)
        memcpy(rgb, self->colour[pixel[j]], 4);
    memcpy(rgb, self->colour[pixel[last]], 3);
}

static void write_obs(UpAtariEnv *self, int i, UpObs *obs) {
    if (self->pong80) {
        int buffer = self->console[i].machine.buffer;
        up__pong80_apply_indexed(
            &self->difference, i, self->shown,
            &(UpPong80Picture){picture_of(self, i), buffer, self->screen[i].touched[buffer]},
            obs->entry + obs->begin[i], &obs->count[i]);
        return;
    }
    if (self->def.obs == UP__ATARI_RAM_OBS) {
        for (int64_t j = 0; j < UP__ATARI_RAM; j++)
            obs->f32[(int64_t)i * obs->dim + j] = self->console[i].machine.ram[j];
        return;
    }
    uint8_t *row = obs->u8 + (int64_t)i * obs->dim;
    const uint8_t *pixel = picture_of(self, i);
    if (self->def.obs == UP__ATARI_RGB) {
        write_rgb(self, i, row);
        return;
    }
    for (int64_t j = 0; j < obs->dim; j++)
        row[j] = up__atari_colours(self)->grey[pixel[j]];
}

// ---------------------------------------------------------------------------------------------------
// Episodes

// AtariEnv's reset: with a seed it loads the game anew, which resets it once more.
static void begin_console(UpAtariEnv *self, int i, const uint64_t *seed) {
    bool done = true;
    if (seed || !self->loaded[i]) {
        uint32_t word[2]; // for np_random, and for ALE
        up__seed_words(seed ? *seed : (uint64_t)i, word, 2);
        up_rng_seed(&self->native.rng[i], word[0]);
        done = up__atari_console_load(&self->console[i], &self->system, &self->screen[i], word[1]);
        self->loaded[i] = 1;
    }
    done &= up__atari_console_reset(&self->console[i], &self->system, &self->screen[i]);
    if (!done) self->stuck[i] = 1;
    self->native.elapsed[i] = 0;
}

static void begin_episode(UpAtariEnv *self, int i, const uint64_t *seed, UpObs *obs) {
    UpAtariRows rows = rows_of(self);
    begin_console(self, i, seed);
    if (sees(self))
        up__atari_console_show(&self->console[i], &self->system, &self->screen[i], &rows);
    if (self->pong80) up__pong80_reset(&self->difference, i);
    write_obs(self, i, obs);
}

static bool over(const UpAtariEnv *self, int i) {
    return up__atari_console_terminal(&self->console[i], &self->system) ||
           up__atari_console_truncated(&self->console[i], &self->system);
}

// The frames of one step. Where the game ends before the last of them, the rest only draw from the
// generator, and the frame that ended it is the one to see.
static double play(UpAtariEnv *self, int i, int action) {
    int frames = self->def.skip_low;
    if (self->def.skip_end > frames + 1)
        frames = (int)up_rng_integers(&self->native.rng[i], frames, self->def.skip_end);
    UpAtariRows rows = rows_of(self);
    const UpAtariRows *seen = sees(self) ? &rows : NULL;
    UpAtariConsole *console = &self->console[i];
    UpAtariScreen *screen = &self->screen[i];
    double reward = 0;
    for (int frame = 1; frame < frames; frame++)
        reward += up__atari_console_act(console, &self->system, screen, action, NULL);
    bool early = frames > 1 && over(self, i);
    reward += up__atari_console_act(console, &self->system, screen, action, seen);
    if (early && seen) up__atari_console_show(console, &self->system, screen, seen);
    return reward;
}

static void step_one(UpAtariEnv *self, int i, UpStep *step) {
    if (!self->loaded[i]) begin_console(self, i, NULL);
    const UpAtariConsole *console = &self->console[i];
    step->reward[i] = play(self, i, self->action[(int)step->action[i]]);
    step->terminated[i] = up__atari_console_terminal(console, &self->system);
    step->truncated[i] = up__atari_console_truncated(console, &self->system);
    if (up__native_clock(&self->native, i)) step->truncated[i] = 1;
    if (!step->terminated[i] && !step->truncated[i]) {
        write_obs(self, i, &step->obs);
        return;
    }
    write_obs(self, i, &step->final_obs);
    begin_episode(self, i, NULL, &step->obs);
}

// ---------------------------------------------------------------------------------------------------
// Slots

typedef struct Task {
    UpAtariEnv *self;
    UpStep *step;          // of a step
    const uint64_t *seeds; // of a reset
    const uint8_t *which;  // of a restart
    UpObs obs;
} Task;

static void step_task(void *context, int i) {
    Task *task = context;
    if (!task->step->active || task->step->active[i]) step_one(task->self, i, task->step);
}

static void reset_task(void *context, int i) {
    Task *task = context;
    if (task->which && !task->which[i]) return;
    begin_episode(task->self, i, task->seeds ? &task->seeds[i] : NULL, &task->obs);
}

static UpStatus run(UpEnv *env, UpTaskFn fn, Task task) {
    UpAtariEnv *self = task.self;
    up_pool_run(env->pool, env->instances, fn, &task);
    for (int i = 0; i < env->instances; i++) {
        if (!self->stuck[i]) continue;
        self->stuck[i] = 0;
        self->loaded[i] = 0;
        return up_fail(UP_ENVIRONMENT,
                       "%s, instance %d: the game does not reach mode %d when it is reset: its "
                       "saved state was damaged; reset it with a seed",
                       env->spec.id, i, self->console[i].mode);
    }
    return UP_OK;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    return run(env, reset_task, (Task){.self = up__atari_of(env), .seeds = seeds, .obs = obs});
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    return run(env, reset_task, (Task){.self = up__atari_of(env), .which = which, .obs = obs});
}

static UpStatus step_all(UpEnv *env, UpStep *step) {
    return run(env, step_task, (Task){.self = up__atari_of(env), .step = step});
}

static UpStatus render(UpEnv *env, int i, UpImage *image) {
    UpAtariEnv *self = up__atari_of(env);
    UpAtariRows rows = {0, self->system.game.lines, 1};
    image->width = COLUMNS;
    image->height = self->system.game.lines;
    if (!image->rgb) return UP_OK;
    if (!self->loaded[i]) return up_fail(UP_USAGE, "%s: reset it before it is drawn", env->spec.id);
    up__atari_console_show(&self->console[i], &self->system, &self->screen[i], &rows);
    write_rgb(self, i, image->rgb);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Single frames, for AtariPreprocessing

static UpConsoleInfo console_info(const UpEnv *env) {
    const UpAtariEnv *self = up__atari_of(env);
    int fire = -1;
    for (int a = self->actions - 1; a >= 0; a--)
        if (self->action[a] == 1) fire = a;
    return (UpConsoleInfo){.height = self->system.game.lines,
                           .width = COLUMNS,
                           .fire = fire,
                           .rgb = up__atari_colours(self)->rgb[0],
                           .grey = up__atari_colours(self)->grey};
}

static void console_reset(UpEnv *env, int i, const uint64_t *seed) {
    UpAtariEnv *self = up__atari_of(env);
    UpAtariRows rows = {0, self->system.game.lines, 1};
    begin_console(self, i, seed);
    up__atari_console_show(&self->console[i], &self->system, &self->screen[i], &rows);
}

static double console_frame(UpEnv *env, int i, int action, bool draw, bool *terminated,
                            bool *truncated) {
    UpAtariEnv *self = up__atari_of(env);
    UpAtariRows rows = {0, self->system.game.lines, 1};
    if (!self->loaded[i]) begin_console(self, i, NULL);
    double reward = up__atari_console_act(&self->console[i], &self->system, &self->screen[i],
                                          self->action[action], draw ? &rows : NULL);
    *terminated = up__atari_console_terminal(&self->console[i], &self->system);
    *truncated = up__atari_console_truncated(&self->console[i], &self->system);
    return reward;
}

static int console_lives(const UpEnv *env, int i) {
    return up__atari_console_lives(&up__atari_of(env)->console[i], &up__atari_of(env)->system);
}

static UpPicture console_picture(UpEnv *env, int i) {
    UpAtariEnv *self = up__atari_of(env);
    const UpAtariMachine *machine = &self->console[i].machine;
    return (UpPicture){.pixel = picture_of(self, i),
                       .lasts = machine->ended,
                       .touched = self->screen[i].touched[machine->buffer]};
}

static UpRng *console_random(UpEnv *env, int i) {
    return &up__atari_of(env)->native.rng[i];
}

static const UpConsole console = {
    .info = console_info,
    .reset = console_reset,
    .frame = console_frame,
    .lives = console_lives,
    .picture = console_picture,
    .random = console_random,
};

const UpEnvVtable up__atari_vtable = {
    .abi = UP_ENV_ABI,
    .reset = reset,
    .step = step_all,
    .destroy = up__atari_destroy,
    .render = render,
    .state_size = up__atari_state_size,
    .state_save = up__atari_state_save,
    .state_load = up__atari_state_load,
    .restart = restart,
    .console = &console,
};
