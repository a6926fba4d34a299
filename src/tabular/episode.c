// An episode, and what followed each of its steps.
#include <stdlib.h>

#include "uphill/tabular.h"

enum { FIRST_CAPACITY = 64 };

static UpStatus grow(UpTabularEpisode *ep) {
    int64_t capacity = ep->capacity ? 2 * ep->capacity : FIRST_CAPACITY;
    UpTransition *step = realloc(ep->step, (size_t)capacity * sizeof *step);
    if (step) ep->step = step;
    double *ret = realloc(ep->ret, (size_t)capacity * sizeof *ret);
    if (ret) ep->ret = ret;
    if (!step || !ret) return up_fail(UP_MEMORY, "out of memory for an episode");
    ep->capacity = capacity;
    return UP_OK;
}

UpStatus up_tabular_push(UpTabularEpisode *ep, const UpTransition *transition) {
    if (ep->length == ep->capacity) UP_TRY(grow(ep));
    ep->step[ep->length++] = *transition;
    return UP_OK;
}

void up_tabular_episode_free(UpTabularEpisode *ep) {
    free(ep->step);
    free(ep->ret);
    *ep = (UpTabularEpisode){0};
}

void up_tabular_returns(UpTabularEpisode *ep, double gamma, double beyond) {
    for (int64_t t = ep->length - 1; t >= 0; t--)
        beyond = ep->ret[t] = ep->step[t].reward + gamma * beyond;
}
