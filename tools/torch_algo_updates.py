"""For record_torch_algo.py: one update of REINFORCE, A2C, PPO, VPG, actor-critic and V-trace."""
import math

import numpy as np
import torch

from torch_algo_rollouts import (SEED, STREAM_SHUFFLE, advantages, cells, ended, episodes, explained,
                                 gae)


def optimizer(config, policy):
    rate = float(config["optim.learning_rate"])
    if config.get("optim.schedule") == "linear":
        rate *= 1 - config["done"]
    params, epsilon = list(policy.param.values()), float(config.get("optim.epsilon", 1e-8))
    kind = config["optim.optimizer"]
    if kind == "sgd":
        return torch.optim.SGD(params, lr=rate, momentum=float(config.get("optim.momentum", 0)))
    if kind == "rmsprop":
        return torch.optim.RMSprop(params, lr=rate, alpha=0.99, eps=epsilon)
    return torch.optim.Adam(params, lr=rate, eps=epsilon)


def step(config, policy, optim, loss):
    """Returns the norm of the gradient before clipping."""
    optim.zero_grad()
    loss.backward()
    limit = float(config["optim.max_grad_norm"])
    params = list(policy.param.values())
    norm = torch.nn.utils.clip_grad_norm_(params, limit if limit > 0 else math.inf)
    optim.step()
    return norm.item()


def rows(r, index):
    return torch.tensor(r["obs"][index]), torch.tensor(r["action"][index])


def whole_step(config, r, policy, advantage, ret, weight, value_weight, entropy_weight):
    """A gradient of the whole rollout, as REINFORCE and A2C take."""
    index = np.flatnonzero(r["valid"])
    obs, action = rows(r, index)
    out, value = policy.forward(obs)
    dist = policy.dist(out)
    weights, target = torch.tensor(advantage.ravel()[index]), torch.tensor(ret.ravel()[index])
    policy_loss = -(weights * policy.log_prob(dist, action)).sum() * weight
    entropy = dist.entropy().mean()
    value_loss = 0.5 * ((value - target) ** 2).mean() if policy.value else torch.tensor(0.0)
    loss = policy_loss + value_weight * value_loss - entropy_weight * entropy
    norm = step(config, policy, optimizer(config, policy), loss)
    stats = {"policy_loss": policy_loss.item(), "entropy": entropy.item(), "grad_norm": norm}
    if policy.value:
        stats["value_loss"] = value_loss.item()
        stats["explained_variance"] = explained(r, ret)
    return stats


def reinforce(config, r, policy):
    advantage, ret = advantages(config, r)
    count = len(episodes(r)) if config["reinforce.divide"] == "true" else 1
    stats = whole_step(config, r, policy, advantage, ret, 1 / count,
                       float(config.get("reinforce.value_weight", 0)),
                       float(config.get("reinforce.entropy_weight", 0)))
    average = config["average"]
    if config["advantage.psi"] == "baselined" and config.get("advantage.baseline") == "average":
        for steps in episodes(r):
            average = 0.99 * average + 0.01 * np.mean([ret[cell] for cell in steps])
    return advantage, ret, {**stats, "average": average}


def a2c(config, r, policy):
    advantage, ret = advantages(config, r)
    divisor = r["N"] if config["a2c.reduction"] == "instances" else r["valid"].sum()
    stats = whole_step(config, r, policy, advantage, ret, 1 / divisor,
                       float(config["a2c.value_weight"]), float(config["a2c.entropy_weight"]))
    return advantage, ret, stats


def shuffle(random, order):
    for i in range(len(order) - 1, 0, -1):
        j = int(random.integers(0, i + 1))
        order[i], order[j] = order[j], order[i]


def ppo_minibatch(config, r, policy, optim, index, advantage, ret):
    out, value = policy.look(r, index)
    action = torch.tensor(r["action"][index])
    dist = policy.dist(out)
    psi, target = torch.tensor(advantage.ravel()[index]), torch.tensor(ret.ravel()[index])
    if config["advantage.standardize"] == "minibatch":
        psi = (psi - psi.mean()) / (psi.std() + 1e-8)
    clip = float(config["ppo.clip"])
    if config.get("ppo.clip_schedule") == "linear":
        clip *= 1 - config["done"]
    log_ratio = policy.log_prob(dist, action) - torch.tensor(r["log_prob"][index])
    ratio = log_ratio.exp()
    policy_loss = -torch.min(ratio * psi, torch.clamp(ratio, 1 - clip, 1 + clip) * psi)
    value_loss = (value - target) ** 2
    reach = float(config.get("ppo.value_clip", 0))
    if reach > 0:
        old = torch.tensor(r["value"].ravel()[index])
        value_loss = torch.max(value_loss, (old + (value - old).clamp(-reach, reach) - target) ** 2)
    value_loss = 0.5 * value_loss
    loss = policy_loss.mean() + float(config["ppo.value_weight"]) * value_loss.mean() \
        - float(config["ppo.entropy_weight"]) * dist.entropy().mean()
    norm = step(config, policy, optim, loss)
    sums = np.array([policy_loss.sum().item(), value_loss.sum().item(), dist.entropy().sum().item(),
                     (ratio - 1 - log_ratio).sum().item(),
                     ((ratio - 1).abs() > clip).sum().item(), len(index)])
    return sums, norm


def stream():
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(STREAM_SHUFFLE, 0))))


def ppo(config, r, policy):
    advantage, ret = advantages(config, r)
    random = stream()
    order = policy.units(r)
    size = int(config["ppo.minibatch"]) // len(order[0])
    optim, target = optimizer(config, policy), float(config.get("ppo.target_kl", 0))
    total, steps = np.zeros(6), 0
    for _ in range(int(config["ppo.epochs"])):
        shuffle(random, order)
        epoch = np.zeros(6)
        for first in range(0, len(order), size):
            index = [cell for step in zip(*order[first:first + size]) for cell in step]
            sums, norm = ppo_minibatch(config, r, policy, optim, index, advantage, ret)
            epoch += sums
            steps += 1
        total += epoch
        kl = epoch[3] / epoch[5]
        if target > 0 and kl > target:
            break
    mean = total / total[5]
    return advantage, ret, {"policy_loss": mean[0], "value_loss": mean[1], "entropy": mean[2],
                            "clip_fraction": mean[4], "kl": kl, "grad_norm": norm,
                            "explained_variance": explained(r, ret), "optim_steps": steps}


def value_fit(config, r, policy, ret):
    """Adam on the value network alone. Returns the mean loss."""
    params = [p for name, p in policy.param.items() if name.startswith("value")]
    adam = torch.optim.Adam(params, lr=float(config["value.learning_rate"]), eps=1e-5)
    order, random, losses = list(np.flatnonzero(r["valid"])), stream(), []
    size = int(config["value.minibatch"]) or len(order)
    for _ in range(int(config["value.epochs"])):
        if size < len(order):
            shuffle(random, order)
        for first in range(0, len(order), size):
            index = order[first:first + size]
            target = torch.tensor(ret.ravel()[index])
            loss = 0.5 * (policy.forward(rows(r, index)[0])[1] - target) ** 2
            adam.zero_grad()
            loss.mean().backward()
            adam.step()
            losses += loss.tolist()
    return np.mean(losses)


def actor_critic(config, r, policy, name="actor-critic", refit=False):
    advantage, ret = advantages(config, r)
    stats = whole_step(config, r, policy, advantage, ret, 1 / r["valid"].sum(), 0,
                       float(config[name + ".entropy_weight"]))
    if refit:
        advantage, ret = gae(r, float(config["advantage.gamma"]), 1)
    return advantage, ret, {**stats, "value_loss": value_fit(config, r, policy, ret)}


def vpg(config, r, policy):
    return actor_critic(config, r, policy, "vpg", True)


# ----------------------------------------------------------------------------------------------------
# V-trace, as the sum of equation 1 of Espeholt et al.


def vtrace_targets(config, r, value, ratio):
    gamma, lam = float(config["advantage.gamma"]), float(config["advantage.lambda"])
    rho = np.minimum(float(config["vtrace.rho_bar"]), ratio)
    c = lam * np.minimum(float(config["vtrace.c_bar"]), ratio)

    def next_value(t, n):
        return r["final_value"][t, n] if ended(r, t, n) else value[t + 1, n]

    target, psi_ = value.copy(), np.zeros((r["T"], r["N"]))
    for t, n in (cell for row in cells(r) for cell in row):
        weight = 1.0
        for s in range(t, r["T"]):
            if not r["valid"][s, n]:
                break
            delta = r["reward"][s, n] + gamma * next_value(s, n) - value[s, n]
            target[t, n] += weight * rho[s, n] * delta
            weight *= gamma * c[s, n]
            if ended(r, s, n):
                break
    for t, n in (cell for row in cells(r) for cell in row):
        after = next_value(t, n) if ended(r, t, n) else target[t + 1, n]
        psi_[t, n] = rho[t, n] * (r["reward"][t, n] + gamma * after - value[t, n])
    return psi_ * r["valid"], target[:-1] * r["valid"]


def vtrace(config, r, policy):
    index, optim, random = np.flatnonzero(r["valid"]), optimizer(config, policy), stream()
    losses, size = [], int(config["vtrace.minibatch"]) or len(index)
    for epoch in range(int(config["vtrace.epochs"])):
        value, ratio = r["value"].copy(), np.ones((r["T"], r["N"]))
        obs, action = rows(r, index)
        with torch.no_grad():
            out, now = policy.forward(obs)
            log_ratio = policy.log_prob(policy.dist(out), action) - torch.tensor(r["log_prob"][index])
            ratio.ravel()[index] = log_ratio.exp().numpy()
            value.ravel()[index] = now.numpy()
            idle = np.flatnonzero(r["valid"] == 0)  # what a last valid step bootstraps from
            value.ravel()[idle] = policy.forward(torch.tensor(r["obs"][idle]))[1].numpy()
            value[-1] = policy.forward(torch.tensor(r["last_obs"]))[1].numpy()
        advantage, ret = vtrace_targets(config, r, value, ratio)
        if epoch == 0:
            explained_variance = explained({**r, "value": value}, ret)
        kl = (ratio.ravel()[index] - 1 - log_ratio.numpy()).mean()
        order = list(index)
        if size < len(order):
            shuffle(random, order)
        for first in range(0, len(order), size):
            batch = order[first:first + size]
            obs, action = rows(r, batch)
            out, now = policy.forward(obs)
            dist = policy.dist(out)
            weights, target = (torch.tensor(x.ravel()[batch]) for x in (advantage, ret))
            parts = [-weights * policy.log_prob(dist, action), 0.5 * (now - target) ** 2,
                     dist.entropy()]
            loss = parts[0].mean() + float(config["vtrace.value_weight"]) * parts[1].mean() \
                - float(config["vtrace.entropy_weight"]) * parts[2].mean()
            norm = step(config, policy, optim, loss)
            losses.append(np.array([part.sum().item() for part in parts]))
    mean = sum(losses) / (len(index) * int(config["vtrace.epochs"]))
    return advantage, ret, {"policy_loss": mean[0], "value_loss": mean[1], "entropy": mean[2],
                            "kl": kl, "grad_norm": norm, "explained_variance": explained_variance,
                            "optim_steps": len(losses)}
