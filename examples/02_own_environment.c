// An environment of one's own, and a policy trained on it: a shuttle on a line fires its engine to
// reach the dock at 0 and to stay there.
//
//   cc 02_own_environment.c $(pkg-config --cflags --libs uphill) -lm -o own_environment
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <uphill/random.h>
#include <uphill/train.h>

// One object is a batch of instances. The UpEnv comes first; what follows is the shuttle's own.
typedef struct Shuttle {
    UpEnv base;
    struct {
        UpRng rng;
        double x, v; // position and velocity
        int elapsed; // steps of this episode
    } at[];          // (instances)
} Shuttle;

static void observe(const Shuttle *s, int i, UpObs obs) {
    obs.f32[2 * i] = (float)s->at[i].x;
    obs.f32[2 * i + 1] = (float)s->at[i].v;
}

static void begin(Shuttle *s, int i) {
    s->at[i].x = up_rng_uniform(&s->at[i].rng, -1, 1);
    s->at[i].v = 0;
    s->at[i].elapsed = 0;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    Shuttle *s = (Shuttle *)env;
    for (int i = 0; i < env->instances; i++) {
        if (seeds) up_rng_seed(&s->at[i].rng, seeds[i]);
        begin(s, i);
        observe(s, i, obs);
    }
    return UP_OK;
}

static UpStatus step(UpEnv *env, UpStep *step) {
    Shuttle *s = (Shuttle *)env;
    for (int i = 0; i < env->instances; i++) {
        if (step->active && !step->active[i]) continue;
        double thrust = fmax(-1, fmin(1, (double)step->action[i]));
        s->at[i].v += 0.1 * thrust;
        s->at[i].x += 0.1 * s->at[i].v;
        bool lost = fabs(s->at[i].x) > 2;
        step->terminated[i] = lost;                              // the task ended
        step->truncated[i] = ++s->at[i].elapsed >= 100 && !lost; // the clock ended
        step->reward[i] = lost ? -100 : -fabs(s->at[i].x);
        if (step->terminated[i] || step->truncated[i]) {
            observe(s, i, step->final_obs); // the old episode's last observation
            begin(s, i);                    // and the new one begins in the same step
        }
        observe(s, i, step->obs);
    }
    return UP_OK;
}

static void destroy(UpEnv *env) {
    free(env);
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {UP_ENV_ABI, reset, step, destroy, .render = NULL};
    Shuttle *s = calloc(1, sizeof *s + (size_t)instances * sizeof s->at[0]);
    if (!s) return up_fail(UP_MEMORY, "out of memory for %s", def->id);
    s->base = (UpEnv){.vtable = &vtable,
                      .instances = instances,
                      .spec = {.id = "example/Shuttle-v0",
                               .obs = up_space_box(2, -INFINITY, INFINITY),
                               .action = up_space_box(1, -1, 1),
                               .max_episode_steps = 100,
                               .reward_threshold = NAN}};
    *env = &s->base;
    return UP_OK;
}

// From here on the shuttle is an environment like any other.
int main(void) {
    static UpConfig config;
    UpTrainer *trainer = NULL;
    UpEnvInfo info = {"example/Shuttle-v0", "reach the dock at 0 and stay there", create};
    UpStatus status = up_env_register(&info);
    if (status == UP_OK) status = up_config_default(&config, "ppo");
    if (status == UP_OK) status = up_config_set(&config, "env.id", info.id, "example");
    if (status == UP_OK) status = up_config_set(&config, "optim.learning_rate", "1e-3", "example");
    if (status == UP_OK) status = up_train_create(&trainer, &config, NULL);
    if (status == UP_OK) status = up_train_run(trainer, NULL);
    double mean = trainer ? up_train_progress(trainer)->return_mean : NAN;
    up_train_destroy(trainer);
    if (status != UP_OK) fprintf(stderr, "%s\n", up_error());
    printf("mean return of the last 100 episodes: %.1f\n", mean);
    return mean > -15 ? 0 : 1;
}
