"""Trains two tiny models and saves them as training loops do, or loads what art made of them and compares outputs.

    python train_and_load.py save FOLDER     # cnn.pth (seed layout, Adam), tied.pth (two names, one tensor), cnn.legacy.pth
    python train_and_load.py load FOLDER     # cnn.safetensors, tied.safetensors, cnn.legacy.safetensors beside them
"""

import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

FOLDER = pathlib.Path(sys.argv[2])


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8 * 6 * 6, 200)
        self.head = nn.Linear(200, 10)

    def forward(self, x):
        return self.head(torch.relu(self.fc(torch.relu(self.bn(self.conv(x))).flatten(1))))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.out = nn.Linear(16, 50, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, x):
        return self.out(self.embed(x))


INPUTS = {"cnn": torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8), "tied": torch.arange(10)}


def train(model, batch):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(5):
        optimizer.zero_grad()
        model(batch).square().mean().backward()
        optimizer.step()
    return optimizer


def save():
    torch.manual_seed(7)
    for name, model in (("cnn", CNN()), ("tied", Tied())):
        optimizer = train(model, INPUTS[name] if name == "tied" else torch.randn(4, 1, 8, 8))
        model.eval()
        checkpoint = {
            "epoch": 4,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "val_acc": 0.875,
            "config": {"lr": 1e-3, "name": name},
        }
        torch.save(checkpoint, FOLDER / f"{name}.pth")
        if name == "cnn":
            torch.save(checkpoint, FOLDER / "cnn.legacy.pth", _use_new_zipfile_serialization=False)
        torch.save(model(INPUTS[name]), FOLDER / f"{name}.expected")


def load():
    for file in ("cnn", "cnn.legacy", "tied"):
        name = file.split(".")[0]
        path = FOLDER / f"{file}.safetensors"
        model = {"cnn": CNN, "tied": Tied}[name]()
        model.load_state_dict(load_file(path), strict=True)
        model.eval()
        assert torch.equal(model(INPUTS[name]), torch.load(FOLDER / f"{name}.expected")), file
        with safe_open(path, "pt") as opened:
            metadata = opened.metadata()
        assert metadata["epoch"] == "4" and metadata["val_acc"] == "0.875" and metadata["format"] == "pt", metadata
        print(f"{file}: equal outputs")


{"save": save, "load": load}[sys.argv[1]]()
