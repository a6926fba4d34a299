// What a worker writes into the memory that it shares with us: its header, of which no number is
// believed, and the rows behind it. The first byte chooses the header to begin with,
// the next two move an array.
#include <math.h>

#include "env/bridge/internal.h"
#include "fuzz.h"

enum { INSTANCES = 3, SIZE = 1 << 16 };

static UpWire plain(void) {
    UpWire wire = {.version = UP__WIRE_VERSION,
                   .header_size = UP__WIRE_HEADER,
                   .instances = INSTANCES,
                   .frames_per_second = 30,
                   .total_size = SIZE};
    memcpy(wire.magic, UP__WIRE_MAGIC, sizeof wire.magic);
    wire.obs = (UpWireSpace){
        .kind = UP_SPACE_BOX, .dims = 2, .bounds = 1, .size = 12, .shape = {3, 4}, .high = {1}};
    wire.action = (UpWireSpace){.kind = UP_SPACE_DISCRETE, .n = 4, .size = 1};
    for (int i = 0; i < UP__WIRE_ARRAYS; i++)
        wire.offset[i] = UP__WIRE_HEADER + 512 * (uint64_t)i;
    return wire;
}

static UpWire masked(void) {
    UpWire wire = plain();
    wire.mask_size = 4;
    wire.obs.parts = 2;
    wire.obs.part[0] = (UpWirePart){"left", 0, 5};
    wire.obs.part[1] = (UpWirePart){"right", 5, 7};
    return wire;
}

static UpWire palette(void) {
    UpWire wire = plain();
    wire.view = UP__WIRE_VIEW_IMAGE;
    wire.rows[1] = 4;
    wire.columns[1] = 2;
    wire.rows[2] = wire.columns[2] = 2;
    wire.palette = 1;
    wire.obs = (UpWireSpace){.kind = UP_SPACE_BOX,
                             .dtype = UP_DTYPE_U8,
                             .dims = 3,
                             .bounds = 1,
                             .size = 8,
                             .shape = {4, 2, 1},
                             .high = {255}};
    return wire;
}

// Every array ends inside the memory: beyond it may lie memory that is somebody's, too.
static void assert_inside(const UpLayout *layout) {
    size_t row[UP__WIRE_ARRAYS] = {[UP__WIRE_ACTION] = 4 * (size_t)layout->action.size,
                                   [UP__WIRE_OBS] = 2 * layout->row,
                                   [UP__WIRE_FINAL_OBS] = layout->row,
                                   [UP__WIRE_REWARD] = 8,
                                   [UP__WIRE_SEED] = 8,
                                   [UP__WIRE_MASK] = (size_t)layout->mask_size};
    for (int i = 0; i < UP__WIRE_ARRAYS; i++)
        FUZZ_ASSERT(layout->offset[i] >= UP__WIRE_HEADER && layout->offset[i] <= SIZE &&
                    INSTANCES * row[i] <= SIZE - layout->offset[i]);
}

static void take_message(UpBridge *bridge, UpWorker *worker) {
    size_t size;
    if (up__blob_size(worker, &size) != UP_OK) return;
    char bytes[64];
    (void)up__blob_read(worker, bytes, size < sizeof bytes ? size : sizeof bytes);
    (void)bridge;
}

// Every row that the parent would read.
static void deliver(UpBridge *bridge, UpWorker *worker) {
    UpEnvSpec spec = {.obs = bridge->layout.obs,
                      .obs_form = bridge->layout.obs.dtype == UP_DTYPE_U8 ? UP_OBS_U8 : UP_OBS_F32,
                      .mask_size = bridge->layout.mask_size};
    UpArena arena = {0};
    UpObs obs;
    FUZZ_ASSERT(up_obs_create(&obs, &spec, INSTANCES, &arena) == UP_OK);
    for (int i = 0; i < INSTANCES; i++) {
        up__deliver_obs(bridge, worker, i, &obs);
        up__deliver_final(bridge, worker, i, &obs);
    }
    up_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    UpWire (*const header[])(void) = {plain, masked, palette};
    FuzzInput input = {data, size};
    UpWire wire = header[fuzz_take(&input, 1) % 3]();
    uint64_t array = fuzz_take(&input, 1), words = fuzz_take(&input, 1);
    if (array < UP__WIRE_ARRAYS) wire.offset[array] = SIZE - 8 * words; // close to the end
    fuzz_patch(&input, &wire, sizeof wire);
    UpWorker worker = {.count = INSTANCES,
                       .memory = memfd_create("batch", MFD_CLOEXEC | MFD_ALLOW_SEALING),
                       .blob = memfd_create("blob", MFD_CLOEXEC),
                       .process = {.control = -1, .life = -1, .log = -1}};
    FUZZ_ASSERT(worker.memory >= 0 && ftruncate(worker.memory, SIZE) == 0);
    FUZZ_ASSERT(pwrite(worker.memory, &wire, sizeof wire, 0) == (ssize_t)sizeof wire);
    uint8_t slot[INSTANCES] = {0, 1, 0};
    UpBridge bridge = {.base.instances = INSTANCES, .workers = 1, .worker = &worker, .slot = slot};
    if (up__worker_adopt(&worker, NULL) == UP_OK) {
        bridge.layout = worker.layout;
        assert_inside(&worker.layout);
        take_message(&bridge, &worker);
        if (wire.view == UP__WIRE_VIEW_NONE) deliver(&bridge, &worker);
    } else {
        FUZZ_ASSERT(up_error()[0]);
    }
    up__worker_stop(&worker);
    return 0;
}
