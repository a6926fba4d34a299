// Steps a second of every native environment on one thread, for batches of several sizes. Actions
// are drawn beforehand, so that only the environment is timed.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "uphill/env.h"
#include "uphill/random.h"

enum { ACTION_SETS = 16 };
static const double duration = 0.5; // seconds for each figure

// Seconds of the processor, so that other programs on the machine do not count.
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// (ACTION_SETS, N, size) random actions, or NULL.
static float *random_actions(const UpEnv *env, UpArena *arena) {
    const UpSpace *space = &env->spec.action;
    size_t count = (size_t)env->instances * (size_t)space->size * ACTION_SETS;
    float *action = up_arena_alloc(arena, count, sizeof *action);
    UpRng rng;
    up_rng_seed(&rng, 0);
    for (size_t i = 0; action && i < count; i++)
        action[i] =
            space->kind == UP_SPACE_DISCRETE
                ? (float)up_rng_integers(&rng, 0, space->n)
                : (float)up_rng_uniform(&rng, (double)space->low[0], (double)space->high[0]);
    return action;
}

static UpStatus measure(UpEnv *env, UpArena *arena, double *steps_per_second) {
    UpStep step = {0};
    size_t n = (size_t)env->instances;
    UP_TRY(up_obs_create(&step.obs, &env->spec, env->instances, arena));
    UP_TRY(up_obs_create(&step.final_obs, &env->spec, env->instances, arena));
    float *action = random_actions(env, arena);
    step.reward = up_arena_alloc(arena, n, sizeof *step.reward);
    step.terminated = up_arena_alloc(arena, n, 1);
    step.truncated = up_arena_alloc(arena, n, 1);
    if (!action || !step.reward || !step.terminated || !step.truncated) return UP_MEMORY;
    UP_TRY(up_env_reset(env, NULL, step.obs));

    int64_t steps = 0;
    double start = now(), seconds = 0;
    while (seconds < duration) {
        for (int i = 0; i < 64; i++, steps += env->instances) {
            size_t set = (size_t)i % ACTION_SETS;
            step.action = action + set * n * (size_t)env->spec.action.size;
            UP_TRY(up_env_step(env, &step));
        }
        seconds = now() - start;
    }
    *steps_per_second = (double)steps / seconds;
    return UP_OK;
}

static UpStatus bench_one(const char *id, int preprocess, int instances, double *steps_per_second) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    def.preprocess = preprocess;
    UpEnv *env;
    UP_TRY(up_env_create(&env, &def, instances));
    UpArena arena = {0};
    UpStatus status = measure(env, &arena, steps_per_second);
    up_arena_free(&arena);
    up_env_destroy(env);
    return status;
}

static int bench_row(const char *id, int preprocess) {
    static const int sizes[] = {1, 8, 64, 1024};
    printf("%-16s %-8s", id, preprocess == UP_PREPROCESS_PONG80 ? "pong80" : "none");
    for (int i = 0; i < 4; i++) {
        double rate = 0;
        if (bench_one(id, preprocess, sizes[i], &rate) != UP_OK) {
            fprintf(stderr, "%s\n", up_error());
            return 1;
        }
        printf(" %10.3f", rate / 1e6);
    }
    printf("\n");
    return 0;
}

int main(void) {
    int count, failed = 0;
    const UpEnvInfo *list = up_env_list(&count);
    printf("million steps a second of processor time, one thread\n%-16s %-8s %10s %10s %10s %10s\n",
           "environment", "preproc.", "N=1", "N=8", "N=64", "N=1024");
    for (int i = 0; i < count; i++) {
        if (strstr(list[i].id, "-v5")) continue; // MuJoCo's tasks: bench/mujoco.c
        failed |= bench_row(list[i].id, UP_PREPROCESS_NONE);
        if (strcmp(list[i].id, "uphill/Pong-v0") == 0)
            failed |= bench_row(list[i].id, UP_PREPROCESS_PONG80);
    }
    return failed;
}
