// Cartridges: bank switching, the RAM of SC boards, and Pitfall II's display processor.
#include <string.h>

#include "env/atari/machine/bus.h"

static uint32_t banks(UpAtariType type) {
    switch (type) {
    case UP__CART_F8:
    case UP__CART_F8SC:
    case UP__CART_DPC:
        return 2;
    case UP__CART_F6:
    case UP__CART_F6SC:
        return 4;
    case UP__CART_F4:
    case UP__CART_F4SC:
        return 8;
    default:
        return 1;
    }
}

// FF8 and FF9 for two banks, FF6-FF9 for four, FF4-FFB for eight.
static void hot_spot(UpAtariMachine *m, UpAtariType type, uint32_t offset) {
    uint32_t count = banks(type);
    uint32_t first = count == 2 ? 0xFF8 : count == 4 ? 0xFF6 : 0xFF4;
    if (type == UP__CART_E0) {
        if (offset >= 0xFE0 && offset < 0xFF8) m->bank[(offset - 0xFE0) >> 3] = offset & 7;
    } else if (count > 1 && offset >= first && offset < first + count) {
        m->bank[0] = (uint8_t)(offset - first);
    }
}

static void clock_random(UpAtariDpc *dpc) {
    uint8_t r = dpc->random;
    uint8_t bit = (uint8_t)(~((r >> 7) ^ (r >> 5) ^ (r >> 4) ^ (r >> 3)) & 1);
    dpc->random = (uint8_t)(r << 1 | bit);
}

// Brings the three music fetchers up to the present cycle.
static void clock_music(UpAtariMachine *m) {
    UpAtariDpc *dpc = &m->dpc;
    double ticks =
        dpc->fraction + (double)up__wrap_sub(m->cycle, dpc->clocked) * 15750.0 / 1193191.66666667;
    dpc->clocked = m->cycle;
    int32_t whole = (int32_t)ticks;
    dpc->fraction = ticks - (double)whole;
    if (whole <= 0) return;
    for (int i = 5; i < 8; i++) {
        if (!dpc->music[i - 5]) continue;
        int32_t period = dpc->top[i] + 1, low = dpc->counter[i] & 0xFF;
        low = dpc->top[i] ? low - (whole < period ? whole : whole % period) : 0;
        if (low < 0) low += period;
        if (low <= dpc->bottom[i])
            dpc->flag[i] = 0;
        else if (low <= dpc->top[i])
            dpc->flag[i] = 0xFF;
        dpc->counter[i] = (uint16_t)((dpc->counter[i] & 0x700) | (low & 0xFF));
    }
}

static uint8_t amplitude(const UpAtariDpc *dpc) {
    static const uint8_t level[8] = {0, 4, 5, 9, 6, 10, 11, 15};
    int index = 0;
    for (int j = 0; j < 3; j++)
        if (dpc->music[j] && dpc->flag[5 + j]) index |= 1 << j;
    return level[index];
}

static uint8_t dpc_fetch(UpAtariMachine *m, const UpAtariCart *cart, uint32_t offset) {
    UpAtariDpc *dpc = &m->dpc;
    uint32_t i = offset & 7, function = offset >> 3;
    if ((dpc->counter[i] & 0xFF) == dpc->top[i])
        dpc->flag[i] = 0xFF;
    else if ((dpc->counter[i] & 0xFF) == dpc->bottom[i])
        dpc->flag[i] = 0;
    uint8_t value = 0, data = cart->rom[8192 + 2047 - dpc->counter[i]];
    if (function == 0 && i >= 4) clock_music(m);
    if (function == 0) value = i < 4 ? dpc->random : amplitude(dpc);
    if (function == 1) value = data;
    if (function == 2) value = data & dpc->flag[i];
    if (function == 7) value = dpc->flag[i];
    if (i < 5 || !dpc->music[i - 5]) dpc->counter[i] = (dpc->counter[i] - 1) & 0x7FF;
    return value;
}

static void dpc_store(UpAtariDpc *dpc, uint32_t offset, uint8_t value) {
    uint32_t i = offset & 7;
    bool music = i >= 5 && dpc->music[i - 5];
    switch ((offset >> 3) & 7) {
    case 0:
        dpc->top[i] = value;
        dpc->flag[i] = 0;
        break;
    case 1:
        dpc->bottom[i] = value;
        break;
    case 2:
        dpc->counter[i] = (uint16_t)((dpc->counter[i] & 0x700) | (music ? dpc->top[i] : value));
        break;
    case 3:
        dpc->counter[i] = (uint16_t)((dpc->counter[i] & 0xFF) | (value & 7) << 8);
        if (i >= 5) dpc->music[i - 5] = value & 0x10;
        break;
    case 6:
        dpc->random = 1;
        break;
    default:
        break;
    }
}

uint8_t up__cart_read(UpAtariMachine *m, const UpAtariCart *cart, uint16_t address) {
    uint32_t offset = address & 0xFFF;
    switch (cart->type) {
    case UP__CART_2K:
    case UP__CART_4K:
        return cart->rom[offset & (cart->size - 1)];
    case UP__CART_FE:
        return cart->rom[(address & 0x2000 ? 0 : 4096) + offset];
    case UP__CART_E0: {
        hot_spot(m, cart->type, offset);
        uint32_t slice = offset >> 10;
        return cart->rom[(slice == 3 ? 7u : m->bank[slice]) * 1024u + (offset & 1023)];
    }
    case UP__CART_DPC:
        if (offset < 0x80 || offset >= 0xFC0) clock_random(&m->dpc);
        if (offset < 0x40) return dpc_fetch(m, cart, offset);
        break;
    default:
        if (up__cart_has_ram(cart->type) && offset >= 0x80 && offset < 0x100)
            return m->cart_ram[offset & 0x7F];
        break;
    }
    hot_spot(m, cart->type, offset);
    return cart->rom[m->bank[0] * 4096u + offset];
}

void up__cart_write(UpAtariMachine *m, const UpAtariCart *cart, uint16_t address, uint8_t value) {
    uint32_t offset = address & 0xFFF;
    if (cart->type == UP__CART_DPC) {
        clock_random(&m->dpc);
        if (offset >= 0x40 && offset < 0x80) dpc_store(&m->dpc, offset, value);
    }
    if (up__cart_has_ram(cart->type) && offset < 0x80) m->cart_ram[offset] = value;
    hot_spot(m, cart->type, offset);
}

void up__cart_reset(UpAtariMachine *m, const UpAtariCart *cart) {
    memset(m->bank, 0, sizeof m->bank);
    if (banks(cart->type) == 2) m->bank[0] = 1;
    if (cart->type == UP__CART_E0)
        for (uint8_t slice = 0; slice < 3; slice++)
            m->bank[slice] = 4 + slice;
    m->dpc.clocked = 0;
    m->dpc.fraction = 0;
}
