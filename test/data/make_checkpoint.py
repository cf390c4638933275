"""Writes simple_cnn.pth and simple_cnn_finetuned.pth with real PyTorch: the layout of a usual training loop.

    python3 -m venv /opt/torch-venv && /opt/torch-venv/bin/pip install torch==2.15.*
    /opt/torch-venv/bin/python test/data/make_checkpoint.py

The second file is the first one after two more epochs with the convolutions frozen. torch stamps a random serialization id
into every file, so running this again gives files of other bytes and the same weights.
"""

import pathlib
import shutil
import tempfile

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
CONFIG = {"lr": 0.001, "batch_size": 64, "epochs": 5, "optimizer": "Adam", "dataset": "stripes-16x16", "classes": 10}


class SimpleCNN(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        )
        self.classifier = nn.Linear(48, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(images).flatten(1))


def stripes(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy images whose class is the frequency and direction of their stripes."""
    labels = torch.randint(0, CONFIG["classes"], (count,))
    ramp = torch.arange(16.0)
    waves = torch.sin(ramp * (labels % 5 + 1).unsqueeze(1) * 0.45)
    across = waves.unsqueeze(1).expand(-1, 16, -1)
    images = torch.where((labels >= 5).view(-1, 1, 1), across.transpose(1, 2), across)
    return (images + torch.randn(count, 16, 16) * 2.2).unsqueeze(1), labels


def train(model: SimpleCNN, optimizer: torch.optim.Optimizer, data: tuple, epochs: int, frozen: bool = False) -> float:
    images, labels = data
    for _ in range(epochs):
        model.train()
        model.features.train(not frozen)
        for batch in torch.randperm(len(images) - 500).split(CONFIG["batch_size"]):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        return (model(images[-500:]).argmax(1) == labels[-500:]).float().mean().item()


def save(name: str, epoch: int, model: nn.Module, optimizer: torch.optim.Optimizer, val_acc: float) -> None:
    checkpoint = {
        "epoch": epoch,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "val_acc": round(val_acc, 4),
        "config": CONFIG,
    }
    with tempfile.TemporaryDirectory() as folder:
        # torch writes the file's stem into the archive, and a training loop saves under one name again and again.
        path = pathlib.Path(folder, "simple_cnn.pth")
        torch.save(checkpoint, path)
        shutil.copy(path, HERE / name)
    print(f"{name}: {(HERE / name).stat().st_size} bytes, epoch {epoch}, val_acc {val_acc:.4f}, torch {torch.__version__}")


def main() -> None:
    torch.manual_seed(20)
    torch.set_num_threads(1)
    data = stripes(2500)
    model = SimpleCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
    save("simple_cnn.pth", 3, model, optimizer, train(model, optimizer, data, 3))

    for parameter in model.features.parameters():
        parameter.requires_grad_(False)
    save("simple_cnn_finetuned.pth", 5, model, optimizer, train(model, optimizer, data, 2, frozen=True))


if __name__ == "__main__":
    main()
