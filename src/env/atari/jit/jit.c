// Translated code: where it is kept, and how it is run.
#include "env/atari/cpu/alu.h"
#include "env/atari/jit/maps.h"

#include <stdlib.h>
#include <sys/mman.h>

// ---------------------------------------------------------------------------------------------------
// Memory

bool up__jit_publish(UpJit *jit, const X86 *x) {
    size_t size = (size_t)(x->at - x->begin), pages = (size + 4095) & ~(size_t)4095;
    uint8_t *home = jit->code + jit->used;
    if (x->full || jit->used + pages > JIT_BYTES) return false;
    if (mprotect(home, pages, PROT_READ | PROT_WRITE) != 0) return false;
    memcpy(home, x->begin, size);
    if (mprotect(home, pages, PROT_READ | PROT_EXEC) != 0) return false;
    jit->used += (uint32_t)pages;
    return true;
}

UpJit *up__jit_new(void) {
#if defined(__x86_64__)
    uint8_t bytes[4096];
    UpJit *jit = calloc(1, sizeof *jit);
    if (!jit) return NULL;
    pthread_mutex_init(&jit->lock, NULL);
    jit->code =
        mmap(NULL, JIT_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    X86 x = {bytes, bytes, bytes + sizeof bytes, jit->code, false};
    if (jit->code == MAP_FAILED) jit->code = NULL;
    if (jit->code) up__jit_write_common(jit, &x);
    if (jit->code && up__jit_publish(jit, &x)) return jit;
    up__jit_free(jit);
#endif
    return NULL;
}

void up__jit_free(UpJit *jit) {
    if (!jit) return;
    for (int i = 0; i < JIT_MAPS; i++)
        free(jit->map[i]);
    if (jit->code) munmap(jit->code, JIT_BYTES);
    pthread_mutex_destroy(&jit->lock);
    free(jit);
}

static UpJitMap *make_map(const UpAtariCart *cart, UpJitMap **place, const uint8_t bank[3]) {
    UpJit *jit = cart->jit;
    pthread_mutex_lock(&jit->lock);
    UpJitMap *map = *place;
    if (!map && jit->maps < JIT_MAPS_USED && (map = calloc(1, sizeof *map))) {
        jit->maps++;
        memcpy(map->bank, bank, sizeof map->bank);
        for (uint32_t i = 0; i < 16; i++)
            map->place[i] = up__jit_place(cart, bank, (uint16_t)(i << 10));
        __atomic_store_n(place, map, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&jit->lock);
    return map;
}

// The code translated while the present banks are in; NULL where nothing is to be translated.
static UpJitMap *map_of(const UpAtariBus *bus) {
    UpJitMap **place = &bus->cart->jit->map[up__jit_map_index(bus->cart, bus->bank)],
             *map = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    return map ? map : make_map(bus->cart, place, bus->bank);
}

// ---------------------------------------------------------------------------------------------------
// Running it

// NULL: none, the instruction there is one to interpret.
static const void *find_code(const UpAtariBus *bus, UpJitMap *map, uint16_t pc, bool decimal) {
    UpJit *jit = bus->cart->jit;
    if (!map || !up__jit_enters(bus->cart, pc)) return NULL;
    const void **place = &map->entry[decimal][pc];
    const void *entry = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (!entry) {
        pthread_mutex_lock(&jit->lock);
        if (!*place) up__jit_translate(jit, bus->cart, map, pc, decimal, bus->m->ram);
        entry = *place;
        pthread_mutex_unlock(&jit->lock);
    }
    return entry == jit->interpret ? NULL : entry;
}

static void run(const UpJit *jit, UpJitFrame *f, const void *code) {
    void (*enter)(UpJitFrame *, const void *);
    memcpy(&enter, &jit->enter, sizeof enter);
    enter(f, code);
}

UpJitEnd up__jit_run(UpAtariBus *bus, int32_t limit) {
    UpAtariMachine *m = bus->m;
    UpAtariCpu *cpu = &m->cpu;
    UpJitMap *map = map_of(bus);
    const void *code = find_code(bus, map, cpu->pc, cpu->p & UP__D);
    if (!code) return UP__JIT_LEFT;
    UpJitFrame f = {.ram = m->ram,
                    .image = bus->cart->image,
                    .entry = map->entry[(cpu->p & UP__D) != 0],
                    .map = bus->cart->jit->map,
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
    up__jit_note_paddles(&f);
    for (int i = 0; i < PINS; i++)
        f.pin[i] = up__tia_pins(bus, PINS_FIRST + i);
    while (code) {
        f.missing = 0;
        run(bus->cart->jit, &f, code);
        up__cart_follow(bus);
        code = f.missing ? find_code(bus, map_of(bus), (uint16_t)f.pc, f.mode & UP__D) : NULL;
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
    return f.cycle >= limit ? UP__JIT_LATE : UP__JIT_LEFT;
}
