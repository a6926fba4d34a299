// [train], and the sections of a config.
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "algo/algo_internal.h"

#define ROW(field, type, fallback, min, max, unit, help)                                           \
    { #field, type, offsetof(UpTrainDef, field), fallback, min, max, NULL, unit, help, "", NULL }

static const UpOption train_rows[] = {
    ROW(algo, UP_OPTION_TEXT, "ppo", 0, 0, "", "the algorithm; `uphill algos` lists them"),
    ROW(recipe, UP_OPTION_TEXT, "", 0, 0, "",
        "the recipe that the run was made from, for the records"),
    ROW(init, UP_OPTION_TEXT, "", 0, 0, "",
        "the run directory or .safetensors file whose weights the run begins from (--init)"),
    ROW(steps, UP_OPTION_INT, "100000", 1, 9e15, "steps", "environment steps in all, exactly"),
    ROW(seed, UP_OPTION_INT, "1", 0, 4294967295.0, "", "seed of every random stream"),
    ROW(target, UP_OPTION_REAL, "nan", -1e300, 1e300, "reward",
        "stop when the running reward reaches this; nan: never"),
    ROW(threads, UP_OPTION_INT, "0", 0, 1024, "threads", "of the learner; 0: one per core"),
    ROW(checkpoint_seconds, UP_OPTION_REAL, "30", 0, 1e9, "seconds",
        "at least this long between two checkpoints"),
    ROW(log_every, UP_OPTION_INT, "0", 0, 9e15, "steps",
        "between two rows of metrics.csv; 0: a run has about 5000"),
    ROW(film_every, UP_OPTION_INT, "0", 0, 9e15, "steps",
        "between two films of an episode, in DIR/films and in TensorBoard; 0: none"),
    ROW(keep, UP_OPTION_INT, "2", 1, 1000000, "files", "newest checkpoints that are kept"),
};

const UpOptionTable up_train_options = {"train", "the run as a whole", train_rows,
                                        sizeof train_rows / sizeof *train_rows};

#define EVAL_ROW(f, value, min, max, unit, help, when)                                             \
    { #f, UP_OPTION_INT, offsetof(UpEvalDef, f), value, min, max, NULL, unit, help, "", when }

static const UpOption eval_rows[] = {
    EVAL_ROW(every, "0", 0, 9e15, "steps",
             "between two evaluations, and one at the end; best.safetensors is by them; 0: none",
             NULL),
    EVAL_ROW(episodes, "10", 1, 1e6, "episodes",
             "of an evaluation: greedy, in environments of their own", "every!=0"),
};

const UpOptionTable up_eval_options = {"eval", "evaluation during training", eval_rows,
                                       sizeof eval_rows / sizeof *eval_rows};

int up_config_sections(const UpAlgo *algo, UpSection section[UP_SECTIONS_MAX]) {
    int count = 0;
    section[count++] = (UpSection){&up_train_options, offsetof(UpConfig, train)};
    section[count++] = (UpSection){&up_eval_options, offsetof(UpConfig, eval)};
    section[count++] = (UpSection){&up_env_options, offsetof(UpConfig, env)};
    section[count++] = (UpSection){&up_rollout_options, offsetof(UpConfig, rollout)};
    section[count++] = (UpSection){&up_policy_options, offsetof(UpConfig, policy)};
    section[count++] = (UpSection){&up_advantage_options, offsetof(UpConfig, advantage)};
    if (!algo || !algo->natural)
        section[count++] = (UpSection){&up_optim_options, offsetof(UpConfig, optim)};
    if (!algo || algo->replays)
        section[count++] = (UpSection){&up_replay_options, offsetof(UpConfig, replay)};
    if (!algo || algo->fits_value)
        section[count++] = (UpSection){&up__value_options, offsetof(UpConfig, value)};
    int all;
    const UpAlgo *const *list = up_algo_list(&all);
    for (int i = 0; i < all; i++)
        if (!algo || algo == list[i])
            section[count++] = (UpSection){list[i]->options, list[i]->def_offset};
    return count;
}

bool up_config_needs_value(const UpConfig *config) {
    const UpAlgo *algo = up_algo_find(config->train.algo);
    if (algo && algo->has_value) return algo->has_value(config);
    return (algo && algo->needs_value) || up_advantage_needs_value(&config->advantage);
}

UpStatus up_config_default(UpConfig *config, const char *name) {
    const UpAlgo *algo;
    UP_TRY(up__algo_named(name, "train.algo", &algo));
    memset(config, 0, sizeof *config);
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    for (int i = 0; i < sections; i++)
        up_options_default(section[i].table, (char *)config + section[i].offset);
    snprintf(config->train.algo, sizeof config->train.algo, "%s", name);
    algo->defaults(config);
    return UP_OK;
}
