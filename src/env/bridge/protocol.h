// The batch memory that a worker and its parent share, as docs/worker-protocol.md describes it. All
// numbers are little-endian, as on every machine that Uphill runs on. The header fills two pages of
// 4,096 bytes; the arrays follow where the worker put them.
#ifndef UPHILL_ENV_BRIDGE_PROTOCOL_H
#define UPHILL_ENV_BRIDGE_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "uphill/space.h"

#define UP__WIRE_MAGIC "UPWORKER"

enum {
    UP__WIRE_VERSION = 4,
    UP__WIRE_HEADER = 8192,
    UP__WIRE_MESSAGE = 1024,
    UP__WIRE_OPTIONS = 1024,
    // file descriptors that a worker starts with
    UP__WIRE_FD_CONTROL = 3,
    UP__WIRE_FD_MEMORY = 4,
    UP__WIRE_FD_BLOB = 5,
    UP__WIRE_FD_LIFE = 6,
};

// A message of the control socket. A command's number is repeated by its answer, the first answer's
// is 0, so that nothing else that comes through the socket passes for one.
typedef struct UpWireMessage {
    uint32_t what, number;
} UpWireMessage;

// Commands of the parent; UP__WIRE_OK or UP__WIRE_ERROR is the answer to each.
enum {
    UP__WIRE_RESET = 'R',
    UP__WIRE_STEP = 'S',
    UP__WIRE_FRAME = 'F',
    UP__WIRE_SAVE = 'G',
    UP__WIRE_LOAD = 'P',
    UP__WIRE_OK = 'k',
    UP__WIRE_ERROR = 'e',
};

typedef enum UpWireError {
    UP__WIRE_NOT_FOUND = 1,   // an unknown id
    UP__WIRE_MISSING = 2,     // a package or ROM that is not installed
    UP__WIRE_UNSUPPORTED = 3, // a space that the protocol does not carry
    UP__WIRE_OPTION = 4,      // a keyword that the environment does not take
    UP__WIRE_FAILED = 5,      // anything else
    UP__WIRE_BREACH = 6,      // the environment broke its contract: not tried again
    UP__WIRE_IN_RESET = 7,    // as 5, while an episode was to begin
} UpWireError;

// The arrays of the batch memory, in the order of UpWire.offset.
typedef enum UpWireArray {
    UP__WIRE_ACTION,     // (N, action size) f32, by the parent
    UP__WIRE_ACTIVE,     // (N) u8, by the parent: which instances the command is for
    UP__WIRE_SLOT,       // (N) u8, by the parent: which of the two observations to write
    UP__WIRE_SEED,       // (N) u64, by the parent
    UP__WIRE_SEEDED,     // (N) u8, by the parent: 1 where `seed` counts
    UP__WIRE_OBS,        // (2, N, row), by the worker
    UP__WIRE_FINAL_OBS,  // (N, row), by the worker
    UP__WIRE_REWARD,     // (N) f64, by the worker
    UP__WIRE_TERMINATED, // (N) u8, by the worker
    UP__WIRE_TRUNCATED,  // (N) u8, by the worker
    UP__WIRE_MASK,       // (N, mask_size) u8, by the worker: 1 where an action may be taken
    UP__WIRE_ARRAYS,
} UpWireArray;

// A number that an episode's last info told; an empty name is the end of an instance's row.
enum { UP__WIRE_TOLD = 24, UP__WIRE_TOLD_NAME = 48 };
typedef struct UpWireTold {
    char name[UP__WIRE_TOLD_NAME]; // UTF-8, ending in a 0 byte
    double value;
} UpWireTold;

typedef struct UpWirePart {
    char name[UP_SPACE_NAME]; // UTF-8, ending in a 0 byte
    int64_t first, size;
} UpWirePart;

typedef struct UpWireSpace {
    uint32_t kind, dtype; // UpSpaceKind, UpDtype
    uint32_t dims, bounds;
    int64_t n, size;
    int64_t shape[UP_SPACE_DIMS];
    float low[UP_SPACE_BOUNDS], high[UP_SPACE_BOUNDS];
    int64_t choices[UP_SPACE_BOUNDS];
    uint32_t parts, reserved;
    UpWirePart part[UP_SPACE_PARTS];
} UpWireSpace;

// How ALE's games are played with UP__WIRE_VIEW_ATARI: Gymnasium's AtariPreprocessing.
typedef struct UpWireAtari {
    int32_t noop_max, frame_skip;
    int32_t terminal_on_life_loss, fire_reset; // 0 or 1
} UpWireAtari;

// What travels in place of an observation.
enum { UP__WIRE_VIEW_NONE, UP__WIRE_VIEW_IMAGE, UP__WIRE_VIEW_ATARI };

typedef struct UpWire {
    // the request, by the parent before the worker starts
    char magic[8];
    uint32_t version, header_size;
    uint32_t instances, worker;
    uint32_t view; // UP__WIRE_VIEW_…
    union {
        struct { // of an image, these pixels of one channel: start, stop, step
            int32_t rows[3], columns[3];
            int32_t channel;
        };
        UpWireAtari atari;
    };
    int64_t episode_steps; // after which `truncated` is wanted; 0: the environment's own number
    char id[256], options[UP__WIRE_OPTIONS]; // UTF-8, ending in a 0 byte
    uint32_t pictures;                       // 1: FRAME will come
    uint32_t strict; // 1: observations of a type that would be rounded are a breach, too
    // the answer, by the worker before its first byte on the control socket
    uint32_t error; // UpWireError, with every 'e'
    uint32_t can_save, can_render;
    uint32_t palette; // with UP__WIRE_VIEW_IMAGE: 1 if whole screens of palette bytes travel
    int64_t max_episode_steps;
    double reward_threshold, frames_per_second;
    uint64_t total_size; // of the batch memory
    uint64_t offset[UP__WIRE_ARRAYS];
    int64_t mask_size; // numbers in an action mask; 0: no masks
    UpWireSpace obs, action;
    // with single commands
    uint32_t argument; // FRAME: the instance
    uint32_t frame_width, frame_height;
    uint32_t instance;  // with every 'e': where it happened, counted within this worker
    uint64_t blob_size; // bytes in the blob memory
    char message[UP__WIRE_MESSAGE];
    // with the answer, too
    uint64_t told; // where (N, UP__WIRE_TOLD) UpWireTold lie, by the worker; 0: there are none
} UpWire;

_Static_assert(offsetof(UpWire, view) == 24, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, episode_steps) == 56, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, id) == 64, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, pictures) == 1344, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, error) == 1352, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, max_episode_steps) == 1368, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, offset) == 1400, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, mask_size) == 1488, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, obs) == 1496, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, action) == 3360, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, argument) == 5224, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, instance) == 5236, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, message) == 5248, "see docs/worker-protocol.md");
_Static_assert(offsetof(UpWire, told) == 6272, "see docs/worker-protocol.md");
_Static_assert(sizeof(UpWire) <= UP__WIRE_HEADER, "the header is two pages");

#endif
