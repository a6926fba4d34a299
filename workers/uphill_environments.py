"""The environments behind a worker: how they are found, made and stepped."""
import importlib

import gymnasium
import numpy as np
import uphill_masks
import uphill_parts
from uphill_contract import (RESETS, STEPS, Breach, Misfit, describe, explain, flag, is_begun, is_stepped, line,
                             misreturned, number, place, unreadable)
from uphill_ids import find_spec
from uphill_options import check_keywords, keywords_of, parse_options
from uphill_spaces import BREACH, UNSUPPORTED, Refusal, Rules
from uphill_view import Screens, View


RGB = "rgb_array"


def metadata_of(owner):
    metadata = getattr(owner, "metadata", None)
    return metadata if isinstance(metadata, dict) else {}


def number_of(value, name, default):
    """A number that an environment says about itself as a float; `default` where it says none."""
    if value is None:
        return default
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise Refusal(BREACH, f"its {name} is {describe(value)}; declared: a number") from None


class GymInstance:
    """Any environment, through gymnasium.make."""

    can_save = False
    has_clock, palette = True, False

    def __init__(self, spec, kwargs, view, pictures):
        creator = spec.entry_point
        if not callable(creator):
            creator = gymnasium.envs.registration.load_env_creator(creator)
        check_keywords(creator, kwargs)
        names, draws = keywords_of(creator), RGB in (metadata_of(creator).get("render_modes") or ())
        # Nobody looks while a policy trains, and one who is told to draw may do so in every step.
        if draws and pictures and "render_mode" not in kwargs and (names is None or "render_mode" in names):
            kwargs = {"render_mode": RGB, **kwargs}
        self.env = gymnasium.make(spec, disable_env_checker=True, **kwargs)
        self.draws_later = draws and self.env.render_mode is None  # it is told when somebody looks
        self.can_render = self.draws_later or self.env.render_mode == RGB
        self.fps = number_of(metadata_of(self.env).get("render_fps"), 'metadata["render_fps"]', 30)
        self.action = uphill_parts.make(self.env.action_space, "action")
        self.space = space = self.env.observation_space
        entry = uphill_masks.entry_of(space, self.action)
        self.seen = uphill_masks.without_entry(space) if entry else space
        self.only = next(key for key in space.spaces if key != uphill_masks.KEY) if (
            entry and len(space.spaces) == 2) else None
        self.observation = uphill_parts.make(self.seen, "observation")
        self.masks = uphill_masks.Masks(self.env, self.action, entry is not None)
        self.view, self.last, self.info, self.method = view, None, {}, "reset"
        self.mask_size, self.may_miss = 0, not self.masks.sizes  # may_miss: a mask in an info would be a surprise

    def look_for_masks(self):
        """Whether infos hold action masks shows at a reset only."""
        if self.masks.sizes:
            self.begin(None)
            self.mask_size = self.masks.size() if self.masks.source(self.info) else 0
            self.may_miss = not self.mask_size
            if self.mask_size:
                self.mask  # one of another length is refused before anything begins

    def use_masks_of(self, other):
        self.mask_size, self.may_miss, self.masks.in_info = other.mask_size, other.may_miss, other.masks.in_info

    @property
    def mask(self):
        """Of the last observation: 1 where an action may be taken."""
        try:
            return self.masks.of(self.last, self.info)
        except Misfit as misfit:
            raise self.breach(misfit.path, misfit) from None
        except Exception as error:
            raise self.broken("its mask", error, self.masks.declared) from error

    def broken(self, name, error, declared):
        """What to raise where reading a value raised `error`: a breach, unless a line of theirs did."""
        misfit = unreadable(error, declared)
        return self.breach(name, misfit) if misfit else error

    def breach(self, name, misfit):
        declared = f"; declared: {line(misfit.declared)}" if misfit.declared is not None else ""
        return Breach(f"{self.method}: {name} {misfit.what}{declared}{place(self.env, self.method)}")

    def row_size(self):
        """Numbers of an observation as it travels."""
        return self.view.size(self.observation) if self.view else self.observation.size

    def place(self, row):
        """A row of the memory as `write` takes it."""
        return self.view.place(row) if self.view else row

    def begin(self, seed):
        self.method = "reset"
        try:
            result = self.env.reset(seed=seed)
        except Exception as error:
            raise explain(self.env, "reset", error) or error
        if not is_begun(result):
            raise Breach(misreturned("reset", result, RESETS) + place(self.env, "reset"))
        self.last, self.info = result

    def reset(self, seed):
        self.begin(seed)

    def step(self, action):
        self.method = "step"
        try:
            result = self.env.step(self.action.decode(action))
        except Exception as error:
            raise explain(self.env, "step", error) or error
        if not is_stepped(result):
            raise Breach(misreturned("step", result, STEPS) + place(self.env, "step"))
        self.last, reward, terminated, truncated, self.info = result
        name = "reward"
        try:
            reward = number(reward, "a number")
            name = "terminated"
            terminated = flag(terminated, "a bool")
            name = "truncated"
            return reward, terminated, flag(truncated, "a bool")
        except Misfit as misfit:
            raise self.breach(name, misfit) from None
        except Exception as error:
            raise self.broken(name, error, None) from error

    def write(self, place):
        try:
            seen = self.read()
            if self.view:
                place[...] = self.view.part(self.observation.check(seen))
            else:
                self.observation.encode(seen, place)
        except Misfit as misfit:
            raise self.breach(f"observation{misfit.path}", misfit) from None
        except Exception as error:
            raise self.broken("observation", error, self.space) from error
        if self.may_miss and uphill_masks.KEY in self.info:
            raise self.breach(f'info["{uphill_masks.KEY}"]', self.masks.surprise())

    def read(self):
        """What a policy reads of the last observation: all of it but a mask."""
        if self.seen is self.space:
            return self.last
        uphill_parts.entries(self.last, self.space, list(self.space.spaces))
        if self.only is not None:
            return self.last[self.only]
        return {key: value for key, value in self.last.items() if key != uphill_masks.KEY}

    def frame(self):
        if self.draws_later:
            self.env.unwrapped.render_mode, self.draws_later = RGB, False
        self.method, picture = "render", self.env.render()
        fits = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
        if not fits:
            raise self.breach("the picture", Misfit(f"is {describe(picture)}", "rgb_array, (height, width, 3) of uint8"))
        return np.ascontiguousarray(picture)

    def close(self):
        self.env.close()


def make_instances(count, name, options, view, episode_steps, pictures):
    """`count` instances of an id, and its spec."""
    Rules.name = name
    forced, name = name.startswith("gym:"), name.removeprefix("gym:")
    screens = isinstance(view, Screens)
    spec, keywords = find_spec(name, "gym:" if forced else "")
    keywords.update(parse_options(options))
    if (screens or not forced) and spec.entry_point == "ale_py.env:AtariEnv":
        atari = importlib.import_module("uphill_atari")
        if screens:
            keywords["frameskip"] = 1
        if atari.can_play({**spec.kwargs, **keywords}, view):
            return atari.make({**spec.kwargs, **keywords}, view, count), spec
    if screens:
        raise Refusal(UNSUPPORTED, "env.preprocess = atari is for ALE's games, with discrete actions")
    if episode_steps:
        keywords["max_episode_steps"] = episode_steps
    instances = [GymInstance(spec, keywords, view, pictures) for _ in range(count)]
    instances[0].look_for_masks()
    for instance in instances[1:]:
        instance.use_masks_of(instances[0])
    return instances, instances[0].env.spec or spec
