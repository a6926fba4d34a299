// TensorBoard event files: records of a length, its checksum, a protocol buffer, its checksum.
#include "uphill/board.h"

#ifndef UP_HAVE_PROTOBUF_C

#include <stddef.h>

static UpStatus unsupported(void) {
    return up_fail(UP_UNSUPPORTED, "TensorBoard events need protobuf-c: install libprotobuf-c-dev "
                                   "and protobuf-c-compiler, and build again");
}

UpStatus up_board_open(UpBoard **board, const char *folder) {
    (void)folder;
    *board = NULL;
    return unsupported();
}

UpStatus up_board_scalar(UpBoard *board, const char *tag, int64_t step, double wall_time,
                         double value) {
    (void)board, (void)tag, (void)step, (void)wall_time, (void)value;
    return unsupported();
}

UpStatus up_board_flush(UpBoard *board) {
    (void)board;
    return unsupported();
}

void up_board_close(UpBoard *board) {
    (void)board;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "io/crc.h"
#include "io/event.pb-c.h"

enum { BUFFER = 1 << 14, EVENT_MAX = 512, LENGTH_SIZE = 8, CRC_SIZE = 4 };

struct UpBoard {
    int descriptor;
    off_t size;  // of the file, whole records only
    size_t used; // of the buffer
    uint8_t buffer[BUFFER];
    char path[PATH_MAX];
};

// The rotation that TensorFlow's record format documents, so that a checksum of data that contains
// checksums stays a good one.
static uint32_t masked_crc(const void *bytes, size_t size) {
    uint32_t crc = up__crc32c(0, bytes, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static UpStatus append(UpBoard *board, const Up__Event *event) {
    uint64_t size = up__event__get_packed_size(event);
    if (size > EVENT_MAX) return up_fail(UP_USAGE, "a TensorBoard tag is too long");
    if (board->used + EVENT_MAX + LENGTH_SIZE + 2 * CRC_SIZE > BUFFER)
        UP_TRY(up_board_flush(board));
    uint8_t *next = board->buffer + board->used;
    memcpy(next, &size, LENGTH_SIZE);
    uint32_t crc = masked_crc(next, LENGTH_SIZE);
    memcpy(next + LENGTH_SIZE, &crc, CRC_SIZE);
    next += LENGTH_SIZE + CRC_SIZE;
    up__event__pack(event, next);
    crc = masked_crc(next, size);
    memcpy(next + size, &crc, CRC_SIZE);
    board->used += LENGTH_SIZE + CRC_SIZE + size + CRC_SIZE;
    return UP_OK;
}

// A file name that no other run uses: TensorBoard reads all of a folder's files that contain
// "tfevents".
static int create(char *path, const char *folder) {
    for (int number = 0;; number++) {
        int length = snprintf(path, PATH_MAX, "%s/events.out.tfevents.%010lld.uphill.%ld.%d",
                              folder, (long long)time(NULL), (long)getpid(), number);
        if (length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
}

UpStatus up_board_open(UpBoard **board, const char *folder) {
    *board = NULL;
    UpBoard *made = calloc(1, sizeof *made);
    if (!made) return up_fail(UP_MEMORY, "out of memory");
    made->descriptor = create(made->path, folder);
    if (made->descriptor < 0) {
        UpStatus status = up__fail_errno("create", made->path, errno);
        free(made);
        return status;
    }
    Up__Event event = UP__EVENT__INIT;
    event.has_wall_time = 1;
    event.wall_time = (double)time(NULL);
    event.file_version = (char[]){"brain.Event:2"};
    UpStatus status = append(made, &event);
    if (status == UP_OK) status = up_board_flush(made);
    if (status != UP_OK) {
        unlink(made->path);
        close(made->descriptor);
        free(made);
        return status;
    }
    *board = made;
    return UP_OK;
}

UpStatus up_board_scalar(UpBoard *board, const char *tag, int64_t step, double wall_time,
                         double value) {
    Up__Summary__Value scalar = UP__SUMMARY__VALUE__INIT, *values[] = {&scalar};
    Up__Summary summary = UP__SUMMARY__INIT;
    Up__Event event = UP__EVENT__INIT;
    scalar.tag = (char *)(uintptr_t)tag; // packing only reads it
    scalar.has_simple_value = 1;
    scalar.simple_value = (float)value;
    summary.n_value = 1;
    summary.value = values;
    event.has_wall_time = 1;
    event.wall_time = wall_time;
    event.has_step = 1;
    event.step = step;
    event.summary = &summary;
    return append(board, &event);
}

UpStatus up_board_flush(UpBoard *board) {
    int code = up__write_all(board->descriptor, board->buffer, board->used);
    size_t written = board->used;
    board->used = 0; // what a full disk refuses is lost, and training goes on
    if (code != 0) {
        // Half a record would hide all later ones.
        if (ftruncate(board->descriptor, board->size) != 0 ||
            lseek(board->descriptor, board->size, SEEK_SET) < 0)
            code = errno;
        return up__fail_errno("write", board->path, code);
    }
    board->size += (off_t)written;
    return UP_OK;
}

void up_board_close(UpBoard *board) {
    if (!board) return;
    (void)up_board_flush(board);
    close(board->descriptor);
    free(board);
}

#endif
