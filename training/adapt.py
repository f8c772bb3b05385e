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
from .data import load_photos
from .features import FeatureSet, check_features
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


def teach(network: Network, sharp: np.ndarray, soft: FeatureSet, others: np.ndarray | None, arguments: argparse.Namespace) -> None:
    """Teaches the network's adapter from regions of the photos `[N,49,1280]`, sharp and soft, and of pictures that are to stay as they are."""
    adapter = network.requires_grad_(False).captioner.projector.adapter
    reported = np.arange(len(sharp)) % REPORTED == 0
    learned, kept = np.flatnonzero(~reported), np.arange(len(others) if others is not None else 0)
    fit_gate(adapter.gate, means(sharp, learned), [means(view.numpy(), learned) for view in soft.views])
    weights = [weight.requires_grad_(True) for name, weight in adapter.named_parameters() if not name.startswith("gate.")]
    optimizer = torch.optim.AdamW(weights, lr=arguments.rate, weight_decay=0.01)
    steps, step, started = arguments.epochs * (len(learned) // arguments.batch), 0, time.monotonic()
    for epoch in range(arguments.epochs):
        for indices in batches(learned, arguments.batch, arguments.seed * 1000 + epoch, kept, arguments.batch // 2):
            own, rest = indices[: arguments.batch], indices[arguments.batch :]
            regions = torch.from_numpy(np.array(sharp[own])).float()
            loss = loss_of(network, soft.draw(own, arguments.seed * 100_000 + step)[0], regions)
            if others is not None:
                regions = torch.from_numpy(np.array(others[rest])).float()
                loss = loss + arguments.others * loss_of(network, regions, regions)
            for group in optimizer.param_groups:
                group["lr"] = arguments.rate * rate(step / steps)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            step += 1
        told = {"sharp": lost(network, sharp[reported], sharp[reported]), "soft": lost(network, soft.views[0].numpy()[reported], sharp[reported])}
        if others is not None:
            told["others"] = lost(network, others[::REPORTED], others[::REPORTED])
        opened = adapter.gate(torch.from_numpy(means(sharp, np.flatnonzero(reported)))) > 0
        print(json.dumps({
            "epoch": epoch + 1, "lost": told, "opened": round(float(opened.float().mean()), 4), "seconds": round(time.monotonic() - started),
        }), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
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
    network = with_adapter(network, arguments.rank)
    sharp, others = np.load(arguments.features / "train.npy", mmap_mode="r"), None
    check_features(network.encoder, arguments.features / "train.npy", sharp, load_photos(arguments.data, "train"))
    if arguments.cache:
        others = np.load(arguments.cache / "v7w.npy", mmap_mode="r")
        others = others[[not held_out(name) for name in read_names(arguments.cache, "v7w")]]
    teach(network, sharp, FeatureSet(arguments.features, "soft"), others, arguments)
    save_checkpoint(arguments.out / "last.pt", {
        "options": network.captioner.options.to_dict(), "words": vocabulary.words, "epoch": 0, "average": network.state_dict(),
    })


if __name__ == "__main__":
    run(main)
