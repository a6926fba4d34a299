// TensorBoard event files: records of a length, its checksum, a protocol buffer, its checksum.
#include "uphill/board.h"

#ifndef UP_HAVE_PROTOBUF_C

#include <stddef.h>

static UpStatus unsupported(void) {
    return up_fail(UP_UNSUPPORTED, "TensorBoard events need protobuf-c: run ./dev setup "
                                   "(libprotobuf-c-dev, protobuf-c-compiler) and build again");
}

UpStatus up_board_open(UpBoard **board, const char *folder, int64_t keep_steps) {
    (void)folder, (void)keep_steps;
    *board = NULL;
    return unsupported();
}

UpStatus up_board_row(UpBoard *board, int64_t step, double wall_time, const UpBoardValue *value,
                      int count) {
    (void)board, (void)step, (void)wall_time, (void)value, (void)count;
    return unsupported();
}

UpStatus up_board_config(UpBoard *board, double wall_time, const char *ini) {
    (void)board, (void)wall_time, (void)ini;
    return unsupported();
}

UpStatus up_board_image(UpBoard *board, const char *tag, int64_t step, double wall_time, int width,
                        int height, const void *bytes, size_t size) {
    (void)board, (void)tag, (void)step, (void)wall_time, (void)width, (void)height;
    (void)bytes, (void)size;
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
#include "io/board_internal.h"
#include "io/buffer.h"
#include "io/crc.h"

enum { FULL = 1 << 14, VALUES_MAX = 256 };

struct UpBoard {
    int descriptor;
    off_t size;      // of the file, whole records only
    UpBuffer buffer; // records that are not written yet
    char path[PATH_MAX];
};

// The rotation that TensorFlow's record format documents, so that a checksum of data that contains
// checksums stays a good one.
static uint32_t masked_crc(const void *bytes, size_t size) {
    uint32_t crc = up__crc32c(0, bytes, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static bool put(UpBoard *board, const void *bytes, size_t size) {
    return up__buffer_append(&board->buffer, bytes, size);
}

static UpStatus append(UpBoard *board, const Up__Event *event) {
    uint64_t size = up__event__get_packed_size(event);
    size_t before = board->buffer.size;
    uint8_t *bytes = malloc(size);
    bool ok = bytes != NULL;
    if (ok) {
        up__event__pack(event, bytes);
        uint32_t of_size = masked_crc(&size, UP__EVENT_LENGTH), of_data = masked_crc(bytes, size);
        ok = put(board, &size, UP__EVENT_LENGTH) && put(board, &of_size, UP__EVENT_CRC) &&
             put(board, bytes, size) && put(board, &of_data, UP__EVENT_CRC);
    }
    free(bytes);
    if (!ok) {
        board->buffer.size = before;
        return up_fail(UP_MEMORY, "out of memory for an event of TensorBoard's");
    }
    return board->buffer.size > FULL ? up_board_flush(board) : UP_OK;
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

UpStatus up_board_open(UpBoard **board, const char *folder, int64_t keep_steps) {
    *board = NULL;
    if (keep_steps >= 0) UP_TRY(up__board_cut(folder, keep_steps));
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
        up_board_close(made);
        return status;
    }
    *board = made;
    return UP_OK;
}

UpStatus up__board_values(UpBoard *board, int64_t step, double wall_time,
                          Up__Summary__Value **value, size_t count) {
    Up__Summary summary = UP__SUMMARY__INIT;
    Up__Event event = UP__EVENT__INIT;
    summary.n_value = count;
    summary.value = value;
    event.has_wall_time = 1;
    event.wall_time = wall_time;
    event.has_step = 1;
    event.step = step;
    event.summary = &summary;
    return append(board, &event);
}

UpStatus up_board_row(UpBoard *board, int64_t step, double wall_time, const UpBoardValue *value,
                      int count) {
    Up__Summary__Value scalar[VALUES_MAX], *values[VALUES_MAX];
    if (count > VALUES_MAX)
        return up_fail(UP_USAGE, "more than %d values in an event of TensorBoard's", VALUES_MAX);
    for (int i = 0; i < count; i++) {
        up__summary__value__init(&scalar[i]);
        scalar[i].tag = (char *)(uintptr_t)value[i].tag; // packing only reads it
        scalar[i].has_simple_value = 1;
        scalar[i].simple_value = (float)value[i].value;
        values[i] = &scalar[i];
    }
    return up__board_values(board, step, wall_time, values, (size_t)count);
}

UpStatus up_board_flush(UpBoard *board) {
    int code = up__write_all(board->descriptor, board->buffer.bytes, board->buffer.size);
    size_t written = board->buffer.size;
    board->buffer.size = 0; // what a full disk refuses is lost here
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
    free(board->buffer.bytes);
    free(board);
}

#endif
