// The rules by which a game pays and ends, as expressions over the machine's memory (the language
// is described in data/atari-games.json): compiled to a short program when a game is loaded, and
// run after every frame. A program has no loops but the bounded ones of sum(), its jumps and
// variables are the compiler's own, and its indices are masked, so that it cannot leave its arrays.
#ifndef UP_ENV_ATARI_RULE_H
#define UP_ENV_ATARI_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "env/atari/machine/machine.h"
#include "uphill/status.h"

enum {
    UP__RULE_OPS = 384, // instructions of one game, its console script included
    UP__RULE_VARS = 32,
    UP__RULE_STACK = 32,
    UP__RULE_NAME = 16,
};

typedef struct UpRuleOp {
    uint8_t code;
    uint8_t var;
    int32_t value; // a constant, an index, or the target of a jump
} UpRuleOp;

// What a program may look at.
typedef struct UpRuleInput {
    const uint8_t *ram;  // (128)
    const uint8_t *cart; // (128) of the cartridge, NULL if it has none
    int32_t mode;
    UpMt19937 *rng; // for console scripts, else NULL
} UpRuleInput;

// Turns text into instructions that are appended to `op`. The message of a failure names `where`.
typedef struct UpRuleCompiler {
    const char *where; // "pong"
    UpRuleOp op[UP__RULE_OPS];
    int ops;
    int begin;                               // of the program in work; jumps count from here
    char name[UP__RULE_VARS][UP__RULE_NAME]; // "" stands for one of the compiler's own
    int vars;
    const char *digit; // what dig(v) means, NULL if nothing
    bool script;       // is `rng` known?
    bool cart;         // does the cartridge have memory?

    // of the expression in work
    const char *text, *at;
    int depth;   // values on the stack now
    int nesting; // of the parser
    int joined;  // instructions before this one may not be merged: a jump ends here
} UpRuleCompiler;

// Makes a variable known; -1 and a message when there are too many or it exists already.
int up__rule_declare(UpRuleCompiler *compiler, const char *name);

// Its number, -1 if nothing has this name.
int up__rule_find(const UpRuleCompiler *compiler, const char *name);

// Each appends to the program in work: an expression leaves its value, an assignment ("x = e")
// declares x if it is new. up__rule_end ends the program; the next begins behind it.
UpStatus up__rule_expression(UpRuleCompiler *compiler, const char *text);
UpStatus up__rule_assignment(UpRuleCompiler *compiler, const char *text);
UpStatus up__rule_end(UpRuleCompiler *compiler);

// Runs a program to its end and returns the value that it leaves, 0 if none.
int32_t up__rule_run(const UpRuleOp *program, const UpRuleInput *input, int32_t *var);

#endif
