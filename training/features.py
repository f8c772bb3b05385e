"""Region features of every photo, computed once: `python -m training.features`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .augment import augment, coarsen, soften
from .checkpoint import load_encoder
from .command import InputError, run
from .data import Photo, load_photos, read_all_pixels
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
        images = change(part).to(device) if change else normalise(torch.from_numpy(part).to(device))
        features[start : start + batch] = regions(encoder(images)).half().cpu().numpy()
        if start % 1024 < batch:
            print(f"features {start}/{len(pixels)}", flush=True)
    return features


def check_features(encoder: MobileNetV2, file: Path, features: np.ndarray, photos: list[Photo]) -> None:
    """Refuses features of other photos or of another encoder: what is learned from them would fit nothing."""
    if len(features) != len(photos):
        raise InputError(f"Expected the regions of {len(photos)} photos in {file}, got {len(features)}")
    own = compute_features(encoder, read_all_pixels(photos[:2])).astype(np.float32)
    apart = np.linalg.norm(own - features[: len(own)]) / np.linalg.norm(own)
    if not apart < 0.05:  # Kernels of a GPU differ by less.
        raise InputError(f"Expected in {file} what the checkpoint's encoder makes of the photos, got another's ({apart:.0%} apart): run training.features with it")


class FeatureSet:
    """Features of some photos in one or more views, on the device that uses them; a draw takes each photo in a view that the seed says."""

    def __init__(self, folder: Path, name: str, logits: Path | None = None, device: str = "cpu") -> None:
        """`logits` is a folder with the word head's `logits-NAME.npy` of each view, where it has been asked before."""
        files = sorted(folder.glob(f"{name}*.npy"))
        if not files:
            raise InputError(f"Expected {name}.npy, as training.features writes it, in {folder}")
        self.views = stack(files, device)
        self.logits = stack([logits / f"logits-{file.name}" for file in files], device) if logits else None

    def __len__(self) -> int:
        return self.views.shape[1]

    def draw(self, indices: np.ndarray, seed: int) -> tuple[Tensor, Tensor | None]:
        """Regions `[n,49,1280]` and, where they are there, logits `[n,K]`, both float32."""
        device = self.views.device
        chosen = torch.from_numpy(np.random.default_rng(seed).integers(len(self.views), size=len(indices))).to(device)
        rows = torch.from_numpy(indices).to(device)
        return self.views[chosen, rows].float(), None if self.logits is None else self.logits[chosen, rows].float()


def stack(files: list[Path], device: str) -> Tensor:
    """Arrays of one shape as `[V,…]` on the device, one after the other: together they are gigabytes."""
    arrays = [np.load(file, mmap_mode="r") for file in files]
    stacked = torch.empty((len(arrays), *arrays[0].shape), dtype=torch.float16, device=device)
    for part, array in zip(stacked, arrays):
        part.copy_(torch.from_numpy(np.array(array)))
    return stacked


def join(first: tuple[Tensor, Tensor | None], second: tuple[Tensor, Tensor | None]) -> tuple[Tensor, Tensor | None]:
    """Two draws as one batch."""
    regions = torch.cat([first[0], second[0]])
    return regions, None if first[1] is None or second[1] is None else torch.cat([first[1], second[1]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True, help="npz of the folded start weights, or a checkpoint")
    parser.add_argument("--extra", type=Path, help="folder of more captioned pictures, of another domain")
    parser.add_argument("--views", type=int, default=0, help="augmented views of the training photos, beside plain and mirrored")
    parser.add_argument("--coarse", action="store_true", help="one more view: mirrored, small and hard pressed, as --extra's pictures may be")
    parser.add_argument("--soft", type=int, default=0, help="views of the training photos made soft, for training.adapt")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder).to(arguments.device)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.save(arguments.out / "dev.npy", compute_features(encoder, read_all_pixels(load_photos(arguments.data, "dev"))))
    if arguments.extra:
        np.save(arguments.out / "extra.npy", compute_features(encoder, read_all_pixels(load_photos(arguments.extra, "all"))))
    pixels = read_all_pixels(load_photos(arguments.data, "train"))
    np.save(arguments.out / "train.npy", compute_features(encoder, pixels))
    np.save(arguments.out / "train-mirrored.npy", compute_features(encoder, pixels, mirrored))
    if arguments.coarse:
        np.save(arguments.out / "train-coarse.npy", compute_features(encoder, pixels, lambda part: mirrored(coarsen(part))))
    for view in range(arguments.soft):
        np.save(arguments.out / f"soft-{view}.npy", compute_features(encoder, soften(pixels, view)))
    for view in range(arguments.views):
        generator = torch.Generator().manual_seed(view)
        np.save(arguments.out / f"train-{view}.npy", compute_features(encoder, pixels, lambda part: augment(part, generator)))


if __name__ == "__main__":
    run(main)
