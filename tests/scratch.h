// A folder for one test, and the file checks that many tests share.
#ifndef UP_TESTS_SCRATCH_H
#define UP_TESTS_SCRATCH_H

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/file.h"
#include "uphill/status.h"

#define assert_ok(expression)                                                                      \
    do {                                                                                           \
        UpStatus status_ = (expression);                                                           \
        if (status_ != UP_OK) fail_msg("%s: %s", #expression, up_error());                         \
    } while (0)

// A new folder, and a path inside it (valid until the fourth call after).
static char scratch_folder[64];

static inline int scratch_setup(void **state) {
    (void)state;
    // Thousands of small files are written; in memory that takes no time.
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(scratch_folder, sizeof scratch_folder, "%s/uphill-test-XXXXXX", parent);
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_teardown(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch_folder);
    return system(command);
}

static inline const char *scratch(const char *name) {
    static char path[4][256];
    static int next;
    char *text = path[next++ % 4];
    snprintf(text, sizeof path[0], "%s/%s", scratch_folder, name);
    return text;
}

// Names in a folder, "." and ".." not counted.
static inline int scratch_entries(const char *folder) {
    int count = -2;
    DIR *entries = opendir(folder);
    if (!entries) return -1;
    while (readdir(entries))
        count++;
    closedir(entries);
    return count;
}

static inline void assert_file(const char *path, const char *text) {
    void *bytes;
    size_t size;
    assert_ok(up_file_read(path, &bytes, &size));
    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
    free(bytes);
}

// From here on no file of this process grows beyond `bytes`: a full disk. RLIM_INFINITY lifts it.
static inline void scratch_disk(rlim_t bytes) {
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

#endif
