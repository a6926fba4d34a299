// Worker processes: start, watch, end.
#include "env/bridge/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/close.h"
#include "env/bridge/protocol.h"
#include "uphill/text.h"

enum { FIRST_FREE = 10, LAST_OWN = UP__WIRE_FD_LIFE };

// ---------------------------------------------------------------------------------------------------
// Start

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

// Moves `from` out of the way of the descriptors that the worker expects.
static int lift(int from) {
    return fcntl(from, F_DUPFD_CLOEXEC, FIRST_FREE);
}

// In the child, between fork and exec: nothing but system calls.
static void run_child(const UpCommand *command, int control, int memory, int blob, int life,
                      int log) {
    setpgid(0, 0); // Ctrl-C in the terminal is for the parent alone, which wants to save first
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    // The kernel kills this process, and what it has started, when the last write end of `life`
    // closes, that is when the parent is gone, whatever they do then. (PR_SET_PDEATHSIG watches the
    // parent's thread, and is not inherited.) A child that began a session of its own escapes.
    fcntl(life, F_SETOWN, -getpid()); // a process group
    fcntl(life, F_SETSIG, SIGKILL);
    fcntl(life, F_SETFL, O_ASYNC);

    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int from[] = {lift(null),   lift(log),  lift(log), lift(control),
                  lift(memory), lift(blob), lift(life)};
    for (int fd = 0; fd <= LAST_OWN; fd++)
        if (dup2(from[fd], fd) < 0) _exit(126);
    up__close_from(LAST_OWN + 1);

    char *const argv[] = {(char *)command->program,
                          command->script[0] ? (char *)command->script : NULL, NULL};
    execv(command->program, argv);
    _exit(127);
}

// The parent's and the worker's ends of what connects them.
typedef struct Ends {
    int control[2], life[2], log[2]; // ours, the worker's
} Ends;

static void close_ends(Ends *ends, int side) {
    close_fd(&ends->control[side]);
    close_fd(&ends->life[side]);
    close_fd(&ends->log[side]);
}

static UpStatus open_ends(Ends *ends) {
    *ends = (Ends){{-1, -1}, {-1, -1}, {-1, -1}};
    int life[2], log[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends->control) == 0 &&
        pipe2(life, O_CLOEXEC) == 0) {
        ends->life[0] = life[1];
        ends->life[1] = life[0];
        if (pipe2(log, O_CLOEXEC) == 0) {
            ends->log[0] = log[0];
            ends->log[1] = log[1];
            fcntl(log[0], F_SETFL, O_NONBLOCK);
            return UP_OK;
        }
    }
    UpStatus status = up_fail(UP_IO, "cannot connect to a worker: %s", strerror(errno));
    close_ends(ends, 0);
    close_ends(ends, 1);
    return status;
}

UpStatus up__process_start(UpProcess *process, const UpCommand *command, int memory, int blob) {
    *process = (UpProcess){.control = -1, .life = -1, .log = -1};
    Ends ends;
    UP_TRY(open_ends(&ends));
    pid_t pid = fork();
    if (pid == 0) run_child(command, ends.control[1], memory, blob, ends.life[1], ends.log[1]);
    int error = errno;
    close_ends(&ends, 1);
    if (pid < 0) {
        close_ends(&ends, 0);
        return up_fail(UP_IO, "cannot start a worker process: %s", strerror(error));
    }
    setpgid(pid, pid); // as the child does; whoever comes first
    process->pid = pid;
    process->control = ends.control[0];
    process->life = ends.life[0];
    process->log = ends.log[0];
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Watch

// What an environment prints is its own: nothing of it may steer the terminal. Colours go, and
// where a progress bar goes back to the line's begin, there is a space.
static void clean(char *line) {
    char *to = line;
    for (const char *from = line; *from; from++) {
        if (from[0] == '\033' && from[1] == '[') {
            size_t length = 2 + strspn(from + 2, "0123456789;?");
            if (from[length]) length++; // the letter that says what they are
            from += length - 1;
            continue;
        }
        *to++ = *from == '\t' || *from == '\r' ? ' ' : *from;
    }
    *to = 0;
    up_text_clean(line);
}

// Lines that are longer than there is room for come in pieces.
static void hand_lines(UpProcess *process, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\n' && text[i] != 0) process->line[process->line_length++] = text[i];
        if (text[i] != '\n' && process->line_length < sizeof process->line - 1) continue;
        process->line[process->line_length] = 0;
        process->line_length = 0;
        clean(process->line);
        up_output(process->line);
    }
}

// What it printed last may lack the end of a line.
static void close_log(UpProcess *process) {
    if (process->line_length > 0) hand_lines(process, "\n", 1);
    close_fd(&process->log);
}

void up__process_drain(UpProcess *process) {
    while (process->log >= 0) {
        char *tail = process->tail;
        size_t half = sizeof process->tail / 2;
        if (process->tail_length >= half) { // keep the newer half
            memmove(tail, tail + process->tail_length - half / 2, half / 2);
            process->tail_length = half / 2;
        }
        ssize_t got = read(process->log, tail + process->tail_length,
                           sizeof process->tail - 1 - process->tail_length);
        if (got > 0) {
            hand_lines(process, tail + process->tail_length, (size_t)got);
            process->tail_length += (size_t)got;
            tail[process->tail_length] = 0;
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && errno == EAGAIN) {
            return;
        } else {
            close_log(process);
        }
    }
}

// The last line of `tail` that is not empty; printable characters only.
static void last_line(const UpProcess *process, char *line, size_t capacity) {
    const char *tail = process->tail;
    size_t end = process->tail_length;
    while (end > 0 && (tail[end - 1] == '\n' || tail[end - 1] == '\r' || tail[end - 1] == ' '))
        end--;
    size_t begin = end;
    while (begin > 0 && tail[begin - 1] != '\n')
        begin--;
    size_t length = 0;
    for (size_t i = begin; i < end && length + 1 < capacity; i++)
        line[length++] = (unsigned char)tail[i] < ' ' ? ' ' : tail[i];
    line[length] = 0;
}

// Has it ended, or does it within `seconds`? It stays a zombie, so that its number is not reused
// before collect().
static bool ended(const UpProcess *process, double seconds) {
    double deadline = up__clock() + seconds;
    for (;;) {
        siginfo_t info = {0};
        int result = waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT);
        if (result == 0 && info.si_pid == process->pid) return true;
        if (result < 0 && errno != EINTR) return true; // the host collected it
        if (up__clock() >= deadline) return false;
        poll(NULL, 0, 2);
    }
}

bool up__process_stopped(const UpProcess *process) {
    siginfo_t info = {0};
    return process->pid > 0 &&
           waitid(P_PID, (id_t)process->pid, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process->pid && info.si_code == CLD_STOPPED;
}

// Kills it with all that it started and returns its wait status, -1 if the host took that.
static int collect(UpProcess *process) {
    int status = -1;
    kill(-process->pid, SIGKILL);
    kill(process->pid, SIGKILL);
    pid_t got;
    do
        got = waitpid(process->pid, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) status = -1;
    process->pid = 0;
    return status;
}

void up__process_describe(UpProcess *process, char *text, size_t capacity) {
    char line[256];
    if (process->pid <= 0) return; // described before; and kill(0, …) would hit the host itself
    bool gone = ended(process, 0.5);
    int status = collect(process);
    up__process_drain(process);
    last_line(process, line, sizeof line);
    const char *colon = line[0] ? ": " : "";
    if (!gone)
        snprintf(text, capacity, "closed its channel%s%s", colon, line);
    else if (status != -1 && WIFSIGNALED(status))
        snprintf(text, capacity, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (status != -1 && WIFEXITED(status))
        snprintf(text, capacity, "exited with code %d%s%s", WEXITSTATUS(status), colon, line);
    else
        snprintf(text, capacity, "ended%s%s", colon, line);
}

// ---------------------------------------------------------------------------------------------------
// End

void up__process_close(UpProcess *process) {
    close_fd(&process->control);
}

void up__process_reap(UpProcess *process, double seconds) {
    if (process->pid > 0) {
        double deadline = up__clock() + seconds;
        while (!ended(process, 0.005) && up__clock() < deadline)
            up__process_drain(process); // its output must flow, or it could not end
        collect(process);
        up__process_drain(process);
    }
    close_fd(&process->control);
    close_fd(&process->life);
    if (process->log >= 0) close_log(process);
}
