// `uphill bench env`: one turn of ours, or of a peer through workers/uphill_bench.py.
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

enum { ACTION_SETS = 16 };

static const char *const peer_name[BENCH_PEERS] = {"gymnasium", "ale", "envpool"};
const char *const bench_peer_title[BENCH_PEERS] = {"Gymnasium", "ALE alone", "EnvPool"};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// ---------------------------------------------------------------------------------------------------
// Ours

UpStatus bench_open(const Bench *b, BenchSetting *s) {
    UpEnvDef def = b->def;
    def.workers = s->threads;
    UP_TRY(up_env_create(&s->env, &def, b->instances));
    UP_TRY(up_pool_create(&s->pool, s->threads));
    s->env->pool = s->pool;
    size_t n = (size_t)b->instances, A = (size_t)s->env->spec.action.size;
    UP_TRY(up_obs_create(&s->step.obs, &s->env->spec, b->instances, &s->arena));
    UP_TRY(up_obs_create(&s->step.final_obs, &s->env->spec, b->instances, &s->arena));
    s->step.reward = up_arena_alloc(&s->arena, n, sizeof(double));
    s->step.terminated = up_arena_alloc(&s->arena, n, 1);
    s->step.truncated = up_arena_alloc(&s->arena, n, 1);
    s->action = up_arena_alloc(&s->arena, ACTION_SETS * n * A, sizeof(float));
    uint64_t *seeds = up_arena_alloc(&s->arena, n, sizeof *seeds);
    UP_TRY(up_arena_status(&s->arena));
    UpRng rng;
    up_rng_seed(&rng, 0);
    for (size_t i = 0; i < ACTION_SETS * n; i++)
        up_space_random(&s->env->spec.action, NULL, &rng, s->action + i * A);
    for (size_t i = 0; i < n; i++)
        seeds[i] = i;
    return up_env_reset(s->env, seeds, s->step.obs);
}

void bench_close(BenchSetting *s) {
    up_env_destroy(s->env);
    up_pool_destroy(s->pool);
    up_arena_free(&s->arena);
}

UpStatus bench_ours(const Bench *b, BenchSetting *s, double *rate) {
    size_t row = (size_t)b->instances * (size_t)s->env->spec.action.size;
    int64_t batches = 0;
    double start = now(), taken = 0;
    while (taken < b->seconds) {
        s->step.action = s->action + (size_t)(batches % ACTION_SETS) * row;
        UP_TRY(up_env_step(s->env, &s->step));
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

void bench_peer(Bench *b, int peer, int threads, double *rate) {
    char line[16384] = "exec", number[160], answer[BENCH_REASON] = "";
    const UpEnvDef *d = &b->def;
    *rate = NAN;
    quote(line, sizeof line, b->python);
    quote(line, sizeof line, b->script);
    quote(line, sizeof line, peer_name[peer]);
    quote(line, sizeof line, b->def.id);
    snprintf(number, sizeof number, " %d %g %d", threads, b->seconds, b->instances);
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
        snprintf(b->reason[peer], BENCH_REASON, "%s", answer[0] ? answer : "it did not run");
}
