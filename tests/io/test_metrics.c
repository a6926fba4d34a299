// metrics.csv: rows as text, going on after a kill, full disks, and reading back.
#include "../scratch.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>

#include "uphill/metrics.h"

static const char *const columns[] = {"steps", "seconds", "return_mean"};

static void write_rows(int64_t keep, double first, double last) {
    UpMetricsFile *file;
    assert_ok(up_metrics_open(&file, scratch("metrics.csv"), columns, 3, keep));
    for (double steps = first; steps <= last; steps += 10)
        assert_ok(up_metrics_row(file, (double[]){steps, steps / 8, NAN}));
    up_metrics_close(file);
}

static void prints_numbers_plainly(void **state) {
    (void)state;
    UpMetricsFile *file;
    assert_ok(up_metrics_open(&file, scratch("m"), columns, 3, -1));
    assert_ok(up_metrics_row(file, (double[]){10000000000, 0.1, NAN}));
    assert_ok(up_metrics_row(file, (double[]){20000000000, 1.0 / 3, -21}));
    assert_ok(up_metrics_row(file, (double[]){30000000000, 1e300, -INFINITY}));
    assert_file(scratch("m"), "steps,seconds,return_mean\n"
                              "10000000000,0.1,\n"
                              "20000000000,0.333333333,-21\n"
                              "30000000000,1e+300,-inf\n"); // seen before the file is closed
    up_metrics_close(file);
    UpTable table;
    assert_ok(up_metrics_read(scratch("m"), &table));
    assert_int_equal(table.rows, 3);
    assert_int_equal(table.columns, 3);
    assert_int_equal(up_table_column(&table, "return_mean"), 2);
    assert_int_equal(up_table_column(&table, "absent"), -1);
    assert_true(table.value[0] == 1e10 && table.value[1] == 0.1 && isnan(table.value[2]));
    assert_true(table.value[5] == -21 && table.value[7] == 1e300 && isinf(table.value[8]));
    up_table_free(&table);
}

static void does_not_depend_on_the_locale(void **state) {
    (void)state;
    const char *comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8"};
    bool set = false;
    for (int i = 0; i < 3 && !set; i++)
        set = setlocale(LC_ALL, comma[i]) != NULL;
    if (!set) skip(); // no such locale is installed
    write_rows(-1, 1, 1);
    setlocale(LC_ALL, "C");
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n1,0.125,\n");
}

static void resumes_where_the_checkpoint_was(void **state) {
    (void)state;
    write_rows(-1, 10, 50);
    write_rows(30, 40, 40);
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n"
                                        "10,1.25,\n20,2.5,\n30,3.75,\n40,5,\n");
    write_rows(0, 1, 0); // before the first checkpoint
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n");
    write_rows(-1, 10, 10); // not a resume
    write_rows(-1, 20, 20);
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n20,2.5,\n");
    assert_int_equal(unlink(scratch("metrics.csv")), 0);
    write_rows(5, 10, 10); // a resume whose metrics are gone
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n10,1.25,\n");
}

static void drops_an_incomplete_line(void **state) {
    (void)state;
    const char *half = "steps,seconds,return_mean\n10,1,2\n20,2";
    assert_ok(up_file_write(scratch("metrics.csv"), half, strlen(half)));
    UpTable table;
    assert_ok(up_metrics_read(scratch("metrics.csv"), &table));
    assert_int_equal(table.rows, 1);
    up_table_free(&table);
    write_rows(1000, 30, 30);
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n10,1,2\n30,3.75,\n");
}

// A run that an older version began: its columns stay, those that are new are empty so far.
static void resume_keeps_other_columns(void **state) {
    (void)state;
    UpMetricsFile *file;
    const char *other = "steps,seconds,reward\n10,1,2\n20,2,4\n";
    assert_ok(up_file_write(scratch("metrics.csv"), other, strlen(other)));
    assert_ok(up_metrics_open(&file, scratch("metrics.csv"), columns, 3, 10));
    assert_ok(up_metrics_row(file, (double[]){20, 3, 5}));
    up_metrics_close(file);
    assert_file(scratch("metrics.csv"), "steps,seconds,reward,return_mean\n10,1,2,\n20,3,,5\n");
}

// The environment's own numbers, whose names show when an episode ends.
static void columns_are_added_on_the_way(void **state) {
    (void)state;
    UpMetricsFile *file;
    assert_ok(up_metrics_open(&file, scratch("metrics.csv"), columns, 3, -1));
    assert_ok(up_metrics_row(file, (double[]){10, 1, 2}));
    assert_ok(up_metrics_column(file, "env.is_success"));
    assert_ok(up_metrics_row(file, (double[]){20, 2, 3, 0.5}));
    assert_int_equal(up_metrics_column(file, "a,b"), UP_USAGE);
    up_metrics_close(file);
    const char *whole = "steps,seconds,return_mean,env.is_success\n10,1,2,\n20,2,3,0.5\n30,3,4,1\n";
    assert_ok(up_metrics_open(&file, scratch("metrics.csv"), columns, 3, 20));
    assert_ok(up_metrics_column(file, "env.is_success")); // the file has it
    assert_ok(up_metrics_row(file, (double[]){30, 3, 4, 1}));
    up_metrics_close(file);
    assert_file(scratch("metrics.csv"), whole);
}

static void refuses_what_cannot_be_columns(void **state) {
    (void)state;
    UpMetricsFile *file;
    const char *other = "reward,steps\n10,1\n", *const bad[] = {"a,b"};
    assert_ok(up_file_write(scratch("metrics.csv"), other, strlen(other)));
    assert_int_equal(up_metrics_open(&file, scratch("metrics.csv"), columns, 3, 10), UP_MISMATCH);
    assert_null(file);
    assert_file(scratch("metrics.csv"), other);
    assert_int_equal(up_metrics_open(&file, scratch("m"), bad, 1, -1), UP_USAGE);
    assert_int_equal(up_metrics_open(&file, scratch("m"), bad, 0, -1), UP_USAGE);
    assert_int_equal(up_metrics_open(&file, scratch("no/m"), columns, 3, -1), UP_NOT_FOUND);
}

static void full_disk_leaves_whole_rows(void **state) {
    (void)state;
    UpMetricsFile *file;
    const char *whole = "steps,seconds,return_mean\n1,2,3\n";
    assert_ok(up_metrics_open(&file, scratch("metrics.csv"), columns, 3, -1));
    assert_ok(up_metrics_row(file, (double[]){1, 2, 3}));
    scratch_disk(strlen(whole) + 4);
    UpStatus status = up_metrics_row(file, (double[]){4, 5, 6});
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_non_null(strstr(up_error(), "metrics.csv"));
    assert_file(scratch("metrics.csv"), whole);
    assert_ok(up_metrics_row(file, (double[]){7, 8, 9})); // space was made
    up_metrics_close(file);
    assert_file(scratch("metrics.csv"), "steps,seconds,return_mean\n1,2,3\n7,8,9\n");
}

static void refuses_what_is_no_table(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } c[] = {
        {"", "no header row"},      {"steps,seconds", "no header row"},
        {"steps,,a\n", "no name"},  {"a,b\n1,2\n1\n", "line 3: not 2 numbers"},
        {"a,b\n1,2,3\n", "line 2"}, {"a,b\n1,x\n", "line 2"},
        {"a,b\n1,2 3\n", "line 2"}, {"a\n1\n\n1\n1 \n", "line 5"},
    };
    UpTable table;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        assert_ok(up_file_write(scratch("t"), c[i].text, strlen(c[i].text)));
        assert_int_equal(up_metrics_read(scratch("t"), &table), UP_FORMAT);
        if (!strstr(up_error(), c[i].why)) fail_msg("'%s' in '%s'", c[i].why, up_error());
        assert_null(table.name);
    }
    assert_ok(up_file_write(scratch("t"), "a\n\0\n", 4));
    assert_int_equal(up_metrics_read(scratch("t"), &table), UP_FORMAT);
    assert_int_equal(up_metrics_read(scratch("absent"), &table), UP_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(prints_numbers_plainly),           TEST(does_not_depend_on_the_locale),
        TEST(resumes_where_the_checkpoint_was), TEST(drops_an_incomplete_line),
        TEST(resume_keeps_other_columns),       TEST(columns_are_added_on_the_way),
        TEST(refuses_what_cannot_be_columns),   TEST(full_disk_leaves_whole_rows),
        TEST(refuses_what_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
