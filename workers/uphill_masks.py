"""Action masks: where an environment says which actions may be taken, and whether it says so rightly.

Three places are known, the first that there is counts: the method action_masks() of sb3-contrib,
info["action_mask"] of Gymnasium, observation["action_mask"] of PettingZoo and RLlib.
"""
import numpy as np
from gymnasium import spaces
from uphill_contract import Misfit, as_array, describe, first_bad
from uphill_spaces import BOX, BREACH, MULTI_BINARY, SEVERAL, Refusal

KEY = "action_mask"


def entry_of(space, action):
    """The entry of a Dict of observations that is a mask of the actions; it is no part of what a policy reads."""
    part = space.spaces.get(KEY) if isinstance(space, spaces.Dict) else None
    if part is None:
        return None
    size = sum(action.mask_sizes())
    if not size:
        raise Refusal(BREACH, f'its observation["{KEY}"] is {part}, and {no_masks(action)}: leave it out, or rename it')
    if part.shape is None or int(np.prod(part.shape)) != size:
        raise Refusal(BREACH, f'its observation["{KEY}"] is {part}; a mask of {action.declared} has {size} numbers')
    if len(space.spaces) == 1:
        raise Refusal(BREACH, f'its observation holds "{KEY}" alone, and nothing that a policy could read')
    return part


def no_masks(action):
    return f"actions of {action.declared} cannot be masked"


def without_entry(space):
    """The Dict without its mask; if one entry is left, that."""
    left = {key: part for key, part in space.spaces.items() if key != KEY}
    return next(iter(left.values())) if len(left) == 1 else spaces.Dict(left)


class Masks:
    """The masks of one instance."""

    def __init__(self, env, action, in_observation):
        self.action, self.sizes = action, action.mask_sizes()
        bits = any(leaf.kind == MULTI_BINARY for leaf in action.leaves())
        pairs = " (of a bit two: it may be 0, it may be 1)" if bits else ""
        self.declared = f"{sum(self.sizes)} of int8 or bool, 0 or 1{pairs}, for {action.declared}"
        self.in_observation = in_observation
        try:
            self.method = env.get_wrapper_attr("action_masks")
        except AttributeError:
            self.method = None
        if self.method is not None and not callable(self.method):
            raise Refusal(BREACH, f"its action_masks is {describe(self.method)}; it has to be a method that returns the mask")
        if self.method is not None and not self.sizes:
            raise Refusal(BREACH, f"it has action_masks(), and {no_masks(action)}")
        self.in_info = False

    def surprise(self):
        """The misfit of a mask in an info that should have none."""
        if not self.sizes:
            return Misfit(f"is there, and {no_masks(self.action)}", None)
        return Misfit("is there, though the info of the first reset had none", "in both or in neither")

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
            raise Misfit(misfit.what, misfit.declared, name + misfit.path) from None

    def check(self, raw):
        if self.method and isinstance(raw, list):  # as sb3-contrib takes it
            raw = as_array(raw, self.declared)
        mask, at = self.of_codec(self.action, raw), 0
        for choice, size in enumerate(self.sizes):
            if not mask[at:at + size].any():
                where = f" for choice {choice}" if len(self.sizes) > 1 else ""
                raise Misfit(f"leaves no action open{where}", self.declared)
            at += size
        return mask

    def each(self, of, parts, raw, names):
        """The masks of several parts as one array."""
        if len(raw) != len(parts):
            raise Misfit(f"is {describe(raw)}", self.declared)
        masks = []
        for part, value, name in zip(parts, raw, names):
            try:
                masks.append(of(part, value))
            except Misfit as misfit:
                raise misfit.inside(name) from None
        return np.concatenate(masks)

    def of_codec(self, codec, raw):
        """The mask of a space, as one array or as Gymnasium's sample() takes it."""
        sizes = codec.mask_sizes()
        if isinstance(raw, dict) and hasattr(codec, "keys") and list(raw) == list(codec.keys):
            raw = tuple(raw.values())
        if codec.kind == SEVERAL and isinstance(raw, tuple):
            return self.each(self.of_entry, codec.each, raw, codec.keys)
        if isinstance(raw, tuple) and len(sizes) > 1 and codec.kind != MULTI_BINARY:
            return self.each(lambda size, value: self.part(value, size), sizes, raw, getattr(codec, "keys", range(len(sizes))))
        three = isinstance(raw, np.ndarray) and raw.shape == codec.shape and raw.dtype.kind in "iu"
        if codec.kind == MULTI_BINARY and self.in_info and three:
            self.part(raw.reshape(-1), codec.size, 2)  # 0: the bit is 0; 1: it is 1; 2: it may be either
            return np.stack([raw != 1, raw != 0], -1).reshape(-1)
        return self.part(raw, sum(sizes))

    def of_entry(self, codec, raw):
        """The mask of one entry of a Dict or Tuple; None leaves all of it open."""
        if raw is None:
            return np.ones(sum(codec.mask_sizes()), np.int8)
        if codec.kind == BOX:
            raise Misfit(f"holds {describe(raw)} for {codec.space}, whose mask is None", self.declared)
        return self.of_codec(codec, raw)

    def part(self, raw, size, most=1):
        if not isinstance(raw, np.ndarray) or raw.dtype.kind not in "biu" or raw.shape != (size,):
            raise Misfit(f"is {describe(raw)}", self.declared)
        if raw.dtype.kind != "b" and raw.size and not 0 <= raw.min() <= raw.max() <= most:
            at, where = first_bad((raw >= 0) & (raw <= most))
            raise Misfit(f"holds {raw[at]}{where}", self.declared)
        return raw
