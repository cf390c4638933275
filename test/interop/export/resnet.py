"""ResNet-18 with the names of torchvision's, and models that cannot be exported as they are."""

import torch
from torch import nn


class BasicBlock(nn.Module):
    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.downsample = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        x = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(x + identity)


class ResNet(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inside = 64
        for i, (width, stride) in enumerate(((64, 1), (128, 2), (256, 2), (512, 2)), 1):
            setattr(self, f"layer{i}", nn.Sequential(BasicBlock(inside, width, stride), BasicBlock(width, width)))
            inside = width
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, num_classes)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.compute(x)

    def compute(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.dropout(torch.flatten(self.avgpool(x), 1)))


def get_model(num_classes=1000, image_size=32):
    print("made by the user's code", image_size)
    return ResNet(num_classes)


class Wrapped(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.backbone = ResNet(num_classes)

    def forward(self, x):
        return self.backbone(x)


class Branching(ResNet):
    def forward(self, x):
        y = self.compute(x)
        if x.sum() > 0:
            return y
        return -y


class Training(ResNet):
    def train(self, mode=True):
        return super().train(True)


class Random(ResNet):
    def forward(self, x):
        return nn.functional.dropout(super().forward(x), 0.5)


class FixedBatch(ResNet):
    def forward(self, x):
        return super().forward(x).view(2, 10)


class TracedBatch(ResNet):
    """Takes any batch, and its trace one only."""

    def forward(self, x):
        return super().forward(x).view(int(x.shape[0]), 10)


class OnGpu(ResNet):
    def forward(self, x):
        return super().forward(x.cuda())


class Tied(nn.Module):
    """Two inputs of whole numbers, a dict of two outputs, two names for one tensor."""

    def __init__(self, words=50):
        super().__init__()
        self.embed = nn.Embedding(words, 16)
        self.out = nn.Linear(16, words, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, words, mask):
        x = self.embed(words) * mask.unsqueeze(-1)
        return {"logits": self.out(x), "pooled": x.mean(1)}
