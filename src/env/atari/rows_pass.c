// Rows that come out as in the last frame of the same buffer: they are found, and passed. Registers
// that differ without being seen are put right where that ends.
#include "env/atari/beam.h"

#include <string.h>

// How many writes are the same, of this many.
static ptrdiff_t same_writes(const uint64_t *write, const uint64_t *then, ptrdiff_t count) {
    enum { BLOCK = 8 };
    ptrdiff_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK) {
        uint64_t differs = 0;
        for (int j = 0; j < BLOCK; j++)
            differs |= write[i + j] ^ then[i + j];
        if (differs) break;
    }
    while (i < count && write[i] == then[i])
        i++;
    return i;
}

int up__rows_same(UpTiaBeam *beam, int32_t clock, bool reads) {
    const UpAtariHeld *held = beam->held;
    const uint64_t *write = beam->done, *then = held->write + held->first[beam->at];
    if (beam->matched > write && beam->matched - write == beam->matched_held - then) {
        // Where they begin to differ is known.
        if (beam->matched < beam->log_end && !reads) return beam->same;
        write = beam->matched;
        then = beam->matched_held;
    }
    ptrdiff_t left = held->write + held->writes - then, count = beam->log_end - write;
    ptrdiff_t same = same_writes(write, then, left < count ? left : count);
    write += same;
    then += same;
    beam->matched = write;
    beam->matched_held = then;
    // The frame's last row is gone through, so that the beam stands where the frame ends.
    enum { BEHIND = 4 };
    int32_t cycle = clock / 3 - (reads ? 0 : BEHIND);
    if (cycle > (int32_t)*write) cycle = (int32_t)*write;
    if (cycle > (int32_t)*then) cycle = (int32_t)*then;
    int row = cycle < beam->first_cycle ? 0 : (cycle - beam->first_cycle) / UP__LINE_CYCLES;
    beam->same = row < beam->known ? row : beam->known;
    return beam->same;
}

// Does the row come out as it did where that differs?
static inline bool keeps(const UpAtariHeld *held, int row, const UpHeldDifference *differs) {
    return !(held->shows[row] & differs->in) && !(held->written[row] & differs->ends);
}

// The last HMOVE of a row that has one.
static int32_t hmove_of(const UpAtariHeld *held, int row) {
    const uint64_t *write = held->write + held->first[row + 1];
    do
        write--;
    while ((*write >> UP__LOG_REGISTER & 63) != UP__HMOVE);
    return 3 * (int32_t)*write;
}

// How the chip differs from what it was as the present row began. False: in what shows for certain.
static bool is_comparable(UpTiaBeam *beam) {
    if (!beam->passed && !beam->compared)
        up__held_compare(beam->held, beam->at, beam->state, &beam->differs);
    beam->compared = true;
    return !(beam->differs.in & UP__DIFFERS);
}

// The first of rows from … end - 1 that has to be gone through, though its writes are the same. Or
// the one after a row whose writes drop something of the difference.
static int due_row(UpTiaBeam *beam, int from, int end, bool *drops) {
    const UpAtariHeld *held = beam->held;
    const UpHeldDifference *differs = &beam->differs;
    *drops = false;
    for (int row = from; row < end && (differs->count || differs->moves); row++) {
        if (!keeps(held, row, differs)) {
            end = row;
        } else if (held->written[row] & differs->drops) {
            end = row + 1;
            *drops = true;
        }
    }
    for (int row = from; row < end && beam->seen; row++)
        if (held->outdated[row] && up__picture_wants(beam->rows, row)) {
            beam->rows_same++;
            *drops = false;
            return row;
        }
    return end;
}

// Passes rows, all of which come out as they did.
static void pass(UpTiaBeam *beam, int end) {
    UpAtariTia *tia = &beam->machine->tia;
    UpAtariHeld *held = beam->held;
    int first = beam->at;
    unsigned collisions = tia->collisions, hmove = 0;
    if (end == first) return;
    for (int i = first; i < end; i++) {
        if (held->collisions[i] & UP__HELD_MORE) {
            if (held->written[i] >> UP__CXCLR & 1) collisions = 0;
            if (held->written[i] >> UP__HMOVE & 1) hmove = (unsigned)i + 1;
        }
        collisions |= held->collisions[i];
    }
    if (hmove) tia->last_hmove = hmove_of(held, (int)hmove - 1);
    tia->collisions = (uint16_t)(collisions & ~(unsigned)UP__HELD_MORE);
    ptrdiff_t shift = beam->done - (beam->log + held->first[first]);
    beam->done = beam->log + held->first[end] + shift;
    for (int i = first; i < end && shift; i++)
        held->first[i] = (uint16_t)(held->first[i] + shift);
    up__held_shift(held, first, end, &beam->differs);
    beam->rows_same += end - first;
    beam->at = end;
    beam->passed = true;
}

void up__rows_pass(UpTiaBeam *beam, int same) {
    bool drops = is_comparable(beam);
    while (drops) {
        pass(beam, due_row(beam, beam->at, same, &drops));
        if (drops) up__held_drop(&beam->differs, beam->held->written[beam->at - 1]);
    }
}

void up__rows_put_right(UpTiaBeam *beam) {
    up__held_state_of(beam->held, beam->at, &beam->differs, beam->state);
    up__held_restore(&beam->machine->tia, up__rows_clock(beam, beam->at), beam->state);
    up__beam_put(beam, up__rows_clock(beam, beam->at));
    beam->passed = false;
}

bool up__rows_may_wait(UpTiaBeam *beam, int32_t clock) {
    const UpAtariHeld *held = beam->held;
    UpAtariTia *tia = &beam->machine->tia;
    int row = beam->at, cycle = clock / 3 - up__rows_cycle(beam, row);
    if (row >= beam->known || clock >= up__rows_clock(beam, row + 1) ||
        beam->matched != beam->log_end || (int32_t)*beam->matched_held <= clock / 3 ||
        !is_comparable(beam) || !keeps(held, row, &beam->differs))
        return false;
    bool clears = held->written[row] >> UP__CXCLR & 1;
    if (!clears && !(held->collisions[row] & ~(UP__HELD_MORE | tia->collisions))) return true;
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
    if (!beam->held || !beam->open || beam->at < 0 || beam->at >= beam->height ||
        beam->reads == UP__HELD_READS)
        return;
    beam->held->read[beam->at][beam->reads++] =
        (UpHeldRead){(uint16_t)(clock / 3 - up__rows_cycle(beam, beam->at)),
                     (uint16_t)(beam->hits | (beam->clears ? UP__HELD_CLEARED : 0))};
}
