// Actions by values: the best, or now and then any (Watkins 1989; Sutton & Barto 2018,
// section 2.2).
#include <math.h>

#include "algo/algo_internal.h"

double up__epsilon(double start, double end, double span, double done) {
    return done < span ? start + (end - start) * (done / span) : end;
}

int64_t up__best_action(const UpReal *value, int64_t actions) {
    int64_t best = 0;
    for (int64_t a = 1; a < actions; a++)
        if (value[a] > value[best]) best = a;
    return best;
}

// The k-th of the actions that may be taken.
static int64_t allowed(const UpReal *value, int64_t k) {
    for (int64_t a = 0;; a++)
        if (value[a] > -(UpReal)INFINITY && k-- == 0) return a;
}

int64_t up__epsilon_greedy(const UpReal *value, int64_t actions, double epsilon, UpRng *rng) {
    int64_t count = 0;
    if (!(up_rng_double(rng) < epsilon)) return up__best_action(value, actions);
    for (int64_t a = 0; a < actions; a++)
        count += value[a] > -(UpReal)INFINITY;
    return count > 0 ? allowed(value, up_rng_integers(rng, 0, count)) : 0;
}

UpStatus up__values_check(const UpLearner *l) {
    const UpPolicy *p = l->policy;
    if (p->action_space.kind == UP_SPACE_DISCRETE && p->dist.params == p->action_space.n)
        return UP_OK;
    char text[64];
    up_space_format(&p->action_space, text, sizeof text);
    return up_fail(UP_UNSUPPORTED,
                   "%s learns a value for each of a Discrete space's actions, and those of %s are "
                   "%s; sac, td3 and ddpg take a Box",
                   l->config->train.algo, l->config->env.id, text);
}
