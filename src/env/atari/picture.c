// Rows that somebody looks at: which object lies on top, and what of it is painted when.
#include "env/atari/beam.h"

void up__picture_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen) {
    beam->seen = bus->pixel;
    beam->rows = bus->pixel ? bus->rows : &screen->wanted;
    beam->picture = screen->pixel[bus->m->buffer];
    beam->touched = screen->touched[bus->m->buffer];
    beam->paint = up__paint_best();
    if (up__picture_wants(beam->rows, 0)) up__picture_begin_row(beam);
}

// What the picture has there comes nearer while the row's writes are gone through.
void up__picture_begin_row(UpTiaBeam *beam) {
    enum { CACHE_LINE = 64 };
    const uint8_t *at = beam->picture + beam->row * UP__ATARI_COLUMNS;
    for (int i = 0; i < 2 * UP__ATARI_COLUMNS; i += CACHE_LINE)
        __builtin_prefetch(at + i, 1);
    beam->shown = 0;
}

// The playfield in the players' colours; its left half lies on top of player 1.
static void lay_score(UpTiaLayers *layers, const UpTiaSet *field) {
    for (int w = 0; w < 3; w++) {
        uint64_t left = field->word[w] & up__tia_below[UP__ATARI_COLUMNS / 2].word[w];
        layers->set[UP__LAYER_FIRST].word[w] |= left;
        layers->set[UP__LAYER_SECOND].word[w] |= field->word[w] & ~left;
    }
}

static void lay_objects(UpTiaLayers *layers, const UpTiaSet *pixels) {
    for (int w = 0; w < 3; w++) {
        layers->set[UP__LAYER_FIELD].word[w] = pixels[UP__BL].word[w];
        layers->set[UP__LAYER_SECOND].word[w] = pixels[UP__P1].word[w] | pixels[UP__M1].word[w];
        layers->set[UP__LAYER_FIRST].word[w] = pixels[UP__P0].word[w] | pixels[UP__M0].word[w];
    }
}

static void lay(const UpTiaBeam *beam, UpTiaLayers *layers) {
    const UpAtariTia *tia = &beam->machine->tia;
    const UpTiaSet *field = &beam->pixels[UP__PF];
    bool score = tia->ctrlpf & 2, priority = tia->ctrlpf & 4;
    lay_objects(layers, beam->pixels);
    if (priority && beam->on & UP__OBJECTS & ~UP__FIELD) score = false;
    if (score) lay_score(layers, field);
    for (int w = 0; w < 3 && !score; w++)
        layers->set[UP__LAYER_FIELD].word[w] |= field->word[w];
    for (int w = 0; w < 3 && priority; w++) {
        uint64_t top = layers->set[UP__LAYER_FIELD].word[w];
        layers->set[UP__LAYER_SECOND].word[w] &= ~top;
        layers->set[UP__LAYER_FIRST].word[w] &= ~top;
    }
    layers->colour[UP__LAYER_FIELD] = tia->colour[UP__TIA_COLUPF];
    layers->colour[UP__LAYER_SECOND] = tia->colour[UP__TIA_COLUP1];
    layers->colour[UP__LAYER_FIRST] = tia->colour[UP__TIA_COLUP0];
    layers->background = tia->colour[UP__TIA_COLUBK];
}

void up__picture_piece(UpTiaBeam *beam, int x) {
    if (x <= beam->shown) return;
    UpTiaLayers layers = {0};
    up__beam_note(beam, beam->on, x);
    if (!(beam->machine->tia.vblank & 2)) lay(beam, &layers);
    layers.comb = beam->combing ? beam->combed : beam->machine->tia.comb;
    if (beam->paint(&layers, beam->shown, x, beam->picture + beam->row * UP__ATARI_COLUMNS))
        beam->touched[beam->row] = 1;
    beam->shown = x;
}
