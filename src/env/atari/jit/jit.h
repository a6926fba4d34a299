// Machine code for the code of a cartridge: made when it is first run, shared by all machines.
#ifndef UP_ENV_ATARI_JIT_H
#define UP_ENV_ATARI_JIT_H

#include "env/atari/machine/bus.h"

// NULL: not on this processor, or the system gives no memory to execute.
UpJit *up__jit_new(void);
void up__jit_free(UpJit *jit);

// What became of a call of up__jit_run.
typedef enum UpJitEnd {
    UP__JIT_LEFT, // the instruction at the program counter is one to interpret
    UP__JIT_LATE, // the frame may have ended on the way by its length: play it without this
} UpJitEnd;

// Runs translated code from the machine's registers on, until bus->ended or an instruction that is
// not translated. `limit`: up__tia_limit.
UpJitEnd up__jit_run(UpAtariBus *bus, int32_t limit);

#endif
