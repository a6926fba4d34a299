// The handlers of the fast loop: what a decoded instruction does, by operation and by what its
// operand is known to be. Modes of reads and stores:
//   I   a constant, from the instruction or from ROM that no bank switch moves
//   Z   RAM at a fixed place              ZX, ZY  zero page, indexed
//   XR, YR  a table in ROM, indexed       AB, AX, AY  any address, indexed or not
//   IY  through a pointer in RAM          IO  a register of the TIA or RIOT
//   TL  a TIA register, logged            TF  logged if it changes
//   TN  a TIA register without effect       TW  WSYNC
// 2 and 3: the instruction's length where a mode has both.
#ifndef UP_ENV_ATARI_HANDLERS_H
#define UP_ENV_ATARI_HANDLERS_H

// clang-format off
#define UP__READ_MODES(X, R) \
    X(R, I2) X(R, I3) X(R, Z2) X(R, Z3) X(R, ZX) X(R, ZY) X(R, XR) X(R, YR) X(R, AB) X(R, AX) \
    X(R, AY) X(R, IY) X(R, IO2) X(R, IO3)
#define UP__READS(X) \
    UP__READ_MODES(X, LDA) UP__READ_MODES(X, LDX) UP__READ_MODES(X, LDY) UP__READ_MODES(X, LAX) \
    UP__READ_MODES(X, AND) UP__READ_MODES(X, ORA) UP__READ_MODES(X, EOR) UP__READ_MODES(X, ADC) \
    UP__READ_MODES(X, SBC) UP__READ_MODES(X, CMP) UP__READ_MODES(X, CPX) UP__READ_MODES(X, CPY) \
    UP__READ_MODES(X, BIT)
#define UP__STORE_MODES(X, R) \
    X(R, Z2) X(R, Z3) X(R, TL2) X(R, TL3) X(R, TF2) X(R, TF3) X(R, TN2) X(R, TN3) X(R, TW2) \
    X(R, TW3) X(R, IO2) X(R, IO3) X(R, ZX) X(R, ZY) X(R, AX) X(R, AY) X(R, IY)
#define UP__STORES(X) \
    UP__STORE_MODES(X, STA) UP__STORE_MODES(X, STX) UP__STORE_MODES(X, STY)
#define UP__MODIFIES(X) \
    X(INC, Z2) X(DEC, Z2) X(ASL, Z2) X(LSR, Z2) X(ROL, Z2) X(ROR, Z2) \
    X(INC, Z3) X(DEC, Z3) X(ASL, Z3) X(LSR, Z3) X(ROL, Z3) X(ROR, Z3) \
    X(INC, ZX) X(DEC, ZX) X(ASL, ZX) X(LSR, ZX) X(ROL, ZX) X(ROR, ZX)
// Forward and backward.
#define UP__BRANCHES(X) \
    X(BCC, F) X(BCS, F) X(BEQ, F) X(BNE, F) X(BMI, F) X(BPL, F) X(BVC, F) X(BVS, F) \
    X(BCC, B) X(BCS, B) X(BEQ, B) X(BNE, B) X(BMI, B) X(BPL, B) X(BVC, B) X(BVS, B)
#define UP__IMPLIED(X) \
    X(ASL, A) X(LSR, A) X(ROL, A) X(ROR, A) X(CLC, IMP) X(CLD, IMP) X(CLI, IMP) X(CLV, IMP) \
    X(SEC, IMP) X(SED, IMP) X(SEI, IMP) X(DEX, IMP) X(DEY, IMP) X(INX, IMP) X(INY, IMP) X(TAX, IMP) \
    X(TAY, IMP) X(TSX, IMP) X(TXA, IMP) X(TXS, IMP) X(TYA, IMP) X(NOP, IMP) X(PHA, IMP) X(PHP, IMP) \
    X(PLA, IMP) X(PLP, IMP) X(JSR, ABS) X(RTS, IMP) X(JMP, ABS)
// Loops of two instructions that only wait: for the timer, and counting down.
#define UP__WAITS(X) \
    X(LDA, WAIT) X(LDX, WAIT) X(LDY, WAIT) X(BIT, WAIT) X(DEX, BNE) X(DEX, BPL) X(DEY, BNE) \
    X(DEY, BPL)
#define UP__HANDLERS(X) \
    X(PLAIN, ANY) UP__WAITS(X) UP__READS(X) UP__STORES(X) UP__MODIFIES(X) UP__BRANCHES(X) UP__IMPLIED(X)

// Every mode: what the translator makes of it (FORM_… in jit/ins.h), and an instruction's bytes. BNE
// and BPL are of loops; of those that go on at BPL the branch is translated for itself.
#define UP__HANDLER_MODES(X) \
    X(ANY, PLAIN, 1) X(WAIT, WAIT, 3) X(BNE, COUNT, 3) X(BPL, ALONE, 1) \
    X(I2, I, 2) X(I3, I, 3) X(Z2, Z, 2) X(Z3, Z, 3) X(ZX, ZX, 2) X(ZY, ZY, 2) \
    X(XR, XR, 3) X(YR, YR, 3) X(AB, AB, 3) X(AX, AX, 3) X(AY, AY, 3) X(IY, IY, 2) \
    X(IO2, IO, 2) X(IO3, IO, 3) X(TL2, TL, 2) X(TL3, TL, 3) X(TF2, TF, 2) X(TF3, TF, 3) \
    X(TN2, TN, 2) X(TN3, TN, 3) X(TW2, TW, 2) X(TW3, TW, 3) \
    X(F, BRANCH, 2) X(B, BRANCH, 2) X(A, ALONE, 1) X(IMP, ALONE, 1) X(ABS, JUMP, 3)
// clang-format on

enum {
#define UP__HANDLER_LENGTH(mode, form, length) UP__LENGTH_##mode = length,
    UP__HANDLER_MODES(UP__HANDLER_LENGTH)
#undef UP__HANDLER_LENGTH
};

enum UpAtariHandler {
#define UP__HANDLER(operation, mode) UP__H_##operation##_##mode,
    UP__HANDLERS(UP__HANDLER)
#undef UP__HANDLER
        UP__HANDLER_COUNT
};

#endif
