"""An environment whose infos tell numbers, and what is none. Episodes have 10 steps; every second one succeeds."""
import gymnasium
import numpy as np
from gymnasium import spaces


class Told(gymnasium.Env):
    observation_space, action_space = spaces.Box(-1, 1, (2,)), spaces.Discrete(2)

    def __init__(self, many=False):
        self.episode, self.at, self.many = -1, 0, many

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.at = self.episode + 1, 0
        return np.zeros(2, np.float32), {"in_reset": 1}

    def step(self, action):
        self.at += 1
        info = {"is_success": self.episode % 2 == 1, "step": self.at, "np": np.float32(2.5), "flag": np.True_,
                "a, \"b\"": 7, "text": "7", "none": None, "nested": {"a": 1}, "array": np.ones(1), "nan": float("nan"),
                "large": 10**400, "complex": np.complex64(1), 3: 4, "\udc80": 1, "long" * 30: 5}
        info.update({"a , b ": 8, "long" * 31: 6, "": 4})
        if self.many:
            info.update({f"more{i}": i for i in range(50)})
        return np.zeros(2, np.float32), 1.0, self.at == 10, False, info


gymnasium.register("Told-v0", Told)
