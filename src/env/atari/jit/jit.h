// Machine code for the code of a cartridge: made when it is first run, shared by all machines.
#ifndef UP_ENV_ATARI_NATIVE_H
#define UP_ENV_ATARI_NATIVE_H

#include "env/atari/machine/bus.h"

// NULL: not on this processor, or the system gives no memory to execute.
UpNative *up__native_new(void);
void up__native_free(UpNative *native);

// The code translated while these banks are in; NULL where nothing is to be translated.
UpNativeMap *up__native_map(const UpAtariCart *cart, const uint8_t bank[3]);

// What became of a call of up__native_run.
typedef enum UpNativeEnd {
    UP__NATIVE_LEFT, // the instruction at the program counter is one to interpret
    UP__NATIVE_LATE, // the frame may have ended on the way by its length: play it without this
} UpNativeEnd;

// Runs translated code from the machine's registers on, until bus->ended or an instruction that is
// not translated. `limit`: up__tia_limit.
UpNativeEnd up__native_run(UpAtariBus *bus, int32_t limit);

#endif
