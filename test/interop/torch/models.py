"""Small models of the kinds that people train. Each class says what an input is."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.GroupNorm(2, width)

    def forward(self, x):
        return torch.relu(x + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


class Residual(nn.Module):
    """ResNet-like."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.layer1 = nn.Sequential(Block(8), Block(8))
        self.down = nn.Conv2d(8, 16, 1, stride=2)
        self.layer2 = nn.Sequential(Block(16))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.layer2(self.down(self.layer1(torch.relu(self.stem(x)))))
        return self.fc(x.mean((2, 3)))

    @staticmethod
    def example():
        return torch.randn(2, 3, 8, 8)


class Recurrent(nn.Module):
    """The weights of an LSTM may share one flat storage."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 8, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(16, 4, batch_first=True)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        x, _ = self.lstm(x)
        x, _ = self.gru(x)
        return self.out(x[:, -1])

    @staticmethod
    def example():
        return torch.randn(2, 5, 6)


class Language(nn.Module):
    """A Transformer whose output layer is its embedding, with a buffer that is saved and one that is not."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.register_buffer("positions", torch.arange(16.0).view(1, 16, 1) / 16)
        self.register_buffer("mask", torch.ones(3), persistent=False)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True) for _ in range(2))
        self.head = nn.Linear(8, 20, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, words):
        x = self.embed(words) + self.positions[:, : words.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return self.head(x)

    @staticmethod
    def example():
        return torch.arange(10).view(2, 5)


MODELS = {"residual": Residual, "recurrent": Recurrent, "language": Language}


def made(kind):
    torch.manual_seed(3)
    return MODELS[kind]()


def trained(kind, steps=2):
    """With an optimizer that has state, and statistics of batches that are not those of a new model."""
    net = made(kind)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for _ in range(steps):
        optimizer.zero_grad()
        net(net.example()).square().mean().backward()
        optimizer.step()
    return net.eval(), optimizer
