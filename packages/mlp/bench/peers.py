"""NumPy, PyTorch and scikit-learn as contestants: one thread each, the same numbers as the others.

Reads {"task": ..., "epochs": ...} a line, answers {"seconds": ..., "loss": ...}.
"""
import json
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

folder, library = sys.argv[1:3]
tasks = {}


def task_of(name):
    if name not in tasks:
        with open(os.path.join(folder, name + ".json")) as file:
            tasks[name] = json.load(file)
    return tasks[name]


def with_numpy(task, epochs):
    floats = np.float32
    x = np.array(task["X"], floats)
    labels = np.array(task["labels"])
    y = np.eye(labels.max() + 1, dtype=floats)[labels]
    w1, b1, w2, b2 = (np.array(task["weights"][k], floats) for k in ("W1", "b1", "W2", "b2"))
    parameters = [w1, b1, w2, b2]
    velocities = [np.zeros_like(p) for p in parameters]
    orders = [np.array(order) for order in task["orders"]]
    rate, momentum = floats(task["learningRate"]), floats(task["momentum"])
    size = task["batchSize"]

    def forward(batch):
        hidden = 1 / (1 + np.exp(-(batch @ w1 + b1)))
        z = hidden @ w2 + b2
        z -= z.max(axis=1, keepdims=True)
        return hidden, z

    begun = time.process_time()
    for epoch in range(epochs):
        order = orders[epoch % len(orders)]
        for start in range(0, len(order), size):
            which = order[start : start + size]
            batch = x[which]
            hidden, z = forward(batch)
            powers = np.exp(z)
            delta = (powers / powers.sum(axis=1, keepdims=True) - y[which]) / floats(len(which))
            below = (delta @ w2.T) * hidden * (1 - hidden)
            gradients = [batch.T @ below, below.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)]
            for p, v, g in zip(parameters, velocities, gradients):
                v *= momentum
                v -= rate * g
                p += v
    seconds = time.process_time() - begun
    _, z = forward(x)
    loss = -(y * (z - np.log(np.exp(z).sum(axis=1, keepdims=True)))).sum(axis=1).mean()
    return seconds, float(loss)


def with_torch(task, epochs):
    import torch

    torch.set_num_threads(1)
    x = torch.tensor(task["X"], dtype=torch.float32)
    labels = torch.tensor(task["labels"])
    weights = task["weights"]
    net = torch.nn.Sequential(
        torch.nn.Linear(len(weights["W1"]), len(weights["b1"])),
        torch.nn.Sigmoid(),
        torch.nn.Linear(len(weights["W2"]), len(weights["b2"])),
    )
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor(weights["W1"]).T)
        net[0].bias.copy_(torch.tensor(weights["b1"]))
        net[2].weight.copy_(torch.tensor(weights["W2"]).T)
        net[2].bias.copy_(torch.tensor(weights["b2"]))
    rule = torch.optim.SGD(net.parameters(), lr=task["learningRate"], momentum=task["momentum"])
    cost = torch.nn.CrossEntropyLoss()
    orders = [torch.tensor(order) for order in task["orders"]]
    size = task["batchSize"]
    begun = time.process_time()
    for epoch in range(epochs):
        for which in orders[epoch % len(orders)].split(size):
            rule.zero_grad()
            cost(net(x[which]), labels[which]).backward()
            rule.step()
    seconds = time.process_time() - begun
    with torch.no_grad():
        return seconds, float(cost(net(x), labels))


def with_sklearn(task, epochs):
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    net = MLPClassifier(
        (len(task["weights"]["b1"]),),
        activation="logistic",
        solver="sgd",
        alpha=0,
        batch_size=task["batchSize"],
        learning_rate_init=task["learningRate"],
        momentum=task["momentum"],
        nesterovs_momentum=False,
        max_iter=epochs,
        tol=0,
        n_iter_no_change=10**9,
    )
    x, labels = np.array(task["X"]), np.array(task["labels"])
    begun = time.process_time()
    net.fit(x, labels)
    # Its weights are drawn by itself, and two classes are one output: another loss.
    return time.process_time() - begun, None


train = {"numpy": with_numpy, "torch": with_torch, "sklearn": with_sklearn}[library]
for line in sys.stdin:
    job = json.loads(line)
    seconds, loss = train(task_of(job["task"]), job["epochs"])
    print(json.dumps({"seconds": seconds, "loss": loss}), flush=True)
