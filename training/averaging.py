"""Averages of weights: the moving one that every stage evaluates and keeps, and that of several runs, `python -m training.averaging`.

Runs that began at the same weights and differ in their seed alone average to a network that is at least as good on pictures
that none has seen (Wortsman et al. 2022, "Model soups"), and costs no more than one of them. Between a network and what further
training made of it lie networks that keep most of the one and have most of the other (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models").
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from .checkpoint import read_checkpoint, save_checkpoint
from .command import InputError, run


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """A copy of the model whose weights follow the model's; `decay` of them stays at each update."""

    def follow(average: Tensor, current: Tensor, _: int | Tensor) -> Tensor:
        return average.lerp(current, 1 - decay)

    return AveragedModel(model, avg_fn=follow)


def mean_of(checkpoints: list[Path], shares: list[float] | None = None) -> dict[str, object]:
    """A checkpoint whose weights are the mean of theirs, each counting by its share, all alike without."""
    if shares and len(shares) != len(checkpoints):
        raise InputError(f"Expected a share for each of {len(checkpoints)} checkpoints, got {len(shares)}")
    first, *others = [read_checkpoint(path) for path in checkpoints]
    for path, other in zip(checkpoints[1:], others):
        if (other["options"], other["words"]) != (first["options"], first["words"]):
            raise InputError(f"Expected the options and words of {checkpoints[0]} in {path}, got others")
    weights, counts = [content["average"] for content in (first, *others)], torch.tensor(shares or [1.0] * len(checkpoints))
    mean = {
        name: torch.tensordot(counts / counts.sum(), torch.stack([part[name] for part in weights]), 1) if value.is_floating_point() else value
        for name, value in weights[0].items()
    }
    return {"options": first["options"], "words": first["words"], "epoch": 0, "average": mean}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", type=Path, nargs="+", required=True, help="of runs from the same start")
    parser.add_argument("--shares", type=float, nargs="+", help="how much each counts; all alike without")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    save_checkpoint(arguments.out, mean_of(arguments.checkpoints, arguments.shares))


if __name__ == "__main__":
    run(main)
