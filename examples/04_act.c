// The least that a robot needs: a policy, numbers in, numbers out; libuphill-act, libc and libm.
//
//   cc 04_act.c $(pkg-config --cflags --libs uphill-act) -o act
//   ./act policy.safetensors < observations > actions
//
// Reads observations, one a line, and writes the action for each. A line with another number of
// numbers than the policy reads ends it. Without a path it only says so.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uphill/act.h>

enum { END, GOOD, BAD };

// Reads the observation of the next line. Numbers from the wrong columns would move a robot.
static int read_obs(float *obs, int64_t size) {
    static char *line;
    static size_t room;
    int64_t count = 0;
    if (getline(&line, &room, stdin) < 0) return END;
    char *at = line, *end;
    for (float number; number = strtof(at, &end), end != at; at = end, count++)
        if (count < size) obs[count] = number;
    at += strspn(at, " \t\r\n");
    if (count == size && !*at) return GOOD;
    fprintf(stderr, "a line has %lld numbers%s%.*s, and the policy reads %lld\n", (long long)count,
            *at ? ", then " : "", (int)strcspn(at, "\r\n"), at, (long long)size);
    return BAD;
}

static int drive(UpAct *act) {
    int64_t D = up_act_obs_size(act), A = up_act_action_size(act);
    float *obs = calloc((size_t)D, sizeof *obs), *action = calloc((size_t)A, sizeof *action);
    int works = obs && action, read = END;
    while (works && (read = read_obs(obs, D)) == GOOD) {
        up_act(act, obs, NULL, action); // nothing in here allocates, locks or fails
        for (int64_t a = 0; a < A; a++)
            printf("%.9g%c", (double)action[a], a == A - 1 ? '\n' : ' ');
    }
    free(obs);
    free(action);
    return works && read == END ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        puts("usage: act policy.safetensors < observations > actions");
        return argc > 2;
    }
    UpAct *act;
    if (up_act_load(&act, argv[1]) != UP_OK) {
        fprintf(stderr, "%s\n", up_error());
        return 1;
    }
    int status = drive(act);
    up_act_free(act);
    return status;
}
