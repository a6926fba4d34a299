// The header of a tensor file: what other writers may put there is read, what JSON forbids or the
// format does not know is refused.
#include "../scratch.h"
#include "uphill/tensors.h"

// Reads a file of this header and `data` bytes of zeros.
static UpStatus read_header(const char *text, size_t data, UpTensorFile *file) {
    static char bytes[4096];
    uint64_t length = strlen(text);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + 8, text, length);
    FILE *out = fopen(scratch("h.safetensors"), "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, 8 + length + data, out), 8 + length + data);
    fclose(out);
    return up_tensors_read(scratch("h.safetensors"), file);
}

static void test_reads(void **state) {
    (void)state;
    UpTensorFile file;
    assert_ok(read_header("{ \"a\\u0062\\\"\\/\" : {\n\"shape\":[ 1 , 2 ],\"data_offsets\":[0,8] , "
                          "\"dtype\" :\"F32\"}, \"__metadata__\":{\"\\u00e9\\uD83D\\ude00\":"
                          "\"x\\n\\t\\u4e2d\"}, \"s\":{\"dtype\":\"U8\",\"shape\":[],"
                          "\"data_offsets\":[8,9]}}  ",
                          9, &file));
    assert_int_equal(file.tensors, 2);
    assert_string_equal(file.tensor[0].name, "ab\"/");
    assert_int_equal(file.tensor[0].shape[1], 2);
    assert_int_equal(file.tensor[1].dims, 0);
    assert_string_equal(up_tensors_meta(&file, "\xc3\xa9\xf0\x9f\x98\x80"), "x\n\t\xe4\xb8\xad");
    up_tensors_free(&file);
    assert_ok(read_header("{\"__metadata__\":{}}", 0, &file));
    up_tensors_free(&file);
}

#define ENTRY(shape, offsets) "{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
static void test_refuses(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{\"a\":" ENTRY("[01]", "[0,1]") "}",
        "{\"a\":" ENTRY("[1.0]", "[0,1]") "}",
        "{\"a\":" ENTRY("[1e0]", "[0,1]") "}",
        "{\"a\":" ENTRY("[-1]", "[0,1]") "}",
        "{\"a\":" ENTRY("[1,]", "[0,1]") "}",
        "{\"a\":" ENTRY("[18446744073709551617]", "[0,1]") "}",
        "{\"a\":" ENTRY("[1,1,1,1,1]", "[0,1]") "}",
        "{\"a\":" ENTRY("[1]", "[0,1,1]") "}",
        "{\"a\":" ENTRY("[1]", "[0]") "}",
        "{\"a\":" ENTRY("[1]", "[0,1]") ",}",
        "{\"a\":" ENTRY("[1]", "[0,1]") "}}",
        "{\"a\":" ENTRY("[1]", "[0,1]"),
        "{\"a\":[]}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"more\":1}}",
        "{\"a\\u0000\":" ENTRY("[1]", "[0,1]") "}",
        "{\"a\\uD800\":" ENTRY("[1]", "[0,1]") "}",
        "{\"a\\uDC00\":" ENTRY("[1]", "[0,1]") "}",
        "{\"a\\uD800\\u0041\":" ENTRY("[1]", "[0,1]") "}",
        "{\"a\\u00g0\":" ENTRY("[1]", "[0,1]") "}",
        "{\"a\\x\":" ENTRY("[1]", "[0,1]") "}",
        "{\"a\\",
        "{\"__metadata__\":{\"a\":1},\"a\":" ENTRY("[1]", "[0,1]") "}",
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"},\"a\":" ENTRY("[1]", "[0,1]") "}",
        "{\"__metadata__\":{},\"__metadata__\":{},\"a\":" ENTRY("[1]", "[0,1]") "}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        UpTensorFile file;
        UpStatus status = read_header(wrong[i], 1, &file);
        if (status != UP_FORMAT) fail_msg("status %d for %s", status, wrong[i]);
        assert_null(file.memory);
    }
    UpTensorFile file; // as they stand but for the mistake
    assert_ok(read_header("{\"a\":" ENTRY("[1]", "[0,1]") "}", 1, &file));
    up_tensors_free(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads),
                                       cmocka_unit_test(test_refuses)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
