// uphill play: an episode as a moving picture, or episodes in a window, by a policy, at random or
// by the keyboard.
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "screen/keys.h"
#include "uphill/film.h"
#include "uphill/train.h"
#include "screen/window.h"

typedef struct Play {
    UpPlay play;
    UpEnv *env;
    UpPolicy policy;
    bool has_policy;
    UpArena arena;
    UpImage image;
    Window *window;
    bool by_keys;
    KeyMap keys;
    int64_t steps;
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
    bool sample = false;
    const char *what = args->word[0];
    if (cli_is_run(what)) {
        UP_TRY(up_policy_load(&p->policy, &config, what));
        p->has_policy = true;
        UP_TRY(cli_trust(args, &config.env, what));
        UP_TRY(cli_env_overrides(&config, args));
        UP_TRY(cli_sample(args, &config, &sample));
        def = config.env;
    } else {
        UP_TRY(cli_env_def(&def, args, what));
        if (window) UP_TRY(widen_actions(&def));
    }
    def.pictures = true;
    UP_TRY(up_env_create(&p->env, &def, 1));
    if (p->has_policy) UP_TRY(up_policy_fits(&p->policy, &p->env->spec));
    p->by_keys = window && !p->has_policy && keys_find(def.id, &p->env->spec.action, &p->keys);
    UP_TRY(up_play_create(&p->play, p->env, 1, (uint64_t)seed));
    p->play.stop = &cli_stop;
    p->play.actor =
        p->has_policy ? up_policy_actor_frozen(&p->policy, !sample) : up_random_actor(p->env);
    return up_play_begin(&p->play);
}

static UpStatus film(Play *p, const char *path, int64_t limit) {
    UpFilm film = {.path = path, .steps = limit, .partial = true};
    UpStatus status = up_film(&film, &p->play);
    if (status != UP_OK && status != UP_INTERRUPTED) return status;
    if (film.frames == 0) {
        cli_print("%s: interrupted before the first picture; nothing was written\n", path);
        return status;
    }
    cli_print("%s: %s%lld steps of %s, return %.6g\n", path,
              status == UP_OK ? "" : "interrupted after ", (long long)film.taken, p->env->spec.id,
              film.ret);
    return status;
}

// Draws, chooses and steps once.
static UpStatus advance(Play *p) {
    double rate = p->env->spec.frames_per_second;
    UP_TRY(up_env_render(p->env, 0, &p->image));
    UP_TRY(window_show(p->window, &p->image, rate > 0 ? rate : 30));
    if (p->by_keys)
        keys_choose(&p->keys, &p->env->spec.action,
                    p->keys.waits ? window_wait(p->window) : window_held(p->window),
                    p->play.action);
    else
        up_play_act(&p->play);
    if (window_ended(p->window)) return UP_OK;
    UP_TRY(up_play_step(&p->play));
    p->steps++;
    if (p->play.ends == 0) return UP_OK;
    cli_print("%s: an episode of %lld steps, return %.6g\n", p->env->spec.id,
              (long long)p->play.ended[0].length, p->play.ended[0].ret);
    fflush(stdout);
    return UP_OK;
}

// Episode after episode, until the window is closed.
static UpStatus show(Play *p, int64_t limit) {
    UP_TRY(up_env_render(p->env, 0, &p->image)); // the size
    size_t pixels = (size_t)p->image.width * (size_t)p->image.height;
    p->image.rgb = up_arena_alloc(&p->arena, pixels, 3);
    UP_TRY(up_arena_status(&p->arena));
    UP_TRY(window_open(&p->window, p->env->spec.id, p->image.width, p->image.height));
    if (p->by_keys) keys_print(&p->keys);
    UpStatus status = UP_OK;
    while (status == UP_OK && p->steps < limit && !window_ended(p->window))
        status = advance(p);
    window_close(p->window);
    if (status == UP_INTERRUPTED)
        cli_print("interrupted after %lld steps of %s\n", (long long)p->steps, p->env->spec.id);
    return status;
}

static UpStatus run(const CliArgs *args) {
    const char *out = cli_value(args, "--out");
    if (!out) out = "play.gif";
    bool window = strcmp(out, "window") == 0;
    int64_t seed = UP_FILM_SEED, steps = window ? INT64_MAX : UP_FILM_STEPS;
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(cli_int(args, "--steps", 1, 1000000, &steps));
    static Play p; // a few KiB
    p = (Play){0};
    cli_catch();
    UpStatus status = prepare(&p, args, seed, window);
    if (status == UP_OK) status = window ? show(&p, steps) : film(&p, out, steps);
    up_play_destroy(&p.play);
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
                             "actions, if it has ten at most. Ctrl-C ends a film and keeps what "
                             "was drawn so far.",
                             options,
                             sizeof options / sizeof *options,
                             run};
