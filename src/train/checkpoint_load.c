// Loading a checkpoint into a trainer that was made from the same config.
#include <stdio.h>
#include <string.h>

#include "train/checkpoint_files.h"
#include "train/trainer.h"

static UpStatus load_playing(UpTrainer *t, const UpTensorFile *file) {
    UpRollout *r = &t->rollout;
    const UpTensor *state = up_tensors_find(file, "env.state");
    if (r->steps == 0) return UP_OK; // it had not begun
    if (!state || !t->env->vtable->state_load) {
        // The instances start anew, with seeds that the run has not used yet.
        UpRng rng;
        up_rng_stream(&rng, (uint64_t)t->config.train.seed, UP_STREAM_ENV, (uint32_t)r->steps);
        for (int64_t n = 0; n < r->N; n++)
            r->play.seeds[n] = up_rng_u32(&rng);
        return UP_OK;
    }
    UP_TRY(t->env->vtable->state_load(t->env, state->data, (size_t)up_tensor_count(state)));
    UP_TRY(up_keep_load(&t->playing, file));
    return up_rollout_unpack(r);
}

// A run goes on with what it was made with, whatever config.ini says by now.
static UpStatus check_config(UpTrainer *t, const UpTensorFile *file, UpConfig *made) {
    const char *text = up_tensors_meta(file, "config");
    if (!text) return up_fail(UP_FORMAT, "it holds no config");
    if (up_config_parse(made, text, "its config") != UP_OK) return UP_FORMAT;
    UpConfig mine = *made;
    memcpy(mine.train.recipe, t->config.train.recipe, sizeof mine.train.recipe);
    memcpy(mine.train.init, t->config.train.init, sizeof mine.train.init);
    return up__history_check(t->folder, &mine, &t->config);
}

static UpStatus load(UpTrainer *t, const UpTensorFile *file, UpConfig *made) {
    const char *env = up_tensors_meta(file, "env");
    if (!env || strcmp(env, t->config.env.id) != 0)
        return up_fail(UP_MISMATCH, "it was trained on %s, and this run is on %s",
                       env ? env : "an unknown environment", t->config.env.id);
    UP_TRY(check_config(t, file, made));
    UP_TRY(up_policy_import(&t->policy, file));
    UP_TRY(up__policy_finite(&t->policy));
    UP_TRY(up_keep_load(&t->keep, file));
    t->rollout.steps = t->progress.steps;
    return load_playing(t, file);
}

UpStatus up__checkpoint_load_newest(UpTrainer *t, UpConfig *made, bool *found) {
    char path[UP__PATH + 64];
    UpTensorFile file;
    UP_TRY(up__checkpoint_clean(t->folder));
    UpStatus status = up__checkpoint_newest(t->folder, path, sizeof path, &file);
    *found = status == UP_OK;
    if (status == UP_NOT_FOUND) return UP_OK; // killed before its first checkpoint: from the start
    UP_TRY(status);
    status = load(t, &file, made);
    up_tensors_free(&file);
    if (status != UP_OK) {
        char reason[512];
        snprintf(reason, sizeof reason, "%s", up_error());
        return up_fail(status, "%s: %s", path, reason);
    }
    return UP_OK;
}
