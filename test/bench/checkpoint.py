"""checkpoint.py <path> <bytes> seed|weights: a checkpoint of a Transformer as torch.save writes it, with Adam's state after one step, or its
state dict alone."""

import sys

import torch
from torch import nn

LAYERS = 12


def main(path, size, layout):
    copies = 3 if layout == "seed" else 1
    # An encoder layer has 4 w² of attention and 8 w² of feed-forward weights.
    width = max(8, int((size / (copies * 4 * LAYERS * 12)) ** 0.5) // 8 * 8)
    torch.manual_seed(1)
    net = nn.ModuleList(nn.TransformerEncoderLayer(width, 8, 4 * width) for _ in range(LAYERS))
    if layout == "weights":
        torch.save(net.state_dict(), path)
        return
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for parameter in net.parameters():
        parameter.grad = parameter.detach() * 0.01
    optimizer.step()
    value = {"epoch": 7, "model_state_dict": net.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "val_acc": 0.9, "config": {"lr": 1e-3}}
    torch.save(value, path)


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
