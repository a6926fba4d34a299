// Initial weights of what remembers, apart from it: libuphill-act does without.
#include <math.h>

#include "net/init.h"
#include "net/recurrent.h"

// Orthogonal weights of gain 1 and biases of 0 as CleanRL's recurrent PPO has them, else PyTorch's
// uniform ones.
UpStatus up__recurrent_init(const UpLayer *layer, UpInit init, double gain, UpReal *param,
                            UpRng *rng) {
    (void)gain;
    UpRecurrent r = up__recurrent(layer, NULL);
    if (init != UP_INIT_ORTHOGONAL) {
        up__init_uniform(1 / sqrt((double)r.H), (int64_t)layer->params, param + layer->param, rng);
        return UP_OK;
    }
    UpMatrix ih = {param + r.w_ih, layer->inputs, r.wide}, hh = {param + r.w_hh, r.H, r.wide};
    UP_TRY(up__init_weights(init, 1, ih, layer->bias ? param + r.b_ih : NULL, rng));
    return up__init_weights(init, 1, hh, layer->bias ? param + r.b_hh : NULL, rng);
}
