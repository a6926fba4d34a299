// Facts about Shuttle that are to stay true. What every environment owes is `uphill check-env`'s
// business; here stands what is special about this one.
//
//   L="@LIBRARY_FOLDER@"
//   cc -std=c17 -I"@INCLUDE@" test_shuttle.c -L$L -luphill -Wl,-rpath,$L -lm -o facts
//   ./facts ./shuttle.so
#include <math.h>
#include <stdio.h>

#include <uphill/env.h>

static int failures;

#define EXPECT(fact)                                                                               \
    do {                                                                                           \
        if (!(fact)) failures++, fprintf(stderr, "line %d: not so: %s\n", __LINE__, #fact);        \
    } while (0)

// One instance and everything that a step writes.
static UpEnv *env;
static float obs[2], final_obs[2], action;
static double reward;
static uint8_t terminated, truncated;

static UpObs row(float *numbers) {
    return (UpObs){.form = UP_OBS_F32, .rows = 1, .dim = 2, .f32 = numbers};
}

static void start(uint64_t seed) {
    EXPECT(up_env_reset(env, &seed, row(obs)) == UP_OK);
}

// Steps until an episode ends, at most `limit` times; returns how often.
static int act(float a, int limit) {
    UpStep out = {.action = &action,
                  .obs = row(obs),
                  .final_obs = row(final_obs),
                  .reward = &reward,
                  .terminated = &terminated,
                  .truncated = &truncated};
    action = a;
    for (int steps = 1; steps <= limit; steps++) {
        EXPECT(up_env_step(env, &out) == UP_OK);
        if (terminated || truncated) return steps;
    }
    return limit;
}

int main(int argc, char **argv) {
    enum { LEFT, COAST, RIGHT };
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", argc > 1 ? argv[1] : "./shuttle.so");
    if (up_env_create(&env, &def, 1) != UP_OK) {
        fprintf(stderr, "%s\n", up_error());
        return 1;
    }
    start(1);
    float x = obs[0];
    EXPECT(fabsf(x) <= 1 && obs[1] == 0); // it starts near the dock, at rest
    act(RIGHT, 5);
    EXPECT(obs[0] > x && obs[1] > 0);                   // the engine pushes where it should
    EXPECT(fabs(reward + fabs((double)obs[0])) < 1e-6); // the distance is paid for

    start(2);
    EXPECT(act(COAST, 1000) == 100); // nothing happens until the clock ends
    EXPECT(truncated && !terminated);

    start(3);
    EXPECT(act(LEFT, 1000) < 100); // out of the track: the task ends
    EXPECT(terminated && !truncated && reward == -100);
    EXPECT(final_obs[0] < -2);                 // where it was lost
    EXPECT(fabsf(obs[0]) <= 1 && obs[1] == 0); // and the next episode has begun
    up_env_destroy(env);
    if (failures == 0) puts("all facts hold");
    return failures != 0;
}
