// What the worker bridge costs: steps a second of ALE alone (bare_ale.py) and of the same games
// through the bridge with a preprocessed observation, in many short turns, and the processor's time
// that a step takes, which other programs on the machine disturb less. ALE alone plays in
// lock-step, too: what several processes lose by waiting for the slowest of them is no cost of the
// bridge. Needs Python with ale-py.
//   bench_bridge [instances] [workers] [seconds a turn] [pong80|atari]
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "env/bridge/internal.h"
#include "uphill/random.h"

enum { TURNS = 25 };

typedef struct Speed {
    double rate;      // steps a second
    double lock_step; // the same where all processes wait for the slowest; ALE alone only
    double processor; // microseconds a step, of all processes together
} Speed;

// bare_ale.py, which plays one turn for every line that it is sent.
typedef struct Bare {
    int requests;
    FILE *answers;
} Bare;

static UpStatus bare_start(Bare *bare, const char *python, int instances, int workers,
                           double seconds) {
    char line[4096];
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return up_fail(UP_IO, "no pipe to bare_ale.py");
    fcntl(ends[0], F_SETFD, 0);
    snprintf(line, sizeof line, "'%s' '%s/bench/bare_ale.py' %d %d %g <&%d", python,
             UP_SOURCE_DATA_DIR, instances, workers, seconds, ends[0]);
    bare->requests = ends[1];
    bare->answers = popen(line, "r");
    close(ends[0]);
    return bare->answers ? UP_OK : up_fail(UP_IO, "cannot start bare_ale.py");
}

static UpStatus bare_turn(const Bare *bare, Speed *speed) {
    if (write(bare->requests, "\n", 1) != 1 || fscanf(bare->answers, "%lf %lf %lf", &speed->rate,
                                                      &speed->lock_step, &speed->processor) != 3)
        return up_fail(UP_IO, "bare_ale.py does not answer");
    return UP_OK;
}

static void bare_stop(const Bare *bare) {
    close(bare->requests);
    pclose(bare->answers);
}

static double clock_seconds(clockid_t clock) {
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// The processor's time of this process and its workers so far.
static double processor_seconds(const UpBridge *bridge) {
    double seconds = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int w = 0; w < bridge->workers; w++) {
        clockid_t clock;
        if (clock_getcpuclockid(bridge->worker[w].process.pid, &clock) == 0)
            seconds += clock_seconds(clock);
    }
    return seconds;
}

typedef struct Run {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    float *action;
    UpRng rng;
} Run;

static UpStatus run_create(Run *run, int instances, int workers, const char *preprocess) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "PongDeterministic-v4");
    UP_TRY(up_options_set(&up_env_options, &def, "preprocess", preprocess, "bench_bridge"));
    def.workers = workers;
    UP_TRY(up__bridge_create(&run->env, &def, instances)); // not the native game
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

static UpStatus bridged(Run *run, double seconds, Speed *speed) {
    const UpBridge *bridge = (const UpBridge *)run->env;
    double begin = up__clock(), processor = processor_seconds(bridge), now = begin;
    int64_t steps = 0;
    while (now - begin < seconds) {
        for (int i = 0; i < run->env->instances; i++)
            run->action[i] = (float)up_rng_integers(&run->rng, 0, run->env->spec.action.n);
        UP_TRY(up_env_step(run->env, &run->step));
        steps += run->env->instances;
        now = up__clock();
    }
    speed->rate = (double)steps / (now - begin);
    speed->processor = 1e6 * (processor_seconds(bridge) - processor) / (double)steps;
    return UP_OK;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, TURNS, sizeof *values, by_value);
    return values[TURNS / 2];
}

// Each turn of the one stands beside the other's that followed at once.
static UpStatus compare(Run *run, const Bare *bare, double seconds) {
    enum { ALONE, LOCK_STEP, THROUGH, TO_ALONE, TO_LOCK_STEP, RATES };
    double rate[RATES][TURNS], processor[RATES][TURNS];
    for (int turn = 0; turn < TURNS; turn++) {
        Speed alone = {0}, through = {0};
        UP_TRY(bare_turn(bare, &alone));
        UP_TRY(bridged(run, seconds, &through));
        rate[ALONE][turn] = alone.rate;
        rate[LOCK_STEP][turn] = alone.lock_step;
        rate[THROUGH][turn] = through.rate;
        rate[TO_ALONE][turn] = through.rate / alone.rate;
        rate[TO_LOCK_STEP][turn] = through.rate / alone.lock_step;
        processor[ALONE][turn] = alone.processor;
        processor[THROUGH][turn] = through.processor;
        processor[TO_ALONE][turn] = through.processor / alone.processor;
    }
    printf("medians of %d turns: through the bridge %.0f steps/s\n", TURNS, median(rate[THROUGH]));
    printf("ALE alone %.0f steps/s (%+.1f %%), ALE alone in lock-step %.0f (%+.1f %%)\n",
           median(rate[ALONE]), 100 * (median(rate[TO_ALONE]) - 1), median(rate[LOCK_STEP]),
           100 * (median(rate[TO_LOCK_STEP]) - 1));
    printf("ALE alone %.0f us of processor a step, through the bridge %.0f (%+.1f %%)\n",
           median(processor[ALONE]), median(processor[THROUGH]),
           100 * (median(processor[TO_ALONE]) - 1));
    return UP_OK;
}

static UpStatus measure(Run *run, int instances, int workers, double seconds,
                        const char *preprocess) {
    UpCommand command;
    Bare bare = {0};
    UP_TRY(up__command_find(&command));
    // First of all, as the shell knows descriptors of one digit only.
    UP_TRY(bare_start(&bare, command.program, instances, workers, seconds));
    UpStatus status = run_create(run, instances, workers, preprocess);
    if (status == UP_OK) status = compare(run, &bare, seconds);
    bare_stop(&bare);
    return status;
}

int main(int argc, char **argv) {
    int instances = argc > 1 ? atoi(argv[1]) : 16, workers = argc > 2 ? atoi(argv[2]) : 2;
    double seconds = argc > 3 ? atof(argv[3]) : 0.4;
    const char *preprocess = argc > 4 ? argv[4] : "pong80";
    Run run = {0};
    printf("Pong, %s, %d instances, %d processes, four-frame steps\n", preprocess, instances,
           workers);
    UpStatus status = measure(&run, instances, workers, seconds, preprocess);
    if (status != UP_OK) fprintf(stderr, "%s\n", up_error());
    up_env_destroy(run.env);
    up_arena_free(&run.arena);
    return status == UP_OK ? 0 : 1;
}
