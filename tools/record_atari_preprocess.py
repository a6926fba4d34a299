"""Records Gymnasium 1.4.0's AtariPreprocessing (ale-py 0.12.1, OpenCV 4.13) and cv2.resize as
tests/env/data/atari_preprocess.txt and area_resize.txt.

A trace starts with `id ID seed S steps K options O` and the hash of the reset observation; then one line a
step: action, reward, terminated, truncated, hash; where the episode ended, `final` and the hash of its last
observation follow, and the hash of the step is the new episode's. A line of area_resize is height, width,
channels, size and hash; pixels come from a generator that the test has too. Hashes are 64-bit FNV-1a.
"""

from pathlib import Path

import ale_py
import cv2
import gymnasium as gym
import numpy as np

from check_atari_preprocess import make

DATA = Path(__file__).parent.parent / "tests/env/data"
TRACES = [
    ("ALE/Pong-v5", 1, 40, {}),
    ("ALE/Breakout-v5", 2, 150, {}),
    ("ALE/SpaceInvaders-v5", 3, 40, {}),
    ("ALE/Seaquest-v5", 4, 40, {}),
    ("ALE/Qbert-v5", 5, 40, {}),
    ("ALE/MsPacman-v5", 6, 40, {}),
    ("BreakoutNoFrameskip-v4", 7, 100, {"terminal_on_life_loss": True, "fire_reset": True}),
    ("ALE/SpaceInvaders-v5", 8, 50, {"grayscale_obs": False, "noop_max": 0, "screen_size": 50}),
    ("ALE/Seaquest-v5", 9, 60, {"frame_skip": 1, "screen_size": 10, "noop_max": 3}),
    ("ALE/KingKong-v5", 10, 30, {"frame_skip": 2, "screen_size": 160}),  # 250 rows
    ("ALE/Freeway-v5", 11, 30, {"fire_reset": True}),  # which has no FIRE
]


class Options:
    """What check_atari_preprocess.make reads."""

    def __init__(self, options):
        get = options.get
        self.noops, self.skip, self.size = get("noop_max", 30), get("frame_skip", 4), get("screen_size", 84)
        self.lives, self.fire = get("terminal_on_life_loss", False), get("fire_reset", False)
        self.colour = not get("grayscale_obs", True)


def fnv(array):
    value = 0
    for byte in array.tobytes():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def record(file, id, seed, steps, options):
    env = make(gym, Options(options), id)
    text = ";".join(f"{key}={str(value).lower()}" for key, value in options.items()) or "-"
    print("id", id, "seed", seed, "steps", steps, "options", text, file=file)
    obs, _ = env.reset(seed=seed)
    print(fnv(obs), file=file)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        action = int(rng.integers(env.action_space.n))
        obs, reward, terminated, truncated, _ = env.step(action)
        final = fnv(obs) if terminated or truncated else None
        if final:
            obs, _ = env.reset()
        print(action, int(reward), int(terminated), int(truncated), fnv(obs), file=file)
        if final:
            print("final", final, file=file)


def pixels(height, width, channels):
    """PCG's little brother: the upper byte of a 32-bit linear congruential generator; rows come twice."""
    state, values = 1, np.empty((height, width, channels), np.uint8)
    for y in range(height):
        if y % 3 == 1:
            values[y] = values[y - 1]
            continue
        for i in range(width * channels):
            state = state * 1664525 + 1013904223 & 0xFFFFFFFF
            values[y, i // channels, i % channels] = state >> 24
    return values


def main():
    gym.register_envs(ale_py)
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    with open(DATA / "atari_preprocess.txt", "w", encoding="ascii") as file:
        for trace in TRACES:
            record(file, *trace)
    with open(DATA / "area_resize.txt", "w", encoding="ascii") as file:
        for height in (210, 250):
            for channels in (1, 3):
                image = pixels(height, 160, channels)
                for size in (1, 2, 5, 7, 10, 32, 50, 80, 83, 84, 96, 100, 125, 159, 160):
                    result = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
                    print(height, 160, channels, size, fnv(result), file=file)


if __name__ == "__main__":
    main()
