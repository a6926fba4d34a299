// MuJoCo's tasks by their ids.
#include "env/mujoco/mujoco.h"

static const UpEnvInfo tasks[] = {
    {"Ant-v5", "MuJoCo: a quadruped runs; 1000 steps, 8 torques", up__mujoco_create},
    {"HalfCheetah-v5", "MuJoCo: a flat cheetah runs; 1000 steps, 6 torques", up__mujoco_create},
    {"Hopper-v5", "MuJoCo: one leg hops and must not fall; 1000 steps, 3 torques",
     up__mujoco_create},
    {"Humanoid-v5", "MuJoCo: a man walks and must not fall; 1000 steps, 17 torques",
     up__mujoco_create},
    {"HumanoidStandup-v5", "MuJoCo: a man lies and shall rise; 1000 steps, 17 torques",
     up__mujoco_create},
    {"InvertedDoublePendulum-v5", "MuJoCo: a cart balances two poles in a row; 1000 steps, a force",
     up__mujoco_create},
    {"InvertedPendulum-v5", "MuJoCo: a cart balances a pole; 1000 steps, a force",
     up__mujoco_create},
    {"Pusher-v5", "MuJoCo: an arm pushes an object to its goal; 100 steps, 7 torques",
     up__mujoco_create},
    {"Reacher-v5", "MuJoCo: an arm of two links touches a target; 50 steps, 2 torques",
     up__mujoco_create},
    {"Swimmer-v5", "MuJoCo: three links swim; 1000 steps, 2 torques", up__mujoco_create},
    {"Walker2d-v5", "MuJoCo: two legs walk and must not fall; 1000 steps, 6 torques",
     up__mujoco_create},
};

int up__mujoco_list(UpEnvInfo *list, int room) {
    int count = 0;
    for (; count < room && count < (int)(sizeof tasks / sizeof *tasks); count++)
        list[count] = tasks[count];
    return count;
}
