"""Action masks: where an environment says which actions may be taken, and whether it says so rightly.

Three places are known, the first that there is counts: the method action_masks() of sb3-contrib,
info["action_mask"] of Gymnasium, observation["action_mask"] of PettingZoo and RLlib.
"""
import numpy as np
from gymnasium import spaces
from uphill_contract import Misfit, describe, first_bad
from uphill_spaces import DISCRETE, MULTI_DISCRETE

KEY = "action_mask"


def entry_of(space, action):
    """The entry of a Dict of observations that is a mask of such actions; it is no part of what a policy reads."""
    part = space.spaces.get(KEY) if isinstance(space, spaces.Dict) else None
    fits = (part is not None and action.kind in (DISCRETE, MULTI_DISCRETE) and part.shape is not None
            and int(np.prod(part.shape)) == sum(action.sizes()))
    return part if fits and len(space.spaces) > 1 else None


def without_entry(space):
    """The Dict without its mask; if one entry is left, that."""
    left = {key: part for key, part in space.spaces.items() if key != KEY}
    return next(iter(left.values())) if len(left) == 1 else spaces.Dict(left)


class Masks:
    """The masks of one instance."""

    def __init__(self, env, action, in_observation):
        self.action, self.sizes = action, action.sizes() if action.kind in (DISCRETE, MULTI_DISCRETE) else []
        self.declared = f"{sum(self.sizes)} of int8 or bool, 0 or 1, for {action.space}"
        self.in_observation = in_observation
        try:
            self.method = env.get_wrapper_attr("action_masks") if self.sizes else None
        except AttributeError:
            self.method = None
        self.in_info = False

    def source(self, info):
        """Where the masks are, which infos tell at a reset only; "" without any."""
        self.in_info = bool(self.sizes) and not self.method and KEY in info
        return ("action_masks()" if self.method else f'info["{KEY}"]' if self.in_info else
                f'observation["{KEY}"]' if self.in_observation else "")

    def size(self):
        return sum(self.sizes)

    def of(self, observation, info):
        """The mask of an observation as an array of 0 and 1."""
        if self.method:
            raw, name = self.method(), "action_masks()"
            raw = np.asarray(raw) if isinstance(raw, list) else raw  # as sb3-contrib takes it
        elif self.in_info:
            name = f'info["{KEY}"]'
            if KEY not in info:
                raise Misfit("is not there, though it was after the first reset", self.declared, name)
            raw = info[KEY]
        else:
            raw, name = observation[KEY], f'observation["{KEY}"]'
        try:
            return self.check(raw)
        except Misfit as misfit:
            raise Misfit(misfit.what, misfit.declared, name) from None

    def check(self, raw):
        if isinstance(raw, dict) and hasattr(self.action, "keys") and list(raw) == list(self.action.keys):
            raw = tuple(raw.values())
        if isinstance(raw, tuple) and len(self.sizes) > 1:  # as Gymnasium's sample takes it
            if len(raw) != len(self.sizes):
                raise Misfit(f"is {describe(raw)}", self.declared)
            return np.concatenate([self.part(part, size) for part, size in zip(raw, self.sizes)])
        return self.part(raw, self.size())

    def part(self, raw, size):
        if not isinstance(raw, np.ndarray) or raw.dtype.kind not in "biu" or raw.shape != (size,):
            raise Misfit(f"is {describe(raw)}", self.declared)
        if raw.dtype.kind != "b" and raw.size and not 0 <= raw.min() <= raw.max() <= 1:
            at, where = first_bad((raw == 0) | (raw == 1))
            raise Misfit(f"holds {raw[at]}{where}", self.declared)
        return raw
