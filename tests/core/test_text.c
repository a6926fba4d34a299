// Text in memory, whole or not at all; and what messages show of what others wrote.
#include "../allocator.h"
#include "../scratch.h"

#include <stdbool.h>

#include "uphill/text.h"

static long until_failure = -1; // allocations that still succeed; -1: all

#if CAN_REPLACE
UNWATCHED static bool fails(void) {
    if (until_failure > 0) until_failure--;
    return until_failure == 0;
}
UNWATCHED void *malloc(size_t size) {
    return fails() ? NULL : SYSTEM(malloc)(size);
}
UNWATCHED void *calloc(size_t count, size_t size) {
    return fails() ? NULL : SYSTEM(calloc)(count, size);
}
UNWATCHED void *realloc(void *memory, size_t size) {
    return fails() ? NULL : SYSTEM(realloc)(memory, size);
}
#endif

enum { LINES = 3000 };

static UpStatus write_lines(char **text, size_t *size) {
    FILE *stream = up_text_open(text, size);
    if (!stream) return up_text_close(stream, text);
    for (int i = 0; i < LINES; i++)
        fprintf(stream, "line %04d\n", i);
    return up_text_close(stream, text);
}

static void text_is_what_was_printed(void **state) {
    (void)state;
    char *text;
    size_t size;
    assert_ok(write_lines(&text, &size));
    assert_int_equal(size, 10 * LINES);
    assert_int_equal(strlen(text), size);
    assert_memory_equal(text + size - 10, "line 2999\n", 10);
    free(text);
    assert_ok(up_text_close(up_text_open(&text, &size), &text));
    assert_string_equal(text, "");
    free(text);
}

static void text_is_whole_or_out_of_memory(void **state) {
    (void)state;
    if (!CAN_REPLACE) skip();
    int failures = 0;
    for (long k = 1;; k++) {
        char *text = (char *)"";
        size_t size;
        until_failure = k;
        UpStatus status = write_lines(&text, &size);
        bool reached = until_failure == 0;
        until_failure = -1;
        if (status == UP_OK) {
            assert_int_equal(strlen(text), 10 * LINES);
            free(text);
            if (!reached) break;
        } else {
            assert_int_equal(status, UP_MEMORY);
            assert_null(text);
            failures++;
        }
    }
    assert_true(failures >= 5);
}

static void assert_clean(const char *text, const char *clean) {
    char copy[64];
    snprintf(copy, sizeof copy, "%s", text);
    assert_string_equal(up_text_clean(copy), clean);
}

static void what_a_terminal_obeys_is_not_shown(void **state) {
    (void)state;
    assert_clean("plain text, 100%", "plain text, 100%");
    assert_clean("\033[2J\a\b\r\n\t\x7f", "?[2J??????");
    assert_clean("Ψ – π ≈ 3 日本 😀", "Ψ – π ≈ 3 日本 😀");
    assert_clean("a\xc2\x9b"
                 "b",
                 "a??b");                                     // CSI as one character
    assert_clean("\xe2\x80\xae x \xe2\x81\xa6", "??? x ???"); // turn the direction of writing
    assert_clean("\xff\xc0\xaf\xed\xa0\x80\xf5", "???????");  // no UTF-8
    assert_clean("cut \xe2\x82", "cut ??");
    assert_clean("\xf4\x90\x80\x80", "????"); // beyond the last character
}

static char warned[64];

static void note(void *user, const char *message) {
    (void)user;
    snprintf(warned, sizeof warned, "%s", message);
}

static void messages_are_one_line(void **state) {
    (void)state;
    assert_int_equal(up_fail(UP_IO, "cannot read %s", "a\033]0;title\a\nb"), UP_IO);
    assert_string_equal(up_error(), "cannot read a?]0;title??b");
    up_fail(UP_IO, "twice: %s, ü", up_error());
    assert_string_equal(up_error(), "twice: cannot read a?]0;title??b, ü");
    up_fail(UP_FORMAT, "a row is missing");
    assert_int_equal(up_fail_in(UP_FORMAT, "a.csv"), UP_FORMAT);
    assert_int_equal(up_fail_in(UP_FORMAT, "a.csv"), UP_FORMAT); // which it says already
    assert_string_equal(up_error(), "a.csv: a row is missing");
    up_set_warn(note, NULL);
    up_warn("worker %s", "\033[31mred");
    up_set_warn(NULL, NULL);
    assert_string_equal(warned, "worker ?[31mred");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_what_was_printed),
        cmocka_unit_test(text_is_whole_or_out_of_memory),
        cmocka_unit_test(what_a_terminal_obeys_is_not_shown),
        cmocka_unit_test(messages_are_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
