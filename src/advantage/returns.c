// Monte Carlo returns of complete episodes, and their baselines.
#include "uphill/advantage.h"

// Gives every step of one instance's [first, last] the return at its first step.
static void spread_total(UpRollout *r, int64_t n, int64_t first, int64_t last) {
    UpReal total = r->ret[first * r->N + n];
    for (int64_t t = first; t <= last; t++)
        r->advantage[t * r->N + n] = total;
}

void up_advantage_returns(UpRollout *r, double gamma, bool total, bool restart) {
    UpReal g = (UpReal)gamma;
    for (int64_t n = 0; n < r->N; n++) {
        UpReal sum = 0;
        int64_t last =
            r->length - 1; // of the episode that t lies in, or of the game with `restart`
        for (int64_t t = r->length - 1; t >= 0; t--) {
            int64_t cell = t * r->N + n;
            bool cut = restart && r->paid[cell];
            if (r->terminated[cell] || r->truncated[cell] || cut) {
                if (total && t < last) spread_total(r, n, t + 1, last);
                last = t;
                sum = 0;
            }
            sum = g * sum + r->reward[cell];
            r->ret[cell] = r->advantage[cell] = r->valid[cell] ? sum : 0;
        }
        if (total && r->length > 0) spread_total(r, n, 0, last);
    }
}

void up_advantage_baseline(UpRollout *r, UpBaseline baseline, double average) {
    for (int64_t cell = 0; cell < r->length * r->N; cell++) {
        if (baseline == UP_BASELINE_AVERAGE) r->advantage[cell] -= (UpReal)average;
        if (baseline == UP_BASELINE_VALUE) r->advantage[cell] -= r->value[cell];
    }
}
