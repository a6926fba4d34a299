// The bus: which chip an address belongs to, and what lies under the cartridge's.
#include "env/atari/machine/bus.h"

#include <string.h>

#include "env/atari/beam/beam.h"

// A latch is read: the plain machine draws until then, the beam goes through the log.
static uint8_t read_pins(UpAtariBus *bus, uint16_t address) {
    int32_t t = 3 * bus->m->cycle;
    if (!bus->beam) {
        up__tia_draw_plain(bus, t);
    } else if ((address & 15) < 8) {
        up__beam_collide(bus, t);
    }
    return (uint8_t)(up__tia_pins(bus, address & 15) | (bus->m->cpu.bus & 0x3F));
}

// The picture is drawn up to a read of the TIA.
static void touch(UpAtariBus *bus) {
    if (3 * bus->m->cycle > bus->end_clock) bus->end_clock = 3 * bus->m->cycle;
}

static uint8_t read_tia(UpAtariBus *bus, uint16_t address) {
    touch(bus);
    return read_pins(bus, address);
}

uint8_t up__atari_read(UpAtariBus *bus, uint16_t address) {
    UpAtariMachine *m = bus->m;
    uint8_t value;
    if (address & 0x1000)
        value = up__cart_read(m, bus->cart, address);
    else if (!(address & 0x80))
        value = read_tia(bus, address);
    else
        value = address & 0x200 ? up__riot_read(m, address) : m->ram[address & 0x7F];
    m->cpu.bus = value;
    m->cpu.wrote = false;
    return value;
}

void up__atari_write(UpAtariBus *bus, uint16_t address, uint8_t value) {
    UpAtariMachine *m = bus->m;
    if (address & 0x1000)
        up__cart_write(m, bus->cart, address, value);
    else if (!(address & 0x80))
        up__tia_write(bus, address, value);
    else if (address & 0x200)
        up__riot_write(m, address, value);
    else
        m->ram[address & 0x7F] = value;
    m->cpu.bus = value;
    m->cpu.wrote = true;
}

uint8_t up__atari_read_port(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t bits) {
    UpAtariMachine *m = bus->m;
    m->cycle = c;
    if (address & 0x80) return up__riot_read(m, address);
    touch(bus);
    if (address & 8) return (uint8_t)(up__tia_pins(bus, address & 15) | (bits & 0x3F));
    m->cpu.bus = bits;
    return read_pins(bus, address);
}

void up__atari_write_port(UpAtariBus *bus, int32_t c, uint16_t address, uint8_t value) {
    bus->m->cycle = c;
    bus->m->cpu.wrote = false;
    up__atari_write(bus, address, value);
}

void up__cart_map(UpAtariBus *bus) {
    const UpAtariCart *cart = bus->cart;
    memcpy(bus->bank, bus->m->bank, sizeof bus->bank);
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t slice = i & 3, place = slice * 1024;
        bus->code[i] = NULL;
        bus->page[i] = NULL;
        if (!(i & 4)) continue;
        if (cart->type == UP__CART_E0)
            place = (slice == 3 ? 7u : bus->bank[slice]) * 1024;
        else if (cart->type == UP__CART_FE)
            place += i & 8 ? 0 : 4096;
        else
            place += bus->bank[0] * 4096u;
        bus->code[i] = cart->op + place;
        bus->page[i] = cart->image + place;
    }
}
