#!/usr/bin/env python3
"""Records one update of each algorithm, computed with PyTorch on small synthetic rollouts.

    python tools/record_torch_algo.py tests/algo/data/torch_algo.json

Needs PyTorch and NumPy. Returns and advantages are sums written out as their definitions; the rest
is autograd and torch.optim, in double precision. Minibatches follow the library's own stream: NumPy's
Generator on SeedSequence(seed, spawn_key=(3, 0)), walked by Fisher and Yates from the end.
"""
import json
import math
import sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
SEED, STREAM_SHUFFLE = 5, 3
ACTIVATION = {"tanh": torch.tanh, "relu": torch.relu}


def numbers(values):
    return [float(f"{v:.9g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def single(values):
    """Inputs are float32 in the library."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


# ----------------------------------------------------------------------------------------------------
# Policies in PyTorch's names


class Policy:
    def __init__(self, rng, obs, hidden, out, value, shared, bias, activation, log_std):
        self.activation, self.depth, self.shared, self.value = activation, len(hidden), shared, value
        self.param = {}
        self.rng, self.bias = rng, bias
        if shared:
            self.stack("trunk", [obs] + hidden)
        inside = [hidden[-1]] if shared else [obs] + hidden
        self.stack("policy", inside + [out])
        if value:
            self.stack("value", inside + [1])
        if log_std:
            self.add("policy.log_std", -0.3 + 0.2 * rng.standard_normal(out))

    def add(self, name, values):
        self.param[name] = torch.nn.Parameter(torch.tensor(single(values)))

    def stack(self, name, sizes):
        for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
            weight = self.rng.standard_normal((outputs, inputs)) / math.sqrt(inputs)
            self.add(f"{name}.{i}.weight", weight)
            if self.bias:
                self.add(f"{name}.{i}.bias", 0.2 * self.rng.standard_normal(outputs))

    def run(self, name, x):
        layers = sum(key.startswith(name + ".") and key.endswith("weight") for key in self.param)
        for i in range(layers):
            x = torch.nn.functional.linear(x, self.param[f"{name}.{i}.weight"],
                                           self.param.get(f"{name}.{i}.bias"))
            if name == "trunk" or i < layers - 1:
                x = ACTIVATION[self.activation](x)
        return x

    def forward(self, x):
        if self.shared:
            x = self.run("trunk", x)
        return self.run("policy", x), self.run("value", x)[:, 0] if self.value else None

    def dist(self, out):
        if "policy.log_std" in self.param:
            return torch.distributions.Independent(
                torch.distributions.Normal(out, self.param["policy.log_std"].exp()), 1)
        if out.shape[1] == 1:
            return torch.distributions.Independent(torch.distributions.Bernoulli(logits=out), 1)
        return torch.distributions.Categorical(logits=out)

    def log_prob(self, dist, action):
        return dist.log_prob(action[:, 0] if isinstance(dist, torch.distributions.Categorical)
                             else action)

    def numbers(self, gradients=False):
        return {name: {"shape": list(p.shape),
                       "data": numbers((p.grad if gradients else p).detach().numpy())}
                for name, p in self.param.items()}


# ----------------------------------------------------------------------------------------------------
# Rollouts


def make_rollout(rng, policy, steps, envs, dim, ends, cut=(), idle=(), sparse=False):
    """ends and cut: (t, n) that terminate and that are truncated; idle: (t, n) not played."""
    cells = steps * envs
    obs = rng.integers(-1, 2, (cells, dim)) * (rng.random((cells, dim)) < 0.5) if sparse \
        else single(rng.standard_normal((cells, dim)))
    r = {"obs": np.asarray(obs, dtype=np.float64), "T": steps, "N": envs,
         "reward": single(rng.standard_normal((steps, envs))),
         "value": single(rng.standard_normal((steps + 1, envs))),
         "final_value": np.zeros((steps, envs)), "terminated": np.zeros((steps, envs), int),
         "truncated": np.zeros((steps, envs), int), "valid": np.ones((steps, envs), int)}
    for cell in ends:
        r["terminated"][cell] = 1
    for cell in cut:
        r["truncated"][cell] = 1
        r["final_value"][cell] = single(rng.standard_normal())
    for cell in idle:
        r["valid"][cell] = 0
        r["reward"][cell] = 0
    r["last_obs"] = np.zeros((envs, dim))
    with torch.no_grad():
        dist = policy.dist(policy.forward(torch.tensor(r["obs"]))[0])
        action = single(rng.standard_normal(dist.mean.shape)) if "policy.log_std" in policy.param \
            else rng.integers(0, 2 if dist.event_shape else dist.logits.shape[1], (cells, 1))
        r["action"] = np.asarray(action, dtype=np.float64)
        log_prob = policy.log_prob(dist, torch.tensor(r["action"])).numpy()
        r["log_prob"] = single(log_prob + 0.3 * rng.standard_normal(cells))
    return r


def ended(r, t, n):
    return r["terminated"][t, n] or r["truncated"][t, n]


def gae(r, gamma, lam):
    """A_t = sum over l of (gamma lam)^l delta_{t+l}, up to the end of the episode or the rollout."""
    advantage = np.zeros((r["T"], r["N"]))
    for n in range(r["N"]):
        for t in range(r["T"]):
            for s in range(t, r["T"]):
                if not r["valid"][s, n]:
                    break
                after = r["final_value"][s, n] if ended(r, s, n) else r["value"][s + 1, n]
                delta = r["reward"][s, n] + gamma * after - r["value"][s, n]
                advantage[t, n] += (gamma * lam) ** (s - t) * delta
                if ended(r, s, n):
                    break
    return advantage, (advantage + r["value"][:-1]) * r["valid"]


def episodes(r):
    """Lists of (t, n), one per episode."""
    found = []
    for n in range(r["N"]):
        steps = []
        for t in range(r["T"]):
            if not r["valid"][t, n]:
                continue
            steps.append((t, n))
            if ended(r, t, n):
                found.append(steps)
                steps = []
    return found


def monte_carlo(r, gamma, restart):
    returns = np.zeros((r["T"], r["N"]))
    for steps in episodes(r):
        for i, cell in enumerate(steps):
            for j in range(i, len(steps)):
                returns[cell] += gamma ** (j - i) * r["reward"][steps[j]]
                if restart and r["reward"][steps[j]] != 0:
                    break
    return returns


def psi(config, r):
    """The weight of each action before it is standardised, and what the value is regressed on."""
    gamma, form = float(config["advantage.gamma"]), config["advantage.psi"]
    if form in ("total", "to_go", "baselined"):
        ret = monte_carlo(r, gamma, config.get("advantage.restart") == "true")
        if form == "total":
            return sum(np.where([[cell in steps for cell in row] for row in cells(r)],
                                ret[steps[0]], 0) for steps in episodes(r)), ret
        baseline = config.get("advantage.baseline", "none") if form == "baselined" else "none"
        return ret - {"none": 0, "average": config["average"], "value": r["value"][:-1]}[baseline], ret
    advantage, ret = gae(r, gamma, float(config["advantage.lambda"]))
    if form == "q":
        return ret, ret
    return (gae(r, gamma, 0)[0] if form == "td" else advantage), ret


def cells(r):
    return [[(t, n) for n in range(r["N"])] for t in range(r["T"])]


def ages(r):
    """Steps since the beginning of the episode; those in progress at row 0 begin there."""
    result = np.zeros((r["T"], r["N"]))
    for n in range(r["N"]):
        for t in range(1, r["T"]):
            result[t, n] = 0 if ended(r, t - 1, n) else result[t - 1, n] + 1
    return result


def advantages(config, r):
    weight, ret = psi(config, r)
    weight = standardize(r, weight, config.get("advantage.standardize", "none")) * r["valid"]
    if config.get("advantage.gamma_t") == "true":
        weight = weight * float(config["advantage.gamma"]) ** ages(r)
    return weight, ret


def standardize(r, advantage, over):
    groups = episodes(r) if over == "episode" else [list(zip(*np.nonzero(r["valid"])))]
    result = advantage.copy()
    for group in groups if over in ("episode", "batch") else []:
        values = np.array([advantage[cell] for cell in group])
        for cell in group:
            result[cell] = (advantage[cell] - values.mean()) / (values.std() + 1e-8)
    return result


def explained(r, ret):
    mask = r["valid"] == 1
    return 1 - np.var((ret - r["value"][:-1])[mask]) / np.var(ret[mask])


# ----------------------------------------------------------------------------------------------------
# Updates


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
    for value in r["returns"]:
        average = 0.99 * average + 0.01 * value
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
    obs, action = rows(r, index)
    out, value = policy.forward(obs)
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
    order, size = list(np.flatnonzero(r["valid"])), int(config["ppo.minibatch"])
    optim, target = optimizer(config, policy), float(config.get("ppo.target_kl", 0))
    total, steps = np.zeros(6), 0
    for _ in range(int(config["ppo.epochs"])):
        shuffle(random, order)
        epoch = np.zeros(6)
        for first in range(0, len(order), size):
            sums, norm = ppo_minibatch(config, r, policy, optim, order[first:first + size],
                                       advantage, ret)
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
# The natural gradient: Fisher-vector products as second derivatives of the mean KL, by autograd


class Natural:
    def __init__(self, config, r, policy, name):
        self.policy, self.index = policy, np.flatnonzero(r["valid"])
        self.obs, self.action = rows(r, self.index)
        self.damping = float(config[name + ".damping"])
        self.kl_limit, self.steps = float(config[name + ".kl"]), int(config[name + ".cg_steps"])
        self.names = [key for key in policy.param if not key.startswith("value")]
        self.params = [policy.param[key] for key in self.names]
        with torch.no_grad():
            self.old = policy.dist(policy.forward(self.obs)[0])
            self.old = self.detached(self.old)

    def detached(self, dist):
        if isinstance(dist, torch.distributions.Categorical):
            return torch.distributions.Categorical(logits=dist.logits.detach().clone())
        base = dist.base_dist
        if isinstance(base, torch.distributions.Bernoulli):
            base = torch.distributions.Bernoulli(logits=base.logits.detach().clone())
        else:
            base = torch.distributions.Normal(base.loc.detach().clone(), base.scale.detach().clone())
        return torch.distributions.Independent(base, 1)

    def dist(self):
        return self.policy.dist(self.policy.forward(self.obs)[0])

    def kl(self):
        return torch.distributions.kl_divergence(self.old, self.dist()).mean()

    def flat(self, tensors):
        return torch.cat([tensor.reshape(-1) for tensor in tensors])

    def product(self, vector):
        first = self.flat(torch.autograd.grad(self.kl(), self.params, create_graph=True))
        second = torch.autograd.grad(first @ vector, self.params)
        return self.flat(second) + self.damping * vector

    def solve(self, gradient):
        step, residual, search = torch.zeros_like(gradient), gradient.clone(), gradient.clone()
        square = residual @ residual
        enough = 1e-10 * square
        for _ in range(self.steps):
            if square <= enough:
                break
            product = self.product(search)
            length = square / (search @ product)
            step += length * search
            residual -= length * product
            square, before = residual @ residual, square
            search = residual + square / before * search
        return step

    def direction(self, weights):
        """The gradient of the policy loss, and the step of the wanted KL. Returns both, and the
        factor that made the step as long."""
        log_prob = self.policy.log_prob(self.dist(), self.action)
        gradient = self.flat(torch.autograd.grad(-(weights * log_prob).mean(), self.params))
        step = self.solve(gradient)
        length = torch.sqrt(2 * self.kl_limit / (step @ self.product(step)))
        return gradient, length * step, length.item()

    def move(self, step, start):
        with torch.no_grad():
            for param, old in zip(self.params, start):
                count = param.numel()
                param.copy_(old - step[:count].reshape(param.shape))
                step = step[count:]

    def numbers(self, vector):
        """A vector over the policy's parameters, in the form of a policy; the value's are 0."""
        result = {}
        for name, param in self.policy.param.items():
            part = torch.zeros(param.numel())
            if name in self.names:
                part, vector = vector[:param.numel()], vector[param.numel():]
            result[name] = {"shape": list(param.shape), "data": numbers(part.detach().numpy())}
        return result


def natural_start(config, r, policy, name):
    advantage, ret = advantages(config, r)
    natural = Natural(config, r, policy, name)
    weights = torch.tensor(advantage.ravel()[natural.index])
    with torch.no_grad():
        dist = natural.dist()
        stats = {"policy_loss": -(weights * policy.log_prob(dist, natural.action)).mean().item(),
                 "entropy": dist.entropy().mean().item(), "explained_variance": explained(r, ret)}
    gradient, step, length = natural.direction(weights)
    stats.update(grad_norm=gradient.norm().item(), learning_rate=length)
    start = [param.detach().clone() for param in natural.params]
    return advantage, ret, natural, weights, step, start, stats


def npg(config, r, policy):
    advantage, ret, natural, _, step, start, stats = natural_start(config, r, policy, "npg")
    natural.move(step, start)
    return advantage, ret, {**stats, "value_loss": value_fit(config, r, policy, ret)}


def trpo(config, r, policy):
    advantage, ret, natural, weights, step, start, stats = natural_start(config, r, policy, "trpo")
    old = torch.tensor(r["log_prob"][natural.index])

    def surrogate():
        with torch.no_grad():
            ratio = (policy.log_prob(natural.dist(), natural.action) - old).exp()
            return (ratio * weights).mean().item()

    before, share, length = surrogate(), 1.0, 0.0
    stats.update(policy_loss=-before, kl=0)
    for _ in range(int(config["trpo.backtracks"])):
        natural.move(share * step, start)
        with torch.no_grad():
            kl = natural.kl().item()
        if kl <= natural.kl_limit and surrogate() > before:
            length = share * stats["learning_rate"]
            stats.update(policy_loss=-surrogate(), kl=kl)
            break
        share *= float(config["trpo.shrink"])
        natural.move(0 * step, start)
    stats["learning_rate"] = length
    config["share"] = share
    return advantage, ret, {**stats, "value_loss": value_fit(config, r, policy, ret)}


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


# ----------------------------------------------------------------------------------------------------
# Cases

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
    return record("document 004", "reinforce", config, policy, r, "discrete 2", gradient=True)


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
    name = "document 002, gradient" if gradient else "document 002"
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
             no_step(rng),
             vtrace_case(rng, "whole rollout", **{"vtrace.minibatch": "0", "vtrace.rho_bar": "1",
                                                  "vtrace.c_bar": "1"}),
             vtrace_case(rng, "minibatches", **{"vtrace.minibatch": "12", "vtrace.rho_bar": "1.5",
                                                "vtrace.c_bar": "0.8", "advantage.lambda": "0.9",
                                                "policy.shared": "true"})]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
