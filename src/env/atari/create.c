// Makes a batch of an Atari game: the mode, the actions and the spaces that an id and its keywords
// ask for.
#include <math.h>
#include <string.h>

#include "env/atari/internal.h"

void up__atari_destroy(UpEnv *env) {
    up__atari_system_close(&up__atari_of(env)->system);
    up__native_destroy(env);
}

static UpStatus set_mode(UpAtariEnv *self, const char *id) {
    const UpAtariGame *game = &self->system.game;
    const UpAtariDef *def = &self->def;
    bool known = def->mode == -1;
    for (int i = 0; i < game->modes; i++)
        known |= game->mode[i] == def->mode;
    if (!known)
        return up_fail(UP_USAGE, "%s has no mode %d; docs/atari.md lists those of every game", id,
                       def->mode);
    if (def->difficulty != -1 && (def->difficulty < 0 || def->difficulty > 3 ||
                                  !(game->difficulties >> def->difficulty & 1)))
        return up_fail(UP_USAGE, "%s has no difficulty %d; docs/atari.md lists those of every game",
                       id, def->difficulty);
    if (def->mode >= 0) self->system.mode = def->mode;
    if (def->difficulty >= 0) self->system.difficulty = def->difficulty;
    return UP_OK;
}

static void set_actions(UpAtariEnv *self) {
    const UpAtariGame *game = &self->system.game;
    for (int a = 0; a < UP__ATARI_ACTIONS; a++)
        if (!self->def.full_actions ? a < game->actions : game->legal >> a & 1)
            self->action[self->actions++] = self->def.full_actions ? (uint8_t)a : game->minimal[a];
}

static UpStatus describe(UpAtariEnv *self, const UpEnvDef *def) {
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
    spec->obs = up_space_image(lines, UP__ATARI_COLUMNS, 3);
    if (self->def.obs == UP__ATARI_RGB) return UP_OK;
    spec->obs.dims = self->def.obs == UP__ATARI_GRAY ? 2 : 1;
    spec->obs.shape[2] = 0;
    spec->obs.size = lines * UP__ATARI_COLUMNS;
    if (self->def.obs == UP__ATARI_RAM_OBS) {
        spec->obs.shape[0] = spec->obs.size = UP__ATARI_RAM;
        spec->obs.shape[1] = 0;
        spec->obs_form = UP_OBS_F32; // bytes that are no picture are numbers
    }
    return UP_OK;
}

static UpStatus build(UpAtariEnv *self, const UpEnvDef *def) {
    UpNative *native = &self->native;
    UpStatus status = up__atari_system_open(&self->system, self->def.name);
    if (status != UP_OK) return up_fail(status, "%s: %s", def->id, up_error());
    self->system.repeat_probability = self->def.repeat_probability;
    self->system.frames_max = self->def.frames_max;
    UP_TRY(set_mode(self, def->id));
    set_actions(self);
    UP_TRY(describe(self, def));
    for (int i = 0; i < 256; i++)
        memcpy(self->colour[i], up__atari_colours(self)->rgb[i], 3);
    up__pong80_palette(up__atari_colours(self)->rgb, self->shown);
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
    UpAtariEnv *self = up__native_create(sizeof *self, &up__atari_vtable, instances);
    if (!self) return UP_MEMORY;
    self->def = *atari;
    self->pong80 = def->preprocess == UP_PREPROCESS_PONG80;
    UpStatus status = build(self, def);
    if (status != UP_OK) {
        up__atari_destroy(&self->native.base);
        return status;
    }
    *env = &self->native.base;
    return UP_OK;
}
