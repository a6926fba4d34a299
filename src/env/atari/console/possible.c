// Saved games come from files. What the machine takes for granted of its own state is checked here,
// once, so that no file can lead it out of its arrays.
#include "env/atari/console/console.h"

#include <string.h>

#include "env/atari/console/load.h"
#include "env/atari/tia/tia.h"

enum {
    FAR = 1 << 28, // no clock of a frame lies farther from 0; remembered ones wrap around
    DRAWS_MAX = 1 << 28,
    SHIFTS = 1 << 0 | 1 << 3 | 1 << 6 | 1 << 10, // that the timer knows
};

static bool near(int32_t time) {
    return time > -FAR && time < FAR;
}

// A bool that was read from a file may be neither 0 nor 1.
static bool is_bool(const bool *flag) {
    uint8_t byte;
    memcpy(&byte, flag, 1);
    return byte <= 1;
}

static bool possible_tia(const UpAtariMachine *m, int first_line) {
    const UpAtariTia *tia = &m->tia;
    for (int i = 0; i < 5; i++)
        if (tia->position[i] >= UP__ATARI_COLUMNS) return false;
    bool times = near(tia->frame_start) && near(tia->drawn) && near(tia->origin);
    if (!times || tia->playfield >> 20 || tia->star_counter > 3 || tia->star_shape > 3)
        return false;
    if (m->ended) return true; // the next frame sets the rest anew
    int32_t above = tia->origin - tia->frame_start;
    return above % UP__LINE_CLOCKS == 0 && above >= 0 && above <= first_line * UP__LINE_CLOCKS &&
           tia->drawn >= tia->origin;
}

static bool possible_cart(const UpAtariMachine *m, const char *type) {
    bool eight = strncmp(type, "F4", 2) == 0 || strncmp(type, "E0", 2) == 0;
    int banks = eight ? 8 : strncmp(type, "F6", 2) == 0 ? 4 : 2;
    for (int i = 0; i < 3; i++)
        if (m->bank[i] >= banks) return false;
    for (int i = 0; i < 8; i++)
        if (m->dpc.counter[i] >= 2048) return false;
    return m->dpc.fraction >= 0 && m->dpc.fraction <= 1;
}

static bool possible_machine(const UpAtariMachine *m, const UpAtariSystem *system) {
    const bool *const flags[] = {&m->cpu.wrote, &m->cpu.jammed, &m->pal, &m->ended, &m->greyed};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!is_bool(flags[i])) return false;
    for (int i = 0; i < 4; i++)
        if (m->input.resistance[i] < 0 || m->input.resistance[i] > system->game.paddle_max)
            return false;
    return near(m->cycle) && m->riot.shift <= 10 && (SHIFTS >> m->riot.shift & 1) &&
           m->buffer <= 1 && m->pal == system->game.pal && m->height == system->game.lines &&
           m->lines >= 0 && m->lines < FAR && m->frames >= 0 && m->frames < INT64_MAX / 2 &&
           m->draws < DRAWS_MAX && possible_tia(m, system->game.first_line) &&
           possible_cart(m, up__atari_cart_type(system->cart));
}

bool up__atari_console_possible(const UpAtariConsole *console, const UpAtariNotes *notes,
                                const UpAtariSystem *system) {
    for (int i = 0; i < 4; i++)
        if (!possible_machine(&notes->before[i / 2][i % 2], system)) return false;
    bool known = console->mode == system->mode || console->mode == system->game.default_mode;
    return possible_machine(&console->machine, system) &&
           possible_machine(&console->before, system) && known && console->random.index >= 0 &&
           console->random.index <= 624 && console->action >= 0 &&
           console->action < UP__ATARI_ACTIONS && console->difficulty >= 0 &&
           console->difficulty <= 3 && console->paddle >= 0 &&
           console->paddle <= system->game.paddle_max && console->episode_frames >= 0 &&
           console->episode_frames < INT64_MAX / 2 && notes->newest[0] <= 1 &&
           notes->newest[1] <= 1 && notes->was_short <= 1;
}
