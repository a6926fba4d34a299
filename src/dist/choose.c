// Which distribution fits an action space.
#include "uphill/dist.h"

UpStatus up_dist_for_space(UpDist *dist, const UpSpace *action, bool bernoulli) {
    char text[64];
    up_space_format(action, text, sizeof text);
    if (bernoulli) {
        if (action->kind != UP_SPACE_DISCRETE || action->n != 2)
            return up_fail(UP_MISMATCH,
                           "a Bernoulli policy needs two actions, but the action space is %s; turn "
                           "the option off",
                           text);
        *dist = (UpDist){UP_BERNOULLI, 1, 1};
        return UP_OK;
    }
    switch (action->kind) {
    case UP_SPACE_DISCRETE:
        *dist = (UpDist){UP_CATEGORICAL, action->n, 1};
        return UP_OK;
    case UP_SPACE_MULTI_BINARY:
        *dist = (UpDist){UP_BERNOULLI, action->size, action->size};
        return UP_OK;
    case UP_SPACE_BOX:
        if (action->size > UP_DIST_ACTIONS_MAX)
            return up_fail(UP_UNSUPPORTED,
                           "the action space %s has %lld components, and a policy can have %d",
                           text, (long long)action->size, UP_DIST_ACTIONS_MAX);
        if (action->dtype == UP_DTYPE_F32) {
            *dist = (UpDist){UP_GAUSSIAN, action->size, action->size};
            return UP_OK;
        }
        break;
    case UP_SPACE_MULTI_DISCRETE:
        break;
    }
    return up_fail(UP_UNSUPPORTED,
                   "no action distribution for the action space %s; supported are Discrete, Box of "
                   "float32 and MultiBinary",
                   text);
}
