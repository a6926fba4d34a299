// A writer of one kind of moving picture; the public functions have checked their arguments.
#ifndef UP_IO_MOVIE_INTERNAL_H
#define UP_IO_MOVIE_INTERNAL_H

#include <limits.h>

#include "uphill/movie.h"

// An implementation embeds this as its first member.
struct UpMovie {
    UpStatus (*frame)(UpMovie *movie, const uint8_t *rgb); // (height, width, 3)
    UpStatus (*finish)(UpMovie *movie);                    // writes the file
    void (*destroy)(UpMovie *movie);                       // an unfinished file is removed
    char path[PATH_MAX];
    int width, height;
    double frames_per_second;
    int64_t frames;  // given so far
    UpStatus status; // of the first frame that failed
};

// *movie is NULL on failure.
UpStatus up__gif_create(UpMovie **movie, const char *path, int width, int height, double rate);
UpStatus up__mp4_create(UpMovie **movie, const char *path, int width, int height, double rate);

#endif
