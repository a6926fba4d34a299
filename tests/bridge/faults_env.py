"""Environments that break their contract, one way each: `fault` names it. tests/bridge/test_faults.py
demands the line that says so.

FAULTS has for each fault what is declared and what comes instead. A fault shows at step `at` (0: in the
reset). Without a fault the environment is sound.
"""
import copy

import gymnasium
import numpy as np
from gymnasium import spaces

F3, U4 = spaces.Box(-1, 1, (3,)), spaces.Box(0, 255, (4,), np.uint8)
PICTURE = spaces.Box(0, 255, (4, 5, 3), np.uint8)
DICT = spaces.Dict(here=spaces.Box(-1, 1, (2,)), gear=spaces.Discrete(3))
OBSERVATIONS = {  # fault: (space, a value that is none of it)
    "short": (F3, np.zeros(1, np.float32)),
    "bare": (F3, 0.5),
    "floats": (U4, np.full(4, 0.5)),
    "large": (U4, np.array([0, 1, 2, 300])),
    "negative": (U4, np.array([0, -1, 2, 3])),
    "turned": (PICTURE, np.zeros((3, 4, 5), np.uint8)),
    "text": (F3, "abc"),
    "none": (F3, None),
    "key": (DICT, {"here": np.zeros(2, np.float32)}),
    "more": (DICT, {"here": np.zeros(2, np.float32), "gear": 1, "there": 1}),
    "entry": (DICT, {"here": np.zeros(3, np.float32), "gear": 1}),
    "gear": (DICT, {"here": np.zeros(2, np.float32), "gear": 3}),
    "discrete": (spaces.Discrete(5), 5),
    "fraction": (spaces.Discrete(5), 1.5),
    "multi": (spaces.MultiDiscrete([2, 3]), np.array([1, 3])),
    "halves": (spaces.MultiDiscrete([2, 3]), np.array([0.5, 1])),
    "binary": (spaces.MultiBinary(2), np.array([0, 2], np.int8)),
    "digits": (spaces.Box(0, 9, (2,), np.int64), np.array([1, 2**24 + 1])),
    "double": (F3, np.array([0.1, 0.2, 0.3])),
    "nan": (F3, np.array([0, np.nan, 0], np.float32)),
    "huge": (spaces.Box(-np.inf, np.inf, (2,), np.float64), np.array([0, 1e39])),
}
STEPS = {  # fault: (which of the five, what comes)
    "reward_array": (1, np.array([1.5])), "reward_none": (1, None), "reward_nan": (1, float("nan")),
    "reward_huge": (1, 1e39), "flag_array": (2, np.array([True])), "flag_none": (3, None), "flag_two": (2, 2),
    "info": (4, None),
}
MASKS = {  # fault: (mask in reset, mask in step)
    "mask_list": (np.ones(4, np.int8), [1, 1, 0, 1]),
    "mask_short": (np.ones(4, np.int8), np.ones(3, np.int8)),
    "mask_floats": (np.ones(4, np.int8), np.ones(4)),
    "mask_values": (np.ones(4, np.int8), np.array([1, 1, 7, 1], np.int8)),
    "mask_closed": (np.ones(4, np.int8), np.zeros(4, np.int8)),
    "mask_late": (None, np.ones(4, np.int8)),
    "mask_gone": (np.ones(4, np.int8), None),
}


class Faults(gymnasium.Env):
    def __init__(self, fault="", at=3, length=10):
        self.fault, self.at, self.length, self.t = fault, at, length, 0
        space, self.bad = OBSERVATIONS.get(fault, (F3, None))
        self.observation_space = copy.deepcopy(space)
        self.observation_space.seed(1)
        self.action_space = spaces.Discrete(4)

    def observe(self):
        wrong = self.fault in OBSERVATIONS and self.t >= self.at
        return self.bad if wrong else self.observation_space.sample()

    def info(self):
        first, later = MASKS.get(self.fault, (None, None))
        mask = later if self.t >= max(self.at, 1) else first
        return {} if mask is None else {"action_mask": mask}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.t = 0
        if self.fault == "reset_raises" and self.at == 0:
            raise RuntimeError("no ice today")
        return self.observe() if self.fault == "old_reset" else (self.observe(), self.info())

    def step(self, action):
        self.t += 1
        if self.fault == "raises" and self.t >= self.at:
            raise RuntimeError("the ice broke")
        result = [self.observe(), 1.0, self.t >= self.length, False, self.info()]
        if self.fault in STEPS and self.t >= self.at:
            place, value = STEPS[self.fault]
            result[place] = value
        return tuple(result[:3] + result[4:] if self.fault == "old_step" else result)


class OldSeed(Faults):
    """As Gym had it: reset takes no seed."""

    def reset(self):
        return self.observation_space.sample(), {}


class Counting(gymnasium.Env):
    """Raises when its episode `bad` begins, and in every one after; bad=-1: prints instead."""

    observation_space, action_space = F3, spaces.Discrete(4)

    def __init__(self, bad=2):
        self.bad, self.episodes = bad, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episodes, self.t = self.episodes + 1, 0
        if 0 <= self.bad < self.episodes:
            raise RuntimeError("no ice any more")
        if self.bad < 0:
            print(f"episode {self.episodes} begins")
        return np.zeros(3, np.float32), {}

    def step(self, action):
        self.t += 1
        return np.zeros(3, np.float32), 1.0, self.t == 5, False, {}


class Keen(gymnasium.Env):
    """Acts are what sample() would give: checked by type, dtype and shape. Says what arrived by its reward."""

    SPACES = {
        "discrete": spaces.Discrete(3, start=2), "multi": spaces.MultiDiscrete([2, 3]), "binary": spaces.MultiBinary(3),
        "float64": spaces.Box(-1, 1, (2, 2), np.float64), "whole": spaces.Box(-1, 2, (1,), np.int32),
        "bytes": spaces.Box(0, 3, (2,), np.uint8), "scalar": spaces.Box(-1, 1, ()),
        "dict": spaces.Dict(a=spaces.Discrete(3), b=spaces.Discrete(2, start=-1)),
        "tuple": spaces.Tuple((spaces.Discrete(2), spaces.Discrete(4))),
        "boxes": spaces.Dict(a=spaces.Box(-1, 1, (2,)), b=spaces.Box(0, 3, (1,), np.int64)),
        "nested": spaces.Tuple((spaces.Dict(x=spaces.Box(-1, 1, (1, 2), np.float64)), spaces.Box(-2, 2, (1,), np.int16))),
    }

    def __init__(self, act="discrete"):
        self.observation_space, self.action_space = F3, self.SPACES[act]
        self.sample = self.action_space.sample()

    def same(self, sample, action):
        assert type(sample) is type(action), f"{type(action)} in place of {type(sample)}"
        if isinstance(sample, dict):
            assert sample.keys() == action.keys()
            return [self.same(sample[key], action[key]) for key in sample]
        if isinstance(sample, tuple):
            return [self.same(a, b) for a, b in zip(sample, action, strict=True)]
        assert sample.dtype == action.dtype and sample.shape == action.shape, (sample, action)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(3, np.float32), {}

    def step(self, action):
        self.same(self.sample, action)
        assert self.action_space.contains(action), action
        number = action if isinstance(self.action_space, spaces.Box) else np.zeros(1)
        return np.zeros(3, np.float32), float(np.reshape(number, -1)[0]), False, False, {}


class Masked(gymnasium.Env):
    """Actions of the other parity are closed; `where` says it."""

    def __init__(self, where="info"):
        self.where, self.action_space = where, spaces.Discrete(4)
        inner = spaces.Box(0, 255, (2, 3, 1), np.uint8) if where == "picture" else spaces.Box(0, 9, (2,))
        self.observation_space = inner if where in ("info", "method") else spaces.Dict(
            observation=inner, action_mask=spaces.MultiBinary(4))
        self.inner = inner
        if where == "method":
            self.action_masks = lambda: [a % 2 == self.t % 2 for a in range(4)]

    def result(self):
        mask = np.array([a % 2 == self.t % 2 for a in range(4)], np.int8)
        obs = np.full(self.inner.shape, self.t, self.inner.dtype)
        if self.where in ("observation", "picture"):
            obs = {"observation": obs, "action_mask": mask}
        return obs, {"action_mask": mask} if self.where == "info" else {}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return self.result()

    def step(self, action):
        assert action % 2 == self.t % 2, f"{action} was closed at {self.t}"
        self.t += 1
        obs, info = self.result()
        return obs, 1.0, self.t == 8, False, info


class Plain(gymnasium.Env):
    """Its constructor knows no render_mode, though its metadata do; drawing in a step would be told."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}
    observation_space, action_space = F3, spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(3, np.float32), {}

    def step(self, action):
        assert self.render_mode is None, "somebody looks"
        return np.zeros(3, np.float32), 1.0, False, False, {}


class Typed(gymnasium.Env):
    """Its keywords' types are its observation's: what a value means is what Python makes of it."""

    observation_space, action_space = spaces.Box(0, 9, (1,)), spaces.Discrete(2)

    def __init__(self, value, wanted):
        kinds = {"bool": bool, "none": type(None), "pair": (tuple, list), "text": str, "number": (int, float)}
        assert isinstance(value, kinds[wanted]), f"{value!r} is no {wanted}"
        assert wanted != "bool" or value is False
        assert wanted != "pair" or list(value) == [0.1, 0.2]
        assert wanted != "text" or value == "a b"
        assert wanted != "number" or value == float("inf")

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def step(self, action):
        return np.zeros(1, np.float32), 1.0, False, False, {}


class Forking(gymnasium.Env):
    """Has a child of its own, whose number it leaves in a file; with low=True it writes into descriptor 3."""

    observation_space, action_space = F3, spaces.Discrete(2)

    def __init__(self, file="", low=False):
        import subprocess
        self.low = low
        if file:
            child = subprocess.Popen(["sleep", "600"])
            with open(file, "a") as out:
                print(child.pid, file=out)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(3, np.float32), {}

    def step(self, action):
        import os
        import time
        if self.low:
            try:
                os.write(3, b"kkkkkkkk")
            except OSError:
                pass
        else:
            time.sleep(0.01)
        return np.zeros(3, np.float32), 1.0, False, False, {}


class Small(gymnasium.Env):
    """Bytes that are no picture, alone and in a Dict beside one that is."""

    action_space = spaces.Discrete(2)
    BYTES, LAMPS, IMAGE = spaces.Box(0, 4, (4,), np.uint8), spaces.MultiBinary(2), spaces.Box(0, 255, (1, 2, 1), np.uint8)

    def __init__(self, kind="bytes"):
        self.observation_space = {"bytes": self.BYTES, "ram": spaces.Box(0, 255, (4,), np.uint8), "lamps": self.LAMPS,
                                  "image": self.IMAGE,
                                  "dict": spaces.Dict(bytes=self.BYTES, image=self.IMAGE, lamps=self.LAMPS)}[kind]
        values = {"bytes": np.array([1, 2, 3, 4], np.uint8), "lamps": np.array([0, 1], np.int8),
                  "image": np.array([[[51], [255]]], np.uint8)}
        values["ram"] = np.array([1, 2, 3, 200], np.uint8)
        self.value = {key: values[key] for key in ("bytes", "image", "lamps")} if kind == "dict" else values[kind]

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.value, {}

    def step(self, action):
        return self.value, 1.0, False, False, {}


for name, kind, steps in (("Faults", Faults, None), ("Limited", Faults, 50), ("OldSeed", OldSeed, None), ("Counting", Counting, None),
                          ("Keen", Keen, None), ("Masked", Masked, None), ("Plain", Plain, None), ("Typed", Typed, None),
                          ("Forking", Forking, None), ("Small", Small, None)):
    gymnasium.register(f"{name}-v0", kind, max_episode_steps=steps)
