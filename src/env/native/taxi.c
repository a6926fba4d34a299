// Taxi-v4, equal to Gymnasium 1.4: fetch a passenger at one of four stands and bring them to
// another (Dietterich 2000), in rain and with passengers who change their mind where asked to.
#include <string.h>

#include "env/native/grid.h"
#include "env/native/kinds.h"
#include "env/native/tabular.h"

typedef struct Taxi {
    UpTabular tabular;
    uint8_t *fickle; // (N) 1: this passenger will change the destination at the first move
    double is_rainy, fickle_passenger, rainy_probability, fickle_probability; // keywords
    uint8_t (*mask)[6]; // (STATES) actions that change the state
} Taxi;

enum { SIDE = 5, STANDS = 4, IN_TAXI = 4, STATES = SIDE * SIDE * 5 * STANDS };
enum { SOUTH, NORTH, EAST, WEST, PICK_UP, DROP_OFF, ACTIONS };

static const int down[] = {1, -1, 0, 0}, right[] = {0, 0, 1, -1};
static const int stand_row[STANDS] = {0, 0, 4, 4}, stand_column[STANDS] = {0, 4, 0, 3};

// The map between columns c and c + 1: ':' is open.
static const char walls[SIDE][SIDE] = {":|::", ":|::", "::::", "|:|:", "|:|:"};

typedef struct Scene {
    int row, column, passenger, destination;
} Scene;

static int encode(Scene s) {
    return ((s.row * SIDE + s.column) * 5 + s.passenger) * STANDS + s.destination;
}

static Scene decode(int state) {
    return (Scene){state / 100, state / 20 % SIDE, state / STANDS % 5, state % STANDS};
}

// The stand that the taxi is at, or -1.
static int stand_of(Scene s) {
    for (int k = 0; k < STANDS; k++)
        if (s.row == stand_row[k] && s.column == stand_column[k]) return k;
    return -1;
}

static bool can_move(Scene s, int way) {
    if (way == SOUTH) return s.row < SIDE - 1;
    if (way == NORTH) return s.row > 0;
    if (way == EAST) return s.column < SIDE - 1 && walls[s.row][s.column] == ':';
    return s.column > 0 && walls[s.row][s.column - 1] == ':';
}

static Scene moved(Scene s, int way) {
    if (!can_move(s, way)) return s;
    s.row += down[way];
    s.column += right[way];
    return s;
}

// ---------------------------------------------------------------------------------------------------
// Tables

static void add_move(Taxi *self, Scene s, int way) {
    // Left and right of each heading. Rain drives the taxi there, unless a wall is before it.
    static const int left_of[] = {EAST, WEST, NORTH, SOUTH},
                     right_of[] = {WEST, EAST, SOUTH, NORTH};
    bool drifts = can_move(s, way);
    double aside = (1.0 - self->rainy_probability) / 2.0;
    UpOutcome straight = {.reward = -1, .next = encode(moved(s, way))};
    UpOutcome left = {.reward = -1, .next = encode(drifts ? moved(s, left_of[way]) : s)};
    UpOutcome side = {.reward = -1, .next = encode(drifts ? moved(s, right_of[way]) : s)};
    if (self->is_rainy == 0) {
        up__tabular_add(&self->tabular, encode(s), way, 1, straight);
        return;
    }
    up__tabular_add(&self->tabular, encode(s), way, self->rainy_probability, straight);
    up__tabular_add(&self->tabular, encode(s), way, aside, left);
    up__tabular_add(&self->tabular, encode(s), way, aside, side);
}

static void add_pick_up(Taxi *self, Scene s) {
    Scene after = s;
    bool works = s.passenger < IN_TAXI && stand_of(s) == s.passenger;
    if (works) after.passenger = IN_TAXI;
    up__tabular_add(&self->tabular, encode(s), PICK_UP, 1,
                    (UpOutcome){.next = encode(after), .reward = works ? -1 : -10});
}

static void add_drop_off(Taxi *self, Scene s) {
    Scene after = s;
    bool works = s.passenger == IN_TAXI && stand_of(s) >= 0;
    bool arrived = works && stand_of(s) == s.destination;
    if (works) after.passenger = stand_of(s);
    UpOutcome outcome = {.next = encode(after),
                         .reward = arrived ? 20
                                   : works ? -1
                                           : -10,
                         .terminated = arrived};
    up__tabular_add(&self->tabular, encode(s), DROP_OFF, 1, outcome);
}

static void fill_mask(Taxi *self, Scene s) {
    uint8_t *mask = self->mask[encode(s)];
    for (int way = SOUTH; way <= WEST; way++)
        mask[way] = can_move(s, way);
    mask[PICK_UP] = s.passenger < IN_TAXI && stand_of(s) == s.passenger;
    mask[DROP_OFF] = s.passenger == IN_TAXI && stand_of(s) >= 0;
}

static UpStatus prepare(void *env, const UpEnvDef *def) {
    (void)def;
    Taxi *self = env;
    double rain = self->rainy_probability;
    if (!(rain >= 0 && rain <= 1))
        return up_fail(UP_USAGE, "Taxi: rainy_probability = %g is not a probability", rain);
    UP_TRY(up__tabular_create(&self->tabular, STATES, ACTIONS, 3));
    self->mask = up_arena_alloc(&self->tabular.task.native.arena, STATES, sizeof *self->mask);
    if (!self->mask) return UP_MEMORY;
    bool is_start[STATES];
    for (int state = 0; state < STATES; state++) {
        Scene s = decode(state);
        is_start[state] = s.passenger < IN_TAXI && s.passenger != s.destination;
        for (int way = SOUTH; way <= WEST; way++)
            add_move(self, s, way);
        add_pick_up(self, s);
        add_drop_off(self, s);
        fill_mask(self, s);
    }
    return up__tabular_starts(&self->tabular, is_start);
}

// ---------------------------------------------------------------------------------------------------
// Steps

static void begin(void *env, int i) {
    Taxi *self = env;
    up__tabular_begin(self, i);
    self->fickle[i] = self->fickle_passenger != 0 &&
                      up_rng_double(&self->tabular.task.native.rng[i]) < self->fickle_probability;
}

// One of the three other stands.
static int other_destination(UpRng *rng, int destination) {
    int k = (int)up_rng_integers(rng, 0, STANDS - 1);
    return k < destination ? k : k + 1;
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Taxi *self = env;
    int32_t *state = self->tabular.state, before[UP__TASK_BLOCK];
    memcpy(before, state + first, (size_t)count * sizeof *before);
    up__tabular_advance(self, first, count, step);
    for (int i = first; i < first + count; i++) {
        if (!self->fickle[i]) continue;
        Scene old = decode(before[i - first]), new = decode(state[i]);
        if (old.passenger != IN_TAXI || (old.row == new.row &&old.column == new.column)) continue;
        self->fickle[i] = 0;
        new.destination = other_destination(&self->tabular.task.native.rng[i], old.destination);
        state[i] = encode(new);
    }
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const Taxi *self = env;
    up__tabular_observe(env, first, count, obs);
    for (int i = first; i < first + count && obs->mask; i++)
        memcpy(obs->mask + (ptrdiff_t)i * ACTIONS, self->mask[self->tabular.state[i]], ACTIONS);
}

// ---------------------------------------------------------------------------------------------------
// Picture

#ifdef UP_HAVE_CAIRO
static void draw_map(cairo_t *cairo) {
    static const unsigned colour[STANDS] = {0xf4a6a0, 0xa8d8a0, 0xf6e08a, 0xa4c4f0};
    static const char *const name[STANDS] = {"R", "G", "Y", "B"};
    for (int cell = 0; cell < SIDE * SIDE; cell++)
        up__grid_tile(cairo, cell / SIDE, cell % SIDE, 0xe6e6e0);
    for (int k = 0; k < STANDS; k++) {
        up__grid_tile(cairo, stand_row[k], stand_column[k], colour[k]);
        up__grid_letter(cairo, stand_row[k], stand_column[k], name[k], 0xffffff);
    }
    up__picture_colour(cairo, 0x303030);
    for (int row = 0; row < SIDE; row++)
        for (int column = 0; column < SIDE - 1; column++)
            if (walls[row][column] != ':')
                up__picture_box(cairo, (column + 1) * UP__GRID_CELL - 3, row * UP__GRID_CELL, 6,
                                UP__GRID_CELL);
}

static void draw_person(cairo_t *cairo, double x, double y, double size) {
    up__picture_colour(cairo, 0x1d3557);
    up__picture_disc(cairo, x, y - 0.3 * size, 0.2 * size);
    up__picture_round(cairo, x - 0.25 * size, y - 0.08 * size, 0.5 * size, 0.6 * size, 0.2 * size);
}

static void draw_cab(cairo_t *cairo, Scene s) {
    double x = s.column * UP__GRID_CELL, y = s.row * UP__GRID_CELL;
    up__picture_colour(cairo, 0xf2b705);
    up__picture_round(cairo, x + 8, y + 28, 44, 18, 6);
    up__picture_round(cairo, x + 17, y + 16, 26, 18, 6);
    up__picture_colour(cairo, s.passenger == IN_TAXI ? 0x1d3557 : 0xffffff);
    up__picture_round(cairo, x + 21, y + 19, 18, 9, 3);
    up__picture_colour(cairo, 0x303030);
    up__picture_disc(cairo, x + 19, y + 46, 5);
    up__picture_disc(cairo, x + 41, y + 46, 5);
}

static void draw(const void *env, int i, cairo_t *cairo) {
    const Taxi *self = env;
    Scene s = decode(self->tabular.state[i]);
    draw_map(cairo);
    up__grid_flag(cairo, stand_row[s.destination], stand_column[s.destination]);
    draw_cab(cairo, s);
    if (s.passenger < IN_TAXI)
        draw_person(cairo, (stand_column[s.passenger] + 0.2) * UP__GRID_CELL,
                    (stand_row[s.passenger] + 0.3) * UP__GRID_CELL, 22);
}
#endif

const UpTaskKind up__taxi = {
    .mask_size = ACTIONS,
    .frames_per_second = 4,
    .size = sizeof(Taxi),
    .array = {UP__TABULAR_ARRAYS(Taxi), UP__ARRAY(Taxi, fickle)},
    .keyword = {UP__FLAG(Taxi, is_rainy), UP__FLAG(Taxi, fickle_passenger),
                UP__NUMBER(Taxi, rainy_probability), UP__NUMBER(Taxi, fickle_probability)},
    .prepare = prepare,
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = up__tabular_possible,
    .width = SIDE * UP__GRID_CELL,
    .height = SIDE * UP__GRID_CELL,
    .draw = UP__DRAW(draw),
};
