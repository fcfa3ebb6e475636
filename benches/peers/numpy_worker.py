"""The step written by hand in NumPy; nothing is allocated while it runs."""
import numpy as np

from protocol import serve


class Numpy:
    def __init__(self, start):
        def matrix(numbers, *shape):
            return np.array(numbers, dtype=np.float32).reshape(shape)

        self.p, self.n = start.p, start.n
        self.x, self.y = matrix(start.x, start.n, start.d), matrix(start.y, start.n)
        self.w, self.a = matrix(start.w, start.p, start.d), matrix(start.a, start.p)
        self.by_neuron = start.layout == "pn"
        shape = (start.p, start.n) if self.by_neuron else (start.n, start.p)
        self.z, self.g = np.empty(shape, np.float32), np.empty(shape, np.float32)
        self.r, self.da = np.empty_like(self.y), np.empty_like(self.a)
        self.dw, self.scaled = np.empty_like(self.w), np.empty_like(self.a)
        # z as p x n, a view.
        self.relu = self.z if self.by_neuron else self.z.T
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        self.about = f"numpy {np.__version__} with {blas['name']} {blas['version']}"

    def forward(self):
        """relu(z) into z, residuals into r."""
        if self.by_neuron:
            np.matmul(self.w, self.x.T, out=self.z)
        else:
            np.matmul(self.x, self.w.T, out=self.z)
        np.maximum(self.z, 0, out=self.z)
        np.matmul(self.a, self.relu, out=self.r)
        np.multiply(self.r, np.float32(-1 / self.p), out=self.r)
        np.add(self.r, self.y, out=self.r)

    def step(self, rate):
        self.forward()
        np.matmul(self.relu, self.r, out=self.da)
        np.greater(self.z, 0, out=self.g, casting="unsafe")  # 1 where relu is active, else 0
        if self.by_neuron:
            np.multiply(self.g, self.r, out=self.g)
            np.matmul(self.g, self.x, out=self.dw)
        else:
            np.multiply(self.g, self.r[:, None], out=self.g)
            np.matmul(self.g.T, self.x, out=self.dw)
        np.multiply(self.a, rate, out=self.scaled)
        np.multiply(self.dw, self.scaled[:, None], out=self.dw)
        np.add(self.w, self.dw, out=self.w)
        np.multiply(self.da, rate, out=self.da)
        np.add(self.a, self.da, out=self.a)

    def run(self, steps, dt):
        rate = np.float32(dt / self.n)
        for _ in range(steps):
            self.step(rate)

    def loss(self):
        self.forward()
        return float(np.sum(self.r.astype(np.float64) ** 2)) / (2 * self.n)


serve(Numpy)
