// Moving pictures: what a viewer of the GIF sees is what was filmed, for as long as it was seen.
#include "../scratch.h"

#include <stdbool.h>

#include "uphill/movie.h"

enum { WIDTH = 40, HEIGHT = 30, FRAMES = 50 };
static uint8_t film[FRAMES][HEIGHT][WIDTH][3];

static UpStatus shoot(const char *path, int frames, double rate) {
    UpMovie *movie;
    assert_ok(up_movie_open(&movie, path, WIDTH, HEIGHT, rate));
    UpStatus status = UP_OK;
    for (int i = 0; i < frames && status == UP_OK; i++)
        status = up_movie_frame(movie, &(UpImage){WIDTH, HEIGHT, &film[i][0][0][0]});
    UpStatus closed = up_movie_close(movie);
    return status == UP_OK ? closed : status;
}

// A ball on a court: four colours, of which one appears late.
static void film_ball(void) {
    for (int i = 0; i < FRAMES; i++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool ball = x / 3 == i % 13 && y / 3 == i / 6, score = i >= 30 && y == 0 && x < 5;
                uint8_t *p = film[i][y][x];
                p[0] = ball ? 236 : score ? 213 : 144;
                p[1] = ball ? 236 : score ? 130 : 72;
                p[2] = ball ? 236 : score ? 74 : y == 15 ? 200 : 17;
            }
}

#ifdef UP_HAVE_GIF
#include <gif_lib.h>

// Plays a GIF back: calls `each` with what is on the screen while every image stands, and its
// delay.
typedef void (*Viewer)(int image, int64_t time, const uint8_t *screen);

static int64_t play(const char *path, Viewer each, int *images, int64_t *pixels) {
    int code, number = 0;
    int64_t time = 0;
    GifFileType *gif = DGifOpenFileName(path, &code);
    assert_non_null(gif);
    assert_int_equal(DGifSlurp(gif), GIF_OK);
    assert_int_equal(gif->SWidth, WIDTH);
    assert_int_equal(gif->SHeight, HEIGHT);
    uint8_t *screen = calloc(1, 3 * WIDTH * HEIGHT);
    *pixels = 0;
    for (; number < gif->ImageCount; number++) {
        const SavedImage *image = &gif->SavedImages[number];
        const GifImageDesc *d = &image->ImageDesc;
        const ColorMapObject *map = d->ColorMap ? d->ColorMap : gif->SColorMap;
        GraphicsControlBlock control;
        assert_int_equal(DGifSavedExtensionToGCB(gif, number, &control), GIF_OK);
        assert_int_equal(control.DisposalMode, DISPOSE_DO_NOT);
        for (int i = 0; i < d->Width * d->Height; i++) {
            int color = image->RasterBits[i];
            if (color == control.TransparentColor) continue;
            assert_true(color < map->ColorCount);
            uint8_t *p = screen + 3 * ((d->Top + i / d->Width) * WIDTH + d->Left + i % d->Width);
            p[0] = map->Colors[color].Red;
            p[1] = map->Colors[color].Green;
            p[2] = map->Colors[color].Blue;
        }
        *pixels += d->Width * d->Height;
        assert_true(control.DelayTime >= 2);
        if (each) each(number, time, screen);
        time += control.DelayTime;
    }
    *images = number;
    free(screen);
    DGifCloseFile(gif, &code);
    return time;
}

static void expect_film(int image, int64_t time, const uint8_t *screen) {
    (void)image;
    int64_t frame = time / 4; // 25 frames a second
    assert_int_equal(time % 4, 0);
    assert_memory_equal(screen, film[frame], sizeof film[0]);
}

static void gif_shows_what_was_filmed(void **state) {
    (void)state;
    int images;
    int64_t pixels;
    film_ball();
    assert_ok(shoot(scratch("a.gif"), FRAMES, 25));
    assert_int_equal(play(scratch("a.gif"), expect_film, &images, &pixels), 4 * FRAMES);
    assert_int_equal(images, FRAMES);
    assert_true(pixels < FRAMES * WIDTH * HEIGHT / 2); // only what changed is stored
    void *bytes;
    size_t size;
    assert_ok(up_file_read(scratch("a.gif"), &bytes, &size));
    assert_memory_equal(bytes, "GIF89a", 6);
    assert_non_null(memmem(bytes, size, "NETSCAPE2.0\x03\x01\x00\x00", 16)); // repeats for ever
    assert_true(size < 8000);
    free(bytes);
}

static void colors_up_to_255_are_exact(void **state) {
    (void)state;
    int images;
    int64_t pixels;
    for (int i = 0; i < FRAMES; i++) // 255 in every frame; from frame 10 on, 205 are others
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool still = y < 10;
                film[i][y][x][0] =
                    (uint8_t)(still ? (y * WIDTH + x) % 50 : (y * WIDTH + x + i) % 205);
                film[i][y][x][1] = still || i < 10 ? 7 : 9;
                film[i][y][x][2] = still;
            }
    assert_ok(shoot(scratch("a.gif"), 20, 25));
    play(scratch("a.gif"), expect_film, &images, &pixels);
    assert_int_equal(images, 20);
}

static int64_t difference;

static void measure(int image, int64_t time, const uint8_t *screen) {
    (void)time;
    for (size_t i = 0; i < sizeof film[0]; i++)
        difference += abs(screen[i] - (&film[image][0][0][0])[i]);
}

static void many_colors_are_near(void **state) {
    (void)state;
    int images;
    int64_t pixels;
    for (int i = 0; i < FRAMES; i++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                film[i][y][x][0] = (uint8_t)(x * 6);
                film[i][y][x][1] = (uint8_t)(y * 8);
                film[i][y][x][2] = (uint8_t)(i * 5);
            }
    assert_ok(shoot(scratch("a.gif"), FRAMES, 25));
    difference = 0;
    play(scratch("a.gif"), measure, &images, &pixels);
    assert_int_equal(images, FRAMES);
    assert_true(difference / (FRAMES * WIDTH * HEIGHT * 3) < 8); // mean error of a channel
}

static void expect_white(int image, int64_t time, const uint8_t *screen) {
    (void)image, (void)time;
    for (int i = 0; i < 3 * WIDTH * HEIGHT / 2; i++) // the upper half never changes
        assert_int_equal(screen[i], 255);
    for (int i = 0; i < 3 * 20; i++) // and here white comes back after other colours
        assert_true(time % 8 || screen[3 * WIDTH * (HEIGHT - 1) + i] == 255);
}

// A background that many colours move over, some of them almost its own, leaves no shadow.
static void many_colors_leave_the_background_alone(void **state) {
    (void)state;
    int images;
    int64_t pixels;
    memset(film, 255, sizeof film);
    for (int i = 0; i < FRAMES; i++) {
        for (int y = HEIGHT / 2; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                film[i][y][x][0] = (uint8_t)(6 * x + i), film[i][y][x][1] = (uint8_t)(8 * y);
        film[i][HEIGHT / 2][i % WIDTH][2] = 250;
        for (int x = 0; x < WIDTH; x++) // the moving half ends in the background
            film[i][HEIGHT - 1][x][0] = film[i][HEIGHT - 1][x][1] = film[i][HEIGHT - 1][x][2] =
                (uint8_t)(x < 20 ? (i % 2 ? 100 : 255) : 248 + (x + i) % 8);
    }
    assert_ok(shoot(scratch("a.gif"), FRAMES, 25));
    play(scratch("a.gif"), expect_white, &images, &pixels);
    assert_int_equal(images, FRAMES);
}

static void speed_is_right_on_average(void **state) {
    (void)state;
    const struct {
        double rate;
        int images, time;
    } c[] = {{25, 50, 200}, {30, 50, 167}, {15, 50, 333}, {7, 50, 714}};
    int images;
    int64_t pixels;
    film_ball();
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        assert_ok(shoot(scratch("a.gif"), FRAMES, c[i].rate));
        assert_int_equal(play(scratch("a.gif"), NULL, &images, &pixels), c[i].time);
        assert_int_equal(images, c[i].images);
    }
    assert_ok(shoot(scratch("a.gif"), FRAMES, 200)); // 25 hundredths: at most 13 images of 2
    assert_in_range(play(scratch("a.gif"), NULL, &images, &pixels), 25, 27);
    assert_in_range(images, 11, 13);
}

static void what_stands_still_is_stored_once(void **state) {
    (void)state;
    int images;
    int64_t pixels;
    film_ball();
    for (int i = 1; i < FRAMES; i++)
        memcpy(film[i], film[0], sizeof film[0]);
    assert_ok(shoot(scratch("a.gif"), FRAMES, 25));
    assert_int_equal(play(scratch("a.gif"), expect_film, &images, &pixels), 4 * FRAMES);
    assert_int_equal(images, 1);
}

static void refusals_say_why(void **state) {
    (void)state;
    UpMovie *movie;
    film_ball();
    assert_int_equal(up_movie_open(&movie, scratch("a.avi"), 4, 4, 25), UP_USAGE);
    assert_non_null(strstr(up_error(), ".gif or .mp4"));
    assert_null(movie);
    assert_int_equal(up_movie_open(&movie, scratch("a.gif"), 0, 4, 25), UP_USAGE);
    assert_int_equal(up_movie_open(&movie, scratch("a.gif"), 4, 4, 0), UP_USAGE);
    assert_int_equal(shoot(scratch("a.gif"), 0, 25), UP_USAGE);
    assert_non_null(strstr(up_error(), "no frames"));
    assert_ok(up_movie_open(&movie, scratch("a.gif"), WIDTH, HEIGHT, 25));
    assert_int_equal(up_movie_frame(movie, &(UpImage){4, 4, &film[0][0][0][0]}), UP_USAGE);
    assert_int_equal(up_movie_close(movie), UP_USAGE);
    assert_int_equal(scratch_entries(scratch_folder), 0);
    assert_int_equal(shoot(scratch("no/a.gif"), 3, 25), UP_NOT_FOUND);
    assert_ok(up_file_write(scratch("a.gif"), "old", 3));
    scratch_disk(100);
    UpStatus status = shoot(scratch("a.gif"), FRAMES, 25);
    scratch_disk(RLIM_INFINITY);
    assert_int_equal(status, UP_IO);
    assert_file(scratch("a.gif"), "old");
    assert_ok(up_movie_open(&movie, scratch("a.gif"), WIDTH, HEIGHT, 25));
    assert_ok(up_movie_frame(movie, &(UpImage){WIDTH, HEIGHT, &film[0][0][0][0]}));
    up_movie_discard(movie);
    assert_file(scratch("a.gif"), "old");
}
#else
static void says_what_to_install(void **state) {
    (void)state;
    UpMovie *movie;
    assert_int_equal(up_movie_open(&movie, scratch("a.gif"), 4, 4, 25), UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "libgif-dev"));
}
#endif

static bool has_ffmpeg(void) {
    return system("ffmpeg -version >/dev/null 2>&1 && ffprobe -version >/dev/null 2>&1") == 0;
}

static void mp4_through_ffmpeg(void **state) {
    (void)state;
    if (!has_ffmpeg()) skip();
    char command[512], line[64] = "";
    film_ball();
    assert_ok(shoot(scratch("a.mp4"), FRAMES, 25));
    assert_int_equal(scratch_entries(scratch_folder), 1);
    snprintf(command, sizeof command,
             "ffprobe -v error -count_frames -select_streams v -show_entries "
             "stream=width,height,nb_read_frames,r_frame_rate -of csv=p=0 %s",
             scratch("a.mp4"));
    FILE *probe = popen(command, "r");
    assert_non_null(fgets(line, sizeof line, probe));
    pclose(probe);
    assert_string_equal(line, "40,30,25/1,50\n");
}

static void mp4_failures_say_why(void **state) {
    (void)state;
    UpMovie *movie;
    if (!has_ffmpeg()) skip();
    film_ball();
    UpStatus status = shoot(scratch("no/a.mp4"), FRAMES, 25);
    assert_int_equal(status, UP_IO);
    assert_non_null(strstr(up_error(), "No such file or directory"));
    assert_int_equal(shoot(scratch("a.mp4"), 0, 25), UP_USAGE);
    assert_int_equal(scratch_entries(scratch_folder), 0);
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    setenv("PATH", scratch_folder, 1);
    status = up_movie_open(&movie, scratch("a.mp4"), WIDTH, HEIGHT, 25);
    setenv("PATH", path, 1);
    assert_int_equal(status, UP_UNSUPPORTED);
    assert_non_null(strstr(up_error(), "needs the program ffmpeg"));
    assert_null(movie);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
#ifdef UP_HAVE_GIF
        TEST(gif_shows_what_was_filmed), TEST(colors_up_to_255_are_exact),
        TEST(many_colors_are_near),      TEST(many_colors_leave_the_background_alone),
        TEST(speed_is_right_on_average), TEST(what_stands_still_is_stored_once),
        TEST(refusals_say_why),
#else
        TEST(says_what_to_install),
#endif
        TEST(mp4_through_ffmpeg),        TEST(mp4_failures_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
