// The rules of the embedded Pong. As on the Atari: the ball leaves a paddle at an angle that
// depends on where it was hit and flies faster the longer a rally lasts, and an opponent that
// follows the ball with limited speed can be beaten by steep shots.
#include "env/native/pong.h"

enum {
    PIXEL = UP__PONG_PIXEL,
    FRAMES = 4, // per step
    WAIT = 60,  // frames between a point and the next serve
    HIGHEST = UP__PONG_TOP * PIXEL,
    LOWEST_PADDLE = (UP__PONG_BOTTOM - UP__PONG_PADDLE_HEIGHT) * PIXEL,
    LOWEST_BALL = (UP__PONG_BOTTOM - UP__PONG_BALL_HEIGHT) * PIXEL,
    MIDDLE_PADDLE = (HIGHEST + LOWEST_PADDLE) / 2,
    AGENT_SPEED = 2 * PIXEL,        // per frame
    OPPONENT_SPEED = 9 * PIXEL / 8, // per frame
    AIM_ERROR = 6,                  // pixels
    SERVE_X = 79 * PIXEL,
    // The ball meets a paddle where its facing edge passes these.
    AGENT_FACE = (UP__PONG_AGENT_X - UP__PONG_BALL_WIDTH) * PIXEL,
    OPPONENT_FACE = (UP__PONG_OPPONENT_X + UP__PONG_PADDLE_WIDTH) * PIXEL,
    RIGHT_END = 160 * PIXEL,
    LEFT_END = -UP__PONG_BALL_WIDTH * PIXEL,
};

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

// Horizontal speed after so many hits: 1, 9/8, 7/4, then 5/2 pixels a frame.
static int speed_after(int hits) {
    static const int speed[] = {PIXEL, 9 * PIXEL / 8, 7 * PIXEL / 4, 5 * PIXEL / 2};
    return speed[hits < 3 ? hits : 3];
}

static void await_serve(UpPongGame *game) {
    game->wait = WAIT;
    game->hits = 0;
}

void up__pong_begin(UpPongGame *game, UpRng *rng) {
    *game = (UpPongGame){.agent_y = MIDDLE_PADDLE, .opponent_y = MIDDLE_PADDLE};
    game->serve_left = (int32_t)up_rng_integers(rng, 0, 2);
    await_serve(game);
}

static void draw_aim_error(UpPongGame *game, UpRng *rng) {
    game->aim_error = (int32_t)up_rng_integers(rng, -AIM_ERROR * PIXEL, AIM_ERROR * PIXEL + 1);
}

static void serve(UpPongGame *game, UpRng *rng) {
    game->served = 1;
    game->ball_x = SERVE_X;
    game->ball_y = (int32_t)up_rng_integers(rng, HIGHEST, LOWEST_BALL + 1);
    int slope = (int)up_rng_integers(rng, PIXEL / 4, PIXEL + 1);
    game->ball_dy = up_rng_integers(rng, 0, 2) ? slope : -slope;
    game->ball_dx = game->serve_left ? -speed_after(0) : speed_after(0);
    draw_aim_error(game, rng);
}

// The opponent decides once a step. It aims its middle at the ball's, a little off, and is in no
// hurry while the ball flies away.
static void decide_opponent(UpPongGame *game) {
    game->opponent_step = 0;
    if (game->wait > 0) return;
    int middle_to_middle = (UP__PONG_PADDLE_HEIGHT - UP__PONG_BALL_HEIGHT) / 2 * PIXEL;
    int distance = game->ball_y - middle_to_middle + game->aim_error - game->opponent_y;
    int speed = game->ball_dx < 0 ? OPPONENT_SPEED : OPPONENT_SPEED / 2;
    game->opponent_step = clamp(distance / FRAMES, -speed, speed);
}

// Off a paddle whose top edge is at `paddle_y`, if the ball meets it; at the paddle's very edge the
// ball leaves 2.5 times as fast vertically as horizontally.
static bool bounce(UpPongGame *game, int paddle_y, int face) {
    int above = game->ball_y + UP__PONG_BALL_HEIGHT * PIXEL - paddle_y; // > 0: not wholly above
    int below = paddle_y + UP__PONG_PADDLE_HEIGHT * PIXEL - game->ball_y;
    if (above <= 0 || below <= 0) return false;
    int offset = (above - below) / 2; // ball's middle from the paddle's, within 10 pixels
    int speed = speed_after(++game->hits);
    game->ball_dx = game->ball_dx > 0 ? -speed : speed;
    game->ball_dy = speed * offset / (4 * PIXEL);
    game->ball_x = 2 * face - game->ball_x;
    return true;
}

static void fly(UpPongGame *game, UpRng *rng) {
    int before = game->ball_x;
    game->ball_x += game->ball_dx;
    game->ball_y += game->ball_dy;
    if (game->ball_y < HIGHEST || game->ball_y > LOWEST_BALL) {
        int wall = game->ball_y < HIGHEST ? HIGHEST : LOWEST_BALL;
        game->ball_y = 2 * wall - game->ball_y;
        game->ball_dy = -game->ball_dy;
    }
    if (before <= AGENT_FACE && game->ball_x > AGENT_FACE) {
        if (bounce(game, game->agent_y, AGENT_FACE)) draw_aim_error(game, rng);
    } else if (before >= OPPONENT_FACE && game->ball_x < OPPONENT_FACE) {
        bounce(game, game->opponent_y, OPPONENT_FACE);
    }
}

// The side that lost the point is served to.
static int score(UpPongGame *game) {
    if (game->ball_x >= RIGHT_END) {
        game->opponent_score++;
        game->serve_left = 0;
        await_serve(game);
        return -1;
    }
    if (game->ball_x <= LEFT_END) {
        game->agent_score++;
        game->serve_left = 1;
        await_serve(game);
        return 1;
    }
    return 0;
}

bool up__pong_over(const UpPongGame *game) {
    return game->agent_score >= UP__PONG_SCORE_MAX || game->opponent_score >= UP__PONG_SCORE_MAX;
}

int up__pong_step(UpPongGame *game, UpRng *rng, UpPongMove move) {
    int reward = 0;
    decide_opponent(game);
    for (int frame = 0; frame < FRAMES; frame++) {
        game->agent_y = clamp(game->agent_y + (int)move * AGENT_SPEED, HIGHEST, LOWEST_PADDLE);
        game->opponent_y = clamp(game->opponent_y + game->opponent_step, HIGHEST, LOWEST_PADDLE);
        if (game->wait > 0) {
            if (--game->wait == 0 && !up__pong_over(game)) serve(game, rng);
            continue;
        }
        fly(game, rng);
        reward += score(game);
    }
    return reward;
}
