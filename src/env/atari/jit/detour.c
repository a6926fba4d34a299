// What happens rarely in the middle of an instruction: its code lies behind all other code.
#include "env/atari/jit/ops.h"

void up__jit_leave(UpJitWork *w, UpJitState s, uint16_t pc) {
    up__jit_settle(&w->x, &s, LIVE_ALL);
    x86_set(&w->x, RDX, pc);
    x86_lead(&w->x, x86_jump(&w->x, X_JUMP), w->jit->leave);
}

UpJitDetour *up__jit_detour(UpJitWork *w, int kind, int condition, const UpJitIns *i) {
    UpJitDetour *d = &w->detour[w->detours];
    // Never so many: an instruction has four at most. The last place is there to be written over.
    if (w->detours < DETOURS_MAX - 1)
        w->detours++;
    else
        w->x.full = true;
    UpJitDetour made = {.kind = kind,
                        .from = x86_jump(&w->x, condition),
                        .state = w->s,
                        .pc = i->pc,
                        .ins = *i,
                        .address = RCX};
    made.back = w->x.at;
    memcpy(d, &made, sizeof made);
    return d;
}

// Before a read whose costs are paid.
static void leave_before(UpJitWork *w, const UpJitDetour *d) {
    UpJitState s = d->state;
    s.cycles -= d->ins.op.cycles;
    up__jit_unpay_crossing(w, &d->ins);
    up__jit_leave(w, s, d->pc);
}

static void detour_read(UpJitWork *w, const UpJitDetour *d) {
    X86 *x = &w->x;
    const UpJitIns *i = &d->ins;
    X86Mem place = up__jit_far_place(w, i);
    if (d->address != RCX) x86_mov(x, RCX, d->address);
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, d->state.logged));
    if (i->form == FORM_IX)
        x86_mov(x, RDX, RCX), x86_shift(x, X_SHR, RDX, 8);
    else if (up__jit_points(i->form))
        x86_load8(x, RDX, x86_at(REG_RAM, (i->op.a & 0x7F) + 1));
    else
        x86_set(x, RDX, i->form == FORM_ZX || i->form == FORM_ZY ? i->op.a : i->op.a >> 8);
    up__jit_call(w, CALL_READ, d->state.cycles);
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, -d->state.logged));
    x86_test(x, RAX, RAX);
    uint8_t *hot = x86_jump(x, X_S);
    x86_store8(x, FRAME(byte), RAX);
    x86_lea64(x, place.index, x86_at(REG_FRAME, (int32_t)offsetof(UpJitFrame, byte) - place.disp));
    x86_alu64(x, X_SUB, place.index, place.base);
    x86_lead(x, x86_jump(x, X_JUMP), x86_home(x, d->back));
    x86_lead_here(x, hot);
    leave_before(w, d);
}

static void detour_write(UpJitWork *w, const UpJitDetour *d) {
    X86 *x = &w->x;
    const UpJitIns *i = &d->ins;
    UpJitState before = d->state, after = d->state;
    before.cycles -= i->op.cycles;
    if (d->address != RCX) x86_mov(x, RCX, d->address);
    x86_test_constant(x, RCX, 0x1000);
    uint8_t *console = x86_jump(x, X_E);
    x86_mov(x, RAX, RCX);
    x86_alu_constant(x, X_AND, RAX, 0xFFF);
    x86_alu_constant(x, X_CMP, RAX, (int32_t)up__jit_hot(w->cart));
    uint8_t *hot = x86_jump(x, X_AE);
    x86_lead_here(x, console);
    if (after.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, after.logged));
    x86_mov(x, RDX, i->operation == OP_PHA ? REG_A : up__jit_stored(i->operation));
    up__jit_call(w, CALL_WRITE, after.cycles);
    if (after.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, -after.logged));
    x86_lea(x, REG_CYCLE, x86_at(RAX, -after.cycles));
    x86_alu_mem_constant(x, X_CMP, FRAME(halt), 0);
    x86_lead(x, x86_jump(x, X_E), x86_home(x, d->back));
    if (i->operation == OP_PHA) x86_inc8(x, REG_SP, true);
    up__jit_leave(w, after, (uint16_t)(i->pc + i->length));
    x86_lead_here(x, hot);
    up__jit_leave(w, before, d->pc);
}

static void detour_pull(UpJitWork *w, const UpJitDetour *d) {
    X86 *x = &w->x;
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, d->state.logged));
    x86_mov(x, RCX, REG_SP);
    up__jit_call(w, CALL_PULL, d->state.cycles);
    if (d->state.logged) x86_lea64(x, REG_LOG, x86_at(REG_LOG, -d->state.logged));
    x86_mov(x, REG_A, RAX);
    x86_inc8(x, REG_SP, false);
    x86_lead(x, x86_jump(x, X_JUMP), x86_home(x, d->back));
}

void up__jit_write_detour(UpJitWork *w, const UpJitDetour *d) {
    x86_lead_here(&w->x, d->from);
    if (d->kind == DETOUR_READ) {
        detour_read(w, d);
    } else if (d->kind == DETOUR_WRITE) {
        detour_write(w, d);
    } else if (d->kind == DETOUR_PULL) {
        detour_pull(w, d);
    } else if (d->ins.form == FORM_IX) {
        leave_before(w, d);
    } else {
        up__jit_leave(w, d->state, d->pc);
    }
}
