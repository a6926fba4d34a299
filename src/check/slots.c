// The optional slots: saved state, the restart of some, and pictures.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/internal.h"

enum { SEED = 2000, STEPS_MAX = 200 };

static int64_t steps_of(const UpCheckBatch *batch) {
    return batch->notes->steps < STEPS_MAX ? batch->notes->steps : STEPS_MAX;
}

// ---------------------------------------------------------------------------------------------------
// Saved state

static void draw_and_step(UpCheckBatch *b, bool *good) {
    for (int i = 0; i < b->env->instances; i++)
        up__check_batch_draw(b, i);
    *good = *good && up__check_batch_step(b, false);
}

// Steps both with the same actions; reports a difference under `rule`.
static bool stay_same(UpCheckBatch *a, UpCheckBatch *b, UpCheckRule rule, const char *what) {
    char text[UP__CHECK_TEXT];
    bool good = true;
    memcpy(b->rng, a->rng, (size_t)a->env->instances * sizeof *a->rng);
    size_t masks = (size_t)(a->env->instances * a->env->spec.mask_size);
    if (masks > 0) memcpy(b->mask, a->mask, masks); // by which actions are drawn
    for (int t = 1; t <= steps_of(a) - steps_of(a) / 3 && good; t++) {
        draw_and_step(a, &good);
        draw_and_step(b, &good);
        for (int i = 0; i < a->env->instances && good; i++) {
            if (up__check_same(a, i, b, i, text)) continue;
            up__check_fault(a->notes, rule, "instance %d, %d steps after %s: %s", i, t, what, text);
            return false;
        }
    }
    return good;
}

void up__check_state(UpCheckBatch *a, UpCheckBatch *b) {
    const UpEnvVtable *v = a->env->vtable;
    snprintf(a->notes->doing, UP__CHECK_TEXT, "saving and loading state");
    if (!v->state_size) {
        snprintf(a->notes->note[UP__CHECK_STATE], UP__CHECK_TEXT,
                 "it has none: a resumed run begins new episodes");
        return;
    }
    bool good = up__check_batch_reset(a, true, SEED) && up__check_batch_reset(b, true, SEED + 100);
    for (int t = 0; t < steps_of(a) / 3; t++)
        draw_and_step(a, &good);
    if (!good) return;
    up_fail(UP_OK, "it gave no reason");
    up__check_call(a->notes, "state_size");
    size_t size = v->state_size(a->env);
    if (size == 0) {
        up__check_fault(a->notes, UP__CHECK_STATE, "state_size is 0: %s", up_error());
        return;
    }
    void *bytes = up__check_batch_array(a, "bytes of state_save", 1, size);
    if (!bytes) return;
    up__check_call(a->notes, "state_save");
    v->state_save(a->env, bytes);
    up__check_arrays(a);
    up__check_call(b->notes, "state_load");
    if (v->state_load(b->env, bytes, size) != UP_OK) {
        up__check_fault(a->notes, UP__CHECK_STATE, "a saved state could not be loaded: %s",
                        up_error());
        return;
    }
    a->arrays--; // what was saved is no array of a step
    stay_same(a, b, UP__CHECK_STATE, "a state was saved, and loaded in another batch");
    free(a->array[a->arrays].start);
}

// ---------------------------------------------------------------------------------------------------
// Restarting some

// Of two equal batches one begins new episodes in every other instance. The rest must go on as in
// the other batch.
void up__check_restart(UpCheckBatch *a, UpCheckBatch *b) {
    char text[UP__CHECK_TEXT];
    snprintf(a->notes->doing, UP__CHECK_TEXT, "restarting every other instance");
    if (!a->env->vtable->restart) {
        snprintf(a->notes->note[UP__CHECK_SOME], UP__CHECK_TEXT, "it has none");
        return;
    }
    bool good = up__check_batch_reset(a, true, SEED) && up__check_batch_reset(b, true, SEED);
    for (int t = 0; t < steps_of(a) / 3; t++) {
        draw_and_step(a, &good);
        draw_and_step(b, &good);
    }
    for (int i = 0; i < a->env->instances; i++)
        a->active[i] = (uint8_t)(i % 2);
    if (!good || !up__check_batch_restart(a)) return;
    for (int t = 1; t <= steps_of(a) - steps_of(a) / 3 && good; t++) {
        draw_and_step(a, &good);
        draw_and_step(b, &good);
        for (int i = 0; i < a->env->instances && good; i += 2) {
            if (up__check_same(a, i, b, i, text)) continue;
            up__check_fault(a->notes, UP__CHECK_SOME,
                            "instance %d, %d steps after others were restarted: %s", i, t, text);
            return;
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// Pictures

// Draws instance `i` of `a` twice over different paint: both must be written whole, and alike.
static bool draw(UpCheckBatch *a, int i) {
    UpImage size = {0};
    up__check_call(a->notes, "render");
    UpStatus status = up_env_render(a->env, i, &size);
    if (status == UP_UNSUPPORTED) {
        snprintf(a->notes->note[UP__CHECK_RENDER], UP__CHECK_TEXT, "it has none");
        return false;
    }
    if (status != UP_OK || size.width < 1 || size.height < 1) {
        up__check_fault(a->notes, UP__CHECK_RENDER,
                        "instance %d: asked for the size of its picture: %s", i,
                        status != UP_OK ? up_error() : "width or height is not positive");
        return false;
    }
    size_t bytes = (size_t)size.width * (size_t)size.height * 3;
    UpImage image[2] = {size, size};
    for (int k = 0; k < 2; k++) {
        image[k].rgb = up__check_batch_array(a, "rgb of render", 1, bytes);
        if (!image[k].rgb) return false;
        memset(image[k].rgb, k ? 0x5B : 0xA5, bytes);
        up__check_call(a->notes, "render");
        status = up_env_render(a->env, i, &image[k]);
        if (status != UP_OK)
            up__check_fault(a->notes, UP__CHECK_RENDER, "instance %d: %s", i, up_error());
    }
    up__check_arrays(a);
    for (size_t p = 0; p < bytes && status == UP_OK; p++)
        if (image[0].rgb[p] != image[1].rgb[p]) {
            up__check_fault(
                a->notes, UP__CHECK_RENDER,
                "instance %d: the pixel in row %zu, column %zu was not written, or differs "
                "from one drawing to the next",
                i, p / 3 / (size_t)size.width, p / 3 % (size_t)size.width);
            status = UP_FORMAT;
        }
    for (int k = 0; k < 2; k++)
        free(a->array[--a->arrays].start);
    return status == UP_OK;
}

void up__check_render(UpCheckBatch *a, UpCheckBatch *b) {
    snprintf(a->notes->doing, UP__CHECK_TEXT, "drawing");
    bool good = up__check_batch_reset(a, true, SEED) && up__check_batch_reset(b, true, SEED);
    if (!good || !draw(a, 0) || !draw(a, a->env->instances - 1)) return;
    stay_same(a, b, UP__CHECK_RENDER, "one of two equal batches was drawn");
}
