"""For record_torch_algo.py: policies with PyTorch's own LSTM and GRU, step by step through segments."""
import numpy as np
import torch

from torch_algo_rollouts import Policy, ended, single


class Recurrent(Policy):
    """A recurrent layer and heads: shared, behind a dense layer with tanh, or a network each. A memory
    has the value's numbers first; an LSTM's are h, then c."""

    def __init__(self, rng, obs, before, kind, units, out, shared, segment, log_std):
        self.kind, self.hidden, self.segment = kind, units, segment
        self.module = {}
        super().__init__(rng, obs, [], out, True, False, True, "tanh", log_std)
        self.shared, self.param = shared, {}
        if shared:
            self.layer("trunk.0", obs, before)
        for prefix in [""] if shared else ["policy.", "value."]:
            self.recurrent(prefix, before if shared else obs)
        for name, outputs in (("policy", out), ("value", 1)):
            self.layer(f"{name}.0", units, outputs)
        if log_std:
            self.add("policy.log_std", -0.3 + 0.2 * rng.standard_normal(out))

    def layer(self, name, inputs, outputs):
        self.add(f"{name}.weight", self.rng.standard_normal((outputs, inputs)) / inputs ** 0.5)
        self.add(f"{name}.bias", 0.2 * self.rng.standard_normal(outputs))

    def recurrent(self, prefix, inputs):
        make = torch.nn.LSTM if self.kind == "lstm" else torch.nn.GRU
        module = make(inputs, self.hidden)
        for name, param in module.named_parameters():
            with torch.no_grad():
                param.copy_(torch.tensor(single(0.5 * self.rng.standard_normal(param.shape))))
            self.param[f"{prefix}{self.kind}.{name}"] = param
        self.module[prefix] = module

    def memories(self, prefix, rows):
        """Where a network's memory lies in a row of the whole."""
        parts = 2 if self.kind == "lstm" else 1
        first = 0 if self.shared or prefix == "value." else parts * self.hidden
        return [rows[:, first + i * self.hidden:first + (i + 1) * self.hidden] for i in range(parts)]

    def through(self, prefix, x, begins, memory):
        """x (L, S, obs) -> (L * S, hidden)"""
        if self.shared:
            x = torch.tanh(self.linear("trunk", x))
        state, outputs = [part[None] for part in self.memories(prefix, memory)], []
        for t in range(len(x)):
            state = [part * (1 - begins[t])[None, :, None] for part in state]
            y, after = self.module[prefix](x[t:t + 1],
                                           tuple(state) if self.kind == "lstm" else state[0])
            state = list(after) if self.kind == "lstm" else [after]
            outputs.append(y[0])
        return torch.cat(outputs)

    def linear(self, name, x):
        return torch.nn.functional.linear(x, self.param[f"{name}.0.weight"],
                                          self.param[f"{name}.0.bias"])

    def prepare(self, rng, r):
        steps, envs, parts = r["T"], r["N"], 2 if self.kind == "lstm" else 1
        r["begins"] = np.zeros((steps + 1, envs), int)
        r["begins"][0] = rng.integers(0, 2, envs)
        for t in range(steps):
            r["begins"][t + 1] = [ended(r, t, n) for n in range(envs)]
        numbers = parts * self.hidden * (1 if self.shared else 2)
        r["memory"] = single(0.5 * rng.standard_normal((steps // self.segment, envs, numbers)))

    def units(self, r):
        return [[(t + i) * r["N"] + n for i in range(self.segment)]
                for t in range(0, r["T"], self.segment) for n in range(r["N"])]

    def look(self, r, index):
        sequences, envs = len(index) // self.segment, r["N"]
        first = np.array(index[:sequences])
        x = torch.tensor(r["obs"][index]).reshape(self.segment, sequences, -1)
        begins = torch.tensor(r["begins"].ravel()[index].reshape(self.segment, sequences) * 1.0)
        memory = torch.tensor(r["memory"][first // envs // self.segment, first % envs])
        if self.shared:
            hidden = self.through("", x, begins, memory)
            return self.linear("policy", hidden), self.linear("value", hidden)[:, 0]
        return (self.linear("policy", self.through("policy.", x, begins, memory)),
                self.linear("value", self.through("value.", x, begins, memory))[:, 0])

    def act(self, r):
        index = [cell for step in zip(*self.units(r)) for cell in step]
        out = self.look(r, index)[0]
        return out[np.argsort(index)]
