"""ALE's games without Gymnasium's wrapper between: same seeds, same games, and a step is one call."""
import json
import math
import struct

import ale_py
import gymnasium
import numpy as np
from ale_py import roms

from uphill_view import Screens, View
from uphill_spaces import MISSING, Codec, Refusal

NEWEST, OTHER = 1, 2  # the screens of a step that were seen
NOOP, FIRE = 0, 1
KEYS = {"game", "mode", "difficulty", "obs_type", "frameskip", "repeat_action_probability",
        "full_action_space", "max_num_frames_per_episode"}


def can_play(kwargs, view):
    """Does AtariInstance understand these keywords with this view? If not, the wrapper judges them."""
    kinds, skip = ("rgb", "grayscale", "ram"), kwargs["frameskip"]
    if isinstance(view, View):
        kinds = ("rgb",)
    if not isinstance(skip, int):
        skip = skip[0] if len(skip) == 2 and skip[0] < skip[1] else 0
    return skip > 0 and set(kwargs) <= KEYS and kwargs.get("obs_type", "rgb") in kinds


def make(kwargs, view, count):
    """`count` instances; all but the first load their game when they are reset, as it takes 70 ms."""
    kind = PreprocessedInstance if isinstance(view, Screens) else AtariInstance
    instances = [kind(kwargs, view) for _ in range(count)]
    instances[0].load(None)
    instances[0].describe()
    instances[0].loaded = False
    return instances


class AtariInstance:
    """One game."""

    can_render = True
    has_clock, mask_size = False, 0

    def __init__(self, kwargs, view):
        self.kwargs, self.view, self.loaded = kwargs, view, False
        self.kind, self.palette = kwargs.get("obs_type", "rgb"), isinstance(view, View)
        # ALE's saved state lacks the action that a sticky frame would repeat, so that a game which
        # repeats actions could not be resumed exactly.
        self.can_save = kwargs["repeat_action_probability"] == 0
        try:
            self.rom = roms.get_rom_path(kwargs["game"])
        except OSError as error:  # absent, or of another hash
            reason = str(error).split("\n")[0]
            raise Refusal(MISSING, f"the ROM of {kwargs['game']} cannot be used ({reason}): pip install "
                          "--force-reinstall ale-py, or correct ALE_ROMS_DIR") from error
        self.skip = kwargs["frameskip"]
        self.skip = self.skip if isinstance(self.skip, int) else tuple(self.skip)
        self.ale = ale_py.ALEInterface()
        self.ale.setLoggerMode(ale_py.LoggerMode.Error)
        self.ale.setFloat("repeat_action_probability", kwargs["repeat_action_probability"])
        self.ale.setInt("frame_skip", self.skip if isinstance(self.skip, int) else 1)
        if kwargs.get("max_num_frames_per_episode") is not None:
            self.ale.setInt("max_num_frames_per_episode", kwargs["max_num_frames_per_episode"])

    def load(self, seed):
        """As AtariEnv does when it is seeded."""
        np_seed, ale_seed = np.random.SeedSequence(seed).generate_state(n_words=2)
        self.random = np.random.default_rng(int(np_seed))
        self.ale.setInt("random_seed", np.int32(ale_seed.astype(np.int32)))
        self.ale.loadROM(self.rom)
        for key, setter in (("mode", self.ale.setMode), ("difficulty", self.ale.setDifficulty)):
            if self.kwargs.get(key) is not None:
                setter(self.kwargs[key])
        self.loaded, ale = True, self.ale
        full = self.kwargs.get("full_action_space", False)
        self.actions = ale.getLegalActionSet() if full else ale.getMinimalActionSet()
        self.prepare()

    def prepare(self):
        kind = "palette" if self.palette else self.kind
        self.write = {"palette": self.ale.getScreen, "rgb": self.ale.getScreenRGB,
                      "grayscale": self.ale.getScreenGrayscale, "ram": self.write_ram}[kind]

    def write_ram(self, row):
        row[:] = self.ale.getRAM()  # a RAM is no picture: it travels as numbers

    def describe(self):
        box, self.screen = gymnasium.spaces.Box, self.ale.getScreenDims()
        shape = {"ram": (self.ale.getRAMSize(),), "rgb": (*self.screen, 3), "grayscale": self.screen}[self.kind]
        self.observation = Codec(box(0, 255, shape, np.uint8), "observation")
        self.action = Codec(gymnasium.spaces.Discrete(len(self.actions)), "action")
        self.fps = 60 / (self.skip if isinstance(self.skip, int) else (sum(self.skip) - 1) / 2)

    def row_size(self):
        if not self.palette:
            return self.observation.size
        self.view.size(self.observation)  # refuses what it does not fit
        return math.prod(self.screen)

    def place(self, row):
        return row.reshape(self.screen if self.palette else self.observation.shape)

    def reset(self, seed):
        if seed is not None or not self.loaded:
            self.load(seed)
        self.ale.reset_game()

    def step(self, action):
        ale, key = self.ale, self.actions[int(action[0])]
        if isinstance(self.skip, int):
            reward = ale.act(key)
        else:
            reward = sum(ale.act(key) for _ in range(self.random.integers(*self.skip)))
        if not ale.game_over():
            return reward, False, False
        return reward, ale.game_over(with_truncation=False), ale.game_truncated()

    def frame(self):
        return self.ale.getScreenRGB()

    def save(self):
        random = json.dumps(self.random.bit_generator.state).encode()
        return struct.pack("<I", len(random)) + random + self.ale.cloneState(include_rng=True).serialize()

    def restore(self, data):
        if not self.loaded:
            self.load(None)
        size, = struct.unpack_from("<I", data)
        self.random.bit_generator.state = json.loads(data[4:4 + size])
        self.ale.restoreState(ale_py.ALEState(data[4 + size:]))

    def close(self):
        pass


class PreprocessedInstance(AtariInstance):
    """One game as Gymnasium's AtariPreprocessing plays it. The screens travel, and Uphill makes the picture."""

    before = np.zeros((0, 0), np.uint8)  # between a step and `write`; one for all stays in the cache

    def prepare(self):
        self.seen, self.lives = 0, 0
        if self.before.shape != self.ale.getScreenDims():
            PreprocessedInstance.before = np.zeros(self.ale.getScreenDims(), np.uint8)
        self.fires = self.view.fires and len(self.actions) > 2 and self.actions[FIRE].value == FIRE

    def describe(self):
        super().describe()
        self.observation = Codec(gymnasium.spaces.Box(0, 255, self.screen, np.uint8), "observation")
        self.fps = 60 / self.view.frame_skip

    def row_size(self):
        return self.view.size(self.observation)

    def place(self, row):
        size = self.observation.size
        return row[:size].reshape(self.screen), row[size:2 * size].reshape(self.screen), row[2 * size:]

    def reset(self, seed):
        self.begin(seed)
        if self.fires:  # as Stable-Baselines3's FireResetEnv
            for action in (FIRE, FIRE + 1):
                _, terminated, truncated = self.play(action)
                if terminated or truncated:
                    self.begin(seed)

    def begin(self, seed):
        super().reset(seed)
        noops = self.random.integers(1, self.view.noop_max + 1) if self.view.noop_max else 0
        for _ in range(noops):
            self.ale.act(self.actions[NOOP])
            if self.ale.game_over():
                super().reset(seed)
        self.lives, self.seen = self.ale.lives(), NEWEST

    def step(self, action):
        return self.play(int(action[0]))

    def play(self, action):
        """An action's frames. Where they end the episode early, the newest screen is not looked at."""
        ale, key, reward, self.seen, life_ends = self.ale, self.actions[action], 0.0, 0, self.view.life_ends
        for left in range(self.view.frame_skip - 1, -1, -1):
            reward += ale.act(key)
            lost = False
            if life_ends:
                lives = ale.lives()
                lost, self.lives = lives < self.lives, lives
            if lost or ale.game_over():
                return reward, lost or ale.game_over(with_truncation=False), ale.game_truncated()
            if left == 1:
                ale.getScreen(self.before)
                self.seen = OTHER
        self.seen |= NEWEST
        return reward, False, False

    def write(self, place):
        newest, other, seen = place
        self.ale.getScreen(newest)
        if self.seen & OTHER:
            other[...] = self.before
        seen[0] = self.seen

    def save(self):
        return struct.pack("<i", self.lives) + super().save()

    def restore(self, data):
        super().restore(data[4:])
        self.lives, = struct.unpack_from("<i", data)
