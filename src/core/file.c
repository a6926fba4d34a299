// Files that are never half written. A reader sees the old bytes or the new ones, also after
// SIGKILL, a full disk or a power cut: the new bytes go to a temporary name in the same folder,
// reach the disk, and only then take the name over.
#include "uphill/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_internal.h"

static const char *advice(int code) {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return "; free some space or choose another folder";
    case EFBIG:
        return "; raise the limit on the size of files (ulimit -f)";
    case EACCES:
    case EPERM:
    case EROFS:
        return "; choose a place that you have access to, or change its permissions";
    case ENOENT:
        return "; check the spelling, and that its folder exists";
    case ENOTDIR:
    case EEXIST:
        return "; a file stands where a folder is needed: move it away or choose another name";
    case EISDIR:
        return "; name a file, not a folder";
    case EMFILE:
    case ENFILE:
        return "; raise the limit on open files (ulimit -n)";
    default:
        return "";
    }
}

UpStatus up__fail_errno(const char *action, const char *path, int code) {
    UpStatus status = code == ENOENT ? UP_NOT_FOUND : code == ENOMEM ? UP_MEMORY : UP_IO;
    return up_fail(status, "cannot %s %s: %s%s", action, path, strerror(code), advice(code));
}

int up__write_all(int descriptor, const void *bytes, size_t size) {
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = write(descriptor, next, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        next += written;
        size -= (size_t)written;
    }
    return 0;
}

// Length of the folder part of a path, its last slash included; 0 for a bare name.
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static int open_folder(const char *path) {
    char folder[PATH_MAX];
    size_t length = folder_length(path);
    if (length == 0) return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    memcpy(folder, path, length);
    folder[length] = 0;
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// A rename is on the disk only when its folder is. Some filesystems cannot sync a folder and say
// EINVAL.
static int sync_folder(const char *path) {
    int descriptor = open_folder(path);
    if (descriptor < 0) return errno;
    int code = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
    close(descriptor);
    return code;
}

// Removes what killed writers of the same path left behind. A living writer holds a lock on its
// temporary file, so that it is never taken for a leftover.
static void remove_leftovers(const char *path) {
    int folder = open_folder(path);
    if (folder < 0) return;
    DIR *entries = fdopendir(folder);
    if (!entries) {
        close(folder);
        return;
    }
    const char *name = path + folder_length(path);
    size_t length = strlen(name), tail = strlen(".partial");
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        size_t size = strlen(entry->d_name);
        if (size < length + 2 + tail || entry->d_name[0] != '.' ||
            strncmp(entry->d_name + 1, name, length) != 0 || entry->d_name[1 + length] != '.' ||
            strcmp(entry->d_name + size - tail, ".partial") != 0)
            continue;
        int leftover = openat(folder, entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (leftover < 0) continue;
        if (flock(leftover, LOCK_EX | LOCK_NB) == 0) unlinkat(folder, entry->d_name, 0);
        close(leftover);
    }
    closedir(entries);
}

// Creates and locks ".<name>.<process>-<number>.partial" beside `path`; -1 and errno on failure.
static int create_temporary(const char *path, char temporary[PATH_MAX]) {
    static atomic_uint number;
    size_t folder = folder_length(path);
    int length = snprintf(temporary, PATH_MAX, "%.*s.%s.%ld-%u.partial", (int)folder, path,
                          path + folder, (long)getpid(), atomic_fetch_add(&number, 1));
    if (length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) (void)flock(descriptor, LOCK_EX | LOCK_NB); // where locks exist
    return descriptor;
}

static UpStatus replace(const char *path, const void *bytes, size_t size) {
    char temporary[PATH_MAX];
    remove_leftovers(path);
    int descriptor = create_temporary(path, temporary);
    if (descriptor < 0) return up__fail_errno("write", path, errno);
    int code = up__write_all(descriptor, bytes, size);
    if (code == 0 && fsync(descriptor) != 0) code = errno;
    // Renamed while the lock is held: nobody takes the temporary file for a leftover.
    if (code == 0 && rename(temporary, path) != 0) code = errno;
    if (close(descriptor) != 0 && code == 0) code = errno;
    if (code != 0) {
        unlink(temporary);
        return up__fail_errno("write", path, code);
    }
    code = sync_folder(path);
    return code == 0 ? UP_OK : up__fail_errno("write", path, code);
}

// /dev/stdout and pipes cannot be replaced; they are written to.
static UpStatus write_through(const char *path, const void *bytes, size_t size) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return up__fail_errno("write", path, errno);
    int code = up__write_all(descriptor, bytes, size);
    if (close(descriptor) != 0 && code == 0) code = errno;
    return code == 0 ? UP_OK : up__fail_errno("write", path, code);
}

UpStatus up_file_write(const char *path, const void *bytes, size_t size) {
    struct stat info;
    if (stat(path, &info) != 0) return replace(path, bytes, size);
    if (S_ISDIR(info.st_mode)) return up__fail_errno("write", path, EISDIR);
    if (!S_ISREG(info.st_mode)) return write_through(path, bytes, size);
    char target[PATH_MAX]; // a symbolic link stays; the file behind it is replaced
    if (!realpath(path, target)) return up__fail_errno("write", path, errno);
    return replace(target, bytes, size);
}

// What is read is a file of a size that memory can hold: no pipe that nobody writes to, no device
// without an end.
static UpStatus check_kind(const char *path, const struct stat *info, int64_t most) {
    if (S_ISDIR(info->st_mode)) return up__fail_errno("read", path, EISDIR);
    if (!S_ISREG(info->st_mode))
        return up_fail(UP_IO, "cannot read %s: it is a pipe, a device or a socket; name a file",
                       path);
    if (info->st_size > most)
        return up_fail(UP_IO, "cannot read %s: it has more than the %lld MiB that can be read",
                       path, (long long)(most >> 20));
    return UP_OK;
}

static UpStatus read_all(int descriptor, const char *path, int64_t most, char **bytes,
                         size_t *size) {
    struct stat info;
    if (fstat(descriptor, &info) != 0) return up__fail_errno("read", path, errno);
    UP_TRY(check_kind(path, &info, most));
    size_t capacity = info.st_size > 0 ? (size_t)info.st_size + 2 : 65536;
    for (;;) {
        char *grown = realloc(*bytes, capacity);
        if (!grown) return up__fail_errno("read", path, ENOMEM);
        *bytes = grown;
        while (*size < capacity - 1) {
            ssize_t got = read(descriptor, *bytes + *size, capacity - 1 - *size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return up__fail_errno("read", path, errno);
            if (got == 0) {
                (*bytes)[*size] = 0;
                return UP_OK;
            }
            *size += (size_t)got;
        }
        info.st_size = (off_t)capacity; // it grows while it is read, or never told its size
        UP_TRY(check_kind(path, &info, most));
        capacity *= 2;
    }
}

int up__open_read(const char *path) {
    // Without O_NONBLOCK, opening a pipe would wait for somebody who writes to it.
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static UpStatus read_file(const char *path, int64_t most, char **bytes, size_t *size) {
    *bytes = NULL;
    *size = 0;
    int descriptor = up__open_read(path);
    if (descriptor < 0) return up__fail_errno("read", path, errno);
    char *text = NULL;
    size_t length = 0;
    UpStatus status = read_all(descriptor, path, most, &text, &length);
    close(descriptor);
    if (status != UP_OK) {
        free(text);
        return status;
    }
    *bytes = text;
    *size = length;
    return UP_OK;
}

UpStatus up_file_read(const char *path, void **bytes, size_t *size) {
    char *text;
    UpStatus status = read_file(path, (int64_t)1 << 34, &text, size);
    *bytes = text;
    return status;
}

UpStatus up_file_read_text(const char *path, char **text, size_t *size) {
    UP_TRY(read_file(path, (int64_t)1 << 30, text, size));
    long long line = 1;
    for (size_t i = 0; i < *size; i++) {
        unsigned char c = (unsigned char)(*text)[i];
        line += c == '\n';
        bool end = c == '\r' && (i + 1 == *size || (*text)[i + 1] == '\n');
        if (c >= ' ' ? c != 0x7f : c == '\n' || c == '\t' || end) continue;
        free(*text);
        *text = NULL;
        return up_fail(UP_FORMAT,
                       "%s, line %lld: byte 0x%02x stands there, so this is no text file", path,
                       line, c);
    }
    return UP_OK;
}

UpStatus up_folder_create(const char *path) {
    char folder[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0) return up__fail_errno("create folder", "''", ENOENT);
    if (length >= sizeof folder) return up__fail_errno("create folder", path, ENAMETOOLONG);
    memcpy(folder, path, length + 1);
    for (char *end = folder + 1; end <= folder + length; end++) {
        if (*end != '/' && *end != 0) continue;
        char kept = *end;
        *end = 0;
        if (mkdir(folder, 0777) != 0) {
            struct stat info;
            int code = errno;
            // Read-only parents answer EROFS or EACCES even where the folder exists.
            if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
                return up__fail_errno("create folder", folder, code);
        }
        *end = kept;
    }
    return UP_OK;
}
