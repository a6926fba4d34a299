// A softmax policy with a number for each state and action.
#include <math.h>
#include <string.h>

#include "uphill/tabular.h"

void up_tabular_score(const double *theta, int64_t actions, int64_t action, double scale,
                      double *gradient) {
    double highest = theta[0], sum = 0;
    for (int64_t b = 1; b < actions; b++)
        highest = fmax(highest, theta[b]);
    for (int64_t b = 0; b < actions; b++)
        sum += exp(theta[b] - highest);
    for (int64_t b = 0; b < actions; b++)
        gradient[b] += scale * ((b == action) - exp(theta[b] - highest) / sum);
}

void up_tabular_policy_gradient(double *theta, double *baseline, double *gradient, int64_t actions,
                                const UpTabularEpisode *ep, double alpha, double beta) {
    for (int64_t t = 0; t < ep->length; t++) {
        int64_t s = ep->step[t].state, row = s * actions;
        double advantage = ep->ret[t] - (baseline ? baseline[s] : 0);
        up_tabular_score(theta + row, actions, ep->step[t].action, alpha * advantage,
                         gradient + row);
        if (baseline) baseline[s] += beta * advantage;
    }
    // A state that was visited twice is moved at its first visit here; then its gradient is zero.
    for (int64_t t = 0; t < ep->length; t++) {
        int64_t row = ep->step[t].state * actions;
        for (int64_t a = 0; a < actions; a++)
            theta[row + a] += gradient[row + a];
        memset(gradient + row, 0, (size_t)actions * sizeof *gradient);
    }
}
