// Values as means of the returns that followed (Sun 2024, "Value Estimation: Monte Carlo").
#include "uphill/tabular.h"

static int64_t cell_of(const UpTransition *t, int64_t actions) {
    return actions > 0 ? t->state * actions + t->action : t->state;
}

void up_tabular_monte_carlo(double *table, int64_t *visits, uint8_t *seen, int64_t actions,
                            const UpTabularEpisode *ep, UpVisits which, double alpha) {
    for (int64_t t = 0; t < ep->length; t++) {
        int64_t cell = cell_of(&ep->step[t], actions);
        bool again = seen[cell];
        seen[cell] = 1;
        if (again && which == UP_VISITS_FIRST) continue;
        visits[cell]++;
        double size = alpha > 0 ? alpha : 1 / (double)visits[cell];
        table[cell] += size * (ep->ret[t] - table[cell]);
    }
    for (int64_t t = 0; t < ep->length; t++)
        seen[cell_of(&ep->step[t], actions)] = 0;
}
