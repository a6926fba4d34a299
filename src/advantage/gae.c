// Estimates that lean on a value function: TD residuals, n-step returns, GAE.
#include "uphill/advantage.h"

// δ_t = r_t + γ V_{t+1} − V_t. *ended: nothing of this episode follows.
static UpReal residual(const UpRollout *r, int64_t cell, UpReal g, bool restart, bool *ended) {
    bool cut = restart && r->paid[cell];
    *ended = r->terminated[cell] || r->truncated[cell] || cut;
    UpReal next_value = cut ? 0 : *ended ? r->final_value[cell] : r->value[cell + r->N];
    return r->reward[cell] + g * next_value - r->value[cell];
}

// Σ_{l<n} (γλ)^l δ_{t+l} as far as the episode and the rollout go.
static UpReal limited_sum(const UpRollout *r, int64_t cell, UpReal g, UpReal gl, int64_t n,
                          bool restart) {
    UpReal sum = 0, weight = 1;
    bool ended = false;
    for (int64_t l = 0; l < n && !ended; l++) {
        int64_t at = cell + l * r->N;
        if (at >= r->length * r->N || !r->valid[at]) break;
        sum += weight * residual(r, at, g, restart, &ended);
        weight *= gl;
    }
    return sum;
}

void up_advantage_gae(UpRollout *r, double gamma, double lambda, int64_t n_steps, bool restart) {
    UpReal g = (UpReal)gamma, gl = (UpReal)(gamma * lambda);
    for (int64_t n = 0; n < r->N; n++) {
        UpReal running = 0;
        for (int64_t t = r->length - 1; t >= 0; t--) {
            int64_t cell = t * r->N + n;
            if (!r->valid[cell]) {
                r->advantage[cell] = r->ret[cell] = 0;
                continue;
            }
            bool ended;
            UpReal delta = residual(r, cell, g, restart, &ended);
            running = delta + (ended ? 0 : gl * running);
            UpReal sum = n_steps > 0 ? limited_sum(r, cell, g, gl, n_steps, restart) : running;
            r->advantage[cell] = sum;
            r->ret[cell] = sum + r->value[cell];
        }
    }
}

void up_advantage_td(UpRollout *r, double gamma, bool restart) {
    bool ended;
    for (int64_t cell = 0; cell < r->length * r->N; cell++)
        r->advantage[cell] = r->valid[cell] ? residual(r, cell, (UpReal)gamma, restart, &ended) : 0;
}
