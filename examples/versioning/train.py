"""Trains one of the two models on pictures that it draws itself; python train.py <name> [--epochs N] [--lr X] [--width N] [--resume FILE]"""
import argparse
import json
import os
import time

import torch
from torch import nn

from src.models.model import get_model


def pictures(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise with a bright bar in one of four directions: the direction is the class."""
    chance = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 3, 16, 16, generator=chance)
    y = torch.randint(0, 4, (count,), generator=chance)
    at = torch.randint(2, 14, (count,), generator=chance)
    for i in range(count):
        k, c = int(at[i]), int(y[i])
        for j in range(16):
            row, column = [(k, j), (j, k), (j, (j + k) % 16), (j, (k - j) % 16)][c]
            x[i, :, row, column] += 1.5
    return x, y


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("name", choices=["simple_cnn", "resnet"])
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--lr", type=float, default=0.01)
    options.add_argument("--width", type=int, default=8)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--resume")
    options.add_argument("--start", type=int, default=0)
    given = options.parse_args()

    torch.manual_seed(given.seed)
    model = get_model(given.name, width=given.width)
    optimizer = torch.optim.Adam(model.parameters(), lr=given.lr)
    if given.resume:
        saved = torch.load(given.resume, weights_only=True)
        model.load_state_dict(saved["model_state_dict"])
        optimizer.load_state_dict(saved["optimizer_state_dict"])
    config = {"lr": given.lr, "epochs": given.epochs, "batch_size": 64, "width": given.width, "dataset": "bars-4"}
    x, y = pictures(1024, seed=1)
    held_x, held_y = pictures(256, seed=2)
    os.makedirs("models", exist_ok=True)
    os.makedirs("results", exist_ok=True)
    best, began = -1.0, time.time()
    for epoch in range(given.start, given.epochs):
        model.train()
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            scores = model(held_x)
        accuracy = (scores.argmax(1) == held_y).float().mean().item()
        checkpoint = {
            "epoch": epoch,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "val_acc": accuracy,
            "config": config,
        }
        torch.save(checkpoint, f"models/{given.name}_epoch_{epoch}.pth")
        if accuracy > best:
            best = accuracy
            torch.save(checkpoint, f"models/{given.name}_best.pth")
            with open(f"results/{given.name}.json", "w") as file:
                json.dump(figures(scores, held_y), file, indent=2)
        print(f"epoch {epoch}: val_acc {accuracy:.3f}")
    print(f"best val_acc {best:.3f} after {time.time() - began:.0f} s")


def figures(scores: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    """Macro averages over the classes."""
    guess = scores.argmax(1)
    precision, recall = [], []
    for label in range(scores.shape[1]):
        hit = ((guess == label) & (truth == label)).sum().item()
        precision.append(hit / max(1, (guess == label).sum().item()))
        recall.append(hit / max(1, (truth == label).sum().item()))
    p, r = sum(precision) / len(precision), sum(recall) / len(recall)
    return {
        "precision": round(p, 4),
        "recall": round(r, 4),
        "f1": round(2 * p * r / max(1e-9, p + r), 4),
        "loss": round(nn.functional.cross_entropy(scores, truth).item(), 4),
    }


if __name__ == "__main__":
    main()
