// Blackjack-v1 (sab) worked out, for `uphill experiment mc-vs-td`.
#ifndef UPHILL_EXPERIMENT_BLACKJACK_H
#define UPHILL_EXPERIMENT_BLACKJACK_H

#include <stdbool.h>

enum { CLI_CARDS = 11, CLI_SUMS = 32 };

// The smallest sum on which a policy sticks, without and with a usable ace, for each card of the
// dealer (1: an ace).
typedef int CliThresholds[2][CLI_CARDS];

typedef struct CliBlackjack {
    // V(sum, dealer, usable ace); the value of a 21 is that of one with three cards or more
    double value[CLI_SUMS][CLI_CARDS][2];
    double expected; // of a hand that begins
} CliBlackjack;

void cli_blackjack_exact(CliThresholds stick, CliBlackjack *exact);

#endif
