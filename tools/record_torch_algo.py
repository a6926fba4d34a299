#!/usr/bin/env python3
"""Records one update of each algorithm, computed with PyTorch on small synthetic rollouts.

    python tools/record_torch_algo.py tests/algo/data/torch_algo.json

Needs PyTorch and NumPy. Returns and advantages are sums written out as their definitions; the rest
is autograd and torch.optim, in double precision. Minibatches follow the library's own stream: NumPy's
Generator on SeedSequence(seed, spawn_key=(3, 0)), walked by Fisher and Yates from the end.
"""
import json
import sys

import numpy as np
import torch

from torch_algo_natural import Natural, npg, trpo
from torch_algo_recurrent import Recurrent
from torch_algo_rollouts import Policy, episodes, make_rollout, numbers, single
from torch_algo_updates import a2c, actor_critic, ppo, reinforce, vpg, vtrace

UPDATES = {"reinforce": reinforce, "a2c": a2c, "ppo": ppo, "vpg": vpg, "npg": npg, "trpo": trpo,
           "actor-critic": actor_critic, "vtrace": vtrace}


def record(name, algo, config, policy, r, action, form="f32", gradient=False):
    r["returns"] = [sum(r["reward"][cell] for cell in steps) for steps in episodes(r)]
    settings = {key: value for key, value in config.items() if isinstance(value, str)}
    case = {"name": name, "algo": algo, "config": settings, "action_space": action, "form": form,
            "actions": r["action"].shape[1], "dim": r["obs"].shape[1], "T": r["T"], "N": r["N"],
            "done": config["done"], "average": config["average"], "before": policy.numbers(),
            "returns": numbers(r["returns"])}
    for key in ("obs", "action", "log_prob", "value", "reward", "terminated", "truncated", "valid",
                "final_value", "last_obs"):
        case[key] = numbers(r[key])
    for key in ("begins", "memory"):
        if key in r:
            case[key] = numbers(r[key])
    if algo in ("npg", "trpo"):
        natural = Natural(config, r, policy, algo)
        direction = torch.tensor(single(np.random.default_rng(7).standard_normal(
            sum(param.numel() for param in natural.params))))
        case["damping"] = natural.damping
        case["direction"] = natural.numbers(direction)
        case["product"] = natural.numbers(natural.product(direction))
    advantage, ret, stats = UPDATES[algo](config, r, policy)
    case.update(advantage=numbers(advantage), ret=numbers(ret), after=policy.numbers(),
                stats={key: float(f"{float(v):.9g}") for key, v in stats.items()})
    if gradient:
        case["gradient"] = policy.numbers(gradients=True)
    return case


BASE = {"done": 0.0, "average": 0.0, "advantage.gamma": "0.99", "advantage.psi": "advantage"}
SGD = {"optim.optimizer": "sgd", "optim.learning_rate": "0.1", "optim.momentum": "0.9",
       "optim.max_grad_norm": "0"}


def document_004(rng):
    config = {**BASE, "optim.optimizer": "sgd", "optim.learning_rate": "1e-3",
              "optim.max_grad_norm": "0", "optim.momentum": "0.9", "advantage.psi": "to_go",
              "advantage.standardize": "episode", "reinforce.divide": "false",
              "rollout.envs": "2", "rollout.episodes": "4", "policy.hidden": "20",
              "policy.activation": "relu", "policy.bias": "false", "policy.bernoulli": "true"}
    policy = Policy(rng, 4, [20], 1, False, False, False, "relu", False)
    r = make_rollout(rng, policy, 9, 2, 4, [(3, 0), (8, 0), (1, 1)], [(5, 1)],
                     [(6, 1), (7, 1), (8, 1)])
    r["reward"] = np.abs(r["reward"])
    return record("CartPole tutorial", "reinforce", config, policy, r, "discrete 2", gradient=True)


def learned_baseline(rng):
    config = {**BASE, "optim.optimizer": "adam", "optim.learning_rate": "1e-3",
              "optim.max_grad_norm": "0.5", "advantage.psi": "baselined",
              "advantage.baseline": "value", "advantage.standardize": "batch",
              "reinforce.divide": "true", "reinforce.value_weight": "0.7",
              "reinforce.entropy_weight": "0.02", "rollout.envs": "3", "rollout.episodes": "4",
              "policy.hidden": "8,6", "policy.activation": "tanh"}
    policy = Policy(rng, 5, [8, 6], 3, True, False, True, "tanh", False)
    r = make_rollout(rng, policy, 8, 3, 5, [(2, 0), (7, 0), (4, 1)], [(6, 2)],
                     [(5, 1), (6, 1), (7, 1), (7, 2)])
    return record("learned baseline", "reinforce", config, policy, r, "discrete 3")


def average_baseline(rng):
    config = {**BASE, **SGD, "average": 1.5, "advantage.psi": "baselined", "advantage.restart": "true",
              "advantage.baseline": "average", "advantage.standardize": "none",
              "reinforce.divide": "true", "rollout.envs": "2", "rollout.episodes": "3",
              "policy.hidden": "7", "policy.activation": "tanh", "policy.shared": "true"}
    policy = Policy(rng, 5, [7], 2, False, True, True, "tanh", True)
    r = make_rollout(rng, policy, 10, 2, 5, [(3, 0), (9, 0), (7, 1)], [], [(8, 1), (9, 1)])
    r["reward"] = np.sign(r["reward"]) * (np.abs(r["reward"]) > 0.8)
    return record("average baseline", "reinforce", config, policy, r, "box 2", gradient=True)


def document_002(rng, gradient):
    config = {**BASE, "optim.optimizer": "adam", "optim.learning_rate": "1e-3",
              "optim.epsilon": "1e-8", "optim.max_grad_norm": "1", "advantage.lambda": "1",
              "a2c.reduction": "instances", "a2c.value_weight": "2", "a2c.entropy_weight": "0.01",
              "rollout.envs": "4", "rollout.steps": "6", "policy.hidden": "10",
              "policy.activation": "relu", "policy.shared": "true"}
    if gradient:
        config.update(SGD)
    policy = Policy(rng, 12, [10], 3, True, True, True, "relu", False)
    r = make_rollout(rng, policy, 6, 4, 12, [(2, 0), (5, 2)], [(3, 1)], sparse=True)
    name = "Welleck 2020, gradient" if gradient else "Welleck 2020"
    return record(name, "a2c", config, policy, r, "discrete 3", "sparse", gradient)


def a2c_continuous(rng):
    config = {**BASE, "optim.optimizer": "rmsprop", "optim.learning_rate": "7e-4",
              "optim.epsilon": "1e-5", "optim.max_grad_norm": "0.5", "advantage.lambda": "0.9",
              "advantage.standardize": "batch", "a2c.reduction": "samples",
              "a2c.value_weight": "0.5", "a2c.entropy_weight": "0.01", "rollout.envs": "3",
              "rollout.steps": "5", "policy.hidden": "8,8", "policy.activation": "tanh"}
    policy = Policy(rng, 4, [8, 8], 2, True, False, True, "tanh", True)
    r = make_rollout(rng, policy, 5, 3, 4, [(1, 0)], [(2, 2), (4, 1)], [(4, 2)])
    return record("continuous actions", "a2c", config, policy, r, "box 2")


PPO = {**BASE, "done": 0.25, "optim.optimizer": "adam", "optim.learning_rate": "1e-3",
       "optim.schedule": "linear", "optim.learning_rate_end": "0", "optim.epsilon": "1e-5",
       "optim.max_grad_norm": "0.5", "advantage.lambda": "0.95", "ppo.clip": "0.2",
       "ppo.value_weight": "0.5", "rollout.envs": "4", "rollout.steps": "8",
       "policy.activation": "tanh"}


def ppo_continuous(rng):
    config = {**PPO, "advantage.standardize": "minibatch", "ppo.epochs": "2",
              "ppo.minibatch": "16", "ppo.clip_schedule": "linear", "ppo.value_clip": "0.2",
              "ppo.entropy_weight": "0.01", "policy.hidden": "8,8"}
    policy = Policy(rng, 5, [8, 8], 3, True, False, True, "tanh", True)
    r = make_rollout(rng, policy, 8, 4, 5, [(2, 0)], [(4, 1), (7, 2)], [(7, 3)])
    return record("continuous actions", "ppo", config, policy, r, "box 3")


def ppo_gradient(rng):
    config = {**PPO, **SGD, "optim.schedule": "constant", "advantage.standardize": "minibatch",
              "ppo.epochs": "1", "ppo.minibatch": "32", "ppo.value_clip": "0.2",
              "ppo.entropy_weight": "0.01", "policy.hidden": "8"}
    policy = Policy(rng, 5, [8], 3, True, False, True, "tanh", False)
    r = make_rollout(rng, policy, 8, 4, 5, [(2, 0)], [(4, 1), (7, 2)])
    return record("gradient", "ppo", config, policy, r, "discrete 3", gradient=True)


def ppo_target_kl(rng):
    config = {**PPO, "optim.learning_rate": "0.02", "advantage.standardize": "none",
              "ppo.epochs": "10", "ppo.minibatch": "8", "ppo.target_kl": "0.0445",
              "ppo.entropy_weight": "0", "policy.hidden": "8", "policy.shared": "true"}
    policy = Policy(rng, 5, [8], 3, True, True, True, "tanh", False)
    r = make_rollout(rng, policy, 8, 4, 5, [(2, 0)], [(4, 1)])
    case = record("target KL", "ppo", config, policy, r, "discrete 3")
    assert 4 < case["stats"]["optim_steps"] < 40, case["stats"]  # it stops between two epochs
    return case


def ppo_recurrent(rng, name, settings, *shape):
    config = {**PPO, "advantage.standardize": "minibatch", "ppo.epochs": "2",
              "ppo.minibatch": "16", "ppo.value_clip": "0.2", "ppo.entropy_weight": "0.01",
              "rollout.segment": "4", **settings}
    del config["policy.activation"]
    policy = Recurrent(rng, 5, *shape)
    r = make_rollout(rng, policy, 8, 4, 5, [(2, 0), (3, 3)], [(4, 1), (7, 2), (5, 1)])
    space = "box 3" if "policy.log_std" in policy.param else "discrete 3"
    return record(name, "ppo", config, policy, r, space, gradient="ppo.epochs" in settings)


def total_return(rng):
    config = {**BASE, **SGD, "advantage.psi": "total", "advantage.standardize": "none",
              "reinforce.divide": "true", "rollout.envs": "2", "rollout.episodes": "4",
              "policy.hidden": "7", "policy.activation": "tanh"}
    policy = Policy(rng, 5, [7], 2, False, False, True, "tanh", True)
    r = make_rollout(rng, policy, 10, 2, 5, [(3, 0), (9, 0), (7, 1)], [(4, 1)], [(8, 1), (9, 1)])
    return record("total return", "reinforce", config, policy, r, "box 2", gradient=True)


def discounted_gradient(rng):
    config = {**BASE, **SGD, "advantage.gamma": "0.9", "advantage.lambda": "0.8",
              "advantage.psi": "q", "advantage.gamma_t": "true", "a2c.reduction": "instances",
              "advantage.standardize": "batch", "a2c.value_weight": "0.5",
              "a2c.entropy_weight": "0", "rollout.envs": "3", "rollout.steps": "6",
              "policy.hidden": "7", "policy.activation": "tanh"}
    policy = Policy(rng, 5, [7], 3, True, False, True, "tanh", False)
    r = make_rollout(rng, policy, 6, 3, 5, [(2, 0), (4, 2)], [(3, 1)])
    return record("discounted gradient", "a2c", config, policy, r, "discrete 3", gradient=True)


def algorithm_1(rng):
    config = {**BASE, "optim.optimizer": "adam", "optim.learning_rate": "3e-3",
              "optim.max_grad_norm": "0", "advantage.lambda": "0.97", "value.epochs": "3",
              "advantage.standardize": "batch", "vpg.entropy_weight": "0.01",
              "value.minibatch": "7", "value.learning_rate": "2e-3", "rollout.envs": "3",
              "rollout.steps": "8", "policy.hidden": "8,6", "policy.activation": "tanh"}
    policy = Policy(rng, 5, [8, 6], 3, True, False, True, "tanh", False)
    r = make_rollout(rng, policy, 8, 3, 5, [(2, 0), (7, 0), (4, 1)], [(6, 2)], [(7, 2)])
    return record("algorithm 1", "vpg", config, policy, r, "discrete 3")


def one_step(rng):
    config = {**BASE, **SGD, "advantage.psi": "td", "advantage.lambda": "0", "value.epochs": "1",
              "value.minibatch": "0", "value.learning_rate": "1e-3",
              "actor-critic.entropy_weight": "0.02", "rollout.envs": "6", "rollout.steps": "1",
              "policy.hidden": "8", "policy.activation": "tanh"}
    policy = Policy(rng, 4, [8], 2, True, False, True, "tanh", True)
    r = make_rollout(rng, policy, 1, 6, 4, [(0, 1)], [(0, 3)], [(0, 5)])
    return record("one step", "actor-critic", config, policy, r, "box 2")


NATURAL = {**BASE, "advantage.lambda": "0.95", "advantage.standardize": "batch",
           "value.learning_rate": "1e-3", "policy.activation": "tanh"}


def natural_continuous(rng, algo):
    config = {**NATURAL, f"{algo}.kl": "0.01", f"{algo}.cg_steps": "4", f"{algo}.damping": "0.1",
              "value.epochs": "2", "value.minibatch": "10", "rollout.envs": "4",
              "rollout.steps": "8", "policy.hidden": "8,6"}
    if algo == "trpo":
        config.update({"trpo.backtracks": "10", "trpo.shrink": "0.8"})
    policy = Policy(rng, 5, [8, 6], 3, True, False, True, "tanh", True)
    r = make_rollout(rng, policy, 8, 4, 5, [(2, 0)], [(4, 1), (7, 2)], [(7, 3)])
    return record("continuous actions", algo, config, policy, r, "box 3")


def natural_discrete(rng, algo, kl):
    """With a radius beyond what the quadratic estimate holds for, TRPO steps back."""
    config = {**NATURAL, f"{algo}.kl": kl, f"{algo}.cg_steps": "60", f"{algo}.damping": "0.1",
              "value.epochs": "1", "value.minibatch": "0", "rollout.envs": "6",
              "rollout.steps": "12", "policy.hidden": "6"}
    if algo == "trpo":
        config.update({"trpo.backtracks": "12", "trpo.shrink": "0.7"})
    policy = Policy(rng, 4, [6], 3, True, False, True, "tanh", False)
    r = make_rollout(rng, policy, 12, 6, 4, [(2, 0), (9, 4)], [(4, 1)])
    case = record("discrete actions", algo, config, policy, r, "discrete 3")
    if algo == "trpo":
        assert 0 < config["share"] < 1, case["stats"]
    return case


def too_far(rng):
    """A deviation that shrinks makes KL grow faster than its estimate: a better policy is refused."""
    config = {**NATURAL, "trpo.kl": "1", "trpo.cg_steps": "60", "trpo.damping": "0.05",
              "trpo.backtracks": "10", "trpo.shrink": "0.8", "value.epochs": "1",
              "value.minibatch": "0", "rollout.envs": "4", "rollout.steps": "8",
              "policy.hidden": "6"}
    policy = Policy(rng, 4, [6], 2, True, False, True, "tanh", True)
    r = make_rollout(rng, policy, 8, 4, 4, [(2, 0)], [(4, 1)])
    # Actions near the mean are the good ones.
    r["reward"] = single(1 - (r["action"] ** 2).sum(1).reshape(8, 4))
    case = record("too far", "trpo", config, policy, r, "box 2")
    assert config["beyond"] and 0 < config["share"] < 1, case["stats"]
    return case


def no_step(rng):
    """Ratios far from 1 make the surrogate before the step larger than any near it: none is taken."""
    config = {**NATURAL, "trpo.kl": "1e-6", "trpo.cg_steps": "10", "trpo.damping": "0.1",
              "trpo.backtracks": "2", "trpo.shrink": "0.5", "advantage.standardize": "none",
              "value.epochs": "1", "value.minibatch": "0", "rollout.envs": "2",
              "rollout.steps": "4", "policy.hidden": "6", "advantage.lambda": "0"}
    policy = Policy(rng, 4, [6], 3, True, False, True, "tanh", False)
    r = make_rollout(rng, policy, 4, 2, 4, [(t, n) for t in range(4) for n in range(2)])
    # Two samples of one observation and action: the one with the larger ratio, and with it the
    # surrogate, wants what the gradient, which knows no ratio, does not.
    r["obs"][1], r["action"][1] = r["obs"][0], r["action"][0]
    r["reward"][:], r["value"][:] = 0, 0
    r["reward"][0, 0], r["reward"][0, 1] = 1, -2
    r["log_prob"][0] -= 3
    case = record("no step", "trpo", config, policy, r, "discrete 3")
    assert case["stats"]["learning_rate"] == 0, case["stats"]
    return case


def vtrace_case(rng, name, **settings):
    config = {**BASE, "optim.optimizer": "adam", "optim.learning_rate": "2e-3",
              "optim.max_grad_norm": "0.5", "advantage.lambda": "1", "vtrace.epochs": "3",
              "vtrace.value_weight": "0.5", "vtrace.entropy_weight": "0.01", "rollout.envs": "4",
              "rollout.steps": "8", "policy.hidden": "8", "policy.activation": "tanh", **settings}
    shared = config.get("policy.shared") == "true"
    policy = Policy(rng, 5, [8], 3, True, shared, True, "tanh", False)
    r = make_rollout(rng, policy, 8, 4, 5, [(2, 0)], [(4, 1), (7, 2)], [(7, 3)])
    r["last_obs"] = single(rng.standard_normal((4, 5)))
    return record(name, "vtrace", config, policy, r, "discrete 3")


def main():
    rng = np.random.default_rng(1)
    cases = [document_004(rng), learned_baseline(rng), average_baseline(rng),
             document_002(rng, False), document_002(rng, True), a2c_continuous(rng),
             ppo_continuous(rng), ppo_gradient(rng), ppo_target_kl(rng), total_return(rng),
             discounted_gradient(rng), algorithm_1(rng), one_step(rng),
             natural_continuous(rng, "npg"), natural_discrete(rng, "npg", "0.05"),
             natural_continuous(rng, "trpo"), natural_discrete(rng, "trpo", "10"),
             no_step(rng), too_far(rng),
             vtrace_case(rng, "whole rollout", **{"vtrace.minibatch": "0", "vtrace.rho_bar": "1",
                                                  "vtrace.c_bar": "1"}),
             vtrace_case(rng, "minibatches", **{"vtrace.minibatch": "12", "vtrace.rho_bar": "1.5",
                                                "vtrace.c_bar": "0.8", "advantage.lambda": "0.9",
                                                "policy.shared": "true"}),
             ppo_recurrent(rng, "shared LSTM", {"policy.net": "dense:7,tanh lstm:6",
                                                "policy.shared": "true"},
                           7, "lstm", 6, 3, True, 4, False),
             ppo_recurrent(rng, "two GRUs", {"policy.net": "gru:5", "policy.shared": "false"},
                           0, "gru", 5, 3, False, 4, True),
             ppo_recurrent(rng, "gradient of two LSTMs",
                           {**SGD, "optim.schedule": "constant", "policy.net": "lstm:4",
                            "policy.shared": "false", "ppo.epochs": "1", "ppo.minibatch": "32"},
                           0, "lstm", 4, 3, False, 4, False)]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
