"""PyTorch twice: the step by hand, and as the papers write it, with autograd and SGD."""
import re

import torch

from protocol import serve


class Torch:
    def __init__(self, start):
        def tensor(numbers, *shape):
            return torch.tensor(numbers.tolist(), dtype=torch.float32).reshape(shape)

        torch.set_num_threads(1)
        self.p, self.n = start.p, start.n
        self.x, self.y = tensor(start.x, start.n, start.d), tensor(start.y, start.n)
        self.w, self.a = tensor(start.w, start.p, start.d), tensor(start.a, start.p)
        mkl = re.search(r"Math Kernel Library Version (\S+)-", torch.__config__.show())
        self.about = f"torch {torch.__version__}" + (f" with MKL {mkl[1]}" if mkl else "")


class ByHand(Torch):
    """In-place operations on buffers; no autograd, no allocation that `out=` can avoid."""

    def __init__(self, start):
        super().__init__(start)
        self.by_neuron = start.layout == "pn"
        self.z = torch.empty((self.p, self.n) if self.by_neuron else (self.n, self.p))
        self.g, self.r = torch.empty_like(self.z), torch.empty_like(self.y)
        self.relu = self.z if self.by_neuron else self.z.T  # p x n, a view

    def forward(self):
        """relu(z) into z, residuals into r."""
        if self.by_neuron:
            torch.mm(self.w, self.x.T, out=self.z)
        else:
            torch.mm(self.x, self.w.T, out=self.z)
        self.z.relu_()
        torch.addmv(self.y, self.relu.T, self.a, alpha=-1 / self.p, out=self.r)

    def step(self, rate):
        self.forward()
        # r where relu is active, else 0: what autograd calls for relu.
        r = (self.r if self.by_neuron else self.r[:, None]).expand_as(self.z)
        torch.ops.aten.threshold_backward(r, self.z, 0, grad_input=self.g)
        if self.by_neuron:
            self.g.mul_(self.a[:, None])
            self.w.addmm_(self.g, self.x, alpha=rate)
        else:
            self.g.mul_(self.a)
            self.w.addmm_(self.g.T, self.x, alpha=rate)
        self.a.addmv_(self.relu, self.r, alpha=rate)

    @torch.no_grad()
    def run(self, steps, dt):
        for _ in range(steps):
            self.step(dt / self.n)

    @torch.no_grad()
    def loss(self):
        self.forward()
        return self.r.double().square().sum().item() / (2 * self.n)


class Network(torch.nn.Module):
    def __init__(self, w, a):
        super().__init__()
        self.inner = torch.nn.Linear(w.shape[1], w.shape[0], bias=False)
        self.outer = torch.nn.Linear(w.shape[0], 1, bias=False)
        self.inner.weight.data.copy_(w)
        self.outer.weight.data.copy_(a[None])

    def forward(self, x):
        return self.outer(torch.relu(self.inner(x))).squeeze(1) / self.inner.out_features


class Autograd(Torch):
    """As the papers do it: module, MSE loss, SGD, the loss of every step read out."""

    def __init__(self, start):
        super().__init__(start)
        self.network = Network(self.w, self.a)
        self.mse = torch.nn.MSELoss()
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.0)

    def run(self, steps, dt):
        # The mean squared error is 2 L, and the flow runs at speed 1/s = p: dt = 2 lr / p.
        self.optimizer.param_groups[0]["lr"] = dt * self.p / 2
        losses = []
        for _ in range(steps):
            self.optimizer.zero_grad()
            loss = self.mse(self.network(self.x), self.y)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())

    @torch.no_grad()
    def loss(self):
        return self.mse(self.network(self.x).double(), self.y.double()).item() / 2


serve(lambda start: Autograd(start) if start.layout == "autograd" else ByHand(start))
