// A batch whose arrays lie between guard zones.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/internal.h"

enum { ZONE = 4096, ZONE_BYTE = 0xC3 };

// ---------------------------------------------------------------------------------------------------
// Memory

void *up__check_batch_array(UpCheckBatch *batch, const char *name, size_t count, size_t size) {
    // A whole row beyond the end still lies in the zone.
    size_t bytes = count * size, row = bytes / (size_t)batch->env->instances;
    size_t zone = (ZONE + row + 63) / 64 * 64;
    uint8_t *start = aligned_alloc(64, (bytes + 2 * zone + 63) / 64 * 64);
    if (!start || batch->arrays == UP__CHECK_ARRAYS) {
        free(start);
        up_fail(UP_MEMORY, "out of memory");
        return NULL;
    }
    memset(start, ZONE_BYTE, bytes + 2 * zone);
    memset(start + zone, 0, bytes);
    batch->array[batch->arrays++] = (UpCheckArray){name, start, bytes, zone};
    return start + zone;
}

static UpStatus make_obs(UpCheckBatch *batch, UpObs *obs, const char *name) {
    const UpEnvSpec *spec = &batch->env->spec;
    size_t rows = (size_t)batch->env->instances, dim = (size_t)spec->obs.size;
    *obs = (UpObs){.form = spec->obs_form,
                   .rows = (int64_t)rows,
                   .dim = spec->obs.size,
                   .mask_size = spec->mask_size};
    if (spec->mask_size > 0) {
        obs->mask = up__check_batch_array(batch, "mask", rows, (size_t)spec->mask_size);
        if (!obs->mask) return UP_MEMORY;
    }
    if (obs->form == UP_OBS_F32) obs->f32 = up__check_batch_array(batch, name, rows * dim, 4);
    if (obs->form == UP_OBS_U8) obs->u8 = up__check_batch_array(batch, name, rows * dim, 1);
    if (obs->form != UP_OBS_SPARSE) return obs->f32 || obs->u8 ? UP_OK : UP_MEMORY;
    obs->entry = up__check_batch_array(batch, name, rows * dim, sizeof *obs->entry);
    obs->count = up__check_batch_array(batch, name, rows, sizeof *obs->count);
    obs->begin = up_arena_alloc(&batch->arena, rows, sizeof *obs->begin);
    if (!obs->entry || !obs->count || !obs->begin) return UP_MEMORY;
    for (size_t i = 0; i < rows; i++)
        obs->begin[i] = i * dim;
    return UP_OK;
}

static UpStatus make_arrays(UpCheckBatch *b) {
    size_t n = (size_t)b->env->instances, A = (size_t)b->env->spec.action.size;
    UP_TRY(make_obs(b, &b->step.obs, "obs"));
    UP_TRY(make_obs(b, &b->step.final_obs, "final_obs"));
    b->step.reward = up__check_batch_array(b, "reward", n, sizeof(double));
    b->step.terminated = up__check_batch_array(b, "terminated", n, 1);
    b->step.truncated = up__check_batch_array(b, "truncated", n, 1);
    b->action = up__check_batch_array(b, "action", n * A, sizeof(float));
    b->active = up__check_batch_array(b, "active", n, 1);
    b->action_copy = up_arena_alloc(&b->arena, n * A, sizeof(float));
    b->active_copy = up_arena_alloc(&b->arena, n, 1);
    b->seeds = up_arena_alloc(&b->arena, n, sizeof *b->seeds);
    b->rng = up_arena_alloc(&b->arena, n, sizeof *b->rng);
    b->elapsed = up_arena_alloc(&b->arena, n, sizeof *b->elapsed);
    b->streak = up_arena_alloc(&b->arena, n, sizeof *b->streak);
    b->longest = up_arena_alloc(&b->arena, n, sizeof *b->longest);
    b->mask = up_arena_alloc(&b->arena, n, (size_t)b->env->spec.mask_size);
    UP_TRY(up_arena_status(&b->arena));
    bool made = b->step.reward && b->step.terminated && b->step.truncated && b->action && b->active;
    return made ? UP_OK : UP_MEMORY;
}

UpStatus up__check_batch_open(UpCheckBatch *batch, UpCheckNotes *notes, const UpEnvDef *def,
                              int instances, uint8_t paint) {
    *batch = (UpCheckBatch){.notes = notes, .paint = paint};
    snprintf(notes->doing, UP__CHECK_TEXT, "creating %d instance%s", instances,
             instances == 1 ? "" : "s");
    up__check_call(notes, "create");
    UP_TRY(up_env_create(&batch->env, def, instances));
    up__check_spec(notes, batch->env);
    if (up__check_broken(notes, UP__CHECK_SPEC)) return UP_OK; // nothing can be stepped
    return make_arrays(batch);
}

void up__check_batch_close(UpCheckBatch *batch) {
    up__check_call(batch->notes, "destroy");
    up_env_destroy(batch->env);
    for (int i = 0; i < batch->arrays; i++)
        free(batch->array[i].start);
    up_arena_free(&batch->arena);
    *batch = (UpCheckBatch){0};
}

void up__check_arrays(UpCheckBatch *batch) {
    for (int i = 0; i < batch->arrays; i++) {
        const UpCheckArray *a = &batch->array[i];
        uint8_t *end = a->start + a->zone + a->size;
        size_t before = 0, after = 0;
        while (before < a->zone && a->start[a->zone - 1 - before] == ZONE_BYTE)
            before++;
        while (after < a->zone && end[after] == ZONE_BYTE)
            after++;
        if (before == a->zone && after == a->zone) continue;
        up__check_fault(
            batch->notes, UP__CHECK_BOUNDS,
            "step %lld: a byte %zu %s of the array `%s` (%d instances, %zu bytes in all) was "
            "written",
            (long long)batch->t, after < a->zone ? after : before + 1,
            after < a->zone ? "beyond the end" : "before the beginning", a->name,
            batch->env->instances, a->size);
        memset(a->start, ZONE_BYTE, a->zone);
        memset(end, ZONE_BYTE, a->zone);
    }
}

// ---------------------------------------------------------------------------------------------------
// Resetting and stepping

static void paint(UpCheckBatch *b) {
    for (int i = 0; i < b->arrays; i++)
        if (strcmp(b->array[i].name, "action") != 0 && strcmp(b->array[i].name, "active") != 0)
            memset(b->array[i].start + b->array[i].zone, b->paint, b->array[i].size);
}

static bool failed(UpCheckBatch *b, const char *what, UpStatus status) {
    if (status == UP_OK) return false;
    b->failed = true;
    up__check_fault(b->notes, UP__CHECK_RUNS, "%s failed at step %lld, %s: %s", what,
                    (long long)b->t, b->notes->doing, up_error());
    return true;
}

bool up__check_batch_reset(UpCheckBatch *b, bool seeded, uint64_t seed) {
    b->t = 0;
    b->notes->at = 0;
    for (int i = 0; i < b->env->instances; i++) {
        b->seeds[i] = seed + (uint64_t)i;
        if (seeded) up_rng_stream(&b->rng[i], b->seeds[i], UP_STREAM_RANDOM, 0);
        b->elapsed[i] = b->streak[i] = b->longest[i] = 0;
    }
    paint(b);
    up__check_call(b->notes, "reset");
    if (failed(b, "reset", up_env_reset(b->env, seeded ? b->seeds : NULL, b->step.obs)))
        return false;
    up__check_arrays(b);
    for (int i = 0; i < b->env->instances; i++)
        up__check_rows(b, &b->step.obs, i, false);
    up__check_masks(b, NULL);
    return true;
}

void up__check_batch_draw(UpCheckBatch *b, int instance) {
    const UpEnvSpec *spec = &b->env->spec;
    const uint8_t *mask = spec->mask_size ? b->mask + instance * spec->mask_size : NULL;
    up_space_random(&spec->action, mask, &b->rng[instance],
                    b->action + instance * spec->action.size);
}

bool up__check_batch_step(UpCheckBatch *b, bool active) {
    size_t n = (size_t)b->env->instances;
    b->notes->at = ++b->t;
    paint(b);
    memcpy(b->action_copy, b->action, n * (size_t)b->env->spec.action.size * sizeof(float));
    memcpy(b->active_copy, b->active, n);
    b->step.action = b->action;
    b->step.active = active ? b->active : NULL;
    up__check_call(b->notes, "step");
    if (failed(b, "step", up_env_step(b->env, &b->step))) return false;
    up__check_arrays(b);
    up__check_step(b, active);
    return true;
}

bool up__check_batch_restart(UpCheckBatch *b) {
    paint(b);
    memcpy(b->active_copy, b->active, (size_t)b->env->instances);
    up__check_call(b->notes, "restart");
    if (failed(b, "restart", up_env_restart(b->env, b->active, b->step.obs))) return false;
    up__check_arrays(b);
    up__check_masks(b, b->active);
    for (int i = 0; i < b->env->instances; i++) {
        if (b->active[i]) {
            up__check_rows(b, &b->step.obs, i, false);
            b->elapsed[i] = 0;
        } else if (up__check_row_written(b, i)) {
            up__check_fault(b->notes, UP__CHECK_SOME,
                            "instance %d, step %lld: which[%d] is 0, and its obs was written", i,
                            (long long)b->t, i);
        }
    }
    return true;
}
