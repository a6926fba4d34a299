// uphill rollout: steps of an environment as a table, for inspection and for comparison with
// Gymnasium.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "cli.h"
#include "uphill/train.h"

typedef struct Rollout {
    UpEnv *env;
    UpPolicy policy;
    bool has_policy, greedy;
    FILE *csv;          // NULL if not wanted
    CliActions actions; // its path is NULL where no file chooses
    UpArena arena;
    UpStack seen;
    UpObs final_obs, shown; // (N) shown: a dense copy of what the step returned
    float *action;
    UpReal *log_prob, *value;
    double *reward, *episode_return;
    uint8_t *terminated, *truncated;
    UpRng *rng;
    uint64_t *seeds;
    int64_t episodes;
    double return_sum;
} Rollout;

static UpStatus choose(Rollout *r, int64_t step) {
    if (r->has_policy) {
        UpActor actor = up_policy_actor_frozen(&r->policy, r->greedy);
        actor.observe(actor.user, &r->seen.obs, NULL, false);
        actor.act(actor.user, &r->seen.obs, r->rng, r->action, r->log_prob, r->value);
        return UP_OK;
    }
    const UpSpace *space = &r->env->spec.action;
    const UpObs *seen = &r->seen.frames;
    for (int64_t n = 0; n < r->env->instances; n++) {
        const uint8_t *mask = seen->mask ? seen->mask + n * seen->mask_size : NULL;
        float *action = r->action + n * space->size;
        if (r->actions.path)
            UP_TRY(cli_actions_next(&r->actions, space, step, n, action));
        else
            up_space_random(space, mask, &r->rng[n], action);
    }
    return UP_OK;
}

static void book(Rollout *r) {
    for (int64_t n = 0; n < r->env->instances; n++) {
        r->episode_return[n] += r->reward[n];
        if (!r->terminated[n] && !r->truncated[n]) continue;
        r->episodes++;
        r->return_sum += r->episode_return[n];
        r->episode_return[n] = 0;
    }
}

static UpStatus allocate(Rollout *r, int64_t seed) {
    size_t N = (size_t)r->env->instances;
    UP_TRY(up_stack_create(&r->seen, &r->env->spec, (int64_t)N, &r->arena));
    UP_TRY(up_obs_create(&r->final_obs, &r->env->spec, (int64_t)N, &r->arena));
    r->action = up_arena_alloc(&r->arena, N * (size_t)r->env->spec.action.size, sizeof *r->action);
    r->log_prob = up_arena_alloc(&r->arena, N, sizeof *r->log_prob);
    r->value = up_arena_alloc(&r->arena, N, sizeof *r->value);
    r->reward = up_arena_alloc(&r->arena, N, sizeof *r->reward);
    r->episode_return = up_arena_alloc(&r->arena, N, sizeof *r->episode_return);
    r->terminated = up_arena_alloc(&r->arena, N, 1);
    r->truncated = up_arena_alloc(&r->arena, N, 1);
    r->rng = up_arena_alloc(&r->arena, N, sizeof *r->rng);
    r->seeds = up_arena_alloc(&r->arena, N, sizeof *r->seeds);
    UP_TRY(up_arena_status(&r->arena));
    for (size_t n = 0; n < N; n++) {
        r->seeds[n] = (uint64_t)seed + n;
        up_rng_stream(&r->rng[n], r->seeds[n], UP_STREAM_RANDOM, 0);
    }
    return UP_OK;
}

static UpStatus roll(Rollout *r, int64_t steps) {
    if (r->csv) cli_table_header(r->csv, &r->env->spec);
    UP_TRY(up_env_reset(r->env, r->seeds, r->seen.frames));
    up_stack_push(&r->seen, NULL, NULL);
    for (int64_t step = 0; step < steps; step++) {
        UP_TRY(choose(r, step));
        UpStep out = {.action = r->action,
                      .obs = r->seen.frames,
                      .final_obs = r->final_obs,
                      .reward = r->reward,
                      .terminated = r->terminated,
                      .truncated = r->truncated};
        UP_TRY(up_env_step(r->env, &out));
        up_stack_push(&r->seen, r->terminated, r->truncated);
        if (r->csv) cli_table_step(r->csv, r->env, &out, step);
        book(r);
    }
    return UP_OK;
}

static UpStatus open_files(Rollout *r, const CliArgs *args) {
    const char *csv = cli_value(args, "--csv"), *actions = cli_value(args, "--actions");
    if (actions && strcmp(actions, "random") != 0)
        UP_TRY(cli_actions_open(&r->actions, actions, &r->env->spec.action));
    if (!csv) return UP_OK;
    r->csv = strcmp(csv, "-") == 0 ? stdout : fopen(csv, "w");
    if (!r->csv) return up_fail(UP_IO, "--csv %s: cannot be written", csv);
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

static UpStatus prepare(Rollout *r, const CliArgs *args, int64_t envs, int64_t seed) {
    static UpConfig config;
    const char *run_path = cli_value(args, "--run");
    UpEnvDef def;
    if (!run_path && cli_flag(args, "--sample"))
        return up_fail(UP_USAGE, "--sample is about a policy: name one by --run");
    UP_TRY(cli_env_def(&def, args, args->word[0]));
    if (run_path) {
        UP_TRY(up_policy_load(&r->policy, &config, run_path));
        r->has_policy = true;
        UP_TRY(up_policy_reserve(&r->policy, envs));
        const UpEnvDef *trained = &config.env; // what the policy was trained to see
        def.preprocess = trained->preprocess;
        def.frame_skip = trained->frame_skip;
        def.screen_size = trained->screen_size;
        def.grayscale_obs = trained->grayscale_obs;
        def.frame_stack = trained->frame_stack;
    }
    UP_TRY(up_env_create(&r->env, &def, (int)envs));
    if (r->has_policy && (r->env->spec.obs_form != r->policy.obs_form ||
                          r->env->spec.obs.size != r->policy.obs_space.size ||
                          r->env->spec.stack != r->policy.stack ||
                          r->env->spec.action.size != r->policy.action_space.size))
        return up_fail(UP_MISMATCH, "%s was trained on %s and does not fit %s", run_path,
                       config.env.id, def.id);
    UP_TRY(allocate(r, seed));
    return open_files(r, args);
}

static void print_summary(const Rollout *r, int64_t steps) {
    cli_print("%s: %lld steps of %d instances, %lld episodes", r->env->spec.id, (long long)steps,
              r->env->instances, (long long)r->episodes);
    if (r->episodes > 0) printf(", mean return %.4g", r->return_sum / (double)r->episodes);
    putchar('\n');
}

static UpStatus run(const CliArgs *args) {
    int64_t seed = 0, steps = 1000, envs = 1;
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(cli_int(args, "--steps", 1, INT64_C(1) << 52, &steps));
    UP_TRY(cli_int(args, "--envs", 1, 1 << 20, &envs));
    Rollout r = {.greedy = !cli_flag(args, "--sample")};
    UpStatus status = prepare(&r, args, envs, seed);
    if (status == UP_OK) status = roll(&r, steps);
    if (status == UP_OK) status = up_env_judge(r.env, r.env->lost, r.episodes);
    status = close_files(&r, args, status);
    if (status == UP_OK && r.csv != stdout) print_summary(&r, steps);
    if (r.has_policy) up_policy_destroy(&r.policy);
    up_env_destroy(r.env);
    up_arena_free(&r.arena);
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
    "after it. Floats read back exactly.",
    options,
    sizeof options / sizeof *options,
    run};
