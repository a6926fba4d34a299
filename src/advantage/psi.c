// The six forms of Ψ, and the factor γ^t. Sun 2024.
#include <math.h>

#include "uphill/advantage.h"

bool up_advantage_needs_value(const UpAdvantageDef *def) {
    return def->psi >= UP_PSI_Q || def->baseline == UP_BASELINE_VALUE;
}

void up_advantage_psi(UpRollout *r, const UpAdvantageDef *def, double average) {
    switch ((UpPsi)def->psi) {
    case UP_PSI_TOTAL:
        up_advantage_returns(r, def->gamma, true, def->restart);
        return;
    case UP_PSI_TO_GO:
        up_advantage_returns(r, def->gamma, false, def->restart);
        return;
    case UP_PSI_BASELINED:
        up_advantage_returns(r, def->gamma, false, def->restart);
        up_advantage_baseline(r, (UpBaseline)def->baseline, average);
        return;
    case UP_PSI_Q:
        up_advantage_gae(r, def->gamma, def->lambda, def->n_steps, def->restart);
        for (int64_t cell = 0; cell < r->length * r->N; cell++)
            r->advantage[cell] = r->ret[cell];
        return;
    case UP_PSI_ADVANTAGE:
        up_advantage_gae(r, def->gamma, def->lambda, def->n_steps, def->restart);
        return;
    case UP_PSI_TD:
        up_advantage_gae(r, def->gamma, def->lambda, def->n_steps, def->restart);
        up_advantage_td(r, def->gamma, def->restart);
        return;
    }
}

void up_advantage_gamma_t(UpRollout *r, double gamma) {
    for (int64_t n = 0; n < r->N; n++) {
        double weight = pow(gamma, (double)r->first_age[n]);
        for (int64_t t = 0; t < r->length; t++) {
            int64_t cell = t * r->N + n;
            if (!r->valid[cell]) continue;
            r->advantage[cell] *= (UpReal)weight;
            weight = r->terminated[cell] || r->truncated[cell] ? 1 : weight * gamma;
        }
    }
}
