"""Modules to compile: a block of a transformer, an LSTM cell, a block of a residual network."""

import torch
from torch import nn


class TransformerBlock(nn.Module):
    """Attention and a feed-forward part, each after a layer norm, with what came in added."""

    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.joint, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.joint(self.first(x)).chunk(3, dim=-1)
        query, key, value = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in parts)
        scores = query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5
        weights = scores.softmax(-1)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(batch, length, width))
        return x + self.feed(self.second(x))


class LSTMCell(nn.Module):
    """The formulas of an LSTM, which PyTorch has as one operator."""

    def __init__(self, width=16):
        super().__init__()
        self.of_input, self.of_state = nn.Linear(width, 4 * width), nn.Linear(width, 4 * width)

    def forward(self, x, state, cell):
        take, forget, new, out = (self.of_input(x) + self.of_state(state)).chunk(4, dim=1)
        cell = torch.sigmoid(forget) * cell + torch.sigmoid(take) * torch.tanh(new)
        return torch.sigmoid(out) * torch.tanh(cell), cell


class ResidualBlock(nn.Module):
    """Two convolutions with batch norms, with what came in added."""

    def __init__(self, channels=8):
        super().__init__()
        convolutions = [nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2)]
        self.first, self.second = convolutions
        self.first_norm, self.second_norm = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x):
        inner = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(inner)) + x)


def inputs_of(name, size=4):
    """Return the arguments of a module."""
    torch.manual_seed(1)
    if name == "transformer":
        return (torch.randn(size, 10, 32),)
    if name == "lstm":
        return tuple(torch.randn(size, 16) for _ in range(3))
    return (torch.randn(size, 8, 12, 12),)


MODULES = {"transformer": TransformerBlock, "lstm": LSTMCell, "resnet": ResidualBlock}
