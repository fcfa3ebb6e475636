"""The processes that take part, one for each way to take a step at a size."""
import os
import subprocess
import tempfile

LAYOUTS = {"pn": "p x n", "np": "n x p"}
# One thread each, whatever a library thinks of the machine.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MKL_THREADING_LAYER": "SEQUENTIAL",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


class Broken(Exception):
    """A worker that cannot start or that died; says why."""


class Worker:
    """A persistent process that answers a line with a line."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                text=True,
                bufsize=1,
                env=os.environ | ENVIRONMENT,
            )
        except FileNotFoundError as error:
            raise Broken("not built: no compiler") from error

    def line(self):
        """The next line that it says."""
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            said = self.errors.read().decode(errors="replace").strip().splitlines()
            raise Broken(said[-1] if said else f"ended with code {self.process.wait()}")
        return line.strip()

    def ask(self, *words):
        try:
            print(*words, file=self.process.stdin)
        except BrokenPipeError:
            pass  # `line` says why
        return self.line()

    def number(self, *words):
        return float(self.ask(*words))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


class Row:
    """One way to take a step: its name and process, and what was measured."""

    def __init__(self, name, layout, flops, command, ours=False):
        self.name, self.flops, self.command, self.ours = name, flops, command, ours
        self.layout = LAYOUTS.get(layout)
        self.worker = self.loss = self.wrong = self.missing = self.about = None
        self.steps = 1
        self.ns, self.peaks = [], []

    def start(self):
        """Starts the process; `wait` waits for it, so that imports overlap."""
        try:
            self.worker = Worker(self.command)
        except Broken as error:
            self.missing = str(error)

    def attempt(self, work, *arguments):
        """Calls `work(row, ...)` if the row still runs; one that dies is a line in the table."""
        if self.worker and not self.wrong:
            try:
                work(self, *arguments)
            except Broken as error:
                self.missing = str(error)
                self.ns.clear()
                self.close()

    def wait(self):
        self.worker.line()

    def close(self):
        if self.worker:
            self.worker.close()
            self.worker = None


def rows(size, home, python, blas):
    """Every row of a size. `home` has what run.sh built, `blas` (name, library, symbol)."""
    if "widths" in size:
        return deep_rows(size, home, python)
    p, n, d = (size[key] for key in "pnd")
    here = os.path.dirname(__file__)
    letter, dense = size["letter"], 4 * p * n * d
    data = f"{home}/data/{letter}.bin"
    serve = [f"{home}/worker/release/peer-worker", "serve", letter]

    def script(name, layout):
        return [python, f"{here}/{name}_worker.py", layout, data, str(p), str(n), str(d)]

    found = [
        Row(name, None, flops, [*serve, "ours", name], ours=True) for name, flops in size["ours"]
    ]
    found.append(Row("naive f64 (our reference)", None, dense, [*serve, "naive"]))
    found.append(Row("plain C++, constant sizes", None, dense, [f"{home}/plain-{letter}", data]))
    for layout in LAYOUTS:
        found.append(Row("faer", layout, dense, [*serve, "faer", layout]))
        for name, *library in blas:
            found.append(Row(name, layout, dense, [*serve, "cblas", layout, *library]))
        found.append(Row("NumPy by hand", layout, dense, script("numpy", layout)))
        found.append(Row("PyTorch by hand", layout, dense, script("torch", layout)))
        found.append(Row("JAX jit", layout, dense, script("jax", layout)))
    found.append(Row("PyTorch autograd + SGD", None, dense, script("torch", "autograd")))
    return found


def deep_rows(size, home, python):
    """The rows of a deep network."""
    letter, flops = size["letter"], size["flops"]
    serve = [f"{home}/worker/release/peer-worker", "serve", letter]
    script = [python, f"{os.path.dirname(__file__)}/torch_deep_worker.py"]
    numbers = [f"{home}/data/{letter}.bin", str(size["n"]), *map(str, size["widths"])]
    found = [
        Row(name, None, flops, [*serve, "ours", name], ours=True) for name, flops in size["ours"]
    ]
    found.append(Row("naive f64 (our reference)", None, flops, [*serve, "naive"]))
    found.append(Row("PyTorch by hand", None, flops, [*script, "hand", *numbers]))
    found.append(Row("PyTorch autograd + SGD", None, flops, [*script, "autograd", *numbers]))
    return found
