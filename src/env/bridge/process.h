// One worker process: found, started, watched, described when it died, ended.
#ifndef UPHILL_ENV_BRIDGE_PROCESS_H
#define UPHILL_ENV_BRIDGE_PROCESS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "uphill/status.h"

enum { UP__PROCESS_PATH = 1024, UP__PROCESS_TAIL = 1024, UP__PROCESS_LINE = 4096 };

// What is executed: an interpreter with a script, or a worker that is a program (script empty).
typedef struct UpCommand {
    char program[UP__PROCESS_PATH];
    char script[UP__PROCESS_PATH];
} UpCommand;

typedef struct UpProcess {
    pid_t pid;   // 0: none
    int control; // our end of the control socket, -1: none
    int life;    // write end of a pipe; when it closes, the kernel kills the worker
    int log;     // read end of the worker's standard output and error, -1 at its end
    char tail[UP__PROCESS_TAIL]; // the last that came from log, ending in a 0 byte
    size_t tail_length;
    char line[UP__PROCESS_LINE]; // what came since the last whole line
    size_t line_length;
} UpProcess;

// Finds the worker ($UPHILL_WORKER, the source tree's, the installed one) and, if it is a .py file,
// the Python for it ($UPHILL_PYTHON, .venv of the source tree, python3 on PATH).
UpStatus up__command_find(UpCommand *command);
UpStatus up__python_find(char *path); // UP__PROCESS_PATH; where workers would find it

// Runs a short script in that Python and gives what it prints, to read and pclose. NULL if no shell
// starts. Messages of Python's own are not shown.
FILE *up__python_open(const char *python, const char *script);

// Starts it with the batch memory and the blob memory as descriptors 4 and 5.
UpStatus up__process_start(UpProcess *process, const UpCommand *command, int memory, int blob);

// Reads what the worker has printed and hands whole lines to up_output; never blocks.
void up__process_drain(UpProcess *process);

// Is it stopped, as by SIGSTOP?
bool up__process_stopped(const UpProcess *process);

// Writes how a worker ended, or that it only closed its end, and kills it in that case:
// "was killed by signal 9 (Killed)", "exited with code 1: <last line that it printed>". Where that
// was done before, the text stays as it is.
void up__process_describe(UpProcess *process, char *text, size_t capacity);

// Closes the control socket; a worker that is well then exits by itself.
void up__process_close(UpProcess *process);

// Waits for its end, at most `seconds`, then kills it and its whole group.
void up__process_reap(UpProcess *process, double seconds);

#endif
