// The rows of a frame, one after the other: those that do not come out as in the last frame of the
// same buffer are gone through, and held for the next one.
//
//   hold    note down what came out of a row (UpAtariHeld): its writes, the chip as it began, its
//   latches compare find how the chip differs, as a row begins, from what it was then
//   (UpHeldDifference) judge   find out whether that shows for certain, by what the chip is now
//   pass    go on behind rows that come out as they did, without their writes
//   undo    take from the difference what the writes of a row have put right
//   track   go through a row whose writes are the same, and keep the difference for the one after
//   it weigh   count whether holding rows pays, and pause where it does not
//
// A row's life (UpRowState): a row that is REACHED is COMPARED if its writes are the same as then.
// If nothing of the difference shows in it, it is PASSED, and so is the next one. Else it is gone
// through, OPEN or TRACKED; behind it a new one is REACHED, or COMPARED already.
#include "env/atari/beam/beam.h"

#include <string.h>

// Times are counted from where a frame begins, which may be elsewhere in a line.
static void turn(UpAtariHeld *held, int32_t cycles) {
    for (int i = 0; i < held->writes; i++)
        held->write[i] =
            (held->write[i] & ~0xFFFFFFFFull) | (uint32_t)((int32_t)held->write[i] + cycles);
}

// Where too many rows change, holding them costs more than it saves.
enum {
    BALANCE = 3, // one row in three that changes: what holding costs and what it saves are even
    // Rows above that share before it pauses: four frames of which all rows change. A game may
    // change all of them now and then, where a scene begins.
    PATIENCE = 600,
    // Frames until it is tried again, half a second: the tries are an eighth of the time.
    PAUSES = 30,
};
static void weigh(UpAtariHeld *held, int changed, int rows) {
    int waste = held->waste + changed - rows / BALANCE;
    if (waste > PATIENCE) held->pauses = PAUSES;
    held->waste = (int16_t)(waste < 0 ? 0 : waste > PATIENCE ? PATIENCE : waste);
}

static bool is_paused(UpAtariHeld *held) {
    if (held->pauses == 0) return false;
    held->pauses--;
    held->rows = 0;
    return true;
}

// An HMOVE so long ago that the counter of clocks went round may have an effect once more.
void up__rows_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen) {
    const UpAtariMachine *m = bus->m;
    beam->rows.window = bus->window;
    beam->rows.height = m->height;
    beam->rows.first_cycle = bus->window > 0 ? (bus->window + 2) / 3 : bus->window / 3;
    beam->rows.at = -1;
    UpAtariHeld *held = screen ? &screen->held[m->buffer] : NULL;
    if (!held || is_paused(held)) return;
    beam->rows.held = held;
    beam->rows.holds = up__wrap_sub(bus->window, m->tia.last_hmove) >= 0;
    int32_t later = m->tia.frame_start - held->frame_start;
    beam->rows.known = beam->rows.holds && later % 3 == 0 ? held->rows : 0;
    if (beam->rows.known && later) turn(held, later / 3);
    held->frame_start = m->tia.frame_start;
    held->rows = 0; // should the frame have to be played again
}

void up__rows_end(UpTiaBeam *beam, const UpAtariBus *bus) {
    UpAtariHeld *held = beam->rows.held;
    ptrdiff_t writes = bus->log_end - bus->log;
    if (!held || !beam->rows.holds || writes > UP__HELD_WRITES || beam->rows.at < 0) return;
    held->rows = beam->rows.at;
    if (beam->rows.known == beam->rows.at)
        weigh(held, beam->rows.at - beam->rows.passed, beam->rows.at);
    held->writes = (uint16_t)writes;
    memcpy(held->write, bus->log, (size_t)writes * sizeof *held->write);
    held->write[writes] = INT32_MAX;
}

// ---------------------------------------------------------------------------------------------------
// One row after the other

// Its writes are the same if it is one of the first `same`: then the difference stays what it is.
static void open_row(UpTiaBeam *beam, int same) {
    UpAtariHeld *held = beam->rows.held;
    const UpAtariTia *tia = &beam->machine->tia;
    bool tracked = beam->rows.at < same && !(beam->rows.differs.seen_in & UP__DIFFERS) &&
                   !(held->touches[beam->rows.at] & beam->rows.differs.ended_by);
    if (beam->rows.state == UP__ROW_PASSED) up__rows_put_right(beam);
    beam->rows.state = tracked ? UP__ROW_TRACKED : UP__ROW_OPEN;
    up__held_save(held, beam->rows.at, beam->rows.chip);
    __builtin_prefetch(held->state[beam->rows.at + 1], 1);
    held->first[beam->rows.at] = (uint16_t)(beam->done - beam->log);
    beam->rows.clears = false;
    beam->rows.reads = 0;
    memset(held->read[beam->rows.at], 0xFF, sizeof held->read[beam->rows.at]);
    beam->rows.lit = (uint8_t)((beam->on & ~(unsigned)UP__FIELD) |
                               (tia->ctrlpf & UP__CTRLPF_SCORE ? UP__DIFFERS_SCORE : 0));
}

// Objects that the row that ends may have shown, and of which old copies could have come to show.
static unsigned shows(const UpTiaBeam *beam, uint64_t written) {
    enum { PLAYERS = UP__PLAYER_0 | UP__PLAYER_1 };
    unsigned delayed = (unsigned)(written >> UP__VDELP0 & 3) << UP__P0 |
                       (unsigned)(written >> UP__VDELBL & 1) << UP__BL;
    unsigned shown = delayed;
    if (written >> UP__GRP0 & 1) shown |= PLAYERS;
    if (written >> UP__GRP1 & 1) shown |= PLAYERS | UP__BALL;
    if (shown & ~(unsigned)beam->rows.lit) shown &= up__held_filled(beam->rows.chip);
    return beam->rows.lit | shown | delayed << UP__DIFFERS_COPY;
}

// Registers that the row that ends wrote to.
static uint64_t written_in(const UpTiaBeam *beam, int row) {
    uint64_t written = 0;
    const uint64_t *entry = beam->log + beam->rows.held->first[row];
    for (; entry < beam->done; entry++)
        written |= 1ull << up__log_register(*entry);
    return written & UP__REGISTERS;
}

static inline void mark(UpRowSet *set, int row, bool is) {
    uint64_t *word = &set->word[row / 64], bit = 1ull << (row % 64);
    *word = (*word & ~bit) | (is ? bit : 0);
}

// The row that ended is held.
static void hold(UpTiaBeam *beam, int row, uint64_t written) {
    UpAtariHeld *held = beam->rows.held;
    unsigned collisions = beam->hits | (beam->rows.clears ? UP__HELD_CLEARED : 0u);
    held->touches[row] = written | (uint64_t)shows(beam, written) << UP__HELD_SHOWS;
    held->collisions[row] = (uint16_t)collisions;
    mark(&held->collide, row, collisions);
    mark(&held->move, row, written >> UP__HMOVE & 1);
    mark(&held->outdated, row,
         !beam->picture.pixel || !up__picture_wants(beam->picture.wanted, row));
    beam->machine->tia.collisions |= beam->hits;
    beam->hits = 0;
}

static void close_row(UpTiaBeam *beam) {
    int row = beam->rows.at++;
    up__beam_go(beam, up__rows_clock(beam, beam->rows.at));
    if (beam->machine->tia.drawn == beam->line.next && !beam->line.ended) up__beam_end_line(beam);
    bool tracked = beam->rows.state == UP__ROW_TRACKED;
    beam->rows.state = tracked ? UP__ROW_COMPARED : UP__ROW_REACHED;
    uint64_t written = 0;
    if (row >= 0) {
        written = written_in(beam, row);
        hold(beam, row, written);
    }
    up__held_state(&beam->machine->tia, up__rows_clock(beam, beam->rows.at), beam->rows.chip);
    if (!tracked) return;
    up__held_undo(&beam->rows.differs, written);
    up__held_judge(&beam->rows.differs, beam->rows.chip);
}

bool up__rows_replay(UpAtariBus *bus, int32_t clock, bool reads) {
    UpTiaBeam *beam = bus->beam;
    *bus->log_end = INT32_MAX; // a write behind all others
    if (!beam->rows.held) {
        up__beam_write(beam, INT32_MAX);
        return true;
    }
    beam->log_end = bus->log_end;
    for (;;) {
        int row = beam->rows.at;
        bool last = row >= beam->rows.height;
        if (beam->rows.state > UP__ROW_TRACKED) {
            int same = row < beam->rows.known ? up__rows_same(beam, clock, reads) : row;
            if (same > row) up__rows_pass(beam, same);
            if (reads && clock < up__rows_clock(beam, beam->rows.at + 1) &&
                up__rows_may_wait(beam, clock))
                return false;
            open_row(beam, same);
            continue;
        }
        up__beam_write(beam, last ? INT32_MAX : up__rows_cycle(beam, row + 1));
        if (last || clock < up__rows_clock(beam, row + 1)) return true;
        close_row(beam);
    }
}
