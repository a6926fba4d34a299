// Talking to workers: the memories they share with us, commands, answers.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "env/bridge/internal.h"
#include "uphill/stop.h"

enum { LOOK_SECONDS = 1 }; // of silence after which stopped workers are looked for

// ---------------------------------------------------------------------------------------------------
// Start

static void write_request(const UpBridge *bridge, const UpWorker *worker, UpWire *wire) {
    *wire = (UpWire){.version = UP__WIRE_VERSION,
                     .header_size = UP__WIRE_HEADER,
                     .instances = (uint32_t)worker->count,
                     .worker = (uint32_t)worker->number,
                     .episode_steps = bridge->def.max_episode_steps,
                     .pictures = bridge->def.pictures,
                     .strict = bridge->def.strict};
    memcpy(wire->magic, UP__WIRE_MAGIC, sizeof wire->magic);
    const UpEnvDef *def = &bridge->def;
    if (bridge->atari) {
        wire->view = UP__WIRE_VIEW_ATARI;
        wire->atari = (UpWireAtari){.noop_max = (int32_t)def->noop_max,
                                    .frame_skip = (int32_t)def->frame_skip,
                                    .terminal_on_life_loss = def->terminal_on_life_loss,
                                    .fire_reset = def->fire_reset};
    }
    if (bridge->pong80) { // the Pong tutorial and Welleck 2020: image[35:195:2, ::2, 0]
        wire->view = UP__WIRE_VIEW_IMAGE;
        memcpy(wire->rows, (int32_t[]){35, 195, 2}, sizeof wire->rows);
        memcpy(wire->columns, (int32_t[]){0, 160, 2}, sizeof wire->columns);
    }
    memcpy(wire->id, def->id, strlen(def->id)); // it fits: up__bridge_create
    snprintf(wire->options, sizeof wire->options, "%s", def->options);
}

static UpStatus create_memories(UpWorker *worker) {
    if (worker->memory >= 0) return UP_OK;
    worker->memory = memfd_create("uphill-batch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    worker->blob = memfd_create("uphill-blob", MFD_CLOEXEC);
    if (worker->memory >= 0 && worker->blob >= 0 && ftruncate(worker->memory, UP__WIRE_HEADER) == 0)
        return UP_OK;
    return up_fail(UP_MEMORY, "cannot create shared memory for a worker: %s", strerror(errno));
}

UpStatus up__worker_start(UpBridge *bridge, UpWorker *worker) {
    UP_TRY(create_memories(worker));
    UpWire wire;
    write_request(bridge, worker, &wire);
    if (pwrite(worker->memory, &wire, sizeof wire, 0) != (ssize_t)sizeof wire)
        return up_fail(UP_MEMORY, "cannot write to a worker's memory: %s", strerror(errno));
    UP_TRY(up__process_start(&worker->process, &bridge->command, worker->memory, worker->blob));
    worker->sent = 0;
    worker->state = UP__WORKER_BUSY;
    return UP_OK;
}

UpStatus up__worker_adopt(UpWorker *worker, const UpLayout *before) {
    // From here on it cannot change size, or touching it could raise SIGBUS in this process.
    struct stat stat;
    if (fcntl(worker->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0 ||
        fstat(worker->memory, &stat) != 0)
        return up_fail(UP_IO, "cannot seal a worker's memory: %s", strerror(errno));
    UpWire wire;
    if (pread(worker->memory, &wire, sizeof wire, 0) != (ssize_t)sizeof wire)
        return up_fail(UP_ENVIRONMENT, "the worker cut its header off");
    if (wire.instances != (uint32_t)worker->count)
        return up_fail(UP_ENVIRONMENT, "the worker changed the number of instances");
    UP_TRY(up__layout_read(&worker->layout, &wire, (size_t)stat.st_size));
    if (before && !up__layout_fits(&worker->layout, before))
        return up_fail(UP_ENVIRONMENT, "worker %d has other spaces than worker 0 at the start",
                       worker->number);
    if (worker->base) return UP_OK; // after a restart
    void *base =
        mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, worker->memory, 0);
    if (base == MAP_FAILED)
        return up_fail(UP_MEMORY, "cannot map %lld bytes of a worker's memory: %s",
                       (long long)stat.st_size, strerror(errno));
    worker->base = base;
    worker->size = (size_t)stat.st_size;
    return UP_OK;
}

void up__worker_stop(UpWorker *worker) {
    up__process_close(&worker->process);
    up__process_reap(&worker->process, 2);
    if (worker->base) munmap(worker->base, worker->size);
    if (worker->memory >= 0) close(worker->memory);
    if (worker->blob >= 0) close(worker->blob);
    worker->base = NULL;
    worker->memory = worker->blob = -1;
}

// ---------------------------------------------------------------------------------------------------
// Commands and answers

static void set_failed(UpWorker *worker) {
    worker->state = UP__WORKER_FAILED;
    up__process_describe(&worker->process, worker->why, sizeof worker->why);
}

void up__worker_send(UpWorker *worker, char command) {
    if (worker->state == UP__WORKER_FAILED) return;
    UpWireMessage message = {.what = (uint32_t)command, .number = ++worker->sent};
    ssize_t sent;
    do
        sent = send(worker->process.control, &message, sizeof message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    worker->state = UP__WORKER_BUSY;
    if (sent != (ssize_t)sizeof message) set_failed(worker);
}

// Copies the message out of the header, printable and ending.
static void set_raised(UpWorker *worker) {
    UpWire wire;
    worker->state = UP__WORKER_RAISED;
    worker->error = UP__WIRE_FAILED;
    worker->raised_at = worker->first;
    snprintf(worker->why, sizeof worker->why, "gave no reason");
    if (pread(worker->memory, &wire, sizeof wire, 0) != (ssize_t)sizeof wire) return;
    if (wire.error >= UP__WIRE_NOT_FOUND && wire.error <= UP__WIRE_IN_RESET)
        worker->error = (UpWireError)wire.error;
    if (wire.instance < (uint32_t)worker->count) worker->raised_at += (int)wire.instance;
    size_t length = strnlen(wire.message, sizeof wire.message);
    if (length == 0) return;
    if (length >= sizeof worker->why) length = sizeof worker->why - 1;
    for (size_t i = 0; i < length; i++)
        worker->why[i] = (unsigned char)wire.message[i] < ' ' ? ' ' : wire.message[i];
    worker->why[length] = 0;
}

static void receive(UpWorker *worker) {
    UpWireMessage answer;
    ssize_t got = recv(worker->process.control, &answer, sizeof answer, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    bool whole = got == (ssize_t)sizeof answer && answer.number == worker->sent;
    if (whole && answer.what == UP__WIRE_OK) {
        worker->state = UP__WORKER_IDLE;
    } else if (whole && answer.what == UP__WIRE_ERROR) {
        set_raised(worker);
    } else if (got > 0) {
        worker->state = UP__WORKER_FAILED;
        snprintf(worker->why, sizeof worker->why,
                 "wrote %zd bytes that are no answer into descriptor %d, which is Uphill's", got,
                 UP__WIRE_FD_CONTROL);
    } else {
        set_failed(worker);
    }
}

static int fill_poll(UpBridge *bridge) {
    int busy = 0;
    for (int w = 0; w < bridge->workers; w++) {
        const UpWorker *worker = &bridge->worker[w];
        bool waits = worker->state == UP__WORKER_BUSY;
        busy += waits;
        bridge->poll[2 * w] =
            (struct pollfd){.fd = waits ? worker->process.control : -1, .events = POLLIN};
        bridge->poll[2 * w + 1] =
            (struct pollfd){.fd = waits ? worker->process.log : -1, .events = POLLIN};
    }
    return busy;
}

static void set_hung(UpBridge *bridge, double seconds) {
    for (int w = 0; w < bridge->workers; w++) {
        UpWorker *worker = &bridge->worker[w];
        if (worker->state != UP__WORKER_BUSY) continue;
        worker->state = UP__WORKER_FAILED;
        snprintf(worker->why, sizeof worker->why, "did not answer for %.3g s", seconds);
    }
}

// Nobody stops a worker on purpose: Ctrl-Z does not reach it.
static void find_stopped(UpBridge *bridge) {
    for (int w = 0; w < bridge->workers; w++) {
        UpWorker *worker = &bridge->worker[w];
        if (worker->state != UP__WORKER_BUSY || !up__process_stopped(&worker->process)) continue;
        worker->state = UP__WORKER_FAILED;
        snprintf(worker->why, sizeof worker->why, "was stopped by a signal");
    }
}

static void take_answers(UpBridge *bridge, const UpWait *wait) {
    for (int w = 0; w < bridge->workers; w++) {
        UpWorker *worker = &bridge->worker[w];
        if (bridge->poll[2 * w + 1].revents) up__process_drain(&worker->process);
        if (!bridge->poll[2 * w].revents) continue;
        receive(worker);
        if (worker->state == UP__WORKER_IDLE && wait->done) wait->done(wait->user, worker);
    }
}

// Says once whom it waits for, so that nobody looks at a program that seems to do nothing.
static void tell_silence(UpBridge *bridge, double seconds, const UpWait *wait) {
    for (int w = 0; w < bridge->workers && !bridge->told_silence; w++) {
        char name[512];
        if (bridge->worker[w].state != UP__WORKER_BUSY) continue;
        bridge->told_silence = true;
        up__worker_name(bridge, &bridge->worker[w], name, sizeof name);
        up_warn(
            "%s: waiting for its answer for %.3g s; after %g s it counts as hung (env.timeout%s)",
            name, seconds, wait->seconds,
            wait->begins ? ", and 60 s more for a start or a reset" : "");
    }
}

// Ends the workers that are BUSY.
static UpStatus interrupt(UpBridge *bridge, double seconds) {
    UpStatus status = UP_OK;
    for (int w = 0; w < bridge->workers; w++) {
        UpWorker *worker = &bridge->worker[w];
        char name[512];
        if (worker->state != UP__WORKER_BUSY) continue;
        up__process_reap(&worker->process, 0);
        worker->state = UP__WORKER_FAILED;
        snprintf(worker->why, sizeof worker->why, "had not answered for %.3g s when it was stopped",
                 seconds);
        up__worker_name(bridge, worker, name, sizeof name);
        if (status == UP_OK) up_warn("%s %s", name, worker->why);
        status = up_fail(UP_INTERRUPTED, "%s %s", name, worker->why);
    }
    return status;
}

UpStatus up__bridge_wait(UpBridge *bridge, const UpWait *wait) {
    double begin = up__clock(), end = begin + wait->seconds;
    bool stops = false;
    while (fill_poll(bridge) > 0) {
        double now = up__clock();
        if (!stops && !wait->saves && up_stopped()) {
            stops = true;
            if (end > now + UP__GRACE_SECONDS) end = now + UP__GRACE_SECONDS;
        }
        if (now >= end && stops) return interrupt(bridge, now - begin);
        if (now >= end) {
            set_hung(bridge, wait->seconds);
            return UP_OK;
        }
        if (now - begin >= 1 && UP__SILENT_PART * (now - begin) >= wait->seconds)
            tell_silence(bridge, now - begin, wait);
        double look = end - now < LOOK_SECONDS ? end - now : LOOK_SECONDS;
        int ready = poll(bridge->poll, 2 * (nfds_t)bridge->workers, (int)ceil(look * 1000));
        if (ready == 0) find_stopped(bridge);
        if (ready > 0) take_answers(bridge, wait);
    }
    return UP_OK;
}

UpStatus up__bridge_wait_start(UpBridge *bridge) {
    return up__bridge_wait(
        bridge, &(UpWait){.seconds = bridge->def.timeout + UP__START_SECONDS, .begins = true});
}

void up__worker_name(const UpBridge *bridge, const UpWorker *worker, char *text, size_t capacity) {
    if (worker->count == 1)
        snprintf(text, capacity, "%s: worker %d (instance %d)", bridge->def.id, worker->number,
                 worker->first);
    else
        snprintf(text, capacity, "%s: worker %d (instances %d to %d)", bridge->def.id,
                 worker->number, worker->first, worker->first + worker->count - 1);
}

UpStatus up__worker_error(const UpBridge *bridge, const UpWorker *worker) {
    static const UpStatus status[] = {
        [UP__WIRE_NOT_FOUND] = UP_UNKNOWN,       [UP__WIRE_MISSING] = UP_NOT_FOUND,
        [UP__WIRE_UNSUPPORTED] = UP_UNSUPPORTED, [UP__WIRE_OPTION] = UP_USAGE,
        [UP__WIRE_FAILED] = UP_ENVIRONMENT,      [UP__WIRE_BREACH] = UP_ENVIRONMENT,
        [UP__WIRE_IN_RESET] = UP_ENVIRONMENT,
    };
    if (worker->state == UP__WORKER_RAISED)
        return up_fail(status[worker->error], "%s: %s", bridge->def.id, worker->why);
    return up_fail(UP_ENVIRONMENT, "%s: worker %d %s", bridge->def.id, worker->number, worker->why);
}
