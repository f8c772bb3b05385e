"""What the word head learns from, computed once: `python -m training.wordfeatures`.

For Flickr8k's training photos, Visual7W and the photos of the start weights' classes: the start weights' class scores, and
(where `training.features` hasn't made them) the encoder's regions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from .checkpoint import load_network
from .command import run
from .data import Photo, load_photos, read_all_pixels
from .distil import ClassTeacher
from .features import compute_features, normalise


@torch.no_grad()
def class_scores(teacher: ClassTeacher, pixels: np.ndarray, batch: int = 32) -> np.ndarray:
    """`[N,1000]` float16."""
    scores, device = np.empty((len(pixels), 1000), np.float16), teacher.weight.device
    for start in range(0, len(pixels), batch):
        with torch.autocast(device.type, torch.bfloat16):
            feature_map = teacher.encoder(normalise(torch.from_numpy(pixels[start : start + batch]).to(device)))
        scores[start : start + batch] = teacher.scores(feature_map.float()).cpu().numpy()
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Flickr8k")
    parser.add_argument("--visual7w", type=Path, required=True)
    parser.add_argument("--classes", type=Path, required=True, help="folder of images/, one photo a class, sorted by name")
    parser.add_argument("--encoder", type=Path, required=True, help="npz of the folded start weights")
    parser.add_argument("--classifier", type=Path, required=True, help="npz of the start weights' classifier")
    parser.add_argument("--checkpoint", type=Path, required=True, help="whose encoder makes the regions")
    parser.add_argument("--skip", type=Path, help="names of Visual7W pictures to leave out, one a line")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    network, _ = load_network(arguments.checkpoint)
    network.to(arguments.device)
    teacher = ClassTeacher(arguments.encoder, arguments.classifier, arguments.device)
    skipped = set(arguments.skip.read_text(encoding="utf-8").split()) if arguments.skip else set()
    sets = {
        "train": [photo.path for photo in load_photos(arguments.data, "train")],
        "v7w": sorted(path for path in (arguments.visual7w / "images").iterdir() if path.name not in skipped),
        "imagenet": sorted((arguments.classes / "images").iterdir()),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, paths in sets.items():
        pixels = read_all_pixels([Photo(path, ()) for path in paths])
        np.save(arguments.out / f"{name}-teacher.npy", class_scores(teacher, pixels))
        if name != "train":
            np.save(arguments.out / f"{name}.npy", compute_features(network.encoder, pixels))
        (arguments.out / f"{name}.txt").write_text("\n".join(path.name for path in paths), encoding="utf-8")


if __name__ == "__main__":
    run(main)
