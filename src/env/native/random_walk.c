// uphill/RandomWalk-v0: five states in a row, a step to either side by chance, 1 at the right end
// (Sutton and Barto, example 6.2). States 0 and 6 are the ends; there is nothing to decide.
#include "env/native/grid.h"
#include "env/native/kinds.h"
#include "env/native/tabular.h"

enum { LAST = 6, STATES = LAST + 1, START = 3 };

static UpStatus prepare(void *env, const UpEnvDef *def) {
    (void)def;
    UpTabular *self = env;
    UP_TRY(up__tabular_create(self, STATES, 1, 2));
    for (int s = 1; s < LAST; s++) {
        up__tabular_add(self, s, 0, 0.5, (UpOutcome){.next = s - 1, .terminated = s == 1});
        up__tabular_add(
            self, s, 0, 0.5,
            (UpOutcome){.next = s + 1, .reward = s == LAST - 1, .terminated = s == LAST - 1});
    }
    for (int s = 0; s < STATES; s += LAST)
        up__tabular_add(self, s, 0, 1, (UpOutcome){.next = s, .terminated = true});
    return up__tabular_starts(self, (const bool[STATES]){[START] = true});
}

#ifdef UP_HAVE_CAIRO
static void draw(const void *env, int i, cairo_t *cairo) {
    static const char *const name[STATES] = {"", "A", "B", "C", "D", "E", ""};
    const UpTabular *self = env;
    for (int s = 0; s < STATES; s++) {
        up__grid_tile(cairo, 0, s, s == 0 || s == LAST ? 0xb0b0b0 : 0xd8ecf8);
        up__grid_letter(cairo, 0, s, name[s], 0x8fb8d0);
    }
    up__grid_flag(cairo, 0, LAST);
    up__grid_walker(cairo, 0, self->state[i]);
}
#endif

const UpTaskKind up__random_walk = {
    .frames_per_second = 4,
    .size = sizeof(UpTabular),
    .array = {UP__ARRAY(UpTabular, state), UP__ARRAY(UpTabular, action)},
    .prepare = prepare,
    .begin = up__tabular_begin,
    .advance = up__tabular_advance,
    .observe = up__tabular_observe,
    .possible = up__tabular_possible,
    .width = STATES * UP__GRID_CELL,
    .height = UP__GRID_CELL,
    .draw = UP__DRAW(draw),
};
