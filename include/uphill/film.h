// Films of an episode.
#ifndef UPHILL_FILM_H
#define UPHILL_FILM_H

#include <stdint.h>

#include "uphill/play.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { UP_FILM_SEED = 1000000, UP_FILM_STEPS = 2000 }; // of the episode that is shown by default

typedef struct UpFilm {
    const char *path;  // .gif or .mp4
    int64_t steps;     // that it shows at most
    bool partial;      // where play->stop ends it, what was drawn so far is kept
    int64_t frames;    // out: drawn
    int64_t taken;     // out: steps
    double ret;        // out: the episode's return so far
    int width, height; // out
} UpFilm;

// Films instance 0 of a play that has begun until its episode or film->steps end. On failure, and
// where play->stop ended it (UP_INTERRUPTED) and nothing is to be kept or was drawn, `path` is what
// it was before. The environment was made with UpEnvDef.pictures.
UpStatus up_film(UpFilm *film, UpPlay *play);

#ifdef __cplusplus
}
#endif
#endif
