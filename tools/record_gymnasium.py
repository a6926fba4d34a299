"""Records trajectories of Gymnasium 1.4.0 (NumPy 2.4.6) as tests/env/data/<id>.txt.

A trace starts with `seed S steps K options O`, then the reset observation; then one line a step:
action, reward, terminated, truncated, observation; where the episode ended, a line `final` with its last
observation follows, and the observation of the step is the new episode's. Floats are hexadecimal.
"""

import math
from pathlib import Path

import gymnasium as gym
import numpy as np

DATA = Path(__file__).parent.parent / "tests/env/data"


def numbers(array):
    return " ".join(float(x).hex() for x in np.asarray(array).ravel())


def record(file, id, seed, steps, policy, options=None):
    env = gym.make(id, **(options or {}))
    text = ";".join(f"{k}={v}" for k, v in (options or {}).items()) or "-"
    print("seed", seed, "steps", steps, "options", text, file=file)
    obs, _ = env.reset(seed=seed)
    print(numbers(obs), file=file)
    for step in range(steps):
        action = policy(step, obs)
        obs, reward, terminated, truncated, _ = env.step(action)
        final = obs
        if terminated or truncated:
            obs, _ = env.reset()
        print(float(np.ravel(action)[0]).hex(), float(reward).hex(), int(terminated),
              int(truncated), numbers(obs), file=file)
        if terminated or truncated:
            print("final", numbers(final), file=file)


def coin(seed):
    rng = np.random.default_rng(seed + 1000)
    return lambda step, obs: int(rng.integers(0, 2))


def balance(step, obs):
    """Keeps the pole up until the clock ends the episode."""
    return int(obs[2] + 0.3 * obs[3] + 0.05 * obs[1] + 0.01 * obs[0] > 0)


def torque(seed):
    rng = np.random.default_rng(seed + 1000)
    return lambda step, obs: rng.uniform(-2.5, 2.5, 1).astype(np.float32)


def swing(step, obs):
    """Turns round and round, so that the angle leaves (-pi, pi) far behind."""
    return np.array([2.0 if math.sin(step / 40) > -0.5 else -2.0], np.float32)


def main():
    with open(DATA / "CartPole-v1.txt", "w") as file:
        for seed in (0, 1, 42):
            record(file, "CartPole-v1", seed, 100, coin(seed))
        record(file, "CartPole-v1", 2**40 + 7, 510, balance)
        record(file, "CartPole-v1", 5, 40, coin(5), {"sutton_barto_reward": True})
    with open(DATA / "Pendulum-v1.txt", "w") as file:
        for seed in (0, 1, 42):
            record(file, "Pendulum-v1", seed, 210, torque(seed))
        record(file, "Pendulum-v1", 3, 150, swing)
        record(file, "Pendulum-v1", 5, 40, torque(5), {"g": 9.81})


if __name__ == "__main__":
    main()
