// Rows that come out as in the last frame of the same buffer: they are found, and passed. Registers
// that differ without being seen are put right where that ends. rows.c explains the words.
#include "env/atari/beam/beam.h"

// Where writes begin to differ, from the present row on.
static void match(UpTiaBeam *beam, const uint64_t *write, const uint64_t *then) {
    const UpAtariHeld *held = beam->rows.held;
    ptrdiff_t left = held->write + held->writes - then, count = beam->log_end - write;
    ptrdiff_t same = beam->kernels->same(write, then, left < count ? left : count);
    beam->rows.matched = write + same;
    beam->rows.matched_held = then + same;
}

int up__rows_same(UpTiaBeam *beam, int32_t clock, bool reads) {
    const UpAtariHeld *held = beam->rows.held;
    const uint64_t *write = beam->done, *then = held->write + held->first[beam->rows.at];
    if (beam->rows.matched > write &&
        beam->rows.matched - write == beam->rows.matched_held - then) {
        // Where they begin to differ is known.
        if (beam->rows.matched < beam->log_end && !reads) return beam->rows.same;
        write = beam->rows.matched;
        then = beam->rows.matched_held;
    }
    match(beam, write, then);
    int32_t cycle = clock / 3;
    if (cycle > (int32_t)*beam->rows.matched) cycle = (int32_t)*beam->rows.matched;
    if (cycle > (int32_t)*beam->rows.matched_held) cycle = (int32_t)*beam->rows.matched_held;
    int row = beam->rows.at;
    if (cycle >= up__rows_cycle(beam, row + 1))
        row = (cycle - beam->rows.first_cycle) / UP__LINE_CYCLES;
    beam->rows.same = row < beam->rows.known ? row : beam->rows.known;
    return beam->rows.same;
}

// The first row of a set from … end - 1, or `end`.
static inline int first_of(const UpRowSet *set, int from, int end) {
    for (int row = from; row < end; row = (row | 63) + 1) {
        uint64_t word = set->word[row / 64] >> (row % 64);
        if (!word) continue;
        row += __builtin_ctzll(word);
        return row < end ? row : end;
    }
    return end;
}

// The last one, or from - 1.
static inline int last_of(const UpRowSet *set, int from, int end) {
    for (int row = end - 1; row >= from; row = (row & ~63) - 1) {
        uint64_t word = set->word[row / 64] << (63 - row % 64);
        if (!word) continue;
        row -= __builtin_clzll(word);
        return row >= from ? row : from - 1;
    }
    return from - 1;
}

// What ends that a row comes out as it did where that differs.
static inline uint64_t ends_of(const UpHeldDifference *differs) {
    return differs->ended_by | (uint64_t)differs->seen_in << UP__HELD_SHOWS;
}

// The last HMOVE of a row that has one.
static int32_t hmove_of(const UpAtariHeld *held, int row) {
    const uint64_t *write = held->write + held->first[row + 1];
    do
        write--;
    while (up__log_register(*write) != UP__HMOVE);
    return 3 * (int32_t)*write;
}

// How the chip differs from what it was as the present row began. False: in what shows for certain.
static bool is_comparable(UpTiaBeam *beam) {
    if (beam->rows.state == UP__ROW_REACHED) {
        up__held_compare(beam->rows.held, beam->rows.at, beam->rows.chip, &beam->rows.differs);
        beam->rows.state = UP__ROW_COMPARED;
    }
    return !(beam->rows.differs.seen_in & UP__DIFFERS);
}

// The first of rows from … end - 1 that has to be gone through, though its writes are the same. Or
// the one after a row whose writes drop something of the difference.
static int due_row(const UpTiaBeam *beam, int from, int end, bool *drops) {
    const UpAtariHeld *held = beam->rows.held;
    uint64_t ends = ends_of(&beam->rows.differs), any = ends | beam->rows.differs.undone_by;
    *drops = false;
    for (int row = from; row < end && any; row++) {
        if (!(held->touches[row] & any)) continue;
        *drops = !(held->touches[row] & ends);
        end = *drops ? row + 1 : row;
    }
    if (!beam->picture.seen) return end;
    for (int row = from; (row = first_of(&held->outdated, row, end)) < end; row++)
        if (up__picture_wants(beam->picture.wanted, row)) {
            *drops = false;
            return row;
        }
    return end;
}

// Passes rows, all of which come out as they did.
static void pass(UpTiaBeam *beam, int end) {
    UpAtariTia *tia = &beam->machine->tia;
    UpAtariHeld *held = beam->rows.held;
    int first = beam->rows.at;
    if (end == first) return;
    __builtin_prefetch(held->state[end]);
    if (beam->picture.pixel) up__picture_fetch(beam, end);
    for (int i = first; (i = first_of(&held->collide, i, end)) < end; i++) {
        if (held->collisions[i] & UP__HELD_CLEARED) tia->collisions = 0;
        tia->collisions |= held->collisions[i] & (uint16_t)~UP__HELD_CLEARED;
    }
    int hmove = last_of(&held->move, first, end);
    if (hmove >= first) tia->last_hmove = hmove_of(held, hmove);
    ptrdiff_t shift = beam->done - (beam->log + held->first[first]);
    beam->done = beam->log + held->first[end] + shift;
    for (int i = first; i < end && shift; i++)
        held->first[i] = (uint16_t)(held->first[i] + shift);
    up__held_shift(held, first, end, &beam->rows.differs);
    beam->rows.passed += end - first;
    beam->rows.at = end;
    beam->rows.state = UP__ROW_PASSED;
}

void up__rows_pass(UpTiaBeam *beam, int same) {
    bool drops = is_comparable(beam);
    while (drops) {
        pass(beam, due_row(beam, beam->rows.at, same, &drops));
        if (drops) up__held_undo(&beam->rows.differs, beam->rows.held->touches[beam->rows.at - 1]);
    }
}

void up__rows_put_right(UpTiaBeam *beam) {
    up__held_state_of(beam->rows.held, beam->rows.at, &beam->rows.differs, beam->rows.chip);
    up__held_restore(&beam->machine->tia, up__rows_clock(beam, beam->rows.at), beam->rows.chip);
    up__beam_put(beam, up__rows_clock(beam, beam->rows.at));
}

bool up__rows_may_wait(UpTiaBeam *beam, int32_t clock) {
    const UpAtariHeld *held = beam->rows.held;
    UpAtariTia *tia = &beam->machine->tia;
    int row = beam->rows.at, cycle = clock / 3 - up__rows_cycle(beam, row);
    if (row >= beam->rows.known || beam->rows.matched != beam->log_end ||
        (int32_t)*beam->rows.matched_held <= clock / 3 || !is_comparable(beam) ||
        held->touches[row] & ends_of(&beam->rows.differs))
        return false;
    if (!(held->collisions[row] & ~(unsigned)tia->collisions)) return true;
    for (int i = 0; i < UP__HELD_READS; i++) {
        UpHeldRead read = held->read[row][i];
        if (read.cycle != cycle) continue;
        if (read.hits & UP__HELD_CLEARED) tia->collisions = 0;
        tia->collisions |= read.hits & (uint16_t)~UP__HELD_CLEARED;
        return true;
    }
    return false;
}

void up__rows_read(UpTiaBeam *beam, int32_t clock) {
    if (!beam->rows.held || beam->rows.state > UP__ROW_TRACKED || beam->rows.at < 0 ||
        beam->rows.at >= beam->rows.height || beam->rows.reads == UP__HELD_READS)
        return;
    beam->rows.held->read[beam->rows.at][beam->rows.reads++] =
        (UpHeldRead){(uint16_t)(clock / 3 - up__rows_cycle(beam, beam->rows.at)),
                     (uint16_t)(beam->hits | (beam->rows.clears ? UP__HELD_CLEARED : 0))};
}
