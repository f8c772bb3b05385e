"""Keeps the start weights' knowledge of 1,000 classes alive while the encoder learns to caption (Hinton et al. 2015)."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .encoder import MobileNetV2


class ClassTeacher:
    """A frozen copy of the start encoder with its linear classifier on the map's mean."""

    def __init__(self, encoder: Path, classifier: Path, device: str = "cpu") -> None:
        teacher = MobileNetV2()
        teacher.load_folded(encoder)
        self.encoder = copy.deepcopy(teacher).to(device, memory_format=torch.channels_last).requires_grad_(False).eval()
        with np.load(classifier) as arrays:
            self.weight = torch.from_numpy(arrays["weight"].astype(np.float32)).to(device)
            self.bias = torch.from_numpy(arrays["bias"].astype(np.float32)).to(device)

    def scores(self, feature_map: Tensor) -> Tensor:
        """A map `[N,1280,7,7]` to class scores `[N,1000]`."""
        return feature_map.mean((2, 3)) @ self.weight + self.bias

    def loss(self, low: Tensor, feature_map: Tensor, shared: int) -> Tensor:
        """Kullback–Leibler divergence of the classes that student and teacher see in the same pictures.

        `low` is the output of the first `shared` blocks, which both have in common (the pictures if there are none).
        """
        with torch.no_grad():
            target = torch.log_softmax(self.scores(self.encoder.blocks[shared:](low)).float(), -1)
        student = torch.log_softmax(self.scores(feature_map).float(), -1)
        return functional.kl_div(student, target, reduction="batchmean", log_target=True)
