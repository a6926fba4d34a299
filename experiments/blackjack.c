// Blackjack-v1 (sab) worked out: an infinite deck, a dealer who sticks on 17, a player who sticks
// where told (Sutton and Barto, example 5.1).
#include <string.h>

#include "experiments/blackjack.h"

enum { BUST = 0, DEALER_STICKS = 17, BEST = 21, TEN = 10 };

// A hand as the observation shows it: a usable ace counts 11.
typedef struct Hand {
    int sum, usable;
} Hand;

static double chance(int card) {
    return card == TEN ? 4 / 13.0 : 1 / 13.0;
}

// sum > 21 where the hand is bust.
static Hand with(Hand hand, int card) {
    hand.sum += card;
    if (card == 1 && hand.sum + 10 <= BEST && !hand.usable) {
        hand.sum += 10;
        hand.usable = 1;
    }
    if (hand.sum > BEST && hand.usable) {
        hand.sum -= 10;
        hand.usable = 0;
    }
    return hand;
}

// Adds the chances of the dealer's final sums, BUST among them.
static void finish(Hand dealer, double p, double *final) {
    if (dealer.sum > BEST) {
        final[BUST] += p;
    } else if (dealer.sum >= DEALER_STICKS) {
        final[dealer.sum] += p;
    } else {
        for (int card = 1; card <= TEN; card++)
            finish(with(dealer, card), p * chance(card), final);
    }
}

typedef struct Table {
    CliThresholds stick;
    double final[CLI_CARDS][BEST + 1]; // chances of the dealer's final sums
    bool known[CLI_SUMS][CLI_CARDS][2];
    CliBlackjack *exact;
} Table;

static double settle(const Table *t, int sum, int dealer) {
    double value = 0;
    for (int final = 0; final <= BEST; final++)
        value += t->final[dealer][final] * ((sum > final) - (sum < final));
    return value;
}

static double value_of(Table *t, Hand hand, int dealer) {
    if (hand.sum > BEST) return -1;
    double *value = &t->exact->value[hand.sum][dealer][hand.usable];
    bool *known = &t->known[hand.sum][dealer][hand.usable];
    if (*known) return *value;
    *known = true;
    if (hand.sum >= t->stick[hand.usable][dealer]) return *value = settle(t, hand.sum, dealer);
    double sum = 0;
    for (int card = 1; card <= TEN; card++)
        sum += chance(card) * value_of(t, with(hand, card), dealer);
    return *value = sum;
}

// An ace and a ten at once win against everything but the same.
static double natural(int dealer) {
    return 1 - (dealer == 1 ? chance(TEN) : dealer == TEN ? chance(1) : 0);
}

void cli_blackjack_exact(CliThresholds stick, CliBlackjack *exact) {
    Table t = {.exact = exact};
    memcpy(t.stick, stick, sizeof t.stick);
    *exact = (CliBlackjack){0};
    for (int dealer = 1; dealer <= TEN; dealer++) {
        finish(with((Hand){0, 0}, dealer), 1, t.final[dealer]);
        for (int usable = 0; usable < 2; usable++)
            for (int sum = usable ? 12 : 4; sum <= BEST; sum++)
                value_of(&t, (Hand){sum, usable}, dealer);
        for (int a = 1; a <= TEN; a++)
            for (int b = 1; b <= TEN; b++) {
                Hand hand = with(with((Hand){0, 0}, a), b);
                double value = hand.sum == BEST ? natural(dealer) : value_of(&t, hand, dealer);
                exact->expected += chance(dealer) * chance(a) * chance(b) * value;
            }
    }
}
