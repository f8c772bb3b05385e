"""MobileNetV2 (Sandler et al. 2018) with batch normalisation folded into the convolutions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .command import InputError

MEAN = (0.485, 0.456, 0.406)
STANDARD_DEVIATION = (0.229, 0.224, 0.225)
SIZE = 224
REGIONS = 49
CHANNELS = 1280

# Expansion, output channels, repeats and stride of each stage: table 2 of the paper.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class ReLU6(nn.Module):
    """As PyTorch's own, whose gradient older versions lack for bfloat16."""

    def forward(self, x: Tensor) -> Tensor:
        return x.clamp(0, 6)


def convolution(inputs: int, outputs: int, kernel: int, stride: int, groups: int, activate: bool) -> nn.Sequential:
    """A convolution with bias (the folded normalisation's shift) and, where asked for, ReLU6."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)]
    if activate:
        layers.append(ReLU6())
    return nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; the input is added where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers = [] if expansion == 1 else [convolution(inputs, hidden, 1, 1, 1, True)]
        layers.append(convolution(hidden, hidden, 3, stride, hidden, True))
        layers.append(convolution(hidden, outputs, 1, 1, 1, False))
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.residual else self.layers(x)


class MobileNetV2(nn.Module):
    """Pictures `[N,3,224,224]`, normalised, to a map `[N,1280,7,7]`."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = [convolution(3, 32, 3, 2, 1, True)]
        channels = 32
        for expansion, outputs, repeats, stride in STAGES:
            for index in range(repeats):
                blocks.append(InvertedResidual(channels, outputs, stride if index == 0 else 1, expansion))
                channels = outputs
        blocks.append(convolution(channels, CHANNELS, 1, 1, 1, True))
        self.blocks = nn.Sequential(*blocks)

    def forward(self, images: Tensor) -> Tensor:
        return self.blocks(images)

    def load_folded(self, path: Path) -> None:
        """Reads `conv_N_weight` and `conv_N_bias` (N from 0 or 1, network order) from an npz file."""
        with np.load(path) as arrays:
            numbers = sorted({int(name.split("_")[1]) for name in arrays.files})
            convolutions = [module for module in self.modules() if isinstance(module, nn.Conv2d)]
            if len(numbers) != len(convolutions):
                raise InputError(f"Expected {len(convolutions)} convolutions in {path} but found {len(numbers)}")
            with torch.no_grad():
                for number, module in zip(numbers, convolutions):
                    module.weight.copy_(torch.from_numpy(arrays[f"conv_{number}_weight"]))
                    module.bias.copy_(torch.from_numpy(arrays[f"conv_{number}_bias"]))


def regions(feature_map: Tensor) -> Tensor:
    """A map `[N,C,H,W]` as regions `[N,H*W,C]`, row by row."""
    return feature_map.flatten(2).transpose(1, 2)
