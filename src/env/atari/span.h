// The TIA by spans: its objects as sets of pixels and as zones, kept from one register write to the
// next. The log of writes is replayed for collisions (span.c, collide.c), and once more for the
// picture where somebody looks at it (picture.c, paint.c).
#ifndef UP_ENV_ATARI_SPAN_H
#define UP_ENV_ATARI_SPAN_H

#include "env/atari/tia.h"

// 160 pixels, the leftmost lowest; the upper half of the last word is 0.
typedef struct UpTiaSet {
    uint64_t word[3];
} UpTiaSet;

// The objects' pixels on a line. Those that are off have none.
typedef struct UpTiaSets {
    UpTiaSet set[UP__TIA_OBJECTS];
    uint8_t stale;   // sets to make anew, bit per object
    uint8_t enabled; // objects that are switched on, whether or not they show
} UpTiaSets;

struct UpTiaView {
    UpTiaSets objects;
    uint64_t zone[UP__TIA_OBJECTS]; // where each could have pixels, see up__tia_zone
    uint8_t moved;                  // zones to make anew
    bool begun;       // the line, that is, the end of the one before it was dealt with
    uint16_t near;    // latches of zones that overlap
    uint16_t paired;  // latches that `overlap` is known for
    uint16_t overlap; // latches that a whole line of the present sets would set
    int32_t line;     // clock at which the line of tia.drawn begins
    uint64_t *done;   // the log's first write not yet replayed
};

enum {
    UP__STALE_ALL = (1 << UP__TIA_OBJECTS) - 1,
    UP__TIA_BLOCKS = UP__ATARI_COLUMNS / 4,
    UP__LATCHES_ALL = 0xEFFF,
    UP__LATCHES_FIELD = 0x2AA0, // of the playfield
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
static inline uint32_t up__tia_right_field(uint32_t left, bool reflect) {
    if (!reflect) return left;
    return (uint32_t)(up__tia_mirrored(left & 0xFF) << 12 |
                      up__tia_mirrored(left >> 8 & 0xFF) << 4 | up__tia_mirrored(left >> 16) >> 4);
}

// What a player shows, the leftmost pixel lowest.
static inline uint64_t up__tia_pattern(const UpAtariTia *tia, int player) {
    uint64_t graphic = up__tia_player(tia, player);
    return tia->refp[player] & 8 ? graphic : up__tia_mirrored(graphic);
}

// Whether a player's graphics register is written what it and the copy behind it hold.
static inline bool up__tia_repeated(const UpAtariTia *tia, int player, uint8_t value) {
    int differs = (tia->grp[player] ^ value) | (tia->old_grp[!player] ^ tia->grp[!player]);
    if (player == 1) differs |= tia->old_enabl ^ tia->enabl;
    return differs == 0;
}

// Which of its enables a write may change.
enum {
    UP__ENABLES_PLAYERS = 1,
    UP__ENABLES_MISSILES = 2,
    UP__ENABLES_BALL = 4,
    UP__ENABLES_FIELD = 8,
    UP__ENABLES_ALL = 15,
};

static inline unsigned up__tia_enabled(const UpAtariTia *tia, unsigned before, unsigned which) {
    if (which & UP__ENABLES_PLAYERS)
        before = (before & ~(1u << UP__P0 | 1u << UP__P1)) |
                 (unsigned)(up__tia_player(tia, 0) != 0) << UP__P0 |
                 (unsigned)(up__tia_player(tia, 1) != 0) << UP__P1;
    if (which & UP__ENABLES_MISSILES)
        before = (before & ~(1u << UP__M0 | 1u << UP__M1)) |
                 (unsigned)up__tia_missile(tia, 0) << UP__M0 |
                 (unsigned)up__tia_missile(tia, 1) << UP__M1;
    if (which & UP__ENABLES_BALL)
        before = (before & ~(1u << UP__BL)) | (unsigned)up__tia_ball(tia) << UP__BL;
    if (which & UP__ENABLES_FIELD)
        before = (before & ~(1u << UP__PF)) | (unsigned)(tia->playfield != 0) << UP__PF;
    return before;
}

// Nothing waits for the end of a line to change.
static inline bool up__tia_settled(const UpAtariTia *tia) {
    return !(tia->suppressed[0] | tia->suppressed[1] | tia->star | tia->star_shape) &&
           tia->reflect == (tia->ctrlpf & 1);
}

// Blocks of four pixels, the leftmost lowest, in which an object that is on could have pixels
// wherever the ends of lines leave it.
uint64_t up__tia_zone(const UpAtariTia *tia, int object);

void up__span_begin(UpAtariBus *bus);
// Sets the latches of all that is drawn up to clock `end`, as up__tia_draw_plain does.
void up__span_draw(UpAtariBus *bus, int32_t end);
// All writes of the log.
void up__span_replay(UpAtariBus *bus);

// Makes the sets anew that are out of date.
void up__sets_refresh(UpTiaSets *objects, const UpAtariTia *tia);

// Collisions. Zones are made anew where objects moved.
void up__collide_near(UpTiaView *view, const UpAtariTia *tia);
// Latches that could be set: by which of them are not yet, and then by which objects are on and
// where they are.
static inline unsigned up__collide_candidates(UpTiaView *view, const UpAtariTia *tia) {
    unsigned open = up__tia_latches[view->objects.enabled] & ~(unsigned)tia->collisions;
    if (!open || tia->vblank & 2) return 0;
    if (__builtin_expect(view->moved != 0, 0)) up__collide_near(view, tia);
    return open & view->near;
}

// Of these latches, those that the present registers would set on a whole line.
unsigned up__collide_open(UpTiaView *view, const UpAtariTia *tia, unsigned open);
// Sets latches that pixels of this part of a line set.
void up__collide(UpTiaView *view, UpAtariTia *tia, unsigned open, int from, int to);

// Draws the wanted rows of the frame whose log is complete, from the machine as it began. Rows that
// look different from what was there before are marked on the screen as touched.
void up__picture_draw(const UpAtariBus *bus, const UpAtariMachine *start, UpAtariScreen *screen);

// A row that is being painted. Rows are written eight bytes at a time: the last one may be looked
// at beyond its end.
typedef struct UpTiaRow {
    _Alignas(16) uint8_t pixel[UP__ATARI_COLUMNS + 8];
    _Alignas(16) uint8_t base[UP__ATARI_COLUMNS]; // background and playfield
    uint64_t base_key;                            // what `base` was made from
    bool based; // `pixel` has `base` in it from where painting goes on
} UpTiaRow;

// Fills pixels from … to - 1.
void up__paint(UpTiaRow *row, UpTiaSets *objects, const UpAtariTia *tia, int from, int to);

#endif
