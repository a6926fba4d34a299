// Tensor files: what is written reads back, what is damaged is refused, and PyTorch's library
// agrees.
#include "../scratch.h"

#include <stdbool.h>

#include "uphill/tensors.h"

static const float weight[2][3] = {{1, -2, 3.5f}, {1e-30f, 0, -0.0f}};
static const double mean[2] = {0.1, -1e300};
static const uint8_t bytes[5] = {0, 1, 2, 254, 255};
static const uint16_t entries[3] = {1, 2, 65535};
static const int32_t signs[2] = {-1, 2147483647};
static const int64_t steps[1] = {-9007199254740993};
static const uint64_t stream[4] = {1, 2, 3, 18446744073709551615u};

static const UpTensor all[] = {
    {"bytes", UP_U8, 1, {5}, bytes},       {"trunk.0.weight", UP_F32, 2, {2, 3}, weight},
    {"obs.mean", UP_F64, 1, {2}, mean},    {"entries", UP_U16, 3, {1, 3, 1}, entries},
    {"signs", UP_I32, 1, {2}, signs},      {"steps", UP_I64, 0, {0}, steps},
    {"random", UP_U64, 2, {2, 2}, stream}, {"empty", UP_F32, 2, {0, 7}, NULL},
};
enum { ALL = sizeof all / sizeof *all };
static const UpMeta metas[] = {{"algo", "ppo"}, {"config", "[train]\nenv = \"α\"\n"}};

static void assert_same_tensors(const UpTensorFile *file, const UpTensor *expected, int count) {
    assert_int_equal(file->tensors, count);
    for (int i = 0; i < count; i++) {
        const UpTensor *found = up_tensors_find(file, expected[i].name);
        assert_non_null(found);
        assert_int_equal(found->type, expected[i].type);
        assert_int_equal(found->dims, expected[i].dims);
        for (int d = 0; d < found->dims; d++)
            assert_int_equal(found->shape[d], expected[i].shape[d]);
        assert_int_equal((uintptr_t)found->data % 8, 0);
        const size_t size[] = {4, 8, 1, 2, 4, 8, 8};
        size_t length = (size_t)up_tensor_count(found) * size[found->type];
        if (length > 0) assert_memory_equal(found->data, expected[i].data, length);
    }
}

static void *read_bytes(const char *path, size_t *size) {
    void *content;
    assert_ok(up_file_read(path, &content, size));
    return content;
}

// Without the care of up_file_write, because thousands are written.
static void write_bytes(const char *path, const void *content, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void reads_what_was_written(void **state) {
    (void)state;
    const char *path = scratch("a.safetensors");
    assert_ok(up_tensors_write(path, all, ALL, metas, 2));
    UpTensorFile file;
    assert_ok(up_tensors_read(path, &file));
    assert_same_tensors(&file, all, ALL);
    for (int i = 0; i < ALL; i++)
        assert_string_equal(file.tensor[i].name, all[i].name); // order is kept
    assert_string_equal(up_tensors_meta(&file, "algo"), "ppo");
    assert_string_equal(up_tensors_meta(&file, "config"), metas[1].value);
    assert_non_null(up_tensors_meta(&file, "crc32"));
    assert_null(up_tensors_meta(&file, "absent"));
    assert_null(up_tensors_find(&file, "absent"));

    // What was read, written again with its metadata, is the same file.
    const char *again = scratch("b.safetensors");
    assert_ok(up_tensors_write(again, file.tensor, file.tensors, file.meta, file.metas));
    up_tensors_free(&file);
    size_t size, size_again;
    void *first = read_bytes(path, &size), *second = read_bytes(again, &size_again);
    assert_int_equal(size, size_again);
    assert_memory_equal(first, second, size);
    // Wide numbers stand first, so that a program that maps the file finds all of them aligned.
    assert_non_null(strstr((char *)first + 8, "\"obs.mean\":{\"dtype\":\"F64\",\"shape\":[2],"
                                              "\"data_offsets\":[0,16]}"));
    free(first);
    free(second);
}

static void holds_nothing(void **state) {
    (void)state;
    UpTensorFile file;
    assert_ok(up_tensors_write(scratch("none"), NULL, 0, NULL, 0));
    assert_ok(up_tensors_read(scratch("none"), &file));
    assert_int_equal(file.tensors, 0);
    up_tensors_free(&file);
}

static void refuses_impossible_tensors(void **state) {
    (void)state;
    const UpTensor wrong[][2] = {
        {{"", UP_F32, 0, {0}, weight}},
        {{"w", (UpTensorType)7, 0, {0}, weight}},
        {{"w", UP_F32, 5, {0}, weight}},
        {{"w", UP_F32, 1, {-1}, weight}},
        {{"w", UP_F32, 2, {INT64_MAX, 8}, weight}},
        {{"w", UP_F32, 1, {1}, NULL}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(up_tensors_write(scratch("w"), wrong[i], 1, NULL, 0), UP_USAGE);
    const UpTensor twice[] = {{"w", UP_F32, 1, {1}, weight}, {"w", UP_F32, 1, {1}, weight}};
    assert_int_equal(up_tensors_write(scratch("w"), twice, 2, NULL, 0), UP_USAGE);
    assert_int_equal(scratch_entries(scratch_folder), 0);
}

static void full_disk_leaves_the_old_checkpoint(void **state) {
    (void)state;
    static float big[10000];
    const UpTensor large = {"big", UP_F32, 1, {10000}, big};
    const char *path = scratch("latest");
    assert_ok(up_tensors_write(path, all, ALL, metas, 2));
    scratch_disk(8192);
    UpStatus status = up_tensors_write(path, &large, 1, NULL, 0);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    UpTensorFile file;
    assert_ok(up_tensors_read(path, &file));
    assert_same_tensors(&file, all, ALL);
    up_tensors_free(&file);
    assert_int_equal(scratch_entries(scratch_folder), 1);
}

// Reads a damaged copy. `strict`: it must be refused; else it may be read where nothing but names,
// shapes or metadata changed.
static void try_damaged(const char *path, const void *content, size_t size, bool strict) {
    UpTensorFile file;
    write_bytes(path, content, size);
    UpStatus status = up_tensors_read(path, &file);
    if (strict || status != UP_OK) {
        if (status != UP_FORMAT) fail_msg("status %d for a damaged file", status);
        assert_non_null(strstr(up_error(), path));
        assert_null(file.memory);
    } else {
        up_tensors_free(&file);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    size_t size;
    assert_ok(up_tensors_write(scratch("whole"), all, ALL, metas, 2));
    char *content = read_bytes(scratch("whole"), &size);
    for (size_t length = 0; length < size; length++)
        try_damaged(scratch("cut"), content, length, true);
    content = realloc(content, size + 1);
    content[size] = 0;
    try_damaged(scratch("cut"), content, size + 1, true);
    free(content);
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    size_t size;
    assert_ok(up_tensors_write(scratch("whole"), all, ALL, metas, 2));
    uint8_t *content = read_bytes(scratch("whole"), &size);
    for (size_t bit = 0; bit < size * 8; bit++) {
        content[bit / 8] ^= (uint8_t)(1u << bit % 8);
        try_damaged(scratch("flipped"), content, size, true);
        content[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(content);
}

static uint64_t next_random(uint64_t *random) { // xorshift64 (Marsaglia 2003)
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

// A file without a checksum: its flips reach the parser and every check behind it.
static void damage_without_a_checksum_never_crashes(void **state) {
    (void)state;
    size_t size;
    uint8_t *content = read_bytes(UP_TEST_DATA "/python.safetensors", &size);
    uint8_t *copy = malloc(size);
    uint64_t random = 20260101, header;
    memcpy(&header, content, 8);
    for (size_t length = 0; length < size; length++)
        try_damaged(scratch("cut"), content, length, true);
    for (int round = 0; round < 8000; round++) {
        memcpy(copy, content, size);
        for (uint64_t flips = 1 + next_random(&random) % 3; flips > 0; flips--)
            copy[next_random(&random) % (header + 8)] ^= (uint8_t)(1u << next_random(&random) % 8);
        try_damaged(scratch("flipped"), copy, size, false);
    }
    free(copy);
    free(content);
}

// The header is `text`, followed by `data` bytes.
static UpStatus read_text(const char *text, size_t data) {
    uint8_t content[512] = {0};
    uint64_t length = strlen(text);
    memcpy(content, &length, 8);
    memcpy(content + 8, text, length);
    write_bytes(scratch("crafted"), content, 8 + length + data);
    UpTensorFile file;
    UpStatus status = up_tensors_read(scratch("crafted"), &file);
    if (status == UP_OK) up_tensors_free(&file);
    return status;
}

static void crafted_headers(void **state) {
    (void)state;
    static const struct {
        UpStatus status;
        size_t data;
        const char *header;
    } c[] = {
        {UP_OK, 0, "{}"},
        {UP_OK, 0, "{}      "},
        {UP_OK, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"},
        {UP_OK, 1, "{\"a\":{\"shape\":[],\"data_offsets\":[0,1],\"dtype\":\"U8\"}}"},
        {UP_OK, 0,
         "{\"__metadata__\":{},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"},
        {UP_FORMAT, 0, "[]"},
        {UP_FORMAT, 0, " {}"},
        {UP_FORMAT, 0, "{} {}"},
        {UP_FORMAT, 0, "{}\t"},
        {UP_FORMAT, 1, "{}"},
        {UP_FORMAT, 0, "{\"a\":1}"},
        {UP_FORMAT, 0, "{\"a\":[]}"},
        {UP_FORMAT, 0, "{\"a\":{}}"},
        {UP_FORMAT, 0, "{\"__metadata__\":[]}"},
        {UP_FORMAT, 0, "{\"__metadata__\":{\"a\":1}}"},
        {UP_FORMAT, 0, "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}"},
        {UP_FORMAT, 0, "{\"__metadata__\" :{\"a\":\"1\"}}"},
        {UP_FORMAT, 0, "{\"__metadata__\" :{\"crc32\":\"xyz\"}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,6]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,2],\"data_offsets\":[0,8]}}"},
        {UP_FORMAT, 0,
         "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}"},
        {UP_FORMAT, 0, "{\"a\":{\"dtype\":\"U8\",\"shape\":[1e300],\"data_offsets\":[0,0]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}"},
        {UP_FORMAT, 8, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}"},
        {UP_FORMAT, 9, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}"},
        {UP_FORMAT, 9, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"},
        {UP_FORMAT, 2,
         "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}"},
        {UP_FORMAT, 2,
         "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}"},
        {UP_FORMAT, 1, "{\"\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"},
        {UP_FORMAT, 1,
         "{\"0123456789012345678901234567890123456789012345678901234567890123\":"
         "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"},
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        UpStatus status = read_text(c[i].header, c[i].data);
        if (status != c[i].status) fail_msg("%s: status %d, %s", c[i].header, status, up_error());
    }
}

static void foreign_files_are_refused(void **state) {
    (void)state;
    UpTensorFile file;
    assert_int_equal(up_tensors_read("/dev/null", &file), UP_IO);
    assert_int_equal(up_tensors_read(UP_TEST_DATA "/../test_tensors.c", &file), UP_FORMAT);
    assert_int_equal(up_tensors_read(scratch("absent"), &file), UP_NOT_FOUND);
}

// Files of this release must be read by every later one, to the last bit.
static void reads_recorded_files(void **state) {
    (void)state;
    UpTensorFile file;
    assert_ok(up_tensors_read(UP_TEST_DATA "/uphill-0.1.safetensors", &file));
    assert_same_tensors(&file, all, ALL);
    assert_string_equal(up_tensors_meta(&file, "algo"), "ppo");
    up_tensors_free(&file);
    for (int bare = 0; bare < 2; bare++) {
        assert_ok(up_tensors_read(bare ? UP_TEST_DATA "/python-bare.safetensors"
                                       : UP_TEST_DATA "/python.safetensors",
                                  &file));
        assert_same_tensors(&file, all, ALL);
        assert_int_equal(file.metas, bare ? 0 : 3);
        up_tensors_free(&file);
    }
}

static const char python_program[] =
    "import sys\n"
    "try:\n"
    "    import numpy as np\n"
    "    from safetensors import safe_open\n"
    "    from safetensors.numpy import save_file\n"
    "except ImportError:\n"
    "    sys.exit(77)\n"
    "with safe_open(sys.argv[1], 'np') as file:\n"
    "    a = {name: file.get_tensor(name) for name in file.keys()}\n"
    "    meta = file.metadata()\n"
    "assert meta['algo'] == 'ppo' and 'α' in meta['config'], meta\n"
    "assert a['trunk.0.weight'].dtype == np.float32 and a['trunk.0.weight'].shape == (2, 3)\n"
    "assert a['trunk.0.weight'][0, 2] == 3.5 and a['obs.mean'][1] == -1e300\n"
    "assert a['steps'].shape == () and a['steps'] == -9007199254740993\n"
    "assert a['random'][1, 1] == 2**64 - 1 and a['empty'].shape == (0, 7)\n"
    "save_file(a, sys.argv[2], metadata=meta)\n"
    "save_file(a, sys.argv[3])\n";

// Python reads ours and writes it anew, once with our metadata (whose checksum no longer means
// anything) and once without; we read both.
static void python_agrees(void **state) {
    (void)state;
    char command[1024];
    write_bytes(scratch("check.py"), python_program, strlen(python_program));
    assert_ok(up_tensors_write(scratch("ours"), all, ALL, metas, 2));
    snprintf(command, sizeof command, "%s/.venv/bin/python %s/check.py %s/ours %s/full %s/bare",
             UP_SOURCE_DIR, scratch_folder, scratch_folder, scratch_folder, scratch_folder);
    int result = access(UP_SOURCE_DIR "/.venv/bin/python", X_OK) == 0 ? system(command) : 77 << 8;
    if (result == 77 << 8) skip();
    assert_int_equal(result, 0);
    UpTensorFile file;
    assert_ok(up_tensors_read(scratch("full"), &file));
    assert_same_tensors(&file, all, ALL);
    assert_string_equal(up_tensors_meta(&file, "algo"), "ppo");
    up_tensors_free(&file);
    assert_ok(up_tensors_read(scratch("bare"), &file));
    assert_same_tensors(&file, all, ALL);
    assert_int_equal(file.metas, 0);
    up_tensors_free(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_what_was_written),
        TEST(holds_nothing),
        TEST(refuses_impossible_tensors),
        TEST(full_disk_leaves_the_old_checkpoint),
        TEST(every_truncation_is_refused),
        TEST(every_flipped_bit_is_refused),
        TEST(damage_without_a_checksum_never_crashes),
        TEST(crafted_headers),
        TEST(foreign_files_are_refused),
        TEST(reads_recorded_files),
        TEST(python_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
