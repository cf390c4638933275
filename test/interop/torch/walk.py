"""The life of a model, as a person who trains it lives it.

    walk.py train FOLDER EPOCHS           # cnn_epoch_N.pth for each in the seed layout; prints what each is, as JSON
    walk.py outputs FILE.safetensors      # the weights, read by the safetensors library into the model: a hash of its outputs
    walk.py resume FILE.pth EPOCH         # one more epoch from there: the same hash
    walk.py allowed FILE.pth NAME…        # fails unless torch.load(weights_only=True) takes it where these names are allowed
    walk.py distance FILE.pth FILE.pth    # for each weight: relative L2 distance, largest difference, cosine
"""

import hashlib
import importlib
import json
import sys

import torch
from safetensors.torch import load_file
from torch import nn

torch.set_num_threads(1)
CONFIG = {"lr": 1e-3, "batch_size": 32, "optimizer": "Adam"}


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.fc1 = nn.Linear(16 * 8 * 8, 600)
        self.fc2 = nn.Linear(600, 4)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


def images(seed, count):
    """The class is the quarter that is brighter than the others."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(4, (count,), generator=generator)
    pixels = torch.randn(count, 1, 8, 8, generator=generator)
    for i, label in enumerate(labels.tolist()):
        row, column = 4 * (label // 2), 4 * (label % 2)
        pixels[i, 0, row : row + 4, column : column + 4] += 0.25
    return pixels, labels


def train(model, optimizer, epoch):
    model.train()
    for step in range(4):
        x, y = images(1000 * epoch + step, CONFIG["batch_size"])
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def outputs(model):
    model.eval()
    with torch.no_grad():
        return model(images(7, 200)[0])


def hashed(model):
    return hashlib.sha256(outputs(model).numpy().tobytes()).hexdigest()


def new():
    torch.manual_seed(0)
    model = CNN()
    return model, torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])


def epochs(folder, count):
    model, optimizer = new()
    told = []
    for epoch in range(1, count + 1):
        train(model, optimizer, epoch)
        accuracy = float((outputs(model).argmax(1) == images(7, 200)[1]).double().mean())
        name = f"cnn_epoch_{epoch}.pth"
        state = {"model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict()}
        torch.save({"epoch": epoch, **state, "val_acc": accuracy, "config": CONFIG}, f"{folder}/{name}")
        told.append({"name": name, "val_acc": accuracy, "outputs": hashed(model)})
    train(model, optimizer, count + 1)
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    weights = sum(tensor.nbytes for tensor in model.state_dict().values())
    return {"epochs": told, "next": hashed(model), "shapes": shapes, "bytes": weights}


def distance(before, after):
    told = {}
    for name, a in torch.load(before)["model_state_dict"].items():
        a, b = a.double().flatten(), torch.load(after)["model_state_dict"][name].double().flatten()
        cosine = torch.nn.functional.cosine_similarity(a, b, dim=0)
        told[name] = [float((b - a).norm() / a.norm()), float((b - a).abs().max()), float(cosine)]
    return told


def load_allowed(file, names):
    found = [name.rpartition(".") for name in names]
    with torch.serialization.safe_globals([getattr(importlib.import_module(module), name) for module, _, name in found]):
        torch.load(file, weights_only=True)


def main(verb, file, other=None, *names):
    if verb == "train":
        print(json.dumps(epochs(file, int(other))))
    elif verb == "outputs":
        model, _ = new()
        model.load_state_dict(load_file(file), strict=True)
        print(hashed(model))
    elif verb == "allowed":
        load_allowed(file, [other, *names])
    elif verb == "resume":
        model, optimizer = new()
        checkpoint = torch.load(file)
        model.load_state_dict(checkpoint["model_state_dict"])
        optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
        train(model, optimizer, int(other))
        print(hashed(model))
    else:
        print(json.dumps(distance(file, other)))


main(*sys.argv[1:])
