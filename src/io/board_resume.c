// A resumed run in TensorBoard: events beyond the checkpoint will come again, so they go.
#ifdef UP_HAVE_PROTOBUF_C

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "io/board_internal.h"

// Where the first event beyond keep_steps begins; the size of the file if there is none. Events of
// a file are in the order of their steps.
static size_t find_end(const uint8_t *bytes, size_t size, int64_t keep_steps) {
    size_t at = 0, frame = UP__EVENT_LENGTH + 2 * UP__EVENT_CRC;
    while (size - at > frame) {
        uint64_t length;
        memcpy(&length, bytes + at, UP__EVENT_LENGTH);
        if (length > size - at - frame) break; // the writer was killed here
        Up__Event *event =
            up__event__unpack(NULL, length, bytes + at + UP__EVENT_LENGTH + UP__EVENT_CRC);
        if (!event) break; // damaged: TensorBoard reads no further either
        bool beyond = event->step > keep_steps;
        up__event__free_unpacked(event, NULL);
        if (beyond) return at;
        at += length + frame;
    }
    return size;
}

static int read_all(int descriptor, uint8_t *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t part = pread(descriptor, bytes + done, size - done, (off_t)done);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) return part < 0 ? errno : EIO;
        done += (size_t)part;
    }
    return 0;
}

static int cut_file(int descriptor, int64_t keep_steps) {
    struct stat info;
    if (fstat(descriptor, &info) != 0) return errno;
    if (!S_ISREG(info.st_mode) || info.st_size == 0) return 0;
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size);
    if (!bytes) return ENOMEM;
    int code = read_all(descriptor, bytes, size);
    size_t end = code == 0 ? find_end(bytes, size, keep_steps) : size;
    free(bytes);
    if (end < size && ftruncate(descriptor, (off_t)end) != 0) code = errno;
    return code;
}

UpStatus up__board_cut(const char *folder, int64_t keep_steps) {
    DIR *entries = opendir(folder);
    if (!entries) return up__fail_errno("open", folder, errno);
    UpStatus status = UP_OK;
    for (struct dirent *entry; status == UP_OK && (entry = readdir(entries)) != NULL;) {
        if (strncmp(entry->d_name, "events.out.tfevents.", 20) != 0 ||
            !strstr(entry->d_name, ".uphill."))
            continue; // not ours
        // O_NOFOLLOW: a link leads outside; O_NONBLOCK: a pipe does not hold us up.
        int descriptor =
            openat(dirfd(entries), entry->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        int code = descriptor < 0 ? errno : cut_file(descriptor, keep_steps);
        if (descriptor >= 0) close(descriptor);
        if (code != 0) status = up__fail_errno("cut", entry->d_name, code);
    }
    closedir(entries);
    return status;
}

#else

typedef int UpNothing; // a file of C holds something

#endif
