"""Ids of environments: what they stand for, what a package registers, and what was meant by one that is none."""
import difflib
import importlib
import re
import sys

import gymnasium
from uphill_contract import line
from uphill_spaces import MISSING, NOT_FOUND, Refusal


def find_spec(name, prefix=""):
    """Gymnasium's spec of an id, and the keywords that an alias of ours adds to it. `prefix` is what stood before it."""
    keywords, alias = {}, re.fullmatch(r"(\w+)Deterministic-(v[04])", name)
    if alias:  # the ids that ale-py dropped in 0.11.1
        keywords = {"frameskip": 3 if alias[1] == "SpaceInvaders" else 4}
        name = f"{alias[1]}NoFrameskip-{alias[2]}"
    missing, module, before = None, "", set(gymnasium.registry)
    if ":" in name:
        module, name = name.split(":", 1)
        importlib.import_module(module)
    elif name not in gymnasium.registry:
        try:
            gymnasium.register_envs(importlib.import_module("ale_py"))
        except ImportError as error:
            missing = error
    try:
        return gymnasium.spec(name), keywords
    except gymnasium.error.Error as error:
        if module:
            raise Refusal(NOT_FOUND, no_such(module, name, registered_by(module, before), prefix)) from error
        if missing and (alias or name.startswith("ALE/") or "NoFrameskip" in name):
            raise Refusal(MISSING, "it needs ale-py: run ./dev setup, or pip install ale-py") from missing
        near = nearest(name, gymnasium.registry)
        advice = f"; did you mean {prefix}{near}?" if near else ""
        raise Refusal(NOT_FOUND, f"Gymnasium has no such environment{advice}") from error


def registered_by(package, before):
    """The specs of what a package registers, by their ids; `before`: the ids that were there before its import."""
    root, found = package.split(".", 1)[0], {}
    for name, spec in gymnasium.registry.items():
        entry = spec.entry_point
        home = entry if isinstance(entry, str) else getattr(entry, "__module__", None) or ""
        if name not in before or home.split(":")[0].split(".")[0] == root:
            found[name] = spec
    return found


def nearest(name, known):
    """The id of `known` that was meant, of several versions the last; None if none is near."""
    def bare(text):
        return re.sub(r"-v\d+$", "", text).lower()
    bares = {bare(known_name): known_name for known_name in known}
    near = difflib.get_close_matches(bare(name), bares, 1)
    return bares[near[0]] if near else None


def no_such(module, name, known, prefix):
    """What to say of an id that a module does not register."""
    near = nearest(name, known)
    advice = (f"did you mean {prefix}{module}:{near}?" if near else
              f"`uphill envs --from {module}` lists what it registers" if known else "it registers none with Gymnasium")
    return f"{module} registers no environment {name}; {advice}"


def list_ids(package):
    """Prints what a package registers: the id as Uphill takes it, a tab, a summary."""
    before = set(gymnasium.registry)
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError:
        raise
    except (Exception, SystemExit) as error:
        sys.exit(f"importing it fails: {type(error).__name__}: {line(error)}")
    root = package.split(".", 1)[0]
    if root == "ale_py":
        gymnasium.register_envs(module)
    prefix, found = "" if root in ("gymnasium", "ale_py") else package + ":", registered_by(package, before)
    for name, spec in found.items():
        limit = f"at most {spec.max_episode_steps} steps" if spec.max_episode_steps else "no limit of steps"
        solved = "" if spec.reward_threshold is None else f", solved at {spec.reward_threshold:g}"
        print(f"{prefix}{name}\t{limit}{solved}")
    if not found:
        sys.exit("it registers no environment with Gymnasium")
