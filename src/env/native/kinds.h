// The descriptions of all tasks, which stand in files of their own.
#ifndef UP_ENV_NATIVE_KINDS_H
#define UP_ENV_NATIVE_KINDS_H

#include "env/native/task.h"

extern const UpTaskKind up__cartpole, up__acrobot, up__mountain_car, up__mountain_car_continuous,
    up__pendulum, up__frozen_lake, up__cliff_walking, up__taxi, up__blackjack, up__bandit,
    up__testbed, up__random_walk, up__recall, up__pong;

#endif
