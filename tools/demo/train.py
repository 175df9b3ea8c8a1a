#!/usr/bin/env python3
"""Trains a small neural network that tells two half moons apart, and logs an epoch a row, as trainers do.

usage: train.py --run NAME [--lr RATE] [--epochs N] [--pause SECONDS] [--resume]

It writes runs/NAME/results.csv, a row in two parts as a buffer's end may cut it, and runs/NAME/checkpoints/last.json,
from which --resume goes on.
"""
import argparse, json, math, os, random, sys, time

HIDDEN = 12


def moons(count, seed):
    """Points of two half moons that reach into each other, with noise."""
    draw = random.Random(seed)
    points = []
    for index in range(count):
        angle = math.pi * draw.random()
        label = index % 2
        x, y = (math.cos(angle), math.sin(angle)) if label == 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        points.append((x + draw.gauss(0, 0.15), y + draw.gauss(0, 0.15), label))
    return points


class Network:
    """Two inputs, one hidden layer, one output."""

    def __init__(self, seed):
        draw = random.Random(seed)
        self.first = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(HIDDEN)]
        self.second = [draw.gauss(0, 0.5) for _ in range(HIDDEN + 1)]

    def forward(self, x, y):
        hidden = [math.tanh(a * x + b * y + c) for a, b, c in self.first]
        total = self.second[HIDDEN] + sum(weight * value for weight, value in zip(self.second, hidden))
        return hidden, 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def learn(self, points, rate):
        """One epoch; returns the mean loss."""
        loss = 0.0
        for x, y, label in points:
            hidden, guess = self.forward(x, y)
            loss -= math.log(max(1e-12, guess if label else 1 - guess))
            error = rate * (guess - label)
            for index, value in enumerate(hidden):
                back = error * self.second[index] * (1 - value * value)
                weights = self.first[index]
                weights[0] -= back * x
                weights[1] -= back * y
                weights[2] -= back
                self.second[index] -= error * value
            self.second[HIDDEN] -= error
        return loss / len(points)

    def judge(self, points):
        """The mean loss, and the share that is told apart."""
        guesses = [(self.forward(x, y)[1], label) for x, y, label in points]
        loss = -sum(math.log(max(1e-12, guess if label else 1 - guess)) for guess, label in guesses) / len(points)
        return loss, sum((guess > 0.5) == bool(label) for guess, label in guesses) / len(points)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", required=True)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()

    folder = os.path.join("runs", arguments.run)
    checkpoint = os.path.join(folder, "checkpoints", "last.json")
    os.makedirs(os.path.dirname(checkpoint), exist_ok=True)
    network, start = Network(seed=3), 1
    if arguments.resume:
        with open(checkpoint) as file:
            saved = json.load(file)
        network.first, network.second, start = saved["first"], saved["second"], saved["epoch"] + 1
    training, validation = moons(300, seed=1), moons(200, seed=2)

    with open(os.path.join(folder, "results.csv"), "a" if arguments.resume else "w") as log:
        if not arguments.resume:
            log.write("epoch,epochs,train/loss,val/loss,val/accuracy,lr\n")
        for epoch in range(start, arguments.epochs + 1):
            rate = arguments.lr * (1 + math.cos(math.pi * (epoch - 1) / arguments.epochs)) / 2
            random.Random(epoch).shuffle(training)
            loss = network.learn(training, rate)
            validation_loss, accuracy = network.judge(validation)
            log.write(f"{epoch},{arguments.epochs},{loss:.5f},")
            log.flush()
            time.sleep(arguments.pause)
            log.write(f"{validation_loss:.5f},{accuracy:.4f},{rate:.6f}\n")
            log.flush()
            with open(checkpoint + ".new", "w") as file:
                json.dump({"epoch": epoch, "first": network.first, "second": network.second}, file)
            os.replace(checkpoint + ".new", checkpoint)


main()
