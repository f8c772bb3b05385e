"""Region features of every photo, computed once: `python -m training.features`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .data import load_photos, read_all_pixels
from .encoder import CHANNELS, MEAN, REGIONS, STANDARD_DEVIATION, MobileNetV2, regions


def normalise(pixels: Tensor) -> Tensor:
    """`[N,224,224,3]` uint8 to the encoder's input `[N,3,224,224]` float32, in channels-last memory."""
    mean = torch.tensor(MEAN, device=pixels.device) * 255
    deviation = torch.tensor(STANDARD_DEVIATION, device=pixels.device) * 255
    return ((pixels.float() - mean) / deviation).permute(0, 3, 1, 2)


@torch.no_grad()
def compute_features(encoder: MobileNetV2, pixels: np.ndarray, flip: bool = False, batch: int = 32) -> np.ndarray:
    """`[N,49,1280]` float16 from `[N,224,224,3]` uint8; float16 halves the memory (125 kB a photo)."""
    device = next(encoder.parameters()).device
    encoder.eval().to(memory_format=torch.channels_last)
    features = np.empty((len(pixels), REGIONS, CHANNELS), np.float16)
    for start in range(0, len(pixels), batch):
        images = normalise(torch.from_numpy(pixels[start : start + batch]).to(device))
        if flip:
            images = images.flip(3)
        features[start : start + batch] = regions(encoder(images)).half().cpu().numpy()
        if start % 1024 < batch:
            print(f"features {start}/{len(pixels)}", flush=True)
    return features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True, help="npz of the folded start weights")
    parser.add_argument("--splits", nargs="+", default=["train", "dev"])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    encoder = MobileNetV2()
    encoder.load_folded(arguments.encoder)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for split in arguments.splits:
        pixels = read_all_pixels(load_photos(arguments.data, split))
        np.save(arguments.out / f"{split}.npy", compute_features(encoder, pixels))
        if split == "train":
            np.save(arguments.out / f"{split}-flipped.npy", compute_features(encoder, pixels, flip=True))


if __name__ == "__main__":
    main()
