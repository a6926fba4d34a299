// Atari's games as environments: the ids and keywords of ale-py 0.12.1 and of Gymnasium's AtariEnv,
// answered by the machine in this folder.
#ifndef UP_ENV_ATARI_ATARI_H
#define UP_ENV_ATARI_ATARI_H

#include "env/atari/console/console.h"
#include "uphill/env.h"

typedef enum UpAtariObs { UP__ATARI_RGB, UP__ATARI_GRAY, UP__ATARI_RAM_OBS } UpAtariObs;

// What an id and its keywords ask for.
typedef struct UpAtariDef {
    char name[UP__ATARI_NAME]; // "space_invaders"
    int skip_low, skip_end;    // frames of a step: at least skip_low, below skip_end
    double repeat_probability;
    int mode, difficulty; // -1: the game's default
    bool full_actions;
    int64_t frames_max;
    UpAtariObs obs;
} UpAtariDef;

// Does the native machine answer this id with these keywords? If not, *ours is false and a worker
// judges them. A game that ALE refuses, or a value that cannot be, is an error.
UpStatus up__atari_def(UpAtariDef *def, const UpEnvDef *env, bool *ours);

UpStatus up__atari_create(UpEnv **env, const UpEnvDef *def, const UpAtariDef *atari, int instances);

#endif
