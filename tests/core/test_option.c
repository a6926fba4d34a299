// Options as data: every type's good and bad values, bounds, the text form, and the nearest name.
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/text.h"
#include "uphill/option.h"

typedef struct Def {
    int64_t whole;
    double real, unset;
    bool flag;
    int choice;
    char text[UP_OPTION_TEXT_MAX];
    UpSizes sizes;
} Def;

#define ROW(name, type, fallback, min, max, choices)                                               \
    { #name, type, offsetof(Def, name), fallback, min, max, choices, "", "", "", NULL }

static const UpOption rows[] = {
    ROW(whole, UP_OPTION_INT, "7", -5, 1e9, NULL),
    ROW(real, UP_OPTION_REAL, "0.25", 0, 10, NULL),
    ROW(unset, UP_OPTION_REAL, "nan", -1, 1, NULL),
    ROW(flag, UP_OPTION_BOOL, "true", 0, 1, NULL),
    ROW(choice, UP_OPTION_CHOICE, "linear", 0, 0, "constant|linear|cosine"),
    ROW(text, UP_OPTION_TEXT, "some", 0, 0, NULL),
    ROW(sizes, UP_OPTION_SIZES, "64,32", 1, 100, NULL),
};
static const UpOptionTable table = {"part", "for tests", rows, sizeof rows / sizeof *rows};

enum { WHOLE, REAL, UNSET, FLAG, CHOICE, TEXT, SIZES };

static Def def;

static int defaults(void **state) {
    (void)state;
    memset(&def, 0xEE, sizeof def);
    up_options_default(&table, &def);
    return 0;
}

static void good(int row, const char *value) {
    if (up_options_set(&table, &def, rows[row].name, value, "here") != UP_OK)
        fail_msg("%s = \"%s\": %s", rows[row].name, value, up_error());
}

// Refused with a message that tells where, which option, the value, and `expected`; nothing
// changes.
static void bad(int row, const char *value, const char *expected) {
    Def before = def;
    assert_int_equal(up_options_set(&table, &def, rows[row].name, value, "here"), UP_USAGE);
    char start[512];
    snprintf(start, sizeof start, "here: part.%s = \"%s\" is not possible: ", rows[row].name,
             value);
    up_text_clean(start);
    if (strncmp(up_error(), start, strlen(start)) != 0 || !strstr(up_error(), expected))
        fail_msg("\"%s\" is not \"%s … %s\"", up_error(), start, expected);
    assert_memory_equal(&before, &def, sizeof def);
}

static void test_defaults(void **state) {
    (void)state;
    assert_true(def.whole == 7 && def.real == 0.25 && isnan(def.unset) && def.flag);
    assert_int_equal(def.choice, 1);
    assert_string_equal(def.text, "some");
    for (size_t i = strlen("some"); i < sizeof def.text; i++)
        assert_int_equal(def.text[i], 0); // no stray bytes: a config is compared as a whole
    assert_true(def.sizes.count == 2 && def.sizes.value[0] == 64 && def.sizes.value[1] == 32);
}

static void test_whole(void **state) {
    (void)state;
    const struct {
        const char *text;
        int64_t value;
    } fine[] = {{"0", 0}, {"-5", -5}, {"1e6", 1000000}, {"1_000_000", 1000000}, {"2.5e2", 250}};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        good(WHOLE, fine[i].text);
        assert_int_equal(def.whole, fine[i].value);
    }
    const char *wrong[] = {"", "x", "1.5", "1e-3", "3x", "nan", "inf", "1e400", "_", "--1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad(WHOLE, wrong[i], "whole number");
    bad(WHOLE, "-6", "between -5 and 1000000000");
    bad(WHOLE, "1000000001", "between");
    bad(WHOLE, "99999999999999999999999999", "between -5 and 1000000000");
    bad(WHOLE, "-1e18", "between");
}

static void test_real(void **state) {
    (void)state;
    good(REAL, "1e-3");
    assert_true(def.real == 1e-3);
    good(REAL, "10");
    good(UNSET, "nan");
    assert_true(isnan(def.unset));
    good(UNSET, "0.5");
    good(UNSET, "none");
    assert_true(isnan(def.unset));
    bad(UNSET, "nothing", "it must be a number, or none");
    bad(REAL, "none", "must be a number");
    const char *wrong[] = {"", "x", "1,5", "0.1.2", "1 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad(REAL, wrong[i], "must be a number");
    bad(REAL, "-0.001", "between 0 and 10");
    bad(REAL, "10.5", "between 0 and 10");
    bad(REAL, "inf", "between");
    bad(REAL, "nan", "between"); // NaN is a value only where it means "not set"
    bad(UNSET, "2", "between -1 and 1");
}

static void test_flag(void **state) {
    (void)state;
    const char *words[] = {"false", "true", "off", "ON", "no", "Yes", "0", "1"};
    for (int i = 0; i < 8; i++) {
        good(FLAG, words[i]);
        assert_int_equal(def.flag, i % 2);
    }
    bad(FLAG, "", "true or false");
    bad(FLAG, "2", "true or false");
}

static void test_choice(void **state) {
    (void)state;
    const char *words[] = {"constant", "linear", "cosine"};
    for (int i = 0; i < 3; i++) {
        good(CHOICE, words[i]);
        assert_int_equal(def.choice, i);
    }
    const char *wrong[] = {"", "cos", "cosines", "constant|linear", "Linear"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad(CHOICE, wrong[i], "one of constant|linear|cosine");
}

static void test_text(void **state) {
    (void)state;
    char longest[162];
    memset(longest, 'a', sizeof longest);
    longest[160] = 0;
    good(TEXT, "");
    good(TEXT, "g=9.81;render=1 and # more");
    assert_string_equal(def.text, "g=9.81;render=1 and # more");
    good(TEXT, longest);
    longest[160] = 'a';
    longest[161] = 0;
    assert_int_equal(up_options_set(&table, &def, "text", longest, "here"), UP_USAGE);
    assert_non_null(strstr(up_error(), "aaa…\" is not possible: it must not be longer than 160"));
    bad(TEXT, " a", "space");
    bad(TEXT, "a ", "space");
    bad(TEXT, "a ;b", "semicolon");
    bad(TEXT, ";b", "semicolon");
    bad(TEXT, "a\nb", "one line");
    bad(TEXT, "\033[2J", "control characters");
}

static void test_sizes(void **state) {
    (void)state;
    good(SIZES, "1, 2,100");
    assert_true(def.sizes.count == 3 && def.sizes.value[2] == 100);
    good(SIZES, "none");
    assert_int_equal(def.sizes.count, 0);
    good(SIZES, "5");
    good(SIZES, "");
    assert_int_equal(def.sizes.count, 0);
    assert_int_equal(def.sizes.value[0], 0);
    const char *wrong[] = {"1,", ",1", "a", "1;2", "1.5", "1,2,3,4,5,6,7,8,9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        bad(SIZES, wrong[i], "up to 8 whole numbers");
    bad(SIZES, "64,0", "between 1 and 100");
    bad(SIZES, "101", "between 1 and 100");
}

// What is formatted reads back to the same bytes.
static void test_round_trip(void **state) {
    (void)state;
    const struct {
        int row;
        const char *value;
    } set[] = {{WHOLE, "-3"},    {WHOLE, "123456789"},
               {REAL, "0.1"},    {REAL, "3.0000000000000004"},
               {REAL, "5e-324"}, {REAL, "1e-5"},
               {UNSET, "nan"},   {UNSET, "-0.33"},
               {FLAG, "false"},  {CHOICE, "cosine"},
               {TEXT, ""},       {TEXT, "a=1;b=\"2\""},
               {SIZES, "none"},  {SIZES, "1,2,3,4,5,6,7,8"}};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        good(set[i].row, set[i].value);
        Def before = def;
        char text[UP_OPTION_TEXT_MAX];
        up_options_format(&table, set[i].row, &def, text, sizeof text);
        good(set[i].row, text);
        assert_memory_equal(&before, &def, sizeof def);
    }
    char small[4];
    good(TEXT, "longer");
    up_options_format(&table, TEXT, &def, small, sizeof small);
    assert_string_equal(small, "lon");
}

static void test_unknown(void **state) {
    (void)state;
    assert_int_equal(up_options_set(&table, &def, "chioce", "linear", "here"), UP_USAGE);
    assert_string_equal(up_error(),
                        "here: there is no option part.chioce; did you mean part.choice?");
    assert_int_equal(up_options_set(&table, &def, "something", "1", "here"), UP_USAGE);
    assert_non_null(strstr(up_error(), "there is no option part.something; `uphill algos"));
}

// The program that the library runs in may write its numbers with a comma.
static void test_locale(void **state) {
    (void)state;
    const char *comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8"};
    char text[UP_OPTION_TEXT_MAX];
    bool set = false;
    for (int i = 0; i < 3 && !set; i++)
        set = setlocale(LC_ALL, comma[i]) != NULL;
    if (!set) skip(); // no such locale is installed
    UpStatus status = up_options_set(&table, &def, "real", "2.5", "here");
    up_options_format(&table, 1, &def, text, sizeof text);
    setlocale(LC_ALL, "C");
    assert_int_equal(status, UP_OK);
    assert_true(def.real == 2.5);
    assert_string_equal(text, "2.5");
}

static void test_nearest(void **state) {
    (void)state;
    const char *const names[] = {"train", "eval", "plot", "play"};
    assert_string_equal(up_nearest("trian", names, 4), "train");
    assert_string_equal(up_nearest("EVAL", names, 4), "eval");
    assert_string_equal(up_nearest("plaay", names, 4), "play");
    assert_null(up_nearest("nonsense", names, 4));
    assert_null(up_nearest("anything", names, 0));
    char lengthy[200];
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = 0;
    const char *const others[] = {lengthy};
    assert_string_equal(up_nearest(lengthy, others, 1), lengthy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_defaults, defaults),
        cmocka_unit_test_setup(test_whole, defaults),
        cmocka_unit_test_setup(test_real, defaults),
        cmocka_unit_test_setup(test_flag, defaults),
        cmocka_unit_test_setup(test_choice, defaults),
        cmocka_unit_test_setup(test_text, defaults),
        cmocka_unit_test_setup(test_sizes, defaults),
        cmocka_unit_test_setup(test_round_trip, defaults),
        cmocka_unit_test_setup(test_unknown, defaults),
        cmocka_unit_test_setup(test_locale, defaults),
        cmocka_unit_test_setup(test_nearest, defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
