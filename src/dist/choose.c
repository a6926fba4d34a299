// Which distribution fits an action space.
#include <math.h>
#include <string.h>

#include "uphill/dist.h"

static void add(UpDist *dist, UpDistKind kind, int64_t params, int64_t actions) {
    dist->part[dist->parts++] = (UpDistPart){.kind = kind,
                                             .param = dist->params,
                                             .params = params,
                                             .action = dist->actions,
                                             .actions = actions,
                                             .log_std = dist->log_stds};
    dist->params += params;
    dist->actions += actions;
    if (kind == UP_GAUSSIAN) dist->log_stds += actions;
}

// Of whole numbers, too: the environment rounds.
static UpStatus add_box(UpDist *dist, int64_t size, UpBoxHead box, const char *text) {
    static const UpDistKind kinds[] = {[UP_BOX_GAUSSIAN] = UP_GAUSSIAN,
                                       [UP_BOX_STATE_GAUSSIAN] = UP_STATE_GAUSSIAN,
                                       [UP_BOX_SQUASHED] = UP_SQUASHED_GAUSSIAN,
                                       [UP_BOX_TANH] = UP_CERTAIN};
    if (size > UP_DIST_ACTIONS_MAX)
        return up_fail(UP_UNSUPPORTED,
                       "the action space %s has %lld components, and a policy can have %d", text,
                       (long long)size, UP_DIST_ACTIONS_MAX);
    bool two = box == UP_BOX_STATE_GAUSSIAN || box == UP_BOX_SQUASHED;
    add(dist, kinds[box], two ? 2 * size : size, size);
    return UP_OK;
}

// Between the bounds, of which there must be two for each component.
static UpStatus squash(UpDist *dist, const UpSpace *action, UpBoxHead box, const char *text) {
    const char *head = box == UP_BOX_TANH ? "a tanh policy" : "a squashed Gaussian";
    if (action->kind != UP_SPACE_BOX)
        return up_fail(UP_MISMATCH,
                       "%s chooses numbers in a Box, but the action space is %s; set policy.box to "
                       "gaussian, or choose another algorithm",
                       head, text);
    dist->bounds = action->bounds;
    for (int i = 0; i < action->bounds; i++) {
        double low = (double)action->low[i], high = (double)action->high[i];
        if (!(isfinite(low) && isfinite(high) && low < high))
            return up_fail(UP_MISMATCH,
                           "%s needs two bounds of every action, but the action space is %s; set "
                           "policy.box to gaussian, or choose another algorithm",
                           head, text);
        dist->middle[i] = (UpReal)((low + high) / 2);
        dist->reach[i] = (UpReal)((high - low) / 2);
    }
    return add_box(dist, action->size, box, text);
}

// Components that stand beside each other and are of one kind are one part; a choice is one always.
static UpStatus add_several(UpDist *dist, const UpSpace *action, UpBoxHead box, const char *text) {
    for (int64_t first = 0, next; first < action->size; first = next) {
        int64_t choices = action->choices[first];
        next = first + 1;
        while (choices <= 0 && next < action->size && action->choices[next] == choices)
            next++;
        if (choices == UP_SPACE_NUMBER)
            UP_TRY(add_box(dist, next - first, box, text));
        else if (choices == UP_SPACE_BIT)
            add(dist, UP_BERNOULLI, next - first, next - first);
        else
            add(dist, UP_CATEGORICAL, choices, 1);
    }
    return UP_OK;
}

static UpStatus add_entry(UpDist *dist, const UpSpace *action, UpBoxHead box, const char *text) {
    switch (action->kind) {
    case UP_SPACE_DISCRETE:
        add(dist, UP_CATEGORICAL, action->n, 1);
        return UP_OK;
    case UP_SPACE_MULTI_DISCRETE:
        for (int64_t i = 0; i < action->size; i++)
            add(dist, UP_CATEGORICAL, action->choices[i], 1);
        return UP_OK;
    case UP_SPACE_MULTI_BINARY:
        add(dist, UP_BERNOULLI, action->size, action->size);
        return UP_OK;
    case UP_SPACE_BOX:
        return add_box(dist, action->size, box, text);
    case UP_SPACE_SEVERAL:
        return add_several(dist, action, box, text);
    }
    return up_fail(UP_UNSUPPORTED, "no action distribution for the action space %s", text);
}

UpStatus up_dist_for_space(UpDist *dist, const UpSpace *action, UpBoxHead box, bool bernoulli) {
    char text[64];
    up_space_format(action, text, sizeof text);
    *dist = (UpDist){.masks = up_space_mask(action)};
    if (box == UP_BOX_SQUASHED || box == UP_BOX_TANH) return squash(dist, action, box, text);
    if (!bernoulli) return add_entry(dist, action, box, text);
    if (action->kind != UP_SPACE_DISCRETE || action->n != 2)
        return up_fail(UP_MISMATCH,
                       "a Bernoulli policy needs two actions, but the action space is %s; turn "
                       "the option off",
                       text);
    add(dist, UP_BERNOULLI, 1, 1);
    return UP_OK;
}
