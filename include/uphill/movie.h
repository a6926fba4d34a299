// Moving pictures of an environment's own frames: GIF (giflib) or MP4 (through ffmpeg, when
// present).
#ifndef UPHILL_MOVIE_H
#define UPHILL_MOVIE_H

#include "uphill/image.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpMovie UpMovie;

// Starts `path` (.gif or .mp4). Frames are width × height RGB. *movie is the caller's to close,
// NULL on failure. A GIF shows at most 50 frames a second and leaves out what is beyond; the speed
// stays right.
UpStatus up_movie_open(UpMovie **movie, const char *path, int width, int height,
                       double frames_per_second);
UpStatus up_movie_frame(UpMovie *movie, const UpImage *image);
// Finishes the file. Until then, and where anything failed, `path` is what it was before. Frees the
// movie in any case.
UpStatus up_movie_close(UpMovie *movie);
void up_movie_discard(UpMovie *movie); // frees it and leaves `path` as it is

#ifdef __cplusplus
}
#endif
#endif
