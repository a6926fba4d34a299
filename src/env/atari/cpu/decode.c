// Decodes a ROM: for every byte the handler of the instruction that would begin there. Everything
// that is rare, has side effects on the cartridge or leaves its page is left to the plain CPU.
#include <stdlib.h>
#include <string.h>

#include "env/atari/machine/bus.h"
#include "env/atari/cpu/handlers.h"
#include "env/atari/cpu/opcodes.h"
#include "env/atari/tia/tia.h"

// First handlers of the operations that have a family of them; 0: none.
#define READ_FIRST(x) [OP_##x] = UP__H_##x##_I2
static const uint16_t read_first[OPERATIONS] = {
    READ_FIRST(LDA), READ_FIRST(LDX), READ_FIRST(LDY), READ_FIRST(LAX), READ_FIRST(AND),
    READ_FIRST(ORA), READ_FIRST(EOR), READ_FIRST(ADC), READ_FIRST(SBC), READ_FIRST(CMP),
    READ_FIRST(CPX), READ_FIRST(CPY), READ_FIRST(BIT)};
static const uint16_t store_first[OPERATIONS] = {
    [OP_STA] = UP__H_STA_Z2, [OP_STX] = UP__H_STX_Z2, [OP_STY] = UP__H_STY_Z2};
#define MODIFY_FIRST(x) [OP_##x] = UP__H_##x##_Z2
static const uint16_t modify_first[OPERATIONS] = {MODIFY_FIRST(INC), MODIFY_FIRST(DEC),
                                                  MODIFY_FIRST(ASL), MODIFY_FIRST(LSR),
                                                  MODIFY_FIRST(ROL), MODIFY_FIRST(ROR)};
#define ALONE(x, mode) [OP_##x] = UP__H_##x##_##mode
static const uint16_t alone[OPERATIONS] = {
    ALONE(ASL, A),   ALONE(LSR, A),   ALONE(ROL, A),   ALONE(ROR, A),   ALONE(CLC, IMP),
    ALONE(CLD, IMP), ALONE(CLI, IMP), ALONE(CLV, IMP), ALONE(SEC, IMP), ALONE(SED, IMP),
    ALONE(SEI, IMP), ALONE(DEX, IMP), ALONE(DEY, IMP), ALONE(INX, IMP), ALONE(INY, IMP),
    ALONE(TAX, IMP), ALONE(TAY, IMP), ALONE(TSX, IMP), ALONE(TXA, IMP), ALONE(TXS, IMP),
    ALONE(TYA, IMP), ALONE(NOP, IMP), ALONE(PHA, IMP), ALONE(PHP, IMP), ALONE(PLA, IMP),
    ALONE(PLP, IMP), ALONE(RTS, IMP)};
#define BRANCH(x) [OP_##x] = UP__H_##x##_F
static const uint16_t branch_first[OPERATIONS] = {BRANCH(BCC), BRANCH(BCS), BRANCH(BEQ),
                                                  BRANCH(BNE), BRANCH(BMI), BRANCH(BPL),
                                                  BRANCH(BVC), BRANCH(BVS)};

// Offsets of the modes from a family's first.
#define READ_MODE(mode) (UP__H_LDA_##mode - UP__H_LDA_I2)
#define STORE_MODE(mode) (UP__H_STA_##mode - UP__H_STA_Z2)

typedef struct Decoding {
    const UpAtariCart *cart;
    uint32_t page, size; // of contiguous code: where it begins in the image, and how long it is
    uint8_t opcode;
    uint16_t operand;
    UpAtariOp *op;
} Decoding;

static bool is_ram(uint16_t address) {
    return (address & 0x1280) == 0x80;
}

static bool is_cold(const UpAtariCart *cart, uint32_t offset) {
    return offset - cart->cold < cart->colds;
}

// The place in the image of an address in the cartridge, if no bank switch can move it against
// the instruction that names it.
static int fixed_place(const Decoding *d, uint16_t address) {
    uint32_t offset = address & 0xFFF;
    if (!is_cold(d->cart, offset)) return -1;
    if (d->cart->type == UP__CART_E0)
        return offset < 0xC00 ? -1 : (int)(7 * 1024 + (offset & 1023));
    if (d->cart->type == UP__CART_FE) return (int)((address & 0x2000 ? 0 : 4096) + offset);
    return (int)(d->page + offset);
}

// A table of 256 bytes that lies in one fixed place.
static int fixed_table(const Decoding *d, uint16_t address) {
    int place = fixed_place(d, address);
    bool whole = ((address ^ (address + 255)) & 0xF000) == 0;
    return place >= 0 && whole && fixed_place(d, (uint16_t)(address + 255)) == place + 255 ? place
                                                                                           : -1;
}

static bool decode_indexed_read(Decoding *d, enum Mode mode, int *chosen) {
    int place = d->operand & 0x1000 ? fixed_table(d, d->operand) : -1;
    d->op->a = d->operand;
    if (place >= 0) {
        d->op->b = (uint16_t)place;
        *chosen = mode == ABX ? READ_MODE(XR) : READ_MODE(YR);
    } else {
        *chosen = mode == ABX ? READ_MODE(AX) : READ_MODE(AY);
    }
    return true;
}

static bool decode_read(Decoding *d, enum Mode mode, int *chosen) {
    UpAtariOp *op = d->op;
    int place;
    op->a = d->operand;
    switch (mode) {
    case IMM:
        *chosen = READ_MODE(I2);
        return true;
    case ZPX:
        *chosen = READ_MODE(ZX);
        return true;
    case ZPY:
        *chosen = READ_MODE(ZY);
        return true;
    case IZY:
        *chosen = READ_MODE(IY);
        return d->operand >= 0x80 && d->operand < 0xFF;
    case ABX:
    case ABY:
        return decode_indexed_read(d, mode, chosen);
    case ZPG:
    case ABS:
        break;
    default:
        return false;
    }
    if (is_ram(d->operand)) {
        op->a &= 0x7F;
        *chosen = mode == ZPG ? READ_MODE(Z2) : READ_MODE(Z3);
    } else if (!(d->operand & 0x1000)) {
        op->b = mode == ZPG ? d->operand : d->operand >> 8;
        *chosen = mode == ZPG ? READ_MODE(IO2) : READ_MODE(IO3);
    } else if ((place = fixed_place(d, d->operand)) >= 0) {
        op->a = d->cart->image[place];
        *chosen = READ_MODE(I3);
    } else {
        *chosen = READ_MODE(AB);
    }
    return true;
}

// How a TIA register is stored to: see handlers.h.
static int tia_store_mode(int reg) {
    if (reg == UP__WSYNC) return STORE_MODE(TW2);
    if (reg == UP__VSYNC || reg == UP__VBLANK || reg == UP__HMCLR) return STORE_MODE(IO2);
    if (reg == UP__RSYNC || (reg > UP__RESBL && reg < UP__GRP0) || reg > UP__CXCLR)
        return STORE_MODE(TN2);
    bool changes = (reg >= UP__COLUP0 && reg <= UP__COLUBK) || reg == UP__REFP0 ||
                   reg == UP__REFP1 || (reg >= UP__PF0 && reg <= UP__PF2) ||
                   (reg >= UP__ENAM0 && reg <= UP__VDELBL);
    return changes ? STORE_MODE(TF2) : STORE_MODE(TL2);
}

static bool decode_store(Decoding *d, enum Mode mode, int *chosen) {
    UpAtariOp *op = d->op;
    op->a = d->operand;
    op->b = (uint16_t)((d->operand & 0x3F) << 8);
    switch (mode) {
    case ZPX:
        *chosen = STORE_MODE(ZX);
        return true;
    case ZPY:
        *chosen = STORE_MODE(ZY);
        return true;
    case ABX:
        *chosen = STORE_MODE(AX);
        return true;
    case ABY:
        *chosen = STORE_MODE(AY);
        return true;
    case IZY:
        *chosen = STORE_MODE(IY);
        return d->operand >= 0x80 && d->operand < 0xFF;
    case ZPG:
    case ABS:
        break;
    default:
        return false;
    }
    if (d->operand & 0x1000) return false;
    if (is_ram(d->operand)) {
        op->a &= 0x7F;
        *chosen = STORE_MODE(Z2);
    } else if (d->operand & 0x80) {
        *chosen = STORE_MODE(IO2);
    } else {
        *chosen = tia_store_mode(d->operand & 0x3F);
    }
    *chosen += mode == ABS;
    return true;
}

static bool decode_modify(Decoding *d, enum Mode mode, int *chosen) {
    *chosen = mode == ZPX   ? UP__H_INC_ZX - UP__H_INC_Z2
              : mode == ABS ? UP__H_INC_Z3 - UP__H_INC_Z2
                            : 0;
    d->op->a = mode == ZPX ? d->operand : d->operand & 0x7F;
    return mode == ZPX || ((mode == ZPG || mode == ABS) && is_ram(d->operand));
}

static bool decode_branch(Decoding *d, uint32_t offset, int *chosen) {
    int next = (int)offset + 2, target = next + (int8_t)d->operand;
    if (target < 0 || target >= (int)d->size) return false;
    // Pages of 256 bytes lie in the image as they do in the address space.
    d->op->target = (int16_t)(target - (int)offset);
    d->op->taken = (uint8_t)(3 + ((target ^ next) >> 8 != 0));
    *chosen = target > (int)offset ? 0 : UP__H_BCC_B - UP__H_BCC_F;
    return true;
}

// The handler of the instruction at `offset` of the page, or the plain CPU's.
static enum UpAtariHandler decode(Decoding *d, uint32_t offset) {
    enum Operation operation = operation_of[d->opcode];
    enum Mode mode = mode_of[d->opcode];
    int chosen = 0;
    if (mode == REL)
        return decode_branch(d, offset, &chosen) ? branch_first[operation] + (unsigned)chosen
                                                 : UP__H_PLAIN_ANY;
    d->op->a = d->operand;
    if (operation == OP_JSR || (operation == OP_JMP && mode == ABS)) {
        if (!(d->operand & 0x1000)) return UP__H_PLAIN_ANY;
        return operation == OP_JSR ? UP__H_JSR_ABS : UP__H_JMP_ABS;
    }
    if (mode == ACC || mode == IMP) return alone[operation];
    if (read_first[operation] && decode_read(d, mode, &chosen))
        return read_first[operation] + (unsigned)chosen;
    if (store_first[operation] && decode_store(d, mode, &chosen))
        return store_first[operation] + (unsigned)chosen;
    if (modify_first[operation] && decode_modify(d, mode, &chosen))
        return modify_first[operation] + (unsigned)chosen;
    return UP__H_PLAIN_ANY;
}

// Whether the branch after an instruction of this length leads back to it, and which.
static enum Operation loop_branch(const Decoding *d, uint32_t offset, uint32_t length) {
    const uint8_t *byte = d->cart->image + d->page + offset + length;
    if (offset + length + 2 >= d->size || !is_cold(d->cart, offset + length + 1)) return OPERATIONS;
    if (mode_of[byte[0]] != REL || (int8_t)byte[1] != -2 - (int)length) return OPERATIONS;
    uint32_t next = offset + length + 2;
    d->op->taken = (uint8_t)(3 + ((next ^ offset) >> 8 != 0)); // of that branch
    return operation_of[byte[0]];
}

// Loops that wait have handlers of their own.
static enum UpAtariHandler decode_wait(Decoding *d, uint32_t offset, enum UpAtariHandler handler) {
    bool down_x = handler == UP__H_DEX_IMP, down_y = handler == UP__H_DEY_IMP;
    bool timer = (handler == UP__H_LDA_IO3 || handler == UP__H_LDX_IO3 ||
                  handler == UP__H_LDY_IO3 || handler == UP__H_BIT_IO3) &&
                 (d->operand & 0x284) == 0x284;
    if (!down_x && !down_y && !timer) return handler;
    enum Operation branch = loop_branch(d, offset, timer ? 3 : 1);
    if (branch == OP_BNE && down_x) return UP__H_DEX_BNE;
    if (branch == OP_BNE && down_y) return UP__H_DEY_BNE;
    if (branch == OP_BPL && down_x) return UP__H_DEX_BPL;
    if (branch == OP_BPL && down_y) return UP__H_DEY_BPL;
    if (!timer || (branch != OP_BPL && (branch != OP_BNE || d->operand & 1))) return handler;
    if (handler == UP__H_BIT_IO3 && branch == OP_BNE) return handler;
    // The count at which the loop ends: 0 for BNE, below 0 for BPL.
    d->op->target = branch == OP_BNE;
    return handler == UP__H_LDA_IO3   ? UP__H_LDA_WAIT
           : handler == UP__H_LDX_IO3 ? UP__H_LDX_WAIT
           : handler == UP__H_LDY_IO3 ? UP__H_LDY_WAIT
                                      : UP__H_BIT_WAIT;
}

// Its length, or 0: it is left to the plain CPU.
static uint32_t read_bytes(Decoding *d, const uint8_t *byte, uint32_t offset, uint32_t place) {
    d->opcode = byte[0];
    d->op->cycles = cycles_of[d->opcode];
    uint32_t length = length_of[mode_of[d->opcode]] + (operation_of[d->opcode] == OP_JSR ? 2u : 0);
    if (offset + length >= d->size || !is_cold(d->cart, place) ||
        !is_cold(d->cart, place + length - 1))
        return 0;
    if (length > 1) d->operand = byte[1];
    if (length > 2) d->operand |= (uint16_t)(byte[2] << 8);
    return length;
}

unsigned up__cart_decode_bytes(const UpAtariCart *cart, uint32_t offset, const uint8_t byte[3],
                               UpAtariOp *op) {
    Decoding d = {.cart = cart, .size = 4096, .op = op};
    *op = (UpAtariOp){0};
    return read_bytes(&d, byte, offset, offset) ? decode(&d, offset) : UP__H_PLAIN_ANY;
}

static void decode_page(UpAtariCart *cart, uint32_t page, uint32_t size) {
    for (uint32_t offset = 0; offset < size; offset++) {
        const uint8_t *byte = cart->image + page + offset;
        Decoding d = {.cart = cart, .page = page, .size = size, .op = &cart->op[page + offset]};
        uint32_t place = cart->type == UP__CART_E0 && page == 7 * 1024 ? 0xC00 + offset : offset;
        enum UpAtariHandler handler = UP__H_PLAIN_ANY;
        if (read_bytes(&d, byte, offset, place))
            handler = decode_wait(&d, offset, decode(&d, offset));
        cart->kind[page + offset] = (uint16_t)handler;
    }
}

// First offset of the hot spots, and last byte of the RAM or display registers before the ROM.
static void find_cold(UpAtariCart *cart) {
    static const uint16_t hot[UP__CART_TYPES] = {
        [UP__CART_2K] = 0x1000,  [UP__CART_4K] = 0x1000,  [UP__CART_F8] = 0xFF8,
        [UP__CART_F6] = 0xFF6,   [UP__CART_F4] = 0xFF4,   [UP__CART_F8SC] = 0xFF8,
        [UP__CART_F6SC] = 0xFF6, [UP__CART_F4SC] = 0xFF4, [UP__CART_E0] = 0xFE0,
        [UP__CART_FE] = 0x1000,  [UP__CART_DPC] = 0xFC0};
    cart->cold = up__cart_has_ram(cart->type) ? 0x100 : cart->type == UP__CART_DPC ? 0x80 : 0;
    cart->colds = (uint16_t)(hot[cart->type] - cart->cold);
}

bool up__cart_decode(UpAtariCart *cart) {
    uint32_t size = cart->type == UP__CART_DPC ? 8192 : cart->size;
    cart->image_size = size < 4096 ? 4096 : size;
    bool displays = cart->type == UP__CART_DPC;
    cart->image = malloc(cart->image_size + (displays ? UP__DPC_BYTES : 0));
    cart->op = calloc(cart->image_size, sizeof *cart->op);
    cart->kind = calloc(cart->image_size, sizeof *cart->kind);
    if (!cart->image || !cart->op || !cart->kind) return false;
    for (uint32_t at = 0; at < cart->image_size; at += size)
        memcpy(cart->image + at, cart->rom, size);
    if (displays) memcpy(cart->image + size, cart->rom + size, UP__DPC_BYTES);
    find_cold(cart);
    uint32_t page = cart->type == UP__CART_E0 ? 1024 : 4096;
    for (uint32_t at = 0; at < cart->image_size; at += page)
        decode_page(cart, at, page);
    return true;
}
