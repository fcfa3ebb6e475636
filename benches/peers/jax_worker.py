"""The step in JAX: jit-compiled, all steps of a sample in one fori_loop, the parameters donated."""
from functools import partial

import jax
import jax.numpy as jnp

from protocol import serve


def residuals(relu, a, y):
    """Of relu(z), p x n."""
    return y - a @ relu / a.size


def step(by_neuron, x, y, rate, parameters):
    w, a = parameters
    # Both are the same mathematics; the second has z as n x p.
    z = w @ x.T if by_neuron else (x @ w.T).T
    relu = jnp.maximum(z, 0)
    r = residuals(relu, a, y)
    g = jnp.where(z > 0, a[:, None] * r, 0)
    return w + rate * (g @ x), a + rate * (relu @ r)


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def steps(by_neuron, parameters, x, y, rate, count):
    body = partial(step, by_neuron, x, y, rate)
    return jax.lax.fori_loop(0, count, lambda _, parameters: body(parameters), parameters)


class Jax:
    def __init__(self, start):
        def matrix(numbers, *shape):
            return jnp.array(numbers, dtype=jnp.float32).reshape(shape)

        self.n, self.by_neuron = start.n, start.layout == "pn"
        self.x, self.y = matrix(start.x, start.n, start.d), matrix(start.y, start.n)
        self.parameters = matrix(start.w, start.p, start.d), matrix(start.a, start.p)
        self.about = f"jax {jax.__version__}, jaxlib {jax.lib.__version__}"

    def run(self, count, dt):
        rate = jnp.float32(dt / self.n)
        self.parameters = steps(self.by_neuron, self.parameters, self.x, self.y, rate, count)
        jax.block_until_ready(self.parameters)

    def loss(self):
        w, a = self.parameters
        r = residuals(jnp.maximum(w @ self.x.T, 0), a, self.y)
        return float(jnp.sum(r**2)) / (2 * self.n)


serve(Jax)
