// Targets for a rollout that an older policy played (Espeholt 2018, section 4).
#include "uphill/advantage.h"

static UpReal at_most(UpReal limit, UpReal x) {
    return x < limit ? x : limit;
}

// One instance, from its last step to its first. `ahead` is v_{t+1} − V_{t+1}: what the targets
// that follow add to the values.
static void trace_instance(UpRollout *r, int64_t n, const UpAdvantageDef *def, UpReal rho_bar,
                           UpReal c_bar) {
    UpReal g = (UpReal)def->gamma, ahead = 0;
    for (int64_t t = r->length - 1; t >= 0; t--) {
        int64_t cell = t * r->N + n;
        if (!r->valid[cell]) {
            r->advantage[cell] = r->ret[cell] = 0;
            continue;
        }
        bool cut = def->restart && r->paid[cell];
        bool ended = r->terminated[cell] || r->truncated[cell] || cut;
        UpReal next_value = cut ? 0 : ended ? r->final_value[cell] : r->value[cell + r->N];
        if (ended) ahead = 0;
        UpReal rho = at_most(rho_bar, r->ratio[cell]);
        UpReal c = (UpReal)def->lambda * at_most(c_bar, r->ratio[cell]);
        UpReal delta = r->reward[cell] + g * next_value - r->value[cell];
        r->advantage[cell] = rho * (delta + g * ahead);
        ahead = rho * delta + g * c * ahead;
        r->ret[cell] = r->value[cell] + ahead;
    }
}

void up_advantage_vtrace(UpRollout *r, const UpAdvantageDef *def, double rho_bar, double c_bar) {
    for (int64_t n = 0; n < r->N; n++)
        trace_instance(r, n, def, (UpReal)rho_bar, (UpReal)c_bar);
}
