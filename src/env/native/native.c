// Memory, seeds and saved state of the native environments.
#include "env/native/native.h"

#include <stdlib.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------------
// Memory

void *up__native_array(UpNative *native, size_t size) {
    void *data = up_arena_alloc(&native->arena, (size_t)native->base.instances, size);
    native->field[native->fields++] = (UpNativeField){data, size};
    return data;
}

void *up__native_create(size_t size, const UpEnvVtable *vtable, int instances) {
    UpNative *native = calloc(1, size);
    if (!native) {
        up_fail(UP_MEMORY, "no memory for an environment");
        return NULL;
    }
    native->base.vtable = vtable;
    native->base.instances = instances;
    native->rng = up__native_array(native, sizeof *native->rng);
    native->elapsed = up__native_array(native, sizeof *native->elapsed);
    if (!native->rng || !native->elapsed) {
        up__native_destroy(&native->base);
        return NULL;
    }
    // Streams are never undefined: an environment that was never seeded still repeats itself.
    for (int i = 0; i < instances; i++)
        up_rng_stream(&native->rng[i], 0, UP_STREAM_ENV, (uint32_t)i);
    return native;
}

void up__native_destroy(UpEnv *env) {
    UpNative *native = (UpNative *)env;
    up_arena_free(&native->arena);
    free(native);
}

void up__native_seed(UpNative *native, const uint64_t *seeds) {
    if (!seeds) return;
    for (int i = 0; i < native->base.instances; i++)
        up_rng_seed(&native->rng[i], seeds[i]);
}

// ---------------------------------------------------------------------------------------------------
// Saved state: the registered arrays, one after another

size_t up__native_state_size(const UpEnv *env) {
    const UpNative *native = (const UpNative *)env;
    size_t size = 0;
    for (int i = 0; i < native->fields; i++)
        size += native->field[i].size * (size_t)env->instances;
    return size;
}

void up__native_state_save(const UpEnv *env, void *bytes) {
    const UpNative *native = (const UpNative *)env;
    char *at = bytes;
    for (int i = 0; i < native->fields; i++) {
        size_t size = native->field[i].size * (size_t)env->instances;
        memcpy(at, native->field[i].data, size);
        at += size;
    }
}

static void copy_in(UpNative *native, const char *at) {
    for (int i = 0; i < native->fields; i++) {
        size_t part = native->field[i].size * (size_t)native->base.instances;
        memcpy(native->field[i].data, at, part);
        at += part;
    }
}

static bool is_possible(const UpNative *native, int i) {
    return up_rng_possible(&native->rng[i]) && native->elapsed[i] >= 0 &&
           (!native->possible || native->possible(native, i));
}

UpStatus up__native_state_load(UpEnv *env, const void *bytes, size_t size) {
    UpNative *native = (UpNative *)env;
    size_t expected = up__native_state_size(env);
    if (size != expected)
        return up_fail(UP_MISMATCH,
                       "%s: a saved state of %d instances has %zu bytes, this one has %zu",
                       env->spec.id, env->instances, expected, size);
    void *before = malloc(size + 1); // which is never asked for nothing
    if (!before) return up_fail(UP_MEMORY, "%s: no memory for a saved state", env->spec.id);
    up__native_state_save(env, before);
    copy_in(native, bytes);
    int i = 0;
    while (i < env->instances && is_possible(native, i))
        i++;
    if (i < env->instances) copy_in(native, before);
    free(before);
    if (i == env->instances) return UP_OK;
    return up_fail(UP_FORMAT,
                   "%s: the saved state of instance %d is damaged; use another copy or an older "
                   "checkpoint",
                   env->spec.id, i);
}

UpStatus up__native_no_preprocess(const UpEnvDef *def) {
    if (def->preprocess == UP_PREPROCESS_NONE) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s: env.preprocess is for Atari's games, and pong80 for frames of Pong",
                   def->id);
}
