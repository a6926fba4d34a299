"""For record_torch_replay.py: a replay as lists, and the updates of dqn, sac, td3, ddpg, q-actor-critic."""
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F

from torch_algo_rollouts import Policy, numbers


def tensor(values):
    return torch.tensor(np.asarray(values, dtype=np.float64))


class Memory:
    """Each instance has a list of places: steps, and the last observations of truncated episodes. The
    rows that are drawn from are place · N + instance, one place more than the longest list has."""

    def __init__(self, instances, gamma, n_steps, prioritised):
        self.lane = [[] for _ in range(instances)]
        self.head = [None] * instances
        self.gamma, self.n_steps, self.prioritised = gamma, n_steps, prioritised
        self.priority, self.most = {}, 1.0

    def add(self, data, k):
        for n, lane in enumerate(self.lane):
            terminated, truncated = data["terminated"][k, n], data["truncated"][k, n]
            row = len(lane) * len(self.lane) + n
            lane.append({"obs": data["obs"][k, n], "action": data["action"][k, n],
                         "reward": data["reward"][k, n], "terminated": terminated,
                         "cut": truncated and not terminated})
            self.priority[row] = self.most
            if truncated and not terminated:
                lane.append({"obs": data["final"][k, n], "last": True})
            self.head[n] = data["obs"][k + 1, n]

    def obs(self, n, at):
        return self.lane[n][at]["obs"] if at < len(self.lane[n]) else self.head[n]

    def step(self, row):
        n, at = row % len(self.lane), row // len(self.lane)
        lane, first = self.lane[n], at
        total, discount = 0.0, 1.0
        for _ in range(self.n_steps):
            if at == len(lane):
                break
            place = lane[at]
            total += discount * place["reward"]
            discount *= self.gamma
            at += 1
            if place["terminated"]:
                discount = 0.0
            if place["terminated"] or place["cut"]:
                break
        return self.obs(n, first), lane[first]["action"], total, discount, self.obs(n, at)

    def drawable(self, row):
        n, at = row % len(self.lane), row // len(self.lane)
        return at < len(self.lane[n]) and "last" not in self.lane[n][at]

    def rows(self, random, count):
        places = max(len(lane) + 1 for lane in self.lane) * len(self.lane)
        rows = []
        if not self.prioritised:
            while len(rows) < count:
                row = int(random.integers(0, places))
                if self.drawable(row):
                    rows.append(row)
            return rows
        order = sorted(self.priority)
        ends = np.cumsum([self.priority[row] for row in order])
        for i in range(count):
            at = (i + random.random()) / count * ends[-1]
            rows.append(order[int(np.searchsorted(ends, at, side="right"))])
        return rows

    def draw(self, random, count, beta):
        rows = self.rows(random, count)
        weight = np.ones(count)
        if self.prioritised:
            p = np.array([self.priority[row] for row in rows])
            weight = (p / p.min()) ** -beta
        obs, action, reward, discount, following = zip(*(self.step(row) for row in rows))
        return rows, [tensor(v) for v in (obs, action, reward, discount, following, weight)]

    def prioritise(self, rows, error):
        for row, e in zip(rows, error):
            self.priority[row] = (abs(float(e)) + 1e-6) ** 0.6
            self.most = max(self.most, self.priority[row])


class Critic:
    """One network or two; the numbers lie as the library has them: weights (in, out), then biases."""

    def __init__(self, rng, inputs, hidden, out, count):
        self.net = [Policy(rng, inputs, hidden, out, False, False, True, "relu", False)
                    for _ in range(count)]

    def parameters(self):
        return [p for net in self.net for p in net.param.values()]

    def values(self, *parts):
        x = torch.cat(parts, 1)
        return [net.run("policy", x) for net in self.net]

    def least(self, *parts):
        return torch.stack(self.values(*parts)).min(0).values[:, 0]


def flat(nets):
    return numbers(np.concatenate([p.detach().numpy().T.ravel() for net in nets
                                   for p in net.param.values()]))


class Learner:
    def __init__(self, config, policy, critic, random, done, choices):
        self.config, self.policy, self.critic, self.random = config, policy, critic, random
        self.done, self.choices = done, choices
        self.policy_target, self.target = copy.deepcopy(policy), copy.deepcopy(critic)
        self.optim = torch.optim.Adam(list(policy.param.values()), self.number("optim.learning_rate"))
        self.norm = float("nan")
        if critic:
            rate = config.get("q-actor-critic.critic_rate", config["optim.learning_rate"])
            self.critic_optim = torch.optim.Adam(critic.parameters(), float(rate))

    def number(self, key, default=None):
        return float(self.config.get(key, default))

    def descend(self, optim, parameters, loss):
        optim.zero_grad()
        loss.backward(inputs=list(parameters))
        limit = self.number("optim.max_grad_norm", 0)
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit if limit > 0 else math.inf)
        optim.step()
        return float(norm)

    def improve(self, loss):
        self.norm = self.descend(self.optim, list(self.policy.param.values()), loss)

    def renew(self, tau, pairs):
        with torch.no_grad():
            for source, target in pairs:
                for a, b in zip(source, target):
                    b.add_(tau * (a - b))

    def learn(self, values, y, weight):
        errors = [v - y for v in values]
        loss = sum((weight * e ** 2 / 2).mean() for e in errors)
        self.descend(self.critic_optim, self.critic.parameters(), loss)
        return errors, loss / len(errors), sum(v.mean() for v in values) / len(values)

    def update(self, memory, steps, instances, due, batch):
        self.begin(steps, instances)
        totals = {}
        for _ in range(due):
            beta = 0.4 + 0.6 * self.done
            rows, drawn = memory.draw(self.random, batch, beta)
            error, stats = self.once(*drawn)
            memory.prioritise(rows, error.detach())
            for key, value in stats.items():
                totals.setdefault(key, []).append(float(value))
        stats = {key: sum(values) / len(values) for key, values in totals.items()}
        return {**stats, **self.last(steps), "grad_norm": self.norm}

    def begin(self, steps, instances):
        pass

    def last(self, steps):
        return {}


class Dqn(Learner):
    def q(self, policy, obs):
        a, v = policy.forward(obs)
        return a if v is None else v[:, None] + a - a.mean(1, keepdim=True)

    def begin(self, steps, instances):
        every = self.number("dqn.target_every")
        if steps // every != (steps - instances) // every:
            self.policy_target = copy.deepcopy(self.policy)

    def last(self, steps):
        if "dqn.epsilon_share" not in self.config:
            return {"exploration": 0.05}
        share = steps / self.number("train.steps")
        return {"exploration": 1 + (self.number("dqn.epsilon_end") - 1) * share}

    def once(self, obs, action, reward, discount, following, weight):
        with torch.no_grad():
            target = self.q(self.policy_target, following)
            chooser = self.q(self.policy, following) if self.config["dqn.double"] == "true" else target
            y = reward + discount * target.gather(1, chooser.argmax(1, keepdim=True))[:, 0]
        value = self.q(self.policy, obs).gather(1, action.long())[:, 0]
        loss = (weight * F.smooth_l1_loss(value, y, reduction="none")).mean()
        self.improve(loss)
        return value - y, {"value_loss": loss, "q_value": value.mean()}

    def blocks(self):
        return {"dqn.target": flat([self.policy_target])}


class Sac(Learner):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        start = math.log(self.number("sac.temperature", 1))
        self.log_alpha = torch.nn.Parameter(torch.tensor(start))
        self.alpha_optim = torch.optim.Adam([self.log_alpha], self.number("optim.learning_rate"))

    def actions(self, obs):
        mean, log_std = self.policy.forward(obs)[0].chunk(2, 1)
        log_std = log_std.clamp(-20, 2)
        noise = tensor(self.random.standard_normal(tuple(mean.shape)))
        u = mean + log_std.exp() * noise
        log_prob = (torch.distributions.Normal(mean, log_std.exp()).log_prob(u)
                    - 2 * (math.log(2) - u - F.softplus(-2 * u))).sum(1)
        return torch.tanh(u), log_prob

    def once(self, obs, action, reward, discount, following, weight):
        alpha = float(self.log_alpha.exp())
        with torch.no_grad():
            after, log_prob = self.actions(following)
            y = reward + discount * (self.target.least(following, after) - alpha * log_prob)
        values = [v[:, 0] for v in self.critic.values(obs, action)]
        errors, value_loss, q = self.learn(values, y, weight)
        chosen, log_prob = self.actions(obs)
        policy_loss = (alpha * log_prob - self.critic.least(obs, chosen)).mean()
        self.improve(policy_loss)
        if self.config.get("sac.learn_temperature") != "false":
            excess = (log_prob.detach() - action.shape[1]).mean()
            self.alpha_optim.zero_grad()
            (-self.log_alpha * excess).backward()
            self.alpha_optim.step()
        self.renew(self.number("sac.tau", 0.005), [(self.critic.parameters(), self.target.parameters())])
        return errors[0], {"value_loss": value_loss, "q_value": q, "policy_loss": policy_loss,
                           "entropy": -log_prob.mean(), "temperature": alpha}

    def blocks(self):
        return {"critic.param": flat(self.critic.net), "critic.target": flat(self.target.net),
                "temperature.log": numbers([float(self.log_alpha)])}


class Td3(Learner):
    delay, noise, clip, section = 2, 0.2, 0.5, "td3"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.learned = 0

    def act(self, policy, obs):
        return torch.tanh(policy.forward(obs)[0])

    def once(self, obs, action, reward, discount, following, weight):
        with torch.no_grad():
            after = self.act(self.policy_target, following)
            if self.noise:
                noise = self.noise * self.random.standard_normal(tuple(after.shape))
                after = (after + tensor(noise).clamp(-self.clip, self.clip)).clamp(-1, 1)
            y = reward + discount * self.target.least(following, after)
        values = [v[:, 0] for v in self.critic.values(obs, action)]
        errors, value_loss, q = self.learn(values, y, weight)
        stats = {"value_loss": value_loss, "q_value": q}
        self.learned += 1
        if self.learned % self.delay == 0:
            loss = -self.critic.values(obs, self.act(self.policy, obs))[0].mean()
            self.improve(loss)
            self.renew(self.number(self.section + ".tau"),
                       [(self.critic.parameters(), self.target.parameters()),
                        (self.policy.param.values(), self.policy_target.param.values())])
            stats["policy_loss"] = loss
        return errors[0], stats

    def blocks(self):
        return {"critic.param": flat(self.critic.net), "critic.target": flat(self.target.net),
                "policy.target": flat([self.policy_target])}


class Ddpg(Td3):
    delay, noise, section = 1, 0, "ddpg"


class QActorCritic(Learner):
    def once(self, obs, action, reward, discount, following, weight):
        with torch.no_grad():
            chance = torch.softmax(self.policy.forward(following)[0], 1)
            y = reward + discount * (chance * self.target.values(following)[0]).sum(1)
        value = self.critic.values(obs)[0].gather(1, action.long())[:, 0]
        errors, value_loss, q = self.learn([value], y, weight)
        values = self.critic.values(obs)[0].detach()
        dist = torch.distributions.Categorical(logits=self.policy.forward(obs)[0])
        baseline = (dist.probs * values).sum(1).detach()
        gain = (dist.probs * (values - baseline[:, None])).sum(1).mean()
        entropy = dist.entropy().mean()
        self.improve(-gain - self.number("q-actor-critic.entropy_weight") * entropy)
        self.renew(self.number("q-actor-critic.tau"),
                   [(self.critic.parameters(), self.target.parameters())])
        return errors[0], {"value_loss": value_loss, "q_value": q, "entropy": entropy,
                           "policy_loss": -baseline.mean()}

    def blocks(self):
        return {"critic.param": flat(self.critic.net), "critic.target": flat(self.target.net)}


UPDATES = {"dqn": Dqn, "sac": Sac, "td3": Td3, "ddpg": Ddpg, "q-actor-critic": QActorCritic}
