// Single commands whose answer has a size of its own travel through the blob memory: pictures,
// saved games.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env/bridge/internal.h"

// ---------------------------------------------------------------------------------------------------
// Blobs

UpStatus up__bridge_await(UpBridge *bridge, bool saves) {
    UpStatus status =
        up__bridge_wait(bridge, &(UpWait){.seconds = bridge->def.timeout, .saves = saves});
    for (int w = 0; w < bridge->workers; w++) {
        UpWorker *worker = &bridge->worker[w];
        if (worker->state == UP__WORKER_IDLE) continue;
        if (status == UP_OK) status = up__worker_error(bridge, worker);
        // One that raised is alive and serves on. One that failed is replaced at the next step.
        if (worker->state == UP__WORKER_RAISED) worker->state = UP__WORKER_IDLE;
    }
    return status;
}

UpStatus up__blob_read(const UpWorker *worker, void *bytes, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(worker->blob, (char *)bytes + done, size - done, (off_t)done);
        if (got > 0)
            done += (size_t)got;
        else if (got == 0 || errno != EINTR)
            return up_fail(UP_ENVIRONMENT, "worker %d cut its answer off", worker->number);
    }
    return UP_OK;
}

UpStatus up__blob_size(const UpWorker *worker, size_t *size) {
    struct stat stat;
    uint64_t claimed = up__wire(worker)->blob_size;
    if (fstat(worker->blob, &stat) != 0 || claimed > (uint64_t)stat.st_size)
        return up_fail(UP_ENVIRONMENT, "worker %d cut its answer off", worker->number);
    *size = (size_t)claimed;
    return UP_OK;
}

UpStatus up__blob_write(UpWorker *worker, const void *bytes, size_t size) {
    size_t done = 0;
    if (ftruncate(worker->blob, (off_t)size) != 0)
        return up_fail(UP_MEMORY, "cannot hand %zu bytes to a worker: %s", size, strerror(errno));
    while (done < size) {
        ssize_t put = pwrite(worker->blob, (const char *)bytes + done, size - done, (off_t)done);
        if (put > 0)
            done += (size_t)put;
        else if (errno != EINTR)
            return up_fail(UP_MEMORY, "cannot hand bytes to a worker: %s", strerror(errno));
    }
    up__wire(worker)->blob_size = size;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Pictures

static UpWorker *worker_of(UpBridge *bridge, int instance) {
    UpWorker *worker = bridge->worker;
    while (instance >= worker->first + worker->count)
        worker++;
    return worker;
}

// Has the instance draw itself; the pixels are then in the blob.
static UpStatus draw(UpBridge *bridge, UpWorker *worker, int instance) {
    UpWire *wire = up__wire(worker);
    wire->argument = (uint32_t)(instance - worker->first);
    up__worker_send(worker, UP__WIRE_FRAME);
    UP_TRY(up__bridge_await(bridge, false));
    uint32_t width = wire->frame_width, height = wire->frame_height;
    size_t size;
    UP_TRY(up__blob_size(worker, &size));
    if (width < 1 || width > 16384 || height < 1 || height > 16384 ||
        size != (size_t)width * height * 3)
        return up_fail(UP_ENVIRONMENT, "%s: worker %d drew a picture of impossible size",
                       bridge->def.id, worker->number);
    bridge->width[instance] = (int)width;
    bridge->height[instance] = (int)height;
    return UP_OK;
}

UpStatus up__bridge_render(UpEnv *env, int instance, UpImage *image) {
    UpBridge *bridge = (UpBridge *)env;
    UpWorker *worker = worker_of(bridge, instance);
    if (image->rgb || !bridge->width[instance]) UP_TRY(draw(bridge, worker, instance));
    int width = bridge->width[instance], height = bridge->height[instance];
    if (image->rgb && (image->width != width || image->height != height))
        return up_fail(UP_MISMATCH,
                       "%s, instance %d: render: the picture is %d × %d pixels, the first one was "
                       "%d × %d: all of a film need one size",
                       bridge->def.id, instance, width, height, image->width, image->height);
    image->width = width;
    image->height = height;
    return image->rgb ? up__blob_read(worker, image->rgb, (size_t)width * (size_t)height * 3)
                      : UP_OK;
}

UpStatus up__bridge_refuse_render(UpEnv *env, int instance, UpImage *image) {
    (void)instance;
    (void)image;
    return up_fail(UP_UNSUPPORTED,
                   "%s cannot draw itself: give it a render() that returns a picture, and "
                   "metadata = {\"render_modes\": [\"rgb_array\"]}",
                   env->spec.id);
}
