"""What Gymnasium's interface promises, held against what an environment hands over.

Nothing is bent into shape here: what does not fit is a Breach, one line that says what came, what was
declared, and where in the environment's file it came from.
"""
import inspect
import math
import os
import re
import sys
import traceback

import numpy as np

FLOAT_MAX, EXACT = float(np.finfo(np.float32).max), 1 << 24  # of float32: the largest, and the last whole number in a row
HERE = os.path.dirname(os.path.abspath(__file__))


class Misfit(Exception):
    """A value that is not what was declared: a phrase that begins with a verb, and the declaration."""

    def __init__(self, what, declared, path=""):
        super().__init__(what)
        self.what, self.declared, self.path = what, declared, path

    def inside(self, key):
        """The same, seen from the collection that has the value as its entry `key`."""
        return Misfit(self.what, self.declared, f"[{key!r}]{self.path}")


class Breach(Exception):
    """The environment breaks its contract."""


def line(value, limit=200):
    """Its text on one line, whatever it is."""
    try:
        text = " ".join(str(value).split())
    except Exception:  # a whole number of thousands of digits, an object that cannot be shown
        text = f"{value.bit_length()} bits long" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= limit else text[:limit - 3] + "..."


def describe(value):
    """What a value is, as the rest of "it is"."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        masked = "masked " if isinstance(value, np.ma.MaskedArray) else ""
        return f"{'a' if masked else 'an'} {masked}array of {value.dtype} of shape {value.shape}"
    if isinstance(value, (str, bytes)):
        return f"the text {line(repr(value), 60)}"
    if isinstance(value, (bool, int, float, np.generic)):
        return f"the {type(value).__name__} {line(value, 40)}"
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)} entries"
    return f"a {type(value).__module__}.{type(value).__name__}"


def as_array(value, declared):
    """A value as an array of numbers."""
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever an object of theirs makes of it
        raise Misfit(f"is {describe(value)}, no array ({line(error, 80)})", declared) from error
    if np.ma.is_masked(value):
        raise Misfit(f"is {describe(value)}, of which some numbers are masked", declared)
    if array.dtype.kind not in "biuf":
        raise Misfit(f"is {describe(value)}", declared)
    return array


def first_bad(good):
    """The index of the first entry that is False, as it stands in messages."""
    at = np.unravel_index(int(np.argmin(good)), np.shape(good))
    return at, "" if not at else f" at component {', '.join(str(int(i)) for i in at)}"


def number(value, declared):
    """A reward as a float."""
    if type(value) not in (float, int, np.float64, np.float32):
        real = isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating))
        if not real and not (isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "biuf"):
            raise Misfit(f"is {describe(value)}", declared)
    if not -FLOAT_MAX <= value <= FLOAT_MAX:
        finite = -math.inf < value < math.inf  # of whole numbers, too, that no float holds
        what = f"the {type(value).__name__} {line(value, 40)}" if isinstance(value, int) else f"{float(value):g}"
        raise Misfit(f"is {what}" + (", beyond float32, which ends at 3.4e38" if finite else ""), declared)
    return value


def flag(value, declared):
    """An end of an episode as a bool."""
    if type(value) is bool or type(value) is np.bool_:
        return value
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if not isinstance(value, (bool, int, np.bool_, np.integer)) or value not in (0, 1):
        raise Misfit(f"is {describe(value)}", declared)
    return bool(value)


OLD = " (the API of Gym before 0.26)"
RESETS = "Gymnasium's reset returns (observation, info), info a dict"
STEPS = "Gymnasium's step returns (observation, reward, terminated, truncated, info), info a dict"


def is_begun(result):
    return isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)


def is_stepped(result):
    return isinstance(result, tuple) and len(result) == 5 and isinstance(result[4], dict)


def misreturned(method, result, expected):
    """The words of a breach by what a method returns."""
    old = OLD if isinstance(result, tuple) and len(result) == 4 else ""
    if isinstance(result, tuple) and len(result) == (2 if method == "reset" else 5):
        return f"{method}: info is {describe(result[-1])}; {expected}"
    return f"{method} returned {describe(result)}{old}; {expected}"


def place(env, method):
    """Where the innermost environment defines a method: " (Pole.step, pole.py:12)"."""
    kind = type(env.unwrapped)
    try:
        code = inspect.unwrap(getattr(kind, method)).__code__
    except AttributeError:
        return f" ({kind.__module__}.{kind.__name__})"
    return f" ({kind.__name__}.{method}, {os.path.basename(code.co_filename)}:{code.co_firstlineno})"


def explain(env, method, error):
    """The breach behind an exception that a wrapper of Gymnasium's raised; None if there is none."""
    text, file = line(error, 120), traceback.extract_tb(error.__traceback__)[-1].filename
    if f"{os.sep}gymnasium{os.sep}" not in file and not file.startswith(HERE):
        return None
    expected = {"reset": RESETS, "step": STEPS}.get(method)
    if isinstance(error, TypeError) and re.search("unexpected keyword argument '(seed|options)'", text):
        return Breach(f"{text}; Gymnasium's is reset(self, *, seed=None, options=None){place(env, 'reset')}")
    if expected and isinstance(error, (TypeError, ValueError)) and "unpack" in text:
        got = re.search(r"got (\d+)", text)
        text = f"returned {got[1]} values{OLD if got[1] == '4' else ''}" if got else f"returned no tuple: {text}"
        return Breach(f"{method} {text}; {expected}{place(env, method)}")
    return None


def culprit(error):
    """The last place of a traceback that is in no installed package; else the last one."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = (own_frames(frames) or frames)[-1]
    return f"{os.path.basename(frame.filename)}:{frame.lineno}"


def own_frames(frames):
    """Those below Uphill's that are in no installed package."""
    ours = max((i for i, frame in enumerate(frames) if frame.filename.startswith(HERE)), default=-1)
    return [frame for frame in frames[ours + 1:] if not frame.filename.startswith(("<", sys.base_prefix, sys.prefix))]


def unreadable(error, declared):
    """The misfit behind an exception that reading a value raised, where no line of theirs did; else None."""
    if own_frames(traceback.extract_tb(error.__traceback__)):
        return None
    return Misfit(f"cannot be read ({type(error).__name__}: {line(error, 120)})", declared)
