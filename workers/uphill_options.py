"""An environment's own keywords, from the text of env.options."""
import ast
import difflib
import inspect
import json
import re

from uphill_spaces import OPTION, Refusal

MAKE = ("max_episode_steps",)  # keywords that gymnasium.make itself takes


def parse_value(text):
    """A value as Python or JSON would write it, else a text: False, None, (0.1, 0.2), "4x4", 4x4, [2,5], true, inf."""
    for read in (json.loads, ast.literal_eval, lambda text: ast.literal_eval(re.sub(r"\binf\b", "1e999", text))):
        try:
            return read(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass
    return text


def parse_options(text):
    """"a=1;b=text" → {"a": 1, "b": "text"}."""
    options = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key.isidentifier():
            raise Refusal(OPTION, f"option '{part}' is not key=value")
        options[key] = parse_value(value)
    return options


def keywords_of(creator):
    """The names of the keywords that a constructor takes; None: any."""
    parameters = inspect.signature(creator).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return [parameter.name for parameter in parameters]


def check_keywords(creator, kwargs):
    """Refuses a keyword that the environment does not take, and names the nearest one that it does."""
    names = keywords_of(creator)
    if names is None:
        return
    names += [name for name in MAKE if name not in names]
    for key in kwargs:
        if key not in names:
            near = difflib.get_close_matches(key, names, 1, 0.4)
            raise Refusal(OPTION, f"it takes no keyword '{key}'" + (
                f"; did you mean '{near[0]}'?" if near else f"; it takes: {', '.join(sorted(names))}"))
