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

// The loop. `env` stands for the sensors and motors of the robot: where it is reset and stepped,
// yours reads and drives hardware.
static UpStatus drive(UpPolicy *policy, UpEnv *env, UpArena *arena, double *falls) {
    UpStack seen; // what the policy reads: one observation, or the newest few
    UpObs final_obs;
    UP_TRY(up_stack_create(&seen, &env->spec, 1, arena));
    UP_TRY(up_obs_create(&final_obs, &env->spec, 1, arena));
    float *action = up_arena_alloc(arena, (size_t)env->spec.action.size, sizeof *action);
    if (!action) return UP_MEMORY;
    double reward, slowest = 0, total = 0;
    uint8_t terminated, truncated;
    UpStep step = {action, NULL, seen.frames, final_obs, &reward, &terminated, &truncated};
    uint64_t seed = 1000;
    UP_TRY(up_env_reset(env, &seed, seen.frames));
    up_stack_push(&seen, NULL, NULL);
    for (int t = 0; t < STEPS; t++) { // nothing below here allocates
        double begin = seconds();
        up_policy_act(policy, &seen.obs, NULL, action); // NULL: the most likely action
        double taken = seconds() - begin;
        total += taken;
        slowest = taken > slowest ? taken : slowest;
        UP_TRY(up_env_step(env, &step));
        up_stack_push(&seen, &terminated, &truncated);
        *falls += terminated;
    }
    printf("%s: %d decisions, mean %.1f us, slowest %.1f us; %.0f episodes ended in failure\n",
           env->spec.id, STEPS, 1e6 * total / STEPS, 1e6 * slowest, *falls);
    return UP_OK;
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
    UpArena arena = {0};
    double falls = 0;
    if (status == UP_OK) status = up_policy_load(&policy, &config, path);
    if (status == UP_OK) status = up_env_create(&env, &config.env, 1);
    if (status == UP_OK) status = drive(&policy, env, &arena, &falls);
    if (status != UP_OK) fprintf(stderr, "%s\n", up_error());
    up_env_destroy(env);
    up_policy_destroy(&policy);
    up_arena_free(&arena);
    if (argc < 2) nftw(folder, erase, 8, FTW_DEPTH | FTW_PHYS);
    // An untrained policy lets the pole fall about every ten steps, two hundred times in all.
    return status == UP_OK && (argc > 1 || falls <= 20) ? 0 : 1;
}
