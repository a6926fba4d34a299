#include "uphill/advantage.h"

void up_advantage_gae(UpRollout *r, double gamma, double lambda, bool restart) {
    UpReal g = (UpReal)gamma, gl = (UpReal)(gamma * lambda);
    for (int64_t n = 0; n < r->N; n++) {
        UpReal running = 0;
        for (int64_t t = r->length - 1; t >= 0; t--) {
            int64_t cell = t * r->N + n;
            if (!r->valid[cell]) {
                r->advantage[cell] = r->ret[cell] = 0;
                continue;
            }
            bool cut = restart && r->reward[cell] != 0;
            bool ended = r->terminated[cell] || r->truncated[cell] || cut;
            UpReal next_value = cut ? 0 : ended ? r->final_value[cell] : r->value[cell + r->N];
            UpReal delta = r->reward[cell] + g * next_value - r->value[cell];
            running = delta + (ended ? 0 : gl * running);
            r->advantage[cell] = running;
            r->ret[cell] = running + r->value[cell];
        }
    }
}
