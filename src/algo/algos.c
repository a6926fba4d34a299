// The algorithms that there are.
#include <stdio.h>
#include <string.h>

#include "algo/algo_internal.h"

// By how they came about: the ladder of docs/estimators.md.
enum { ALGOS = 14 };
static const UpAlgo *const algos[ALGOS] = {
    &up__reinforce, &up__vpg, &up__actor_critic, &up__a2c, &up__npg, &up__trpo,           &up__ppo,
    &up__vtrace,    &up__dqn, &up__ddpg,         &up__td3, &up__sac, &up__q_actor_critic, &up__pqn};

const UpAlgo *const *up_algo_list(int *count) {
    *count = ALGOS;
    return algos;
}

const UpAlgo *up_algo_find(const char *name) {
    for (int i = 0; i < ALGOS; i++)
        if (strcmp(algos[i]->name, name) == 0) return algos[i];
    return NULL;
}

UpStatus up__algo_named(const char *name, const char *where, const UpAlgo **algo) {
    *algo = up_algo_find(name);
    if (*algo) return UP_OK;
    int count;
    const UpAlgo *const *list = up_algo_list(&count);
    const char *names[UP_SECTIONS_MAX];
    char all[256] = "";
    for (int i = 0; i < count; i++) {
        names[i] = list[i]->name;
        strcat(strcat(all, i ? ", " : ""), names[i]);
    }
    const char *near = up_nearest(name, names, count);
    if (near)
        return up_fail(UP_UNKNOWN, "%s: there is no algorithm \"%s\"; did you mean %s?", where,
                       name, near);
    return up_fail(UP_UNKNOWN, "%s: there is no algorithm \"%s\"; there are %s", where, name, all);
}
