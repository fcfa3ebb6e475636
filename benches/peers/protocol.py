"""What the Python workers share: the start that they read, the lines that they answer.

A worker is called with LAYOUT FILE P N D, one of a deep network with LAYOUT FILE N WIDTH... It says
`ready`, then answers each line with one:
    about                 what computes here, with its version
    loss STEPS DT         the loss after so many steps
    time STEPS DT         seconds of CPU time that so many steps took
FILE holds x (n x d), y (n), w (p x d), a (p), row-major f32; for a deep network x, y, then W and b of
each layer.
"""
import sys
import time
from array import array


class Start:
    """Sizes, start and data of a problem, as flat arrays of f32."""

    def __init__(self, arguments):
        self.layout, path = arguments[:2]
        self.p, self.n, self.d = map(int, arguments[2:])
        with open(path, "rb") as file:
            self.x, self.y, self.w, self.a = (
                read(file, count)
                for count in (self.n * self.d, self.n, self.p * self.d, self.p)
            )


class DeepStart:
    """Widths, start and data of a deep network."""

    def __init__(self, arguments):
        self.layout, path = arguments[:2]
        self.n, *self.widths = map(int, arguments[2:])
        with open(path, "rb") as file:
            self.x = read(file, self.n * self.widths[0])
            self.y = read(file, self.n * self.widths[-1])
            self.layers = [
                (read(file, inputs * outputs), read(file, outputs))
                for inputs, outputs in zip(self.widths, self.widths[1:])
            ]


def read(file, count):
    numbers = array("f")
    numbers.fromfile(file, count)
    return numbers


def serve(worker_of, start=Start):
    """Answers the driver. `worker_of(start)` has `about`, `loss()` and `run(steps, dt)`."""
    worker = worker_of(start(sys.argv[1:]))
    print("ready", flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "about":
            print(worker.about, flush=True)
            continue
        steps, dt = int(numbers[0]), float(numbers[1])
        before = time.process_time()
        worker.run(steps, dt)
        seconds = time.process_time() - before
        print(seconds if command == "time" else worker.loss(), flush=True)
