// Loading a trained policy, for use or as the beginning of another run.
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/policy_internal.h"
#include "policy/spec.h"
#include "train/checkpoint_files.h"
#include "train/trainer.h"

static bool is_there(const char *folder, const char *name) {
    char path[UP__PATH + 64];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &info) == 0;
}

// A folder that holds runs, and a run that is named without the folder, are meant often.
static UpStatus is_run(const char *path) {
    struct stat info;
    char run[UP__PATH];
    bool found = stat(path, &info) == 0, folder = found && S_ISDIR(info.st_mode);
    if (!found && errno != ENOENT) return UP_OK; // opening it says why not
    if (folder && (is_there(path, "config.ini") || is_there(path, "checkpoints"))) return UP_OK;
    const char *ending = strrchr(path, '.');
    bool weights = !folder && ending && strcmp(ending, ".safetensors") == 0;
    if (found && weights) return UP_OK;
    bool within = up_train_run_of(path, run, sizeof run);
    if (weights)
        return up_fail(UP_NOT_FOUND, "there is no file %s%s%s", path,
                       within ? " (best.safetensors comes with the hundredth episode, or the first "
                                "evaluation); name the run directory, for its newest checkpoint: "
                              : "",
                       within ? run : "");
    if (within)
        return up_fail(UP_NOT_FOUND, "%s is no run: it is within one; name the run directory, %s",
                       path, run);
    if (found && !folder) return UP_OK; // of another name
    if (!found && is_there("runs", path))
        return up_fail(UP_NOT_FOUND, "%s is no run; did you mean runs/%s?", path, path);
    return up_fail(UP_NOT_FOUND,
                   "%s is no run: a run is the folder that `uphill train` makes (runs/NAME-1, …), "
                   "or a .safetensors file; `uphill runs` lists them",
                   path);
}

static UpStatus open_file(const char *path, UpTensorFile *file) {
    struct stat info;
    UP_TRY(is_run(path));
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        char newest[2048];
        return up__checkpoint_newest(path, newest, sizeof newest, file);
    }
    return up_tensors_read(path, file);
}

// A checkpoint from before they said what their environment is like: it is made and asked, unless
// that runs code.
static UpStatus ask_environment(UpEnvSpec *spec, const UpEnvDef *def) {
    UpEnv *env;
    if (up_env_is_code(def->id))
        return up_fail(UP_UNSUPPORTED,
                       "the checkpoint does not say what its environment %s is like, and that is "
                       "code, which is not opened for it",
                       def->id);
    UP_TRY(up_env_create(&env, def, 1));
    *spec = env->spec;
    up_env_destroy(env);
    return UP_OK;
}

// Nothing that such weights do means anything.
UpStatus up__policy_finite(const UpPolicy *policy) {
    for (size_t i = 0; i < policy->size; i++)
        if (!isfinite(policy->param[i]))
            return up_fail(UP_NUMERIC, "the policy's weights are not finite (NaN or infinity): it "
                                       "cannot act; take an earlier checkpoint");
    return UP_OK;
}

// The shape of the policy follows from the environment; a policy is made for it and then filled.
static UpStatus import(UpPolicy *policy, const UpConfig *config, const UpTensorFile *file) {
    UpEnvSpec spec = {.reward_threshold = NAN};
    UpSpace inside;
    UpStatus status = up__spec_read(&spec, &inside, file);
    if (status == UP_NOT_FOUND) status = ask_environment(&spec, &config->env);
    UP_TRY(status);
    bool value = up_tensors_find(file, "value.0.weight") != NULL;
    UP_TRY(up__policy_describe(policy, &config->policy, &spec, value));
    UP_TRY(up__policy_held(policy, file));
    UP_TRY(up_policy_create(policy, &config->policy, &spec, value, 1, 0));
    status = up_policy_import(policy, file);
    if (status == UP_OK) status = up__policy_finite(policy);
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
    if (status == UP_OK) {
        status = import(policy, config, &file);
        if (status != UP_OK) up_fail_in(status, path);
    }
    up_tensors_free(&file);
    return status;
}

// Weights of other layers, or for other activations, may fit by their number and mean nothing. What
// one of the two does not read is nothing to them.
static UpStatus check_network(const UpTrainer *t, const UpTensorFile *file, const char *path) {
    static const char names[] = " net hidden activation bias shared box bernoulli normalize_obs ";
    const char *text = up_tensors_meta(file, "config");
    UpSection section = {&up_policy_options, offsetof(UpConfig, policy)};
    UpConfig config;
    if (!text) return UP_OK; // of another program; the tensors decide
    UP_TRY(up_config_parse(&config, text, path));
    for (int row = 0; row < up_policy_options.count; row++) {
        char a[UP_OPTION_TEXT_MAX], b[UP_OPTION_TEXT_MAX], why[UP_OPTION_WHY_MAX];
        char word[UP_OPTION_NAME_MAX + 2];
        snprintf(word, sizeof word, " %s ", up_policy_options.rows[row].name);
        if (!strstr(names, word) || !up_config_reads(&config, &section, row, &t->env->spec, why) ||
            !up_config_reads(&t->config, &section, row, &t->env->spec, why))
            continue;
        up_options_format(&up_policy_options, row, &config.policy, a, sizeof a);
        up_options_format(&up_policy_options, row, &t->config.policy, b, sizeof b);
        if (strcmp(a, b) != 0)
            return up_fail(UP_MISMATCH,
                           "--init %s: another network: policy.%s is %s there and %s here", path,
                           up_policy_options.rows[row].name, a, b);
    }
    return UP_OK;
}

UpStatus up__weights_init(UpTrainer *t) {
    const char *path = t->config.train.init;
    UpTensorFile file;
    UP_TRY(open_file(path, &file));
    UpStatus status = check_network(t, &file, path);
    char reason[512];
    if (status == UP_OK) {
        status = up_policy_import(&t->policy, &file);
        snprintf(reason, sizeof reason, "%s", up_error());
        if (status != UP_OK) up_fail(status, "--init %s: another network: %s", path, reason);
    }
    if (status == UP_OK) {
        status = up__policy_finite(&t->policy);
        snprintf(reason, sizeof reason, "%s", up_error());
        if (status != UP_OK) up_fail(status, "--init %s: %s", path, reason);
    }
    up_tensors_free(&file);
    return status;
}
