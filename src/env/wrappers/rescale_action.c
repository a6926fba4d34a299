// Gymnasium's RescaleAction to [-1, 1] (env/rescale.h). The environment inside clips the result, as
// it does with every Box action.
#include "env/rescale.h"

#include <math.h>

#include "env/wrappers/wrapper.h"

typedef struct RescaleAction {
    UpWrapper wrapper;
    float *gradient, *intercept; // (A) from the inner bounds to [-1, 1]
    float *action;               // (N, A) of the inner environment
} RescaleAction;

static UpStatus step_rescaled(UpEnv *env, UpStep *step) {
    RescaleAction *self = (RescaleAction *)env;
    int64_t A = env->spec.action.size;
    for (int64_t n = 0; n < env->instances; n++)
        for (int64_t a = 0; a < A; a++)
            self->action[n * A + a] =
                up__rescale_back(step->action[n * A + a], self->gradient[a], self->intercept[a]);
    UpEnv *inner = up__wrapper_inner(env);
    UpStep inside = *step;
    inside.action = self->action;
    UpStatus status = inner->vtable->step(inner, &inside);
    env->lost = inner->lost;
    return status;
}

static UpStatus check(const UpEnv *env) {
    const UpSpace *space = &env->spec.action;
    bool fits = space->kind == UP_SPACE_BOX;
    for (int64_t a = 0; fits && a < space->size; a++) {
        float low = up_space_low(space, a), high = up_space_high(space, a);
        fits = isfinite(low) && isfinite(high) && low < high;
    }
    if (fits) return UP_OK;
    char text[128];
    up_space_format(space, text, sizeof text);
    return up_fail(UP_USAGE, "%s: env.rescale_action needs a Box with bounds, not %s", env->spec.id,
                   text);
}

UpStatus up__rescale_action_wrap(UpEnv **env) {
    UpStatus status = check(*env);
    if (status != UP_OK) {
        up_env_destroy(*env);
        *env = NULL;
        return status;
    }
    const UpSpace space = (*env)->spec.action;
    size_t A = (size_t)space.size;
    RescaleAction *self = up__wrapper_create(sizeof *self, *env);
    *env = (UpEnv *)self;
    if (!self) return UP_MEMORY;
    UpArena *arena = &self->wrapper.arena;
    self->gradient = up_arena_alloc(arena, A, sizeof *self->gradient);
    self->intercept = up_arena_alloc(arena, A, sizeof *self->intercept);
    self->action = up_arena_alloc(arena, A * (size_t)(*env)->instances, sizeof *self->action);
    if (!self->gradient || !self->intercept || !self->action) {
        up_env_destroy(*env);
        *env = NULL;
        return UP_MEMORY;
    }
    for (int64_t a = 0; a < space.size; a++)
        up__rescale_line(&space, a, &self->gradient[a], &self->intercept[a]);
    self->wrapper.vtable.step = step_rescaled;
    UpSpace *action = &(*env)->spec.action;
    action->dtype = UP_DTYPE_F32;
    action->bounds = 1;
    action->low[0] = -1;
    action->high[0] = 1;
    return UP_OK;
}

const UpSpace *up__rescale_action_inside(const UpEnv *env) {
    bool ours = env->vtable->step == step_rescaled;
    return ours ? &((const UpWrapper *)env)->inner->spec.action : NULL;
}
