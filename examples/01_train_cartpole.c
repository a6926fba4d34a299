// Trains CartPole-v1 by PPO from C, tells how it goes, and measures the policy that comes out.
//
//   cc 01_train_cartpole.c $(pkg-config --cflags --libs uphill) -lm -o train_cartpole
#include <math.h>
#include <stdio.h>

#include <uphill/train.h>

// Every function that can fail returns an UpStatus and leaves a message in up_error().
static int fail(void) {
    fprintf(stderr, "%s\n", up_error());
    return 1;
}

// A config holds every option of a run. `uphill algos --options` lists them; the keys are the same
// as in recipes, in config.ini and after --set on the command line.
static UpStatus configure(UpConfig *config) {
    static const char *const option[][2] = {
        {"env.id", "CartPole-v1"},       {"train.steps", "50000"},     {"rollout.envs", "8"},
        {"rollout.steps", "32"},         {"advantage.gamma", "0.98"},  {"advantage.lambda", "0.8"},
        {"optim.learning_rate", "1e-3"}, {"optim.schedule", "linear"}, {"ppo.epochs", "10"},
        {"ppo.minibatch", "64"},
    };
    UP_TRY(up_config_default(config, "ppo"));
    for (size_t i = 0; i < sizeof option / sizeof *option; i++)
        UP_TRY(up_config_set(config, option[i][0], option[i][1], "example"));
    return UP_OK;
}

// Called after each update. The library itself never prints.
static void show(void *user, const UpProgress *p) {
    int64_t *next = user;
    if (p->steps < *next) return;
    *next += 10000;
    printf("step %6lld   mean return of the last 100 episodes %6.1f\n", (long long)p->steps,
           p->return_mean);
}

// The mean return of 100 episodes with the most likely actions, in an environment of its own.
static UpStatus measure(UpPolicy *policy, const UpEnvDef *def, double *mean) {
    enum { EPISODES = 100, INSTANCES = 10 };
    double returns[EPISODES];
    int64_t lengths[EPISODES];
    UpEnv *env;
    UP_TRY(up_env_create(&env, def, INSTANCES));
    UpEvaluation how = {.episodes = EPISODES, .seed = 1000, .greedy = true};
    UpStatus status = up_evaluate(policy, env, &how, returns, lengths, NULL);
    up_env_destroy(env);
    *mean = 0;
    for (int i = 0; status == UP_OK && i < EPISODES; i++)
        *mean += returns[i] / EPISODES;
    return status;
}

int main(void) {
    static UpConfig config;
    if (configure(&config) != UP_OK) return fail();

    // NULL in place of a folder: this run writes no file.
    UpTrainer *trainer;
    if (up_train_create(&trainer, &config, NULL) != UP_OK) return fail();

    int64_t next = 10000;
    UpTrainHooks hooks = {.user = &next, .iteration = show};
    double mean = NAN;
    UpStatus status = up_train_run(trainer, &hooks);
    if (status == UP_OK) status = measure(up_train_policy(trainer), &config.env, &mean);
    up_train_destroy(trainer);
    if (status != UP_OK) return fail();

    printf("evaluation: mean return %.1f of at most 500\n", mean);
    return mean >= 450 ? 0 : 1;
}
