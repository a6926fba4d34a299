// Blackjack-v1, equal to Gymnasium 1.4: hit or stick against a dealer who draws to 17, from an
// infinite deck (Sutton and Barto, example 5.1).
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "env/native/kinds.h"

enum { CARDS = 24, DEALER_STICKS = 17, BEST = 21 };

// Words of four bytes only: a saved hand has no padding.
typedef struct Hand {
    int32_t count, sum, aces; // an ace counts 1 in the sum
    uint8_t card[CARDS];      // 1 … 10
} Hand;

typedef struct Blackjack {
    UpTask task;
    Hand *player, *dealer; // (N) the dealer's second card lies face down
    uint8_t *suit, *face;  // (N) of the dealer's first card: C D H S, and J Q K of a ten
    double natural, sab;   // keywords
} Blackjack;

static void draw_card(UpRng *rng, Hand *hand) {
    int card = (int)up_rng_integers(rng, 0, 13) + 1;
    card = card > 10 ? 10 : card;
    hand->card[hand->count++] = (uint8_t)card;
    hand->sum += card;
    hand->aces += card == 1;
}

static bool has_usable_ace(const Hand *hand) {
    return hand->aces > 0 && hand->sum + 10 <= BEST;
}

static int sum_of(const Hand *hand) {
    return hand->sum + (has_usable_ace(hand) ? 10 : 0);
}

static int score_of(const Hand *hand) {
    return sum_of(hand) > BEST ? 0 : sum_of(hand);
}

// An ace and a ten.
static bool is_natural(const Hand *hand) {
    return hand->count == 2 && hand->aces == 1 && hand->sum == 11;
}

static void begin(void *env, int i) {
    Blackjack *self = env;
    UpRng *rng = &self->task.native.rng[i];
    Hand *player = &self->player[i], *dealer = &self->dealer[i];
    *player = *dealer = (Hand){0};
    draw_card(rng, dealer);
    draw_card(rng, dealer);
    draw_card(rng, player);
    draw_card(rng, player);
    self->suit[i] = (uint8_t)up_rng_integers(rng, 0, 4);
    self->face[i] = dealer->card[0] == 10 ? (uint8_t)up_rng_integers(rng, 0, 3) : 0;
}

static double settle(const Blackjack *self, const Hand *player, const Hand *dealer) {
    double reward = (score_of(player) > score_of(dealer)) - (score_of(player) < score_of(dealer));
    if (self->sab != 0) return is_natural(player) && !is_natural(dealer) ? 1 : reward;
    return self->natural != 0 && is_natural(player) && reward == 1 ? 1.5 : reward;
}

static void advance(void *env, int first, int count, const UpStep *step) {
    Blackjack *self = env;
    for (int i = first; i < first + count; i++) {
        UpRng *rng = &self->task.native.rng[i];
        Hand *player = &self->player[i], *dealer = &self->dealer[i];
        if (up__task_choice(step, i) == 1) {
            draw_card(rng, player);
            step->terminated[i] = sum_of(player) > BEST;
            step->reward[i] = step->terminated[i] ? -1 : 0;
            continue;
        }
        while (sum_of(dealer) < DEALER_STICKS)
            draw_card(rng, dealer);
        step->terminated[i] = true;
        step->reward[i] = settle(self, player, dealer);
    }
}

static void observe(void *env, int first, int count, const UpObs *obs) {
    const Blackjack *self = env;
    float *row = obs->f32 + (ptrdiff_t)first * 3;
    for (int i = first; i < first + count; i++, row += 3) {
        row[0] = (float)sum_of(&self->player[i]);
        row[1] = (float)self->dealer[i].card[0];
        row[2] = (float)has_usable_ace(&self->player[i]);
    }
}

// Could these cards be on the table while the player still chooses?
static bool is_hand(const Hand *hand) {
    if (hand->count < 2 || hand->count >= CARDS) return false;
    Hand again = {0};
    for (int k = 0; k < hand->count; k++) {
        if (hand->card[k] < 1 || hand->card[k] > 10) return false;
        again.sum += hand->card[k];
        again.aces += hand->card[k] == 1;
    }
    return again.sum == hand->sum && again.aces == hand->aces && hand->sum <= BEST;
}

static bool possible(const void *env, int i) {
    const Blackjack *self = env;
    return is_hand(&self->player[i]) && is_hand(&self->dealer[i]) && self->suit[i] < 4 &&
           self->face[i] < 3;
}

#ifdef UP_HAVE_CAIRO
enum { WIDTH = 520, HEIGHT = 360, CARD_WIDTH = 70, CARD_HEIGHT = 100 };

static void draw_suit(cairo_t *cairo, double x, double y, double size, int suit) {
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, size, size);
    if (suit == 1) { // a diamond
        cairo_move_to(cairo, 0, -0.6);
        cairo_line_to(cairo, 0.42, 0);
        cairo_line_to(cairo, 0, 0.6);
        cairo_line_to(cairo, -0.42, 0);
        cairo_fill(cairo);
    } else if (suit == 0) { // a club
        up__picture_disc(cairo, 0, -0.28, 0.26);
        up__picture_disc(cairo, -0.28, 0.1, 0.26);
        up__picture_disc(cairo, 0.28, 0.1, 0.26);
        up__picture_box(cairo, -0.07, 0, 0.14, 0.55);
    } else { // a heart, or a spade upside down
        if (suit == 3) cairo_scale(cairo, 1, -1);
        up__picture_disc(cairo, -0.24, -0.15, 0.27);
        up__picture_disc(cairo, 0.24, -0.15, 0.27);
        cairo_move_to(cairo, -0.47, 0);
        cairo_line_to(cairo, 0, 0.55);
        cairo_line_to(cairo, 0.47, 0);
        cairo_fill(cairo);
        if (suit == 3) up__picture_box(cairo, -0.07, -0.6, 0.14, 0.5);
    }
    cairo_restore(cairo);
}

static void draw_face(cairo_t *cairo, double x, double y, const char *name, int suit) {
    up__picture_colour(cairo, 0xfdfdf8);
    up__picture_round(cairo, x, y, CARD_WIDTH, CARD_HEIGHT, 8);
    up__picture_colour(cairo, suit == 1 || suit == 2 ? 0xc1121f : 0x202020);
    up__picture_text(cairo, x + CARD_WIDTH / 2.0, y + 30, 30, name);
    draw_suit(cairo, x + CARD_WIDTH / 2.0, y + 72, 24, suit);
}

static void draw_back(cairo_t *cairo, double x, double y) {
    up__picture_colour(cairo, 0xfdfdf8);
    up__picture_round(cairo, x, y, CARD_WIDTH, CARD_HEIGHT, 8);
    up__picture_colour(cairo, 0x8d2f3c);
    up__picture_round(cairo, x + 6, y + 6, CARD_WIDTH - 12, CARD_HEIGHT - 12, 5);
}

// Suits of the player's cards are not part of the game: they go round.
static void draw_player(cairo_t *cairo, const Hand *hand) {
    double step = hand->count < 6 ? CARD_WIDTH + 10 : 400.0 / hand->count;
    for (int k = 0; k < hand->count; k++) {
        char name[8];
        snprintf(name, sizeof name, hand->card[k] == 1 ? "A" : "%d", hand->card[k]);
        draw_face(cairo, 40 + k * step, 220, name, k % 4);
    }
}

static void draw(const void *env, int i, cairo_t *cairo) {
    static const char *const faces[] = {"J", "Q", "K"};
    const Blackjack *self = env;
    const Hand *player = &self->player[i], *dealer = &self->dealer[i];
    char text[64], name[8];
    up__picture_colour(cairo, 0x2a6f4e);
    up__picture_box(cairo, 0, 0, WIDTH, HEIGHT);
    up__picture_colour(cairo, 0xd9ead3);
    up__picture_text(cairo, WIDTH / 2.0, 24, 18, "Dealer");
    snprintf(text, sizeof text, "Player: %d%s", sum_of(player),
             has_usable_ace(player) ? ", usable ace" : "");
    up__picture_text(cairo, WIDTH / 2.0, 196, 18, text);
    snprintf(name, sizeof name, dealer->card[0] == 1 ? "A" : "%d", dealer->card[0]);
    draw_face(cairo, 40, 46, dealer->card[0] == 10 ? faces[self->face[i]] : name, self->suit[i]);
    draw_back(cairo, 40 + CARD_WIDTH + 10, 46);
    draw_player(cairo, player);
}
#else
enum { WIDTH = 520, HEIGHT = 360 };
#endif

const UpTaskKind up__blackjack = {
    .obs = {.kind = UP_SPACE_MULTI_DISCRETE,
            .size = 3,
            .choices = {32, 11, 2},
            .parts = 3,
            .part = {{"0", 0, 1}, {"1", 1, 1}, {"2", 2, 1}}},
    .action = {.kind = UP_SPACE_DISCRETE, .size = 1, .n = 2},
    .frames_per_second = 4,
    .size = sizeof(Blackjack),
    .array = {UP__ARRAY(Blackjack, player), UP__ARRAY(Blackjack, dealer),
              UP__ARRAY(Blackjack, suit), UP__ARRAY(Blackjack, face)},
    .keyword = {UP__FLAG(Blackjack, natural), UP__FLAG(Blackjack, sab)},
    .begin = begin,
    .advance = advance,
    .observe = observe,
    .possible = possible,
    .width = WIDTH,
    .height = HEIGHT,
    .draw = UP__DRAW(draw),
};
