"""What a network learns from others (Hinton et al. 2015, "Distilling the knowledge in a neural network").

The encoder keeps the start weights' knowledge of 1,000 classes alive while it learns to caption; a decoder may learn from
several others, whose mean foretells words better than each of them does.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .checkpoint import load_network
from .command import InputError
from .encoder import MobileNetV2
from .vocabulary import Vocabulary


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


class Ensemble:
    """Captioners on the same encoder's features and with the same vocabulary, as one teacher."""

    def __init__(self, checkpoints: list[Path], vocabulary: Vocabulary, device: str = "cpu") -> None:
        self.captioners = []
        for path in checkpoints:
            network, words = load_network(path)
            if words.words != vocabulary.words:
                raise InputError(f"Expected the pupil's {len(vocabulary)} words in {path}, got {len(words)} or others")
            self.captioners.append(network.captioner.to(device).requires_grad_(False))

    @torch.no_grad()
    def chances(self, regions: Tensor, words: Tensor, logits: Tensor | None = None) -> Tensor:
        """The mean of the chances that they give each token, `[M,V]`, in the order of `Captioner.foretell`."""
        total: Tensor | None = None
        for captioner in self.captioners:
            chances = torch.softmax(captioner.foretell(regions, words, logits)[0], -1)
            total = chances if total is None else total.add_(chances)
        torch.clear_autocast_cache()  # See training.scst.sample.
        return total / len(self.captioners)
