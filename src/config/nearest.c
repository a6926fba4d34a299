// Which option somebody meant: by the name that other libraries have for it, by its own without the
// section, or by a typing error.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "uphill/algo.h"

enum { NAMES_MAX = 256 };

// What Stable-Baselines3, CleanRL, RLlib, Tianshou and Spinning Up call what is here; ALGO stands
// for the algorithm's own section.
static const char *const elsewhere[][2] = {
    {"adam_eps", "optim.epsilon"},
    {"anneal_lr", "optim.schedule"},
    {"batch_size", "ALGO.minibatch"},
    {"cg_iters", "ALGO.cg_steps"},
    {"cg_max_steps", "ALGO.cg_steps"},
    {"cg_damping", "ALGO.damping"},
    {"clip_coef", "ppo.clip"},
    {"clip_param", "ppo.clip"},
    {"clip_range", "ppo.clip"},
    {"clip_range_vf", "ppo.value_clip"},
    {"clip_ratio", "ppo.clip"},
    {"discount", "advantage.gamma"},
    {"ent_coef", "ALGO.entropy_weight"},
    {"entropy_coef", "ALGO.entropy_weight"},
    {"entropy_coeff", "ALGO.entropy_weight"},
    {"eps_clip", "ppo.clip"},
    {"frameskip", "env.frame_skip"},
    {"gae_lambda", "advantage.lambda"},
    {"grad_clip", "optim.max_grad_norm"},
    {"hid", "policy.hidden"},
    {"hidden_sizes", "policy.hidden"},
    {"lam", "advantage.lambda"},
    {"lr", "optim.learning_rate"},
    {"minibatch_size", "ALGO.minibatch"},
    {"mini_batch_size", "ALGO.minibatch"},
    {"n_envs", "rollout.envs"},
    {"n_epochs", "ALGO.epochs"},
    {"n_steps", "rollout.steps"},
    {"net_arch", "policy.hidden"},
    {"norm_adv", "advantage.standardize"},
    {"norm_obs", "policy.normalize_obs"},
    {"norm_reward", "rollout.scale_reward"},
    {"normalize", "policy.normalize_obs"},
    {"normalize_advantage", "advantage.standardize"},
    {"num_envs", "rollout.envs"},
    {"num_epochs", "ALGO.epochs"},
    {"num_sgd_iter", "ALGO.epochs"},
    {"num_steps", "rollout.steps"},
    {"pi_lr", "optim.learning_rate"},
    {"target_kl", "ALGO.target_kl"},
    {"timesteps", "train.steps"},
    {"total_timesteps", "train.steps"},
    {"update_epochs", "ALGO.epochs"},
    {"vf_coef", "ALGO.value_weight"},
    {"vf_lr", "value.learning_rate"},
};
enum { ELSEWHERE = sizeof elsewhere / sizeof *elsewhere };

// "--learning-rate" as "learning_rate".
static void plain(const char *word, char text[UP_OPTION_NAME_MAX]) {
    size_t length = 0;
    while (*word == '-')
        word++;
    for (; *word && length < UP_OPTION_NAME_MAX - 1; word++)
        text[length++] = *word == '-' ? '_' : (char)tolower((unsigned char)*word);
    text[length] = 0;
}

// Whether one of the sections has the option `section.name`.
static bool exists(const UpSection *section, int sections, const char *key) {
    size_t length = strcspn(key, ".");
    for (int i = 0; i < sections; i++) {
        const UpOptionTable *table = section[i].table;
        if (strlen(table->section) == length && strncmp(table->section, key, length) == 0)
            return up_options_has(table, key + length + 1);
    }
    return false;
}

// The first section that has the option `name`.
static bool find(const UpSection *section, int sections, const char *name,
                 char key[UP_OPTION_NAME_MAX]) {
    for (int i = 0; i < sections; i++) {
        const UpOptionTable *table = section[i].table;
        if (up_options_has(table, name))
            return snprintf(key, UP_OPTION_NAME_MAX, "%s.%s", table->section, name) <
                   UP_OPTION_NAME_MAX;
    }
    return false;
}

static bool find_elsewhere(const UpSection *section, int sections, const char *algo,
                           const char *name, char key[UP_OPTION_NAME_MAX]) {
    for (int i = 0; i < ELSEWHERE; i++) {
        if (strcmp(name, elsewhere[i][0]) != 0) continue;
        bool own = strncmp(elsewhere[i][1], "ALGO.", 5) == 0;
        const char *of = own ? algo : "", *rest = elsewhere[i][1] + (own ? 4 : 0);
        if (snprintf(key, UP_OPTION_NAME_MAX, "%s%s", of, rest) >= UP_OPTION_NAME_MAX) continue;
        if (exists(section, sections, key)) return true;
    }
    return false;
}

bool up_config_nearest(const UpConfig *config, const char *word, bool typos,
                       char key[UP_OPTION_NAME_MAX]) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(up_algo_find(config->train.algo), section), names = 0;
    char bare[UP_OPTION_NAME_MAX];
    const char *dot = strrchr(word, '.'), *name[NAMES_MAX];
    plain(dot ? dot + 1 : word, bare);
    if (find_elsewhere(section, sections, config->train.algo, bare, key)) return true;
    if (find(section, sections, bare, key)) return true;
    if (!typos) return false;
    for (int i = 0; i < sections; i++)
        for (int row = 0; row < section[i].table->count && names < NAMES_MAX; row++)
            name[names++] = section[i].table->rows[row].name;
    const char *near = up_nearest(bare, name, names);
    return near && find(section, sections, near, key);
}
