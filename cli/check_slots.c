// The spec, and the optional slots: saved state and pictures.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { SEED = 2000, STEPS = 200 };

// ---------------------------------------------------------------------------------------------------
// The spec

// Writes what is wrong with a space; false if nothing is.
static bool bad_space(const UpSpace *s, char text[CHECK_TEXT]) {
    int64_t product = 1;
    text[0] = 0;
    for (int d = 0; s->kind == UP_SPACE_BOX && d < s->dims && d < UP_SPACE_DIMS; d++)
        product *= s->shape[d];
    if (s->size < 1) {
        snprintf(text, CHECK_TEXT, "size is %lld", (long long)s->size);
    } else if (s->kind == UP_SPACE_BOX && (s->dims < 1 || s->dims > UP_SPACE_DIMS ||
                                           s->bounds < 1 || s->bounds > UP_SPACE_BOUNDS)) {
        snprintf(text, CHECK_TEXT, "a Box has 1 to %d dims and 1 to %d bounds, not %d and %d",
                 UP_SPACE_DIMS, UP_SPACE_BOUNDS, s->dims, s->bounds);
    } else if (s->kind == UP_SPACE_BOX && product != s->size) {
        snprintf(text, CHECK_TEXT, "its shape has %lld numbers, its size is %lld",
                 (long long)product, (long long)s->size);
    } else if (s->kind == UP_SPACE_DISCRETE && (s->n < 1 || s->size != 1)) {
        snprintf(text, CHECK_TEXT, "Discrete has size 1 and n of at least 1, not %lld and %lld",
                 (long long)s->size, (long long)s->n);
    } else if (s->kind == UP_SPACE_MULTI_DISCRETE && s->size > UP_SPACE_BOUNDS) {
        snprintf(text, CHECK_TEXT, "MultiDiscrete has up to %d components", UP_SPACE_BOUNDS);
    }
    for (int k = 0; s->kind == UP_SPACE_BOX && !text[0] && k < s->bounds; k++)
        if (!(s->low[k] <= s->high[k]))
            snprintf(text, CHECK_TEXT, "bound %d is [%g, %g]", k, (double)s->low[k],
                     (double)s->high[k]);
    for (int64_t k = 0; s->kind == UP_SPACE_MULTI_DISCRETE && !text[0] && k < s->size; k++)
        if (s->choices[k] < 1)
            snprintf(text, CHECK_TEXT, "component %lld has %lld choices", (long long)k,
                     (long long)s->choices[k]);
    return text[0] != 0;
}

void check_spec(CheckReport *report, const UpEnv *env) {
    const UpEnvSpec *spec = &env->spec;
    const UpEnvVtable *v = env->vtable;
    char text[CHECK_TEXT];
    bool bytes = spec->obs.kind == UP_SPACE_BOX && spec->obs.dtype == UP_DTYPE_U8;
    if (!spec->id[0]) check_fault(report, CHECK_SPEC, "spec.id is empty");
    if (bad_space(&spec->obs, text)) check_fault(report, CHECK_SPEC, "spec.obs: %s", text);
    if (bad_space(&spec->action, text)) check_fault(report, CHECK_SPEC, "spec.action: %s", text);
    if (spec->obs_form == UP_OBS_F32 && bytes)
        check_fault(report, CHECK_SPEC, "spec.obs is of bytes, spec.obs_form of float32");
    if (spec->obs_form == UP_OBS_U8 && !bytes)
        check_fault(report, CHECK_SPEC, "spec.obs_form is of bytes, spec.obs is not");
    if (spec->obs_form == UP_OBS_SPARSE && spec->obs.size > UP_SPARSE_DIM_MAX)
        check_fault(report, CHECK_SPEC, "sparse observations have up to %d numbers",
                    UP_SPARSE_DIM_MAX);
    if (spec->mask_size != 0 && spec->mask_size != up_space_flat(&spec->action))
        check_fault(report, CHECK_SPEC,
                    "spec.mask_size is %lld; a mask of this action space has %lld",
                    (long long)spec->mask_size, (long long)up_space_flat(&spec->action));
    if (spec->max_episode_steps < 0)
        check_fault(report, CHECK_SPEC, "spec.max_episode_steps is %lld",
                    (long long)spec->max_episode_steps);
    if (v->render && !(spec->frames_per_second > 0 && isfinite(spec->frames_per_second)))
        check_fault(report, CHECK_SPEC, "it can draw itself, and spec.frames_per_second is %g",
                    spec->frames_per_second);
    if (!v->state_size != !v->state_save || !v->state_size != !v->state_load)
        check_fault(report, CHECK_SPEC,
                    "of state_size, state_save and state_load some are there, some are not");
}

// ---------------------------------------------------------------------------------------------------
// Saved state

static void draw_and_step(CheckBatch *b, bool *good) {
    for (int i = 0; i < b->env->instances; i++)
        check_batch_draw(b, i);
    *good = *good && check_batch_step(b, false);
}

// Steps both with the same actions; reports a difference under `rule`.
static bool stay_same(CheckBatch *a, CheckBatch *b, CheckRule rule, const char *what) {
    char text[CHECK_TEXT];
    bool good = true;
    memcpy(b->rng, a->rng, (size_t)a->env->instances * sizeof *a->rng);
    size_t masks = (size_t)(a->env->instances * a->env->spec.mask_size);
    if (masks > 0) memcpy(b->mask, a->mask, masks); // by which actions are drawn
    for (int t = 1; t <= STEPS && good; t++) {
        draw_and_step(a, &good);
        draw_and_step(b, &good);
        for (int i = 0; i < a->env->instances && good; i++) {
            if (check_same(a, i, b, i, text)) continue;
            check_fault(a->report, rule, "instance %d, %d steps after %s: %s", i, t, what, text);
            return false;
        }
    }
    return good;
}

void check_state(CheckBatch *a, CheckBatch *b) {
    const UpEnvVtable *v = a->env->vtable;
    snprintf(a->report->doing, CHECK_TEXT, "saving and loading state");
    if (!v->state_size) {
        snprintf(a->report->note[CHECK_STATE], CHECK_TEXT,
                 "it has none: a resumed run begins new episodes");
        return;
    }
    bool good = check_batch_reset(a, true, SEED) && check_batch_reset(b, true, SEED + 100);
    for (int t = 0; t < STEPS / 3; t++)
        draw_and_step(a, &good);
    if (!good) return;
    up_fail(UP_OK, "it gave no reason");
    check_call(a->report, "state_size");
    size_t size = v->state_size(a->env);
    if (size == 0) {
        check_fault(a->report, CHECK_STATE, "state_size is 0: %s", up_error());
        return;
    }
    void *bytes = check_batch_array(a, "bytes of state_save", 1, size);
    if (!bytes) return;
    check_call(a->report, "state_save");
    v->state_save(a->env, bytes);
    check_arrays(a);
    check_call(b->report, "state_load");
    if (v->state_load(b->env, bytes, size) != UP_OK) {
        check_fault(a->report, CHECK_STATE, "a saved state could not be loaded: %s", up_error());
        return;
    }
    a->arrays--; // what was saved is no array of a step
    stay_same(a, b, CHECK_STATE, "a state was saved, and loaded in another batch");
    free(a->array[a->arrays].start);
}

// ---------------------------------------------------------------------------------------------------
// Restarting some

// Of two equal batches one begins new episodes in every other instance. The rest must go on as in
// the other batch.
void check_restart(CheckBatch *a, CheckBatch *b) {
    char text[CHECK_TEXT];
    snprintf(a->report->doing, CHECK_TEXT, "restarting every other instance");
    if (!a->env->vtable->restart) {
        snprintf(a->report->note[CHECK_SOME], CHECK_TEXT, "it has none");
        return;
    }
    bool good = check_batch_reset(a, true, SEED) && check_batch_reset(b, true, SEED);
    for (int t = 0; t < STEPS / 3; t++) {
        draw_and_step(a, &good);
        draw_and_step(b, &good);
    }
    for (int i = 0; i < a->env->instances; i++)
        a->active[i] = (uint8_t)(i % 2);
    if (!good || !check_batch_restart(a)) return;
    for (int t = 1; t <= STEPS && good; t++) {
        draw_and_step(a, &good);
        draw_and_step(b, &good);
        for (int i = 0; i < a->env->instances && good; i += 2) {
            if (check_same(a, i, b, i, text)) continue;
            check_fault(a->report, CHECK_SOME,
                        "instance %d, %d steps after others were restarted: %s", i, t, text);
            return;
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// Pictures

// Draws instance `i` of `a` twice over different paint: both must be written whole, and alike.
static bool draw(CheckBatch *a, int i) {
    UpImage size = {0};
    check_call(a->report, "render");
    UpStatus status = up_env_render(a->env, i, &size);
    if (status == UP_UNSUPPORTED) {
        snprintf(a->report->note[CHECK_RENDER], CHECK_TEXT, "it has none");
        return false;
    }
    if (status != UP_OK || size.width < 1 || size.height < 1) {
        check_fault(a->report, CHECK_RENDER, "instance %d: asked for the size of its picture: %s",
                    i, status != UP_OK ? up_error() : "width or height is not positive");
        return false;
    }
    size_t bytes = (size_t)size.width * (size_t)size.height * 3;
    UpImage image[2] = {size, size};
    for (int k = 0; k < 2; k++) {
        image[k].rgb = check_batch_array(a, "rgb of render", 1, bytes);
        if (!image[k].rgb) return false;
        memset(image[k].rgb, k ? 0x5B : 0xA5, bytes);
        check_call(a->report, "render");
        status = up_env_render(a->env, i, &image[k]);
        if (status != UP_OK) check_fault(a->report, CHECK_RENDER, "instance %d: %s", i, up_error());
    }
    check_arrays(a);
    for (size_t p = 0; p < bytes && status == UP_OK; p++)
        if (image[0].rgb[p] != image[1].rgb[p]) {
            check_fault(a->report, CHECK_RENDER,
                        "instance %d: the pixel in row %zu, column %zu was not written, or differs "
                        "from one drawing to the next",
                        i, p / 3 / (size_t)size.width, p / 3 % (size_t)size.width);
            status = UP_FORMAT;
        }
    for (int k = 0; k < 2; k++)
        free(a->array[--a->arrays].start);
    return status == UP_OK;
}

void check_render(CheckBatch *a, CheckBatch *b) {
    snprintf(a->report->doing, CHECK_TEXT, "drawing");
    bool good = check_batch_reset(a, true, SEED) && check_batch_reset(b, true, SEED);
    if (!good || !draw(a, 0) || !draw(a, a->env->instances - 1)) return;
    stay_same(a, b, CHECK_RENDER, "one of two equal batches was drawn");
}
