// Writes to the television chip while a row is painted: what one changes is painted on both sides
// of it where both have it to show.
#include "env/atari/picture.h"

enum {
    EVERYTHING = 1 << UP__TIA_OBJECTS, // beside the objects' bits
    PLAYER_0 = 1 << UP__P0,
    PLAYER_1 = 1 << UP__P1,
    MISSILE_0 = 1 << UP__M0,
    MISSILE_1 = 1 << UP__M1,
    BALL = 1 << UP__BL,
    FIELD = 1 << UP__PF,
    MOVABLE = UP__STALE_ALL & ~FIELD,
};

// Objects that a write may move or change in size.
static const uint8_t moved_by[64] = {
    [UP__NUSIZ0] = PLAYER_0 | MISSILE_0,
    [UP__NUSIZ1] = PLAYER_1 | MISSILE_1,
    [UP__CTRLPF] = BALL | FIELD,
    [UP__RESP0] = PLAYER_0,
    [UP__RESP1] = PLAYER_1,
    [UP__RESM0] = MISSILE_0,
    [UP__RESM1] = MISSILE_1,
    [UP__RESBL] = BALL,
    [UP__RESMP0] = MISSILE_0,
    [UP__RESMP1] = MISSILE_1,
    [UP__HMOVE] = MOVABLE,
};

static unsigned colour_users(const UpPicture *p, int reg) {
    unsigned on = p->objects.enabled, score = p->machine.tia.ctrlpf & 2 ? FIELD : 0;
    switch (reg) {
    case UP__COLUP0:
        return on & (PLAYER_0 | MISSILE_0 | score);
    case UP__COLUP1:
        return on & (PLAYER_1 | MISSILE_1 | score);
    case UP__COLUPF:
        return on & (BALL | FIELD);
    default:
        return EVERYTHING;
    }
}

// What will look different after a write to a register of graphics or colours: objects, or
// EVERYTHING.
static inline unsigned changes(const UpPicture *p, int reg, uint8_t value) {
    const UpAtariTia *tia = &p->machine.tia;
    switch (reg) {
    case UP__VBLANK:
        return (tia->vblank ^ value) & 2 ? EVERYTHING : 0;
    case UP__COLUP0:
    case UP__COLUP1:
    case UP__COLUPF:
    case UP__COLUBK:
        if (tia->colour[reg - UP__COLUP0] == up__tia_colour(&p->machine, value)) return 0;
        return colour_users(p, reg);
    case UP__REFP0:
        return (tia->refp[0] ^ value) & 8 ? p->objects.enabled & PLAYER_0 : 0;
    case UP__REFP1:
        return (tia->refp[1] ^ value) & 8 ? p->objects.enabled & PLAYER_1 : 0;
    case UP__PF0:
    case UP__PF1:
    case UP__PF2:
        return up__tia_field(tia->playfield, reg, value) != tia->playfield ? FIELD : 0;
    case UP__GRP0:
        return ((tia->vdelp[0] & 1 ? 0 : tia->grp[0] ^ value) ? PLAYER_0 : 0) |
               ((tia->vdelp[1] & 1 ? tia->old_grp[1] ^ tia->grp[1] : 0) ? PLAYER_1 : 0);
    case UP__GRP1:
        return ((tia->vdelp[0] & 1 ? tia->old_grp[0] ^ tia->grp[0] : 0) ? PLAYER_0 : 0) |
               ((tia->vdelp[1] & 1 ? 0 : tia->grp[1] ^ value) ? PLAYER_1 : 0) |
               ((tia->vdelbl & 1 ? (tia->old_enabl ^ tia->enabl) & 2 : 0) ? BALL : 0);
    case UP__ENAM0:
        return (tia->enam[0] ^ value) & ~tia->resmp[0] & 2 ? MISSILE_0 : 0;
    case UP__ENAM1:
        return (tia->enam[1] ^ value) & ~tia->resmp[1] & 2 ? MISSILE_1 : 0;
    case UP__ENABL:
        return !(tia->vdelbl & 1) && (tia->enabl ^ value) & 2 ? BALL : 0;
    case UP__VDELP0:
        return (tia->vdelp[0] ^ value) & 1 && tia->grp[0] != tia->old_grp[0] ? PLAYER_0 : 0;
    case UP__VDELP1:
        return (tia->vdelp[1] ^ value) & 1 && tia->grp[1] != tia->old_grp[1] ? PLAYER_1 : 0;
    case UP__VDELBL:
        return (tia->vdelbl ^ value) & 1 && (tia->enabl ^ tia->old_enabl) & 2 ? BALL : 0;
    default:
        return 0;
    }
}

static uint64_t zones(UpPicture *p, unsigned objects) {
    uint64_t blocks = 0;
    for (; p->moved; p->moved &= (uint8_t)(p->moved - 1)) {
        int object = __builtin_ctz(p->moved);
        p->zone[object] = up__tia_zone(&p->machine.tia, object);
    }
    for (; objects; objects &= objects - 1)
        blocks |= p->zone[__builtin_ctz(objects)];
    return blocks;
}

// Whether a change can show in the pixels from `painted` to x - 1 of the line.
static bool shows(UpPicture *p, unsigned change, int reg, uint8_t value, int x) {
    const UpAtariTia *tia = &p->machine.tia;
    bool colours = reg >= UP__COLUP0 && reg <= UP__COLUBK, field = reg >= UP__PF0 && reg <= UP__PF2;
    // Score colours are the players', and may depend on which objects there are.
    if (change & EVERYTHING || (tia->ctrlpf & 2 && (colours || tia->ctrlpf & 4))) return true;
    uint64_t blocks = (1ull << ((x + 3) / 4)) - (1ull << p->painted / 4);
    if (!field) return zones(p, change) & blocks;
    uint32_t differs = up__tia_field(tia->playfield, reg, value) ^ tia->playfield;
    return (differs | (uint64_t)up__tia_right_field(differs, tia->reflect) << 20) & blocks;
}

static void changed(UpPicture *p, unsigned objects) {
    p->dirty = true;
    p->objects.stale |= (uint8_t)(objects & UP__STALE_ALL);
    unsigned which = (objects & (PLAYER_0 | PLAYER_1) ? UP__ENABLES_PLAYERS : 0) |
                     (objects & (MISSILE_0 | MISSILE_1) ? UP__ENABLES_MISSILES : 0) |
                     (objects & BALL ? UP__ENABLES_BALL : 0) |
                     (objects & FIELD ? UP__ENABLES_FIELD : 0);
    p->objects.enabled = (uint8_t)up__tia_enabled(&p->machine.tia, p->objects.enabled, which);
}

// Writes that must take effect at their time even if nothing shows: they move objects, or end
// what a line's end would end too.
static void write_timed(UpPicture *p, int32_t t, int reg, uint8_t value) {
    UpAtariMachine *m = &p->machine;
    up__picture_pass(p, t + up__tia_delay(m, t, reg));
    if ((reg == UP__RESP0 || reg == UP__RESP1) && up__tia_respx_late(m, t, reg - UP__RESP0))
        up__picture_pass(p, t + UP__RESP_CLOCKS);
    int x = p->at - p->line - UP__LINE_BLANK;
    unsigned objects = moved_by[reg];
    if (p->pixel && p->begun && x > p->painted) up__picture_paint(p, x);
    if (reg == UP__HMOVE) {
        if (up__tia_settled(&m->tia)) objects = 0; // else it ends what a line's end would
        objects |= up__tia_hmove(m, p->cart, t);
    } else {
        up__tia_store(m, p->cart, t, reg, value);
    }
    p->moved |= objects;
    unsigned before = p->objects.enabled; // a RESMP shows or hides a missile
    p->objects.enabled = (uint8_t)up__tia_enabled(&m->tia, before, UP__ENABLES_MISSILES);
    objects &= before | p->objects.enabled;
    if (objects) changed(p, objects);
}

// A write to a register of graphics or colours.
static void write_shown(UpPicture *p, uint64_t entry, int reg, uint8_t value) {
    UpAtariMachine *m = &p->machine;
    int32_t t = 3 * (int32_t)entry;
    unsigned change = changes(p, reg, value);
    if (change || entry & UP__LOG_TOGETHER) {
        up__picture_pass(p, t + up__tia_delay(m, t, reg));
        int x = p->at - p->line - UP__LINE_BLANK;
        if (p->pixel && p->begun && x > p->painted && shows(p, change, reg, value, x))
            up__picture_paint(p, x);
    }
    up__tia_store(m, p->cart, t, reg, value);
    if (change) changed(p, change);
    if (change & FIELD) p->moved |= FIELD;
}

// Most writes repeat what a register holds, or set up the next HMOVE.
void up__picture_write(UpPicture *p, uint64_t entry) {
    UpAtariTia *tia = &p->machine.tia;
    uint8_t value = (uint8_t)(entry >> 32);
    int reg = (int)(entry >> 40 & 63);
    int32_t t = 3 * (int32_t)entry;
    switch ((unsigned)(entry >> 40)) {
    case UP__GRP0:
        if (up__tia_repeated(tia, 0, value)) return;
        break;
    case UP__GRP1:
        if (up__tia_repeated(tia, 1, value)) return;
        break;
    case UP__ENAM0:
        if ((tia->enam[0] ^ value) & 2) break;
        tia->enam[0] = value;
        return;
    case UP__ENAM1:
        if ((tia->enam[1] ^ value) & 2) break;
        tia->enam[1] = value;
        return;
    case UP__ENABL:
        if ((tia->enabl ^ value) & 2) break;
        tia->enabl = value;
        return;
    case UP__HMM0:
        if (up__wrap_sub(t, tia->last_hmove) != UP__STAR_CLOCKS) {
            tia->hm[UP__M0] = value;
            return;
        }
        write_timed(p, t, reg, value);
        p->moved |= MISSILE_0;
        return;
    case UP__HMP0:
    case UP__HMP1:
    case UP__HMM1:
    case UP__HMBL:
        tia->hm[reg - UP__HMP0] = value;
        return;
    default:
        break;
    }
    if (moved_by[reg])
        write_timed(p, t, reg, value);
    else
        write_shown(p, entry, reg, value);
}
