// Where translated code is kept.
#ifndef UP_ENV_ATARI_JIT_MAPS_H
#define UP_ENV_ATARI_JIT_MAPS_H

#include <pthread.h>

#include "env/atari/jit/frame.h"

// A way to lay the cartridge's banks under the addresses, and the code translated for it.
struct UpJitMap {
    uint8_t bank[3];
    uint32_t place[16]; // in the image, of every KiB by address bits 10-13
    // By decimal mode and program counter; NULL: not translated yet.
    const void *entry[2][65536];
};

enum { JIT_MAPS = 512, JIT_MAPS_USED = 64, JIT_BYTES = 16 << 20 };

struct UpJit {
    pthread_mutex_t lock;
    UpJitMap *map[JIT_MAPS]; // by banks
    int maps;
    uint8_t *code; // JIT_BYTES of address space
    uint32_t used; // whole pages
    const uint8_t *enter, *leave, *call[CALLS];
    const uint8_t *find; // leaves to have code made for the program counter in EDX
    // Where entries lead that are to be interpreted: leaves with EAX as the program counter.
    const uint8_t *interpret;
};

static inline unsigned up__jit_map_index(const UpAtariCart *cart, const uint8_t bank[3]) {
    return cart->type == UP__CART_E0 ? bank[0] | (unsigned)bank[1] << 3 | (unsigned)bank[2] << 6
                                     : bank[0];
}

// jit.c: puts code where it will run.
bool up__jit_publish(UpJit *jit, const X86 *x);
// calls.c: the code that all other code shares.
void up__jit_write_common(UpJit *jit, X86 *x);
// flow.c: makes map->entry[decimal][pc], and those of all that is reached from there.
void up__jit_translate(UpJit *jit, const UpAtariCart *cart, UpJitMap *map, uint16_t pc,
                       bool decimal, const uint8_t ram[UP__ATARI_RAM]);
// ins.c: whether code may be entered at an address that a program computed; where an address lies
// in the image.
bool up__jit_enters(const UpAtariCart *cart, uint16_t pc);
uint32_t up__jit_place(const UpAtariCart *cart, const uint8_t bank[3], uint16_t pc);

#endif
