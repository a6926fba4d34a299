// MP4 through the ffmpeg program: it reads raw frames from a socket and writes a temporary file,
// which takes the name over when it is complete.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "core/number.h"
#include "draw/movie_internal.h"

typedef struct Mp4 {
    UpMovie base;
    pid_t process; // 0: ended
    int frames_to; // socket; a pipe would raise SIGPIPE in the host's program, a socket need not
    int messages;  // what ffmpeg says, to be read when it has ended
    char partial[PATH_MAX];
} Mp4;

static void close_both(int pair[2]) {
    if (pair[0] >= 0) close(pair[0]);
    if (pair[1] >= 0) close(pair[1]);
}

// Starts ffmpeg with `input` as its standard input and `messages` as its standard error.
static int spawn(Mp4 *mp4, int input, int messages) {
    char size[32], rate[UP__NUMBER_MAX], output[PATH_MAX + 8];
    snprintf(size, sizeof size, "%dx%d", mp4->base.width, mp4->base.height);
    up__number_format(rate, mp4->base.frames_per_second);
    snprintf(output, sizeof output, "file:%s", mp4->partial);
    // Players want an even size and chroma at half the resolution.
    char *arguments[] = {
        "ffmpeg",      "-y",       "-loglevel",     "error",
        "-f",          "rawvideo", "-pixel_format", "rgb24",
        "-video_size", size,       "-framerate",    rate,
        "-i",          "pipe:0",   "-vf",           "pad=ceil(iw/2)*2:ceil(ih/2)*2",
        "-pix_fmt",    "yuv420p",  "-movflags",     "+faststart",
        "-f",          "mp4",      output,          NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0) return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        // Ctrl-C is for the program that films; ffmpeg ends when its input does.
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        posix_spawnattr_setsigmask(&attributes, &signals);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        posix_spawn_file_actions_adddup2(&actions, input, 0);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, messages, 2);
        code = posix_spawnp(&mp4->process, "ffmpeg", &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

// Ends the input and waits. Returns whether ffmpeg was content; its first message otherwise.
static bool stop(Mp4 *mp4, char *message, size_t size) {
    int result = 0;
    size_t used = 0;
    close(mp4->frames_to);
    for (ssize_t got = 1; got > 0 || (got < 0 && errno == EINTR);) {
        char rest[512];
        bool room = used + 1 < size;
        got = room ? read(mp4->messages, message + used, size - 1 - used)
                   : read(mp4->messages, rest, sizeof rest);
        if (got > 0 && room) used += (size_t)got;
    }
    message[used] = 0;
    message[strcspn(message, "\r\n")] = 0;
    while (waitpid(mp4->process, &result, 0) < 0 && errno == EINTR)
        ;
    mp4->process = 0;
    if (!message[0]) snprintf(message, size, "it ended with status %d", result);
    return WIFEXITED(result) && WEXITSTATUS(result) == 0;
}

static UpStatus ffmpeg_failed(Mp4 *mp4) {
    char message[300];
    stop(mp4, message, sizeof message);
    return up_fail(UP_IO, "cannot film %s: ffmpeg: %s", mp4->base.path, message);
}

static UpStatus mp4_frame(UpMovie *movie, const uint8_t *rgb) {
    Mp4 *mp4 = (Mp4 *)movie;
    size_t size = 3 * (size_t)movie->width * (size_t)movie->height;
    while (size > 0) {
        ssize_t sent = send(mp4->frames_to, rgb, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return ffmpeg_failed(mp4);
        rgb += sent;
        size -= (size_t)sent;
    }
    return UP_OK;
}

static UpStatus mp4_finish(UpMovie *movie) {
    Mp4 *mp4 = (Mp4 *)movie;
    char message[300];
    if (!stop(mp4, message, sizeof message))
        return up_fail(UP_IO, "cannot film %s: ffmpeg: %s", movie->path, message);
    if (rename(mp4->partial, movie->path) != 0) return up__fail_errno("write", movie->path, errno);
    return UP_OK;
}

static void mp4_destroy(UpMovie *movie) {
    Mp4 *mp4 = (Mp4 *)movie;
    char message[300];
    if (mp4->process > 0) stop(mp4, message, sizeof message);
    if (mp4->messages >= 0) close(mp4->messages);
    unlink(mp4->partial); // absent after success
    free(mp4);
}

UpStatus up__mp4_create(UpMovie **movie, const char *path, int width, int height, double rate) {
    *movie = NULL;
    int frames[2] = {-1, -1}, messages[2] = {-1, -1};
    Mp4 *mp4 = calloc(1, sizeof *mp4);
    if (!mp4) return up_fail(UP_MEMORY, "out of memory");
    mp4->base = (UpMovie){mp4_frame, mp4_finish, mp4_destroy, "", width, height, rate, 0, UP_OK};
    strcpy(mp4->base.path, path);
    snprintf(mp4->partial, sizeof mp4->partial, "%.*s.partial", (int)sizeof mp4->partial - 16,
             path);
    int code = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, frames) != 0 ||
        pipe2(messages, O_CLOEXEC) != 0)
        code = errno;
    if (code == 0) code = spawn(mp4, frames[1], messages[1]);
    if (code == 0) {
        close(frames[1]);
        close(messages[1]);
        mp4->frames_to = frames[0];
        mp4->messages = messages[0];
        *movie = &mp4->base;
        return UP_OK;
    }
    close_both(frames);
    close_both(messages);
    free(mp4);
    if (code == ENOENT)
        return up_fail(
            UP_UNSUPPORTED,
            "cannot film %s: MP4 needs the program ffmpeg: run ./dev setup, or choose a name "
            "that ends in .gif",
            path);
    return up__fail_errno("start ffmpeg for", path, code);
}
