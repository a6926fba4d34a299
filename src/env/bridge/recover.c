// A worker that failed is replaced, and the training goes on.
#include <stdio.h>
#include <string.h>

#include "env/bridge/internal.h"
#include "uphill/random.h"

enum { ATTEMPTS = 3 };

// The same kind of exception in the same line of the same file, whatever else it says: "KeyError: …
// (pole.py:12)". What ended otherwise has to be told alike.
static bool is_same(const char *a, const char *b) {
    const char *place_a = strrchr(a, '('), *place_b = strrchr(b, '(');
    size_t kind = strcspn(a, ":");
    if (strcmp(a, b) == 0) return true;
    return a[kind] && strncmp(a, b, kind + 1) == 0 && place_a && place_b &&
           strstr(place_a, ".py:") && strcmp(place_a, place_b) == 0;
}

// Where there is room to remember it, a failure is told once.
static void tell(UpBridge *bridge, const UpWorker *worker, const char *failure) {
    for (int i = 0; i < UP__TOLD; i++) {
        UpTold *told = &bridge->told[i];
        if (told->times == 0) memcpy(told->why, worker->why, sizeof told->why);
        if (!is_same(told->why, worker->why)) continue;
        if (told->times++ > 0) return;
        break;
    }
    up_warn("%s; it is restarted, its episodes count as truncated", failure);
}

void up__bridge_sum_up(const UpBridge *bridge) {
    for (int i = 0; i < UP__TOLD; i++) {
        const UpTold *told = &bridge->told[i];
        if (told->times > 1)
            up_warn("%s: %lld times in all: %s", bridge->def.id, (long long)told->times, told->why);
    }
}

// New episodes for all its instances. Their seeds come from a counter, so that a run that lost a
// worker at the same step again takes the same course.
static void send_fresh_reset(UpBridge *bridge, UpWorker *worker) {
    uint64_t *seed = up__array(worker, UP__WIRE_SEED);
    uint8_t *slot = up__array(worker, UP__WIRE_SLOT);
    memset(up__array(worker, UP__WIRE_ACTIVE), 1, (size_t)worker->count);
    memcpy(up__array(worker, UP__WIRE_SEEDED), bridge->seeded + worker->first,
           (size_t)worker->count);
    for (int k = 0; k < worker->count; k++) {
        int i = worker->first + k;
        // A first observation that nobody has seen yet may be overwritten, the last seen one not.
        if (!bridge->lost[i]) bridge->slot[i] ^= bridge->flip;
        bridge->lost[i] = 1;
        slot[k] = bridge->slot[i];
        bridge->restarts[i]++;
        UpRng rng;
        up_rng_stream(&rng, bridge->seed[i], UP_STREAM_ENV, (uint32_t)bridge->restarts[i]);
        seed[k] = up_rng_u64(&rng) >> 33; // what every environment takes as a seed
    }
    up__worker_send(worker, UP__WIRE_RESET);
}

static UpStatus restart(UpBridge *bridge, UpWorker *worker) {
    up__process_reap(&worker->process, 0);
    UP_TRY(up__worker_start(bridge, worker));
    UP_TRY(up__bridge_wait_start(bridge));
    if (worker->state != UP__WORKER_IDLE) return UP_OK; // the caller counts it as one more failure
    UP_TRY(up__worker_adopt(worker, &bridge->layout));
    send_fresh_reset(bridge, worker);
    return up__bridge_wait_start(bridge);
}

UpStatus up__worker_recover(UpBridge *bridge, UpWorker *worker) {
    while (worker->state != UP__WORKER_IDLE) {
        char name[512], failure[1100];
        bool raised = worker->state == UP__WORKER_RAISED;
        up__worker_name(bridge, worker, name, sizeof name);
        snprintf(failure, sizeof failure, "%s %s%s", name, raised ? "raised " : "", worker->why);
        if (raised && worker->error == UP__WIRE_BREACH)
            return up_fail(UP_ENVIRONMENT, "%s, instance %d: %s", bridge->def.id, worker->raised_at,
                           worker->why);
        if (bridge->def.strict) return up_fail(UP_ENVIRONMENT, "%s", failure);
        if (raised && worker->error == UP__WIRE_IN_RESET && worker->resets_failed++ == ATTEMPTS)
            return up_fail(UP_ENVIRONMENT,
                           "%s, at the beginning of an episode; gave up after %d restarts", failure,
                           ATTEMPTS);
        if (worker->failures++ == ATTEMPTS)
            return up_fail(UP_ENVIRONMENT, "%s; gave up after %d restarts without a step", failure,
                           ATTEMPTS);
        tell(bridge, worker, failure);
        UP_TRY(restart(bridge, worker));
    }
    return UP_OK;
}
