// The look as the registers have it.
#include "env/atari/beam.h"

#include <string.h>

static void look_at_player(UpTiaBeam *beam, int player) {
    const UpAtariTia *tia = &beam->machine->tia;
    uint8_t graphic = up__tia_player(tia, player);
    beam->look.pattern[player] = tia->refp[player] & 8 ? graphic : up__look_mirrored[graphic];
}

void up__beam_clean(UpTiaBeam *beam) {
    const UpAtariTia *tia = &beam->machine->tia;
    unsigned dirty = beam->dirty;
    beam->dirty = 0;
    if (dirty & UP__PLAYER_0) look_at_player(beam, 0);
    if (dirty & UP__PLAYER_1) look_at_player(beam, 1);
    const uint8_t *pattern = beam->look.pattern;
    beam->look.on = (uint8_t)((beam->look.on & UP__FIELD) | (pattern[0] != 0) << UP__P0 |
                              (pattern[1] != 0) << UP__P1 | up__tia_missile(tia, 0) << UP__M0 |
                              up__tia_missile(tia, 1) << UP__M1 | up__tia_ball(tia) << UP__BL);
    up__beam_changed(beam, dirty & (UP__PLAYER_0 | UP__PLAYER_1));
}

void up__beam_look_at_field(UpTiaBeam *beam, uint32_t field) {
    UpTiaLook *look = &beam->look;
    look->field = (look->field & ~(uint32_t)UP__LOOK_FIELD) | field;
    look->on = (uint8_t)((look->on & ~UP__FIELD) | (field != 0) << UP__PF);
    up__beam_moved(beam, UP__FIELD);
}

void up__beam_look(UpTiaBeam *beam) {
    enum { ALL = (1 << UP__TIA_OBJECTS) - 1 };
    const UpAtariTia *tia = &beam->machine->tia;
    UpTiaLook *look = &beam->look;
    memcpy(look->colour, tia->colour, sizeof look->colour);
    memcpy(look->nusiz, tia->nusiz, sizeof look->nusiz);
    look->field = (uint32_t)(tia->ctrlpf & UP__LOOK_CTRLPF) << UP__LOOK_CTRLPF_SHIFT;
    up__beam_look_at_field(beam, tia->playfield);
    beam->dirty = ALL;
    up__beam_clean(beam);
    up__beam_look_moved(beam);
    up__beam_moved(beam, ALL);
}

void up__beam_look_moved(UpTiaBeam *beam) {
    const UpAtariTia *tia = &beam->machine->tia;
    UpTiaLook *look = &beam->look;
    static const uint8_t star[4] = {0, UP__LOOK_SHAPE, UP__LOOK_HIDDEN, 0};
    memcpy(look->position, tia->position, sizeof look->position);
    look->field =
        (look->field & ~(uint32_t)UP__LOOK_REFLECT) | (tia->reflect ? UP__LOOK_REFLECT : 0);
    look->flags =
        (uint8_t)((tia->vblank & 2 ? UP__LOOK_BLANK : 0) |
                  tia->suppressed[0] * UP__LOOK_SUPPRESSED |
                  tia->suppressed[1] * 2 * UP__LOOK_SUPPRESSED | star[tia->star_shape & 3]);
}
