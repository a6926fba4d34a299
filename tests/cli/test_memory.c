// Memory that runs out: every allocation of everything that reads or writes fails once, and the
// answer is "out of memory", or a result that lacks nothing. Never damage, never a file cut short.
#include "../allocator.h"
#include "../scratch.h"

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>

// Allocations of the program itself: those of the sources that are included, too.
#include "../../cli/actions.c"
#include "../../cli/fit/data.c"
#include "../../cli/fit/table.c"

#include "uphill/algo.h"
#include "uphill/board.h"
#include "uphill/heatmap.h"
#include "uphill/metrics.h"
#include "uphill/plot.h"
#include "uphill/registry.h"
#include "uphill/result.h"
#include "uphill/train.h"

static long until_failure; // the allocation of this number, from 1, fails; 0: none
static long made;          // allocations since the scenario began
static bool drawing;

#if CAN_REPLACE
// Fontconfig and what it is made of die where their memory runs out, so pictures are drawn with
// failures of ours and Cairo's alone.
UNWATCHED static bool spared(void *caller) {
    Dl_info info;
    return drawing && dladdr(caller, &info) && strstr(info.dli_fname, ".so") &&
           !strstr(info.dli_fname, "libcairo");
}

UNWATCHED static bool fails(void *caller) {
    return until_failure > 0 && !spared(caller) && ++made == until_failure;
}
UNWATCHED void *malloc(size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : SYSTEM(malloc)(size);
}
UNWATCHED void *calloc(size_t count, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : SYSTEM(calloc)(count, size);
}
UNWATCHED void *realloc(void *memory, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : SYSTEM(realloc)(memory, size);
}
#endif

// A scenario writes `output` where it succeeds.
typedef UpStatus (*Scenario)(const char *output);

static void assert_same(const char *path, const void *expected, size_t expected_size, long k) {
    void *bytes;
    size_t size;
    assert_ok(up_file_read(path, &bytes, &size));
    if (size != expected_size || memcmp(bytes, expected, size) != 0)
        fail_msg("allocation %ld failed, the answer was ok, and %s differs", k, path);
    free(bytes);
}

static void try_all(Scenario scenario, const char *name) {
    if (!CAN_REPLACE) skip();
    char path[256];
    void *expected;
    size_t size;
    snprintf(path, sizeof path, "%s", scratch(name));
    int failures = 0;
    assert_ok(scenario(path)); // and what is made once is made
    assert_ok(up_file_read(path, &expected, &size));
    for (long k = 1;; k += 1 + k / 200) {
        unlink(path);
        made = 0;
        until_failure = k;
        UpStatus status = scenario(path);
        bool reached = made >= k;
        until_failure = 0;
        if (status == UP_OK)
            assert_same(path, expected, size, k);
        else if (status != UP_MEMORY && !strstr(up_error(), "memory"))
            fail_msg("%s: allocation %ld failed, and the answer is: %s", name, k, up_error());
        failures += status != UP_OK;
        if (!reached) break;
    }
    free(expected);
    assert_true(failures > 0);
}

// ---------------------------------------------------------------------------------------------------
// Scenarios

static UpStatus config(const char *output) {
    static UpConfig read;
    static const char text[] = "[train]\nalgo = a2c\n[env]\nid = CartPole-v1\n";
    char *written;
    UP_TRY(up_config_parse(&read, text, "text"));
    UP_TRY(up_config_format(&read, &written));
    UpStatus status = up_file_write(output, written, strlen(written));
    free(written);
    return status;
}

static UpStatus tensors(const char *output) {
    static const float number[40];
    UpTensor tensor[] = {{.name = "a", .dims = 2, .shape = {8, 5}, .data = number},
                         {.name = "b", .dims = 1, .shape = {40}, .data = number}};
    UpMeta meta[] = {{(char *)"key", (char *)"value"}, {(char *)"other", (char *)"text"}};
    UpTensorFile file;
    UP_TRY(up_tensors_write(output, tensor, 2, meta, 2));
    UP_TRY(up_tensors_read(output, &file));
    bool whole = file.tensors == 2 && up_tensors_meta(&file, "other");
    up_tensors_free(&file);
    return whole ? UP_OK : up_fail(UP_FORMAT, "a part is missing");
}

static UpStatus metrics(const char *output) {
    static const char *const column[] = {"steps", "seconds"};
    UpMetricsFile *file;
    UpTable table;
    UP_TRY(up_metrics_open(&file, output, column, 2, -1));
    for (int i = 0; i < 40; i++)
        assert_int_equal(up_metrics_row(file, (double[]){i, 1.5}), UP_OK); // does not allocate
    up_metrics_close(file);
    UP_TRY(up_metrics_open(&file, output, column, 2, 30));
    up_metrics_close(file);
    UP_TRY(up_metrics_read(output, &table));
    int64_t rows = table.rows;
    up_table_free(&table);
    return rows == 31 ? UP_OK : up_fail(UP_FORMAT, "%lld rows", (long long)rows);
}

static UpStatus result(const char *output) {
    UpResult r = {.steps = 5, .env = "a", .algo = "b", .stop_reason = "steps"};
    return up_result_write(output, &r);
}

static UpStatus table(const char *output) {
    static FitData data;
    const char *path = scratch("table.csv");
    static const char text[] = "x,y\n1,one\n2,two\n3,one\n4,two\n";
    UP_TRY(up_file_write(path, text, sizeof text - 1));
    UpStatus status = fit_data_read(&data, path, NULL, FIT_DEDUCED, "0.5", 1);
    if (status == UP_OK)
        status = up_file_write(output, data.set[FIT_TRAIN].input, 2 * sizeof(float));
    fit_data_free(&data);
    return status;
}

static UpStatus actions(const char *output) {
    const char *path = scratch("actions");
    UpSpace space = up_space_discrete(2);
    CliActions read;
    float action;
    UP_TRY(up_file_write(path, "1\n0\n", 4));
    UpStatus status = cli_actions_open(&read, path, &space);
    if (status == UP_OK) status = cli_actions_next(&read, &space, 0, 0, &action);
    cli_actions_close(&read);
    return status == UP_OK ? up_file_write(output, &action, sizeof action) : status;
}

static void count(void *user, const UpRunRecord *record) {
    *(int *)user += record->steps == 7;
}

static UpStatus runs(const char *output) {
    UpRunRecord record = {.folder = "/a", .env = "b", .started = 1, .steps = 7};
    int rows = 0;
    setenv("UPHILL_REGISTRY", scratch("runs.db"), 1);
    UP_TRY(up_registry_put(&record));
    UP_TRY(up_registry_each(count, &rows));
    if (rows != 1) return up_fail(UP_FORMAT, "%d rows", rows);
    return up_file_write(output, "1", 1);
}

static UpStatus plot(const char *output) {
    static const double x[] = {1, 2, 3}, y[] = {1, 4, 2}, z[] = {2, 3, 3};
    const UpCurve curve[] = {{"one", 3, x, y, UP_CURVE_PLAIN}, {"one", 3, x, z, UP_CURVE_PLAIN}};
    UpPlot drawn = {
        .title = "title", .x_label = "x", .y_label = "y", .curves = 2, .curve = curve, .target = 3};
    return up_plot_write(&drawn, output);
}

static UpStatus map(const char *output) {
    static const float value[12] = {1, -1, 0.5F};
    UpHeatmap drawn = {.title = "title",
                       .note = "note",
                       .row_label = "r",
                       .column_label = "c",
                       .tiles = 1,
                       .rows = 3,
                       .columns = 4,
                       .value = value,
                       .limit = 1};
    return up_heatmap_write(&drawn, output);
}

#define TRY_ALL(scenario, name)                                                                    \
    static void test_##scenario(void **state) {                                                    \
        (void)state;                                                                               \
        drawing = strstr(name, ".svg") || strstr(name, ".png");                                    \
        try_all(scenario, name);                                                                   \
    }
TRY_ALL(config, "config.ini")
TRY_ALL(tensors, "a.safetensors")
TRY_ALL(metrics, "metrics.csv")
TRY_ALL(result, "result.json")
TRY_ALL(table, "inputs")
TRY_ALL(actions, "action")
TRY_ALL(runs, "rows")
TRY_ALL(plot, "plot.svg")
TRY_ALL(map, "map.png")

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_config), TEST(test_tensors), TEST(test_metrics),
        TEST(test_result), TEST(test_table),   TEST(test_actions),
#ifdef UP_HAVE_SQLITE
        TEST(test_runs),
#endif
#ifdef UP_HAVE_CAIRO
        TEST(test_plot),   TEST(test_map),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
