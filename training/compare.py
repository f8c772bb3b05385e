"""Cells beside each other: size, scores, and how well words are foretold early and late: `python -m training.compare`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .checkpoint import load_network
from .command import run
from .data import load_photos
from .decoder import Captioner
from .evaluate import evaluate_features
from .train import encode_captions
from .vocabulary import PADDING

POSITIONS = ((1, 5), (6, 10), (11, 15), (16, 22))


@torch.no_grad()
def surprise(model: Captioner, regions: Tensor, words: Tensor) -> Tensor:
    """Cross-entropy of each word `[N,C,T-1]`, zero at padding. regions `[N,49,1280]`, words `[N,C,T]`."""
    features, states = model.projector(regions)
    rows = words.flatten(0, 1)
    states = tuple(state.repeat_interleave(words.shape[1], 0) for state in states)
    before = rows[:, :-1]
    out, _, _ = model.decoder(before, features, states)
    scores = model.decoder.token_scores(out, before, states, torch.ones_like(before, dtype=torch.bool))
    loss = functional.cross_entropy(scores, rows[:, 1:].flatten(), reduction="none", ignore_index=PADDING)
    return loss.view(words.shape[0], words.shape[1], -1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", type=Path, nargs="+", required=True, help="with the same encoder")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="folder with dev.npy of that encoder")
    parser.add_argument("--beam", type=int, default=3)
    parser.add_argument("--exponent", type=float, default=0.7)
    arguments = parser.parse_args()
    photos, features = load_photos(arguments.data, "dev"), np.load(arguments.features / "dev.npy")
    for path in arguments.checkpoints:
        network, vocabulary = load_network(path)
        words = torch.from_numpy(encode_captions(photos, vocabulary))
        losses = torch.cat([
            surprise(network.captioner, torch.from_numpy(features[start : start + 50]).float(), words[start : start + 50])
            for start in range(0, len(photos), 50)
        ])
        scores, _ = evaluate_features(network.captioner, features, photos, vocabulary, beam=arguments.beam, exponent=arguments.exponent)
        row = {
            "cell": network.captioner.options.cell,
            "decoderParameters": sum(parameter.numel() for parameter in network.captioner.decoder.parameters()),
            "bleu4": round(scores["bleu4"], 4), "cider": round(scores["cider"], 4),
        }
        for low, high in POSITIONS:
            part, real = losses[:, :, low - 1 : high], words[:, :, low : high + 1] != PADDING
            row[f"perplexity {low}-{high}"] = round(float(torch.exp(part.sum() / real.sum())), 2)
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    run(main)
