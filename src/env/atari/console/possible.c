// Saved games come from files. What no game comes to is refused here, once, field by field, so that
// the machine may take its own state for granted.
#include "env/atari/console/console.h"

#include <string.h>

#include "env/atari/console/load.h"
#include "env/atari/cpu/alu.h"
#include "env/atari/tia/store.h"

enum {
    FRAMES_MAX = INT32_MAX, // two years of play
    RESET_FRAMES = 60,      // that are played after a reset, and more
    CYCLES_MAX = UP__FRAME_CYCLES_MAX + UP__CALL_CYCLES_MAX,
    SHIFTS = 1 << 0 | 1 << 3 | 1 << 6 | 1 << 10, // that the timer knows
    NO_LATCH = 1 << 12,
};

// A bool that was read from a file may be neither 0 nor 1.
static bool is_bool(const bool *flag) {
    uint8_t byte;
    memcpy(&byte, flag, 1);
    return byte <= 1;
}

static bool within(int64_t value, int64_t least, int64_t most) {
    return value >= least && value <= most;
}

// ---------------------------------------------------------------------------------------------------
// The television chip

// A frame begins in the line that the one before ended in; its picture is drawn from the window's
// first line on, or after a reset in the middle of a frame from where that happened.
static bool possible_times(const UpAtariMachine *m, const UpAtariGame *game) {
    const UpAtariTia *tia = &m->tia;
    if (!within(tia->frame_start, 1 - UP__LINE_CLOCKS, 0)) return false;
    int32_t window = tia->frame_start + UP__LINE_CLOCKS * game->first_line;
    bool was_reset = tia->frame_start == 0 && tia->origin == 0;
    return (tia->origin == window || was_reset) &&
           within(tia->drawn, tia->origin, window + UP__LINE_CLOCKS * m->height);
}

// Registers hold the bits that they have of what was written last, or what became of that.
static bool possible_bits(const UpAtariTia *tia) {
    const struct {
        const uint8_t *value;
        int first, count;
    } registers[] = {{&tia->vblank, UP__VBLANK, 1},   {tia->nusiz, UP__NUSIZ0, 2},
                     {&tia->ctrlpf, UP__CTRLPF, 1},   {tia->refp, UP__REFP0, 2},
                     {tia->enam, UP__ENAM0, 2},       {&tia->enabl, UP__ENABL, 1},
                     {&tia->old_enabl, UP__ENABL, 1}, {tia->hm, UP__HMP0, UP__HELD_MOVABLE},
                     {tia->vdelp, UP__VDELP0, 2},     {&tia->vdelbl, UP__VDELBL, 1},
                     {tia->resmp, UP__RESMP0, 2}};
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        for (int j = 0; j < registers[i].count; j++)
            if (registers[i].value[j] & ~up__tia_bits[registers[i].first + j]) return false;
    return !(tia->dump & 0x7F);
}

// A write that repeats the one before is passed over: what was written has to be what is there.
static bool possible_written(const UpAtariTia *tia) {
    const uint8_t *written = tia->written;
    uint32_t field = 0;
    for (int reg = UP__PF0; reg <= UP__PF2; reg++)
        field = up__tia_field(field, reg, written[reg]);
    bool same = field == tia->playfield;
    for (int i = 0; i < 4; i++)
        same &= (written[UP__COLUP0 + i] & 0xFE) == (tia->colour[i] & 0xFE);
    for (int i = 0; i < UP__HELD_MOVABLE; i++)
        same &= (written[UP__HMP0 + i] & 0xF0) == tia->hm[i];
    for (int i = 0; i < 2; i++)
        same &= (written[UP__REFP0 + i] & 8) == tia->refp[i] &&
                (written[UP__ENAM0 + i] & 2) == tia->enam[i] &&
                (written[UP__VDELP0 + i] & 1) == tia->vdelp[i];
    return same && (written[UP__ENABL] & 2) == tia->enabl &&
           (written[UP__VDELBL] & 1) == tia->vdelbl;
}

static bool possible_objects(const UpAtariMachine *m) {
    const UpAtariTia *tia = &m->tia;
    for (int i = 0; i < UP__HELD_MOVABLE; i++)
        if (tia->position[i] >= UP__ATARI_COLUMNS) return false;
    for (int i = 0; i < 4; i++)
        if (tia->colour[i] & 1 && !m->pal) return false;
    return tia->suppressed[0] <= 1 && tia->suppressed[1] <= 1 && tia->reflect <= 1 &&
           tia->comb <= 1 && tia->star <= 1 && tia->star_counter <= 3 && tia->star_shape <= 3 &&
           !(tia->collisions & NO_LATCH);
}

// ---------------------------------------------------------------------------------------------------
// The rest of the machine

static bool possible_cart(const UpAtariMachine *m, const char *type) {
    const UpAtariDpc *dpc = &m->dpc;
    bool slices = strncmp(type, "E0", 2) == 0;
    int banks = slices || strncmp(type, "F4", 2) == 0                         ? 8
                : strncmp(type, "F6", 2) == 0                                 ? 4
                : strncmp(type, "F8", 2) == 0 || strncmp(type, "DPC", 3) == 0 ? 2
                                                                              : 1;
    for (int i = 0; i < 3; i++)
        if (m->bank[i] >= (i == 0 || slices ? banks : 1)) return false;
    for (int i = 0; i < 8; i++)
        if (dpc->counter[i] >= UP__DPC_BYTES || (dpc->flag[i] && dpc->flag[i] != 0xFF))
            return false;
    for (int i = 0; i < 3; i++)
        if (dpc->music[i] & ~0x10) return false;
    return dpc->fraction > -1 && dpc->fraction <= 1; // and a number
}

static bool possible_input(const UpAtariInput *input, const UpAtariGame *game) {
    for (int i = 0; i < 4; i++)
        if (!within(input->resistance[i], 0, game->paddle_max)) return false;
    return input->fire[0] <= 1 && input->fire[1] <= 1;
}

// A reset draws a few numbers, which are drawn again to find the generator's state.
static bool possible_draws(const UpAtariMachine *m) {
    enum { LOADING = UP__ATARI_RAM + 1, RESET = 1 + sizeof m->cart_ram, OF_LOADING = 2 };
    int64_t resets = OF_LOADING + 1 + m->frames / RESET_FRAMES;
    return m->draws <= LOADING + RESET * resets;
}

static bool possible_machine(const UpAtariMachine *m, const UpAtariSystem *system) {
    const bool *const flags[] = {&m->cpu.wrote, &m->cpu.jammed, &m->pal, &m->ended, &m->greyed};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!is_bool(flags[i])) return false;
    const UpAtariGame *game = &system->game;
    return within(m->cycle, 0, CYCLES_MAX) && (m->cpu.p & UP__B) == UP__B && m->riot.shift <= 10 &&
           (SHIFTS >> m->riot.shift & 1) && m->riot.expired <= 1 && m->buffer <= 1 &&
           m->pal == game->pal && m->height == game->lines &&
           within(m->lines, 0, 3 * CYCLES_MAX / UP__LINE_CLOCKS + 1) &&
           within(m->frames, 0, FRAMES_MAX) && possible_draws(m) &&
           possible_input(&m->input, game) && possible_times(m, game) && possible_bits(&m->tia) &&
           possible_written(&m->tia) && possible_objects(m) &&
           possible_cart(m, up__atari_cart_type(system->cart));
}

// ---------------------------------------------------------------------------------------------------
// The console

// A generator whose words are all 0 gives nothing else.
static bool possible_random(const UpMt19937 *random) {
    uint32_t any = 0;
    for (int i = 0; i < 624; i++)
        any |= random->word[i];
    return any && within(random->index, 0, 624);
}

bool up__atari_console_possible(const UpAtariConsole *console, const UpAtariNotes *notes,
                                const UpAtariSystem *system) {
    for (int i = 0; i < 4; i++)
        if (!possible_machine(&notes->before[i / 2][i % 2], system)) return false;
    bool known = console->mode == system->mode || console->mode == system->game.default_mode;
    return possible_machine(&console->machine, system) &&
           possible_machine(&console->before, system) && known &&
           possible_random(&console->random) && within(console->action, 0, UP__ATARI_ACTIONS - 1) &&
           within(console->difficulty, 0, 3) &&
           within(console->paddle, 0, system->game.paddle_max) &&
           within(console->episode_frames, 0, FRAMES_MAX) && notes->newest[0] <= 1 &&
           notes->newest[1] <= 1 && notes->was_short <= 1;
}
