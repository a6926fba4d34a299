// Acting at random.
#include "uphill/play.h"

static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    const UpSpace *space = &((const UpEnv *)user)->spec.action;
    const UpObs *obs = seen.obs;
    (void)log_prob, (void)value;
    for (int64_t n = 0; n < obs->rows; n++) {
        const uint8_t *mask = obs->mask ? obs->mask + n * obs->mask_size : NULL;
        up_space_random(space, mask, &rng[n], action + n * space->size);
    }
}

UpActor up_random_actor(UpEnv *env) {
    return (UpActor){.user = env, .act = act};
}
