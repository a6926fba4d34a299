"""Records trajectories of Gymnasium 1.4.0 with MuJoCo 4.0.0 (NumPy 2.4.6) as tests/env/data/mujoco.txt.

A trace starts with `ID seed S steps K options O` and the hash of the reset observation; then one line a step:
reward, terminated, truncated, hash of the observation; where the episode ended, the hash of its last
observation follows, and the observation of the step is the new episode's. Rewards are hexadecimal, a hash is
FNV-1a of the float32 bytes. Actions are those of the stream SeedSequence(S, spawn_key=(4, 0)): uniform to 1.25
times the bounds, and Gymnasium is given them clipped.
"""

import ast
import os
import tempfile
from pathlib import Path

import gymnasium as gym
import numpy as np

FILE = Path(__file__).resolve().parent.parent / "tests/env/data/mujoco.txt"
TRACES = [  # id, seed, steps, keywords
    ("Ant-v5", 3, 70, ""),
    ("HalfCheetah-v5", 1, 40, ""),
    ("Hopper-v5", 2, 70, ""),
    ("Humanoid-v5", 5, 60, ""),
    ("HumanoidStandup-v5", 1, 20, ""),
    ("InvertedDoublePendulum-v5", 4, 40, ""),
    ("InvertedPendulum-v5", 0, 40, ""),
    ("Pusher-v5", 8, 110, ""),
    ("Reacher-v5", 6, 60, ""),
    ("Swimmer-v5", 7, 40, ""),
    ("Walker2d-v5", 9, 70, ""),
    ("Ant-v5", 1, 30, "frame_skip=2;main_body=3;contact_force_range=(-0.5,2)"),
    ("Hopper-v5", 1, 30, "healthy_z_range=(1.1,inf);exclude_current_positions_from_observation=False"),
]


def fnv(observation):
    hash = 0
    for byte in np.asarray(observation, np.float32).tobytes():
        hash = (hash ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return f"{hash:016x}"


def parse(options):
    pairs = (part.split("=", 1) for part in options.split(";") if part)
    return {name: ast.literal_eval(value.replace("inf", "1e999")) for name, value in pairs}


def record(file, id, seed, steps, options):
    env = gym.make(id, **parse(options))
    space = env.action_space
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(4, 0)))
    low, high = (1.25 * bound.astype(np.float64) for bound in (space.low, space.high))
    print(id, "seed", seed, "steps", steps, "options", options or "-", file=file)
    print(fnv(env.reset(seed=seed)[0]), file=file)
    for _ in range(steps):
        action = np.clip(rng.uniform(low, high).astype(np.float32), space.low, space.high)
        obs, reward, terminated, truncated, _ = env.step(action)
        final = fnv(obs) if terminated or truncated else ""
        if final:
            obs, _ = env.reset()
        print(float(reward).hex(), int(terminated), int(truncated), fnv(obs), final, file=file)


def main():
    os.chdir(tempfile.gettempdir())  # MuJoCo writes its log where it is
    with open(FILE, "w") as file:
        for trace in TRACES:
            record(file, *trace)


if __name__ == "__main__":
    main()
