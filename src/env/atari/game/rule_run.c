// The interpreter of rules. The compiler has proved what is not checked here: the depth of the
// stack, the targets of jumps, the numbers of variables and that no divisor is 0.
#include "env/atari/game/rule.h"

#include "env/atari/game/rule_ops.h"

// The usual arithmetic on 32 bits, but it wraps.
static int32_t binary(UpRuleCode code, int32_t a, int32_t b) {
    uint32_t x = (uint32_t)a, y = (uint32_t)b;
    switch (code) {
    case UP__RULE_MULTIPLY:
        return (int32_t)(x * y);
    case UP__RULE_DIVIDE:
        return b > 0 ? a / b : 0;
    case UP__RULE_REMAINDER:
        return b > 0 ? a % b : 0;
    case UP__RULE_ADD:
        return (int32_t)(x + y);
    case UP__RULE_SUBTRACT:
        return (int32_t)(x - y);
    case UP__RULE_LEFT:
        return (int32_t)(x << (y & 31));
    case UP__RULE_RIGHT:
        return a >> (y & 31);
    case UP__RULE_LESS:
        return a < b;
    case UP__RULE_LESS_EQUAL:
        return a <= b;
    case UP__RULE_GREATER:
        return a > b;
    case UP__RULE_GREATER_EQUAL:
        return a >= b;
    case UP__RULE_EQUAL:
        return a == b;
    case UP__RULE_NOT_EQUAL:
        return a != b;
    case UP__RULE_AND:
        return a & b;
    case UP__RULE_XOR:
        return a ^ b;
    default: // UP__RULE_OR
        return a | b;
    }
}

static int32_t unary(UpRuleCode code, int32_t a) {
    switch (code) {
    case UP__RULE_BCD:
        return 10 * (a >> 4 & 15) + (a & 15);
    case UP__RULE_SIGNED:
        return (int8_t)(uint8_t)a;
    case UP__RULE_NOT:
        return !a;
    case UP__RULE_NEGATIVE:
        return (int32_t)(0U - (uint32_t)a);
    case UP__RULE_INVERT:
        return ~a;
    default: // UP__RULE_BOOL
        return a != 0;
    }
}

// What an instruction pushes that pops nothing.
static int32_t pushed(UpRuleOp op, const UpRuleInput *input, const int32_t *var) {
    switch ((UpRuleCode)op.code) {
    case UP__RULE_LOAD:
        return var[op.var];
    case UP__RULE_MODE:
        return input->mode;
    case UP__RULE_RANDOM:
        return (int32_t)(up__mt19937_next(input->rng) & INT32_MAX);
    case UP__RULE_RAM_AT:
        return input->ram[op.value];
    default: // UP__RULE_CONST
        return op.value;
    }
}

int32_t up__rule_run(const UpRuleOp *program, const UpRuleInput *input, int32_t *var) {
    int32_t stack[UP__RULE_STACK + 1] = {0}, *top = stack; // *top is the last value
    for (int pc = 0;;) {
        const UpRuleOp op = program[pc++];
        switch ((UpRuleCode)op.code) {
        case UP__RULE_END:
            return *top;
        case UP__RULE_CONST:
        case UP__RULE_LOAD:
        case UP__RULE_MODE:
        case UP__RULE_RANDOM:
        case UP__RULE_RAM_AT:
            *++top = pushed(op, input, var);
            break;
        case UP__RULE_STORE:
            var[op.var] = *top--;
            break;
        case UP__RULE_RAM:
        case UP__RULE_CART:
            *top = (op.code == UP__RULE_RAM ? input->ram : input->cart)[*top & 127];
            break;
        case UP__RULE_BCD:
        case UP__RULE_SIGNED:
        case UP__RULE_NOT:
        case UP__RULE_NEGATIVE:
        case UP__RULE_INVERT:
        case UP__RULE_BOOL:
            *top = unary((UpRuleCode)op.code, *top);
            break;
        case UP__RULE_AND_THEN:
            if (*top)
                top--;
            else
                pc = op.value;
            break;
        case UP__RULE_OR_ELSE:
            if (*top)
                *top = 1, pc = op.value;
            else
                top--;
            break;
        case UP__RULE_JUMP_ZERO:
            if (*top-- == 0) pc = op.value;
            break;
        case UP__RULE_JUMP:
            pc = op.value;
            break;
        case UP__RULE_GATHER:
            var[op.var] = (int32_t)((uint32_t)var[op.var] + (uint32_t)*top--);
            break;
        case UP__RULE_NEXT:
            if (++var[op.var] > op.value) pc++;
            break;
        default: // two operands
            top--;
            *top = binary((UpRuleCode)op.code, top[0], top[1]);
            break;
        }
    }
}
