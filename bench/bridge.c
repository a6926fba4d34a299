// What the worker bridge costs: steps a second of ALE alone (bare_ale.py) and of the same games
// through the bridge with the pong80 observation, in turns. Needs Python with ale-py.
//   bench_bridge [instances] [workers] [seconds a turn]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "env/bridge/process.h"
#include "uphill/env.h"
#include "uphill/random.h"

enum { TURNS = 5 };

static double bare(const char *python, int instances, int workers, double seconds) {
    char line[4096];
    snprintf(line, sizeof line, "'%s' '%s/bench/bare_ale.py' %d %d %g", python, UP_SOURCE_DATA_DIR,
             instances, workers, seconds);
    FILE *pipe = popen(line, "r");
    double rate = NAN;
    if (!pipe || fscanf(pipe, "%lf", &rate) != 1) rate = NAN;
    if (pipe) pclose(pipe);
    return rate;
}

typedef struct Run {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    float *action;
    UpRng rng;
} Run;

static UpStatus run_create(Run *run, int instances, int workers) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "PongDeterministic-v4");
    def.preprocess = UP_PREPROCESS_PONG80;
    def.workers = workers;
    UP_TRY(up_env_create(&run->env, &def, instances));
    size_t n = (size_t)instances;
    UP_TRY(up_obs_create(&run->step.obs, &run->env->spec, instances, &run->arena));
    UP_TRY(up_obs_create(&run->step.final_obs, &run->env->spec, instances, &run->arena));
    run->action = up_arena_alloc(&run->arena, n, sizeof(float));
    run->step.reward = up_arena_alloc(&run->arena, n, sizeof(double));
    run->step.terminated = up_arena_alloc(&run->arena, n, 1);
    run->step.truncated = up_arena_alloc(&run->arena, n, 1);
    uint64_t *seeds = up_arena_alloc(&run->arena, n, sizeof *seeds);
    if (!run->action || !run->step.reward || !run->step.terminated || !run->step.truncated ||
        !seeds)
        return UP_MEMORY;
    run->step.action = run->action;
    for (size_t i = 0; i < n; i++)
        seeds[i] = i;
    up_rng_seed(&run->rng, 1);
    return up_env_reset(run->env, seeds, run->step.obs);
}

static UpStatus bridged(Run *run, double seconds, double *rate) {
    double begin = up__seconds(), now = begin;
    for (int64_t steps = run->env->instances; now - begin < seconds; steps += run->env->instances) {
        for (int i = 0; i < run->env->instances; i++)
            run->action[i] = (float)up_rng_integers(&run->rng, 0, run->env->spec.action.n);
        UP_TRY(up_env_step(run->env, &run->step));
        now = up__seconds();
        *rate = (double)steps / (now - begin);
    }
    return UP_OK;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static UpStatus measure(Run *run, int instances, int workers, double seconds) {
    UpCommand command;
    double alone[TURNS], through[TURNS];
    UP_TRY(up__command_find(&command));
    UP_TRY(run_create(run, instances, workers));
    for (int turn = 0; turn < TURNS; turn++) {
        alone[turn] = bare(command.program, instances, workers, seconds);
        UP_TRY(bridged(run, seconds, &through[turn]));
        printf("turn %d: ALE alone %5.0f steps/s, through the bridge %5.0f\n", turn + 1,
               alone[turn], through[turn]);
        fflush(stdout);
    }
    qsort(alone, TURNS, sizeof *alone, by_value);
    qsort(through, TURNS, sizeof *through, by_value);
    double a = alone[TURNS / 2], b = through[TURNS / 2];
    printf("median: ALE alone %.0f steps/s, through the bridge %.0f: %.1f %% lost\n", a, b,
           100 * (1 - b / a));
    return UP_OK;
}

int main(int argc, char **argv) {
    int instances = argc > 1 ? atoi(argv[1]) : 16, workers = argc > 2 ? atoi(argv[2]) : 2;
    double seconds = argc > 3 ? atof(argv[3]) : 4;
    Run run = {0};
    printf("Pong, %d instances, %d processes, four-frame steps\n", instances, workers);
    UpStatus status = measure(&run, instances, workers, seconds);
    if (status != UP_OK) fprintf(stderr, "%s\n", up_error());
    up_env_destroy(run.env);
    up_arena_free(&run.arena);
    return status == UP_OK ? 0 : 1;
}
