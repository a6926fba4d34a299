// CliffWalking-v1 and CliffWalkingSlippery-v1, equal to Gymnasium 1.4: along a cliff to the goal;
// whoever falls begins again at the start (Sutton and Barto, example 6.6).
#include "env/native/grid.h"
#include "env/native/kinds.h"
#include "env/native/tabular.h"

typedef struct CliffWalking {
    UpTabular tabular;
    double is_slippery; // keyword
} CliffWalking;

enum { ROWS = 4, COLUMNS = 12, STATES = ROWS * COLUMNS, START = 36, GOAL = 47, ACTIONS = 4 };

// Up, right, down, left.
static const int down[ACTIONS] = {-1, 0, 1, 0}, right[ACTIONS] = {0, 1, 0, -1};

static bool is_cliff(int state) {
    return state > START && state < GOAL;
}

static void add_outcome(CliffWalking *self, int state, int action, int way, double probability) {
    int row = state / COLUMNS + down[way], column = state % COLUMNS + right[way];
    row = row < 0 ? 0 : row >= ROWS ? ROWS - 1 : row;
    column = column < 0 ? 0 : column >= COLUMNS ? COLUMNS - 1 : column;
    int next = row * COLUMNS + column;
    UpOutcome outcome = {.next = next, .reward = -1, .terminated = next == GOAL};
    if (is_cliff(next)) outcome = (UpOutcome){.next = START, .reward = -100};
    up__tabular_add(&self->tabular, state, action, probability, outcome);
}

static UpStatus prepare(void *env, const UpEnvDef *def) {
    (void)def;
    CliffWalking *self = env;
    UP_TRY(up__tabular_create(&self->tabular, STATES, ACTIONS, 3));
    bool is_start[STATES] = {[START] = true};
    for (int s = 0; s < STATES; s++) {
        for (int a = 0; a < ACTIONS; a++) {
            if (self->is_slippery == 0) {
                add_outcome(self, s, a, a, 1);
                continue;
            }
            for (int way = a + 3; way <= a + 5; way++)
                add_outcome(self, s, a, way % ACTIONS, 1.0 / 3);
        }
    }
    return up__tabular_starts(&self->tabular, is_start);
}

#ifdef UP_HAVE_CAIRO
static void draw(const void *env, int i, cairo_t *cairo) {
    const CliffWalking *self = env;
    for (int s = 0; s < STATES; s++)
        up__grid_tile(cairo, s / COLUMNS, s % COLUMNS, is_cliff(s) ? 0x5b4636 : 0xcfe3b4);
    up__grid_letter(cairo, START / COLUMNS, START % COLUMNS, "S", 0x7f9a5f);
    up__grid_flag(cairo, GOAL / COLUMNS, GOAL % COLUMNS);
    int row = self->tabular.state[i] / COLUMNS, column = self->tabular.state[i] % COLUMNS;
    int action = self->tabular.action[i];
    up__grid_walker(cairo, row, column);
    if (action >= 0) up__grid_arrow(cairo, row, column, down[action], right[action]);
}
#endif

const UpTaskKind up__cliff_walking = {
    .frames_per_second = 4,
    .size = sizeof(CliffWalking),
    .array = {UP__TABULAR_ARRAYS(CliffWalking)},
    .keyword = {UP__FLAG(CliffWalking, is_slippery)},
    .prepare = prepare,
    .begin = up__tabular_begin,
    .advance = up__tabular_advance,
    .observe = up__tabular_observe,
    .possible = up__tabular_possible,
    .width = COLUMNS * UP__GRID_CELL,
    .height = ROWS * UP__GRID_CELL,
    .draw = UP__DRAW(draw),
};
