// Using a trained policy: loading it, and measuring what it reaches.
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "train/checkpoint_files.h"
#include "uphill/train.h"

static UpStatus open_file(const char *path, UpTensorFile *file) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        char newest[2048];
        return up__checkpoint_newest(path, newest, sizeof newest, file);
    }
    return up_tensors_read(path, file);
}

// The shape of the policy follows from the environment; a policy is made for it and then filled.
static UpStatus import(UpPolicy *policy, const UpConfig *config, const UpTensorFile *file) {
    UpEnv *env;
    UP_TRY(up_env_create(&env, &config->env, 1));
    bool value = up_tensors_find(file, "value.0.weight") != NULL;
    UpStatus status = up_policy_create(policy, &config->policy, &env->spec, value, 1, 0);
    up_env_destroy(env);
    UP_TRY(status);
    status = up_policy_import(policy, file);
    if (status != UP_OK) up_policy_destroy(policy);
    return status;
}

UpStatus up_policy_load(UpPolicy *policy, UpConfig *config, const char *path) {
    UpTensorFile file;
    UP_TRY(open_file(path, &file));
    const char *text = up_tensors_meta(&file, "config");
    UpStatus status =
        text ? up_config_parse(config, text, path)
             : up_fail(UP_FORMAT, "%s is no checkpoint of uphill: it holds no config", path);
    // A config that cannot be read is the file's fault, not the caller's.
    if (status == UP_USAGE || status == UP_UNKNOWN) status = UP_FORMAT;
    if (status == UP_OK) status = import(policy, config, &file);
    up_tensors_free(&file);
    return status;
}

UpStatus up_evaluate(UpPolicy *policy, UpEnv *env, int64_t episodes, uint64_t seed, bool greedy,
                     double *returns, int64_t *lengths) {
    UpRolloutDef def = {.envs = env->instances, .steps = 1, .episodes = episodes};
    UpRollout rollout;
    UP_TRY(up_rollout_create(&rollout, &def, 1, env, seed));
    UpActor actor = up_policy_actor_frozen(policy, greedy);
    UpStatus status = up_policy_reserve(policy, env->instances);
    if (status == UP_OK) status = up_rollout_collect(&rollout, env, &actor, INT64_MAX);
    for (int64_t i = 0; status == UP_OK && i < episodes; i++) {
        returns[i] = rollout.episode[i].ret;
        lengths[i] = rollout.episode[i].length;
    }
    up_rollout_destroy(&rollout);
    return status;
}
