// The policy as something that acts: in a rollout, and alone on a robot.
#include <string.h>

#include "policy/policy_internal.h"

static void act(UpPolicy *p, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    UpPolicyOut out = up_policy_forward(p, seen, UP_HEADS_ALL);
    for (int64_t i = 0; i < seen.obs->rows; i++) {
        const UpReal *param = out.param + i * p->dist.params;
        float *row = action + i * p->dist.actions;
        if (rng) {
            log_prob[i] = up_dist_sample(&p->dist, param, out.log_std, &rng[i], row);
        } else {
            up_dist_mode(&p->dist, param, out.log_std, row);
            log_prob[i] = up_dist_log_prob(&p->dist, param, out.log_std, row);
        }
        value[i] = out.value ? out.value[i] : 0;
    }
}

static void actor_observe(void *user, UpObs *obs, const uint8_t *active, bool learn) {
    up_policy_observe(user, obs, active, learn);
}

static void actor_observe_frozen(void *user, UpObs *obs, const uint8_t *active, bool learn) {
    (void)learn;
    up_policy_observe(user, obs, active, false);
}

static void actor_sample(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                         UpReal *value) {
    act(user, seen, rng, action, log_prob, value);
}

static void actor_mode(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                       UpReal *value) {
    (void)rng;
    act(user, seen, NULL, action, log_prob, value);
}

static void actor_value(void *user, UpSeen seen, UpReal *value) {
    const UpReal *result = up_policy_forward(user, seen, UP_HEADS_VALUE).value;
    if (result)
        memcpy(value, result, (size_t)seen.obs->rows * sizeof *value);
    else
        memset(value, 0, (size_t)seen.obs->rows * sizeof *value);
}

UpActor up_policy_actor(UpPolicy *policy) {
    return (UpActor){policy, actor_observe, actor_sample, actor_value, up_policy_memory(policy)};
}

UpActor up_policy_actor_frozen(UpPolicy *policy, bool greedy) {
    return (UpActor){policy, actor_observe_frozen, greedy ? actor_mode : actor_sample, actor_value,
                     up_policy_memory(policy)};
}

void up_policy_act(UpPolicy *p, UpObs *obs, UpReal *memory, UpRng *rng, float *action) {
    UpReal log_prob, value;
    UpSeen seen = {obs, 1, NULL, memory, memory};
    up_policy_observe(p, obs, NULL, false);
    act(p, seen, rng, action, &log_prob, &value);
    up__policy_clip(p, action);
}
