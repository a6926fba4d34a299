// Rows that somebody looks at: which object lies on top, and what of it is painted when.
#include "env/atari/beam/beam.h"

void up__picture_begin(UpTiaBeam *beam, const UpAtariBus *bus, UpAtariScreen *screen) {
    beam->picture.seen = bus->pixel;
    beam->picture.wanted = bus->pixel ? bus->rows : &screen->wanted;
    beam->picture.pixel = screen->pixel[bus->m->buffer];
    beam->picture.touched = screen->touched[bus->m->buffer];
    if (up__picture_wants(beam->picture.wanted, 0)) beam->picture.shown = 0;
}

// What the picture has there comes nearer while the row before it is gone through.
void up__picture_fetch(const UpTiaBeam *beam, int row) {
    enum { CACHE_LINE = 64 };
    const uint8_t *at = beam->picture.pixel + row * UP__ATARI_COLUMNS;
    for (int i = 0; i < UP__ATARI_COLUMNS; i += CACHE_LINE)
        __builtin_prefetch(at + i, 1);
}

// The playfield in the players' colours; its left half lies on top of player 1.
static void lay_score(UpTiaLayers *layers, const UpTiaSet *field) {
    for (int w = 0; w < UP__SET_WORDS; w++) {
        uint64_t left = field->word[w] & up__tia_below[UP__ATARI_COLUMNS / 2].word[w];
        layers->set[UP__TIA_COLUP0].word[w] |= left;
        layers->set[UP__TIA_COLUP1].word[w] |= field->word[w] & ~left;
    }
}

static inline void join(UpTiaSet *set, const UpTiaSet *a, const UpTiaSet *b) {
    for (int w = 0; w < UP__SET_WORDS; w++)
        set->word[w] = a->word[w] | b->word[w];
}

static void lay(const UpTiaBeam *beam, UpTiaLayers *layers) {
    enum { SCORE = UP__CTRLPF_SCORE, PRIORITY = UP__CTRLPF_PRIORITY };
    static const UpTiaSet nothing = {{0, 0, 0}};
    const UpTiaSet *pixels = beam->pixels, *field = &pixels[UP__PF];
    unsigned mode = beam->machine->tia.ctrlpf & (SCORE | PRIORITY);
    if (mode & PRIORITY && beam->on & UP__OBJECTS & ~UP__FIELD) mode = PRIORITY;
    join(&layers->set[UP__TIA_COLUP0], &pixels[UP__P0], &pixels[UP__M0]);
    join(&layers->set[UP__TIA_COLUP1], &pixels[UP__P1], &pixels[UP__M1]);
    join(&layers->set[UP__TIA_COLUPF], &pixels[UP__BL], mode & SCORE ? &nothing : field);
    if (!mode) return;
    if (mode & SCORE) lay_score(layers, field);
    for (int w = 0; w < UP__SET_WORDS && mode & PRIORITY; w++) {
        uint64_t top = layers->set[UP__TIA_COLUPF].word[w];
        layers->set[UP__TIA_COLUP0].word[w] &= ~top;
        layers->set[UP__TIA_COLUP1].word[w] &= ~top;
    }
}

void up__picture_piece(UpTiaBeam *beam, int x) {
    static const uint8_t black[4] = {0, 0, 0, 0};
    if (x <= beam->picture.shown) return;
    const UpAtariTia *tia = &beam->machine->tia;
    UpTiaLayers layers;
    layers.colour = tia->vblank & 2 ? black : tia->colour;
    layers.comb = beam->line.combing ? beam->line.combed : tia->comb;
    up__beam_note(beam, beam->on, x);
    lay(beam, &layers);
    uint8_t *row = beam->picture.pixel + beam->picture.row * UP__ATARI_COLUMNS;
    if (beam->kernels->paint(&layers, beam->picture.shown, x, row))
        beam->picture.touched[beam->picture.row] = 1;
    beam->picture.shown = x;
}
