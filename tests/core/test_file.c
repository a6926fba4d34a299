// Atomic files: whatever goes wrong, the name holds the old bytes or the new ones.
#include "../scratch.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static void replaces_and_reads_back(void **state) {
    (void)state;
    const char *path = scratch("a.txt");
    assert_ok(up_file_write(path, "first", 5));
    assert_file(path, "first");
    assert_ok(up_file_write(path, "second one", 10));
    assert_file(path, "second one");
    assert_ok(up_file_write(path, NULL, 0));
    assert_file(path, "");
    assert_int_equal(scratch_entries(scratch_folder), 1);
}

static void bare_names_are_in_the_current_folder(void **state) {
    (void)state;
    char before[PATH_MAX];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch_folder), 0);
    assert_ok(up_file_write("bare", "x", 1));
    assert_file("bare", "x");
    assert_int_equal(chdir(before), 0);
}

static void full_disk_leaves_the_old_file(void **state) {
    (void)state;
    const char *path = scratch("checkpoint");
    static char big[100000];
    assert_ok(up_file_write(path, "old", 3));
    scratch_disk(4096);
    UpStatus status = up_file_write(path, big, sizeof big);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_non_null(strstr(up_error(), path));
    assert_non_null(strstr(up_error(), "File too large"));
    assert_file(path, "old");
    assert_int_equal(scratch_entries(scratch_folder), 1);
}

static void refusals_say_why(void **state) {
    (void)state;
    void *bytes = scratch_folder;
    size_t size = 1;
    assert_int_equal(up_file_write(scratch("no/such/file"), "x", 1), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "no/such/file: No such file or directory; check"));
    assert_int_equal(up_file_write(scratch_folder, "x", 1), UP_IO);
    assert_non_null(strstr(up_error(), "name a file"));
    assert_int_equal(up_file_read(scratch("absent"), &bytes, &size), UP_NOT_FOUND);
    assert_null(bytes);
    assert_int_equal(size, 0);
    assert_int_equal(up_file_read(scratch_folder, &bytes, &size), UP_IO);
    assert_int_equal(up_file_write("/dev/full", "x", 1), UP_IO);
    assert_non_null(strstr(up_error(), "No space left on device; free some space"));
    char name[400];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    assert_int_equal(up_file_write(name, "x", 1), UP_IO);
}

// Opened the ordinary way, a pipe that nobody writes to would never answer.
static void only_files_are_read(void **state) {
    (void)state;
    void *bytes;
    size_t size;
    const char *pipe = scratch("pipe"), *huge = scratch("huge");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(up_file_read(pipe, &bytes, &size), UP_IO);
    assert_non_null(strstr(up_error(), "pipe: it is a pipe, a device or a socket; name a file"));
    assert_int_equal(up_file_read("/dev/zero", &bytes, &size), UP_IO);
    assert_int_equal(up_file_read(scratch_folder, &bytes, &size), UP_IO);
    assert_non_null(strstr(up_error(), "Is a directory"));
    assert_ok(up_file_write(huge, "x", 1));
    assert_int_equal(truncate(huge, ((off_t)1 << 34) + 1), 0); // takes no room
    assert_int_equal(up_file_read(huge, &bytes, &size), UP_IO);
    assert_non_null(strstr(up_error(), "huge: it has more than the 16384 MiB"));
    assert_null(bytes);
    assert_ok(up_file_read("/proc/self/status", &bytes, &size)); // which says that its size is 0
    assert_true(size > 100);
    free(bytes);
}

static void texts_end_where_their_files_end(void **state) {
    (void)state;
    const char *path = scratch("text");
    char *text;
    size_t size;
    assert_ok(up_file_write(path, "a\tb\r\n\xc3\xa9\r", 8));
    assert_ok(up_file_read_text(path, &text, &size));
    assert_int_equal(size, 8);
    assert_string_equal(text, "a\tb\r\n\xc3\xa9\r");
    free(text);
    const char *bad[] = {"one\ntwo\0[x]", "one\ntwo\033[x]", "one\ntwo\r[xx]", "one\ntwo\x7f[x]"};
    for (int i = 0; i < 4; i++) {
        assert_ok(up_file_write(path, bad[i], 11));
        assert_int_equal(up_file_read_text(path, &text, &size), UP_FORMAT);
        assert_non_null(strstr(up_error(), "text, line 2: byte 0x"));
        assert_null(text);
    }
}

static void devices_and_links_stay_what_they_are(void **state) {
    (void)state;
    struct stat info;
    assert_ok(up_file_write("/dev/null", "x", 1));
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    const char *target = scratch("target"), *link = scratch("link");
    assert_ok(up_file_write(target, "old", 3));
    assert_int_equal(symlink(target, link), 0);
    assert_ok(up_file_write(link, "new", 3));
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_file(target, "new");
}

static void folders_with_parents(void **state) {
    (void)state;
    assert_ok(up_folder_create(scratch("a/b//c/")));
    assert_ok(up_folder_create(scratch("a/b/c")));
    assert_ok(up_file_write(scratch("a/b/c/file"), "x", 1));
    assert_int_equal(up_folder_create(scratch("a/b/c/file/d")), UP_IO);
    assert_non_null(strstr(up_error(), "a/b/c/file"));
    assert_int_equal(up_folder_create(""), UP_NOT_FOUND);
}

// A child writes 'a' × size, 'b' × size, … for ever and is killed at a random moment.
static void survives_kill_and_cleans_up(void **state) {
    (void)state;
    enum { SIZE = 1 << 20, KILLS = 30 };
    const char *path = scratch("killed");
    char *page = malloc(SIZE);
    assert_ok(up_file_write(path, "start", 5));
    for (int kills = 0; kills < KILLS; kills++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            for (int round = 0;; round++) {
                memset(page, 'a' + round % 26, SIZE);
                if (up_file_write(path, page, SIZE) != UP_OK) _exit(1);
            }
        }
        struct timespec pause = {0, 1000000 + kills * 700000};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        int result;
        waitpid(child, &result, 0);
        assert_true(WIFSIGNALED(result));
        void *bytes;
        size_t size;
        assert_ok(up_file_read(path, &bytes, &size));
        const char *text = bytes;
        assert_true(size == SIZE || (size == 5 && memcmp(text, "start", 5) == 0));
        for (size_t i = 0; i + 1 < size && size == SIZE; i++)
            assert_true(text[i] == text[i + 1]);
        free(bytes);
    }
    free(page);
    assert_ok(up_file_write(path, "end", 3)); // clears what the killed ones left
    assert_int_equal(scratch_entries(scratch_folder), 1);
}

static void leaves_other_files_alone(void **state) {
    (void)state;
    const char *other = scratch(".other.1-1.partial"), *longer = scratch(".name2.1-1.partial");
    assert_ok(up_file_write(other, "x", 1));
    assert_ok(up_file_write(longer, "x", 1));
    assert_ok(up_file_write(scratch("name"), "x", 1));
    assert_file(other, "x");
    assert_file(longer, "x");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(replaces_and_reads_back),
        TEST(bare_names_are_in_the_current_folder),
        TEST(full_disk_leaves_the_old_file),
        TEST(refusals_say_why),
        TEST(only_files_are_read),
        TEST(texts_end_where_their_files_end),
        TEST(devices_and_links_stay_what_they_are),
        TEST(folders_with_parents),
        TEST(survives_kill_and_cleans_up),
        TEST(leaves_other_files_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
