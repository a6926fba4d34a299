// A film of an episode now and then (train.film_every), in DIR/films and in TensorBoard.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "train/trainer.h"
#include "uphill/file.h"
#include "uphill/movie.h"

enum { STEPS_MAX = 2000, SEED = 1000000 }; // the episode that `uphill play` shows

// An instance of its own: training knows nothing of it.
typedef struct Film {
    UpEnv *env;
    UpStack seen;
    UpObs final_obs;
    float *action;
    UpImage image;
    UpMovie *movie;
    UpArena arena;
} Film;

static UpStatus prepare(Film *f, const UpTrainer *t, const char *path) {
    UpEnvDef def = t->config.env;
    uint64_t seed = SEED;
    def.pictures = true;
    UP_TRY(up_env_create(&f->env, &def, 1));
    UP_TRY(up_stack_create(&f->seen, &f->env->spec, 1, &f->arena));
    UP_TRY(up_obs_create(&f->final_obs, &f->env->spec, 1, &f->arena));
    UP_TRY(up_env_reset(f->env, &seed, f->seen.frames));
    up_stack_push(&f->seen, NULL, NULL);
    UP_TRY(up_env_render(f->env, 0, &f->image)); // the size
    size_t pixels = (size_t)f->image.width * (size_t)f->image.height;
    f->image.rgb = up_arena_alloc(&f->arena, pixels, 3);
    f->action = up_arena_alloc(&f->arena, (size_t)f->env->spec.action.size, sizeof *f->action);
    UP_TRY(up_arena_status(&f->arena));
    return up_movie_open(&f->movie, path, f->image.width, f->image.height,
                         f->env->spec.frames_per_second);
}

static UpStatus play(Film *f, UpPolicy *policy) {
    double reward;
    uint8_t terminated = 0, truncated = 0;
    UpStep out = {.action = f->action,
                  .obs = f->seen.frames,
                  .final_obs = f->final_obs,
                  .reward = &reward,
                  .terminated = &terminated,
                  .truncated = &truncated};
    for (int step = 0; step < STEPS_MAX && !terminated && !truncated; step++) {
        UP_TRY(up_env_render(f->env, 0, &f->image));
        UP_TRY(up_movie_frame(f->movie, &f->image));
        up_policy_act(policy, &f->seen.obs, NULL, f->action);
        UP_TRY(up_env_step(f->env, &out));
        up_stack_push(&f->seen, &terminated, &truncated);
    }
    UpMovie *movie = f->movie;
    f->movie = NULL;
    return up_movie_close(movie);
}

static UpStatus show(UpTrainer *t, const Film *f, const char *path) {
    struct timespec now;
    void *bytes;
    size_t size;
    if (!t->board) return UP_OK;
    clock_gettime(CLOCK_REALTIME, &now);
    UP_TRY(up_file_read(path, &bytes, &size));
    UpStatus status = up_board_image(t->board, "film", t->progress.steps,
                                     (double)now.tv_sec + (double)now.tv_nsec * 1e-9,
                                     f->image.width, f->image.height, bytes, size);
    free(bytes);
    return status == UP_OK ? up_board_flush(t->board) : status;
}

static UpStatus film(UpTrainer *t) {
    char path[UP__PATH + 64];
    Film f = {0};
    snprintf(path, sizeof path, "%s/films", t->folder);
    UP_TRY(up_folder_create(path));
    snprintf(path, sizeof path, "%s/films/%012" PRId64 ".gif", t->folder, t->progress.steps);
    UpStatus status = prepare(&f, t, path);
    if (status == UP_OK) status = play(&f, &t->policy);
    if (status == UP_OK) status = show(t, &f, path);
    if (f.movie) up_movie_discard(f.movie);
    up_env_destroy(f.env);
    up_arena_free(&f.arena);
    return status;
}

void up__film_if_due(UpTrainer *t) {
    int64_t every = t->config.train.film_every;
    if (every == 0 || t->filmless || t->progress.steps / every <= t->point.steps / every) return;
    t->filmless = film(t) != UP_OK;
    if (t->filmless) up_warn("no more films of this run: %s", up_error());
}
