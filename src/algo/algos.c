// The algorithms that there are.
#include <string.h>

#include "algo/algo_internal.h"

// By how they came about: the ladder of docs/estimators.md.
enum { ALGOS = 8 };
static const UpAlgo *const algos[ALGOS] = {&up__reinforce, &up__vpg,   &up__actor_critic,
                                           &up__a2c,       &up__npg,   &up__trpo,
                                           &up__ppo,       &up__vtrace};

const UpAlgo *const *up_algo_list(int *count) {
    *count = ALGOS;
    return algos;
}

const UpAlgo *up_algo_find(const char *name) {
    for (int i = 0; i < ALGOS; i++)
        if (strcmp(algos[i]->name, name) == 0) return algos[i];
    return NULL;
}
