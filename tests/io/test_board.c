// TensorBoard events: the framing and the bytes are decoded here, and by TensorBoard where it is
// installed.
#include "../scratch.h"

#include <math.h>

#include "io/crc.h"
#include "uphill/board.h"

#ifdef UP_HAVE_PROTOBUF_C
// The only events file in the folder.
static const char *events_file(void) {
    static char path[256];
    path[0] = 0;
    DIR *entries = opendir(scratch_folder);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strstr(entry->d_name, "events.out.tfevents.") == entry->d_name) {
            assert_int_equal(path[0], 0);
            snprintf(path, sizeof path, "%s/%.100s", scratch_folder, entry->d_name);
        }
    closedir(entries);
    assert_int_not_equal(path[0], 0);
    return path;
}

static uint32_t unmasked(const uint8_t *bytes) {
    uint32_t masked;
    memcpy(&masked, bytes, 4);
    masked -= 0xa282ead8u;
    return masked >> 17 | masked << 15;
}

// Takes the next record from *bytes; returns its size.
static size_t next_record(const uint8_t **bytes, const uint8_t *end, const uint8_t **data) {
    uint64_t size;
    assert_true(end - *bytes >= 16);
    memcpy(&size, *bytes, 8);
    assert_int_equal(unmasked(*bytes + 8), up__crc32c(0, *bytes, 8));
    assert_true(size + 16 <= (uint64_t)(end - *bytes));
    *data = *bytes + 12;
    assert_int_equal(unmasked(*data + size), up__crc32c(0, *data, size));
    *bytes += size + 16;
    return size;
}

static void writes_framed_events(void **state) {
    (void)state;
    UpBoard *board;
    assert_ok(up_board_open(&board, scratch_folder));
    assert_ok(up_board_scalar(board, "a/b", 300, 1.5, 0)); // a zero is a value
    assert_ok(up_board_scalar(board, "c", 5000000000, 2.5, -21));
    up_board_close(board);
    void *content;
    size_t size;
    assert_ok(up_file_read(events_file(), &content, &size));
    const uint8_t *next = content, *end = next + size, *data;
    size_t length = next_record(&next, end, &data);
    assert_int_equal(data[0], 1 << 3 | 1); // wall_time, 8 bytes
    const uint8_t version[] = "\x1a\x0d"
                              "brain.Event:2";
    assert_int_equal(length, 9 + sizeof version - 1);
    assert_memory_equal(data + 9, version, sizeof version - 1);
    length = next_record(&next, end, &data);
    const uint8_t zero[] = {0x09, 0,    0,    0,   0,   0, 0, 0xf8, 0x3f, // wall_time 1.5
                            0x10, 0xac, 0x02,                             // step 300
                            0x2a, 12,   0x0a, 10,                         // summary, value
                            0x0a, 3,    'a',  '/', 'b',                   // tag
                            0x15, 0,    0,    0,   0};                    // simple_value
    assert_int_equal(length, sizeof zero);
    assert_memory_equal(data, zero, sizeof zero);
    length = next_record(&next, end, &data);
    const float value = -21;
    assert_memory_equal(data + length - 4, &value, 4);
    assert_ptr_equal(next, end);
    free(content);
}

static void holds_more_than_its_buffer(void **state) {
    (void)state;
    UpBoard *board;
    assert_ok(up_board_open(&board, scratch_folder));
    for (int i = 0; i < 5000; i++)
        assert_ok(up_board_scalar(board, "loss/policy_loss", i, 1e9 + i, sin(i)));
    assert_ok(up_board_flush(board));
    void *content;
    size_t size, records = 0;
    assert_ok(up_file_read(events_file(), &content, &size)); // flushed before it is closed
    const uint8_t *next = content, *data;
    while (next < (uint8_t *)content + size) {
        next_record(&next, (uint8_t *)content + size, &data);
        records++;
    }
    assert_int_equal(records, 5001);
    free(content);
    up_board_close(board);
    char long_tag[1000];
    memset(long_tag, 't', sizeof long_tag);
    long_tag[999] = 0;
    assert_ok(up_board_open(&board, scratch_folder));
    assert_int_equal(up_board_scalar(board, long_tag, 1, 1, 1), UP_USAGE);
    up_board_close(board);
    assert_int_equal(scratch_entries(scratch_folder), 2); // each opening has a file of its own
}

static void full_disk_leaves_whole_records(void **state) {
    (void)state;
    UpBoard *board;
    assert_ok(up_board_open(&board, scratch_folder));
    scratch_disk(60);
    assert_ok(up_board_scalar(board, "tag", 1, 1, 1));
    UpStatus status = up_board_flush(board);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_ok(up_board_scalar(board, "tag", 2, 1, 1));
    up_board_close(board);
    void *content;
    size_t size;
    assert_ok(up_file_read(events_file(), &content, &size));
    const uint8_t *next = content, *end = next + size, *data;
    next_record(&next, end, &data);
    next_record(&next, end, &data);
    assert_ptr_equal(next, end);
    free(content);
    assert_int_equal(up_board_open(&board, scratch("absent")), UP_NOT_FOUND);
    assert_null(board);
}

static const char python_program[] =
    "import sys\n"
    "try:\n"
    "    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"
    "except ImportError:\n"
    "    sys.exit(77)\n"
    "events = EventAccumulator(sys.argv[1])\n"
    "events.Reload()\n"
    "got = [(e.step, e.wall_time, e.value) for e in events.Scalars('loss/value')]\n"
    "assert got == [(i * 10**9, 1e9 + i, i / 2) for i in range(100)], got[:3]\n";

static void tensorboard_agrees(void **state) {
    (void)state;
    char command[1024];
    UpBoard *board;
    assert_ok(up_file_write(scratch("check.py"), python_program, strlen(python_program)));
    assert_ok(up_board_open(&board, scratch_folder));
    for (int i = 0; i < 100; i++)
        assert_ok(up_board_scalar(board, "loss/value", i * 1000000000LL, 1e9 + i, i / 2.0));
    up_board_close(board);
    snprintf(command, sizeof command, "%s/.venv/bin/python %s/check.py %s 2>/dev/null",
             UP_SOURCE_DIR, scratch_folder, scratch_folder);
    int result = access(UP_SOURCE_DIR "/.venv/bin/python", X_OK) == 0 ? system(command) : 77 << 8;
    if (result == 77 << 8) skip();
    assert_int_equal(result, 0);
}
#else
static void says_what_to_install(void **state) {
    (void)state;
    UpBoard *board;
    assert_int_equal(up_board_open(&board, scratch_folder), UP_UNSUPPORTED);
    assert_null(board);
    assert_non_null(strstr(up_error(), "libprotobuf-c-dev"));
    up_board_close(board);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
#ifdef UP_HAVE_PROTOBUF_C
        TEST(writes_framed_events),
        TEST(holds_more_than_its_buffer),
        TEST(full_disk_leaves_whole_records),
        TEST(tensorboard_agrees),
#else
        TEST(says_what_to_install),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
