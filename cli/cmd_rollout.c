// uphill rollout: steps of an environment as a table, for inspection and for comparison with
// Gymnasium.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "cli.h"
#include "uphill/text.h"
#include "uphill/train.h"

typedef struct Rollout {
    UpEnv *env;
    UpPlay play;
    UpPolicy policy;
    bool has_policy;
    FILE *csv;          // NULL if not wanted
    CliActions actions; // its path is NULL where no file chooses
    int64_t steps, episodes;
    double return_sum;
} Rollout;

static UpStatus choose(Rollout *r) {
    const UpSpace *space = &r->env->spec.action;
    if (!r->actions.path) up_play_act(&r->play);
    for (int64_t n = 0; r->actions.path && n < r->play.N; n++)
        UP_TRY(cli_actions_next(&r->actions, space, r->steps, n, r->play.action + n * space->size));
    return UP_OK;
}

static UpStatus roll(Rollout *r, int64_t steps) {
    UpPlay *p = &r->play;
    if (r->csv) cli_table_header(r->csv, &r->env->spec);
    UP_TRY(up_play_begin(p));
    for (; r->steps < steps; r->steps++) {
        UP_TRY(choose(r));
        UP_TRY(up_play_step(p));
        if (r->csv) cli_table_step(r->csv, r->env, &p->step, r->steps);
        r->episodes += p->ends;
        for (int64_t i = 0; i < p->ends; i++)
            r->return_sum += p->ended[i].ret;
    }
    return UP_OK;
}

static UpStatus prepare_play(Rollout *r, int64_t seed, bool greedy) {
    UpPlay *p = &r->play;
    UP_TRY(up_play_create(p, r->env, 1, (uint64_t)seed));
    p->stop = &cli_stop;
    p->actor = r->has_policy ? up_policy_actor_frozen(&r->policy, greedy) : up_random_actor(r->env);
    for (int64_t n = 0; n < p->N; n++)
        up_rng_stream(&p->rng[n], p->seeds[n], UP_STREAM_RANDOM, 0);
    return UP_OK;
}

static UpStatus open_files(Rollout *r, const CliArgs *args) {
    const char *csv = cli_value(args, "--csv"), *actions = cli_value(args, "--actions");
    if (actions && strcmp(actions, "random") != 0)
        UP_TRY(cli_actions_open(&r->actions, actions, &r->env->spec.action));
    if (!csv) return UP_OK;
    r->csv = strcmp(csv, "-") == 0 ? stdout : fopen(csv, "w");
    if (!r->csv) return up_fail(UP_IO, "--csv %s: cannot be written: %s", csv, strerror(errno));
    return UP_OK;
}

static UpStatus close_files(Rollout *r, const CliArgs *args, UpStatus status) {
    cli_actions_close(&r->actions);
    if (!r->csv || r->csv == stdout) return status;
    bool bad = ferror(r->csv) != 0;
    bad |= fclose(r->csv) != 0;
    if (bad && status == UP_OK)
        return up_fail(UP_IO, "--csv %s: could not be written to its end; is the disk full?",
                       cli_value(args, "--csv"));
    return status;
}

// The environment that is named, with what the policy's had around it: what it was trained to see
// and how it acts; but keywords are those of one environment. --set has the last word.
static UpStatus as_trained(UpEnvDef *def, const UpConfig *trained, const CliArgs *args) {
    UpConfig config = *trained;
    if (strcmp(config.env.id, def->id) != 0) config.env.options[0] = 0;
    memcpy(config.env.id, def->id, sizeof def->id);
    UP_TRY(cli_env_overrides(&config, args));
    *def = config.env;
    return UP_OK;
}

static UpStatus prepare(Rollout *r, const CliArgs *args, int64_t envs, int64_t seed) {
    static UpConfig config;
    const char *run_path = cli_value(args, "--run");
    UpEnvDef def;
    if (!run_path && cli_flag(args, "--sample"))
        return up_fail(UP_USAGE, "--sample is about a policy: name one by --run");
    if (run_path && cli_value(args, "--actions"))
        return up_fail(UP_USAGE,
                       "--actions %s does nothing beside --run, whose policy chooses the actions: "
                       "leave one of them out",
                       cli_value(args, "--actions"));
    UP_TRY(cli_env_def(&def, args, args->word[0]));
    if (run_path) {
        UP_TRY(up_policy_load(&r->policy, &config, run_path));
        r->has_policy = true;
        UP_TRY(up_policy_reserve(&r->policy, envs));
        UP_TRY(as_trained(&def, &config, args));
    }
    UP_TRY(up_env_create(&r->env, &def, (int)envs));
    if (r->has_policy && up_policy_fits(&r->policy, &r->env->spec) != UP_OK) {
        char reason[512];
        snprintf(reason, sizeof reason, "%s", up_error());
        return up_fail(UP_MISMATCH, "%s was trained on %s and does not fit %s: %s", run_path,
                       config.env.id, def.id, reason);
    }
    bool sample = false;
    if (r->has_policy) UP_TRY(cli_sample(args, &config, &sample));
    UP_TRY(prepare_play(r, seed, !sample));
    return open_files(r, args);
}

// Not among the rows of a table that goes to standard output.
static void print_summary(const Rollout *r, bool whole) {
    FILE *out = r->csv == stdout ? stderr : stdout;
    char id[UP_ENV_ID_MAX], mean[64] = "";
    if (out == stderr && whole) return;
    snprintf(id, sizeof id, "%s", r->env->spec.id);
    up_text_clean(id);
    if (r->episodes > 0)
        snprintf(mean, sizeof mean, ", mean return %.4g", r->return_sum / (double)r->episodes);
    fprintf(out, "%s: %s%lld step%s of %d instance%s, %lld episode%s%s\n", id,
            whole ? "" : "interrupted after ", (long long)r->steps, r->steps == 1 ? "" : "s",
            r->env->instances, r->env->instances == 1 ? "" : "s", (long long)r->episodes,
            r->episodes == 1 ? "" : "s", mean);
}

static UpStatus run(const CliArgs *args) {
    int64_t seed = 0, steps = 1000, envs = 1;
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(cli_int(args, "--steps", 1, INT64_C(1) << 52, &steps));
    UP_TRY(cli_int(args, "--envs", 1, 1 << 20, &envs));
    Rollout r = {0};
    cli_catch();
    UpStatus status = prepare(&r, args, envs, seed);
    if (status == UP_OK) status = roll(&r, steps);
    if (status == UP_OK) status = up_env_judge(r.env, r.env->lost, r.episodes);
    status = close_files(&r, args, status);
    bool rolled = status == UP_OK || (status == UP_INTERRUPTED && r.steps > 0);
    if (rolled) print_summary(&r, status == UP_OK);
    up_play_destroy(&r.play);
    if (r.has_policy) up_policy_destroy(&r.policy);
    up_env_destroy(r.env);
    return status;
}

static const CliOption options[] = {
    {"--seed", "S", "seed of the first instance; instance i has S + i (default 0)"},
    {"--steps", "K", "steps of each instance (default 1000)"},
    {"--envs", "N", "instances (default 1)"},
    {"--actions", "random|FILE", "where actions come from; FILE: one per line, or a --csv table"},
    {"--run", "RUN", "a trained policy chooses them: the most likely ones"},
    {"--sample", NULL, "with --run: sample actions of the policy"},
    {"--csv", "FILE",
     "write step,env,action…,reward,terminated,truncated,obs…; - for the terminal"},
    {"--set", "env.key=value", "an option of the environment"},
};

const CliCommand cli_rollout = {
    "rollout",
    "ENV",
    1,
    1,
    "step an environment and write what happens",
    "Seeds and random streams are Gymnasium's: the same seed and actions give the same numbers\n"
    "there. Where an episode ends, obs is its last observation; the next one begins in the row\n"
    "after it. Floats read back exactly. Ctrl-C keeps the rows so far.",
    options,
    sizeof options / sizeof *options,
    run};
