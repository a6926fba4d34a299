#include "uphill/movie.h"

#include <string.h>

#include "draw/movie_internal.h"

enum { SIDE_MAX = 65535 };

UpStatus up_movie_open(UpMovie **movie, const char *path, int width, int height,
                       double frames_per_second) {
    *movie = NULL;
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        return up_fail(UP_USAGE, "cannot film %s: frames of %d × %d pixels", path, width, height);
    if (!(frames_per_second >= 0.01 && frames_per_second <= 10000))
        return up_fail(UP_USAGE, "cannot film %s: %g frames a second; give 0.01 to 10000", path,
                       frames_per_second);
    if (strlen(path) >= PATH_MAX - 16)
        return up_fail(UP_USAGE, "the path of the movie is too long");
    const char *ending = strrchr(path, '.');
    if (ending && strcasecmp(ending, ".gif") == 0)
        return up__gif_create(movie, path, width, height, frames_per_second);
    if (ending && strcasecmp(ending, ".mp4") == 0)
        return up__mp4_create(movie, path, width, height, frames_per_second);
    return up_fail(UP_USAGE, "cannot film %s: its name must end in .gif or .mp4", path);
}

UpStatus up_movie_frame(UpMovie *movie, const UpImage *image) {
    if (image->width != movie->width || image->height != movie->height)
        return up_fail(UP_USAGE, "a frame of %d × %d pixels does not fit the movie %s of %d × %d",
                       image->width, image->height, movie->path, movie->width, movie->height);
    UP_TRY(movie->status);
    movie->status = movie->frame(movie, image->rgb);
    movie->frames++;
    return movie->status;
}

UpStatus up_movie_close(UpMovie *movie) {
    UpStatus status = movie->status;
    if (status == UP_OK && movie->frames == 0)
        status = up_fail(UP_USAGE, "the movie %s has no frames; nothing was written", movie->path);
    if (status == UP_OK) status = movie->finish(movie);
    movie->destroy(movie);
    return status;
}

void up_movie_discard(UpMovie *movie) {
    movie->destroy(movie);
}
