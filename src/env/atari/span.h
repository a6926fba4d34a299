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
    bool begun;            // the line, that is, the end of the one before it was dealt with
    bool changed;          // anything visible, since the row painted last
    uint8_t enabled;       // objects that are switched on
    uint16_t near;         // latches of zones that overlap
    uint16_t paired;       // latches that `overlap` is known for
    uint16_t overlap;      // latches that a whole line of the present sets would set
    int32_t line;          // clock at which the line of tia.drawn begins
    bool based;            // the row has `base` in it from where painting goes on
    uint8_t *row;          // of the picture, NULL: not wanted
    uint64_t base_key;     // what `base` was made from
    uint8_t *last;         // the row painted last, NULL where the next one may differ
    _Alignas(16) uint8_t base[UP__ATARI_COLUMNS]; // background and playfield
};

enum {
    UP__STALE_ALL = (1 << UP__TIA_OBJECTS) - 1,
    UP__STALE_COLOUR = 1 << UP__TIA_OBJECTS,
    UP__STALE_OTHER = 2 << UP__TIA_OBJECTS
};

static inline uint64_t up__tia_mirrored(uint64_t byte) {
    byte = (byte & 0xF0) >> 4 | (byte & 0x0F) << 4;
    byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2;
    return (byte & 0xAA) >> 1 | (byte & 0x55) << 1;
}

// Every bit twice, and four times.
static inline uint64_t up__tia_doubled(uint64_t byte) {
    byte = (byte | byte << 4) & 0x0F0F;
    byte = (byte | byte << 2) & 0x3333;
    byte = (byte | byte << 1) & 0x5555;
    return byte * 3;
}

static inline uint64_t up__tia_quadrupled(uint64_t byte) {
    byte = (byte | byte << 12) & 0x000F000F;
    byte = (byte | byte << 6) & 0x03030303;
    byte = (byte | byte << 3) & 0x11111111;
    return byte * 15;
}

// The right half's blocks, the leftmost lowest.
static inline uint32_t up__tia_right_field(const UpAtariTia *tia) {
    uint32_t left = tia->playfield;
    if (!tia->reflect) return left;
    return (uint32_t)(up__tia_mirrored(left & 0xFF) << 12 |
                      up__tia_mirrored(left >> 8 & 0xFF) << 4 | up__tia_mirrored(left >> 16) >> 4);
}

// What a player shows, the leftmost pixel lowest.
static inline uint64_t up__tia_pattern(const UpAtariTia *tia, int player) {
    uint64_t graphic = up__tia_player(tia, player);
    return tia->refp[player] & 8 ? graphic : up__tia_mirrored(graphic);
}

void up__span_begin(UpAtariBus *bus);
// Draws up to clock `end`, as up__tia_draw_plain does.
void up__span_draw(UpAtariBus *bus, int32_t end);
// All writes of the log.
void up__span_replay(UpAtariBus *bus);

// Makes the sets anew that are out of date.
void up__span_refresh(UpTiaView *view, const UpAtariTia *tia);

// Collisions. Zones are made anew where objects moved.
void up__collide_near(UpTiaView *view, const UpAtariTia *tia);
// Latches not yet set that could be: by which objects are on, and then by where they are.
static inline unsigned up__collide_candidates(UpTiaView *view, const UpAtariTia *tia) {
    unsigned open = up__tia_latches[view->enabled] & ~(unsigned)tia->collisions;
    if (!open || tia->vblank & 2) return 0;
    if (__builtin_expect(view->moved != 0, 0)) up__collide_near(view, tia);
    return open & view->near;
}

// Of these latches, those that the present registers would set on a whole line.
unsigned up__collide_open(UpTiaView *view, const UpAtariTia *tia, unsigned open);
// Sets latches that pixels of this part of a line set.
void up__collide(UpTiaView *view, UpAtariTia *tia, unsigned open, int from, int to);

// Fills row[from, to) with the picture of the present sets.
void up__paint(UpTiaView *view, const UpAtariTia *tia, uint8_t *row, int from, int to);

#endif
