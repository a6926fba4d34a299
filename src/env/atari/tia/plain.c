// The picture one pixel at a time, as the description of the chip reads: the reference for the
// beam.
#include "env/atari/tia/tia.h"

enum { PLAYFIELD_HALF = 20 };

static int distance(int x, int position) {
    return (x - position + UP__ATARI_COLUMNS) % UP__ATARI_COLUMNS;
}

static bool player_at(const UpAtariTia *tia, int player, int x) {
    uint8_t graphic = up__tia_player(tia, player);
    int mode = tia->nusiz[player] & 7, d = distance(x, tia->position[player]), bit = -1;
    const UpTiaCopies *copies = &up__tia_copies[mode];
    if (mode == 5 || mode == 7) {
        int scale = mode == 5 ? 2 : 4;
        if (d >= 1 && d <= 8 * scale && !tia->suppressed[player]) bit = (d - 1) / scale;
    } else {
        for (int i = tia->suppressed[player]; i < copies->count; i++)
            if (d >= copies->start[i] && d < copies->start[i] + 8) bit = d - copies->start[i];
    }
    if (bit < 0) return false;
    return (graphic >> (tia->refp[player] & 8 ? bit : 7 - bit)) & 1;
}

static bool missile_at(const UpAtariTia *tia, int missile, int x) {
    if (!up__tia_missile(tia, missile)) return false;
    int size = tia->nusiz[missile] >> 4 & 3, d = distance(x, tia->position[UP__M0 + missile]);
    if (missile == 0 && tia->star_shape == 2) return false;
    if (missile == 0 && tia->star_shape == 1) size |= 1;
    const UpTiaCopies *copies = &up__tia_copies[tia->nusiz[missile] & 7];
    for (int i = 0; i < copies->count; i++)
        if (d >= copies->start[i] && d < copies->start[i] + (1 << size)) return true;
    return false;
}

static bool ball_at(const UpAtariTia *tia, int x) {
    return up__tia_ball(tia) && distance(x, tia->position[UP__BL]) < 1 << (tia->ctrlpf >> 4 & 3);
}

static bool playfield_at(const UpAtariTia *tia, int x) {
    int block = x / 4;
    if (block >= PLAYFIELD_HALF)
        block = tia->reflect ? 2 * PLAYFIELD_HALF - 1 - block : block - PLAYFIELD_HALF;
    return (tia->playfield >> block) & 1;
}

static unsigned objects_at(const UpAtariTia *tia, int x) {
    unsigned objects = 0;
    for (int i = 0; i < 2; i++) {
        objects |= (unsigned)player_at(tia, i, x) << (UP__P0 + i);
        objects |= (unsigned)missile_at(tia, i, x) << (UP__M0 + i);
    }
    objects |= (unsigned)ball_at(tia, x) << UP__BL;
    return objects | (unsigned)playfield_at(tia, x) << UP__PF;
}

// Whether anything but the playfield is switched on, wherever it may be.
static bool alone(const UpAtariTia *tia) {
    return !up__tia_player(tia, 0) && !up__tia_player(tia, 1) && !up__tia_missile(tia, 0) &&
           !up__tia_missile(tia, 1) && !up__tia_ball(tia);
}

static uint8_t colour_at(const UpAtariTia *tia, unsigned objects, int x) {
    const uint8_t *colour = tia->colour;
    bool first = objects & (1 << UP__P0 | 1 << UP__M0),
         second = objects & (1 << UP__P1 | 1 << UP__M1);
    bool field = objects & 1 << UP__PF, ball = objects & 1 << UP__BL;
    bool priority = tia->ctrlpf & UP__CTRLPF_PRIORITY, score = tia->ctrlpf & UP__CTRLPF_SCORE;
    uint8_t side = colour[x < 80 ? UP__TIA_COLUP0 : UP__TIA_COLUP1];
    if (priority) {
        if (field) return score && alone(tia) ? side : colour[UP__TIA_COLUPF];
        if (ball) return colour[UP__TIA_COLUPF];
    }
    if (first) return colour[UP__TIA_COLUP0];
    if (score && field && x < 80) return side;
    if (second) return colour[UP__TIA_COLUP1];
    if (field) return score ? side : colour[UP__TIA_COLUPF];
    return colour[ball ? UP__TIA_COLUPF : UP__TIA_COLUBK];
}

static void draw_pixel(UpAtariBus *bus, int x, int row) {
    UpAtariTia *tia = &bus->m->tia;
    uint8_t value = 0;
    if (!(tia->vblank & 2)) {
        unsigned objects = objects_at(tia, x);
        tia->collisions |= up__tia_latches[objects];
        value = colour_at(tia, objects, x);
    }
    if (x == UP__COMB_WIDTH) tia->comb = 0;
    if (tia->comb && x < UP__COMB_WIDTH) value = 0;
    if (bus->pixel) bus->pixel[row * UP__ATARI_COLUMNS + x] = value;
}

void up__tia_draw_plain(UpAtariBus *bus, int32_t end) {
    UpAtariTia *tia = &bus->m->tia;
    int32_t first = up__tia_window(bus->m, bus->cart);
    int32_t last = first + UP__LINE_CLOCKS * bus->m->height;
    if (end < first || tia->drawn >= last) return;
    if (end > last) end = last;
    for (; tia->drawn < end; tia->drawn++) {
        int h = up__tia_h(bus->m, tia->drawn);
        if (h == 0 && tia->drawn > tia->origin) up__tia_end_line(tia);
        if (h < UP__LINE_BLANK) continue;
        draw_pixel(bus, h - UP__LINE_BLANK, (tia->drawn - tia->origin) / UP__LINE_CLOCKS);
    }
}
