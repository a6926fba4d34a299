// One allocation fails, in a process of its own: a run is made, stopped, gone on with and loaded.
// Whatever fails says that memory ran out; nothing is lost, and the run goes on from there as if
// nothing had been.
#ifndef UP_TESTS_OUT_OF_MEMORY_H
#define UP_TESTS_OUT_OF_MEMORY_H

#include "counting.h"
#include "scratch.h"

#include <sys/wait.h>

#include "uphill/tensors.h"
#include "uphill/train.h"

enum { OOM_FIRST = 256, OOM_ALL = 512 };

static UpStatus oom_config(UpConfig *config, const char *steps) {
    static const char *const set[] = {"env.id",
                                      "CartPole-v1",
                                      "rollout.envs",
                                      "4",
                                      "rollout.steps",
                                      "16",
                                      "policy.hidden",
                                      "4",
                                      "ppo.minibatch",
                                      "32",
                                      "ppo.epochs",
                                      "1",
                                      "train.threads",
                                      "1",
                                      "policy.normalize_obs",
                                      "true",
                                      "train.checkpoint_seconds",
                                      "0"};
    UP_TRY(up_config_default(config, "ppo"));
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        UP_TRY(up_config_set(config, set[i], set[i + 1], "test"));
    return up_config_set(config, "train.steps", steps, "test");
}

static UpStatus oom_train(const char *folder, const char *steps, bool resume) {
    UpConfig config;
    UpTrainer *t;
    if (resume) {
        UP_TRY(up_train_config(&config, folder));
        UP_TRY(up_config_set(&config, "train.steps", steps, "test"));
        UP_TRY(up_train_resume(&t, &config, folder));
    } else {
        UP_TRY(oom_config(&config, steps));
        UP_TRY(up_train_create(&t, &config, folder));
    }
    UpStatus status = up_train_run(t, NULL);
    up_train_destroy(t);
    return status;
}

static UpStatus oom_work(const char *folder) {
    UpPolicy policy;
    UpConfig config;
    UP_TRY(oom_train(folder, "256", false));
    UP_TRY(oom_train(folder, "512", true));
    UP_TRY(up_policy_load(&policy, &config, folder));
    up_policy_destroy(&policy);
    return UP_OK;
}

// The tensors of the last checkpoint.
static bool oom_same(const char *a, const char *b) {
    static const size_t size[] = {4, 8, 1, 2, 4, 8, 8};
    char path[512];
    UpTensorFile x, y;
    snprintf(path, sizeof path, "%s/checkpoints/000000000512.safetensors", a);
    assert_ok(up_tensors_read(path, &x));
    snprintf(path, sizeof path, "%s/checkpoints/000000000512.safetensors", b);
    assert_ok(up_tensors_read(path, &y));
    bool same = x.tensors == y.tensors;
    for (int i = 0; same && i < x.tensors; i++) {
        const UpTensor *t = &x.tensor[i], *u = up_tensors_find(&y, t->name);
        if (strncmp(t->name, "row.", 4) == 0 || strncmp(t->name, "point.", 6) == 0) continue;
        same = u && up_tensor_count(t) == up_tensor_count(u) &&
               memcmp(t->data, u->data, (size_t)up_tensor_count(t) * size[t->type]) == 0;
        if (!same) fprintf(stderr, "tensor %s differs\n", t->name);
    }
    up_tensors_free(&x);
    up_tensors_free(&y);
    return same;
}

// Memory that ran out is no damage.
static bool oom_older;
static void oom_warned(void *user, const char *message) {
    (void)user;
    oom_older |= strstr(message, "trying the one before it") != NULL;
}

// In the child: 0 if all is well.
static int oom_trial(const char *folder, const char *whole, int number) {
    char path[512];
    allocations = 0;
    failing = number;
    counting = true;
    up_set_warn(oom_warned, NULL);
    UpStatus status = oom_work(folder);
    counting = false;
    if (oom_older) {
        fprintf(stderr, "allocation %d: went on from an older checkpoint\n", number);
        return 1;
    }
    if (status != UP_OK && status != UP_MEMORY) {
        fprintf(stderr, "allocation %d: %s: %s\n", number, up_status_text(status), up_error());
        return 1;
    }
    snprintf(path, sizeof path, "%s/config.ini", folder);
    bool exists = access(path, F_OK) == 0;
    status = oom_train(folder, "512", exists);
    if (status != UP_OK) {
        fprintf(stderr, "after allocation %d: %s\n", number, up_error());
        return 1;
    }
    return oom_same(folder, whole) ? 0 : 1;
}

static bool oom_survives(const char *whole, int number) {
    char folder[300], command[400];
    snprintf(folder, sizeof folder, "%s/fails", scratch_folder);
    pid_t child = fork();
    if (child == 0) _exit(oom_trial(folder, whole, number));
    int how = 0;
    waitpid(child, &how, 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) return false;
    if (WIFSIGNALED(how)) fprintf(stderr, "allocation %d: signal %d\n", number, WTERMSIG(how));
    return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

// Every `step`th allocation of `folder`'s making, from the first.
static void oom_check(int trials) {
    if (!CAN_COUNT) skip();
    char whole[300], registry[300];
    snprintf(registry, sizeof registry, "%s/runs.db", scratch_folder);
    setenv("UPHILL_REGISTRY", registry, 1);
    snprintf(whole, sizeof whole, "%s/whole", scratch_folder);
    allocations = 0;
    counting = true;
    assert_ok(oom_work(whole));
    counting = false;
    int all = allocations, bad = 0;
    double step = trials > 0 && trials < all ? (double)all / trials : 1;
    for (double number = 1; number <= all; number += step)
        bad += !oom_survives(whole, (int)number);
    printf("%d allocations, each %.0fth failed once: %d went wrong\n", all, step, bad);
    assert_int_equal(bad, 0);
}

#endif
