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
    const UpPlot plot = {
        "t", "x",  "y", 5,    curves,         30,   1, &(UpLevel){"level", -20}, false, false,
        0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
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
    assert_near(a->x[a->common - 1], 20, 0);
    assert_near(a->mean[0], 4.5, 1e-12);
    assert_near(a->low[0], 4, 1e-12); // resamples of two have 4, 4.5 or 5
    assert_near(a->high[0], 5, 1e-12);
    assert_near(a->mean[a->common - 1], 9.5, 1e-12);
    assert_near(a->low[a->common - 1], 0, 1e-12);
    assert_near(a->high[a->common - 1], 19, 1e-12);
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
    const UpPlot plot = {"t", "x",  "y", 4,    curves,         NAN,  0, NULL, false, false,
                         0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
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
    UpPlot plot = {"t", "x",  "y", UP__PLOT_RUNS, curves,         NAN,  0, NULL, false, false,
                   0,   NULL, 0,   NULL,          UP_CENTER_MEAN, false};
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
    const UpPlot plot = {"t", "x",  "y", 2,    curves,         NAN,  0, NULL, false, false,
                         0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
    UpArena arena = {0};
    UpChart chart;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_int_equal(chart.one[0].runs, 2);
    assert_int_equal(chart.one[0].points, 0);
    assert_near(chart.x.high, 40, 0);
    up_arena_free(&arena);
}

// The first run to end does not end the line, and who is left is told.
static void means_go_on_with_those_that_are_left(void **state) {
    (void)state;
    const double x[] = {0, 10, 20, 30}, low[] = {0, 0, 0, 0}, high[] = {3, 3, 3, 3},
                 odd[] = {0, 17, 30};
    const UpCurve same[] = {{"a", 4, x, low, UP_CURVE_PLAIN},
                            {"a", 3, x, high, UP_CURVE_PLAIN},
                            {"a", 2, x, high, UP_CURVE_PLAIN}},
                  other[] = {{"a", 3, odd, low, UP_CURVE_PLAIN},
                             {"a", 3, x, high, UP_CURVE_PLAIN},
                             {"a", 2, x, high, UP_CURVE_PLAIN}};
    const UpPlot plots[] = {{.curves = 3, .curve = same, .target = NAN},
                            {.curves = 3, .curve = other, .target = NAN}};
    UpArena arena = {0};
    UpChart chart;
    for (int i = 0; i < 2; i++) {
        assert_ok(up__chart_build(&chart, &plots[i], &arena));
        const UpSeries *a = chart.one;
        assert_near(a->x[a->common - 1], 10, 0);
        assert_near(a->x[a->points - 1], 30, 0);
        for (int k = 0; k < a->points; k++) {
            int count = a->x[k] <= 10 ? 3 : a->x[k] <= 20 ? 2 : 1;
            assert_int_equal(a->count[k], count);
            assert_near(a->mean[k], count == 3 ? 2 : count == 2 ? 1.5 : 0, 1e-12);
            assert_true(i == 0 || k == 0 || a->x[k] > a->x[k - 1]);
        }
        assert_int_equal(i == 0 ? a->points == 4 : a->points >= 400, true);
    }
    up_arena_free(&arena);
}

static void centers(void **state) {
    (void)state;
    const double eight[] = {0, 1, 2, 3, 4, 5, 6, 100}, five[] = {1, 2, 3, 4, 100}, one[] = {7};
    assert_near(up__center(eight, 8, UP_CENTER_MEAN), 121.0 / 8, 1e-12);
    assert_near(up__center(eight, 8, UP_CENTER_IQM), 3.5, 1e-12); // of 2, 3, 4, 5
    assert_near(up__center(five, 5, UP_CENTER_IQM), 3, 1e-12);    // ¾ of 2, 3, ¾ of 4
    assert_near(up__center(one, 1, UP_CENTER_IQM), 7, 0);
}

// Of 100 numbers 0.1, 0.2, … the standard error of the mean is 0.290; of runs that agree 0. What no
// run reached lies in no interval.
static void intervals_are_those_of_the_center(void **state) {
    (void)state;
    enum { RUNS = 100 };
    double y[RUNS][2];
    UpCurve curves[RUNS];
    UpArena arena = {0};
    UpChart chart, again;
    for (int i = 0; i < RUNS; i++) {
        y[i][0] = 0.1 * (i + 1);
        y[i][1] = 500;
        curves[i] = (UpCurve){"a", 2, x_2, y[i], UP_CURVE_PLAIN};
    }
    UpPlot plot = {.curves = RUNS, .curve = curves, .target = NAN};
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_ok(up__chart_build(&again, &plot, &arena));
    const UpSeries *a = chart.one;
    assert_int_equal(a->points, 2);
    assert_near(a->low[0], 5.05 - 1.96 * 0.290, 0.05);
    assert_near(a->high[0], 5.05 + 1.96 * 0.290, 0.05);
    assert_true(a->low[1] == 500 && a->high[1] == 500 && a->mean[1] == 500);
    assert_true(again.one->low[0] == a->low[0] && again.one->high[0] == a->high[0]); // seeded
    y[99][0] = 1e6; // one astray moves the mean, and not the middle half
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_true(chart.one->mean[0] > 9000);
    plot.center = UP_CENTER_IQM;
    assert_ok(up__chart_build(&chart, &plot, &arena));
    assert_near(chart.one->mean[0], 5.05, 1e-9);
    assert_true(chart.one->high[0] < 7);
    for (int i = 0; i < 3; i++) // at a bound, two runs of three
        y[i][0] = i < 2 ? 500 : 400;
    plot.curves = 3;
    for (int center = UP_CENTER_MEAN; center <= UP_CENTER_IQM; center++) {
        plot.center = (UpCenter)center;
        assert_ok(up__chart_build(&chart, &plot, &arena));
        assert_true(chart.one->high[0] <= 500 && chart.one->low[0] >= 400);
    }
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
    UpPlot plot = {"t", "x",  "y", 1,    &curve,         10,   0, NULL, true, true,
                   0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
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
    } c[] = {{0, "0"},     {-20, "−20"},      {0.05, "0.05"},   {999, "999"},
             {1000, "1k"}, {2500, "2.5k"},    {1e6, "1M"},      {1.25e6, "1.25M"},
             {3e9, "3G"},  {1e300, "1e+300"}, {-1500, "−1.5k"}, {999999.9999999, "1M"}};
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
    UpPlot plot = {"t", "x",  "y", 2,    curves,         NAN,  0, NULL, false, false,
                   0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
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
    UpPlot plot = {"title", "steps", "return", 3,    curves,         7,    0, NULL, false, false,
                   0,       NULL,    0,        NULL, UP_CENTER_MEAN, false};
    char *svg = svg_of(&plot), *end = NULL;
    assert_non_null(end = strstr(svg, "class=\"s4\"")); // the first colour of a line
    assert_non_null(strstr(end, "class=\"s5\""));
    assert_non_null(strstr(svg, "class=\"f4\" fill-opacity=\"0.2\""));
    assert_non_null(strstr(svg, "stroke-dasharray=\"1.5 4\""));
    free(svg);
    plot.target = NAN;
    plot.curves = 1;
    svg = svg_of(&plot);
    assert_null(strstr(svg, "fill-opacity=\"0.2\""));
    assert_null(strstr(svg, "stroke-dasharray=\"1.5 4\""));
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
    const UpPlot plot = {"t", "x",   "y", 1,    &curve,         NAN,  0, NULL, false, false,
                         3,   names, 0,   NULL, UP_CENTER_MEAN, false};
    const struct {
        UpCurveStyle style;
        int dots, lines; // with the legend's
    } c[] = {{UP_CURVE_DOTS, 4, 0}, {UP_CURVE_MARKS, 4, 0}, {UP_CURVE_KNOTS, 3, 2}};
    for (int i = 0; i < 3; i++) {
        curve.style = c[i].style;
        char *svg = svg_of(&plot);
        assert_int_equal(count_of(svg, "<circle class=\"f4\""), c[i].dots);
        assert_int_equal(count_of(svg, "<path class=\"s4\""), c[i].lines);
        free(svg);
    }
}

// Letters stay letters; a reader that cannot see has words; a dark page has its own colours.
static void svg_is_for_every_reader(void **state) {
    (void)state;
    const UpCurve curves[] = {
        {"α < 0.1 & \"more\"\x1b[31m\xff\xf0\x9f\xbf\xbe", 3, x_1, y_1, UP_CURVE_PLAIN},
        {"α < 0.1 & \"more\"\x1b[31m\xff\xf0\x9f\xbf\xbe", 2, x_2, y_2, UP_CURVE_PLAIN}};
    const UpPlot plot = {.title = "what it shows",
                         .x_label = "steps",
                         .y_label = "return",
                         .curves = 2,
                         .curve = curves,
                         .target = 30};
    char *svg = svg_of(&plot);
    assert_non_null(strstr(svg, "<title>what it shows</title>"));
    assert_non_null(
        strstr(svg, "<desc>Across: steps, 0 to 25. Up: return, 0 to 30. α &lt; 0.1 &amp; "
                    "\"more\"?[31m????? (2 runs): 9.5 at the end of the run that ends first, "
                    "95 % interval 0 to 19.</desc>"));
    assert_non_null(strstr(svg, ">α &lt; 0.1 &amp; \"more\"?[31m????? (2 runs)</text>"));
    assert_non_null(strstr(svg, ">target 30</text>"));
    assert_non_null(strstr(svg, ">mean of the runs, with its 95 % bootstrap interval; dashed"));
    assert_non_null(strstr(svg, "@media(prefers-color-scheme:dark){.f0{fill:#0d1117}"));
    assert_null(strstr(svg, "glyph"));
    assert_null(strchr(svg, 0x1b));
    free(svg);
}

static void pictures_stay_small(void **state) {
    (void)state;
    enum { LABELS = 6, RUNS = 10, LONG = 20000 };
    static double x[LONG], y[LONG];
    static UpCurve curves[LABELS * RUNS];
    static const char *const label[LABELS] = {"a", "b", "c", "d", "e", "f"};
    uint32_t noise = 1;
    for (int i = 0; i < LONG; i++) {
        x[i] = i;
        y[i] = (noise = noise * 1664525u + 1013904223u) >> 8;
    }
    for (int i = 0; i < LABELS * RUNS; i++)
        curves[i] = (UpCurve){label[i / RUNS], LONG - 7 * i, x, y + i, UP_CURVE_PLAIN};
    char *svg = svg_of(&(UpPlot){.curves = LABELS * RUNS, .curve = curves, .target = NAN});
    assert_true(strlen(svg) < 150 * 1024);
    free(svg);
}

static void panels_and_rows(void **state) {
    (void)state;
    static const char *const names[] = {"first", "second", "third"};
    const double row[] = {0, 1, 2};
    const UpCurve curves[] = {{"a", 3, x_1, y_1, UP_CURVE_PLAIN},
                              {"b", 3, x_1, y_1, UP_CURVE_PLAIN},
                              {"known", 3, x_1, y_1, UP_CURVE_REFERENCE},
                              {"c", 2, x_2, y_2, UP_CURVE_PLAIN}},
                  dots = {"a", 3, x_1, row, UP_CURVE_MARKS};
    char *svg = svg_of(&(UpPlot){.curves = 4, .curve = curves, .target = 5, .panels = true});
    assert_int_equal(count_of(svg, "font-weight=\"bold\">"), 3);                     // names
    assert_int_equal(count_of(svg, "<path class=\"s2\" stroke-opacity=\"0.4\""), 6); // the others
    assert_int_equal(count_of(svg, "stroke-dasharray=\"3 3\""), 4); // in each, and its legend
    assert_int_equal(count_of(svg, "stroke-dasharray=\"1.5 4\""), 3);
    free(svg);
    svg = svg_of(
        &(UpPlot){.curves = 1, .curve = &dots, .target = NAN, .y_names = 3, .y_name = names});
    const char *first = strstr(svg, ">first</text>"), *third = strstr(svg, ">third</text>");
    assert_true(first && third);
    assert_int_equal(count_of(svg, "<circle"), 4); // the legend's, too
    free(svg);
}

static void png_is_a_picture(void **state) {
    (void)state;
    const UpCurve curve = {"a", 3, x_1, y_1, false};
    const UpPlot plot = {"title", "steps", "return",       1,     &curve, NAN,
                         0,       NULL,    false,          false, 0,      NULL,
                         0,       NULL,    UP_CENTER_MEAN, false};
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
        {NULL, NULL, NULL, 1, &dot, NAN, 0, NULL, false, false, 0, NULL, 0, NULL, UP_CENTER_MEAN,
         false},
        {"", "", "", 1, &flat, NAN, 0, NULL, false, false, 0, NULL, 0, NULL, UP_CENTER_MEAN, false},
        {"zero", "x", "y", 1, &(UpCurve){"z", 3, x_1, (double[]){0, 0, 0}, false}, 0, 0, NULL,
         false, false, 0, NULL, 0, NULL, UP_CENTER_MEAN, false},
        {"t", "x", "y", 1, &huge, 1e299, 0, NULL, false, false, 0, NULL, 0, NULL, UP_CENTER_MEAN,
         false},
        {"t", "x", "y", 1, &huge, -1, 1, &(UpLevel){"none", 0}, true, true, 0, NULL, 0, NULL,
         UP_CENTER_MEAN, false}};
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
    free(svg_of(&(UpPlot){"many", "steps", "return", 30, curves, NAN, 0, NULL, false, false, 0,
                          NULL, 0, NULL, UP_CENTER_MEAN, false}));
}

static void frames_are_never_flat(void **state) {
    (void)state;
    const double value[] = {0, -3, 1e9};
    for (int i = 0; i < 3; i++) {
        UpRange point = {value[i], value[i]};
        UpCanvas canvas =
            up__plot_canvas(NULL, &(UpPlot){0}, &(UpChart){.x = point, .y = point}, 100, 0);
        assert_true(canvas.x.low < value[i] && value[i] < canvas.x.high);
        assert_true(canvas.y.low < value[i] && value[i] < canvas.y.high);
    }
}

static void refusals_say_why(void **state) {
    (void)state;
    const UpCurve empty = {"a", 1, x_3, y_3, false}, curve = {"a", 3, x_1, y_1, false};
    const UpPlot nothing = {"t", "x",  "y", 1,    &empty,         5,    0, NULL, false, false,
                            0,   NULL, 0,   NULL, UP_CENTER_MEAN, false},
                 plot = {"t", "x",  "y", 1,    &curve,         5,    0, NULL, false, false,
                         0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
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
    const UpPlot plot = {"t", "x",  "y", 1,    &curve,         5,    0, NULL, false, false,
                         0,   NULL, 0,   NULL, UP_CENTER_MEAN, false};
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
        TEST(means_go_on_with_those_that_are_left),
        TEST(centers),
        TEST(intervals_are_those_of_the_center),
        TEST(axes_have_round_numbers),
        TEST(logarithmic_axes),
        TEST(labels_are_short),
#ifdef UP_HAVE_CAIRO
        TEST(svg_holds_every_series),
        TEST(dots_are_joined_where_they_are_to_be),
        TEST(svg_is_for_every_reader),
        TEST(pictures_stay_small),
        TEST(panels_and_rows),
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
