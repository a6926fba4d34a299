// The instructions of a rule, shared by its compiler and its interpreter. Operands lie on a stack.
#ifndef UP_ENV_ATARI_RULE_OPS_H
#define UP_ENV_ATARI_RULE_OPS_H

typedef enum UpRuleCode {
    UP__RULE_END,
    UP__RULE_CONST,  // push value
    UP__RULE_LOAD,   // push var
    UP__RULE_STORE,  // var = pop
    UP__RULE_MODE,   // push the mode in force
    UP__RULE_RANDOM, // push the generator's next output, 31 bits of it
    UP__RULE_RAM,    // pop an index, push the byte
    UP__RULE_RAM_AT, // push byte `value`
    UP__RULE_CART,
    UP__RULE_BCD,      // of a byte
    UP__RULE_SIGNED,   // low byte
    UP__RULE_NOT,      // !x
    UP__RULE_NEGATIVE, // -x
    UP__RULE_INVERT,   // ~x
    UP__RULE_BOOL,     // x != 0
    UP__RULE_MULTIPLY, // from here to OR: two operands
    UP__RULE_DIVIDE,
    UP__RULE_REMAINDER,
    UP__RULE_ADD,
    UP__RULE_SUBTRACT,
    UP__RULE_LEFT,
    UP__RULE_RIGHT,
    UP__RULE_LESS,
    UP__RULE_LESS_EQUAL,
    UP__RULE_GREATER,
    UP__RULE_GREATER_EQUAL,
    UP__RULE_EQUAL,
    UP__RULE_NOT_EQUAL,
    UP__RULE_AND,
    UP__RULE_XOR,
    UP__RULE_OR,
    UP__RULE_AND_THEN,  // 0 on top: go to `value`; else pop
    UP__RULE_OR_ELSE,   // not 0 on top: make it 1, go to `value`; else pop
    UP__RULE_JUMP_ZERO, // pop; go to `value` if it was 0
    UP__RULE_JUMP,
    UP__RULE_GATHER, // var += pop
    UP__RULE_NEXT,   // var += 1; skip an instruction if it exceeds `value`
} UpRuleCode;

#endif
