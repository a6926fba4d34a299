// The compiler of rules: recursive descent over C's expressions. What the interpreter relies on is
// checked here, so that a wrong rule is an error when a game is loaded and nothing else.
#include "env/atari/game/rule.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env/atari/game/rule_ops.h"

enum { NESTING_MAX = 64, SUM_MAX = 256, BCD_BYTES = 3, MEMORY = 128 };

static UpStatus wrong(const UpRuleCompiler *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static UpStatus wrong(const UpRuleCompiler *c, const char *format, ...) {
    char what[128];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return up_fail(UP_FORMAT, "rule of %s: %s in \"%.80s\" at \"%.20s\"", c->where, what, c->text,
                   c->at);
}

// ---------------------------------------------------------------------------------------------------
// Instructions

// `effect`: what it does to the number of values on the stack.
static UpStatus emit(UpRuleCompiler *c, UpRuleCode code, int var, int32_t value, int effect) {
    if (c->ops >= UP__RULE_OPS - 1) return wrong(c, "too many instructions");
    c->op[c->ops++] = (UpRuleOp){.code = (uint8_t)code, .var = (uint8_t)var, .value = value};
    c->depth += effect;
    if (c->depth > UP__RULE_STACK) return wrong(c, "too many values at once");
    return UP_OK;
}

// The jump at `from` goes to the next instruction.
static void land(UpRuleCompiler *c, int from) {
    c->op[from].value = c->ops - c->begin;
    c->joined = c->ops;
}

// The last instruction, if it is a constant by itself.
static UpRuleOp *last_constant(UpRuleCompiler *c) {
    if (c->ops <= c->joined || c->op[c->ops - 1].code != UP__RULE_CONST) return NULL;
    return &c->op[c->ops - 1];
}

// ---------------------------------------------------------------------------------------------------
// Words

static void skip_space(UpRuleCompiler *c) {
    while (*c->at == ' ')
        c->at++;
}

static bool take(UpRuleCompiler *c, const char *mark) {
    skip_space(c);
    size_t length = strlen(mark);
    if (strncmp(c->at, mark, length) != 0) return false;
    c->at += length;
    return true;
}

static UpStatus need(UpRuleCompiler *c, const char *mark) {
    return take(c, mark) ? UP_OK : wrong(c, "\"%s\" is missing", mark);
}

// A name; false if there is none, or a longer one than any that means something.
static bool take_name(UpRuleCompiler *c, char name[UP__RULE_NAME]) {
    skip_space(c);
    int length = 0;
    if (!isalpha((unsigned char)*c->at)) return false;
    while (isalnum((unsigned char)c->at[length]) || c->at[length] == '_')
        length++;
    if (length >= UP__RULE_NAME) return false;
    memcpy(name, c->at, (size_t)length);
    name[length] = 0;
    c->at += length;
    return true;
}

// Decimal or hexadecimal, not negative.
static bool take_number(UpRuleCompiler *c, int32_t *value) {
    skip_space(c);
    if (!isdigit((unsigned char)*c->at)) return false;
    bool hexadecimal = c->at[0] == '0' && (c->at[1] == 'x' || c->at[1] == 'X');
    char *end;
    unsigned long number = strtoul(c->at, &end, hexadecimal ? 16 : 10);
    if (number > INT32_MAX) return false;
    *value = (int32_t)number;
    c->at = end;
    return true;
}

int up__rule_find(const UpRuleCompiler *c, const char *name) {
    for (int i = c->vars - 1; i >= 0; i--)
        if (strcmp(c->name[i], name) == 0) return i;
    return -1;
}

int up__rule_declare(UpRuleCompiler *c, const char *name) {
    if (c->vars == UP__RULE_VARS || strlen(name) >= UP__RULE_NAME ||
        (*name && up__rule_find(c, name) >= 0)) {
        up_fail(UP_FORMAT, "rule of %s: the variable \"%.40s\" is one too many", c->where, name);
        return -1;
    }
    memcpy(c->name[c->vars], name, strlen(name) + 1);
    return c->vars++;
}

// ---------------------------------------------------------------------------------------------------
// Operands

static UpStatus expression(UpRuleCompiler *c);

static UpStatus memory(UpRuleCompiler *c, UpRuleCode code) {
    UP_TRY(need(c, "["));
    UP_TRY(expression(c));
    UP_TRY(need(c, "]"));
    UpRuleOp *constant = last_constant(c);
    if (constant && constant->value >= MEMORY)
        return wrong(c, "there is no byte %d", constant->value);
    if (code == UP__RULE_CART && !c->cart) return wrong(c, "the cartridge has no memory");
    if (code != UP__RULE_RAM || !constant) return emit(c, code, 0, 0, 0);
    constant->code = UP__RULE_RAM_AT;
    return UP_OK;
}

// bcd(i,j,k), and bcdv() of values instead of indices: the lowest pair of digits first.
static UpStatus decimal(UpRuleCompiler *c, bool indices) {
    UP_TRY(need(c, "("));
    int32_t weight = 1;
    for (int i = 0; i < BCD_BYTES; i++, weight *= 100) {
        UP_TRY(expression(c));
        UpRuleOp *constant = last_constant(c);
        if (indices && constant && constant->value < MEMORY)
            constant->code = UP__RULE_RAM_AT;
        else if (indices)
            UP_TRY(emit(c, UP__RULE_RAM, 0, 0, 0));
        UP_TRY(emit(c, UP__RULE_BCD, 0, 0, 0));
        if (i > 0) {
            UP_TRY(emit(c, UP__RULE_CONST, 0, weight, 1));
            UP_TRY(emit(c, UP__RULE_MULTIPLY, 0, 0, -1));
            UP_TRY(emit(c, UP__RULE_ADD, 0, 0, -1));
        }
        if (!take(c, ",")) break;
    }
    return need(c, ")");
}

// dig(v): the game's digit expression, with v's value under the name v.
static UpStatus digit(UpRuleCompiler *c) {
    if (!c->digit) return wrong(c, "the game has no digit expression");
    UP_TRY(need(c, "("));
    UP_TRY(expression(c));
    UP_TRY(need(c, ")"));
    int var = up__rule_find(c, "v");
    if (var < 0) var = up__rule_declare(c, "v");
    if (var < 0) return UP_FORMAT;
    UP_TRY(emit(c, UP__RULE_STORE, var, 0, -1));

    const char *text = c->text, *at = c->at, *meaning = c->digit;
    c->text = c->at = meaning;
    c->digit = NULL; // it does not contain itself
    UP_TRY(expression(c));
    skip_space(c);
    if (*c->at) return wrong(c, "more than an expression");
    c->text = text;
    c->at = at;
    c->digit = meaning;
    return UP_OK;
}

// sum(i,a,b,e)
static UpStatus sum(UpRuleCompiler *c) {
    char name[UP__RULE_NAME];
    int32_t first, last;
    UP_TRY(need(c, "("));
    if (!take_name(c, name)) return wrong(c, "sum's variable is missing");
    UP_TRY(need(c, ","));
    if (!take_number(c, &first)) return wrong(c, "sum's first value is no number");
    UP_TRY(need(c, ","));
    if (!take_number(c, &last)) return wrong(c, "sum's last value is no number");
    UP_TRY(need(c, ","));
    if (last < first || last - first >= SUM_MAX) return wrong(c, "sum's values are out of order");
    int index = up__rule_declare(c, name), total = index < 0 ? -1 : up__rule_declare(c, "");
    if (total < 0) return UP_FORMAT;

    UP_TRY(emit(c, UP__RULE_CONST, 0, first, 1));
    UP_TRY(emit(c, UP__RULE_STORE, index, 0, -1));
    UP_TRY(emit(c, UP__RULE_CONST, 0, 0, 1));
    UP_TRY(emit(c, UP__RULE_STORE, total, 0, -1));
    int again = c->joined = c->ops;
    UP_TRY(expression(c));
    UP_TRY(need(c, ")"));
    UP_TRY(emit(c, UP__RULE_GATHER, total, 0, -1));
    UP_TRY(emit(c, UP__RULE_NEXT, index, last, 0));
    UP_TRY(emit(c, UP__RULE_JUMP, 0, again - c->begin, 0));
    c->joined = c->ops;
    c->name[index][0] = 0; // known inside only
    return emit(c, UP__RULE_LOAD, total, 0, 1);
}

static UpStatus word(UpRuleCompiler *c, const char *name) {
    if (strcmp(name, "ram") == 0) return memory(c, UP__RULE_RAM);
    if (strcmp(name, "cart") == 0) return memory(c, UP__RULE_CART);
    if (strcmp(name, "bcd") == 0) return decimal(c, true);
    if (strcmp(name, "bcdv") == 0) return decimal(c, false);
    if (strcmp(name, "dig") == 0) return digit(c);
    if (strcmp(name, "sum") == 0) return sum(c);
    if (strcmp(name, "m") == 0) return emit(c, UP__RULE_MODE, 0, 0, 1);
    if (strcmp(name, "rng") == 0 && c->script) return emit(c, UP__RULE_RANDOM, 0, 0, 1);
    if (strcmp(name, "sx") == 0) {
        UP_TRY(need(c, "("));
        UP_TRY(expression(c));
        UP_TRY(need(c, ")"));
        return emit(c, UP__RULE_SIGNED, 0, 0, 0);
    }
    int var = up__rule_find(c, name);
    if (var < 0) return wrong(c, "nothing is called \"%s\"", name);
    return emit(c, UP__RULE_LOAD, var, 0, 1);
}

static UpStatus operand(UpRuleCompiler *c) {
    static const struct {
        const char *mark;
        UpRuleCode code;
    } prefix[] = {{"!", UP__RULE_NOT}, {"-", UP__RULE_NEGATIVE}, {"~", UP__RULE_INVERT}};
    if (++c->nesting > NESTING_MAX) return wrong(c, "too deep");
    for (int i = 0; i < 3; i++) {
        if (!take(c, prefix[i].mark)) continue;
        UP_TRY(operand(c));
        c->nesting--;
        return emit(c, prefix[i].code, 0, 0, 0);
    }
    char name[UP__RULE_NAME];
    int32_t value;
    if (take(c, "(")) {
        UP_TRY(expression(c));
        UP_TRY(need(c, ")"));
    } else if (take_number(c, &value)) {
        UP_TRY(emit(c, UP__RULE_CONST, 0, value, 1));
    } else if (take_name(c, name)) {
        UP_TRY(word(c, name));
    } else {
        return wrong(c, "a value is missing");
    }
    c->nesting--;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Operators

typedef struct Operator {
    const char *mark;
    int rank; // higher binds closer
    UpRuleCode code;
} Operator;

// Longer marks before those that they begin with.
static const Operator operators[] = {
    {"||", 1, UP__RULE_OR_ELSE},    {"&&", 2, UP__RULE_AND_THEN},
    {"==", 6, UP__RULE_EQUAL},      {"!=", 6, UP__RULE_NOT_EQUAL},
    {"<<", 8, UP__RULE_LEFT},       {">>", 8, UP__RULE_RIGHT},
    {"<=", 7, UP__RULE_LESS_EQUAL}, {">=", 7, UP__RULE_GREATER_EQUAL},
    {"<", 7, UP__RULE_LESS},        {">", 7, UP__RULE_GREATER},
    {"|", 3, UP__RULE_OR},          {"^", 4, UP__RULE_XOR},
    {"&", 5, UP__RULE_AND},         {"+", 9, UP__RULE_ADD},
    {"-", 9, UP__RULE_SUBTRACT},    {"*", 10, UP__RULE_MULTIPLY},
    {"/", 10, UP__RULE_DIVIDE},     {"%", 10, UP__RULE_REMAINDER},
};

static const Operator *next_operator(UpRuleCompiler *c) {
    skip_space(c);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strncmp(c->at, operators[i].mark, strlen(operators[i].mark)) == 0) return &operators[i];
    return NULL;
}

// Operands joined by operators of at least this rank.
static UpStatus chain(UpRuleCompiler *c, int rank) {
    UP_TRY(operand(c));
    for (const Operator *o = next_operator(c); o && o->rank >= rank; o = next_operator(c)) {
        c->at += strlen(o->mark);
        bool lazy = o->code == UP__RULE_AND_THEN || o->code == UP__RULE_OR_ELSE;
        int jump = c->ops;
        if (lazy) UP_TRY(emit(c, o->code, 0, 0, -1));
        UP_TRY(chain(c, o->rank + 1));
        if (lazy) {
            UP_TRY(emit(c, UP__RULE_BOOL, 0, 0, 0));
            land(c, jump);
            continue;
        }
        const UpRuleOp *constant = last_constant(c);
        bool divides = o->code == UP__RULE_DIVIDE || o->code == UP__RULE_REMAINDER;
        if (divides && (!constant || constant->value == 0))
            return wrong(c, "a divisor is no positive number");
        UP_TRY(emit(c, o->code, 0, 0, -1));
    }
    return UP_OK;
}

static UpStatus expression(UpRuleCompiler *c) {
    if (++c->nesting > NESTING_MAX) return wrong(c, "too deep");
    UP_TRY(chain(c, 1));
    if (take(c, "?")) {
        int otherwise = c->ops;
        UP_TRY(emit(c, UP__RULE_JUMP_ZERO, 0, 0, -1));
        UP_TRY(expression(c));
        UP_TRY(need(c, ":"));
        int end = c->ops;
        UP_TRY(emit(c, UP__RULE_JUMP, 0, 0, -1)); // the other value takes this one's place
        land(c, otherwise);
        UP_TRY(expression(c));
        land(c, end);
    }
    c->nesting--;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Programs

static void start(UpRuleCompiler *c, const char *text) {
    c->text = c->at = text;
    c->nesting = 0;
    c->depth = 0;
    c->joined = c->ops;
}

static UpStatus finish(UpRuleCompiler *c) {
    skip_space(c);
    return *c->at ? wrong(c, "more than an expression") : UP_OK;
}

UpStatus up__rule_expression(UpRuleCompiler *c, const char *text) {
    start(c, text);
    UP_TRY(expression(c));
    return finish(c);
}

UpStatus up__rule_assignment(UpRuleCompiler *c, const char *text) {
    char name[UP__RULE_NAME];
    start(c, text);
    if (!take_name(c, name)) return wrong(c, "a name is missing");
    UP_TRY(need(c, "="));
    UP_TRY(expression(c));
    UP_TRY(finish(c));
    int var = up__rule_find(c, name);
    if (var < 0) var = up__rule_declare(c, name);
    if (var < 0) return UP_FORMAT;
    return emit(c, UP__RULE_STORE, var, 0, -1);
}

UpStatus up__rule_end(UpRuleCompiler *c) {
    c->op[c->ops++] = (UpRuleOp){.code = UP__RULE_END}; // emit leaves room for it
    c->joined = c->begin = c->ops;
    return c->ops < UP__RULE_OPS ? UP_OK : wrong(c, "too many instructions");
}
