#!/usr/bin/env python3
"""Records updates of the algorithms that learn from a replay, computed with PyTorch.

    python tools/record_torch_replay.py tests/algo/data/torch_replay.json

Two instances take some steps, which a replay holds as lists; then four minibatches are drawn and learned
from, in double precision, by autograd and torch.optim. Random numbers are the library's own stream:
NumPy's Generator on SeedSequence(seed, spawn_key=(3, 0)).
"""
import copy
import json
import sys

import numpy as np
import torch

from torch_algo_rollouts import SEED, STREAM_SHUFFLE, Policy, numbers, single
from torch_replay_updates import UPDATES, Critic, Memory

N, STEPS, BATCH, START = 2, 12, 6, 20
BASE = {"replay.size": "40", "replay.batch": str(BATCH), "replay.start": str(START),
        "replay.updates": "1", "rollout.envs": str(N), "train.steps": "48",
        "advantage.gamma": "0.9", "optim.optimizer": "adam", "optim.learning_rate": "2e-3",
        "policy.activation": "relu"}


def experience(rng, dim, actions, choices):
    """Ends: one terminated, one truncated, and one that is both."""
    data = {"obs": single(rng.standard_normal((STEPS + 1, N, dim))),
            "final": single(rng.standard_normal((STEPS, N, dim))),
            "reward": single(rng.standard_normal((STEPS, N))),
            "terminated": np.zeros((STEPS, N)), "truncated": np.zeros((STEPS, N))}
    data["action"] = (rng.integers(0, choices, (STEPS, N, 1)).astype(float) if choices
                      else single(rng.uniform(-1, 1, (STEPS, N, actions))))
    data["terminated"][3, 0] = data["truncated"][5, 1] = 1
    data["terminated"][7, 0] = data["truncated"][7, 0] = 1
    return data


def record(rng, name, algo, out, config, actions=1, choices=0, critics=0, value=False):
    config = {**BASE, **config, **({} if choices else {"env.rescale_action": "false"})}
    dim, hidden = 4, [6, 5]
    config["policy.hidden"] = ",".join(map(str, hidden))
    policy = Policy(rng, dim, hidden, out, value, config.get("policy.shared") == "true", True,
                    "relu", False)
    critic = (Critic(rng, dim + actions, hidden, 1, critics) if critics and not choices
              else Critic(rng, dim, hidden, choices, 1) if critics else None)
    data = experience(rng, dim, actions, choices)
    random = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(STREAM_SHUFFLE, 0)))
    learner = UPDATES[algo](config, policy, critic, random, 0.25, choices)
    case = {"name": name, "algo": algo, "config": config, "dim": dim, "N": N, "steps": STEPS,
            "actions": actions, "action_space": f"discrete {choices}" if choices else f"box {actions}",
            "done": 0.25, "before": policy.numbers(), "blocks_before": learner.blocks()}
    case = copy.deepcopy(case)
    memory = Memory(N, float(config["advantage.gamma"]), int(config.get("replay.n_steps", 1)),
                    config.get("replay.prioritised") == "true")
    for k in range(STEPS):
        memory.add(data, k)
        steps = (k + 1) * N
        due = max(0, steps - START) - max(0, steps - N - START)
        stats = learner.update(memory, steps, N, due, BATCH)
    case.update({key: numbers(values) for key, values in data.items()}, after=policy.numbers(),
                blocks_after=learner.blocks(),
                stats={key: float(f"{float(v):.9g}") for key, v in stats.items()})
    return case


def main():
    rng = np.random.default_rng(2)
    cases = [
        record(rng, "double", "dqn", 3, {"dqn.double": "true", "dqn.target_every": "1000",
                                         "optim.max_grad_norm": "0.3", "dqn.epsilon_share": "1",
                                         "dqn.epsilon_end": "0.5"}, choices=3),
        record(rng, "duelling, prioritised, three steps", "dqn", 3,
               {"dqn.double": "false", "dqn.duelling": "true", "dqn.target_every": "23",
                "policy.shared": "true", "replay.prioritised": "true", "replay.n_steps": "3",
                "optim.max_grad_norm": "0"}, choices=3, value=True),
        record(rng, "learned temperature", "sac", 4, {"sac.tau": "0.1"}, actions=2, critics=2),
        record(rng, "prioritised, three steps", "sac", 2,
               {"sac.learn_temperature": "false", "sac.temperature": "0.3",
                "replay.prioritised": "true", "replay.n_steps": "3"}, critics=2),
        record(rng, "delayed", "td3", 2, {"td3.tau": "0.1"}, actions=2, critics=2),
        record(rng, "each step", "ddpg", 2, {"ddpg.tau": "0.1"}, actions=2, critics=1),
        record(rng, "all actions", "q-actor-critic", 3,
               {"q-actor-critic.tau": "0.1", "q-actor-critic.entropy_weight": "0.05",
                "q-actor-critic.critic_rate": "3e-3", "replay.n_steps": "2",
                "optim.max_grad_norm": "0.5"}, choices=3, critics=1)]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
