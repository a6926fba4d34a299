// Atari's games as a batch of environments. An instance is stepped alone, so that a pool may spread
// them over threads; of its frames only the last of a step is drawn, and of that only the rows that
// the observation reads.
#include "env/atari/atari.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/seed.h"
#include "env/native/native.h"
#include "env/preprocess.h"

typedef struct Atari {
    UpNative native; // its streams are Gymnasium's np_random
    UpAtariSystem system;
    UpAtariDef def;
    int actions;
    uint8_t action[UP__ATARI_ACTIONS];
    bool pong80;
    UpPong80 difference;
    uint8_t shown[256];      // does the difference keep a palette byte?
    UpAtariConsole *console; // (N)
    UpAtariScreen *screen;   // (N)
    UpAtariNotes *notes;     // (N) of the screens, while a game is saved or loaded
    uint8_t *loaded;         // (N) 0 until the first reset
    uint8_t *stuck;          // (N) 1 where a reset did not come to its end
} Atari;

static Atari *of(const UpEnv *env) {
    return (Atari *)(uintptr_t)env;
}

// ---------------------------------------------------------------------------------------------------
// Pictures

enum { COLUMNS = UP__ATARI_COLUMNS, PONG80_FIRST = 35, PONG80_END = 195, PONG80_STEP = 2 };

static const UpAtariPalette *palette_of(const Atari *self) {
    return up__atari_palette(self->system.game.pal);
}

static const uint8_t *picture_of(const Atari *self, int i) {
    return up__atari_pixels(&self->console[i].machine, &self->screen[i]);
}

// The rows of a step's last frame that its observation needs; none of them where it needs memory.
static UpAtariRows rows_of(const Atari *self) {
    if (self->pong80) return (UpAtariRows){PONG80_FIRST, PONG80_END, PONG80_STEP};
    return (UpAtariRows){0, self->system.game.lines, 1};
}

static bool sees(const Atari *self) {
    return self->pong80 || self->def.obs != UP__ATARI_RAM_OBS;
}

static void write_rgb(const Atari *self, int i, uint8_t *rgb) {
    const UpAtariPalette *palette = palette_of(self);
    const uint8_t *pixel = picture_of(self, i);
    for (int j = 0; j < self->system.game.lines * COLUMNS; j++, rgb += 3)
        memcpy(rgb, palette->rgb[pixel[j]], 3);
}

static void write_obs(Atari *self, int i, UpObs *obs) {
    if (self->pong80) {
        up__pong80_apply_indexed(&self->difference, i, picture_of(self, i), self->shown,
                                 obs->entry + obs->begin[i], &obs->count[i]);
        return;
    }
    uint8_t *row = obs->u8 + (int64_t)i * obs->dim;
    const uint8_t *pixel = picture_of(self, i);
    switch (self->def.obs) {
    case UP__ATARI_RGB:
        write_rgb(self, i, row);
        break;
    case UP__ATARI_GRAY:
        for (int64_t j = 0; j < obs->dim; j++)
            row[j] = palette_of(self)->grey[pixel[j]];
        break;
    case UP__ATARI_RAM_OBS:
        memcpy(row, self->console[i].machine.ram, UP__ATARI_RAM);
        break;
    }
}

// ---------------------------------------------------------------------------------------------------
// Episodes

// AtariEnv's reset: with a seed it loads the game anew, which resets it once more.
static void begin_console(Atari *self, int i, const uint64_t *seed) {
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

static void begin_episode(Atari *self, int i, const uint64_t *seed, UpObs *obs) {
    UpAtariRows rows = rows_of(self);
    begin_console(self, i, seed);
    if (sees(self))
        up__atari_console_show(&self->console[i], &self->system, &self->screen[i], &rows);
    if (self->pong80) up__pong80_reset(&self->difference, i);
    write_obs(self, i, obs);
}

static bool over(const Atari *self, int i) {
    return up__atari_console_terminal(&self->console[i], &self->system) ||
           up__atari_console_truncated(&self->console[i], &self->system);
}

// The frames of one step. Where the game ends before the last of them, the rest only draw from the
// generator, and the frame that ended it is the one to see.
static double play(Atari *self, int i, int action) {
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

static void step_one(Atari *self, int i, UpStep *step) {
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
    Atari *self;
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
    Atari *self = task.self;
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
    return run(env, reset_task, (Task){.self = of(env), .seeds = seeds, .obs = obs});
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    return run(env, reset_task, (Task){.self = of(env), .which = which, .obs = obs});
}

static UpStatus step_all(UpEnv *env, UpStep *step) {
    return run(env, step_task, (Task){.self = of(env), .step = step});
}

static UpStatus render(UpEnv *env, int i, UpImage *image) {
    Atari *self = of(env);
    UpAtariRows rows = {0, self->system.game.lines, 1};
    image->width = COLUMNS;
    image->height = self->system.game.lines;
    if (!image->rgb) return UP_OK;
    if (!self->loaded[i]) return up_fail(UP_USAGE, "%s: reset it before it is drawn", env->spec.id);
    up__atari_console_show(&self->console[i], &self->system, &self->screen[i], &rows);
    write_rgb(self, i, image->rgb);
    return UP_OK;
}

// An instance's saved game is its entry of `console`, Gymnasium's streams and what its screen knows
// of the last frames, then come the frames of the difference.
static size_t state_size(const UpEnv *env) {
    const Atari *self = of(env);
    return up__native_state_size(env) +
           (self->pong80 ? up__pong80_state_size(&self->difference) : 0);
}

static void state_save(const UpEnv *env, void *bytes) {
    const Atari *self = of(env);
    for (int i = 0; i < env->instances; i++)
        up__atari_console_notes(&self->screen[i], &self->notes[i]);
    up__native_state_save(env, bytes);
    if (self->pong80)
        up__pong80_state_save(&self->difference, (char *)bytes + up__native_state_size(env));
}

static UpStatus state_load(UpEnv *env, const void *bytes, size_t size) {
    Atari *self = of(env);
    size_t natives = up__native_state_size(env);
    if (size != state_size(env))
        return up_fail(UP_MISMATCH,
                       "%s: a saved state of %d instances has %zu bytes, this one has %zu",
                       env->spec.id, env->instances, state_size(env), size);
    UP_TRY(up__native_state_load(env, bytes, natives));
    if (self->pong80) up__pong80_state_load(&self->difference, (const char *)bytes + natives);
    for (int i = 0; i < env->instances; i++) {
        bool fits = up__atari_console_possible(&self->console[i], &self->notes[i], &self->system);
        if (self->loaded[i] && !fits) {
            memset(self->loaded, 0, (size_t)env->instances); // the next reset begins anew
            return up_fail(UP_FORMAT, "%s: the saved state of instance %d is damaged", env->spec.id,
                           i);
        }
        up__atari_console_recall(&self->screen[i], &self->notes[i]);
    }
    return UP_OK;
}

static void destroy(UpEnv *env) {
    up__atari_system_close(&of(env)->system);
    up__native_destroy(env);
}

// ---------------------------------------------------------------------------------------------------
// Single frames, for AtariPreprocessing

static UpConsoleInfo console_info(const UpEnv *env) {
    const Atari *self = of(env);
    int fire = -1;
    for (int a = self->actions - 1; a >= 0; a--)
        if (self->action[a] == 1) fire = a;
    return (UpConsoleInfo){.height = self->system.game.lines,
                           .width = COLUMNS,
                           .fire = fire,
                           .rgb = palette_of(self)->rgb[0],
                           .grey = palette_of(self)->grey};
}

static void console_reset(UpEnv *env, int i, const uint64_t *seed) {
    Atari *self = of(env);
    UpAtariRows rows = {0, self->system.game.lines, 1};
    begin_console(self, i, seed);
    up__atari_console_show(&self->console[i], &self->system, &self->screen[i], &rows);
}

static double console_frame(UpEnv *env, int i, int action, bool draw, bool *terminated,
                            bool *truncated) {
    Atari *self = of(env);
    UpAtariRows rows = {0, self->system.game.lines, 1};
    if (!self->loaded[i]) begin_console(self, i, NULL);
    double reward = up__atari_console_act(&self->console[i], &self->system, &self->screen[i],
                                          self->action[action], draw ? &rows : NULL);
    *terminated = up__atari_console_terminal(&self->console[i], &self->system);
    *truncated = up__atari_console_truncated(&self->console[i], &self->system);
    return reward;
}

static int console_lives(const UpEnv *env, int i) {
    return up__atari_console_lives(&of(env)->console[i], &of(env)->system);
}

static const uint8_t *console_picture(const UpEnv *env, int i) {
    return picture_of(of(env), i);
}

static UpRng *console_random(UpEnv *env, int i) {
    return &of(env)->native.rng[i];
}

static const UpConsole console = {
    .info = console_info,
    .reset = console_reset,
    .frame = console_frame,
    .lives = console_lives,
    .picture = console_picture,
    .random = console_random,
};

static const UpEnvVtable vtable = {
    .abi = UP_ENV_ABI,
    .reset = reset,
    .step = step_all,
    .destroy = destroy,
    .render = render,
    .state_size = state_size,
    .state_save = state_save,
    .state_load = state_load,
    .restart = restart,
    .console = &console,
};

// ---------------------------------------------------------------------------------------------------
// Creation

static UpStatus set_mode(Atari *self, const char *id) {
    const UpAtariGame *game = &self->system.game;
    const UpAtariDef *def = &self->def;
    bool known = def->mode < 0;
    for (int i = 0; i < game->modes; i++)
        known |= game->mode[i] == def->mode;
    if (!known)
        return up_fail(UP_USAGE, "%s has no mode %d; docs/atari.md lists those of every game", id,
                       def->mode);
    if (def->difficulty >= 0 &&
        (def->difficulty > 3 || !(game->difficulties >> def->difficulty & 1)))
        return up_fail(UP_USAGE, "%s has no difficulty %d; docs/atari.md lists those of every game",
                       id, def->difficulty);
    if (def->mode >= 0) self->system.mode = def->mode;
    if (def->difficulty >= 0) self->system.difficulty = def->difficulty;
    return UP_OK;
}

static void set_actions(Atari *self) {
    const UpAtariGame *game = &self->system.game;
    for (int a = 0; a < UP__ATARI_ACTIONS; a++)
        if (!self->def.full_actions ? a < game->actions : game->legal >> a & 1)
            self->action[self->actions++] = self->def.full_actions ? (uint8_t)a : game->minimal[a];
}

static UpStatus describe(Atari *self, const UpEnvDef *def) {
    UpEnvSpec *spec = &self->native.base.spec;
    int lines = self->system.game.lines, skip_end = self->def.skip_end;
    *spec = (UpEnvSpec){.action = up_space_discrete(self->actions),
                        .obs_form = self->pong80 ? UP_OBS_SPARSE : UP_OBS_U8,
                        .reward_threshold = (double)NAN,
                        .frames_per_second = 120.0 / (self->def.skip_low + skip_end - 1)};
    memcpy(spec->id, def->id, strlen(def->id) + 1); // it fits: up__atari_def
    if (self->pong80) {
        spec->obs = up_space_box(UP__PONG80_DIM, -1, 1);
        if (self->def.obs == UP__ATARI_RGB) return UP_OK;
        return up_fail(UP_USAGE, "%s: preprocess = pong80 needs obs_type = rgb", def->id);
    }
    spec->obs = up_space_image(lines, COLUMNS, 3);
    if (self->def.obs == UP__ATARI_RGB) return UP_OK;
    spec->obs.dims = self->def.obs == UP__ATARI_GRAY ? 2 : 1;
    spec->obs.shape[2] = 0;
    spec->obs.size = lines * COLUMNS;
    if (self->def.obs == UP__ATARI_RAM_OBS) {
        spec->obs.shape[0] = spec->obs.size = UP__ATARI_RAM;
        spec->obs.shape[1] = 0;
    }
    return UP_OK;
}

static UpStatus build(Atari *self, const UpEnvDef *def) {
    UpNative *native = &self->native;
    UpStatus status = up__atari_system_open(&self->system, self->def.name);
    if (status != UP_OK) return up_fail(status, "%s: %s", def->id, up_error());
    self->system.repeat_probability = self->def.repeat_probability;
    self->system.frames_max = self->def.frames_max;
    UP_TRY(set_mode(self, def->id));
    set_actions(self);
    UP_TRY(describe(self, def));
    up__pong80_palette(palette_of(self)->rgb, self->shown);
    self->loaded = up__native_array(native, sizeof *self->loaded);
    self->console = up__native_array(native, sizeof *self->console);
    self->notes = up__native_array(native, sizeof *self->notes);
    self->screen =
        up_arena_alloc(&native->arena, (size_t)native->base.instances, sizeof *self->screen);
    self->stuck = up_arena_alloc(&native->arena, (size_t)native->base.instances, 1);
    if (!self->loaded || !self->console || !self->notes || !self->screen || !self->stuck)
        return UP_MEMORY;
    return self->pong80
               ? up__pong80_create(&self->difference, native->base.instances, &native->arena)
               : UP_OK;
}

UpStatus up__atari_create(UpEnv **env, const UpEnvDef *def, const UpAtariDef *atari,
                          int instances) {
    *env = NULL;
    Atari *self = up__native_create(sizeof *self, &vtable, instances);
    if (!self) return UP_MEMORY;
    self->def = *atari;
    self->pong80 = def->preprocess == UP_PREPROCESS_PONG80;
    UpStatus status = build(self, def);
    if (status != UP_OK) {
        destroy(&self->native.base);
        return status;
    }
    *env = &self->native.base;
    return UP_OK;
}
