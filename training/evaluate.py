"""Scores of a checkpoint on a captioned picture set: `python -m training.evaluate`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from .checkpoint import load_network
from .command import run
from .data import Photo, load_photos, read_all_pixels
from .decoder import Captioner
from .features import compute_features
from .metrics import evaluate_captions
from .search import Hypothesis, beam_search
from .vocabulary import Vocabulary, tokenize


def describe(
    model: Captioner, features: np.ndarray, vocabulary: Vocabulary, beam: int = 3, exponent: float = 0.7, longest: int = 20, batch: int = 50
) -> list[Hypothesis]:
    """The best hypothesis for each photo's regions `[N,49,1280]`."""
    device = next(model.parameters()).device
    best: list[Hypothesis] = []
    for start in range(0, len(features), batch):
        regions = torch.from_numpy(features[start : start + batch]).float().to(device)
        with torch.no_grad():
            projected, states = model.projector(regions)
        found = beam_search(model.decoder.step, projected, states, vocabulary.ids.get("and", -1), beam, longest, exponent)
        best += [group[0] for group in found]
    return best


def evaluate_features(
    model: Captioner, features: np.ndarray, photos: list[Photo], vocabulary: Vocabulary,
    known: set[str] | None = None, **options: float,
) -> tuple[dict[str, float], list[str]]:
    """Scores and captions of photos whose features are given."""
    captions = [vocabulary.decode(h.ids) for h in describe(model, features, vocabulary, **options)]
    return evaluate_captions(captions, [photo.captions for photo in photos], known), captions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="dev", help="`test` once, for the record; `all` for a folder without splits")
    parser.add_argument("--training-data", type=Path, help="to tell which captions are novel")
    parser.add_argument("--beam", type=int, nargs="+", default=[3])
    parser.add_argument("--exponent", type=float, nargs="+", default=[0.7])
    parser.add_argument("--captions", type=Path, help="write image and caption, tab between, here")
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)
    photos = load_photos(arguments.data, arguments.split)
    features = compute_features(network.encoder, read_all_pixels(photos))
    known = None
    if arguments.training_data:
        known = {" ".join(tokenize(text)) for photo in load_photos(arguments.training_data, "train") for text in photo.captions}
    for beam in arguments.beam:
        for exponent in arguments.exponent:
            scores, captions = evaluate_features(network.captioner, features, photos, vocabulary, known, beam=beam, exponent=exponent)
            print(json.dumps({"beam": beam, "exponent": exponent} | {name: round(value, 4) for name, value in scores.items()}), flush=True)
    if arguments.captions:
        lines = [f"{photo.path.name}\t{caption}\n" for photo, caption in zip(photos, captions)]
        arguments.captions.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    run(main)
