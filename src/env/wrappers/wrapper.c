// The slots of a wrapper that go on to the environment inside, and its saved state.
#include "env/wrappers/wrapper.h"

#include <stdlib.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------------
// Slots

static UpStatus inner_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    UpEnv *inner = up__wrapper_inner(env);
    return inner->vtable->reset(inner, seeds, obs);
}

static UpStatus inner_step(UpEnv *env, UpStep *step) {
    UpEnv *inner = up__wrapper_inner(env);
    UpStatus status = inner->vtable->step(inner, step);
    env->lost = inner->lost;
    return status;
}

static UpStatus inner_render(UpEnv *env, int instance, UpImage *image) {
    UpEnv *inner = up__wrapper_inner(env);
    return inner->vtable->render(inner, instance, image);
}

static UpStatus inner_restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    UpEnv *inner = up__wrapper_inner(env);
    return inner->vtable->restart(inner, which, obs);
}

static void inner_log(const UpEnv *env, int instance, UpLog *log) {
    const UpEnv *inner = ((const UpWrapper *)env)->inner;
    inner->vtable->log(inner, instance, log);
}

// ---------------------------------------------------------------------------------------------------
// Saved state: the wrapper's arrays, then the inner state

static size_t own_size(const UpWrapper *wrapper) {
    size_t size = 0;
    for (int i = 0; i < wrapper->fields; i++)
        size += wrapper->field[i].size * (size_t)wrapper->base.instances;
    return (size + 7) / 8 * 8;
}

static size_t state_size(const UpEnv *env) {
    const UpWrapper *wrapper = (const UpWrapper *)env;
    size_t inner = wrapper->inner->vtable->state_size(wrapper->inner);
    return inner ? own_size(wrapper) + inner : 0;
}

static void state_save(const UpEnv *env, void *bytes) {
    const UpWrapper *wrapper = (const UpWrapper *)env;
    char *at = bytes;
    memset(at, 0, own_size(wrapper));
    for (int i = 0; i < wrapper->fields; i++) {
        size_t size = wrapper->field[i].size * (size_t)env->instances;
        memcpy(at, wrapper->field[i].data, size);
        at += size;
    }
    wrapper->inner->vtable->state_save(wrapper->inner, (char *)bytes + own_size(wrapper));
}

static UpStatus state_load(UpEnv *env, const void *bytes, size_t size) {
    UpWrapper *wrapper = (UpWrapper *)env;
    size_t own = own_size(wrapper);
    if (size < own)
        return up_fail(UP_MISMATCH, "%s: the saved state is not that of %d instances", env->spec.id,
                       env->instances);
    UpEnv *inner = up__wrapper_inner(env);
    UP_TRY(inner->vtable->state_load(inner, (const char *)bytes + own, size - own));
    const char *at = bytes;
    for (int i = 0; i < wrapper->fields; i++) {
        size_t part = wrapper->field[i].size * (size_t)env->instances;
        memcpy(wrapper->field[i].data, at, part);
        at += part;
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Life

void *up__wrapper_array(UpWrapper *wrapper, size_t size) {
    void *data = up_arena_alloc(&wrapper->arena, (size_t)wrapper->base.instances, size);
    wrapper->field[wrapper->fields++] = (UpWrapperField){data, size};
    return data;
}

void *up__wrapper_create(size_t size, UpEnv *inner) {
    UpWrapper *wrapper = calloc(1, size);
    if (!wrapper) {
        up_env_destroy(inner);
        up_fail(UP_MEMORY, "no memory for an environment");
        return NULL;
    }
    wrapper->vtable = (UpEnvVtable){.abi = UP_ENV_ABI,
                                    .reset = inner_reset,
                                    .step = inner_step,
                                    .destroy = up__wrapper_destroy};
    if (inner->vtable->render) wrapper->vtable.render = inner_render;
    if (inner->vtable->log) wrapper->vtable.log = inner_log;
    if (inner->vtable->restart) wrapper->vtable.restart = inner_restart;
    if (inner->vtable->state_save) {
        wrapper->vtable.state_size = state_size;
        wrapper->vtable.state_save = state_save;
        wrapper->vtable.state_load = state_load;
    }
    wrapper->base = (UpEnv){.vtable = &wrapper->vtable,
                            .spec = inner->spec,
                            .instances = inner->instances,
                            .pool = inner->pool};
    wrapper->inner = inner;
    return wrapper;
}

void up__wrapper_destroy(UpEnv *env) {
    UpWrapper *wrapper = (UpWrapper *)env;
    up_env_destroy(wrapper->inner);
    up_arena_free(&wrapper->arena);
    free(wrapper);
}
