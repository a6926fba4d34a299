// What environments in C share. Each embeds UpNative as its first member.
#ifndef UP_ENV_NATIVE_H
#define UP_ENV_NATIVE_H

#include "uphill/env.h"
#include "uphill/random.h"

enum { UP__NATIVE_FIELDS = 16 };

// A per-instance array that belongs to the saved state.
typedef struct UpNativeField {
    void *data;
    size_t size; // bytes per instance
} UpNativeField;

// The part of a native environment that is alike in all of them.
typedef struct UpNative {
    UpEnv base;
    UpArena arena;    // holds everything, the environment itself excepted
    UpRng *rng;       // (N)
    int32_t *elapsed; // (N) steps of the present episode
    int fields;
    UpNativeField field[UP__NATIVE_FIELDS]; // what state_save writes, in order
    // could instance i come to the state that was loaded? NULL: no more is asked than that its
    // stream and its clock are possible
    bool (*possible)(const void *self, int i);
} UpNative;

// Allocates `size` zeroed bytes that begin with a UpNative, with rng and elapsed made and
// registered. NULL and a message when memory has run out.
void *up__native_create(size_t size, const UpEnvVtable *vtable, int instances);
void up__native_destroy(UpEnv *env);

// A zeroed array of N elements that is part of the saved state. NULL when memory has run out.
void *up__native_array(UpNative *native, size_t size);

// Seeds the streams of all instances; NULL leaves them where they are.
void up__native_seed(UpNative *native, const uint64_t *seeds);

// One more step of instance i's episode; true where its clock has run out.
static inline bool up__native_clock(UpNative *native, int i) {
    int64_t limit = native->base.spec.max_episode_steps;
    if (native->elapsed[i] < INT32_MAX) native->elapsed[i]++; // an episode may be without end
    return native->elapsed[i] >= limit && limit > 0;
}

// The three state slots of the vtable. A state that is refused, as damaged or as that of another
// number of instances, leaves the environment as it was.
size_t up__native_state_size(const UpEnv *env);
void up__native_state_save(const UpEnv *env, void *bytes);
UpStatus up__native_state_load(UpEnv *env, const void *bytes, size_t size);

// For environments without frames of Pong.
UpStatus up__native_no_preprocess(const UpEnvDef *def);

#endif
