// The rules that a single step can break.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check/internal.h"

static bool is_painted(const UpCheckBatch *b, const void *value, size_t size) {
    const uint8_t *byte = value;
    for (size_t i = 0; i < size; i++)
        if (byte[i] != b->paint) return false;
    return true;
}

// One number of an observation.
static void check_number(const UpCheckBatch *b, const char *name, int instance, int64_t k,
                         double value) {
    const UpSpace *space = &b->env->spec.obs;
    double low = 0, high = (double)(up_space_choices(space, k) - 1);
    if (space->kind == UP_SPACE_BOX) {
        low = (double)up_space_low(space, k);
        high = (double)up_space_high(space, k);
    }
    bool whole = space->kind == UP_SPACE_BOX || value == floor(value);
    if (isfinite(value) && value >= low && value <= high && whole) return;
    up__check_fault(
        b->notes, UP__CHECK_OBS,
        "instance %d, step %lld: component %lld of %s is %.9g, which is not in [%.9g, %.9g]",
        instance, (long long)b->t, (long long)k, name, value, low, high);
}

static void check_sparse_row(const UpCheckBatch *b, const UpObs *obs, const char *name, int i) {
    int64_t last = -1;
    if (obs->count[i] > obs->dim) {
        up__check_fault(b->notes, UP__CHECK_OBS,
                        "instance %d, step %lld: %s has %u entries, more than %lld", i,
                        (long long)b->t, name, obs->count[i], (long long)obs->dim);
        return;
    }
    for (uint32_t e = 0; e < obs->count[i]; e++) {
        int64_t position = obs->entry[obs->begin[i] + e] / 2;
        if (position >= obs->dim || position <= last)
            up__check_fault(b->notes, UP__CHECK_OBS,
                            "instance %d, step %lld: entry %u of %s is position %lld behind %lld; "
                            "positions ascend and are below %lld",
                            i, (long long)b->t, e, name, (long long)position, (long long)last,
                            (long long)obs->dim);
        last = position;
    }
}

// Where an episode ended, final_obs has a rule of its own.
static void unwritten(const UpCheckBatch *b, int i, int64_t k, bool final) {
    if (final)
        up__check_fault(
            b->notes, UP__CHECK_FINAL_OBS,
            "instance %d, step %lld: the episode ended, and component %lld of final_obs was "
            "not written",
            i, (long long)b->t, (long long)k);
    else
        up__check_fault(
            b->notes, UP__CHECK_WRITTEN,
            "instance %d, step %lld: component %lld of obs, which has %lld, was not written", i,
            (long long)b->t, (long long)k, (long long)b->env->spec.obs.size);
}

void up__check_rows(const UpCheckBatch *b, const UpObs *obs, int i, bool final) {
    const char *name = final ? "final_obs" : "obs";
    int64_t D = obs->dim;
    if (obs->form == UP_OBS_SPARSE) {
        if (is_painted(b, &obs->count[i], sizeof obs->count[i]))
            unwritten(b, i, 0, final);
        else
            check_sparse_row(b, obs, name, i);
    }
    for (int64_t k = 0; obs->form == UP_OBS_F32 && k < D; k++) {
        const float *value = &obs->f32[i * D + k];
        if (is_painted(b, value, sizeof *value))
            unwritten(b, i, k, final);
        else
            check_number(b, name, i, k, (double)*value);
    }
    if (obs->form != UP_OBS_U8) return;
    // A byte may happen to have the paint's value, a whole row hardly.
    if (D >= 16 && is_painted(b, obs->u8 + i * D, (size_t)D)) unwritten(b, i, 0, final);
    const UpSpace *space = &b->env->spec.obs;
    for (int64_t k = 0; k < D && (space->low[0] > 0 || space->high[0] < 255); k++)
        check_number(b, name, i, k, obs->u8[i * D + k]);
}

void up__check_masks(UpCheckBatch *b, const uint8_t *active) {
    int64_t size = b->env->spec.mask_size;
    for (int i = 0; i < b->env->instances && size > 0; i++) {
        if (active && !active[i]) continue;
        memcpy(b->mask + i * size, b->step.obs.mask + i * size, (size_t)size);
        for (int64_t k = 0; k < size; k++)
            if (b->mask[i * size + k] > 1)
                up__check_fault(
                    b->notes, UP__CHECK_WRITTEN,
                    "instance %d, step %lld: component %lld of the mask is %d, not 0 or 1", i,
                    (long long)b->t, (long long)k, b->mask[i * size + k]);
    }
}

static void check_inputs(const UpCheckBatch *b) {
    size_t n = (size_t)b->env->instances, A = (size_t)b->env->spec.action.size;
    for (size_t i = 0; i < n * A; i++)
        if (!up__check_same_bits(&b->action[i], &b->action_copy[i], sizeof(float)))
            up__check_fault(b->notes, UP__CHECK_INPUT,
                            "instance %zu, step %lld: its action was changed", i / A,
                            (long long)b->t);
    if (memcmp(b->active, b->active_copy, n) != 0)
        up__check_fault(b->notes, UP__CHECK_INPUT, "step %lld: the array `active` was changed",
                        (long long)b->t);
}

static void check_flag(const UpCheckBatch *b, const char *name, int i, uint8_t value) {
    if (value <= 1) return;
    up__check_fault(b->notes, UP__CHECK_FLAGS, "instance %d, step %lld: `%s` is %d%s", i,
                    (long long)b->t, name, value, value == b->paint ? ", or was not written" : "");
}

bool up__check_row_written(const UpCheckBatch *b, int i) {
    const UpObs *obs = &b->step.obs;
    size_t D = (size_t)obs->dim, row = (size_t)i, M = (size_t)obs->mask_size;
    return (obs->f32 && !is_painted(b, obs->f32 + row * D, D * sizeof(float))) ||
           (obs->u8 && !is_painted(b, obs->u8 + row * D, D)) ||
           (obs->count && !is_painted(b, &obs->count[i], sizeof obs->count[i])) ||
           (obs->mask && !is_painted(b, obs->mask + row * M, M));
}

// An instance that sat out this step: nothing of it may have been written.
static void check_inactive(const UpCheckBatch *b, int i) {
    const char *what = NULL;
    if (!is_painted(b, &b->step.reward[i], sizeof(double))) what = "reward";
    if (!is_painted(b, &b->step.terminated[i], 1)) what = "terminated";
    if (!is_painted(b, &b->step.truncated[i], 1)) what = "truncated";
    if (up__check_row_written(b, i)) what = "obs";
    if (what)
        up__check_fault(b->notes, UP__CHECK_ACTIVE,
                        "instance %d, step %lld: active is 0, and its `%s` was written", i,
                        (long long)b->t, what);
}

// Episodes that end again in their first step, one after another, where the instance has had a
// longer one, go on from the state in which they ended.
static void follow_streak(UpCheckBatch *b, int i, bool ended) {
    enum { SUSPICIOUS = 60 }; // one-step games do so by chance, but not for so long
    if (b->elapsed[i] > b->longest[i]) b->longest[i] = b->elapsed[i];
    b->streak[i] = b->elapsed[i] > 1 ? 0 : b->streak[i] + ended;
    if (b->streak[i] >= SUSPICIOUS && b->longest[i] > 1)
        up__check_fault(b->notes, UP__CHECK_RESTART,
                        "instance %d, step %lld: after its end an episode ends again in every step",
                        i, (long long)b->t);
}

static void check_end(UpCheckBatch *b, int i) {
    int64_t limit = b->env->spec.max_episode_steps;
    if (up__check_broken(b->notes, UP__CHECK_FLAGS)) return; // who knows when an episode ends?
    bool ended = b->step.terminated[i] || b->step.truncated[i];
    b->elapsed[i]++;
    follow_streak(b, i, ended);
    if (limit > 0 && b->elapsed[i] >= limit && !ended)
        up__check_fault(b->notes, UP__CHECK_LIMIT,
                        "instance %d, step %lld: the episode goes on after %lld steps; the spec's "
                        "max_episode_steps is %lld",
                        i, (long long)b->t, (long long)b->elapsed[i], (long long)limit);
    if (!ended) return;
    b->ends++;
    b->cut += b->step.truncated[i] == 1;
    b->elapsed[i] = 0;
    up__check_rows(b, &b->step.final_obs, i, true);
    b->stale += up__check_same_row(&b->step.obs, i, &b->step.final_obs, i);
}

void up__check_step(UpCheckBatch *b, bool active) {
    check_inputs(b);
    up__check_masks(b, active ? b->active_copy : NULL);
    for (int i = 0; i < b->env->instances; i++) {
        if (active && !b->active_copy[i]) {
            check_inactive(b, i);
            continue;
        }
        double reward = b->step.reward[i];
        if (is_painted(b, &reward, sizeof reward))
            up__check_fault(b->notes, UP__CHECK_WRITTEN,
                            "instance %d, step %lld: no reward was written", i, (long long)b->t);
        else if (!isfinite(reward))
            up__check_fault(b->notes, UP__CHECK_REWARD, "instance %d, step %lld: the reward is %g",
                            i, (long long)b->t, reward);
        check_flag(b, "terminated", i, b->step.terminated[i]);
        check_flag(b, "truncated", i, b->step.truncated[i]);
        up__check_rows(b, &b->step.obs, i, false);
        check_end(b, i);
    }
}
