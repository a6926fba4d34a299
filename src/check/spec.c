// What an environment says about itself.
#include <math.h>
#include <stdio.h>

#include "check/internal.h"

bool up__check_has_numbers(const UpSpace *space) {
    for (int64_t i = 0; i < space->size; i++)
        if (up_space_choices(space, i) == 0) return true;
    return false;
}

// Writes what is wrong with a space; false if nothing is.
static bool bad_space(const UpSpace *s, char text[UP__CHECK_TEXT]) {
    bool several = s->kind == UP_SPACE_SEVERAL;
    int64_t product = 1;
    text[0] = 0;
    for (int d = 0; s->kind == UP_SPACE_BOX && d < s->dims && d < UP_SPACE_DIMS; d++)
        product *= s->shape[d];
    if (s->size < 1) {
        snprintf(text, UP__CHECK_TEXT, "size is %lld", (long long)s->size);
    } else if (s->kind == UP_SPACE_BOX && (s->dims < 1 || s->dims > UP_SPACE_DIMS ||
                                           s->bounds < 1 || s->bounds > UP_SPACE_BOUNDS)) {
        snprintf(text, UP__CHECK_TEXT, "a Box has 1 to %d dims and 1 to %d bounds, not %d and %d",
                 UP_SPACE_DIMS, UP_SPACE_BOUNDS, s->dims, s->bounds);
    } else if (s->kind == UP_SPACE_BOX && product != s->size) {
        snprintf(text, UP__CHECK_TEXT, "its shape has %lld numbers, its size is %lld",
                 (long long)product, (long long)s->size);
    } else if (s->kind == UP_SPACE_DISCRETE && (s->n < 1 || s->size != 1)) {
        snprintf(text, UP__CHECK_TEXT, "Discrete has size 1 and n of at least 1, not %lld and %lld",
                 (long long)s->size, (long long)s->n);
    } else if (s->kind == UP_SPACE_MULTI_DISCRETE && s->size > UP_SPACE_BOUNDS) {
        snprintf(text, UP__CHECK_TEXT, "MultiDiscrete has up to %d components", UP_SPACE_BOUNDS);
    } else if (several && (s->size > UP_SPACE_BOUNDS || s->bounds != s->size)) {
        snprintf(text, UP__CHECK_TEXT,
                 "several kinds have up to %d components, each with its bounds, not %lld and %d",
                 UP_SPACE_BOUNDS, (long long)s->size, s->bounds);
    }
    for (int k = 0; (s->kind == UP_SPACE_BOX || several) && !text[0] && k < s->bounds; k++)
        if (!(s->low[k] <= s->high[k]))
            snprintf(text, UP__CHECK_TEXT, "bound %d is [%g, %g]", k, (double)s->low[k],
                     (double)s->high[k]);
    for (int64_t k = 0; (s->kind == UP_SPACE_MULTI_DISCRETE || several) && !text[0] && k < s->size;
         k++)
        if (s->choices[k] < (several ? UP_SPACE_BIT : 1))
            snprintf(text, UP__CHECK_TEXT, "component %lld has %lld choices", (long long)k,
                     (long long)s->choices[k]);
    return text[0] != 0;
}

void up__check_spec(UpCheckNotes *notes, const UpEnv *env) {
    const UpEnvSpec *spec = &env->spec;
    const UpEnvVtable *v = env->vtable;
    char text[UP__CHECK_TEXT];
    bool picture = up_space_is_picture(&spec->obs);
    if (!spec->id[0]) up__check_fault(notes, UP__CHECK_SPEC, "spec.id is empty");
    if (spec->obs.kind == UP_SPACE_SEVERAL)
        up__check_fault(notes, UP__CHECK_SPEC,
                        "spec.obs is of several kinds, as actions alone can be");
    if (bad_space(&spec->obs, text)) up__check_fault(notes, UP__CHECK_SPEC, "spec.obs: %s", text);
    if (bad_space(&spec->action, text))
        up__check_fault(notes, UP__CHECK_SPEC, "spec.action: %s", text);
    if (spec->obs_form == UP_OBS_F32 && picture)
        up__check_fault(notes, UP__CHECK_SPEC,
                        "spec.obs is a picture, which travels as bytes, spec.obs_form of float32");
    if (spec->obs_form == UP_OBS_U8 && !picture)
        up__check_fault(notes, UP__CHECK_SPEC,
                        "spec.obs_form is of bytes, and spec.obs no picture: a Box of bytes from 0 "
                        "to 255 in two or more dimensions");
    if (spec->obs_form == UP_OBS_SPARSE && spec->obs.size > UP_SPARSE_DIM_MAX)
        up__check_fault(notes, UP__CHECK_SPEC, "sparse observations have up to %d numbers",
                        UP_SPARSE_DIM_MAX);
    int64_t mask = up_space_mask(&spec->action);
    if (spec->mask_size != 0 && mask == 0)
        up__check_fault(notes, UP__CHECK_SPEC,
                        "spec.mask_size is %lld, and actions of this space cannot be masked",
                        (long long)spec->mask_size);
    else if (spec->mask_size != 0 && spec->mask_size != mask)
        up__check_fault(notes, UP__CHECK_SPEC,
                        "spec.mask_size is %lld; a mask of this action space has %lld",
                        (long long)spec->mask_size, (long long)mask);
    if (spec->max_episode_steps < 0)
        up__check_fault(notes, UP__CHECK_SPEC, "spec.max_episode_steps is %lld",
                        (long long)spec->max_episode_steps);
    if (v->render && !(spec->frames_per_second > 0 && isfinite(spec->frames_per_second)))
        up__check_fault(notes, UP__CHECK_SPEC,
                        "it can draw itself, and spec.frames_per_second is %g",
                        spec->frames_per_second);
    if (!v->state_size != !v->state_save || !v->state_size != !v->state_load)
        up__check_fault(notes, UP__CHECK_SPEC,
                        "of state_size, state_save and state_load some are there, some are not");
}
