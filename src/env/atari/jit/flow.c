// Translates all that can be reached from a place: finds it, finds which flags anybody looks at,
// and writes the code of one instruction after the other.
#include "env/atari/jit/code.h"
#include "env/atari/jit/ops.h"

#include <stddef.h>
#include <stdlib.h>

enum { CODE_MOST = WORK_MOST * 400 }; // bytes, with detours

// ---------------------------------------------------------------------------------------------------
// What is reached

static bool is_code(const UpJitWork *w, uint16_t pc) {
    if ((pc & 0xF000) != w->high) return false;
    return pc & 0x1000 ? up__jit_is_cold(w->cart, pc & 0xFFF) : up__jit_enters(w->cart, pc);
}

static void label(UpJitWork *w, uint16_t pc, int is) {
    if (!is_code(w, pc)) return;
    uint8_t *known = &w->is[pc & 0xFFF];
    if (!(*known & IS_LABEL) && w->pendings < WORK_PLACES) w->pending[w->pendings++] = pc;
    *known |= (uint8_t)(IS_LABEL | is);
}

static int loop(uint16_t from, uint16_t to) {
    return to <= from ? IS_LOOP : 0;
}

// Where an instruction leads beside the one after it. Whether it leads there at all.
static bool follow(UpJitWork *w, const UpJitIns *i) {
    uint16_t next = (uint16_t)(i->pc + i->length), target = (uint16_t)(i->pc + i->op.target);
    switch (i->form) {
    case FORM_BRANCH:
        label(w, target, loop(i->pc, target));
        return true;
    case FORM_JUMP:
        label(w, i->op.a, loop(i->pc, i->op.a));
        if (i->operation == OP_JSR) label(w, next, 0);
        return false;
    case FORM_PLAIN:
        if (i->operation != OP_BRK && i->operation != OP_JSR && i->operation != OP_JMP &&
            i->operation != OP_RTI && i->operation != OP_RTS && i->operation != OP_JAM)
            label(w, next, 0);
        return false;
    case FORM_BREAK:
        label(w, (uint16_t)(i->pc + 2), 0);
        label(w, up__jit_vector(w->cart), IS_LOOP);
        return false;
    case FORM_INDIRECT:
    case FORM_RETURN:
    case FORM_SWITCH:
        return false;
    default:
        return i->operation != OP_RTS && !up__jit_changes_mode(w, i);
    }
}

static void discover(UpJitWork *w, uint16_t start) {
    label(w, start, 0);
    while (w->pendings > 0) {
        uint16_t pc = w->pending[--w->pendings];
        bool more = !w->map->entry[w->decimal][pc];
        while (more && is_code(w, pc) && !(w->is[pc & 0xFFF] & IS_REACHED) &&
               w->reached < WORK_MOST) {
            UpJitIns i = up__jit_ins(w, pc);
            w->is[pc & 0xFFF] |= IS_REACHED;
            w->reached++;
            more = follow(w, &i);
            pc = (uint16_t)(pc + i.length);
        }
        // Straight on into what is known.
        if (more && is_code(w, pc)) w->is[pc & 0xFFF] |= IS_LABEL;
    }
}

// ---------------------------------------------------------------------------------------------------
// Flags that are looked at

// Whether an instruction may be left, or end the frame, so that the flags have to be right there.
static bool is_exposed(const UpJitWork *w, const UpJitIns *i) {
    bool store = i->operation == OP_STA || i->operation == OP_STX || i->operation == OP_STY;
    if (i->checked) return true;
    switch (i->form) {
    case FORM_PLAIN:
    case FORM_BREAK:
    case FORM_INDIRECT:
    case FORM_RETURN:
    case FORM_SWITCH:
    case FORM_IX:
        return true;
    case FORM_ALONE:
        return up__jit_changes_mode(w, i);
    case FORM_JUMP:
        return i->operation == OP_JSR;
    case FORM_IO:
        return store && (i->op.a & 0xBF) == UP__VSYNC;
    case FORM_AX:
    case FORM_AY:
    case FORM_IY:
        return store || w->cart->colds < 0x1000;
    case FORM_ZX:
    case FORM_ZY:
        return store || up__jit_modifies(i->operation);
    default:
        return false;
    }
}

static uint8_t looks_at(int operation) {
    switch (operation) {
    case OP_ADC:
    case OP_SBC:
    case OP_ROL:
    case OP_ROR:
        return UP__C;
    case OP_BCC:
    case OP_BCS:
    case OP_BEQ:
    case OP_BNE:
    case OP_BMI:
    case OP_BPL:
    case OP_BVC:
    case OP_BVS:
        return up__jit_branch_flag(operation, &(bool){false});
    case OP_PHA:
    case OP_PHP:
    case OP_PLA:
    case OP_RTS:
        return LIVE_ALL;
    default:
        return 0;
    }
}

static uint8_t sets(int operation) {
    switch (operation) {
    case OP_ADC:
    case OP_SBC:
        return LIVE_NZ | UP__C | UP__V;
    case OP_CMP:
    case OP_CPX:
    case OP_CPY:
    case OP_ASL:
    case OP_LSR:
    case OP_ROL:
    case OP_ROR:
        return LIVE_NZ | UP__C;
    case OP_BIT:
        return LIVE_NZ | UP__V;
    case OP_CLC:
    case OP_SEC:
        return UP__C;
    case OP_CLV:
        return UP__V;
    case OP_PLP:
        return LIVE_ALL;
    case OP_STA:
    case OP_STX:
    case OP_STY:
    case OP_TXS:
    case OP_NOP:
    case OP_CLI:
    case OP_SEI:
    case OP_CLD:
    case OP_SED:
    case OP_JMP:
    case OP_JSR:
        return 0;
    default:
        return looks_at(operation) ? 0 : LIVE_NZ;
    }
}

static uint8_t live_before(const UpJitWork *w, const UpJitIns *i) {
    if (is_exposed(w, i)) return LIVE_ALL;
    if (i->form == FORM_JUMP) return up__jit_live(w, i->op.a);
    uint8_t after = up__jit_live(w, (uint16_t)(i->pc + i->length));
    if (i->form == FORM_BRANCH) after |= up__jit_live(w, (uint16_t)(i->pc + i->op.target));
    return (uint8_t)((after & ~sets(i->operation)) | looks_at(i->operation));
}

static void find_live(UpJitWork *w) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int at = WORK_PLACES - 1; at >= 0; at--) {
            if (!(w->is[at] & IS_REACHED)) continue;
            UpJitIns i = up__jit_ins(w, (uint16_t)(w->high + at));
            uint8_t live = live_before(w, &i);
            changed |= live != w->live[at];
            w->live[at] = live;
        }
    }
}

// ---------------------------------------------------------------------------------------------------
// Code

static void begin_label(UpJitWork *w, uint16_t pc) {
    uint8_t *is = &w->is[pc & 0xFFF];
    w->s = (UpJitState){0};
    w->written[pc & 0xFFF] = w->x.at;
    *is |= IS_WRITTEN;
    if (!(*is & IS_LOOP)) return;
    x86_alu_mem(&w->x, X_CMP, REG_CYCLE, FRAME(limit));
    x86_lead(&w->x, x86_jump(&w->x, X_GE), w->jit->leave);
}

// From a label on to where nothing goes on.
static void write_from(UpJitWork *w, uint16_t pc) {
    begin_label(w, pc);
    for (;;) {
        UpJitIns i = up__jit_ins(w, pc);
        if (!up__jit_write_ins(w, &i)) return;
        pc = (uint16_t)(pc + i.length);
        unsigned is = up__jit_reaches(w, pc) ? w->is[pc & 0xFFF] : IS_WRITTEN;
        if (!(is & (IS_LABEL | IS_WRITTEN))) continue;
        up__jit_settle(&w->x, &w->s, up__jit_live(w, pc));
        if (is & IS_WRITTEN) {
            up__jit_jump(w, X_JUMP, pc);
            return;
        }
        begin_label(w, pc);
    }
}

static void write_all(UpJitWork *w) {
    enum { TO_WRITE = IS_REACHED | IS_LABEL };
    for (int at = 0; at < WORK_PLACES; at++)
        if ((w->is[at] & (TO_WRITE | IS_WRITTEN)) == TO_WRITE)
            write_from(w, (uint16_t)(w->high + at));
    for (int i = 0; i < w->detours; i++)
        up__jit_write_detour(w, &w->detour[i]);
    for (int i = 0; i < w->links; i++)
        x86_lead(&w->x, w->link[i].place, x86_home(&w->x, w->written[w->link[i].pc & 0xFFF]));
}

// Makes the labels known.
static void enter_labels(UpJitWork *w) {
    for (int at = 0; at < WORK_PLACES; at++) {
        uint16_t pc = (uint16_t)(w->high + at);
        if (!(w->is[at] & IS_WRITTEN) || !up__jit_enters(w->cart, pc)) continue;
        UpJitIns i = up__jit_ins(w, pc);
        const void *entry =
            i.form == FORM_PLAIN ? w->jit->interpret : x86_home(&w->x, w->written[at]);
        __atomic_store_n(&w->map->entry[w->decimal][pc], entry, __ATOMIC_RELEASE);
    }
}

void up__jit_translate(UpJit *jit, const UpAtariCart *cart, UpJitMap *map, uint16_t pc,
                       bool decimal, const uint8_t ram[UP__ATARI_RAM]) {
    UpJitWork *w = malloc(sizeof *w);
    uint8_t *bytes = malloc(CODE_MOST);
    bool done = false;
    if (w && bytes) {
        memset(w, 0, offsetof(UpJitWork, written));
        w->jit = jit;
        w->cart = cart;
        w->map = map;
        w->high = pc & 0xF000;
        w->decimal = decimal;
        memcpy(w->ram, ram, sizeof w->ram);
        w->x = (X86){bytes, bytes, bytes + CODE_MOST, jit->code + jit->used, false};
        discover(w, pc);
        find_live(w);
        write_all(w);
        done = up__jit_publish(jit, &w->x);
        if (done) enter_labels(w);
    }
    if (!done) __atomic_store_n(&map->entry[decimal][pc], jit->interpret, __ATOMIC_RELEASE);
    free(w);
    free(bytes);
}
