"""Region features of every photo, computed once: `python -m training.features`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .augment import augment, coarsen
from .checkpoint import load_encoder
from .command import InputError, run
from .data import load_photos, read_all_pixels
from .encoder import CHANNELS, MEAN, REGIONS, STANDARD_DEVIATION, MobileNetV2, regions


def normalise(pixels: Tensor) -> Tensor:
    """`[N,224,224,3]` uint8 to the encoder's input `[N,3,224,224]` float32, in channels-last memory."""
    mean = torch.tensor(MEAN, device=pixels.device) * 255
    deviation = torch.tensor(STANDARD_DEVIATION, device=pixels.device) * 255
    return ((pixels.float() - mean) / deviation).permute(0, 3, 1, 2)


def mirrored(pixels: np.ndarray) -> Tensor:
    return normalise(torch.from_numpy(pixels)).flip(3)


@torch.no_grad()
def compute_features(
    encoder: MobileNetV2, pixels: np.ndarray, change: Callable[[np.ndarray], Tensor] | None = None, batch: int = 32
) -> np.ndarray:
    """`[N,49,1280]` float16 from `[N,224,224,3]` uint8; float16 halves the memory (125 kB a photo).

    `change` makes the encoder's input of a batch of pictures: mirrored, or augmented in another way.
    """
    device = next(encoder.parameters()).device
    encoder.eval().to(memory_format=torch.channels_last)
    features = np.empty((len(pixels), REGIONS, CHANNELS), np.float16)
    for start in range(0, len(pixels), batch):
        part = pixels[start : start + batch]
        images = change(part) if change else normalise(torch.from_numpy(part))
        features[start : start + batch] = regions(encoder(images.to(device))).half().cpu().numpy()
        if start % 1024 < batch:
            print(f"features {start}/{len(pixels)}", flush=True)
    return features


class FeatureSet:
    """Features of some photos in one or more views; a draw takes each photo in a view that the seed says."""

    def __init__(self, folder: Path, name: str, logits: Path | None = None) -> None:
        """`logits` is a folder with the word head's `logits-NAME.npy` of each view, where it has been asked before."""
        files = sorted(folder.glob(f"{name}*.npy"))
        if not files:
            raise InputError(f"Expected {name}.npy, as training.features writes it, in {folder}")
        self.views = [np.load(file) for file in files]
        self.logits = [np.load(logits / f"logits-{file.name}") for file in files] if logits else []

    def __len__(self) -> int:
        return len(self.views[0])

    def draw(self, indices: np.ndarray, seed: int) -> tuple[Tensor, Tensor | None]:
        """Regions `[n,49,1280]` and, where they are there, logits `[n,K]`, both float32."""
        chosen = np.random.default_rng(seed).integers(len(self.views), size=len(indices))
        pairs = list(zip(chosen, indices))
        if not pairs:
            return torch.zeros(0, REGIONS, CHANNELS), torch.zeros(0, self.logits[0].shape[1]) if self.logits else None
        regions = torch.from_numpy(np.stack([self.views[view][index] for view, index in pairs])).float()
        if not self.logits:
            return regions, None
        return regions, torch.from_numpy(np.stack([self.logits[view][index] for view, index in pairs])).float()


def join(first: tuple[Tensor, Tensor | None], second: tuple[Tensor, Tensor | None], device: str) -> tuple[Tensor, Tensor | None]:
    """Two draws as one batch."""
    regions = torch.cat([first[0], second[0]]).to(device)
    return regions, None if first[1] is None or second[1] is None else torch.cat([first[1], second[1]]).to(device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True, help="npz of the folded start weights, or a checkpoint")
    parser.add_argument("--extra", type=Path, help="folder of more captioned pictures, of another domain")
    parser.add_argument("--views", type=int, default=0, help="augmented views of the training photos, beside plain and mirrored")
    parser.add_argument("--coarse", action="store_true", help="one more view: mirrored, small and hard pressed, as --extra's pictures may be")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.save(arguments.out / "dev.npy", compute_features(encoder, read_all_pixels(load_photos(arguments.data, "dev"))))
    if arguments.extra:
        np.save(arguments.out / "extra.npy", compute_features(encoder, read_all_pixels(load_photos(arguments.extra, "all"))))
    pixels = read_all_pixels(load_photos(arguments.data, "train"))
    np.save(arguments.out / "train.npy", compute_features(encoder, pixels))
    np.save(arguments.out / "train-mirrored.npy", compute_features(encoder, pixels, mirrored))
    if arguments.coarse:
        np.save(arguments.out / "train-coarse.npy", compute_features(encoder, pixels, lambda part: mirrored(coarsen(part))))
    for view in range(arguments.views):
        generator = torch.Generator().manual_seed(view)
        np.save(arguments.out / f"train-{view}.npy", compute_features(encoder, pixels, lambda part: augment(part, generator)))


if __name__ == "__main__":
    run(main)
