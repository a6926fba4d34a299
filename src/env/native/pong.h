// The embedded Pong: what one game is, how a frame of it passes, and how it looks. Lengths are in
// 1/256 of a pixel, so that a game is integers only and the same everywhere.
#ifndef UP_ENV_NATIVE_PONG_H
#define UP_ENV_NATIVE_PONG_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/obs.h"
#include "uphill/random.h"

// The screen, in pixels, as on the Atari 2600.
enum {
    UP__PONG_PIXEL = 256,
    UP__PONG_TOP = 34,     // first row of the playfield
    UP__PONG_BOTTOM = 194, // first row below it
    UP__PONG_PADDLE_WIDTH = 4,
    UP__PONG_PADDLE_HEIGHT = 16,
    UP__PONG_OPPONENT_X = 16,
    UP__PONG_AGENT_X = 140,
    UP__PONG_BALL_WIDTH = 2,
    UP__PONG_BALL_HEIGHT = 4,
    UP__PONG_SCORE_MAX = 21,
};

typedef enum UpPongMove { UP__PONG_UP = -1, UP__PONG_STAY = 0, UP__PONG_DOWN = 1 } UpPongMove;

// Words of four bytes only: a saved game has no padding.
typedef struct UpPongGame {
    int32_t agent_y, opponent_y; // top edge of each paddle
    int32_t ball_x, ball_y;      // left and top edge
    int32_t ball_dx, ball_dy;    // per frame; dx < 0 flies towards the opponent
    int32_t hits;                // of paddles in this rally
    int32_t wait;                // frames until the serve; 0: the ball is in play
    int32_t serve_left;          // 1 if the next serve flies towards the opponent
    int32_t agent_score, opponent_score;
    int32_t served; // 0 before the first serve of an episode
} UpPongGame;

void up__pong_begin(UpPongGame *game, UpRng *rng);

// Four frames with the same move. The agent's reward: 1, 0 or -1.
int up__pong_step(UpPongGame *game, UpRng *rng, UpPongMove move);

bool up__pong_over(const UpPongGame *game);

// Can a game come to this? What is drawn or stepped must be right, and files may say anything.
bool up__pong_possible(const UpPongGame *game);

// The whole screen, (210, 160, 3).
void up__pong_draw(const UpPongGame *game, uint8_t *rgb);

// Who plays which paddle, in the line below the field.
void up__pong_draw_names(uint8_t *rgb);

// What pong80 would make of the screens `before` and `now`, from the positions alone.
void up__pong_difference(const UpPongGame *before, const UpPongGame *now, UpSparseEntry *entry,
                         uint32_t *count);

#endif
