// How the embedded Pong looks: the whole screen as on the Atari, and the pong80 difference of two
// screens, which follows from the positions of three rectangles without drawing either.
#include "env/native/pong.h"

#include <string.h>

#include "env/wrappers/pong80.h"

enum { PIXEL = UP__PONG_PIXEL, WIDTH = UP__ATARI_WIDTH, HEIGHT = UP__ATARI_HEIGHT };

// ---------------------------------------------------------------------------------------------------
// The screen

typedef struct Colour {
    uint8_t red, green, blue;
} Colour;

static const Colour background = {144, 72, 17};   // during play
static const Colour before_play = {109, 118, 43}; // until an episode's first serve
static const Colour white = {236, 236, 236}, orange = {213, 130, 74}, green = {92, 186, 92};

static int pixel(int32_t position) {
    return position >> 8; // rounds down, left of the screen too
}

static void fill(uint8_t *rgb, int x, int y, int width, int height, Colour colour) {
    int left = x < 0 ? 0 : x, right = x + width > WIDTH ? WIDTH : x + width;
    if (left >= right) return;
    uint8_t *first = rgb + (y * WIDTH + left) * 3;
    for (int column = 0; column < right - left; column++)
        memcpy(first + column * 3, &colour, 3);
    for (int row = 1; row < height; row++)
        memcpy(first + row * WIDTH * 3, first, (size_t)(right - left) * 3);
}

// Three by five blocks of 4 x 4 pixels, the top left one in the lowest bit.
static void draw_digit(uint8_t *rgb, int x, int digit, Colour colour) {
    static const uint16_t shape[10] = {075557, 022222, 071747, 074747, 044755,
                                       074717, 075717, 044447, 075757, 074757};
    for (int block = 0; block < 15; block++)
        if (shape[digit] >> block & 1)
            fill(rgb, x + block % 3 * 4, 1 + block / 3 * 4, 4, 4, colour);
}

static void draw_score(uint8_t *rgb, int x, int score, Colour colour) {
    if (score >= 10) draw_digit(rgb, x - 16, score / 10, colour);
    draw_digit(rgb, x, score % 10, colour);
}

void up__pong_draw(const UpPongGame *game, uint8_t *rgb) {
    fill(rgb, 0, 0, WIDTH, HEIGHT, game->served ? background : before_play);
    fill(rgb, 0, 24, WIDTH, 10, white);
    fill(rgb, 0, UP__PONG_BOTTOM, WIDTH, HEIGHT - UP__PONG_BOTTOM, white);
    draw_score(rgb, 36, game->opponent_score, orange);
    draw_score(rgb, 116, game->agent_score, green);
    fill(rgb, UP__PONG_OPPONENT_X, pixel(game->opponent_y), UP__PONG_PADDLE_WIDTH,
         UP__PONG_PADDLE_HEIGHT, orange);
    fill(rgb, UP__PONG_AGENT_X, pixel(game->agent_y), UP__PONG_PADDLE_WIDTH, UP__PONG_PADDLE_HEIGHT,
         green);
    if (game->wait == 0)
        fill(rgb, pixel(game->ball_x), pixel(game->ball_y), UP__PONG_BALL_WIDTH,
             UP__PONG_BALL_HEIGHT, white);
}

// Letters of three by five blocks of 2 x 2 pixels, the top left one in the lowest bit.
static void draw_word(uint8_t *rgb, int x, const char *word, Colour colour) {
    static const struct {
        char letter;
        uint16_t shape;
    } font[] = {{'A', 055752}, {'E', 071317}, {'G', 075517}, {'N', 055557},
                {'O', 075557}, {'P', 011757}, {'T', 022227}};
    const int y = UP__PONG_BOTTOM + 3;
    for (; *word; word++, x += 8)
        for (size_t i = 0; i < sizeof font / sizeof *font; i++)
            for (int block = 0; font[i].letter == *word && block < 15; block++)
                if (font[i].shape >> block & 1)
                    fill(rgb, x + block % 3 * 2, y + block / 3 * 2, 2, 2, colour);
}

void up__pong_draw_names(uint8_t *rgb) {
    const int opponent = 4, agent = WIDTH - 42; // below the paddles
    draw_word(rgb, opponent, "OPPONENT", orange);
    draw_word(rgb, agent, "AGENT", green);
}

// ---------------------------------------------------------------------------------------------------
// The difference. Of every rectangle, pong80 keeps the even columns and the odd rows from 35 on.

enum {
    SIDE = UP__PONG80_SIDE,
    OPPONENT_COLUMN = UP__PONG_OPPONENT_X / 2,
    AGENT_COLUMN = UP__PONG_AGENT_X / 2,
};

// A set of rows or of columns, 80 bits of it.
typedef unsigned __int128 Set;

// What pong80 keeps of a screen.
typedef struct Sight {
    Set opponent, agent, ball; // rows in which each is seen
    int ball_column;
} Sight;

// The rows that show a rectangle: half its height, from the one that shows its top edge.
static Set rows_of(int32_t y, int height) {
    return (((Set)1 << height / 2) - 1) << ((pixel(y) - UP__PONG_TOP) >> 1);
}

static Sight look(const UpPongGame *game) {
    Sight sight = {.opponent = rows_of(game->opponent_y, UP__PONG_PADDLE_HEIGHT),
                   .agent = rows_of(game->agent_y, UP__PONG_PADDLE_HEIGHT)};
    int column = (pixel(game->ball_x) + 1) >> 1; // the even one of the ball's two
    if (game->wait == 0 && column >= 0 && column < SIDE) {
        sight.ball = rows_of(game->ball_y, UP__PONG_BALL_HEIGHT);
        sight.ball_column = column;
    }
    return sight;
}

// The columns that are lit in a row.
static Set line(const Sight *sight, int row) {
    Set paddle = 3; // four pixels wide
    return (-(sight->opponent >> row & 1) & paddle << OPPONENT_COLUMN) |
           (-(sight->agent >> row & 1) & paddle << AGENT_COLUMN) |
           (sight->ball >> row & 1) << sight->ball_column;
}

// Takes the lowest member out of a set that is not empty.
static int take(Set *set) {
    uint64_t low = (uint64_t)*set;
    int member = low ? __builtin_ctzll(low) : 64 + __builtin_ctzll((uint64_t)(*set >> 64));
    *set &= *set - 1;
    return member;
}

void up__pong_difference(const UpPongGame *before, const UpPongGame *now, UpSparseEntry *entry,
                         uint32_t *count) {
    Sight old = look(before), new = look(now);
    Set rows = (old.opponent ^ new.opponent) | (old.agent ^ new.agent) | old.ball | new.ball;
    uint32_t length = 0;
    while (rows) {
        int row = take(&rows);
        Set vanished = line(&old, row), changed = vanished ^ line(&new, row);
        while (changed) {
            int column = take(&changed);
            unsigned minus = (unsigned)(vanished >> column) & 1;
            entry[length++] = (UpSparseEntry)((unsigned)(row * SIDE + column) * 2 + minus);
        }
    }
    *count = length;
}
