// How time goes on for the beam: lines, and what their ends change.
#include "env/atari/beam/beam.h"

// A frame that goes on is neither held nor painted here. It goes on where drawing stopped, which
// may be the end of a line that is still to be dealt with.
void up__beam_begin(UpTiaBeam *beam, UpAtariBus *bus, UpAtariScreen *screen) {
    const UpAtariTia *tia = &bus->m->tia;
    int32_t h = up__tia_h(bus->m, tia->drawn);
    bool ended = h == 0 && tia->drawn > tia->origin;
    int32_t line = tia->drawn - (ended ? UP__LINE_CLOCKS : h);
    int x = tia->drawn - line - UP__LINE_BLANK;
    bool above = tia->drawn < bus->window; // where nothing is drawn
    *beam = (UpTiaBeam){.machine = bus->m,
                        .cart = bus->cart,
                        .kernels = up__tia_kernels(),
                        .log = bus->log,
                        .done = bus->log,
                        .cycle0 = tia->frame_start / 3,
                        .line = {.first = line,
                                 .next = above ? tia->drawn : line + UP__LINE_CLOCKS,
                                 .end = bus->window_end,
                                 .combing = x > UP__COMB_WIDTH,
                                 .ended = ended,
                                 .unsettled = true},
                        .picture.shown = UP__ATARI_COLUMNS};
    up__beam_take(beam);
    up__beam_forget(beam, x > 0 ? x : 0);
    up__rows_begin(beam, bus, screen);
    if (screen && (bus->pixel || beam->rows.held)) up__picture_begin(beam, bus, screen);
}

// Whether the line begins with black pixels is known once the ninth is drawn.
void up__beam_comb(UpTiaBeam *beam) {
    beam->line.combed = beam->machine->tia.comb;
    beam->machine->tia.comb = 0;
    beam->line.combing = true;
}

// What the end of a line changes.
static void change_line(UpTiaBeam *beam) {
    UpAtariTia *tia = &beam->machine->tia;
    if (tia->reflect != (tia->ctrlpf & UP__CTRLPF_REFLECT)) beam->stale |= UP__FIELD;
    beam->stale |= UP__PLAYER_0 | UP__PLAYER_1 | UP__MISSILE_0;
    up__tia_end_line(tia);
    beam->line.unsettled = tia->star;
}

void up__beam_end_line(UpTiaBeam *beam) {
    up__beam_touch(beam, UP__ATARI_COLUMNS);
    up__picture_piece(beam, UP__ATARI_COLUMNS);
    if (!beam->line.combing) up__beam_comb(beam);
    beam->line.ended = true;
}

static void begin_line(UpTiaBeam *beam) {
    beam->line.ended = beam->line.combing = false;
    beam->picture.shown = UP__ATARI_COLUMNS;
    up__beam_forget(beam, 0);
    beam->line.cleared = 0;
    if (!beam->picture.pixel || !up__picture_wants(beam->picture.wanted, beam->picture.row)) return;
    up__picture_fetch(beam, beam->picture.row + 1);
    beam->picture.shown = 0;
}

void up__beam_lines(UpTiaBeam *beam, int32_t clock) {
    UpAtariTia *tia = &beam->machine->tia;
    if (clock > beam->line.end) clock = beam->line.end;
    if (clock <= tia->drawn || clock < beam->rows.window) return;
    while (clock > beam->line.first + UP__LINE_CLOCKS) {
        if (!beam->line.ended) up__beam_end_line(beam);
        beam->line.first += UP__LINE_CLOCKS;
        beam->picture.row++;
        begin_line(beam);
        if (beam->line.unsettled) change_line(beam);
    }
    beam->line.next = beam->line.first + UP__LINE_CLOCKS;
    tia->drawn = clock;
}

void up__beam_put(UpTiaBeam *beam, int32_t line) {
    const UpAtariTia *tia = &beam->machine->tia;
    bool begun = tia->drawn > line;
    beam->line.first = begun ? line : line - UP__LINE_CLOCKS;
    beam->line.next = beam->line.first + UP__LINE_CLOCKS;
    beam->picture.row = (beam->line.first - beam->rows.window) / UP__LINE_CLOCKS;
    if (begun) begin_line(beam);
    if (!begun) {
        beam->line.ended = beam->line.combing = true;
        beam->picture.shown = UP__ATARI_COLUMNS;
    }
    beam->line.unsettled = true;
    up__beam_take(beam);
}

void up__beam_collide(UpAtariBus *bus, int32_t clock) {
    UpTiaBeam *beam = bus->beam;
    if (!up__rows_replay(bus, clock, true)) return;
    up__beam_go(beam, clock);
    int x = up__beam_x(beam);
    if (x > 0) up__beam_touch(beam, x);
    up__rows_read(beam, clock);
    bus->m->tia.collisions |= beam->hits;
}

void up__beam_end(UpAtariBus *bus, int32_t clock) {
    UpTiaBeam *beam = bus->beam;
    up__rows_replay(bus, clock, false);
    up__beam_go(beam, clock);
    int x = up__beam_x(beam);
    if (x >= UP__ATARI_COLUMNS && !beam->line.ended) up__beam_end_line(beam);
    up__beam_cut(beam);
    if (x > UP__COMB_WIDTH && !beam->line.combing) up__beam_comb(beam);
    bus->m->tia.collisions |= beam->hits;
    up__rows_end(beam, bus);
}
