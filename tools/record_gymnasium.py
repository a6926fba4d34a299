"""Records trajectories of Gymnasium 1.4.0 (NumPy 2.4.6) as tests/env/data/<id>.txt.

A trace starts with `seed S steps K options O`, then the reset observation; then one line a step:
action, reward, terminated, truncated, observation (and action mask); where the episode ended, a line `final`
with its last observation follows, and the observation of the step is the new episode's. Floats are hexadecimal.
"""

import math
from pathlib import Path

import gymnasium as gym
import numpy as np

DATA = Path(__file__).parent.parent / "tests/env/data"


def numbers(array):
    return " ".join(float(x).hex() for x in np.asarray(array).ravel())


def seen(obs, info):
    """An observation to act on, with its mask."""
    return numbers(obs) + " ".join(["", *map(str, info.get("action_mask", []))])


def record(file, id, seed, steps, policy, options=None):
    env = gym.make(id, **(options or {}))
    text = ";".join(f"{k}={v}" for k, v in (options or {}).items()).replace(" ", "") or "-"
    print("seed", seed, "steps", steps, "options", text, file=file)
    obs, info = env.reset(seed=seed)
    print(seen(obs, info), file=file)
    for step in range(steps):
        action = policy(step, obs)
        obs, reward, terminated, truncated, info = env.step(action)
        final = obs
        if terminated or truncated:
            obs, info = env.reset()
        print(float(np.ravel(action)[0]).hex(), float(reward).hex(), int(terminated),
              int(truncated), seen(obs, info), file=file)
        if terminated or truncated:
            print("final", numbers(final), file=file)


def coin(seed):
    rng = np.random.default_rng(seed + 1000)
    return lambda step, obs: int(rng.integers(0, 2))


def balance(step, obs):
    """Keeps the pole up until the clock ends the episode."""
    return int(obs[2] + 0.3 * obs[3] + 0.05 * obs[1] + 0.01 * obs[0] > 0)


def torque(seed, limit=2.5):
    rng = np.random.default_rng(seed + 1000)
    return lambda step, obs: rng.uniform(-limit, limit, 1).astype(np.float32)


def swing(step, obs):
    """Turns round and round, so that the angle leaves (-pi, pi) far behind."""
    return np.array([2.0 if math.sin(step / 40) > -0.5 else -2.0], np.float32)


def push_on(step, obs):
    """Swings a car up: always with the movement."""
    return 2 if obs[1] >= 0 else 0


def thrust_on(step, obs):
    return np.array([1.0 if obs[1] >= 0 else -0.7], np.float32)


def pump(step, obs):
    """Swings Acrobot up: torque with the first link's movement."""
    return 0 if obs[4] > 0 else 2


def dice(seed, actions):
    rng = np.random.default_rng(seed + 1000)
    return lambda step, obs: int(rng.integers(0, actions))


def cross(step, obs):
    """Over the ice of 4x4, from wherever it slipped to."""
    return {0: 1, 4: 1, 8: 2, 9: 2, 10: 1, 13: 2, 14: 2, 1: 2, 2: 1, 6: 1}.get(int(obs), 1)


def along(step, obs):
    """Along the cliff: up, right and right again, down."""
    return (0, *[1] * 11, 2)[step % 13]


def drive(step, obs):
    """Some of Taxi's moves, among which it finds passengers and delivers them."""
    row, column, passenger, destination = obs // 100, obs // 20 % 5, obs // 4 % 5, obs % 4
    places = [(0, 0), (0, 4), (4, 0), (4, 3)]
    goal = places[destination if passenger == 4 else passenger]
    if (row, column) == goal:
        return 5 if passenger == 4 else 4
    if row != 2 and column != goal[1]:  # walls are passed in the middle row
        return 0 if row < 2 else 1
    if column != goal[1]:
        return 2 if column < goal[1] else 3
    return 0 if row < goal[0] else 1


def main():
    traces = {
        "CartPole-v0": [(0, 100, dice(0, 2)), (1, 210, balance)],
        "CartPole-v1": [(0, 100, coin(0)), (1, 100, coin(1)), (42, 100, coin(42)),
                        (2**40 + 7, 510, balance), (5, 40, coin(5), {"sutton_barto_reward": True})],
        "MountainCar-v0": [(0, 210, dice(0, 3)), (1, 200, push_on),
                           (2, 60, push_on, {"goal_velocity": 0.03})],
        "MountainCarContinuous-v0": [(0, 250, thrust_on), (1, 100, torque(1, 1)),
                                     (2, 150, thrust_on, {"goal_velocity": 0.02})],
        "Acrobot-v1": [(0, 80, dice(0, 3)), (1, 300, pump)],
        "Pendulum-v1": [(0, 210, torque(0)), (1, 210, torque(1)), (42, 210, torque(42)),
                        (3, 150, swing), (5, 40, torque(5), {"g": 9.81})],
        "FrozenLake-v1": [(0, 150, dice(0, 4)), (1, 24, cross, {"is_slippery": False}),
                          (2, 90, cross, {"success_rate": 0.8, "reward_schedule": (2, -1, 0)})],
        "FrozenLake8x8-v1": [(0, 250, dice(0, 4))],
        "CliffWalking-v1": [(0, 100, dice(0, 4)), (1, 39, along)],
        "CliffWalkingSlippery-v1": [(0, 150, dice(0, 4))],
        "Taxi-v4": [(0, 250, dice(0, 6)), (1, 60, drive), (2, 100, drive, {"is_rainy": True}),
                    (3, 60, drive, {"fickle_passenger": True, "fickle_probability": 0.9})],
        "Blackjack-v1": [(0, 150, dice(0, 2)),
                         (1, 60, lambda step, obs: 0, {"natural": True, "sab": False})],
    }
    for id, entries in traces.items():
        with open(DATA / f"{id}.txt", "w") as file:
            for entry in entries:
                record(file, id, *entry)


if __name__ == "__main__":
    main()
