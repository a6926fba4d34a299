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
                        .line = line,
                        .next = above ? tia->drawn : line + UP__LINE_CLOCKS,
                        .end = bus->window_end,
                        .line0 = tia->frame_start / 3,
                        .log = bus->log,
                        .done = bus->log,
                        .shown = UP__ATARI_COLUMNS,
                        .combing = x > UP__COMB_WIDTH,
                        .ended = ended,
                        .unsettled = true};
    up__beam_take(beam);
    up__beam_forget(beam, x > 0 ? x : 0);
    up__rows_begin(beam, bus, screen);
    if (screen && (bus->pixel || beam->held)) up__picture_begin(beam, bus, screen);
}

// Whether the line begins with black pixels is known once the ninth is drawn.
void up__beam_comb(UpTiaBeam *beam) {
    beam->combed = beam->machine->tia.comb;
    beam->machine->tia.comb = 0;
    beam->combing = true;
}

// What the end of a line changes.
static void change_line(UpTiaBeam *beam) {
    UpAtariTia *tia = &beam->machine->tia;
    if (tia->reflect != (tia->ctrlpf & UP__CTRLPF_REFLECT)) beam->stale |= UP__FIELD;
    beam->stale |= UP__PLAYER_0 | UP__PLAYER_1 | UP__MISSILE_0;
    up__tia_end_line(tia);
    beam->unsettled = tia->star;
}

void up__beam_end_line(UpTiaBeam *beam) {
    up__beam_touch(beam, UP__ATARI_COLUMNS);
    up__picture_piece(beam, UP__ATARI_COLUMNS);
    if (!beam->combing) up__beam_comb(beam);
    beam->ended = true;
}

static void begin_line(UpTiaBeam *beam) {
    beam->ended = beam->combing = false;
    beam->shown = UP__ATARI_COLUMNS;
    up__beam_forget(beam, 0);
    beam->cleared = 0;
    if (!beam->picture || !up__picture_wants(beam->rows, beam->row)) return;
    up__picture_fetch(beam, beam->row + 1);
    beam->shown = 0;
}

void up__beam_lines(UpTiaBeam *beam, int32_t clock) {
    UpAtariTia *tia = &beam->machine->tia;
    if (clock > beam->end) clock = beam->end;
    if (clock <= tia->drawn || clock < beam->window) return;
    while (clock > beam->line + UP__LINE_CLOCKS) {
        if (!beam->ended) up__beam_end_line(beam);
        beam->line += UP__LINE_CLOCKS;
        beam->row++;
        begin_line(beam);
        if (beam->unsettled) change_line(beam);
    }
    beam->next = beam->line + UP__LINE_CLOCKS;
    tia->drawn = clock;
}

void up__beam_put(UpTiaBeam *beam, int32_t line) {
    const UpAtariTia *tia = &beam->machine->tia;
    bool begun = tia->drawn > line;
    beam->line = begun ? line : line - UP__LINE_CLOCKS;
    beam->next = beam->line + UP__LINE_CLOCKS;
    beam->row = (beam->line - beam->window) / UP__LINE_CLOCKS;
    if (begun) begin_line(beam);
    if (!begun) {
        beam->ended = beam->combing = true;
        beam->shown = UP__ATARI_COLUMNS;
    }
    beam->unsettled = true;
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
    if (x >= UP__ATARI_COLUMNS && !beam->ended) up__beam_end_line(beam);
    up__beam_cut(beam);
    if (x > UP__COMB_WIDTH && !beam->combing) up__beam_comb(beam);
    bus->m->tia.collisions |= beam->hits;
    up__rows_end(beam, bus);
}
