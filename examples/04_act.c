// The least that a robot needs: a policy, numbers in, numbers out; libuphill-act, libc and libm.
//
//   cc 04_act.c $(pkg-config --cflags --libs uphill-act) -o act
//   ./act policy.safetensors < observations > actions
//
// Reads observations, one a line, and writes the action for each. Without a path it only says so.
#include <stdio.h>
#include <stdlib.h>

#include <uphill/act.h>

// Reads one observation; false at the end of the input.
static int read_obs(float *obs, int64_t size) {
    for (int64_t i = 0; i < size; i++)
        if (scanf("%f", &obs[i]) != 1) return 0;
    return 1;
}

static int drive(UpAct *act) {
    int64_t D = up_act_obs_size(act), A = up_act_action_size(act);
    float *obs = calloc((size_t)D, sizeof *obs), *action = calloc((size_t)A, sizeof *action);
    int works = obs && action;
    while (works && read_obs(obs, D)) {
        up_act(act, obs, NULL, action); // nothing in here allocates, locks or fails
        for (int64_t a = 0; a < A; a++)
            printf("%.9g%c", (double)action[a], a == A - 1 ? '\n' : ' ');
    }
    free(obs);
    free(action);
    return works ? 0 : 1;
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
