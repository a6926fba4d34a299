// FrozenLake-v1 worked out: the exact policy gradient, for `uphill experiment variance-ladder`.
#include <math.h>
#include <stdbool.h>

#include "experiments/ladder.h"
#include "uphill/tabular.h"

enum { SIDE = 4, STATES = SIDE * SIDE, ACTIONS = 4, WAYS = 3, SWEEPS = 100000 };

static const char map[] = "SFFF"
                          "FHFH"
                          "FFFH"
                          "HFFG";

typedef struct Lake {
    const CliLakeRewards *rewards;
    double pi[STATES][ACTIONS], value[STATES], visits[STATES];
} Lake;

static bool ends(int state) {
    return map[state] == 'H' || map[state] == 'G';
}

// Left, down, right, up; the feet slip to either side as often as they go where they should.
static int next_of(int state, int action, int way) {
    int row = state / SIDE, column = state % SIDE, to = (action + way + ACTIONS - 1) % ACTIONS;
    if (to == 0 && column > 0) column--;
    if (to == 1 && row < SIDE - 1) row++;
    if (to == 2 && column < SIDE - 1) column++;
    if (to == 3 && row > 0) row--;
    return row * SIDE + column;
}

static double q(const Lake *lake, int state, int action) {
    double sum = 0;
    for (int way = 0; way < WAYS; way++) {
        int next = next_of(state, action, way);
        sum += map[next] == 'G'   ? lake->rewards->goal
               : map[next] == 'H' ? lake->rewards->hole
                                  : lake->rewards->ice + lake->value[next];
    }
    return sum / WAYS;
}

// V = Σ_a π(a|s) Q(s, a), until nothing moves.
static void solve_value(Lake *lake) {
    double moved = 1;
    for (int sweep = 0; sweep < SWEEPS && moved > 1e-13; sweep++) {
        moved = 0;
        for (int s = 0; s < STATES; s++) {
            double value = 0;
            for (int a = 0; a < ACTIONS && !ends(s); a++)
                value += lake->pi[s][a] * q(lake, s, a);
            moved = fmax(moved, fabs(value - lake->value[s]));
            lake->value[s] = value;
        }
    }
}

// Expected visits of an episode, step by step, until nobody is left on the ice.
static void solve_visits(Lake *lake) {
    double here[STATES] = {1}, left = 1;
    for (int step = 0; step < SWEEPS && left > 1e-13; step++) {
        double next[STATES] = {0};
        left = 0;
        for (int s = 0; s < STATES; s++) {
            lake->visits[s] += here[s];
            for (int a = 0; a < ACTIONS && here[s] > 0; a++)
                for (int way = 0; way < WAYS; way++) {
                    int to = next_of(s, a, way);
                    if (!ends(to)) next[to] += here[s] * lake->pi[s][a] / WAYS;
                }
        }
        for (int s = 0; s < STATES; s++)
            left += here[s] = next[s];
    }
}

// ∇J = Σ_s visits(s) Σ_a π(a|s) A(s, a) ∇ logit(s, a)
void cli_lake_gradient(UpPolicy *policy, const CliLakeRewards *rewards, double *gradient) {
    Lake lake = {.rewards = rewards};
    float number[STATES];
    UpObs all = {.form = UP_OBS_F32, .rows = STATES, .dim = 1, .f32 = number};
    UpReal d_param[STATES * ACTIONS];
    for (int s = 0; s < STATES; s++)
        number[s] = (float)s;
    const UpReal *param = up_policy_forward(policy, up_seen(&all), UP_HEADS_POLICY).param;
    for (int s = 0; s < STATES; s++) {
        double logit[ACTIONS];
        for (int a = 0; a < ACTIONS; a++)
            logit[a] = (double)param[s * ACTIONS + a];
        up_tabular_softmax(logit, ACTIONS, lake.pi[s]);
    }
    solve_value(&lake);
    solve_visits(&lake);
    for (int s = 0; s < STATES; s++)
        for (int a = 0; a < ACTIONS; a++)
            d_param[s * ACTIONS + a] =
                (UpReal)(lake.visits[s] * lake.pi[s][a] * (q(&lake, s, a) - lake.value[s]));
    up_policy_backward(policy, up_seen(&all), d_param, NULL);
    for (size_t i = 0; i < policy->size; i++) {
        gradient[i] = (double)policy->grad[i];
        policy->grad[i] = 0;
    }
}
