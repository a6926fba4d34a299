// Learning curves: the numbers behind a plot, its files, and the cases that have no picture.
#include "../scratch.h"

#include <math.h>

#include "draw/plot_series.h"
#include "uphill/plot.h"

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static const double x_1[] = {0, 10, 20}, y_1[] = {0, 10, 0};
static const double x_2[] = {5, 25}, y_2[] = {4, 24};
static const double x_3[] = {1, 2, 3, 4}, y_3[] = {NAN, 1, INFINITY, 3};

static void interpolates(void **state) {
    (void)state;
    const UpCurve curve = {"a", 3, x_1, y_1, false};
    const double at[][2] = {{0, 0}, {2.5, 2.5}, {10, 10}, {15, 5}, {20, 0}};
    for (int i = 0; i < 5; i++)
        assert_near(up__curve_at(&curve, at[i][0]), at[i][1], 1e-12);
    const UpCurve dot = {"a", 1, x_1, y_2, false};
    assert_near(up__curve_at(&dot, 0), 4, 0);
}

static void gathers_runs_by_label(void **state) {
    (void)state;
    const UpCurve curves[] = {{"a", 3, x_1, y_1, false},
                              {"b", 4, x_3, y_3, false},
                              {"a", 2, x_2, y_2, false},
                              {NULL, 3, x_1, y_1, false},
                              {"c", 1, x_3, y_3, false}};
    const UpPlot plot = {"t",   "x",   "y", 5,   curves, 30, 1, &(UpLevel){"level", -20},
                         false, false, 0,   NULL};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_int_equal(chart.series, 3); // "c" has no finite point
    assert_string_equal(chart.one[0].label, "a");
    assert_string_equal(chart.one[1].label, "b");
    assert_string_equal(chart.one[2].label, "");
    const UpSeries *a = &chart.one[0];
    assert_int_equal(a->runs, 2);
    assert_near(a->x[0], 5, 0); // common to both
    assert_near(a->x[a->points - 1], 20, 0);
    assert_near(a->mean[0], 4.5, 1e-12);
    assert_near(a->spread[0], sqrt(0.5), 1e-12); // of 5 and 4
    assert_near(a->mean[a->points - 1], 9.5, 1e-12);
    assert_near(a->spread[a->points - 1], 19 / sqrt(2), 1e-12); // of 0 and 19
    const UpSeries *b = &chart.one[1];
    assert_int_equal(b->points, 0);
    assert_int_equal(b->run[0].points, 2);
    assert_near(b->run[0].x[0], 2, 0);
    assert_near(b->run[0].y[1], 3, 0);
    assert_near(chart.x.low, 0, 0);
    assert_near(chart.x.high, 25, 0);
    assert_near(chart.y.low, -20, 0); // the level
    assert_near(chart.y.high, 30, 0); // the target
    up_arena_free(&arena);
}

static void references_stand_alone(void **state) {
    (void)state;
    const UpCurve curves[] = {{"a", 3, x_1, y_1, false},
                              {"known", 3, x_1, y_1, true},
                              {"b", 3, x_1, y_1, false},
                              {"known", 3, x_1, y_1, true}};
    const UpPlot plot = {"t", "x", "y", 4, curves, NAN, 0, NULL, false, false, 0, NULL};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    for (int s = 0; s < 4; s++) {
        assert_int_equal(chart.one[s].color, s == 2);
        assert_int_equal(chart.one[s].runs, 1);
        assert_int_equal(chart.one[s].reference, s % 2);
    }
    up_arena_free(&arena);
}

static void companions_share_a_colour(void **state) {
    (void)state;
    const UpCurve curves[] = {{"a", 3, x_1, y_1, UP_CURVE_PLAIN},
                              {"a, again", 3, x_1, y_1, UP_CURVE_DASHED},
                              {"b", 3, x_1, y_1, UP_CURVE_PLAIN},
                              {"b, again", 3, x_1, y_1, UP_CURVE_DASHED}};
    const UpPlot plot = {.curves = 4, .curve = curves, .target = NAN};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    for (int s = 0; s < 4; s++) {
        assert_int_equal(chart.one[s].color, s / 2);
        assert_int_equal(chart.one[s].dashed, s % 2);
    }
    up_arena_free(&arena);
}

// Of many runs only the spread is drawn, so one that strays does not flatten the others.
static void many_runs_are_a_band(void **state) {
    (void)state;
    const double flat[] = {1, 1, 1}, astray[] = {1, 1000, 1};
    UpCurve curves[UP__PLOT_RUNS + 1];
    for (int i = 0; i <= UP__PLOT_RUNS; i++)
        curves[i] = (UpCurve){"a", 3, x_1, i ? flat : astray, false};
    UpPlot plot = {"t", "x", "y", UP__PLOT_RUNS, curves, NAN, 0, NULL, false, false, 0, NULL};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_near(chart.y.high, 1000, 0);
    plot.curves++;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_true(chart.y.high < 500);
    up_arena_free(&arena);
}

static void runs_without_common_steps_have_no_mean(void **state) {
    (void)state;
    const double late[] = {30, 40};
    const UpCurve curves[] = {{"a", 3, x_1, y_1, false}, {"a", 2, late, y_2, false}};
    const UpPlot plot = {"t", "x", "y", 2, curves, NAN, 0, NULL, false, false, 0, NULL};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_int_equal(chart.one[0].runs, 2);
    assert_int_equal(chart.one[0].points, 0);
    assert_near(chart.x.high, 40, 0);
    up_arena_free(&arena);
}

static void axes_have_round_numbers(void **state) {
    (void)state;
    const struct {
        double low, high, first, step;
        int count;
    } c[] = {
        {-21, 21, -20, 10, 5},       {0, 1, 0, 0.2, 6},         {0, 2e6, 0, 5e5, 5},
        {0, 1.3e6, 0, 2.5e5, 6},     {-0.3, 0.3, -0.3, 0.1, 7}, {495, 505, 496, 2, 5},
        {1e-9, 5e-9, 1e-9, 1e-9, 5},
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        UpTicks ticks = up__ticks((UpRange){c[i].low, c[i].high}, 6);
        assert_near(ticks.step, c[i].step, c[i].step * 1e-9);
        assert_near(ticks.first, c[i].first, c[i].step * 1e-6);
        assert_int_equal(ticks.count, c[i].count);
    }
    UpTicks ticks = up__ticks((UpRange){-0.3, 0.3}, 6);
    assert_true(up__tick(&ticks, 3) == 0); // not 5e-17
}

static void logarithmic_axes(void **state) {
    (void)state;
    static const double x[] = {0, 1, 10, 100, 1000}, y[] = {1, 0.1, -5, 0.001, 1};
    const UpCurve curve = {"a", 5, x, y, false};
    UpPlot plot = {"t", "x", "y", 1, &curve, 10, 0, NULL, true, true, 0, NULL};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_int_equal(chart.one[0].run[0].points, 3); // 0 and −5 have no logarithm
    assert_near(chart.one[0].run[0].x[1], 2, 1e-12);
    assert_near(chart.one[0].run[0].y[1], -3, 1e-12);
    assert_near(chart.x.low, 0, 0);
    assert_near(chart.y.high, 1, 0); // the target
    up_arena_free(&arena);
    const struct {
        double low, high, first, step;
        int count;
    } c[] = {{-2.3, 1.2, -2, 1, 4}, {0, 12, 0, 2, 7}, {0.3, 0.9, 1, 1, 0}, {-7, 7, -6, 3, 5}};
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        UpTicks ticks = up__decades((UpRange){c[i].low, c[i].high}, 6);
        assert_near(ticks.first, c[i].first, 0);
        assert_near(ticks.step, c[i].step, 0);
        assert_int_equal(ticks.count, c[i].count);
    }
}

static void labels_are_short(void **state) {
    (void)state;
    const struct {
        double value;
        const char *text;
    } c[] = {{0, "0"},     {-20, "−20"},     {0.05, "0.05"},        {999, "999"},
             {1000, "1k"}, {2500, "2.5k"},   {1e6, "1M"},           {1.25e6, "1.25M"},
             {3e9, "3G"},  {-1500, "−1.5k"}, {999999.9999999, "1M"}};
    char text[32];
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        up__tick_label(text, sizeof text, c[i].value);
        assert_string_equal(text, c[i].text);
    }
}

static void curves_with_dots_have_no_mean(void **state) {
    (void)state;
    const double mixed[] = {3, 1, 2};
    const char *const names[] = {"sgd", "adam", "rmsprop"};
    const UpCurve curves[] = {{"a", 3, mixed, y_1, UP_CURVE_DOTS},
                              {"a", 3, mixed, y_1, UP_CURVE_MARKS}};
    UpPlot plot = {"t", "x", "y", 2, curves, NAN, 0, NULL, false, false, 0, NULL};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_int_equal(chart.one[0].runs, 2);
    assert_int_equal(chart.one[0].points, 0);
    assert_true(chart.one[0].dots);
    plot.x_names = 3;
    plot.x_name = names;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_near(chart.x.low, -0.5, 0); // each name in the middle of its share
    assert_near(chart.x.high, 2.5, 0);
    up_arena_free(&arena);
}

#ifdef UP_HAVE_CAIRO
#include <cairo.h>

#include "draw/plot_draw.h"

// Fontconfig keeps its configuration until the process ends.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig";
}

static char *svg_of(const UpPlot *plot) {
    void *bytes;
    size_t size;
    assert_ok(up_plot_write(plot, scratch("plot.svg")));
    assert_ok(up_file_read(scratch("plot.svg"), &bytes, &size));
    assert_non_null(strstr(bytes, "<svg"));
    assert_non_null(strstr(bytes, "</svg>"));
    return bytes;
}

static void svg_holds_every_series(void **state) {
    (void)state;
    const UpCurve curves[] = {
        {"a", 3, x_1, y_1, false}, {"a", 2, x_2, y_2, false}, {"b", 4, x_3, y_3, false}};
    UpPlot plot = {"title", "steps", "return", 3, curves, 7, 0, NULL, false, false, 0, NULL};
    char *svg = svg_of(&plot), *end = NULL;
    // Cairo writes colours as percentages: blue (0, 0.447, 0.698), vermilion (0.835, 0.369, 0).
    assert_non_null(end = strstr(svg, "stroke:rgb(0%,44.7"));
    assert_non_null(strstr(end, "stroke:rgb(83.5"));
    assert_non_null(strstr(svg, "fill-opacity:0.18"));
    assert_non_null(strstr(svg, "stroke-dasharray:1.5,4"));
    free(svg);
    plot.target = NAN;
    plot.curves = 1;
    svg = svg_of(&plot);
    assert_null(strstr(svg, "fill-opacity:0.18"));
    assert_null(strstr(svg, "stroke-dasharray:1.5,4"));
    free(svg);
}

static int count_of(const char *text, const char *word) {
    int count = 0;
    for (; (text = strstr(text, word)); text++)
        count++;
    return count;
}

static void dots_are_joined_where_they_are_to_be(void **state) {
    (void)state;
    const char *const names[] = {"sgd", "adam", "rmsprop"};
    const double x[] = {0, 1, 2};
    UpCurve curve = {"a", 3, x, y_1, UP_CURVE_DOTS};
    const UpPlot plot = {"t", "x", "y", 1, &curve, NAN, 0, NULL, false, false, 3, names};
    const struct {
        UpCurveStyle style;
        int dots, lines; // with the legend's
    } c[] = {{UP_CURVE_DOTS, 4, 0}, {UP_CURVE_MARKS, 4, 0}, {UP_CURVE_KNOTS, 3, 2}};
    for (int i = 0; i < 3; i++) {
        curve.style = c[i].style;
        char *svg = svg_of(&plot);
        assert_int_equal(count_of(svg, "fill:rgb(0%,44.7"), c[i].dots);
        assert_int_equal(count_of(svg, "stroke:rgb(0%,44.7"), c[i].lines);
        free(svg);
    }
}

static void png_is_a_picture(void **state) {
    (void)state;
    const UpCurve curve = {"a", 3, x_1, y_1, false};
    const UpPlot plot = {"title", "steps", "return", 1,     &curve, NAN,
                         0,       NULL,    false,    false, 0,      NULL};
    assert_ok(up_plot_write(&plot, scratch("plot.PNG")));
    cairo_surface_t *image = cairo_image_surface_create_from_png(scratch("plot.PNG"));
    assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    int width = cairo_image_surface_get_width(image),
        height = cairo_image_surface_get_height(image);
    assert_int_equal(width, 1920);
    assert_int_equal(height, 1200);
    const uint32_t *pixel = (const uint32_t *)(void *)cairo_image_surface_get_data(image);
    int stride = cairo_image_surface_get_stride(image) / 4, white = 0, blue = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            white += (pixel[y * stride + x] & 0xffffff) == 0xffffff;
            blue += (pixel[y * stride + x] & 0xffffff) == 0x0072b2;
        }
    assert_true(white > width * height * 9 / 10);
    assert_true(blue > 4000 && blue < 40000); // a line of some 1,700 by 4 pixels
    cairo_surface_destroy(image);
}

static void unusual_curves_can_be_drawn(void **state) {
    (void)state;
    static double x[20000], y[20000];
    UpCurve curves[30];
    const UpCurve dot = {"dot", 1, x_2, y_2, false},
                  flat = {"flat", 2, x_1, (double[]){-3, -3}, false},
                  huge = {"huge", 2, x_1, (double[]){-1e300, 1e300}, false};
    const UpPlot plots[] = {
        {NULL, NULL, NULL, 1, &dot, NAN, 0, NULL, false, false, 0, NULL},
        {"", "", "", 1, &flat, NAN, 0, NULL, false, false, 0, NULL},
        {"zero", "x", "y", 1, &(UpCurve){"z", 3, x_1, (double[]){0, 0, 0}, false}, 0, 0, NULL,
         false, false, 0, NULL},
        {"t", "x", "y", 1, &huge, 1e299, 0, NULL, false, false, 0, NULL},
        {"t", "x", "y", 1, &huge, -1, 1, &(UpLevel){"none", 0}, true, true, 0, NULL}};
    for (size_t i = 0; i < sizeof plots / sizeof *plots; i++) {
        char *svg = svg_of(&plots[i]);
        assert_null(strstr(svg, "nan"));
        assert_null(strstr(svg, "inf"));
        free(svg);
    }
    for (int i = 0; i < 20000; i++) {
        x[i] = i;
        y[i] = sin(i * 0.001);
    }
    char label[30][64];
    for (int i = 0; i < 30; i++) {
        snprintf(label[i], sizeof label[i], "a rather long label of series %d", i);
        curves[i] = (UpCurve){label[i], 20000 - i * 100, x, y, false};
    }
    free(svg_of(
        &(UpPlot){"many", "steps", "return", 30, curves, NAN, 0, NULL, false, false, 0, NULL}));
}

static void frames_are_never_flat(void **state) {
    (void)state;
    const double value[] = {0, -3, 1e9};
    for (int i = 0; i < 3; i++) {
        UpRange point = {value[i], value[i]};
        UpCanvas canvas = up__plot_canvas(NULL, &(UpChart){.x = point, .y = point});
        assert_true(canvas.x.low < value[i] && value[i] < canvas.x.high);
        assert_true(canvas.y.low < value[i] && value[i] < canvas.y.high);
    }
}

static void refusals_say_why(void **state) {
    (void)state;
    const UpCurve empty = {"a", 1, x_3, y_3, false}, curve = {"a", 3, x_1, y_1, false};
    const UpPlot nothing = {"t", "x", "y", 1, &empty, 5, 0, NULL, false, false, 0, NULL},
                 plot = {"t", "x", "y", 1, &curve, 5, 0, NULL, false, false, 0, NULL};
    assert_int_equal(up_plot_write(&nothing, scratch("a.svg")), UP_USAGE);
    assert_non_null(strstr(up_error(), "nothing to plot"));
    assert_int_equal(up_plot_write(&plot, scratch("a.pdf")), UP_USAGE);
    assert_non_null(strstr(up_error(), ".svg or .png"));
    assert_int_equal(up_plot_write(&plot, "curve"), UP_USAGE);
    assert_int_equal(up_plot_write(&plot, scratch("no/a.svg")), UP_NOT_FOUND);
    assert_int_equal(scratch_entries(scratch_folder), 0);
    assert_ok(up_file_write(scratch("a.svg"), "old", 3));
    scratch_disk(100);
    UpStatus status = up_plot_write(&plot, scratch("a.svg"));
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_file(scratch("a.svg"), "old");
}
#else
static void says_what_to_install(void **state) {
    (void)state;
    const UpCurve curve = {"a", 3, x_1, y_1, false};
    const UpPlot plot = {"t", "x", "y", 1, &curve, 5, 0, NULL, false, false, 0, NULL};
    assert_int_equal(up_plot_write(&plot, scratch("a.svg")), UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "libcairo2-dev"));
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(interpolates),
        TEST(gathers_runs_by_label),
        TEST(references_stand_alone),
        TEST(companions_share_a_colour),
        TEST(many_runs_are_a_band),
        TEST(runs_without_common_steps_have_no_mean),
        TEST(curves_with_dots_have_no_mean),
        TEST(axes_have_round_numbers),
        TEST(logarithmic_axes),
        TEST(labels_are_short),
#ifdef UP_HAVE_CAIRO
        TEST(svg_holds_every_series),
        TEST(dots_are_joined_where_they_are_to_be),
        TEST(png_is_a_picture),
        TEST(unusual_curves_can_be_drawn),
        TEST(frames_are_never_flat),
        TEST(refusals_say_why),
#else
        TEST(says_what_to_install),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
