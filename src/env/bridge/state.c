// Saved games: everything that the future depends on, as bytes. They do not depend on how the
// instances are spread over workers. In this order, each entry padded to 8 bytes:
//
//   head        magic, instances, bytes of an observation row, 1 with pong80
//   N times     seed, seeded, restarts, lost; what the observation delivered last was made of
//               (nothing with pong80); with atari and pong80, where lost, the screens of the next
//               one; size and bytes of the worker's own state
//   pong80      the last delivered sparse rows (count, entries), then up__pong80_state_save's bytes
#include <stdlib.h>
#include <string.h>

#include "env/bridge/internal.h"

static const uint64_t state_magic = UINT64_C(0x3253455441545355); // "USTATES2"

// ---------------------------------------------------------------------------------------------------
// Writing

// Appends to the snapshot, which grows.
typedef struct Writer {
    unsigned char *bytes;
    size_t size, capacity;
    bool failed; // out of memory
} Writer;

static size_t padded(size_t size) {
    return (size + 7) & ~(size_t)7;
}

static void put(Writer *writer, const void *bytes, size_t size) {
    size_t end = writer->size + padded(size);
    if (end > writer->capacity && !writer->failed) {
        unsigned char *grown = realloc(writer->bytes, 2 * end);
        writer->failed = !grown;
        if (grown) {
            writer->bytes = grown;
            writer->capacity = 2 * end;
        }
    }
    if (writer->failed) return;
    memcpy(writer->bytes + writer->size, bytes, size);
    memset(writer->bytes + writer->size + size, 0, padded(size) - size);
    writer->size = end;
}

static void put_number(Writer *writer, uint64_t number) {
    put(writer, &number, sizeof number);
}

// What instance i's last observation is made of, which the next one may depend on: the row that its
// worker wrote, or the screens that were seen. That of pong80 comes at the end.
static size_t last_size(const UpBridge *bridge) {
    if (bridge->pong80) return 0;
    return bridge->atari ? bridge->view.size : bridge->layout.row;
}

static unsigned char *last_seen(const UpBridge *bridge, const UpWorker *worker, int i) {
    return bridge->atari ? bridge->view.held + (size_t)i * bridge->view.size
                         : up__obs_row(bridge, worker, i, bridge->slot[i]);
}

// The states of one worker's instances: its blob is (size, bytes) for each, without padding.
static UpStatus put_worker(UpBridge *bridge, UpWorker *worker, Writer *writer) {
    size_t size, at = 0;
    UP_TRY(up__blob_size(worker, &size));
    unsigned char *blob = malloc(size + 1);
    if (!blob) return up_fail(UP_MEMORY, "out of memory for a saved game of %zu bytes", size);
    UpStatus status = up__blob_read(worker, blob, size);
    for (int i = worker->first; i < worker->first + worker->count && status == UP_OK; i++) {
        uint64_t length = 0;
        bool whole = size - at >= sizeof length;
        if (whole) memcpy(&length, blob + at, sizeof length);
        if (!whole || length > size - at - sizeof length) {
            status = up_fail(UP_ENVIRONMENT, "worker %d saved a damaged game", worker->number);
            break;
        }
        put_number(writer, bridge->seed[i]);
        put_number(writer, bridge->seeded[i]);
        put_number(writer, bridge->restarts[i]);
        put_number(writer, bridge->lost[i]);
        put(writer, last_seen(bridge, worker, i), last_size(bridge));
        if (!bridge->flip && bridge->lost[i]) // the screens of its next episode's beginning
            put(writer, up__obs_row(bridge, worker, i, bridge->slot[i]), bridge->layout.row);
        put_number(writer, length);
        put(writer, blob + at + sizeof length, (size_t)length);
        at += sizeof length + (size_t)length;
    }
    free(blob);
    return status;
}

static void put_pong80(const UpBridge *bridge, Writer *writer) {
    const UpObs *last = &bridge->last;
    for (int i = 0; i < bridge->base.instances; i++) {
        put_number(writer, last->count[i]);
        put(writer, last->entry + last->begin[i], last->count[i] * sizeof *last->entry);
    }
    size_t size = up__pong80_state_size(&bridge->difference);
    void *bytes = malloc(size);
    writer->failed |= !bytes;
    if (!bytes) return;
    up__pong80_state_save(&bridge->difference, bytes);
    put(writer, bytes, size);
    free(bytes);
}

static UpStatus collect(UpBridge *bridge, Writer *writer) {
    put_number(writer, state_magic);
    put_number(writer, (uint64_t)bridge->base.instances);
    put_number(writer, bridge->layout.row);
    put_number(writer, bridge->pong80);
    for (int w = 0; w < bridge->workers; w++)
        up__worker_send(&bridge->worker[w], UP__WIRE_SAVE);
    UP_TRY(up__bridge_await(bridge, true));
    for (int w = 0; w < bridge->workers; w++)
        UP_TRY(put_worker(bridge, &bridge->worker[w], writer));
    if (bridge->pong80) put_pong80(bridge, writer);
    return writer->failed ? up_fail(UP_MEMORY, "out of memory for saved games") : UP_OK;
}

// Takes the snapshot. A worker that fails meanwhile is replaced, and all are asked again.
static UpStatus collect_all(UpBridge *bridge, Writer *writer) {
    for (;;) {
        writer->size = 0;
        UpStatus status = collect(bridge, writer);
        bool lost = false;
        for (int w = 0; w < bridge->workers && status != UP_OK; w++) {
            if (bridge->worker[w].state != UP__WORKER_FAILED) continue;
            UP_TRY(up__worker_recover(bridge, &bridge->worker[w]));
            lost = true;
        }
        if (!lost) return status;
    }
}

// The snapshot is taken here, so that the size is that of the bytes that state_save hands out. 0 is
// a failure, with its message in up_error().
size_t up__bridge_state_size(const UpEnv *env) {
    UpBridge *bridge = (UpBridge *)env;
    Writer writer = {.bytes = bridge->snapshot, .capacity = bridge->snapshot_capacity};
    UpStatus status = collect_all(bridge, &writer);
    bridge->snapshot = writer.bytes;
    bridge->snapshot_capacity = writer.capacity;
    bridge->snapshot_size = status == UP_OK ? writer.size : 0;
    return bridge->snapshot_size;
}

void up__bridge_state_save(const UpEnv *env, void *bytes) {
    const UpBridge *bridge = (const UpBridge *)env;
    if (bridge->snapshot_size) memcpy(bytes, bridge->snapshot, bridge->snapshot_size);
}

// ---------------------------------------------------------------------------------------------------
// Reading

typedef struct Reader {
    const unsigned char *bytes;
    size_t size; // that are left
    bool failed;
} Reader;

// The next `size` bytes, or NULL.
static const void *take(Reader *reader, uint64_t size) {
    if (reader->failed || size > reader->size || padded((size_t)size) > reader->size) {
        reader->failed = true;
        return NULL;
    }
    const void *bytes = reader->bytes;
    reader->bytes += padded((size_t)size);
    reader->size -= padded((size_t)size);
    return bytes;
}

static uint64_t take_number(Reader *reader) {
    uint64_t number = 0;
    const void *bytes = take(reader, sizeof number);
    if (bytes) memcpy(&number, bytes, sizeof number);
    return number;
}

// One worker's instances: its blob goes to it, the rest into the bridge.
static UpStatus take_worker(UpBridge *bridge, UpWorker *worker, Reader *reader) {
    Writer blob = {0};
    for (int i = worker->first; i < worker->first + worker->count && !reader->failed; i++) {
        bridge->seed[i] = take_number(reader);
        bridge->seeded[i] = take_number(reader) != 0;
        bridge->restarts[i] = take_number(reader);
        bridge->lost[i] = take_number(reader) != 0;
        const void *row = take(reader, last_size(bridge));
        if (row) memcpy(last_seen(bridge, worker, i), row, last_size(bridge));
        if (!bridge->flip && bridge->lost[i]) {
            row = take(reader, bridge->layout.row);
            unsigned char *to = up__obs_row(bridge, worker, i, bridge->slot[i]);
            if (row) memcpy(to, row, bridge->layout.row);
        }
        uint64_t length = take_number(reader);
        const void *state = take(reader, length);
        if (!state) break;
        put_number(&blob, length);
        size_t end = blob.size + (size_t)length;
        put(&blob, state, (size_t)length);
        if (!blob.failed) blob.size = end; // workers pad nothing
    }
    UpStatus status = UP_OK;
    if (blob.failed)
        status = up_fail(UP_MEMORY, "out of memory for saved games");
    else if (!reader->failed)
        status = up__blob_write(worker, blob.bytes, blob.size);
    free(blob.bytes);
    return status;
}

static void take_pong80(UpBridge *bridge, Reader *reader) {
    UpObs *last = &bridge->last;
    for (int i = 0; i < bridge->base.instances; i++) {
        uint64_t count = take_number(reader);
        if (count > UP__PONG80_DIM) reader->failed = true;
        const void *entries = take(reader, count * sizeof *last->entry);
        if (!entries) return;
        last->count[i] = (uint32_t)count;
        memcpy(last->entry + last->begin[i], entries, (size_t)count * sizeof *last->entry);
    }
    const void *bytes = take(reader, up__pong80_state_size(&bridge->difference));
    if (bytes) up__pong80_state_load(&bridge->difference, bytes);
}

UpStatus up__bridge_state_load(UpEnv *env, const void *bytes, size_t size) {
    UpBridge *bridge = (UpBridge *)env;
    Reader reader = {bytes, size, false};
    bool fits = take_number(&reader) == state_magic;
    fits &= take_number(&reader) == (uint64_t)env->instances;
    fits &= take_number(&reader) == bridge->layout.row;
    fits &= take_number(&reader) == bridge->pong80;
    if (!fits)
        return up_fail(UP_MISMATCH, "the saved games are not those of %d instances of %s",
                       env->instances, env->spec.id);
    for (int w = 0; w < bridge->workers; w++)
        UP_TRY(take_worker(bridge, &bridge->worker[w], &reader));
    if (bridge->pong80) take_pong80(bridge, &reader);
    if (reader.failed || reader.size > 0)
        return up_fail(UP_FORMAT, "the saved games of %s are damaged", env->spec.id);
    for (int w = 0; w < bridge->workers; w++)
        up__worker_send(&bridge->worker[w], UP__WIRE_LOAD);
    return up__bridge_await(bridge, true);
}
