// A film of an episode now and then (train.film_every), in DIR/films and in TensorBoard.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "train/trainer.h"
#include "uphill/file.h"
#include "uphill/film.h"

static UpStatus show(UpTrainer *t, const UpFilm *film) {
    struct timespec now;
    void *bytes;
    size_t size;
    if (!t->board) return UP_OK;
    clock_gettime(CLOCK_REALTIME, &now);
    UP_TRY(up_file_read(film->path, &bytes, &size));
    UpStatus status = up_board_image(t->board, "film", t->progress.steps,
                                     (double)now.tv_sec + (double)now.tv_nsec * 1e-9, film->width,
                                     film->height, bytes, size);
    free(bytes);
    return status == UP_OK ? up_board_flush(t->board) : status;
}

// In an instance of its own: training knows nothing of it.
static UpStatus play(UpTrainer *t, UpEnv *env, UpFilm *film) {
    UpPlay play;
    UP_TRY(up_play_create(&play, env, 1, UP_FILM_SEED));
    play.actor = up_policy_actor_frozen(&t->policy, true);
    play.stop = t->stop;
    UpStatus status = up_play_begin(&play);
    if (status == UP_OK) status = up_film(film, &play);
    up_play_destroy(&play);
    return status;
}

static UpStatus film(UpTrainer *t) {
    char path[UP__PATH + 64];
    UpEnv *env;
    UpEnvDef def = t->config.env;
    UpFilm film = {.path = path, .steps = UP_FILM_STEPS};
    snprintf(path, sizeof path, "%s/films", t->folder);
    UP_TRY(up_folder_create(path));
    snprintf(path, sizeof path, "%s/films/%012" PRId64 ".gif", t->folder, t->progress.steps);
    def.pictures = true;
    UP_TRY(up_env_create(&env, &def, 1));
    UpStatus status = play(t, env, &film);
    up_env_destroy(env);
    return status == UP_OK ? show(t, &film) : status;
}

void up__film_owed(UpTrainer *t) {
    bool told = t->film_owed != 0;
    UpStatus status = film(t);
    t->film_owed = status == UP_INTERRUPTED;
    if (t->film_owed && !told)
        up_warn("the film of step %lld was interrupted; it is made when the run goes on",
                (long long)t->progress.steps);
    t->filmless = status != UP_OK && status != UP_INTERRUPTED;
    if (t->filmless) up_warn("no more films of this run: %s", up_error());
}

void up__film_if_due(UpTrainer *t) {
    int64_t every = t->config.train.film_every;
    if (every == 0 || t->filmless || t->progress.steps / every <= t->point.steps / every) return;
    up__film_owed(t);
}
