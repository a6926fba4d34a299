// Choosing an action from a row of a table.
#include <math.h>

#include "uphill/tabular.h"

// One pass; the k-th of equal ones takes the place of the present choice with probability 1/k, so
// that each is as likely.
int64_t up_tabular_greedy(const double *q, int64_t actions, UpRng *rng) {
    int64_t best = 0, equal = 1;
    for (int64_t a = 1; a < actions; a++) {
        if (q[a] > q[best]) {
            best = a;
            equal = 1;
        } else if (q[a] == q[best] && rng && up_rng_integers(rng, 0, ++equal) == 0) {
            best = a;
        }
    }
    return best;
}

int64_t up_tabular_epsilon_greedy(const double *q, int64_t actions, double epsilon, UpRng *rng) {
    if (epsilon > 0 && up_rng_double(rng) < epsilon) return up_rng_integers(rng, 0, actions);
    return up_tabular_greedy(q, actions, rng);
}

double up_tabular_epsilon(const UpEpsilon *epsilon, int64_t step) {
    if (step >= epsilon->steps) return epsilon->end;
    double done = (double)step / (double)epsilon->steps;
    return epsilon->start + done * (epsilon->end - epsilon->start);
}

void up_tabular_softmax(const double *theta, int64_t actions, double *probability) {
    double highest = theta[0], sum = 0;
    for (int64_t a = 1; a < actions; a++)
        highest = fmax(highest, theta[a]);
    for (int64_t a = 0; a < actions; a++)
        sum += probability[a] = exp(theta[a] - highest);
    for (int64_t a = 0; a < actions; a++)
        probability[a] /= sum;
}

// The sum is taken as far as it has to be; the last action takes what rounding leaves.
int64_t up_tabular_sample(const double *theta, int64_t actions, UpRng *rng) {
    double highest = theta[0], sum = 0;
    for (int64_t a = 1; a < actions; a++)
        highest = fmax(highest, theta[a]);
    for (int64_t a = 0; a < actions; a++)
        sum += exp(theta[a] - highest);
    double left = up_rng_double(rng) * sum;
    int64_t a = 0;
    while (a < actions - 1 && (left -= exp(theta[a] - highest)) >= 0)
        a++;
    return a;
}
