"""Environments that make the bridge speak: tests/bridge/test_words.py demands what it says."""
import os
import time

import gymnasium
import numpy as np
from gymnasium import spaces

F3 = spaces.Box(-9, 9, (3,))
ONES = np.ones(2, np.int8)


class Torn:
    """A number that cannot be read, and says nothing of where."""

    def __array__(self, *args, **kwargs):
        raise MemoryError


class Words(gymnasium.Env):
    """`say` is what is special about it, from step `at` on."""

    ACTIONS = {"box": spaces.Box(-1, 1, (2,)), "bytes": spaces.Box(0, 9, (2,), np.int32),
               "choices": spaces.MultiDiscrete([3, 2]), "parts": spaces.Dict(a=spaces.Box(-1, 1, (1,)), b=spaces.Box(-1, 1, (1,))), "choice": spaces.Discrete(2)}
    OBSERVATIONS = {"tuple": (1.0, 2.0, 3.0), "rounded": (0.1, 2.0, 3.0), "torn": Torn(), "far": np.full(3, 1e30, np.float32),
                    "masked": np.ma.masked_array([1.0, 2, 3], [0, 1, 0]), "unmasked": np.ma.masked_array(np.ones(3, np.float32))}
    REWARDS = {"reward": 10**400, "digits": 10**5000}

    INFOS = {"info": ONES, "half": (np.ones(3, np.int8), None), "shut": (np.ones(3, np.int8), np.zeros(2, np.int8))}

    def __init__(self, say="", act="choice", at=3, length=10, mark=""):
        self.say, self.at, self.length, self.mark, self.t = say, at, length, mark, 0
        self.action_space, self.observation_space = self.ACTIONS[act], F3
        if say.startswith("entry"):
            size = {"entry": 2, "entry_long": 5, "entry_alone": 2}[say]
            parts = {} if say == "entry_alone" else {"x": F3}
            self.observation_space = spaces.Dict({**parts, "action_mask": spaces.MultiBinary(size)})
        if say == "method":
            self.action_masks = lambda: ONES
        if say == "list":
            self.action_masks = lambda: [[1, 0], [1]]
        if say == "agent":
            self.action_masks = lambda agent: ONES
        if say == "attribute":
            self.action_masks = ONES
        if say == "rate":
            self.metadata = {"render_fps": "fast"}

    def observe(self):
        value = self.OBSERVATIONS.get(self.say) if self.t >= self.at else None
        value = np.zeros(3, np.float32) + self.t % 5 if value is None else value
        if isinstance(self.observation_space, spaces.Dict):
            return {key: value if key == "x" else np.ones(part.shape, np.int8) for key, part in self.observation_space.items()}
        return value

    def info(self):
        return {"action_mask": self.INFOS[self.say]} if self.say in self.INFOS and self.t >= self.at else {}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        self.hang("reset")
        return self.observe(), self.info()

    def step(self, action):
        self.t += 1
        if self.say == "raise" and self.t == self.at:
            raise KeyError("the third stone")
        if self.say == "differ" and self.t == self.at:
            raise ValueError(f"at {np.random.random()}")
        if self.say == "print" and self.t == 1:
            os.write(1, b"\x1b[1;33mcareful\x1b[0m\x07 \xff\tso\n")
        if self.t == self.at:
            self.hang("step")
        reward = self.REWARDS[self.say] if self.say in self.REWARDS and self.t >= self.at else 1.0
        return self.observe(), reward, self.t >= self.length, False, self.info()

    def close(self):
        if self.say == "close":
            raise OSError("the door is stuck")

    def hang(self, where):
        """Once, as the file `mark` says from then on."""
        if self.say == "hang_" + where and not os.path.exists(self.mark):
            open(self.mark, "x").close()
            time.sleep(1000)


class Grows(Words):
    """Its pictures become higher."""

    metadata = {"render_modes": ["rgb_array"]}

    def __init__(self, render_mode=None):
        super().__init__()
        self.render_mode = render_mode

    def render(self):
        return np.zeros((40 + self.t, 60, 3), np.uint8)


gymnasium.register("Words-v0", Words)
gymnasium.register("Grows-v0", Grows)
gymnasium.register("Words-v1", "words_env:Words")
gymnasium.register("Solved-v0", Words, reward_threshold="soon")
