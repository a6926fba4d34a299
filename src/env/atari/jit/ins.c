// What the translator knows of an instruction: what the decoder does, and more.
#include "env/atari/jit/ops.h"

enum { OP_PLAIN = OP_JAM, JSR = 0x20, JMP_ABSOLUTE = 0x4C };
// The decoder's modes as forms.
enum {
#define FORM_OF(mode, form, length) FORM_OF_##mode = FORM_##form,
    UP__HANDLER_MODES(FORM_OF)
};
#define SHAPE(operation, mode) {OP_##operation, FORM_OF_##mode, UP__LENGTH_##mode},
static const struct {
    uint8_t operation, form, length;
} shape_of[UP__HANDLER_COUNT] = {UP__HANDLERS(SHAPE)};

static bool is_ram(uint16_t address) {
    return (address & 0x1280) == 0x80;
}

uint32_t up__jit_place(const UpAtariCart *cart, const uint8_t bank[3], uint16_t pc) {
    uint32_t offset = pc & 0xFFF, slice = offset >> 10;
    if (cart->type == UP__CART_FE) return (pc & 0x2000 ? 0 : 4096) + offset;
    if (cart->type != UP__CART_E0) return bank[0] * 4096u + offset;
    return (slice == 3 ? 7u : bank[slice]) * 1024 + (offset & 1023);
}

// RTS reads the byte before. RAM is to go on behind the longest instruction.
bool up__jit_enters(const UpAtariCart *cart, uint16_t pc) {
    uint32_t offset = pc & 0xFFF;
    if (is_ram(pc)) return (pc & 0x7F) < UP__ATARI_RAM - 3;
    return pc & 0x1000 && up__jit_is_cold(cart, offset) &&
           (offset == 0 || up__jit_is_cold(cart, offset - 1));
}

// Whether a byte stored there goes to the cartridge and switches no bank.
static bool is_stored(const UpAtariCart *cart, uint16_t address) {
    return address & 0x1000 && (address & 0xFFFu) < up__jit_hot(cart);
}

// INC or DEC of an address at which the TIA has nothing: but for the flags it only takes time.
static bool is_idle(const UpJitIns *i) {
    return (i->operation == OP_INC || i->operation == OP_DEC) && i->op.a < 0x80 &&
           (i->op.a & 0x0E) == 0x0E && (i->op.a & 0x20);
}

// Whether two bytes from there on lie in RAM.
static bool is_pointer(uint16_t address) {
    return is_ram(address) && (address & 0x7F) != 0x7F;
}

// Some that the fast loop leaves to the plain CPU.
static void describe_plain(const UpJitWork *w, UpJitIns *i, uint32_t place) {
    UpAtariType type = w->cart->type;
    uint8_t opcode = w->cart->image[place];
    i->operation = operation_of[opcode];
    i->length = length_of[mode_of[opcode]];
    uint32_t last = (i->pc & 0xFFFu) + (i->length > 1 ? i->length - 1u : 1);
    if (last >= 0xFFF || !up__jit_is_cold(w->cart, last)) return;
    if (mode_of[opcode] == ZPG && is_idle(i)) i->form = FORM_IDLE;
    if (up__jit_switched_bank(w, i, (uint8_t[3]){0}) >= 0) i->form = FORM_SWITCH;
    if (up__jit_stores(i->operation) && mode_of[opcode] == ABS && is_stored(w->cart, i->op.a))
        i->form = FORM_CARTRIDGE;
    if ((opcode & 0x1F) == 0x01 && opcode != 0x81) i->form = FORM_IX;
    if (mode_of[opcode] == IND && is_pointer(i->op.a)) i->form = FORM_INDIRECT;
    if ((opcode == JMP_ABSOLUTE || opcode == JSR) && is_ram(i->op.a)) {
        i->form = FORM_JUMP;
        i->length = 3;
    }
    if (type > UP__CART_4K) return;
    if (i->operation == OP_BRK) i->form = FORM_BREAK;
    if (i->operation == OP_RTI) i->form = FORM_RETURN;
}

// What the decoder leaves because it leads from one slice of an E0 cartridge to another.
static unsigned decode_slices(const UpJitWork *w, uint16_t pc, UpAtariOp *op) {
    uint8_t byte[3];
    for (uint16_t i = 0; i < 3; i++)
        byte[i] = w->cart->image[up__jit_place(w->cart, w->map->bank, (uint16_t)(pc + i))];
    return up__cart_decode_bytes(w->cart, pc & 0xFFF, byte, op);
}

// A program that lies in RAM changes itself, but mostly the addresses and constants within it: they
// are read when the instruction is run. What else it is made of is then to be what it was.
static UpJitIns describe_ram(const UpJitWork *w, uint16_t pc) {
    enum { ANY_PLACE = 0x800 };
    UpJitIns i = {.pc = pc, .operation = OP_PLAIN, .form = FORM_PLAIN, .length = 1};
    if (!up__jit_enters(w->cart, pc)) return i;
    const uint8_t *byte = w->ram + (pc & 0x7F);
    unsigned kind = up__cart_decode_bytes(w->cart, ANY_PLACE | (pc & 0xFF), byte, &i.op);
    enum Mode mode = mode_of[byte[0]];
    i.operation = operation_of[byte[0]];
    i.length = length_of[mode];
    i.checked = i.length > 1 && mode != IMM ? 2 : 1;
    bool reads = shape_of[kind].length == 3 && shape_of[kind].form != FORM_JUMP;
    if (byte[0] == JMP_ABSOLUTE)
        i.form = FORM_INDIRECT;
    else if (byte[0] == JSR) // may push into itself
        i.form = FORM_PLAIN;
    else if (i.length < 3)
        i.form = mode == IMM && kind != UP__H_PLAIN_ANY ? FORM_IM : shape_of[kind].form;
    else if (up__jit_stores(i.operation) || (reads && !up__jit_modifies(i.operation)))
        i.form = mode == ABX ? FORM_PX : mode == ABY ? FORM_PY : FORM_P;
    // Code in the TIA is made of what lies on the bus, which only the plain CPU knows.
    if (i.form == FORM_BRANCH && !is_ram((uint16_t)(pc + i.op.target))) i.form = FORM_PLAIN;
    if (i.form == FORM_INDIRECT || i.form >= FORM_IM) {
        i.op.a = (uint16_t)(pc + 1);
        i.checked = 1;
    }
    return i;
}

UpJitIns up__jit_ins(const UpJitWork *w, uint16_t pc) {
    if (!(pc & 0x1000)) return describe_ram(w, pc);
    uint32_t place = up__jit_place(w->cart, w->map->bank, pc);
    unsigned kind = w->cart->kind[place];
    UpAtariOp op = w->cart->op[place];
    if (kind == UP__H_PLAIN_ANY && w->cart->type == UP__CART_E0) kind = decode_slices(w, pc, &op);
    UpJitIns i = {.pc = pc,
                  .operation = shape_of[kind].operation,
                  .form = shape_of[kind].form,
                  .length = shape_of[kind].length,
                  .op = op};
    uint32_t offset = op.a & 0xFFF;
    if (i.form == FORM_AB && offset < w->cart->cold) i.form = FORM_CARTRIDGE;
    if (i.form == FORM_AB && offset >= up__jit_hot(w->cart)) i.form = FORM_PLAIN;
    if (i.form == FORM_PLAIN) describe_plain(w, &i, place);
    return i;
}
