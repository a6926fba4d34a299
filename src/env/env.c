// What is the same for every environment: checks at the boundary, then the implementation's own
// slot.
#include "env/written.h"

#include <math.h>
#include <string.h>

#include "core/obs.h"

// ---------------------------------------------------------------------------------------------------
// Actions

// Is `value` one of the integers 0 … count-1? False for NaN.
static bool is_choice(float value, int64_t count) {
    return value >= 0 && value < (float)count && value == (float)(int64_t)value;
}

static bool action_fits(const UpSpace *space, const float *action) {
    bool fits = true;
    for (int64_t i = 0; i < space->size; i++) {
        int64_t choices = up_space_choices(space, i);
        fits &= choices ? is_choice(action[i], choices) : !isnan(action[i]);
    }
    return fits;
}

// One pass without branches over the spaces that matter most for speed.
static bool all_fit(const UpSpace *space, const float *action, int64_t count) {
    bool fits = true;
    if (space->kind == UP_SPACE_BOX) {
        for (int64_t i = 0; i < count; i++)
            fits &= action[i] == action[i];
        return fits;
    }
    if (space->kind != UP_SPACE_DISCRETE || space->n > INT32_MAX) return false;
    float end = (float)space->n;
    for (int64_t i = 0; i < count; i++) {
        // Out of range, the conversion to int would be undefined.
        bool inside = action[i] >= 0 && action[i] < end;
        float value = inside ? action[i] : 0.5F;
        fits &= (float)(int32_t)value == value;
    }
    return fits;
}

static UpStatus bad_action(const UpEnv *env, int instance, const float *action) {
    char space[128];
    up_space_format(&env->spec.action, space, sizeof space);
    for (int64_t i = 0; i < env->spec.action.size; i++)
        if (isnan(action[i]))
            return up_fail(UP_NUMERIC,
                           "%s, instance %d: component %lld of the action is not a number (NaN)",
                           env->spec.id, instance, (long long)i);
    return up_fail(UP_USAGE, "%s, instance %d: action %g is not in %s", env->spec.id, instance,
                   (double)action[0], space);
}

static UpStatus check_actions(const UpEnv *env, const UpStep *step) {
    const UpSpace *space = &env->spec.action;
    if (all_fit(space, step->action, env->instances * space->size)) return UP_OK;
    for (int i = 0; i < env->instances; i++) {
        const float *action = step->action + i * space->size;
        bool active = !step->active || step->active[i];
        if (active && !action_fits(space, action)) return bad_action(env, i, action);
    }
    return UP_OK;
}

static UpStatus check_obs(const UpEnv *env, const UpObs *obs) {
    static const char *const form[] = {"f32", "u8", "sparse"};
    if (obs->form == env->spec.obs_form && obs->dim == env->spec.obs.size &&
        obs->rows >= env->instances && (obs->mask || !env->spec.mask_size))
        return UP_OK;
    return up_fail(UP_MISMATCH,
                   "%s writes %d rows of %lld numbers in form %s, the buffer has %lld of %lld in "
                   "form %s: make it with up_obs_create",
                   env->spec.id, env->instances, (long long)env->spec.obs.size,
                   form[env->spec.obs_form], (long long)obs->rows, (long long)obs->dim,
                   form[obs->form]);
}

// ---------------------------------------------------------------------------------------------------
// Slots

UpStatus up_env_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    UP_TRY(check_obs(env, &obs));
    UP_TRY(env->vtable->reset(env, seeds, obs));
    return up__env_check_begun(env, &obs, NULL);
}

UpStatus up_env_restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    UP_TRY(check_obs(env, &obs));
    if (!env->vtable->restart)
        return up_fail(UP_UNSUPPORTED, "%s cannot begin an episode before one has ended",
                       env->spec.id);
    UP_TRY(env->vtable->restart(env, which, obs));
    return up__env_check_begun(env, &obs, which);
}

UpStatus up_env_step(UpEnv *env, UpStep *step) {
    UP_TRY(check_obs(env, &step->obs));
    UP_TRY(check_obs(env, &step->final_obs));
    UP_TRY(check_actions(env, step));
    UP_TRY(env->vtable->step(env, step));
    return up__env_check_step(env, step);
}

UpStatus up_env_render(UpEnv *env, int instance, UpImage *image) {
    if (instance < 0 || instance >= env->instances)
        return up_fail(UP_USAGE, "%s: there is no instance %d, they are 0 to %d", env->spec.id,
                       instance, env->instances - 1);
    if (!env->vtable->render)
        return up_fail(UP_UNSUPPORTED, "%s cannot draw itself: it has no `render`", env->spec.id);
    return env->vtable->render(env, instance, image);
}

UpStatus up_env_judge(const UpEnv *env, int64_t lost, int64_t episodes) {
    if (episodes < 1 || lost < episodes) return UP_OK;
    return up_fail(UP_ENVIRONMENT, "%s: all %lld episodes ended by errors of the environment",
                   env->spec.id, (long long)episodes);
}

void up_env_destroy(UpEnv *env) {
    if (env) env->vtable->destroy(env);
}

// ---------------------------------------------------------------------------------------------------
// Buffers

UpStatus up_obs_create(UpObs *obs, const UpEnvSpec *spec, int64_t rows, UpArena *arena) {
    *obs = (UpObs){
        .form = spec->obs_form, .rows = rows, .dim = spec->obs.size, .mask_size = spec->mask_size};
    if ((unsigned)spec->obs_form <= UP_OBS_SPARSE) {
        up__obs_create(obs, arena);
        return up_arena_status(arena);
    }
    return up_fail(UP_USAGE, "%s: there is no observation form %d", spec->id, (int)spec->obs_form);
}
