// FrozenLake-v1 and FrozenLake8x8-v1, equal to Gymnasium 1.4: over the ice to the goal and into no
// hole, on feet that slip to either side.
#include <math.h>
#include <string.h>

#include "env/native/grid.h"
#include "env/native/kinds.h"
#include "env/native/tabular.h"

typedef struct FrozenLake {
    UpTabular tabular;
    char map_name[UP_OPTION_TEXT_MAX]; // keywords, as Gymnasium's
    char desc[UP_OPTION_TEXT_MAX];     // the rows of a map of one's own; after prepare, without
                                       //   anything between them
    double is_slippery, success_rate, reward_schedule[3];
    int rows, columns;
} FrozenLake;

enum { LEFT, DOWN, RIGHT, UP, ACTIONS };

static const char *const maps[][2] = {
    {"4x4", "SFFF,FHFH,FFFH,HFFG"},
    {"8x8", "SFFFFFFF,FFFFFFFF,FFFHFFFF,FFFFFHFF,FFFHFFFF,FHHFFFHF,FHFFHFHF,FFFHFFFG"},
};

// Takes the runs of letters out of desc, which may be a list in Python's notation.
static UpStatus read_map(FrozenLake *self) {
    const char *from = self->desc;
    char *to = self->desc;
    for (from += strcspn(from, "SFHG"); *from; from += strcspn(from, "SFHG")) {
        int length = (int)strspn(from, "SFHG");
        if (self->rows > 0 && length != self->columns)
            return up_fail(UP_USAGE, "FrozenLake: row %d of desc has %d letters, those above %d",
                           self->rows + 1, length, self->columns);
        self->columns = length;
        self->rows++;
        memmove(to, from, (size_t)length);
        to += length;
        from += length;
    }
    *to = 0;
    if (self->rows > 0) return UP_OK;
    return up_fail(UP_USAGE, "FrozenLake: desc has no row of the letters S, F, H and G, as in "
                             "desc=SFF,FHF,FFG");
}

static UpStatus find_map(FrozenLake *self) {
    for (int m = 0; m < 2 && !*self->desc; m++)
        if (strcmp(self->map_name, maps[m][0]) == 0) strcpy(self->desc, maps[m][1]);
    if (*self->desc) return read_map(self);
    return up_fail(UP_USAGE,
                   "FrozenLake: there is no map \"%s\"; there are 4x4 and 8x8, or draw "
                   "one, as in desc=SFF,FHF,FFG",
                   self->map_name);
}

static void add_outcome(FrozenLake *self, int state, int action, int way, double probability) {
    int row = state / self->columns, column = state % self->columns;
    if (way == LEFT && column > 0) column--;
    if (way == DOWN && row < self->rows - 1) row++;
    if (way == RIGHT && column < self->columns - 1) column++;
    if (way == UP && row > 0) row--;
    int next = row * self->columns + column;
    char letter = self->desc[next];
    int kind = letter == 'G' ? 0 : letter == 'H' ? 1 : 2;
    up__tabular_add(
        &self->tabular, state, action, probability,
        (UpOutcome){.next = next, .reward = self->reward_schedule[kind], .terminated = kind < 2});
}

static void add_outcomes(FrozenLake *self, int state, int action) {
    double fail_rate = (1.0 - self->success_rate) / 2.0;
    if (strchr("GH", self->desc[state])) {
        up__tabular_add(&self->tabular, state, action, 1,
                        (UpOutcome){.next = state, .terminated = true});
    } else if (self->is_slippery == 0) {
        add_outcome(self, state, action, action, 1);
    } else {
        add_outcome(self, state, action, (action + 3) % ACTIONS, fail_rate);
        add_outcome(self, state, action, action, self->success_rate);
        add_outcome(self, state, action, (action + 1) % ACTIONS, fail_rate);
    }
}

static UpStatus prepare(void *env, const UpEnvDef *def) {
    (void)def;
    FrozenLake *self = env;
    UP_TRY(find_map(self));
    if (!(self->success_rate >= 0 && self->success_rate <= 1))
        return up_fail(UP_USAGE, "FrozenLake: success_rate = %g is not a probability",
                       self->success_rate);
    int states = self->rows * self->columns;
    UP_TRY(up__tabular_create(&self->tabular, states, ACTIONS, 3));
    bool is_start[UP_OPTION_TEXT_MAX];
    for (int s = 0; s < states; s++) {
        is_start[s] = self->desc[s] == 'S';
        for (int a = 0; a < ACTIONS; a++)
            add_outcomes(self, s, a);
    }
    self->tabular.task.width = self->columns * UP__GRID_CELL;
    self->tabular.task.height = self->rows * UP__GRID_CELL;
    return up__tabular_starts(&self->tabular, is_start);
}

#ifdef UP_HAVE_CAIRO
static void draw_cell(const FrozenLake *self, int row, int column, cairo_t *cairo) {
    char letter = self->desc[row * self->columns + column];
    up__grid_tile(cairo, row, column, 0xd8ecf8);
    if (letter == 'H') {
        up__picture_colour(cairo, 0x24506e);
        up__picture_disc(cairo, (column + 0.5) * UP__GRID_CELL, (row + 0.5) * UP__GRID_CELL,
                         0.36 * UP__GRID_CELL);
    }
    if (letter == 'S') up__grid_letter(cairo, row, column, "S", 0x8fb8d0);
    if (letter == 'G') up__grid_flag(cairo, row, column);
}

static void draw(const void *env, int i, cairo_t *cairo) {
    static const int down[] = {0, 1, 0, -1}, right[] = {-1, 0, 1, 0};
    const FrozenLake *self = env;
    for (int row = 0; row < self->rows; row++)
        for (int column = 0; column < self->columns; column++)
            draw_cell(self, row, column, cairo);
    int row = self->tabular.state[i] / self->columns,
        column = self->tabular.state[i] % self->columns;
    int action = self->tabular.action[i];
    up__grid_walker(cairo, row, column);
    if (action >= 0) up__grid_arrow(cairo, row, column, down[action], right[action]);
}
#endif

const UpTaskKind up__frozen_lake = {
    .frames_per_second = 4,
    .size = sizeof(FrozenLake),
    .array = {UP__TABULAR_ARRAYS(FrozenLake)},
    .keyword = {UP__TEXT(FrozenLake, map_name), UP__TEXT(FrozenLake, desc),
                UP__FLAG(FrozenLake, is_slippery), UP__NUMBER(FrozenLake, success_rate),
                UP__NUMBERS(FrozenLake, reward_schedule, 3)},
    .prepare = prepare,
    .begin = up__tabular_begin,
    .advance = up__tabular_advance,
    .observe = up__tabular_observe,
    .possible = up__tabular_possible,
    .draw = UP__DRAW(draw),
};
