// TensorBoard events: the framing and the bytes are decoded here, and by TensorBoard where it is
// installed.
#include "../scratch.h"

#include <math.h>
#include <sys/stat.h>

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

static UpStatus put(UpBoard *board, const char *tag, int64_t step, double wall, double value) {
    return up_board_row(board, step, wall, &(UpBoardValue){tag, value}, 1);
}

static void writes_framed_events(void **state) {
    (void)state;
    UpBoard *board;
    assert_ok(up_board_open(&board, scratch_folder, -1));
    assert_ok(put(board, "a/b", 300, 1.5, 0)); // a zero is a value
    assert_ok(put(board, "c", 5000000000, 2.5, -21));
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
    assert_ok(up_board_open(&board, scratch_folder, -1));
    for (int i = 0; i < 5000; i++)
        assert_ok(put(board, "loss/policy_loss", i, 1e9 + i, sin(i)));
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
    assert_ok(up_board_open(&board, scratch_folder, -1));
    up_board_close(board);
    assert_int_equal(scratch_entries(scratch_folder), 2); // each opening has a file of its own
}

// A run that was killed at step 60 goes on from its checkpoint of step 50, twice.
static void resume_cuts_what_will_come_again(void **state) {
    (void)state;
    UpBoard *board;
    const int64_t from[] = {-1, 50, 20}, to[] = {60, 90, 30};
    for (int session = 0; session < 3; session++) {
        assert_ok(up_board_open(&board, scratch_folder, from[session]));
        for (int64_t step = from[session] < 0 ? 10 : from[session] + 10; step <= to[session];
             step += 10)
            assert_ok(put(board, "a", step, 1, session));
        up_board_close(board);
    }
    char path[600];
    int times[10] = {0};
    DIR *entries = opendir(scratch_folder);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", scratch_folder, entry->d_name);
        void *content;
        size_t size;
        assert_ok(up_file_read(path, &content, &size));
        const uint8_t *next = content, *end = next + size, *data;
        next_record(&next, end, &data); // the version
        while (next < end) {
            next_record(&next, end, &data);
            assert_int_equal(data[9], 0x10); // step, less than 128
            times[data[10] / 10]++;
        }
        free(content);
    }
    closedir(entries);
    const int expected[10] = {0, 1, 1, 1};
    assert_memory_equal(times, expected, sizeof times);
}

// Whoever sends a run directory does not get at files outside it.
static void resume_follows_no_link(void **state) {
    (void)state;
    UpBoard *board;
    assert_ok(up_folder_create(scratch("run")));
    assert_ok(up_board_open(&board, scratch_folder, -1));
    assert_ok(put(board, "a", 60, 1, 1));
    up_board_close(board);
    struct stat before, after;
    const char *outside = events_file();
    assert_int_equal(stat(outside, &before), 0);
    assert_int_equal(symlink(outside, scratch("run/events.out.tfevents.1.uphill.1.0")), 0);
    assert_int_not_equal(up_board_open(&board, scratch("run"), 50), UP_OK);
    assert_int_equal(stat(outside, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
}

static void full_disk_leaves_whole_records(void **state) {
    (void)state;
    UpBoard *board;
    assert_ok(up_board_open(&board, scratch_folder, -1));
    scratch_disk(60);
    assert_ok(put(board, "tag", 1, 1, 1));
    UpStatus status = up_board_flush(board);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_ok(put(board, "tag", 2, 1, 1));
    up_board_close(board);
    void *content;
    size_t size;
    assert_ok(up_file_read(events_file(), &content, &size));
    const uint8_t *next = content, *end = next + size, *data;
    next_record(&next, end, &data);
    next_record(&next, end, &data);
    assert_ptr_equal(next, end);
    free(content);
    assert_int_equal(up_board_open(&board, scratch("absent"), -1), UP_NOT_FOUND);
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
    "assert got == [(i * 10**9, 1e9 + i / 4, i / 2) for i in range(100)], got[:3]\n"
    "from tensorboard.plugins.hparams import plugin_data_pb2\n"
    "data = events.PluginTagToContent('hparams')['_hparams_/session_start_info']\n"
    "start = plugin_data_pb2.HParamsPluginData.FromString(data).session_start_info\n"
    "told = {key: getattr(value, value.WhichOneof('kind')) for key, value in "
    "start.hparams.items()}\n"
    "assert told == {'train.algo': 'ppo', 'train.steps': 100.0, 'env.fire': True, 'env.id': ''}, "
    "told\n"
    "assert start.start_time_secs == 1.25\n"
    "text = events.Tensors('config/text_summary')[0].tensor_proto.string_val[0]\n"
    "assert b'steps = 100' in text, text\n"
    "image = events.Images('film')[0]\n"
    "assert (image.width, image.height, image.encoded_image_string) == (3, 2, b'GIF89a'), image\n";

static void tensorboard_agrees(void **state) {
    (void)state;
    char command[1024];
    UpBoard *board;
    assert_ok(up_file_write(scratch("check.py"), python_program, strlen(python_program)));
    assert_ok(up_board_open(&board, scratch_folder, -1));
    for (int i = 0; i < 100; i++)
        assert_ok(put(board, "loss/value", i * 1000000000LL, 1e9 + i / 4.0, i / 2.0));
    assert_ok(up_board_config(
        board, 1.25, "[train]\nalgo = ppo\nsteps = 100\n\n# x = 1\n[env]\nfire = true\nid = \n"));
    assert_ok(up_board_image(board, "film", 7, 2, 3, 2, "GIF89a", 6));
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
    assert_int_equal(up_board_open(&board, scratch_folder, -1), UP_UNSUPPORTED);
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
        TEST(resume_cuts_what_will_come_again),
        TEST(resume_follows_no_link),
        TEST(full_disk_leaves_whole_records),
        TEST(tensorboard_agrees),
#else
        TEST(says_what_to_install),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
