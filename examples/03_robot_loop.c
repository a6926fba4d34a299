// What a robot runs: load a policy once, then observe, decide, act, without allocating memory and
// without starting a thread.
//
//   cc 03_robot_loop.c $(pkg-config --cflags --libs uphill) -lm -o robot_loop
//   ./robot_loop [runs/cartpole-ppo-1 | policy.safetensors]
//
// Without a path it trains a policy for CartPole-v1 first.
#define _XOPEN_SOURCE 700 // nftw
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <uphill/train.h>

enum { STEPS = 2000 };

static UpStatus train(const char *folder) {
    static UpConfig config;
    UpTrainer *trainer;
    char list[64];
    snprintf(list, sizeof list, "%s/runs.db", folder);
    setenv("UPHILL_REGISTRY", list, 1); // so that `uphill runs` does not list what is erased below
    static const char recipe[] = "[train]\nalgo = ppo\nsteps = 50000\n[env]\nid = CartPole-v1\n"
                                 "[rollout]\nsteps = 32\n[advantage]\ngamma = 0.98\nlambda = 0.8\n"
                                 "[optim]\nlearning_rate = 1e-3\nschedule = linear\n"
                                 "[ppo]\nepochs = 10\nminibatch = 64\n";
    UP_TRY(up_config_parse(&config, recipe, "example"));
    UP_TRY(up_train_create(&trainer, &config, folder));
    UpStatus status = up_train_run(trainer, NULL);
    up_train_destroy(trainer);
    return status;
}

static int erase(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info, (void)type, (void)place;
    return remove(path);
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// The loop. `env` stands for the sensors and motors of the robot: where it begins and steps, yours
// reads and drives hardware.
static UpStatus loop(UpPlay *play, double *falls) {
    double slowest = 0, total = 0;
    UP_TRY(up_play_begin(play));
    for (int t = 0; t < STEPS; t++) { // nothing below here allocates
        double begin = seconds();
        up_play_act(play); // the most likely action, of what was seen last
        double taken = seconds() - begin;
        total += taken;
        slowest = taken > slowest ? taken : slowest;
        UP_TRY(up_play_step(play));
        *falls += play->terminated[0];
    }
    printf("%s: %d decisions, mean %.1f us, slowest %.1f us; %.0f episodes ended in failure\n",
           play->env->spec.id, STEPS, 1e6 * total / STEPS, 1e6 * slowest, *falls);
    return UP_OK;
}

static UpStatus drive(UpPolicy *policy, UpEnv *env, double *falls) {
    UpPlay play;
    UP_TRY(up_play_create(&play, env, 1, 1000));
    play.actor = up_policy_actor_frozen(policy, true);
    UpStatus status = loop(&play, falls);
    up_play_destroy(&play);
    return status;
}

int main(int argc, char **argv) {
    static UpConfig config;
    char folder[] = "/tmp/uphill-robot-XXXXXX";
    UpStatus status = UP_OK;
    if (argc < 2)
        status = mkdtemp(folder) ? train(folder) : up_fail(UP_IO, "%s: cannot be made", folder);
    const char *path = argc < 2 ? folder : argv[1];

    UpPolicy policy = {0};
    UpEnv *env = NULL;
    double falls = 0;
    if (status == UP_OK) status = up_policy_load(&policy, &config, path);
    if (status == UP_OK) status = up_env_create(&env, &config.env, 1);
    if (status == UP_OK) status = drive(&policy, env, &falls);
    if (status != UP_OK) fprintf(stderr, "%s\n", up_error());
    up_env_destroy(env);
    up_policy_destroy(&policy);
    if (argc < 2) nftw(folder, erase, 8, FTW_DEPTH | FTW_PHYS);
    // An untrained policy lets the pole fall about every ten steps, two hundred times in all.
    return status == UP_OK && (argc > 1 || falls <= 20) ? 0 : 1;
}
