// A policy that acts alone.
#include "uphill/act.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/obs.h"
#include "env/rescale.h"
#include "policy/policy_internal.h"
#include "policy/spec.h"

enum { LINE = 256 }; // a line of [policy] is no longer

struct UpAct {
    UpPolicy policy;
    UpSpace inside;  // what actions are stretched to; size 0: they are not
    UpObs obs;       // one row, its numbers in the arena
    UpArena arena;   // the observation
    float *gradient; // (A) of the stretching, as intercept
    float *intercept;
    UpReal *memory; // (M) what the policy remembers of the episode
};

// ---------------------------------------------------------------------------------------------------
// Loading

// One line of the config: "key = value", without the spaces around either.
static UpStatus set_line(UpPolicyDef *def, char *line, const char *path) {
    char *equals = strchr(line, '=');
    if (!equals) return up_fail(UP_FORMAT, "%s: its config is damaged: %.60s", path, line);
    char *end = equals;
    while (end > line && end[-1] == ' ')
        end--;
    *end = 0;
    char *value = equals + 1 + strspn(equals + 1, " ");
    UpStatus status = up_options_set(&up_policy_options, def, line, value, path);
    return status == UP_USAGE ? UP_FORMAT : status; // the file's fault, not the caller's
}

// [policy] of the config that a checkpoint holds, which up_config_format wrote.
static UpStatus read_def(UpPolicyDef *def, const char *config, const char *path) {
    bool inside = false;
    up_options_default(&up_policy_options, def);
    for (const char *at = config; *at;) {
        char line[LINE];
        size_t length = strcspn(at, "\n");
        if (length >= LINE && inside)
            return up_fail(UP_FORMAT, "%s: a line of its config is too long", path);
        if (length < LINE) {
            memcpy(line, at, length);
            line[length] = 0;
            if (line[0] == '[')
                inside = strcmp(line, "[policy]") == 0;
            else if (inside && length > 0)
                UP_TRY(set_line(def, line, path));
        }
        at += length + (at[length] == '\n');
    }
    return UP_OK;
}

static UpStatus make_obs(UpAct *act, UpObsForm form) {
    const UpPolicy *p = &act->policy;
    UpObs *obs = &act->obs;
    *obs = (UpObs){.form = form, .rows = 1, .dim = p->obs_space.size, .stack = p->stack};
    up__obs_create(obs, &act->arena);
    act->memory = up_arena_alloc(&act->arena, (size_t)p->net.memory, sizeof *act->memory);
    return up_arena_status(&act->arena);
}

static UpStatus make_stretch(UpAct *act) {
    size_t A = (size_t)act->inside.size;
    if (A == 0) return UP_OK;
    act->gradient = up_arena_alloc(&act->arena, A, sizeof(float));
    act->intercept = up_arena_alloc(&act->arena, A, sizeof(float));
    UP_TRY(up_arena_status(&act->arena));
    for (size_t a = 0; a < A; a++)
        up__rescale_line(&act->inside, (int64_t)a, &act->gradient[a], &act->intercept[a]);
    act->policy.action_space = act->inside; // which actions are clipped to
    return UP_OK;
}

static UpStatus fill(UpAct *act, const UpTensorFile *file, const char *path) {
    static const char absent[] = "%s is no checkpoint of uphill: it holds no config";
    UpPolicyDef def;
    UpEnvSpec spec;
    const char *config = up_tensors_meta(file, "config");
    if (!config) return up_fail(UP_FORMAT, absent, path);
    UP_TRY(read_def(&def, config, path));
    UP_TRY(up__spec_read(&spec, &act->inside, file));
    UP_TRY(up__policy_describe(&act->policy, &def, &spec, false));
    UP_TRY(up__policy_held(&act->policy, file));
    UP_TRY(up__policy_allocate(&act->policy, false));
    UP_TRY(up_policy_reserve(&act->policy, 1));
    UP_TRY(up_policy_import(&act->policy, file));
    UP_TRY(make_obs(act, spec.obs_form));
    return make_stretch(act);
}

UpStatus up_act_load(UpAct **out, const char *path) {
    *out = NULL;
    UpTensorFile file;
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) // no list of files is read here
        return up_fail(UP_IO,
                       "%s is a folder: name a file in it, best.safetensors of a run or one of its "
                       "checkpoints/",
                       path);
    UP_TRY(up_tensors_read(path, &file));
    UpAct *act = calloc(1, sizeof *act);
    UpStatus status = act ? fill(act, &file, path) : up_fail(UP_MEMORY, "out of memory");
    up_tensors_free(&file);
    if (status != UP_OK) {
        up_act_free(act);
        return up_fail_in(status, path);
    }
    *out = act;
    return UP_OK;
}

void up_act_free(UpAct *act) {
    if (!act) return;
    up_policy_destroy(&act->policy);
    up_arena_free(&act->arena);
    free(act);
}

int64_t up_act_obs_size(const UpAct *act) {
    return act->obs.dim * act->policy.stack;
}

int64_t up_act_action_size(const UpAct *act) {
    return act->policy.dist.actions;
}

int64_t up_act_mask_size(const UpAct *act) {
    return act->policy.dist.masks;
}

// ---------------------------------------------------------------------------------------------------
// Acting

// The positions of the entries that are not 0, as the policy's form has them.
static void gather(UpObs *obs, const float *from) {
    uint32_t count = 0;
    for (int64_t i = 0; i < obs->dim; i++)
        if (from[i] > 0 || from[i] < 0)
            obs->entry[count++] = (UpSparseEntry)(2 * i + (from[i] < 0));
    obs->count[0] = count;
}

static uint8_t byte_of(float value) {
    return value > 0 ? value < 255 ? (uint8_t)value : 255 : 0; // NaN is 0
}

static void take(UpAct *act, const float *from) {
    UpObs *obs = &act->obs;
    int64_t numbers = up_act_obs_size(act);
    if (obs->form == UP_OBS_SPARSE) gather(obs, from);
    for (int64_t i = 0; obs->u8 && i < numbers; i++)
        obs->u8[i] = byte_of(from[i]);
    if (!obs->f32) return;
    memcpy(obs->f32, from, (size_t)numbers * sizeof *from);
    UpObs each = *obs; // every observation of a stack is normalised, as when it came
    each.rows = obs->stack;
    each.stack = 1;
    up_policy_observe(&act->policy, &each, NULL, false);
}

void up_act_begin(UpAct *act) {
    size_t M = (size_t)act->policy.net.memory;
    if (M > 0) memset(act->memory, 0, M * sizeof *act->memory);
}

void up_act(UpAct *act, const float *obs, const uint8_t *mask, float *action) {
    UpPolicy *p = &act->policy;
    take(act, obs);
    act->obs.mask_size = mask ? up_act_mask_size(act) : 0;
    act->obs.mask = act->obs.mask_size ? (uint8_t *)mask : NULL; // it is only read
    UpSeen seen = {&act->obs, 1, NULL, act->memory, act->memory};
    up_dist_mode(&p->dist, up_policy_forward(p, seen, UP_HEADS_POLICY).param, NULL, action);
    for (int64_t a = 0; a < act->inside.size; a++)
        action[a] = up__rescale_back(action[a], act->gradient[a], act->intercept[a]);
    up__policy_clip(p, action);
}
