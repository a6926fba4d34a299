// The rules of the embedded Pong. As on the Atari: the ball leaves a paddle at an angle that
// depends on the part that was hit and flies faster the longer a rally lasts, and an opponent that
// follows the ball with limited speed can be beaten by steep shots. Chance decides only the
// direction of a serve. Between points both paddles return to the middle.
#include "env/native/pong.h"

enum {
    PIXEL = UP__PONG_PIXEL,
    FRAMES = 4, // per step
    WAIT = 32,  // frames between a point and the next serve
    HIGHEST = UP__PONG_TOP * PIXEL,
    LOWEST_PADDLE = (UP__PONG_BOTTOM - UP__PONG_PADDLE_HEIGHT) * PIXEL,
    LOWEST_BALL = (UP__PONG_BOTTOM - UP__PONG_BALL_HEIGHT) * PIXEL,
    MIDDLE_PADDLE = (HIGHEST + LOWEST_PADDLE) / 2,
    AGENT_SPEED = 3 * PIXEL, // per frame
    OPPONENT_SPEED = PIXEL,
    SERVE_X = 79 * PIXEL,
    SERVE_Y = (HIGHEST + LOWEST_BALL) / 2,
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

// From the middle of the field, in one of four directions.
static void serve(UpPongGame *game, UpRng *rng) {
    static const int slope[] = {-PIXEL, -5 * PIXEL / 8, 5 * PIXEL / 8, PIXEL};
    game->served = 1;
    game->ball_x = SERVE_X;
    game->ball_y = SERVE_Y;
    game->ball_dx = game->serve_left ? -speed_after(0) : speed_after(0);
    game->ball_dy = slope[up_rng_integers(rng, 0, 4)];
}

static void move_paddles(UpPongGame *game, int agent, int opponent) {
    if (game->wait > 0) { // home
        agent = clamp(MIDDLE_PADDLE - game->agent_y, -AGENT_SPEED, AGENT_SPEED);
        opponent = clamp(MIDDLE_PADDLE - game->opponent_y, -AGENT_SPEED, AGENT_SPEED);
    }
    game->agent_y = clamp(game->agent_y + agent, HIGHEST, LOWEST_PADDLE);
    game->opponent_y = clamp(game->opponent_y + opponent, HIGHEST, LOWEST_PADDLE);
}

// How far the opponent moves in each frame of a step. It decides once a step, brings its middle
// towards the ball's, and is in no hurry while the ball flies away.
static int decide_opponent(const UpPongGame *game) {
    int middle_to_middle = (UP__PONG_PADDLE_HEIGHT - UP__PONG_BALL_HEIGHT) / 2 * PIXEL;
    int distance = game->ball_y - middle_to_middle - game->opponent_y;
    int speed = game->ball_dx < 0 ? OPPONENT_SPEED : OPPONENT_SPEED / 2;
    return clamp(distance / FRAMES, -speed, speed);
}

// Off a paddle whose top edge is at `paddle_y`, if the ball meets it. Eight parts of a paddle give
// eight angles. The opponent plays safe: its angles are flatter.
static bool bounce(UpPongGame *game, int paddle_y, int face) {
    int reach = (UP__PONG_PADDLE_HEIGHT + UP__PONG_BALL_HEIGHT) * PIXEL, part = reach / 8;
    int touched = game->ball_y + UP__PONG_BALL_HEIGHT * PIXEL - paddle_y;
    if (touched <= 0 || touched >= reach) return false;
    int offset = touched / part * part + part / 2 - reach / 2; // from the paddle's middle
    int flatness = game->ball_dx > 0 ? 3 * PIXEL : 8 * PIXEL;
    int speed = speed_after(++game->hits);
    game->ball_dx = game->ball_dx > 0 ? -speed : speed;
    game->ball_dy = speed * offset / flatness;
    game->ball_x = 2 * face - game->ball_x;
    return true;
}

static void fly(UpPongGame *game) {
    int before = game->ball_x;
    game->ball_x += game->ball_dx;
    game->ball_y += game->ball_dy;
    if (game->ball_y < HIGHEST || game->ball_y > LOWEST_BALL) {
        int wall = game->ball_y < HIGHEST ? HIGHEST : LOWEST_BALL;
        game->ball_y = 2 * wall - game->ball_y;
        game->ball_dy = -game->ball_dy;
    }
    if (before <= AGENT_FACE && game->ball_x > AGENT_FACE)
        bounce(game, game->agent_y, AGENT_FACE);
    else if (before >= OPPONENT_FACE && game->ball_x < OPPONENT_FACE)
        bounce(game, game->opponent_y, OPPONENT_FACE);
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

static bool is_within(int value, int low, int high) {
    return value >= low && value <= high;
}

bool up__pong_possible(const UpPongGame *g) {
    const int fast = 16 * PIXEL, far = 256 * PIXEL; // beyond every speed and place of a ball
    return is_within(g->agent_y, HIGHEST, LOWEST_PADDLE) &&
           is_within(g->opponent_y, HIGHEST, LOWEST_PADDLE) && is_within(g->ball_x, -far, far) &&
           is_within(g->ball_y, g->wait ? 0 : HIGHEST, LOWEST_BALL) &&
           is_within(g->ball_dx, -fast, fast) && is_within(g->ball_dy, -fast, fast) &&
           is_within(g->hits, 0, 1 << 24) && is_within(g->wait, 0, WAIT) &&
           is_within(g->agent_score, 0, UP__PONG_SCORE_MAX) &&
           is_within(g->opponent_score, 0, UP__PONG_SCORE_MAX);
}

int up__pong_step(UpPongGame *game, UpRng *rng, UpPongMove move) {
    int reward = 0, agent = (int)move * AGENT_SPEED, opponent = decide_opponent(game);
    for (int frame = 0; frame < FRAMES; frame++) {
        move_paddles(game, agent, opponent);
        if (game->wait > 0) {
            if (--game->wait == 0 && !up__pong_over(game)) serve(game, rng);
            continue;
        }
        fly(game);
        reward += score(game);
    }
    return reward;
}
