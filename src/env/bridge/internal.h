// What the files of the bridge share.
#ifndef UPHILL_ENV_BRIDGE_INTERNAL_H
#define UPHILL_ENV_BRIDGE_INTERNAL_H

#include <poll.h>

#include "env/bridge/bridge.h"
#include "env/bridge/layout.h"
#include "env/bridge/process.h"
#include "env/bridge/protocol.h"
#include "env/wrappers/pong80.h"
#include "env/wrappers/atari_view.h"

enum {
    UP__START_SECONDS = 60, // what a start, or a reset that loads games, may take beyond a step
    UP__SILENT_PART = 6,    // of a limit, or a second: then it is said once who is waited for
    UP__GRACE_SECONDS = 1,  // what an answer may take where the program shall end
};

typedef enum UpWorkerState {
    UP__WORKER_IDLE,   // waits for a command; the last one was done
    UP__WORKER_BUSY,   // a command is out
    UP__WORKER_RAISED, // answered with an error; the process lives
    UP__WORKER_FAILED, // died, hung or said nonsense
} UpWorkerState;

typedef struct UpWorker {
    int number, first, count; // it has the instances first … first + count - 1
    UpProcess process;
    UpWorkerState state;
    int memory, blob;    // file descriptors
    unsigned char *base; // the batch memory, `size` bytes; NULL before the first answer
    size_t size;
    UpLayout layout;
    uint32_t sent;     // the number of the last command
    int failures;      // in a row, without a successful step between
    int resets_failed; // in a row, without an episode between that ended and was followed by
                       // another
    UpWireError error; // with RAISED
    int raised_at;     // with RAISED: the instance
    char why[512];     // with RAISED and FAILED: what happened, to go behind "worker 1 (…) "
} UpWorker;

// Failures that read alike are told once, and at the end how many there were.
enum { UP__TOLD = 8 };
typedef struct UpTold {
    char why[512];
    int64_t times;
} UpTold;

typedef struct UpBridge {
    UpEnv base;
    UpEnvVtable vtable; // slots that these workers cannot fill are NULL
    UpArena arena;
    UpEnvDef def;
    UpCommand command;
    int workers;
    UpWorker *worker;    // (workers)
    struct pollfd *poll; // (2 workers) scratch of up__bridge_wait
    UpLayout layout;     // of worker 0; all have the same spaces

    // per instance, N each
    uint8_t *slot;    // which of its two observations is the last that was delivered
    uint8_t *stepped; // scratch: takes part in the present command
    uint8_t *lost; // its episode ended with its worker while it sat idle; reported at its next step
    uint8_t *seeded;     // 1 where `seed` counts
    uint64_t *seed;      // the last seed that the caller gave
    uint64_t *restarts;  // how often its worker was restarted since; counts fresh seeds
    int *width, *height; // of its last frame, 0 before the first

    bool atari;
    UpAtariView view; // with atari only
    uint8_t flip; // 1: observations go to the two slots in turns; 0, with atari and pong80: what
                  // was delivered last lies in `view` or `last`, and one slot stays in the cache
    bool pong80;
    uint8_t shown[256]; // of palette bytes, with pong80: whether their pixels are kept
    UpPong80 difference;
    UpObs last;            // (N) the last rows that were delivered, with pong80 only
    UpTold told[UP__TOLD]; // those with times > 0
    bool told_silence;
    void *snapshot;                          // what state_size collected for state_save; malloc'ed
    size_t snapshot_size, snapshot_capacity; // bytes
} UpBridge;

static inline UpWire *up__wire(const UpWorker *worker) {
    return (UpWire *)worker->base;
}

// An array of a worker's batch memory.
static inline void *up__array(const UpWorker *worker, UpWireArray array) {
    return worker->base + worker->layout.offset[array];
}

// channel.c
// ------------------------------------------------------------------------------------------

// Creates the worker's memories, writes the request, starts the process and leaves it BUSY.
UpStatus up__worker_start(UpBridge *bridge, UpWorker *worker);
// After its first answer: checks it against `before` (NULL at the first start) and maps the memory.
UpStatus up__worker_adopt(UpWorker *worker, const UpLayout *before);
void up__worker_send(UpWorker *worker, char command); // nothing to one that failed
// Waits until no worker is BUSY, at most `seconds`; workers that raised or failed are left for the
// caller. Where the program shall end (uphill/stop.h), those that hang are ended within a second or
// two: UP_INTERRUPTED.
typedef struct UpWait {
    double seconds;
    bool saves;  // the run's state: a stop does not cut this short
    bool begins; // a start, or a reset: `seconds` has UP__START_SECONDS in it
    // what a worker wrote can be read when this is called with it; NULL: no call
    void (*done)(void *user, UpWorker *worker);
    void *user;
} UpWait;
UpStatus up__bridge_wait(UpBridge *bridge, const UpWait *wait);
// Where a start, or a reset, is what it waits for.
UpStatus up__bridge_wait_start(UpBridge *bridge);
// "gym:Fake-v0: worker 1 (instances 4 to 7)"
void up__worker_name(const UpBridge *bridge, const UpWorker *worker, char *text, size_t capacity);
// Hands the worker's last error on, with the environment's name in front.
UpStatus up__worker_error(const UpBridge *bridge, const UpWorker *worker);
void up__worker_stop(UpWorker *worker); // its process and its memories

// recover.c
// ------------------------------------------------------------------------------------------

// Ends a worker that raised or failed, says so through up_warn, and starts another in its place,
// whose instances begin new episodes with fresh seeds. Fails after three attempts in a row, where
// an environment broke its contract, and with def.strict at once.
UpStatus up__worker_recover(UpBridge *bridge, UpWorker *worker);
// Tells how often happened what was told once.
void up__bridge_sum_up(const UpBridge *bridge);

// deliver.c
// ------------------------------------------------------------------------------------------

// Instance i's row in one of its two slots.
unsigned char *up__obs_row(const UpBridge *bridge, const UpWorker *worker, int i, int slot);
// Writes instance i's present observation (of `slot`) or its last one of the episode into row i.
void up__deliver_obs(UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs);
void up__deliver_final(UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs);
// The episode ended with its worker: its last observation is the one that was delivered last.
void up__deliver_lost(UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs);

// blob.c
// ---------------------------------------------------------------------------------------------

// Waits for the answers to a command that is neither a step nor a reset; a failure is handed on.
UpStatus up__bridge_await(UpBridge *bridge, bool saves);
// The size of what a worker put into its blob memory, checked; then the bytes themselves.
UpStatus up__blob_size(const UpWorker *worker, size_t *size);
UpStatus up__blob_read(const UpWorker *worker, void *bytes, size_t size);
UpStatus up__blob_write(UpWorker *worker, const void *bytes, size_t size);
UpStatus up__bridge_render(UpEnv *env, int instance, UpImage *image);
UpStatus up__bridge_refuse_render(UpEnv *env, int instance, UpImage *image); // where it cannot

// state.c
// --------------------------------------------------------------------------------------------

size_t up__bridge_state_size(const UpEnv *env);
void up__bridge_state_save(const UpEnv *env, void *bytes);
UpStatus up__bridge_state_load(UpEnv *env, const void *bytes, size_t size);

#endif
