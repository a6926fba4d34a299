// uphill bench env: our steps a second beside those of others, measured in turns on the same
// machine.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "uphill/arena.h"
#include "uphill/doctor.h"
#include "uphill/plugin.h"

enum { ACTION_SETS = 16, ROUNDS_MAX = 99, PEERS = 3, REASON = 256 };

static const struct {
    const char *name, *title;
} peers[PEERS] = {{"gymnasium", "Gymnasium"}, {"ale", "ALE alone"}, {"envpool", "EnvPool"}};

typedef struct Bench {
    UpEnvDef def;
    int instances, threads, rounds;
    double seconds; // of each measurement
    UpEnv *env;
    UpPool *pool;
    UpArena arena;
    UpStep step;
    float *action; // (ACTION_SETS, N, A) drawn beforehand
    char python[4096], script[4096];
    char reason[PEERS][REASON]; // why a peer has no figure; "" where it has
} Bench;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// ---------------------------------------------------------------------------------------------------
// Ours

static UpStatus open_ours(Bench *b) {
    b->def.workers = b->threads;
    UP_TRY(up_env_create(&b->env, &b->def, b->instances));
    UP_TRY(up_pool_create(&b->pool, b->threads));
    b->env->pool = b->pool;
    size_t n = (size_t)b->instances, A = (size_t)b->env->spec.action.size;
    UP_TRY(up_obs_create(&b->step.obs, &b->env->spec, b->instances, &b->arena));
    UP_TRY(up_obs_create(&b->step.final_obs, &b->env->spec, b->instances, &b->arena));
    b->step.reward = up_arena_alloc(&b->arena, n, sizeof(double));
    b->step.terminated = up_arena_alloc(&b->arena, n, 1);
    b->step.truncated = up_arena_alloc(&b->arena, n, 1);
    b->action = up_arena_alloc(&b->arena, ACTION_SETS * n * A, sizeof(float));
    uint64_t *seeds = up_arena_alloc(&b->arena, n, sizeof *seeds);
    if (!b->step.reward || !b->step.terminated || !b->step.truncated || !b->action || !seeds)
        return UP_MEMORY;
    UpRng rng;
    up_rng_seed(&rng, 0);
    for (size_t i = 0; i < ACTION_SETS * n; i++)
        cli_random_action(&b->env->spec.action, &rng, b->action + i * A);
    for (size_t i = 0; i < n; i++)
        seeds[i] = i;
    return up_env_reset(b->env, seeds, b->step.obs);
}

static void close_ours(Bench *b) {
    up_env_destroy(b->env);
    up_pool_destroy(b->pool);
    up_arena_free(&b->arena);
    b->env = NULL;
    b->pool = NULL;
    b->step = (UpStep){0};
}

static UpStatus measure_ours(Bench *b, double *rate) {
    size_t row = (size_t)b->instances * (size_t)b->env->spec.action.size;
    int64_t batches = 0;
    double start = now(), taken = 0;
    while (taken < b->seconds) {
        b->step.action = b->action + (size_t)(batches % ACTION_SETS) * row;
        UP_TRY(up_env_step(b->env, &b->step));
        // The clock is read now and then only: a small batch takes less time than it.
        if (++batches % 16 == 0 || b->instances > 1024) taken = now() - start;
        if (batches < 16) taken = now() - start;
    }
    *rate = (double)(batches * b->instances) / taken;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Others

// A word in quotes for the shell.
static void quote(char *line, size_t size, const char *word) {
    size_t used = strlen(line);
    used += (size_t)snprintf(line + used, size - used, " '");
    for (; *word && used + 8 < size; word++)
        used += (size_t)(*word == '\'' ? snprintf(line + used, size - used, "'\\''")
                                       : snprintf(line + used, size - used, "%c", *word));
    snprintf(line + used, size - used, "'");
}

static void measure_peer(Bench *b, int peer, double *rate) {
    char line[16384] = "exec", number[160], answer[REASON] = "";
    const UpEnvDef *d = &b->def;
    *rate = NAN;
    quote(line, sizeof line, b->python);
    quote(line, sizeof line, b->script);
    quote(line, sizeof line, peers[peer].name);
    quote(line, sizeof line, b->def.id);
    snprintf(number, sizeof number, " %d %g %d", b->threads, b->seconds, b->instances);
    strncat(line, number, sizeof line - strlen(line) - 1);
    quote(line, sizeof line, d->options);
    if (d->preprocess == UP_PREPROCESS_ATARI) {
        snprintf(number, sizeof number, " %lld %lld %d %lld %d", (long long)d->frame_skip,
                 (long long)d->screen_size, d->grayscale_obs, (long long)d->noop_max,
                 d->terminal_on_life_loss);
        strncat(line, number, sizeof line - strlen(line) - 1);
    }
    strncat(line, " 2>/dev/null", sizeof line - strlen(line) - 1);
    FILE *out = popen(line, "r");
    if (out && fgets(answer, sizeof answer, out)) answer[strcspn(answer, "\n")] = 0;
    if (out) pclose(out);
    char *end;
    double value = strtod(answer, &end);
    if (end != answer && *end == 0)
        *rate = value;
    else
        snprintf(b->reason[peer], REASON, "%s", answer[0] ? answer : "it did not run");
}

// ---------------------------------------------------------------------------------------------------
// A row

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

// "31.2 M", "190 k", "54.3 "
static void format_rate(char *text, size_t size, double rate) {
    double scale = rate >= 1e6 ? 1e6 : rate >= 1e3 ? 1e3 : 1;
    snprintf(text, size, "%.3g %s", rate / scale, scale == 1e6 ? "M" : scale == 1e3 ? "k" : " ");
}

static void print_row(const Bench *b, double ours, int peer, double theirs) {
    char own[32], other[32] = "";
    format_rate(own, sizeof own, ours);
    printf("%-28s %8d %12s", b->def.id, b->threads, own);
    if (peer >= 0) {
        format_rate(other, sizeof other, theirs);
        printf("  %-10s %12s %9.3g", peers[peer].title, other, ours / theirs);
    }
    putchar('\n');
    fflush(stdout);
}

// Ours and each peer in turns, so that what else the machine does strikes all of them alike.
static UpStatus bench_row(Bench *b) {
    static double rate[PEERS + 1][ROUNDS_MAX];
    const char *own = strncmp(b->def.id, "uphill/", 7) == 0 ? "it is Uphill's own"
                      : up_plugin_path(b->def.id) > 0       ? "it does not know shared objects"
                                                            : "";
    for (int peer = 0; peer < PEERS; peer++)
        snprintf(b->reason[peer], REASON, "%s", own);
    UP_TRY(open_ours(b));
    for (int round = 0; round < b->rounds; round++) {
        UP_TRY(measure_ours(b, &rate[PEERS][round]));
        for (int peer = 0; peer < PEERS; peer++)
            if (!b->reason[peer][0]) measure_peer(b, peer, &rate[peer][round]);
    }
    double ours = median(rate[PEERS], b->rounds);
    int shown = 0;
    for (int peer = 0; peer < PEERS; peer++) {
        if (b->reason[peer][0]) continue;
        print_row(b, ours, peer, median(rate[peer], b->rounds));
        shown++;
    }
    if (shown == 0) print_row(b, ours, -1, NAN);
    if (b->reason[0][0]) printf("  Gymnasium: %s\n", b->reason[0]);
    return UP_OK;
}

static UpStatus bench_env(Bench *b, const CliArgs *args, const char *id) {
    int cores = up_cores();
    UP_TRY(cli_env_def(&b->def, args, id));
    for (int turn = 0; turn < (cores > 1 ? 2 : 1); turn++) {
        b->threads = turn ? cores : 1;
        UpStatus status = bench_row(b);
        close_ours(b);
        UP_TRY(status);
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// The command

static UpStatus run(const CliArgs *args) {
    static Bench b;
    int64_t rounds = 5, envs = 64;
    const char *seconds = cli_value(args, "--seconds");
    char *end = NULL;
    if (strcmp(args->word[0], "env") != 0)
        return up_fail(UP_USAGE, "uphill bench measures no \"%s\"; usage: uphill bench env [ID…]",
                       args->word[0]);
    UP_TRY(cli_int(args, "--rounds", 1, ROUNDS_MAX, &rounds));
    UP_TRY(cli_int(args, "--envs", 1, 1 << 20, &envs));
    b = (Bench){.instances = (int)envs, .rounds = (int)rounds, .seconds = 0.5};
    if (seconds) b.seconds = strtod(seconds, &end);
    if (seconds && (end == seconds || *end || !(b.seconds > 0 && b.seconds <= 3600)))
        return up_fail(UP_USAGE, "--seconds %s: it must be a number up to 3600", seconds);
    if (up_doctor_python(b.python, sizeof b.python) != UP_OK) b.python[0] = 0;
    snprintf(b.script, sizeof b.script, "%s/workers/uphill_bench.py", cli_data_folder());

    printf("steps a second; medians of %d turns of %g s; ours in batches of %d\n"
           "%-28s %8s %12s  %-10s %12s %9s\n",
           b.rounds, b.seconds, b.instances, "environment", "threads", "uphill", "beside",
           "steps/s", "ratio");
    if (args->words > 1) {
        for (int i = 1; i < args->words; i++)
            UP_TRY(bench_env(&b, args, args->word[i]));
        return UP_OK;
    }
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    for (int i = 0; i < count; i++) { // what cannot be made here does not stop the others
        UpStatus status = bench_env(&b, args, list[i].id);
        if (status == UP_USAGE) return status;
        if (status != UP_OK) printf("%-28s left out: %s\n", list[i].id, up_error());
    }
    return UP_OK;
}

static const CliOption options[] = {
    {"--rounds", "R", "turns; the median counts (default 5)"},
    {"--seconds", "S", "of each turn (default 0.5)"},
    {"--envs", "N", "instances of ours, and of EnvPool's (default 64)"},
    {"--set", "env.key=value", "an option of the environment"},
};

const CliCommand cli_bench = {
    "bench",
    "env [ID…]",
    1,
    CLI_VALUES,
    "measure environments, ours beside others'",
    "Random actions, drawn beforehand, on one thread and on all cores. "
    "Beside ours: Gymnasium's own\n"
    "environment in a loop, one process for each thread; ALE alone for "
    "Atari's games; EnvPool where\n"
    "it is installed. Without an ID, all native environments but Atari's games.",
    options,
    sizeof options / sizeof *options,
    run};
