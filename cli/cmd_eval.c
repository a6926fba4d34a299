// uphill eval
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cjson/cJSON.h>

#include "cli.h"
#include "uphill/train.h"

typedef struct Eval {
    const char *run; // as it was named
    UpPolicy policy;
    UpConfig config;
    UpEvaluation how;
    int64_t bound; // of an episode's steps; 0: the environment's own
    double *returns;
    int64_t *lengths;
    int64_t done; // episodes that ended
    bool several, json;
} Eval;

typedef struct Summary {
    double mean, error, std, min, max, length_mean; // error: of the mean, NAN for one episode
} Summary;

static Summary summarise(const Eval *e) {
    Summary s = {.min = INFINITY, .max = -INFINITY, .error = NAN};
    double n = (double)e->done, squares = 0;
    for (int64_t i = 0; i < e->done; i++) {
        s.mean += e->returns[i] / n;
        s.length_mean += (double)e->lengths[i] / n;
        s.min = fmin(s.min, e->returns[i]);
        s.max = fmax(s.max, e->returns[i]);
    }
    for (int64_t i = 0; i < e->done; i++)
        squares += (e->returns[i] - s.mean) * (e->returns[i] - s.mean);
    s.std = sqrt(squares / n);
    if (e->done > 1) s.error = sqrt(squares / (n - 1) / n);
    return s;
}

// ---------------------------------------------------------------------------------------------------
// Playing

// A line on a terminal that is written over, four times a second.
static void show_progress(void *user, int64_t done) {
    const Eval *e = user;
    static double last;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
    if (seconds - last < 0.25 && done < e->how.episodes) return;
    last = seconds;
    bool over = done == e->how.episodes; // then the line goes
    fprintf(stderr, over ? "\r\033[K" : "\r%lld of %lld episodes\033[K", (long long)done,
            (long long)e->how.episodes);
    fflush(stderr);
}

// --max-steps cuts episodes and lengthens none: the environment's own bound holds.
static UpStatus cut(Eval *e) {
    UpEnvDef *def = &e->config.env;
    UpEnv *env;
    if (e->bound == 0) return UP_OK;
    UP_TRY(up_env_create(&env, def, 1));
    int64_t own = env->spec.max_episode_steps;
    up_env_destroy(env);
    if (own > 0 && own <= e->bound) {
        up_warn("--max-steps %lld: episodes of %s end after %lld steps already; --set "
                "env.max_episode_steps=%lld lets them last longer",
                (long long)e->bound, def->id, (long long)own, (long long)e->bound);
        e->bound = 0;
    } else {
        def->max_episode_steps = e->bound;
    }
    return UP_OK;
}

// Where nothing else ends an episode, a number of steps does.
static UpStatus open_env(Eval *e, UpEnv **env) {
    int64_t episodes = e->how.episodes;
    int instances = (int)(episodes < UP_EVAL_INSTANCES ? episodes : UP_EVAL_INSTANCES);
    UP_TRY(cut(e));
    UP_TRY(up_evaluation_env(env, &e->config.env, instances, &e->bound));
    UpStatus status = up_policy_fits(&e->policy, &(*env)->spec);
    if (status != UP_OK) up_env_destroy(*env);
    return status;
}

// In instances that share the pool, of whose threads no result depends.
static UpStatus play(Eval *e) {
    UpEnv *env;
    UpPool *pool;
    UP_TRY(open_env(e, &env));
    UpStatus status = up_pool_create(&pool, up_cores());
    if (status == UP_OK) {
        env->pool = e->policy.pool = pool;
        status = up_evaluate(&e->policy, env, &e->how, e->returns, e->lengths, &e->done);
        e->policy.pool = NULL;
    }
    if (e->how.ended && e->done < e->how.episodes) fputs("\r\033[K", stderr);
    up_env_destroy(env);
    up_pool_destroy(pool);
    return status;
}

static void warn_of_bound(const Eval *e) {
    int64_t cut = up_evaluation_cut(e->lengths, e->done, e->bound);
    if (cut > 0)
        up_warn("%s: %lld of %lld episodes had not ended after %lld steps and were cut there; "
                "--max-steps sets the bound",
                e->config.env.id, (long long)cut, (long long)e->done, (long long)e->bound);
}

// ---------------------------------------------------------------------------------------------------
// Printing

static void print_text(const Eval *e, const Summary *s) {
    if (e->several) cli_print("%s: ", e->run);
    if (e->done < e->how.episodes)
        printf("interrupted after %lld of %lld episodes: ", (long long)e->done,
               (long long)e->how.episodes);
    cli_print("%s, %lld episode%s: mean %.2f", e->config.env.id, (long long)e->done,
              e->done == 1 ? "" : "s", s->mean);
    if (!isnan(s->error)) printf(" ± %.2f (standard error)", s->error);
    printf(", standard deviation %.2f, min %.2f, max %.2f, mean length %.1f\n", s->std, s->min,
           s->max, s->length_mean);
}

// Each episode's return or length, in an array that is root's from the beginning.
static bool add_episodes(cJSON *root, const char *name, const Eval *e, bool lengths) {
    cJSON *array = cJSON_AddArrayToObject(root, name);
    for (int64_t i = 0; array && i < e->done; i++) {
        double value = lengths ? (double)e->lengths[i] : e->returns[i];
        if (!cJSON_AddItemToArray(array, cJSON_CreateNumber(value))) return false;
    }
    return array != NULL;
}

static cJSON *make_json(const Eval *e, const Summary *s) {
    const struct {
        const char *name;
        double value;
    } number[] = {{"mean", s->mean}, {"standard_error", s->error},
                  {"std", s->std},   {"min", s->min},
                  {"max", s->max},   {"length_mean", s->length_mean}};
    cJSON *root = cJSON_CreateObject();
    bool whole = cJSON_AddStringToObject(root, "run", e->run) &&
                 cJSON_AddStringToObject(root, "env", e->config.env.id) &&
                 cJSON_AddNumberToObject(root, "episodes", (double)e->done) &&
                 cJSON_AddBoolToObject(root, "interrupted", e->done < e->how.episodes);
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        whole = whole && cJSON_AddNumberToObject(root, number[i].name, number[i].value);
    whole =
        whole && add_episodes(root, "returns", e, false) && add_episodes(root, "lengths", e, true);
    if (whole) return root;
    cJSON_Delete(root);
    return NULL;
}

static UpStatus print_json(const Eval *e, const Summary *s) {
    cJSON *root = make_json(e, s);
    char *text = root ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    if (!text) return up_fail(UP_MEMORY, "out of memory for %lld episodes", (long long)e->done);
    puts(text);
    cJSON_free(text);
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------

static UpStatus evaluate(Eval *e) {
    UpStatus status = play(e);
    bool whole = status == UP_OK || (status == UP_INTERRUPTED && e->done > 0);
    if (!whole) return status;
    warn_of_bound(e);
    Summary s = summarise(e);
    if (e->json)
        UP_TRY(print_json(e, &s));
    else
        print_text(e, &s);
    fflush(stdout);
    return status;
}

static UpStatus load(Eval *e, const CliArgs *args) {
    UP_TRY(up_policy_load(&e->policy, &e->config, e->run));
    UpStatus status = cli_trust(args, &e->config.env, e->run);
    if (status == UP_OK) status = cli_env_overrides(&e->config, args);
    bool sample = false;
    if (status == UP_OK) status = cli_sample(args, &e->config, &sample);
    e->how.greedy = !sample;
    if (status != UP_OK) up_policy_destroy(&e->policy);
    return status;
}

// Before the first of several is played: whether they are there, and take what is set.
static UpStatus check(Eval *e, const CliArgs *args) {
    UpEnv *env = NULL;
    UP_TRY(load(e, args));
    UpStatus status = UP_OK;
    if (cli_flag(args, "--set")) status = up_env_create(&env, &e->config.env, 1);
    if (status == UP_OK && env) up_env_destroy(env);
    up_policy_destroy(&e->policy);
    return status;
}

static UpStatus run(const CliArgs *args) {
    static Eval e; // a few KiB of text fields
    e = (Eval){.how = {.episodes = 100, .seed = UP_EVAL_SEED, .stop = &cli_stop},
               .several = args->words > 1,
               .json = cli_flag(args, "--json")};
    int64_t seed = UP_EVAL_SEED;
    UP_TRY(cli_int(args, "--episodes", 1, 10000000, &e.how.episodes));
    UP_TRY(cli_int(args, "--seed", 0, INT64_C(1) << 52, &seed));
    UP_TRY(cli_int(args, "--max-steps", 1, INT64_C(1) << 52, &e.bound));
    int64_t bound = e.bound;
    e.how.seed = (uint64_t)seed;
    e.how.user = &e;
    if (isatty(STDERR_FILENO)) e.how.ended = show_progress;
    e.returns = calloc((size_t)e.how.episodes, sizeof *e.returns);
    e.lengths = calloc((size_t)e.how.episodes, sizeof *e.lengths);
    UpStatus status = e.returns && e.lengths ? UP_OK
                                             : up_fail(UP_MEMORY, "out of memory for %lld episodes",
                                                       (long long)e.how.episodes);
    cli_catch();
    for (int i = 0; i < args->words && status == UP_OK && e.several; i++) {
        e.run = args->word[i];
        status = check(&e, args);
    }
    for (int i = 0; i < args->words && status == UP_OK; i++) {
        e.run = args->word[i];
        e.bound = bound;
        e.done = 0;
        status = load(&e, args);
        if (status != UP_OK) break;
        status = evaluate(&e);
        up_policy_destroy(&e.policy);
    }
    free(e.returns);
    free(e.lengths);
    return status;
}

static const CliOption options[] = {
    {"--episodes", "K", "complete episodes to play (default 100)"},
    {"--seed", "S", "seed of the first instance; instance i has S + i (default 1000000)"},
    {"--sample", NULL, "sample actions, where the default takes the most likely one"},
    {"--max-steps", "N", "cut episodes here (default: the environment's own bound, else 100000)"},
    {"--set", "env.key=value", "an option of the environment, other than it was trained with"},
    {"--json", NULL, "print one JSON object for each run, with every return and length"},
    {"--trust", NULL, "open an environment that is code and that the run names"},
};

const CliCommand cli_eval = {
    "eval",
    "RUN…",
    1,
    CLI_VALUES,
    "measure trained policies",
    "RUN is a run directory (its newest checkpoint) or a file: runs/pong-1/best.safetensors.\n"
    "Ctrl-C prints the episodes so far.",
    options,
    sizeof options / sizeof *options,
    run};
