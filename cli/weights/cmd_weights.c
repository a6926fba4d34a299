// uphill weights: a layer of a policy's network as a picture, or over training as a film.
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "uphill/movie.h"
#include "uphill/train.h"
#include "weights/weights.h"

enum { PATH_SIZE = 4096 };
static const double frames_per_second = 2;

// A run's checkpoints. Their names are padded step numbers, and so sort by age.
typedef struct Checkpoints {
    struct dirent **entry;
    int count;
} Checkpoints;

static int is_checkpoint(const struct dirent *entry) {
    const char *ending = strrchr(entry->d_name, '.');
    return isdigit((unsigned char)entry->d_name[0]) && ending &&
           strcmp(ending, ".safetensors") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *run, Checkpoints *c) {
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/checkpoints", run);
    c->count = scandir(folder, &c->entry, is_checkpoint, by_name);
    if (c->count < 0) *c = (Checkpoints){0};
}

static UpStatus load_entry(WeightsDrawing *d, const char *run, const Checkpoints *c, int i) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/checkpoints/%s", run, c->entry[i]->d_name);
    return weights_load(d, path);
}

// The newest checkpoint that is whole.
static UpStatus load_newest(WeightsDrawing *d, const char *run, const Checkpoints *c) {
    for (int i = c->count; i-- > 0;) {
        UpStatus status = load_entry(d, run, c, i);
        if (status != UP_FORMAT || i == 0) return status;
        up_warn("%s; trying the one before it", up_error());
    }
    return up_fail(UP_NOT_FOUND, "%s holds no checkpoint", run);
}

static UpStatus film_all(WeightsDrawing *d, const char *run, const Checkpoints *c, UpMovie *movie,
                         UpImage *image, int *frames) {
    for (int i = 0; i < c->count; i++) {
        UpStatus status = load_entry(d, run, c, i);
        if (status == UP_FORMAT) { // the newest whole one was found before
            up_warn("%s; it is left out", up_error());
            continue;
        }
        UP_TRY(status);
        UP_TRY(up_heatmap_render(&d->map, image));
        UP_TRY(up_movie_frame(movie, image));
        ++*frames;
    }
    return UP_OK;
}

// The newest checkpoint's scale holds throughout.
static UpStatus film(WeightsDrawing *d, const char *run, const Checkpoints *c, const char *out) {
    UpImage image = {0};
    UpMovie *movie;
    int frames = 0;
    UP_TRY(load_newest(d, run, c));
    UP_TRY(up_heatmap_render(&d->map, &image)); // the size
    image.rgb = calloc((size_t)image.width * (size_t)image.height, 3);
    if (!image.rgb) return up_fail(UP_MEMORY, "out of memory for a film");
    UpStatus status = up_movie_open(&movie, out, image.width, image.height, frames_per_second);
    if (status == UP_OK) {
        status = film_all(d, run, c, movie, &image, &frames);
        if (status == UP_OK)
            status = up_movie_close(movie);
        else
            up_movie_discard(movie);
    }
    free(image.rgb);
    if (status == UP_OK) printf("%s: %d checkpoint%s\n", out, frames, frames == 1 ? "" : "s");
    return status;
}

static bool is_weights(const char *path) {
    const char *ending = strrchr(path, '.');
    return ending && strcmp(ending, ".safetensors") == 0;
}

static UpStatus draw(WeightsDrawing *d, const char *what, const char *out) {
    struct stat info;
    const char *ending = strrchr(out, '.');
    bool moving = ending && strcasecmp(ending, ".gif") == 0;
    bool still = ending && (strcasecmp(ending, ".png") == 0 || strcasecmp(ending, ".svg") == 0);
    if (!moving && !still)
        return up_fail(UP_USAGE, "cannot draw %s: its name must end in .png, .svg or .gif", out);
    if (stat(what, &info) != 0)
        return up_fail(UP_NOT_FOUND, "there is no run or file %s; `uphill runs` lists runs", what);
    if (S_ISDIR(info.st_mode)) {
        Checkpoints c;
        list(what, &c);
        UpStatus status = moving ? film(d, what, &c, out) : load_newest(d, what, &c);
        for (int i = 0; i < c.count; i++)
            free(c.entry[i]);
        free(c.entry);
        if (moving || status != UP_OK) return status;
    } else {
        if (moving)
            return up_fail(UP_USAGE, "%s is one checkpoint: a .gif shows those of a run directory",
                           what);
        char run[1024];
        if (!is_weights(what) && up_train_run_of(what, run, sizeof run))
            return up_fail(UP_NOT_FOUND,
                           "%s is no run: it is within one; name the run directory, %s", what, run);
        UP_TRY(weights_load(d, what));
    }
    UP_TRY(up_heatmap_write(&d->map, out));
    printf("%s: %s\n", out, d->title);
    return UP_OK;
}

static UpStatus run(const CliArgs *args) {
    static WeightsDrawing d;
    const char *out = cli_value(args, "--out");
    d.layer = 1;
    UP_TRY(cli_int(args, "--layer", 1, 1000, &d.layer));
    UpStatus status = draw(&d, args->word[0], out ? out : "weights.png");
    free(d.value);
    free(d.order);
    return status;
}

static const CliOption options[] = {
    {"--out", "FILE", "x.png, x.svg or x.gif (default weights.png)"},
    {"--layer", "N", "layers count from the observation to the action (default 1, the first)"},
};

const CliCommand cli_weights = {
    "weights",
    "RUN|FILE",
    1,
    1,
    "draw a layer's weights",
    "RUN is a run directory (its newest checkpoint), FILE a .safetensors file. Units that read a\n"
    "picture are drawn as pictures, the strongest (the longest vectors of weights) first and "
    "larger;\n"
    "any other layer is a map of units and inputs. Positive weights are red, negative ones blue. "
    "x.gif shows all checkpoints\n"
    "of a run, half a second each; a run keeps more than two with --set train.keep=1000.",
    options,
    sizeof options / sizeof *options,
    run};
