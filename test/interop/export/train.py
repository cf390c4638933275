"""Trains the models for a few steps and saves checkpoints as training loops do: train.py FOLDER, beside resnet.py."""

import pathlib
import sys

import torch

FOLDER = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(FOLDER / "src" / "models"))

from resnet import ResNet, Tied  # noqa: E402

torch.manual_seed(5)


def train(model, make_batch):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(3):
        optimizer.zero_grad()
        output = model(*make_batch())
        loss = sum(one.square().mean() for one in (output.values() if isinstance(output, dict) else [output]))
        loss.backward()
        optimizer.step()
    return {"epoch": 3, "model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "val_acc": 0.5}


(FOLDER / "models").mkdir()
resnet = train(ResNet(10), lambda: (torch.randn(4, 3, 32, 32),))
resnet["config"] = {"num_classes": 10, "lr": 1e-3}
torch.save(resnet, FOLDER / "models" / "resnet_best.pth")
tied = train(Tied(), lambda: (torch.randint(0, 50, (2, 6)), torch.ones(2, 6)))
torch.save(tied, FOLDER / "models" / "tied.pth")
