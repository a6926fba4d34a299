"""For record_torch_algo.py: policies in PyTorch's names, synthetic rollouts, and what weighs an action."""
import math

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
# Policies


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

    def act(self, r):
        return self.forward(torch.tensor(r["obs"]))[0]

    def prepare(self, rng, r):
        """What a rollout needs to know before the policy acts."""

    def units(self, r):
        """Lists of cells that are learned from at once."""
        return [[cell] for cell in np.flatnonzero(r["valid"])]

    def look(self, r, index):
        """The cells of some units, each one's first, then the second, …."""
        return self.forward(torch.tensor(r["obs"][index]))

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
    policy.prepare(rng, r)
    with torch.no_grad():
        dist = policy.dist(policy.act(r))
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
