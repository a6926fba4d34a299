// Drawing by spans: what the TIA's objects look like on a whole line, as sets of pixels, kept from
// one register write to the next.
#ifndef UP_ENV_ATARI_SPAN_H
#define UP_ENV_ATARI_SPAN_H

#include "env/atari/tia.h"

// 160 pixels, the leftmost lowest; the upper half of the last word is 0.
typedef struct UpTiaSet {
    uint64_t word[3];
} UpTiaSet;

struct UpTiaView {
    UpTiaSet set[UP__TIA_OBJECTS];
    UpTiaSet zone[UP__PF]; // where each could have pixels
    uint8_t stale;         // sets to make anew, bit per object
    uint8_t moved;         // zones to make anew
    uint8_t enabled;       // objects that are switched on
    uint16_t near;         // latches of zones that overlap
    uint16_t paired;       // latches that `overlap` is known for
    uint16_t overlap;      // latches that a whole line of the present sets would set
    int32_t line;          // clock at which the line of tia.drawn begins
    uint64_t base_key[2];  // what `base` was made from
    uint8_t *last;         // the row painted last, NULL where the next one may differ
    _Alignas(16) uint8_t base[UP__ATARI_COLUMNS]; // background and playfield
};

enum {
    UP__STALE_ALL = (1 << UP__TIA_OBJECTS) - 1,
    UP__STALE_COLOUR = 1 << UP__TIA_OBJECTS,
    UP__STALE_OTHER = 2 << UP__TIA_OBJECTS
};

void up__span_begin(UpAtariBus *bus);
// Draws up to clock `end`, as up__tia_draw_plain does.
void up__span_draw(UpAtariBus *bus, int32_t end);
// All writes of the log.
void up__span_replay(UpAtariBus *bus);

// Fills row[from, to) with the picture of the present sets.
void up__paint(UpTiaView *view, const UpAtariTia *tia, uint8_t *row, int from, int to);

#endif
