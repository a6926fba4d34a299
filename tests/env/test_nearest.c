// Which environment somebody meant by a word that is none, on a thread with a small stack.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "uphill/env.h"

enum { SMALL = 64 * 1024 };

static const char *const meant[][2] = {
    {"cartpole", "CartPole-v1"},
    {"CartPol-v1", "CartPole-v1"},
    {"LunarLander-v2", "LunarLander-v3"},
    {"half_cheetah", "HalfCheetah-v5"},
    {"breakout", "ALE/Breakout-v5"},
    {"ALE/Pung-v5", "ALE/Pong-v5"},
    {"mountaincar", "MountainCar-v0"},
    {"mountaincarcont", "MountainCarContinuous-v0"},
    {"Blackjack-v0", "Blackjack-v1"},
    {"uphill/bandid", "uphill/Bandit-v0"},
    {"bipedalwalker", "BipedalWalker-v3"},
    {"walker", "Walker2d-v5"},
    {"xyzzyplugh", NULL},
    {"-v3", NULL},
};
enum { WORDS = sizeof meant / sizeof *meant };

static char found[WORDS][UP_ENV_ID_MAX];

static void *search(void *unused) {
    (void)unused;
    for (int i = 0; i < WORDS; i++)
        if (!up_env_nearest(meant[i][0], found[i])) found[i][0] = 0;
    return NULL;
}

static bool is_known(const char *id) {
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].id, id) == 0) return true;
    return false;
}

static void test_small_stack(void **state) {
    (void)state;
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, SMALL), 0);
    assert_int_equal(pthread_create(&thread, &attributes, search, NULL), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    for (int i = 0; i < WORDS; i++) {
        const char *id = meant[i][1];
        bool mujoco = id && (strstr(id, "Cheetah") || strstr(id, "Walker2d")); // not in every build
        if (!mujoco || is_known(id)) assert_string_equal(found[i], id ? id : "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_small_stack)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
