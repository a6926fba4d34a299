// uphill play: an episode as a moving picture.
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "uphill/movie.h"
#include "uphill/train.h"

typedef struct Play {
    UpEnv *env;
    UpPolicy policy;
    bool has_policy, greedy;
    UpArena arena;
    UpStack seen;
    UpObs final_obs;
    float *action;
    UpRng rng;
    UpImage image;
    UpMovie *movie;
    int64_t steps;
    double ret;
} Play;

static UpStatus prepare(Play *p, const CliArgs *args, int64_t seed) {
    static UpConfig config;
    UpEnvDef def;
    const char *what = args->word[0];
    if (cli_is_run(what)) {
        UP_TRY(up_policy_load(&p->policy, &config, what));
        p->has_policy = true;
        def = config.env;
    } else {
        UP_TRY(cli_env_def(&def, args, what));
    }
    UP_TRY(up_env_create(&p->env, &def, 1));
    UP_TRY(up_stack_create(&p->seen, &p->env->spec, 1, &p->arena));
    UP_TRY(up_obs_create(&p->final_obs, &p->env->spec, 1, &p->arena));
    p->action = up_arena_alloc(&p->arena, (size_t)p->env->spec.action.size, sizeof *p->action);
    if (!p->action) return UP_MEMORY;
    up_rng_stream(&p->rng, (uint64_t)seed, UP_STREAM_POLICY, 0);
    uint64_t start = (uint64_t)seed;
    UP_TRY(up_env_reset(p->env, &start, p->seen.frames));
    up_stack_push(&p->seen, NULL, NULL);
    UP_TRY(up_env_render(p->env, 0, &p->image)); // the size
    p->image.rgb = up_arena_alloc(&p->arena, (size_t)p->image.width * (size_t)p->image.height, 3);
    return p->image.rgb ? UP_OK : UP_MEMORY;
}

static UpStatus film(Play *p, int64_t limit) {
    double reward = 0;
    uint8_t terminated = 0, truncated = 0;
    UpStep out = {.action = p->action,
                  .obs = p->seen.frames,
                  .final_obs = p->final_obs,
                  .reward = &reward,
                  .terminated = &terminated,
                  .truncated = &truncated};
    while (!terminated && !truncated && p->steps < limit) {
        UP_TRY(up_env_render(p->env, 0, &p->image));
        UP_TRY(up_movie_frame(p->movie, &p->image));
        if (p->has_policy)
            up_policy_act(&p->policy, &p->seen.obs, p->greedy ? NULL : &p->rng, p->action);
        else
            cli_random_open(&p->env->spec, &p->seen.frames, 0, &p->rng, p->action);
        UP_TRY(up_env_step(p->env, &out));
        up_stack_push(&p->seen, &terminated, &truncated);
        p->ret += reward;
        p->steps++;
    }
    return UP_OK;
}

static UpStatus run(const CliArgs *args) {
    const char *out = cli_value(args, "--out");
    int64_t seed = 1000000, steps = 2000;
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(cli_int(args, "--steps", 1, 1000000, &steps));
    if (!out) out = "play.gif";
    Play p = {.greedy = !cli_flag(args, "--sample")};
    UpStatus status = prepare(&p, args, seed);
    if (status == UP_OK)
        status = up_movie_open(&p.movie, out, p.image.width, p.image.height,
                               p.env->spec.frames_per_second);
    if (p.movie) {
        status = film(&p, steps);
        if (status == UP_OK)
            status = up_movie_close(p.movie);
        else
            up_movie_discard(p.movie);
    }
    if (status == UP_OK)
        printf("%s: %lld steps of %s, return %.6g\n", out, (long long)p.steps, p.env->spec.id,
               p.ret);
    if (p.has_policy) up_policy_destroy(&p.policy);
    up_env_destroy(p.env);
    up_arena_free(&p.arena);
    return status;
}

static const CliOption options[] = {
    {"--out", "FILE", "x.gif or x.mp4 (default play.gif)"},
    {"--seed", "S", "seed of the episode (default 1000000)"},
    {"--steps", "K", "end after K steps (default 2000)"},
    {"--sample", NULL, "sample actions, where the default takes the most likely one"},
    {"--set", "env.key=value", "an option of the environment"},
};

const CliCommand cli_play = {
    "play",
    "RUN|ENV",
    1,
    1,
    "film an episode",
    "RUN is a run directory or a .safetensors file; an environment alone is played at random.",
    options,
    sizeof options / sizeof *options,
    run};
