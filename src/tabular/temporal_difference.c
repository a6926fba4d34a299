// Values of states from the difference between two guesses, a step apart.
#include <string.h>

#include "uphill/tabular.h"

// Sun 2024, "Value Estimation: Temporal Difference". Behind the end of the task nothing comes;
// where only the clock ended, V(s') stands for the rest.
static double error(const double *v, const UpTransition *t, double gamma) {
    return t->reward + (t->terminated ? 0 : gamma * v[t->next]) - v[t->state];
}

double up_tabular_td0(double *v, const UpTransition *t, double alpha, double gamma) {
    double delta = error(v, t, gamma);
    v[t->state] += alpha * delta;
    return delta;
}

double up_tabular_td_lambda(double *v, double *e, int64_t states, const UpTransition *t,
                            double alpha, double gamma, double lambda) {
    double delta = error(v, t, gamma);
    e[t->state] += 1;
    for (int64_t s = 0; s < states; s++) {
        v[s] += alpha * delta * e[s];
        e[s] *= gamma * lambda;
    }
    if (t->terminated || t->truncated) memset(e, 0, (size_t)states * sizeof *e);
    return delta;
}
