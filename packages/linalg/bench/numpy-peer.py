"""Times NumPy for the bench: reads a task a line, as JSON, and answers the seconds of
processor time that it took once."""

import json
import sys
import time

import numpy


def symmetric(n, dtype):
    x = numpy.random.rand(n, n).astype(dtype) - dtype(0.5)
    return x @ x.T + dtype(n) * numpy.eye(n, dtype=dtype)


def net(inputs, hidden, outputs, rows, batch, dtype):
    """An epoch of minibatch descent with momentum: sigmoid, then softmax."""
    random = numpy.random.RandomState(1)
    x = random.rand(rows, inputs).astype(dtype)
    y = numpy.eye(outputs, dtype=dtype)[random.randint(outputs, size=rows)]
    shapes = [(inputs, hidden), (hidden,), (hidden, outputs), (outputs,)]
    p = [(random.rand(*shape) * 0.1 - 0.05).astype(dtype) for shape in shapes]
    v = [numpy.zeros_like(each) for each in p]
    order = numpy.arange(rows)
    rate, momentum = dtype(0.05), dtype(0.5)

    def epoch():
        for start in range(0, rows, batch):
            chosen = order[start : start + batch]
            a, t = x[chosen], y[chosen]
            h = 1 / (1 + numpy.exp(-(a @ p[0] + p[1])))
            z = h @ p[2] + p[3]
            e = numpy.exp(z - z.max(axis=1, keepdims=True))
            d2 = (e / e.sum(axis=1, keepdims=True) - t) / dtype(len(chosen))
            d1 = (d2 @ p[2].T) * h * (1 - h)
            for i, g in enumerate([a.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0)]):
                v[i] *= momentum
                v[i] -= rate * g
                p[i] += v[i]

    return epoch


def prepare(task):
    dtype = numpy.float32 if task.get("element") == "f32" else numpy.float64
    kind, n = task["kind"], task.get("n")
    if kind == "gemm":
        a, b = (numpy.random.rand(n, n).astype(dtype) for _ in range(2))
        c = numpy.empty((n, n), dtype)
        return lambda: numpy.matmul(a, b, out=c)
    if kind == "gemv":
        a, x = numpy.random.rand(n, n).astype(dtype), numpy.random.rand(n).astype(dtype)
        return lambda: a @ x
    if kind == "syrk":
        a = numpy.random.rand(n, task["k"]).astype(dtype)
        return lambda: a @ a.T
    if kind == "cholesky":
        a = symmetric(n, dtype)
        return lambda: numpy.linalg.cholesky(a)
    if kind == "eigen":
        a = symmetric(n, dtype)
        return lambda: numpy.linalg.eigh(a)
    if kind == "eigenvalues":
        a = symmetric(n, dtype)
        return lambda: numpy.linalg.eigvalsh(a)
    if kind == "net":
        return net(task["inputs"], task["hidden"], task["outputs"], task["rows"], task["batch"], dtype)
    raise ValueError(kind)


prepared = {}
for line in sys.stdin:
    task = json.loads(line)
    repeats = task.pop("repeats")
    key = json.dumps(task, sort_keys=True)
    if key not in prepared:
        prepared[key] = prepare(task)
        prepared[key]()
    work = prepared[key]
    begun = time.thread_time()
    for _ in range(repeats):
        work()
    print((time.thread_time() - begun) / repeats, flush=True)
