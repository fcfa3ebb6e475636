"""A deep network in PyTorch twice: the step by hand, and with autograd and SGD.

L = 1/2 sum |y - f|^2, leaky relu of slope 0.01 between the layers.
"""
import re

import torch

from protocol import DeepStart, serve

SLOPE = 0.01


class Torch:
    def __init__(self, start):
        def tensor(numbers, *shape):
            return torch.tensor(numbers.tolist(), dtype=torch.float32).reshape(shape)

        torch.set_num_threads(1)
        self.x = tensor(start.x, start.n, start.widths[0])
        self.y = tensor(start.y, start.n, start.widths[-1])
        self.w = [tensor(w, len(b), len(w) // len(b)) for w, b in start.layers]
        self.b = [tensor(b, len(b)) for _, b in start.layers]
        mkl = re.search(r"Math Kernel Library Version (\S+)-", torch.__config__.show())
        self.about = f"torch {torch.__version__}" + (f" with MKL {mkl[1]}" if mkl else "")


class ByHand(Torch):
    """In-place operations on buffers; no autograd, no allocation that `out=` can avoid."""

    def __init__(self, start):
        super().__init__(start)
        self.z = [torch.empty(start.n, width) for width in start.widths[1:]]
        self.d = [torch.empty_like(z) for z in self.z]
        self.db = [torch.empty_like(b) for b in self.b]

    def forward(self):
        """What comes out of each layer into z, f - y into the last d."""
        before, last = self.x, len(self.w) - 1
        for at, (w, b, z) in enumerate(zip(self.w, self.b, self.z)):
            torch.addmm(b, before, w.T, out=z)
            if at < last:  # in place: the sign of z stays, which is all that its derivative needs
                torch.nn.functional.leaky_relu_(z, SLOPE)
            before = z
        torch.sub(self.z[-1], self.y, out=self.d[-1])

    def step(self, rate):
        self.forward()
        for at in reversed(range(len(self.w))):
            d = self.d[at]
            if at > 0:  # before W moves
                torch.mm(d, self.w[at], out=self.d[at - 1])
                torch.ops.aten.leaky_relu_backward(
                    self.d[at - 1], self.z[at - 1], SLOPE, True, grad_input=self.d[at - 1]
                )
            before = self.z[at - 1] if at > 0 else self.x
            self.w[at].addmm_(d.T, before, alpha=-rate)
            torch.sum(d, 0, out=self.db[at])
            self.b[at].add_(self.db[at], alpha=-rate)

    @torch.no_grad()
    def run(self, steps, dt):
        for _ in range(steps):
            self.step(dt)

    @torch.no_grad()
    def loss(self):
        self.forward()
        return 0.5 * self.d[-1].double().square().sum().item()


class Autograd(Torch):
    """Modules, a sum of squares, SGD, the loss of every step read out."""

    def __init__(self, start):
        super().__init__(start)
        layers = []
        for w, b in zip(self.w, self.b):
            layer = torch.nn.Linear(w.shape[1], w.shape[0])
            layer.weight.data.copy_(w)
            layer.bias.data.copy_(b)
            layers += [layer, torch.nn.LeakyReLU(SLOPE)]
        self.network = torch.nn.Sequential(*layers[:-1])
        self.squares = torch.nn.MSELoss(reduction="sum")
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.0)

    def run(self, steps, dt):
        # The sum of squares is 2 L.
        self.optimizer.param_groups[0]["lr"] = dt / 2
        losses = []
        for _ in range(steps):
            self.optimizer.zero_grad()
            loss = self.squares(self.network(self.x), self.y)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())

    @torch.no_grad()
    def loss(self):
        return self.squares(self.network(self.x).double(), self.y.double()).item() / 2


serve(lambda start: Autograd(start) if start.layout == "autograd" else ByHand(start), DeepStart)
