// uphill play: an episode as a moving picture, or episodes in a window, by a policy, at random or
// by the keyboard.
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "screen/keys.h"
#include "uphill/movie.h"
#include "uphill/train.h"
#include "screen/window.h"

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
    Window *window;
    bool by_keys;
    KeyMap keys;
    int64_t steps, episode_steps;
    double ret;
} Play;

// Atari's games are played with all of the joystick's positions, whose numbers are the same in
// each.
static UpStatus widen_actions(UpEnvDef *def) {
    static const char option[] = "full_action_space=true";
    size_t used = strlen(def->options);
    if (!keys_atari(def->id) || strstr(def->options, "full_action_space")) return UP_OK;
    if (used + sizeof option + 1 > sizeof def->options)
        return up_fail(UP_USAGE, "env.options is too long to add %s", option);
    snprintf(def->options + used, sizeof def->options - used, "%s%s", used ? ";" : "", option);
    return UP_OK;
}

static UpStatus prepare(Play *p, const CliArgs *args, int64_t seed, bool window) {
    static UpConfig config;
    UpEnvDef def;
    const char *what = args->word[0];
    if (cli_is_run(what)) {
        UP_TRY(up_policy_load(&p->policy, &config, what));
        p->has_policy = true;
        UP_TRY(cli_trust(args, &config.env, what));
        UP_TRY(cli_env_overrides(&config, args));
        def = config.env;
    } else {
        UP_TRY(cli_env_def(&def, args, what));
        if (window) UP_TRY(widen_actions(&def));
    }
    def.pictures = true;
    UP_TRY(up_env_create(&p->env, &def, 1));
    if (p->has_policy) UP_TRY(up_policy_fits(&p->policy, &p->env->spec));
    p->by_keys = window && !p->has_policy && keys_find(def.id, &p->env->spec.action, &p->keys);
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

static void choose(Play *p) {
    if (p->by_keys)
        keys_choose(&p->keys, &p->env->spec.action,
                    p->keys.waits ? window_wait(p->window) : window_held(p->window), p->action);
    else if (p->has_policy)
        up_policy_act(&p->policy, &p->seen.obs, p->greedy ? NULL : &p->rng, p->action);
    else
        up_space_random(&p->env->spec.action, p->seen.frames.mask, &p->rng, p->action);
}

// Draws, chooses and steps once.
static UpStatus advance(Play *p, bool *ended) {
    double reward = 0, rate = p->env->spec.frames_per_second;
    uint8_t terminated = 0, truncated = 0;
    UpStep out = {.action = p->action,
                  .obs = p->seen.frames,
                  .final_obs = p->final_obs,
                  .reward = &reward,
                  .terminated = &terminated,
                  .truncated = &truncated};
    UP_TRY(up_env_render(p->env, 0, &p->image));
    UP_TRY(p->movie ? up_movie_frame(p->movie, &p->image)
                    : window_show(p->window, &p->image, rate > 0 ? rate : 30));
    choose(p);
    if (p->window && window_ended(p->window)) return UP_OK;
    UP_TRY(up_env_step(p->env, &out));
    up_stack_push(&p->seen, &terminated, &truncated);
    p->ret += reward;
    p->steps++;
    p->episode_steps++;
    *ended = terminated || truncated;
    return UP_OK;
}

static UpStatus film(Play *p, const char *path, int64_t limit) {
    bool ended = false;
    UP_TRY(up_movie_open(&p->movie, path, p->image.width, p->image.height,
                         p->env->spec.frames_per_second));
    UpStatus status = UP_OK;
    while (!ended && p->steps < limit && status == UP_OK)
        status = advance(p, &ended);
    if (status == UP_OK && ended && p->env->spec.renders_end) { // the last move's outcome
        status = up_env_render(p->env, 0, &p->image);
        if (status == UP_OK) status = up_movie_frame(p->movie, &p->image);
    }
    if (status != UP_OK) {
        up_movie_discard(p->movie);
        return status;
    }
    UP_TRY(up_movie_close(p->movie));
    cli_print("%s: %lld steps of %s, return %.6g\n", path, (long long)p->steps, p->env->spec.id,
              p->ret);
    return UP_OK;
}

// Episode after episode, until the window is closed.
static UpStatus show(Play *p, int64_t limit) {
    UP_TRY(window_open(&p->window, p->env->spec.id, p->image.width, p->image.height));
    if (p->by_keys) keys_print(&p->keys);
    UpStatus status = UP_OK;
    while (status == UP_OK && p->steps < limit && !window_ended(p->window)) {
        bool ended = false;
        status = advance(p, &ended);
        if (!ended) continue;
        cli_print("%s: an episode of %lld steps, return %.6g\n", p->env->spec.id,
                  (long long)p->episode_steps, p->ret);
        fflush(stdout);
        p->ret = 0;
        p->episode_steps = 0;
    }
    window_close(p->window);
    return status;
}

static UpStatus run(const CliArgs *args) {
    const char *out = cli_value(args, "--out");
    if (!out) out = "play.gif";
    bool window = strcmp(out, "window") == 0;
    int64_t seed = 1000000, steps = window ? INT64_MAX : 2000;
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(cli_int(args, "--steps", 1, 1000000, &steps));
    Play p = {.greedy = !cli_flag(args, "--sample")};
    UpStatus status = prepare(&p, args, seed, window);
    if (status == UP_OK) status = window ? show(&p, steps) : film(&p, out, steps);
    if (p.has_policy) up_policy_destroy(&p.policy);
    up_env_destroy(p.env);
    up_arena_free(&p.arena);
    return status;
}

static const CliOption options[] = {
    {"--out", "FILE|window", "x.gif or x.mp4 (default play.gif), or a window"},
    {"--seed", "S", "seed of the episode (default 1000000)"},
    {"--steps", "K", "end after K steps (default 2000; in a window none)"},
    {"--sample", NULL, "sample actions, where the default takes the most likely one"},
    {"--set", "env.key=value", "an option of the environment"},
    {"--trust", NULL, "open an environment that is code and that the run names"},
};

const CliCommand cli_play = {"play",
                             "RUN|ENV",
                             1,
                             1,
                             "film an episode, or play in a window",
                             "RUN is a run directory or a .safetensors file, whose policy plays. "
                             "An environment alone is played\n"
                             "at random, in a window by the keyboard: the keys are listed at the "
                             "start. Atari's games have the\n"
                             "arrows and space. A game without known keys has digits for its "
                             "actions, if it has ten at most.",
                             options,
                             sizeof options / sizeof *options,
                             run};
