#include "uphill/film.h"

#include "uphill/movie.h"

static UpStatus draw(UpFilm *film, const UpPlay *p, UpMovie *movie, UpImage *image) {
    UP_TRY(up_env_render(p->env, 0, image));
    UP_TRY(up_movie_frame(movie, image));
    film->frames++;
    return UP_OK;
}

static UpStatus play(UpFilm *film, UpPlay *p, UpMovie *movie, UpImage *image) {
    while (film->taken < film->steps) {
        UP_TRY(draw(film, p, movie, image));
        up_play_act(p);
        UP_TRY(up_play_step(p));
        film->taken++;
        film->ret = p->begins[0] ? p->ended[0].ret : p->episode_return[0];
        if (p->begins[0]) break;
    }
    bool last = p->begins[0] && film->taken > 0 && p->env->spec.renders_end;
    return last ? draw(film, p, movie, image) : UP_OK; // the last move's outcome
}

UpStatus up_film(UpFilm *film, UpPlay *p) {
    UpArena arena = {0};
    UpImage image = {0};
    UpMovie *movie = NULL;
    film->frames = film->taken = 0;
    film->ret = 0;
    UP_TRY(up_env_render(p->env, 0, &image)); // the size
    film->width = image.width;
    film->height = image.height;
    image.rgb = up_arena_alloc(&arena, (size_t)image.width * (size_t)image.height, 3);
    UpStatus status = up_arena_status(&arena);
    if (status == UP_OK)
        status = up_movie_open(&movie, film->path, image.width, image.height,
                               p->env->spec.frames_per_second);
    if (status == UP_OK) status = play(film, p, movie, &image);
    bool cut = status == UP_INTERRUPTED && film->partial && film->frames > 0;
    if (status == UP_OK || cut) {
        UpStatus written = up_movie_close(movie);
        if (written != UP_OK) status = written;
    } else if (movie) {
        up_movie_discard(movie);
    }
    up_arena_free(&arena);
    return status;
}
