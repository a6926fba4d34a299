// Rows that somebody looks at: painted piece by piece, then put where they belong.
#include "env/atari/beam.h"

#include <string.h>

void up__picture_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen) {
    beam->rows = bus->rows;
    beam->picture = bus->pixel;
    beam->touched = screen->touched[bus->m->buffer];
    if (up__picture_wants(bus->rows, 0)) up__picture_begin_row(beam);
}

// What the picture has there comes nearer while the row is painted.
void up__picture_begin_row(UpTiaBeam *beam) {
    enum { CACHE_LINE = 64 };
    const uint8_t *at = beam->picture + beam->row * UP__ATARI_COLUMNS;
    for (int i = 0; i < 2 * UP__ATARI_COLUMNS; i += CACHE_LINE)
        __builtin_prefetch(at + i, 1);
    beam->shown = 0;
}

void up__picture_piece(UpTiaBeam *beam, int to) {
    UpTiaLook *look = &beam->look;
    bool comb =
        beam->shown < UP__COMB_WIDTH && (beam->combing ? beam->combed : beam->machine->tia.comb);
    look->flags = (uint8_t)((look->flags & ~UP__LOOK_COMB) | (comb ? UP__LOOK_COMB : 0));
    look->from = (uint8_t)beam->shown;
    look->to = (uint8_t)to;
    up__paint(&beam->base, look, &beam->sets, beam->pixel);
    beam->shown = to;
}

typedef uint64_t Sixteen __attribute__((vector_size(16)));

void up__picture_row(UpTiaBeam *beam) {
    uint8_t *to = beam->picture + beam->row * UP__ATARI_COLUMNS;
    Sixteen differs = {0, 0}, now, before;
    for (int i = 0; i < UP__ATARI_COLUMNS; i += 16) {
        memcpy(&now, beam->pixel + i, 16);
        memcpy(&before, to + i, 16);
        differs |= before ^ now;
    }
    if (!(differs[0] | differs[1])) return;
    memcpy(to, beam->pixel, UP__ATARI_COLUMNS);
    beam->touched[beam->row] = 1;
}

// A frame may end within a line: what was there of the rest stays.
void up__picture_end(UpTiaBeam *beam) {
    if (beam->shown <= 0 || beam->shown >= UP__ATARI_COLUMNS) return;
    const uint8_t *rest = beam->picture + beam->row * UP__ATARI_COLUMNS + beam->shown;
    memcpy(beam->pixel + beam->shown, rest, (size_t)(UP__ATARI_COLUMNS - beam->shown));
    up__picture_row(beam);
}
