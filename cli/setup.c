// From arguments to a config.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "uphill/plugin.h"
#include "uphill/recipe.h"

static UpStatus set_from(UpConfig *config, const CliArgs *args, const char *option,
                         const char *key) {
    const char *value = cli_value(args, option);
    return value ? up_config_set(config, key, value, option) : UP_OK;
}

// Weights are remembered by their whole path, too.
static UpStatus set_init(UpConfig *config, const CliArgs *args) {
    const char *init = cli_value(args, "--init");
    char real[PATH_MAX];
    if (!init) return UP_OK;
    if (!realpath(init, real))
        return up_fail(UP_NOT_FOUND,
                       "--init %s: there is no such run or file; `uphill runs` lists "
                       "runs",
                       init);
    return up_config_set(config, "train.init", real, "--init");
}

// What --set says of an option, and where: NULL if nothing.
static const char *set_value(const CliArgs *args, const char *key, int *at) {
    size_t length = strlen(key);
    for (int i = args->values - 1; i >= 0; i--) {
        const char *text = args->value[i];
        bool same = strncmp(text, key, length) == 0 && text[length] == '=';
        if (strcmp(args->option[i]->name, "--set") != 0 || !same) continue;
        *at = i;
        return text + length + 1;
    }
    return NULL;
}

static UpStatus refuse_set(const CliArgs *args, const char *key, const char *why) {
    int at;
    const char *value = set_value(args, key, &at);
    if (!value) return UP_OK;
    return up_fail(UP_USAGE, "--set %s=%s is %s: leave it out", key, value, why);
}

// An option that has a word of its own, and is given a value by that and another by --set.
static UpStatus refuse_two(const CliArgs *args, const char *option, const char *key) {
    int at;
    const char *own = cli_value(args, option), *value = set_value(args, key, &at);
    if (!own || !value || strcmp(own, value) == 0) return UP_OK;
    return up_fail(UP_USAGE, "%s %s and --set %s=%s say two things of one option: leave one out",
                   option, own, key, value);
}

// The keywords of an environment, all at once and one by one.
static UpStatus refuse_mixed(const CliArgs *args) {
    int all;
    const char *options = set_value(args, "env.options", &all);
    for (int i = 0; options && i < args->values; i++) {
        const char *text = args->value[i], *name = text + strlen("env.");
        size_t length = strcspn(text, "=");
        if (strcmp(args->option[i]->name, "--set") != 0 || strncmp(text, "env.", 4) != 0) continue;
        UpEnvDef def = up_env_def_default();
        char key[128];
        snprintf(key, sizeof key, "%.*s", (int)(length - 4), name);
        bool row = up_options_has(&up_env_options, key);
        if (row || up_env_def_set(&def, key, "0", "--set") != UP_OK) continue;
        const char *there = strstr(options, key);
        bool twice = there && there[strlen(key)] == '=' && (there == options || there[-1] == ';');
        if (i > all && !twice) continue;
        return up_fail(UP_USAGE,
                       "--set %s and --set env.options=%s: env.options says all keywords at once; "
                       "put %s there and leave the other out",
                       text, options, name);
    }
    return UP_OK;
}

// Each --set section.key=value; keys begin with `prefix`.
static UpStatus set_all(UpConfig *config, const CliArgs *args, const char *prefix) {
    for (int i = 0; i < args->values; i++) {
        if (strcmp(args->option[i]->name, "--set") != 0) continue;
        char key[256];
        const char *equals = strchr(args->value[i], '=');
        if (!equals)
            return up_fail(UP_USAGE, "--set %s: write --set section.key=value", args->value[i]);
        snprintf(key, sizeof key, "%.*s", (int)(equals - args->value[i]), args->value[i]);
        if (strncmp(key, prefix, strlen(prefix)) != 0)
            return up_fail(UP_USAGE,
                           "--set %s does nothing here: only options of the environment (env.…) "
                           "can change",
                           args->value[i]);
        UP_TRY(up_config_set(config, key, equals + 1, "--set"));
    }
    return refuse_mixed(args);
}

// What only the words of a command can say.
static UpStatus refuse_own(const UpConfig *config, const CliArgs *args) {
    int at;
    const char *algo = set_value(args, "train.algo", &at);
    if (cli_value(args, "--resume")) return UP_OK; // which says what cannot change
    if (algo && strcmp(algo, config->train.algo) != 0)
        return up_fail(UP_USAGE,
                       "--set train.algo=%s: write --algo %s, which takes the defaults of that "
                       "algorithm, too",
                       algo, algo);
    return refuse_set(args, "train.recipe", "the record of which recipe was named");
}

UpStatus cli_overrides(UpConfig *config, const CliArgs *args) {
    static const char *const own[][2] = {{"--steps", "train.steps"},
                                         {"--envs", "rollout.envs"},
                                         {"--threads", "train.threads"},
                                         {"--seed", "train.seed"},
                                         {"--target", "train.target"}};
    UP_TRY(refuse_own(config, args));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        UP_TRY(refuse_two(args, own[i][0], own[i][1]));
        UP_TRY(set_from(config, args, own[i][0], own[i][1]));
    }
    UP_TRY(set_init(config, args));
    return set_all(config, args, "");
}

UpStatus cli_env_overrides(UpConfig *config, const CliArgs *args) {
    return set_all(config, args, "env.");
}

// A run's config.ini says what was true at its end. Who repeats the run by it wants to know that it
// was otherwise on the way.
static void warn_of_history(const char *file) {
    char path[PATH_MAX];
    struct stat info;
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    int folder = (int)(name - file);
    if (strcmp(name, "config.ini") != 0) return;
    snprintf(path, sizeof path, "%.*shistory.csv", folder, file);
    if (stat(path, &info) == 0)
        up_warn("%s: options of that run were changed on its way, as %s lists; here they hold "
                "their last values from the beginning",
                file, path);
}

// A shared object is remembered by its whole path, so that a checkpoint finds it from any folder.
// One that is not there keeps its name; making the environment tells.
static UpStatus absolute_object(UpEnvDef *def) {
    size_t length = up_plugin_path(def->id);
    char path[UP_OPTION_TEXT_MAX], real[PATH_MAX], id[PATH_MAX + UP_OPTION_TEXT_MAX];
    snprintf(path, sizeof path, "%.*s", (int)length, def->id);
    if (length == 0 || !realpath(path, real)) return UP_OK;
    if (snprintf(id, sizeof id, "%s%s", real, def->id + length) >= UP_OPTION_TEXT_MAX)
        return up_fail(UP_USAGE, "%s: the path is longer than %d bytes; use a shorter one", id,
                       UP_OPTION_TEXT_MAX - 1);
    strcpy(def->id, id);
    return UP_OK;
}

UpStatus cli_config(UpConfig *config, const CliArgs *args, const char *name) {
    const char *algo = cli_value(args, "--algo");
    char *text = NULL;
    UpStatus status = up_recipe_read(name, &text);
    if (status == UP_OK) {
        status = up_config_parse(config, text, name);
        free(text);
        UP_TRY(status);
        warn_of_history(name);
        if (algo && strcmp(algo, config->train.algo) != 0)
            return up_fail(UP_USAGE, "recipe %s uses %s; name its environment, %s, to use %s", name,
                           config->train.algo, config->env.id, algo);
        // A file given by its path may be a run's config.ini, which knows what it was made from.
        if (!strchr(name, '/')) UP_TRY(up_config_set(config, "train.recipe", name, name));
    } else if (status == UP_UNKNOWN) {
        UP_TRY(cli_check_id(name, true));
        UP_TRY(refuse_set(args, "env.id", "another environment than the one that is named"));
        UP_TRY(up_config_default(config, algo ? algo : "ppo"));
        UP_TRY(up_config_set(config, "env.id", name, "command line"));
    } else {
        return status;
    }
    char id[UP_OPTION_TEXT_MAX];
    memcpy(id, config->env.id, sizeof id);
    UP_TRY(cli_overrides(config, args));
    bool by_file = status == UP_OK && strcmp(id, config->env.id) == 0;
    if (by_file) UP_TRY(cli_trust(args, &config->env, name));
    return absolute_object(&config->env);
}

UpStatus cli_env_def(UpEnvDef *def, const CliArgs *args, const char *id) {
    UpConfig config;
    UP_TRY(up_config_default(&config, "ppo"));
    UP_TRY(cli_check_id(id, false));
    UP_TRY(refuse_set(args, "env.id", "another environment than the one that is named"));
    UP_TRY(up_config_set(&config, "env.id", id, "command line"));
    UP_TRY(cli_env_overrides(&config, args));
    *def = config.env;
    return absolute_object(def);
}

UpStatus cli_trust(const CliArgs *args, const UpEnvDef *def, const char *file) {
    if (!up_env_is_code(def->id) || cli_flag(args, "--trust")) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s asks for the environment %s, which is code that would run on this machine: "
                   "add --trust if you trust it",
                   file, def->id);
}

UpStatus cli_sample(const CliArgs *args, const UpConfig *config, bool *sample) {
    const UpAlgo *algo = up_algo_find(config->train.algo);
    *sample = cli_flag(args, "--sample");
    if (!*sample || !algo || !algo->certain) return UP_OK;
    return up_fail(UP_USAGE, "--sample: %s learns %s, not probabilities to draw from: leave it out",
                   algo->name, algo->certain);
}

bool cli_is_run(const char *path) {
    struct stat info;
    size_t length = strlen(path);
    bool file = length > 12 && strcmp(path + length - 12, ".safetensors") == 0;
    return file || (stat(path, &info) == 0 && S_ISDIR(info.st_mode));
}
