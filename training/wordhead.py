"""The word head: from the encoder's regions to the chance that each plain word names something in the picture.

Low rank and pooled twice, by mean and by maximum, so that a thing counts whether it fills the picture or one region.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .encoder import CHANNELS

LEAST, MOST = -3.0, 6.0
RANK = 192


class WordHead(nn.Module):
    """Regions `[N,R,1280]` to logits `[N,K]`; with kinds of things judged as a whole (`training.kinds`), `judge` has theirs too."""

    def __init__(self, words: int, kinds: int = 0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.2)
        self.project = nn.Linear(CHANNELS, RANK)
        self.output = nn.Linear(2 * RANK, words)
        self.kinds = nn.Linear(2 * RANK, kinds) if kinds else None

    def forward(self, regions: Tensor) -> Tensor:
        # A channel is dropped in all regions at once, else the others would tell it.
        kept = self.dropout(regions.new_ones(len(regions), 1, CHANNELS)) if self.training else 1.0
        return self.output(self.dropout(self.pooled(regions * kept)))

    def pooled(self, regions: Tensor) -> Tensor:
        """What the output layer sees, `[N,384]`: each of its channels' mean and its maximum over the regions."""
        hidden = torch.relu(self.project(regions))
        return torch.cat([hidden.mean(1), hidden.amax(1)], -1)

    def judge(self, regions: Tensor) -> Tensor:
        """Logits of the words and, behind them, of the kinds, `[N,K+G]`."""
        pooled = self.pooled(regions)
        return torch.cat([self.output(pooled), *([self.kinds(pooled)] if self.kinds else [])], -1)

    @torch.no_grad()
    def rescale(self, slope: Tensor, shift: Tensor) -> None:
        """Folds a calibration of each word, `slope * logit + shift`, into the output layer."""
        self.output.weight.mul_(slope[:, None])
        self.output.bias.mul_(slope).add_(shift)


class Evidence(nn.Module):
    """How much more likely each word is than on the captioned photos as a whole: the logit above that of its prior, `[N,K]`.

    The head is trained before, on its own, and stays as it is while the decoder learns.
    """

    def __init__(self, words: int, kinds: int = 0) -> None:
        super().__init__()
        self.head = WordHead(words, kinds).requires_grad_(False)
        self.register_buffer("prior", torch.zeros(words))

    def train(self, mode: bool = True) -> Evidence:
        """Without dropout in any mode: nothing in here learns."""
        return super().train(False)

    def forward(self, regions: Tensor, logits: Tensor | None = None) -> Tensor:
        """`logits [N,K]` take the head's place: while training, those of a head that hasn't learned from these photos."""
        return ((self.head(regions) if logits is None else logits) - self.prior).clamp(LEAST, MOST)
