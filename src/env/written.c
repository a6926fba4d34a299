#include "env/written.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------------
// Masks

static UpStatus closed(const UpEnv *env, int i, int64_t component) {
    char where[48] = "";
    if (env->spec.action.size > 1)
        snprintf(where, sizeof where, " for component %lld of an action", (long long)component);
    return up_fail(UP_ENVIRONMENT, "%s, instance %d: its mask leaves no action open%s",
                   env->spec.id, i, where);
}

// A policy cannot act where nothing may be done.
static UpStatus check_masks(const UpEnv *env, const UpObs *obs, const uint8_t *which) {
    const UpSpace *space = &env->spec.action;
    int64_t M = env->spec.mask_size;
    for (int i = 0; M && i < env->instances; i++) {
        if (which && !which[i]) continue;
        const uint8_t *mask = obs->mask + i * M;
        uint8_t bits = 0;
        for (int64_t a = 0; a < M; a++)
            bits |= mask[a];
        for (int64_t a = 0; bits > 1 && a < M; a++)
            if (mask[a] > 1)
                return up_fail(UP_ENVIRONMENT,
                               "%s, instance %d: entry %lld of the action mask is %d; it must be 0 "
                               "(closed) or 1 (open)",
                               env->spec.id, i, (long long)a, mask[a]);
        for (int64_t c = 0; c < space->size; c++) {
            int64_t choices = up_space_choices(space, c);
            if (choices && !memchr(mask, 1, (size_t)choices)) return closed(env, i, c);
            mask += choices;
        }
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Observations

// Is number `k` of a row one that the space has? Bounds of a Box are a promise of which sizes to
// expect, which many environments break by a rounding; `uphill check-env` looks at them.
static bool belongs(const UpSpace *space, int64_t k, float value) {
    if (!isfinite(value)) return false;
    if (space->kind == UP_SPACE_BOX) return true;
    int64_t n = up_space_choices(space, k);
    return value >= 0 && value < (float)n && value == floorf(value);
}

static UpStatus check_row(const UpEnv *env, const UpObs *obs, int i, const char *name) {
    const UpSpace *space = &env->spec.obs;
    const float *row = obs->f32 + i * obs->dim;
    for (int64_t k = 0; k < obs->dim; k++) {
        if (belongs(space, k, row[k])) continue;
        char text[128];
        up_space_format(space, text, sizeof text);
        return up_fail(isfinite(row[k]) ? UP_ENVIRONMENT : UP_NUMERIC,
                       "%s, instance %d: component %lld of the %s is %.9g; declared: %s",
                       env->spec.id, i, (long long)k, name, (double)row[k], text);
    }
    return UP_OK;
}

// One pass without branches: is every number finite?
static bool all_finite(const float *value, int64_t count) {
    const uint32_t exponent = UINT32_C(0x7F800000);
    uint32_t bad = 0;
    for (int64_t k = 0; k < count; k++) {
        uint32_t bits;
        memcpy(&bits, &value[k], sizeof bits);
        bad |= (bits & exponent) == exponent;
    }
    return !bad;
}

static UpStatus check_rows(const UpEnv *env, const UpObs *obs, const uint8_t *which,
                           const char *name) {
    if (!obs->f32) return UP_OK; // every byte is a byte
    bool box = env->spec.obs.kind == UP_SPACE_BOX;
    if (box && !which && all_finite(obs->f32, env->instances * obs->dim)) return UP_OK;
    for (int i = 0; i < env->instances; i++)
        if (!which || which[i]) UP_TRY(check_row(env, obs, i, name));
    return UP_OK;
}

UpStatus up__env_check_begun(const UpEnv *env, const UpObs *obs, const uint8_t *which) {
    if (env->checked) UP_TRY(check_rows(env, obs, which, "first observation"));
    return check_masks(env, obs, which);
}

// ---------------------------------------------------------------------------------------------------
// A step

// A learner adds rewards in float32.
static UpStatus check_numbers(const UpEnv *env, const UpStep *step, int i) {
    const uint8_t flag[] = {step->terminated[i], step->truncated[i]};
    if (!(fabs(step->reward[i]) <= (double)FLT_MAX))
        return up_fail(UP_NUMERIC, "%s, instance %d: the reward is %g%s", env->spec.id, i,
                       step->reward[i],
                       isfinite(step->reward[i]) ? ", beyond float32, which ends at 3.4e38" : "");
    for (int k = 0; k < 2; k++)
        if (flag[k] > 1)
            return up_fail(UP_ENVIRONMENT, "%s, instance %d: `%s` is %d; it must be 0 or 1",
                           env->spec.id, i, k ? "truncated" : "terminated", flag[k]);
    if (step->final_obs.f32 && (flag[0] || flag[1]))
        return check_row(env, &step->final_obs, i, "final observation");
    return UP_OK;
}

UpStatus up__env_check_step(const UpEnv *env, const UpStep *step) {
    if (env->checked) {
        for (int i = 0; i < env->instances; i++)
            if (!step->active || step->active[i]) UP_TRY(check_numbers(env, step, i));
        UP_TRY(check_rows(env, &step->obs, step->active, "observation"));
    }
    return check_masks(env, &step->obs, step->active);
}
