// The 6532's timer and ports. Its RAM is a field of the machine.
#include "env/atari/machine/bus.h"

static const uint8_t shift_of[4] = {0, 3, 6, 10};

void up__riot_reset(UpAtariMachine *m, uint32_t draw) {
    m->riot.timer = (uint8_t)(25 + draw % 75);
    m->riot.shift = 6;
    m->riot.expired = 0;
    m->riot.set = m->riot.expiry = 0;
}

// After the end the counter goes on by a formula of the original's: by cycles, from the first read
// that saw the end.
static uint8_t read_timer(UpAtariMachine *m) {
    UpAtariRiot *riot = &m->riot;
    int32_t elapsed = up__wrap_sub(up__wrap_sub(m->cycle, 1), riot->set);
    int32_t steps = elapsed >> riot->shift;
    if (riot->timer - 1 - (int64_t)steps >= 0) return (uint8_t)(riot->timer - 1 - steps);
    int32_t end = riot->timer << riot->shift;
    int32_t after = up__wrap_sub(up__wrap_sub(end, elapsed), 1);
    if (after <= -2 && !riot->expired) {
        riot->expired = 1;
        riot->expiry = m->cycle;
    }
    if (!riot->expired) return (uint8_t)after;
    uint32_t late = (uint32_t)riot->expiry - ((uint32_t)riot->set + (uint32_t)end);
    return (uint8_t)(riot->timer - (uint32_t)steps - late);
}

static uint8_t read_status(const UpAtariMachine *m) {
    int32_t elapsed = up__wrap_sub(up__wrap_sub(m->cycle, 1), m->riot.set);
    bool running = m->riot.timer - 1 - (int64_t)(elapsed >> m->riot.shift) >= 0;
    return running || m->riot.expired ? 0 : 0x80;
}

int32_t up__riot_idle(const UpAtariRiot *riot, int32_t c, int32_t period, int32_t last,
                      bool is_count) {
    int32_t elapsed = up__wrap_sub(up__wrap_sub(c, 1), riot->set);
    if (elapsed < 0) return 0;
    int32_t count = riot->timer - 1 - (elapsed >> riot->shift);
    // A count of 128 or more looks negative to BPL.
    if (count < last || (last == 0 && is_count && count > 127)) return 0;
    int32_t end = (riot->timer - last) << riot->shift;
    return (end - elapsed + period - 1) / period * period;
}

uint8_t up__riot_read(UpAtariMachine *m, uint16_t address) {
    switch (address & 7) {
    case 0:
        return m->input.swcha;
    case 1:
        return m->riot.direction;
    case 2:
        return m->input.swchb;
    case 3:
        return 0;
    case 4:
    case 6:
        return read_timer(m);
    default:
        return read_status(m);
    }
}

void up__riot_write(UpAtariMachine *m, uint16_t address, uint8_t value) {
    if ((address & 0x14) == 0x14) {
        m->riot.timer = value;
        m->riot.shift = shift_of[address & 3];
        m->riot.set = m->cycle;
        m->riot.expired = 0;
    } else if ((address & 7) == 1) {
        m->riot.direction = value;
    }
}
