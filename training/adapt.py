"""Teaches a captioner to see soft pictures as sharp ones, and nothing else: `python -m training.adapt`.

Frames of small, hard-pressed and old videos are softer than the photos that captions come with, and a decoder speaks of them otherwise.
An adapter beside the projection of the regions learns what the projection makes of a sharp photo from the regions of the same photo made soft, and
to leave pictures of another kind as they are; a gate, learned before, shuts it out where a picture is sharp, of which no number changes.
Encoder, word head and decoder stay, and with them all that was calibrated.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .calibrate import fit_logistic
from .checkpoint import Network, load_network, save_checkpoint, with_adapter
from .command import run
from .features import FeatureSet
from .pseudo import held_out, read_names
from .train import batches, rate

WIDTH = 1.0  # Log-odds between shut and open.
REPORTED = 12  # Of so many photos one is reported on and not learned from.


def fit_gate(gate: nn.Linear, sharp: np.ndarray, soft: list[np.ndarray]) -> None:
    """From the mean regions of photos, `[N,1280]`, to a gate that opens with the log-odds of softness, from `-WIDTH` on, wholly at 0."""
    x = np.concatenate([sharp, *soft]).astype(float)
    right, counts = np.repeat([0.0, 1.0], [len(sharp), len(x) - len(sharp)]), np.repeat([1.0, 1 / len(soft)], [len(sharp), len(x) - len(sharp)])
    *weights, constant = fit_logistic(x, right, counts, rounds=10, hold=100.0)
    with torch.no_grad():
        gate.weight.copy_(torch.tensor(weights)[None] / WIDTH)
        gate.bias.fill_(constant / WIDTH + 1)


def means(regions: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.stack([np.asarray(regions[row], np.float32).mean(0) for row in rows])


def loss_of(network: Network, regions: Tensor, sharp: Tensor) -> Tensor:
    """How far what the decoder sees of `regions` is from what the projection alone makes of `sharp`."""
    projector = network.captioner.projector
    with torch.no_grad():
        target = projector.normalise(projector.project(sharp))
    return functional.mse_loss(projector.view(regions), target)


@torch.no_grad()
def lost(network: Network, regions: np.ndarray, sharp: np.ndarray) -> float:
    """The loss as a share of the variance of what the projection makes of sharp pictures."""
    projector, missing, spread = network.captioner.projector, 0.0, 0.0
    for start in range(0, len(sharp), 50):
        part, own = (torch.from_numpy(np.array(array[start : start + 50])).float() for array in (regions, sharp))
        target = projector.normalise(projector.project(own))
        missing += loss_of(network, part, own).item() * target.numel()
        spread += (target - target.mean((0, 1))).square().sum().item()
    return round(missing / spread, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="what training.features wrote with its encoder, and --soft")
    parser.add_argument("--cache", type=Path, help="what training.wordfeatures wrote with its encoder: Visual7W's pictures stay as they are")
    parser.add_argument("--others", type=float, default=0.5, help="how much it counts that they stay")
    parser.add_argument("--rank", type=int, default=80)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="folder for last.pt")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    network, vocabulary = load_network(arguments.checkpoint)
    network = with_adapter(network, arguments.rank).requires_grad_(False)
    adapter = network.captioner.projector.adapter.requires_grad_(True)
    adapter.gate.requires_grad_(False)
    sharp, soft = np.load(arguments.features / "train.npy", mmap_mode="r"), FeatureSet(arguments.features, "soft")
    kept, open_rows = None, np.array([], int)
    if arguments.cache:
        kept = np.load(arguments.cache / "v7w.npy", mmap_mode="r")
        open_rows = np.flatnonzero([not held_out(name) for name in read_names(arguments.cache, "v7w")])
    reported = np.arange(len(sharp)) % REPORTED == 0
    learned = np.flatnonzero(~reported)

    fit_gate(adapter.gate, means(sharp, learned), [means(view.numpy(), learned) for view in soft.views])
    optimizer = torch.optim.AdamW([weight for weight in adapter.parameters() if weight.requires_grad], lr=arguments.rate, weight_decay=0.01)
    steps, step, started = arguments.epochs * (len(learned) // arguments.batch), 0, time.monotonic()
    for epoch in range(arguments.epochs):
        for indices in batches(learned, arguments.batch, arguments.seed * 1000 + epoch, open_rows, arguments.batch // 2):
            own, others = indices[: arguments.batch], indices[arguments.batch :]
            regions = torch.from_numpy(np.array(sharp[own])).float()
            loss = loss_of(network, soft.draw(own, arguments.seed * 100_000 + step)[0], regions)
            if len(others):
                regions = torch.from_numpy(np.array(kept[others])).float()
                loss = loss + arguments.others * loss_of(network, regions, regions)
            for group in optimizer.param_groups:
                group["lr"] = arguments.rate * rate(step / steps)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            step += 1
        shares = {"sharp": lost(network, sharp[reported], sharp[reported]), "soft": lost(network, soft.views[0].numpy()[reported], sharp[reported])}
        if kept is not None:
            shares["others"] = lost(network, kept[open_rows[::REPORTED]], kept[open_rows[::REPORTED]])
        shares["open, sharp"] = round(float((adapter.gate(torch.from_numpy(means(sharp, np.flatnonzero(reported)))) > 0).float().mean()), 4)
        print(json.dumps({"epoch": epoch + 1, "lost": shares, "seconds": round(time.monotonic() - started)}), flush=True)
    save_checkpoint(arguments.out / "last.pt", {
        "options": network.captioner.options.to_dict(), "words": vocabulary.words, "epoch": 0, "average": network.state_dict(),
    })


if __name__ == "__main__":
    run(main)
