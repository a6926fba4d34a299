// Values of actions, and so a policy: SARSA learns about what it does, Q-learning about what would
// be best.
#include "uphill/tabular.h"

static double learn(double *q, int64_t actions, const UpTransition *t, double next, double alpha,
                    double gamma) {
    double *cell = &q[t->state * actions + t->action];
    double delta = t->reward + (t->terminated ? 0 : gamma * next) - *cell;
    *cell += alpha * delta;
    return delta;
}

double up_tabular_sarsa(double *q, int64_t actions, const UpTransition *t, int64_t next_action,
                        double alpha, double gamma) {
    return learn(q, actions, t, q[t->next * actions + next_action], alpha, gamma);
}

double up_tabular_q_learning(double *q, int64_t actions, const UpTransition *t, double alpha,
                             double gamma) {
    const double *next = &q[t->next * actions];
    return learn(q, actions, t, next[up_tabular_greedy(next, actions, NULL)], alpha, gamma);
}
