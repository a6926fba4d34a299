// One batch of an Atari game: what its slots, its saved games and its making share.
#ifndef UP_ENV_ATARI_ENV_INTERNAL_H
#define UP_ENV_ATARI_ENV_INTERNAL_H

#include "env/atari/atari.h"
#include "env/native/native.h"
#include "env/wrappers/pong80.h"

typedef struct UpAtariEnv {
    UpNative native; // its streams are Gymnasium's np_random
    UpAtariSystem system;
    UpAtariDef def;
    int actions;
    uint8_t action[UP__ATARI_ACTIONS];
    bool pong80;
    UpPong80 difference;
    uint8_t colour[256][4];  // red, green, blue of a palette byte, and a byte to spare
    uint8_t shown[256];      // does the difference keep a palette byte?
    UpAtariConsole *console; // (N)
    UpAtariScreen *screen;   // (N)
    UpAtariNotes *notes;     // (N) of the screens, while a game is saved or loaded
    uint8_t *loaded;         // (N) 0 until the first reset
    uint8_t *stuck;          // (N) 1 where a reset did not come to its end
} UpAtariEnv;

static inline UpAtariEnv *up__atari_of(const UpEnv *env) {
    return (UpAtariEnv *)(uintptr_t)env;
}

static inline const UpAtariPalette *up__atari_colours(const UpAtariEnv *self) {
    return up__atari_palette(self->system.game.pal);
}

extern const UpEnvVtable up__atari_vtable; // env.c
void up__atari_destroy(UpEnv *env);        // create.c

// state.c: the three slots of a saved game.
size_t up__atari_state_size(const UpEnv *env);
void up__atari_state_save(const UpEnv *env, void *bytes);
UpStatus up__atari_state_load(UpEnv *env, const void *bytes, size_t size);

#endif
