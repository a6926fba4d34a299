// uphill eval
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "uphill/train.h"

enum { INSTANCES = 16 };

typedef struct Summary {
    double mean, std, min, max, length_mean;
} Summary;

static Summary summarise(const double *returns, const int64_t *lengths, int64_t count) {
    Summary s = {.min = INFINITY, .max = -INFINITY};
    double n = (double)count, squares = 0;
    for (int64_t i = 0; i < count; i++) {
        s.mean += returns[i] / n;
        s.length_mean += (double)lengths[i] / n;
        s.min = fmin(s.min, returns[i]);
        s.max = fmax(s.max, returns[i]);
    }
    for (int64_t i = 0; i < count; i++)
        squares += (returns[i] - s.mean) * (returns[i] - s.mean);
    s.std = sqrt(squares / n);
    return s;
}

// In instances that share the pool, of whose threads no result depends.
static UpStatus play(UpPolicy *policy, const UpConfig *config, bool greedy, int64_t episodes,
                     uint64_t seed, double *returns, int64_t *lengths) {
    UpEnv *env;
    UpPool *pool;
    UP_TRY(up_env_create(&env, &config->env, (int)(episodes < INSTANCES ? episodes : INSTANCES)));
    UpStatus status = up_pool_create(&pool, up_cores());
    if (status == UP_OK) {
        env->pool = policy->pool = pool;
        UpEvaluation how = {.episodes = episodes, .seed = seed, .greedy = greedy};
        status = up_evaluate(policy, env, &how, returns, lengths, NULL);
        policy->pool = NULL;
    }
    up_env_destroy(env);
    up_pool_destroy(pool);
    return status;
}

static void print(const char *id, const Summary *s, int64_t episodes, bool json) {
    if (json)
        printf("{\"episodes\": %lld, \"mean\": %.10g, \"std\": %.10g, \"min\": %.10g, "
               "\"max\": %.10g, \"length_mean\": %.10g}\n",
               (long long)episodes, s->mean, s->std, s->min, s->max, s->length_mean);
    else
        cli_print("%s, %lld episodes: mean %.2f ± %.2f, min %.2f, max %.2f, mean length %.1f\n", id,
                  (long long)episodes, s->mean, s->std, s->min, s->max, s->length_mean);
}

static UpStatus evaluate(UpPolicy *policy, const UpConfig *config, const CliArgs *args,
                         int64_t episodes, int64_t seed) {
    double *returns = calloc((size_t)episodes, sizeof *returns);
    int64_t *lengths = calloc((size_t)episodes, sizeof *lengths);
    UpStatus status = UP_MEMORY;
    if (returns && lengths) {
        status = play(policy, config, !cli_flag(args, "--sample"), episodes, (uint64_t)seed,
                      returns, lengths);
        if (status == UP_OK) {
            Summary s = summarise(returns, lengths, episodes);
            print(config->env.id, &s, episodes, cli_flag(args, "--json"));
        }
    } else {
        up_fail(UP_MEMORY, "out of memory for %lld episodes", (long long)episodes);
    }
    free(returns);
    free(lengths);
    return status;
}

static UpStatus run(const CliArgs *args) {
    static UpConfig config;
    UpPolicy policy;
    int64_t episodes = 100, seed = 1000000; // away from the seeds that training starts from
    UP_TRY(cli_int(args, "--episodes", 1, 10000000, &episodes));
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(up_policy_load(&policy, &config, args->word[0]));
    UpStatus status = cli_trust(args, &config.env, args->word[0]);
    if (status == UP_OK) status = evaluate(&policy, &config, args, episodes, seed);
    up_policy_destroy(&policy);
    return status;
}

static const CliOption options[] = {
    {"--episodes", "K", "complete episodes to play (default 100)"},
    {"--seed", "S", "seed of the first instance; instance i has S + i (default 1000000)"},
    {"--sample", NULL, "sample actions, where the default takes the most likely one"},
    {"--json", NULL, "print one JSON object"},
    {"--trust", NULL, "open an environment that is code and that the run names"},
};

const CliCommand cli_eval = {
    "eval",
    "RUN",
    1,
    1,
    "measure a trained policy",
    "RUN is a run directory (its newest checkpoint) or a file: runs/pong-1/best.safetensors.",
    options,
    sizeof options / sizeof *options,
    run};
