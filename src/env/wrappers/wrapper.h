// What environments around an environment share. A wrapper is an UpEnv that owns another one; each
// is a file that embeds UpWrapper as its first member. Slots that it does not fill go to the inner
// one.
#ifndef UP_ENV_WRAPPER_H
#define UP_ENV_WRAPPER_H

#include "uphill/env.h"

enum { UP__WRAPPER_FIELDS = 16 };

// A per-instance array that belongs to the saved state.
typedef struct UpWrapperField {
    void *data;
    size_t size; // bytes per instance
} UpWrapperField;

typedef struct UpWrapper {
    UpEnv base;         // spec and instances are copied from the inner one: change what differs
    UpEnvVtable vtable; // of base; optional slots are NULL where the inner one has none
    UpEnv *inner;       // owned; reach it through up__wrapper_inner
    UpArena arena;      // holds everything, the wrapper itself excepted
    int fields;
    UpWrapperField field[UP__WRAPPER_FIELDS]; // saved before the inner state, in order
} UpWrapper;

// Allocates `size` zeroed bytes that begin with a UpWrapper around `inner`, every slot of which
// goes to it. Owns `inner` from here on: where memory has run out, that is destroyed and NULL
// returned.
void *up__wrapper_create(size_t size, UpEnv *inner);
void up__wrapper_destroy(UpEnv *env);

// A zeroed array of N elements that is part of the saved state. NULL when memory has run out.
void *up__wrapper_array(UpWrapper *wrapper, size_t size);

// The inner environment, with the pool that the wrapper was given.
static inline UpEnv *up__wrapper_inner(UpEnv *env) {
    UpEnv *inner = ((UpWrapper *)env)->inner;
    inner->pool = env->pool;
    return inner;
}

// The wrappers. Each puts itself around *env; on failure both are gone and *env is NULL.

// Gymnasium's RescaleAction to [-1, 1]. UP_USAGE where the actions are not a bounded Box.
UpStatus up__rescale_action_wrap(UpEnv **env);
// The actions that they are stretched to, where `env` is this wrapper; else NULL.
const UpSpace *up__rescale_action_inside(const UpEnv *env);

// Observations without velocities. UP_USAGE where nobody knows which of them are some.
UpStatus up__mask_velocity_wrap(UpEnv **env, const char *id);

// Gymnasium's AtariPreprocessing around an environment that has a console.
UpStatus up__atari_wrap(UpEnv **env, const UpEnvDef *def);

#endif
