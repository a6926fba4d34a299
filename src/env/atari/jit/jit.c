// Translated code: where it is kept, and how it is run.
#include "env/atari/jit/code.h"

#include <stdlib.h>
#include <sys/mman.h>

// ---------------------------------------------------------------------------------------------------
// Memory

bool up__native_publish(UpNative *native, const X86 *x) {
    size_t size = (size_t)(x->at - x->begin), pages = (size + 4095) & ~(size_t)4095;
    uint8_t *home = native->code + native->used;
    if (x->full || native->used + pages > NATIVE_BYTES) return false;
    if (mprotect(home, pages, PROT_READ | PROT_WRITE) != 0) return false;
    memcpy(home, x->begin, size);
    if (mprotect(home, pages, PROT_READ | PROT_EXEC) != 0) return false;
    native->used += (uint32_t)pages;
    return true;
}

UpNative *up__native_new(void) {
#if defined(__x86_64__)
    uint8_t bytes[4096];
    UpNative *native = calloc(1, sizeof *native);
    if (!native) return NULL;
    pthread_mutex_init(&native->lock, NULL);
    native->code =
        mmap(NULL, NATIVE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    X86 x = {bytes, bytes, bytes + sizeof bytes, native->code, false};
    if (native->code == MAP_FAILED) native->code = NULL;
    if (native->code) up__native_write_common(native, &x);
    if (native->code && up__native_publish(native, &x)) return native;
    up__native_free(native);
#endif
    return NULL;
}

void up__native_free(UpNative *native) {
    if (!native) return;
    for (int i = 0; i < NATIVE_MAPS; i++)
        free(native->map[i]);
    if (native->code) munmap(native->code, NATIVE_BYTES);
    pthread_mutex_destroy(&native->lock);
    free(native);
}

static UpNativeMap *make_map(const UpAtariCart *cart, UpNativeMap **place, const uint8_t bank[3]) {
    UpNative *native = cart->native;
    pthread_mutex_lock(&native->lock);
    UpNativeMap *map = *place;
    if (!map && native->maps < NATIVE_MAPS_USED && (map = calloc(1, sizeof *map))) {
        native->maps++;
        memcpy(map->bank, bank, sizeof map->bank);
        for (uint32_t i = 0; i < 16; i++)
            map->place[i] = up__native_place(cart, bank, (uint16_t)(i << 10));
        __atomic_store_n(place, map, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&native->lock);
    return map;
}

UpNativeMap *up__native_map(const UpAtariCart *cart, const uint8_t bank[3]) {
    UpNative *native = cart->native;
    if (!native) return NULL;
    UpNativeMap **place = &native->map[up__native_map_index(cart, bank)],
                *map = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    return map ? map : make_map(cart, place, bank);
}

// ---------------------------------------------------------------------------------------------------
// Running it

// NULL: none, the instruction there is one to interpret.
static const void *find_code(const UpAtariBus *bus, uint16_t pc, bool decimal) {
    UpNative *native = bus->cart->native;
    if (!bus->map || !up__native_enters(bus->cart, pc)) return NULL;
    const void **place = &bus->map->entry[decimal][pc];
    const void *entry = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (!entry) {
        pthread_mutex_lock(&native->lock);
        if (!*place) up__native_translate(native, bus->cart, bus->map, pc, decimal, bus->m->ram);
        entry = *place;
        pthread_mutex_unlock(&native->lock);
    }
    return entry == native->interpret ? NULL : entry;
}

static void run(const UpNative *native, UpNativeFrame *f, const void *code) {
    void (*enter)(UpNativeFrame *, const void *);
    memcpy(&enter, &native->enter, sizeof enter);
    enter(f, code);
}

UpNativeEnd up__native_run(UpAtariBus *bus, int32_t limit) {
    UpAtariMachine *m = bus->m;
    UpAtariCpu *cpu = &m->cpu;
    const void *code = find_code(bus, cpu->pc, cpu->p & UP__D);
    if (!code) return UP__NATIVE_LEFT;
    UpNativeFrame f = {.ram = m->ram,
                       .image = bus->cart->image,
                       .entry = bus->map->entry[(cpu->p & UP__D) != 0],
                       .map = bus->cart->native->map,
                       .log = bus->log_end,
                       .bus = bus,
                       .a = cpu->a,
                       .x = cpu->x,
                       .y = cpu->y,
                       .sp = cpu->sp,
                       .nz = (uint32_t)(cpu->p & UP__N) << 1 | !(cpu->p & UP__Z),
                       .carry = cpu->p & UP__C,
                       .overflow = cpu->p >> 6 & 1,
                       .mode = UP__B | (cpu->p & (UP__D | UP__I)),
                       .cycle = m->cycle,
                       .limit = limit,
                       .line0 = m->tia.frame_start / 3};
    up__native_note_paddles(&f);
    for (int i = 0; i < PINS; i++)
        f.pin[i] = up__tia_pins(bus, PINS_FIRST + i);
    while (code) {
        f.missing = 0;
        run(bus->cart->native, &f, code);
        up__native_follow_bank(bus);
        code = f.missing ? find_code(bus, (uint16_t)f.pc, f.mode & UP__D) : NULL;
    }
    bus->log_end = f.log;
    m->cycle = f.cycle;
    cpu->a = (uint8_t)f.a;
    cpu->x = (uint8_t)f.x;
    cpu->y = (uint8_t)f.y;
    cpu->sp = (uint8_t)f.sp;
    cpu->p = (uint8_t)(f.mode | f.carry | f.overflow << 6 | (f.nz & 0x180 ? UP__N : 0) |
                       (f.nz & 0xFF ? 0 : UP__Z));
    cpu->pc = (uint16_t)f.pc;
    return f.cycle >= limit ? UP__NATIVE_LATE : UP__NATIVE_LEFT;
}
