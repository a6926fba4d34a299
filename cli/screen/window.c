#include "screen/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen/keys.h"

#ifndef UP_HAVE_SDL2

static const char advice[] = "./dev setup (libsdl2-dev), rebuild";

UpStatus window_open(Window **window, const char *title, int width, int height) {
    (void)title, (void)width, (void)height;
    *window = NULL;
    return up_fail(UP_UNSUPPORTED, "this build opens no windows: run ./dev setup (libsdl2-dev) and "
                                   "build again, or film to x.gif or x.mp4");
}

void window_close(Window *window) {
    (void)window;
}

UpStatus window_show(Window *window, const UpImage *image, double rate) {
    (void)window, (void)image, (void)rate;
    return UP_UNSUPPORTED;
}

bool window_ended(const Window *window) {
    (void)window;
    return true;
}

uint32_t window_held(const Window *window) {
    (void)window;
    return 0;
}

uint32_t window_wait(Window *window) {
    (void)window;
    return 0;
}

bool window_version(char *text, int capacity) {
    snprintf(text, (size_t)capacity, "%s", advice);
    return false;
}

#else

#include <SDL.h>
#include <dlfcn.h>

static const char library[] = "libSDL2-2.0.so.0";

// What is used of SDL.
#define SDL_LIST(X)                                                                                \
    X(SDL_Init)                                                                                    \
    X(SDL_Quit)                                                                                    \
    X(SDL_GetError)                                                                                \
    X(SDL_GetVersion)                                                                              \
    X(SDL_CreateWindow)                                                                            \
    X(SDL_DestroyWindow)                                                                           \
    X(SDL_CreateRenderer)                                                                          \
    X(SDL_DestroyRenderer)                                                                         \
    X(SDL_RenderSetLogicalSize)                                                                    \
    X(SDL_CreateTexture)                                                                           \
    X(SDL_DestroyTexture)                                                                          \
    X(SDL_UpdateTexture)                                                                           \
    X(SDL_RenderClear)                                                                             \
    X(SDL_RenderCopy)                                                                              \
    X(SDL_RenderPresent)                                                                           \
    X(SDL_PollEvent)                                                                               \
    X(SDL_WaitEventTimeout)                                                                        \
    X(SDL_GetTicks64)                                                                              \
    X(SDL_Delay)                                                                                   \
    X(SDL_GetCurrentVideoDriver)

static struct {
#define SDL_MEMBER(name) __typeof__(name) *name;
    SDL_LIST(SDL_MEMBER)
#undef SDL_MEMBER
} sdl;

enum { QUEUE = 16 };

struct Window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int width, height;
    bool ended;
    uint32_t down, pressed; // keys now, and those that went down since the last picture
    uint32_t queue[QUEUE];  // keys that were pressed, one by one, for window_wait
    int queued;
    uint64_t next; // when the next picture is due, in milliseconds
    double late;   // and the part of a millisecond that was left over
};

static UpStatus load(void) {
    if (sdl.SDL_Init) return UP_OK;
    void *object = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return up_fail(UP_UNSUPPORTED,
                       "a window needs %s: run ./dev setup (libsdl2-2.0-0), or film to x.gif "
                       "or x.mp4",
                       library);
#define SDL_LOAD(name)                                                                             \
    *(void **)&sdl.name = dlsym(object, #name);                                                    \
    if (!sdl.name)                                                                                 \
        return up_fail(UP_UNSUPPORTED, "%s has no %s: install a newer one", library, #name);
    SDL_LIST(SDL_LOAD)
#undef SDL_LOAD
    return UP_OK;
}

static UpStatus failed(const char *what) {
    return up_fail(UP_UNSUPPORTED,
                   "cannot %s: %s; look at DISPLAY or WAYLAND_DISPLAY, or film to x.gif or x.mp4",
                   what, sdl.SDL_GetError());
}

// Where there is no display SDL would draw into nothing, unless it was told to.
static UpStatus start(void) {
    bool chosen = getenv("SDL_VIDEODRIVER"),
         display = getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
    if (!chosen && !display)
        return up_fail(UP_UNSUPPORTED, "cannot open a window: there is no display (neither DISPLAY "
                                       "nor WAYLAND_DISPLAY is set); film to x.gif or x.mp4");
    if (sdl.SDL_Init(SDL_INIT_VIDEO) != 0) return failed("open a window");
    const char *driver = sdl.SDL_GetCurrentVideoDriver();
    if (chosen || (strcmp(driver, "offscreen") != 0 && strcmp(driver, "dummy") != 0)) return UP_OK;
    sdl.SDL_Quit();
    return up_fail(UP_UNSUPPORTED,
                   "cannot open a window: the display %s does not answer; correct "
                   "DISPLAY, or film to x.gif or x.mp4",
                   getenv("DISPLAY") ? getenv("DISPLAY") : getenv("WAYLAND_DISPLAY"));
}

UpStatus window_open(Window **out, const char *title, int width, int height) {
    enum { SMALL = 480 };
    *out = NULL;
    UP_TRY(load());
    UP_TRY(start());
    Window *w = calloc(1, sizeof *w);
    if (!w) return up_fail(UP_MEMORY, "out of memory");
    w->width = width;
    w->height = height;
    int scale = 1; // small pictures are shown larger
    while (width * (scale + 1) <= 2 * SMALL && height * scale < SMALL)
        scale++;
    w->window = sdl.SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                     width * scale, height * scale, SDL_WINDOW_RESIZABLE);
    if (w->window) w->renderer = sdl.SDL_CreateRenderer(w->window, -1, 0);
    if (w->renderer)
        w->texture = sdl.SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB24,
                                           SDL_TEXTUREACCESS_STREAMING, width, height);
    if (!w->texture) {
        UpStatus status = failed("open a window");
        window_close(w);
        return status;
    }
    sdl.SDL_RenderSetLogicalSize(w->renderer, width, height); // keeps the sides' ratio
    w->next = sdl.SDL_GetTicks64();
    *out = w;
    return UP_OK;
}

void window_close(Window *w) {
    if (!w) return;
    if (w->texture) sdl.SDL_DestroyTexture(w->texture);
    if (w->renderer) sdl.SDL_DestroyRenderer(w->renderer);
    if (w->window) sdl.SDL_DestroyWindow(w->window);
    sdl.SDL_Quit();
    free(w);
}

// ---------------------------------------------------------------------------------------------------
// Keys

static uint32_t key_bit(SDL_Keycode code) {
    switch (code) {
    case SDLK_LEFT:
        return 1U << KEY_LEFT;
    case SDLK_RIGHT:
        return 1U << KEY_RIGHT;
    case SDLK_UP:
        return 1U << KEY_UP;
    case SDLK_DOWN:
        return 1U << KEY_DOWN;
    case SDLK_SPACE:
        return 1U << KEY_SPACE;
    case SDLK_RETURN:
        return 1U << KEY_RETURN;
    default:
        return code >= SDLK_0 && code <= SDLK_9 ? 1U << (KEY_0 + (code - SDLK_0)) : 0;
    }
}

static void hear(Window *w, const SDL_Event *event) {
    bool escape = event->type == SDL_KEYDOWN && event->key.keysym.sym == SDLK_ESCAPE;
    if (event->type == SDL_QUIT || escape) w->ended = true;
    if (event->type != SDL_KEYDOWN && event->type != SDL_KEYUP) return;
    uint32_t bit = key_bit(event->key.keysym.sym);
    if (event->type == SDL_KEYUP) {
        w->down &= ~bit;
    } else {
        w->down |= bit;
        w->pressed |= bit;
        if (bit && !event->key.repeat && w->queued < QUEUE) w->queue[w->queued++] = bit;
    }
}

static void hear_all(Window *w) {
    SDL_Event event;
    while (sdl.SDL_PollEvent(&event))
        hear(w, &event);
}

bool window_ended(const Window *w) {
    return w->ended;
}

uint32_t window_held(const Window *w) {
    return w->down | w->pressed;
}

uint32_t window_wait(Window *w) {
    SDL_Event event;
    hear_all(w);
    while (w->queued == 0 && !w->ended)
        if (sdl.SDL_WaitEventTimeout(&event, 100)) hear(w, &event);
    if (w->ended) return 0;
    uint32_t first = w->queue[0];
    memmove(w->queue, w->queue + 1, (size_t)--w->queued * sizeof *w->queue);
    return first;
}

// ---------------------------------------------------------------------------------------------------
// Pictures

// Waits until this picture is due. Where time was lost, it is not made up for.
static void keep_time(Window *w, double rate) {
    uint64_t now = sdl.SDL_GetTicks64();
    if (now < w->next)
        sdl.SDL_Delay((uint32_t)(w->next - now));
    else
        w->next = now;
    double wait = 1000 / rate + w->late;
    w->next += (uint64_t)wait;
    w->late = wait - (double)(uint64_t)wait;
}

UpStatus window_show(Window *w, const UpImage *image, double rate) {
    keep_time(w, rate);
    w->pressed = 0;
    hear_all(w);
    if (sdl.SDL_UpdateTexture(w->texture, NULL, image->rgb, 3 * w->width) != 0 ||
        sdl.SDL_RenderClear(w->renderer) != 0 ||
        sdl.SDL_RenderCopy(w->renderer, w->texture, NULL, NULL) != 0)
        return failed("draw in the window");
    sdl.SDL_RenderPresent(w->renderer);
    return UP_OK;
}

bool window_version(char *text, int capacity) {
    SDL_version version;
    if (load() != UP_OK) {
        snprintf(text, (size_t)capacity, "./dev setup (libsdl2-2.0-0)");
        return false;
    }
    sdl.SDL_GetVersion(&version);
    snprintf(text, (size_t)capacity, "%d.%d.%d", version.major, version.minor, version.patch);
    return true;
}

#endif
