"""Random crop, flip, colour, blur and JPEG noise, as video frames have them."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from .encoder import MEAN, SIZE, STANDARD_DEVIATION


def recompress(pixels: np.ndarray, quality: int) -> np.ndarray:
    """One picture `[H,W,3]` through JPEG; codec blocks look much the same."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        return np.asarray(image)


def coarse(picture: np.ndarray, side: int, quality: int) -> np.ndarray:
    """One picture made small, pressed and made large again."""
    small = np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR))
    return np.asarray(Image.fromarray(recompress(small, quality)).resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def coarsen(pixels: np.ndarray, side: int = 176, quality: int = 50) -> np.ndarray:
    """Pictures `[N,224,224,3]` as if they had come small and hard pressed, as Visual7W's do and many a video's frame."""
    return changed(pixels, list(range(len(pixels))), coarse, [side] * len(pixels), [quality] * len(pixels))


def soften(pixels: np.ndarray, seed: int) -> np.ndarray:
    """Pictures `[N,224,224,3]` as small, hard-pressed or blurred videos would show them, each in its own way."""
    random, count = np.random.default_rng(seed), len(pixels)
    sides, qualities = random.integers(100, SIZE, count).tolist(), random.integers(25, 85, count).tolist()
    return changed(pixels, list(range(count)), softened, sides, qualities, (random.random(count) < 0.35).tolist())


def softened(picture: np.ndarray, side: int, quality: int, blurred: bool) -> np.ndarray:
    if blurred:
        padded = np.pad(picture.astype(np.int32), ((1, 1), (1, 1), (0, 0)), mode="edge")
        picture = (sum(padded[y : y + SIZE, x : x + SIZE] for y in range(3) for x in range(3)) // 9).astype(np.uint8)
    return coarse(picture, side, quality)


def crop_and_flip(images: Tensor, generator: torch.Generator, smallest: float) -> Tensor:
    """Crops of `smallest`…1 of the area and aspect 0.85…1.18, resized back; half of them mirrored. `[N,3,S,S]`."""
    count = len(images)
    area = torch.empty(count).uniform_(smallest, 1, generator=generator).sqrt()
    aspect = torch.empty(count).uniform_(-0.08, 0.08, generator=generator).exp()
    width, height = (area * aspect).clamp(max=1), (area / aspect).clamp(max=1)
    x = (torch.rand(count, generator=generator) * 2 - 1) * (1 - width)
    y = (torch.rand(count, generator=generator) * 2 - 1) * (1 - height)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 0, 2], theta[:, 1, 1], theta[:, 1, 2] = width * mirror, x, height, y
    grid = functional.affine_grid(theta.to(images.device), [count, 3, SIZE, SIZE], align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def augment(pixels: np.ndarray, generator: torch.Generator, smallest: float = 0.7, device: str = "cpu") -> Tensor:
    """Pictures `[N,224,224,3]` uint8 to augmented, normalised encoder input `[N,3,224,224]` float32."""
    chances = torch.rand(len(pixels), generator=generator)
    noisy = (chances < 0.15).nonzero()[:, 0].tolist()
    qualities = torch.randint(25, 70, (len(noisy),), generator=generator).tolist() if noisy else []
    images = crop_and_flip(on_device(changed(pixels, noisy, recompress, qualities), device), generator, smallest)
    return normalised(shade(blur(images, (chances > 0.9).nonzero()[:, 0]), generator))


def augment_beside(pixels: np.ndarray, generator: torch.Generator, smallest: float = 0.5, device: str = "cpu") -> tuple[Tensor, Tensor]:
    """The same crops of pictures twice, both `[N,3,224,224]`: as they are (0 to 1), and normalised, as a poor camera and codec leave them."""
    count = len(pixels)
    chances = torch.rand(count, generator=generator)
    noisy = (chances < 0.4).nonzero()[:, 0].tolist()
    sides = torch.randint(96, SIZE, (count,), generator=generator).tolist()
    qualities = torch.randint(25, 80, (count,), generator=generator).tolist()
    poor = changed(pixels, noisy, coarse, [sides[k] for k in noisy], [qualities[k] for k in noisy])
    twin = torch.Generator()
    twin.set_state(generator.get_state())
    clean = crop_and_flip(on_device(pixels, device), twin, smallest)
    images = crop_and_flip(on_device(poor, device), generator, smallest)
    return clean, normalised(shade(blur(images, (chances > 0.85).nonzero()[:, 0]), generator))


def changed(pixels: np.ndarray, rows: list[int], change: Callable[..., np.ndarray], *arguments: list[int] | list[bool]) -> np.ndarray:
    """A copy in which the pictures of `rows` are changed."""
    pixels = pixels.copy()
    with ThreadPoolExecutor() as pool:
        for row, array in zip(rows, pool.map(change, [pixels[row] for row in rows], *arguments)):
            pixels[row] = array
    return pixels


def on_device(pixels: np.ndarray, device: str) -> Tensor:
    """`[N,H,W,3]` uint8 to `[N,3,H,W]` from 0 to 1."""
    return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 255


def blur(images: Tensor, rows: Tensor) -> Tensor:
    if len(rows):
        images[rows] = functional.avg_pool2d(images[rows], 3, 1, 1)
    return images


def shade(images: Tensor, generator: torch.Generator) -> Tensor:
    """Brightness, contrast and saturation, each by up to a fifth."""
    def factor(spread: float) -> Tensor:
        return (1 + (torch.rand(len(images), 1, 1, 1, generator=generator) * 2 - 1) * spread).to(images.device)

    images = images * factor(0.2)
    centre = images.mean((1, 2, 3), keepdim=True)
    images = centre + (images - centre) * factor(0.2)
    grey = images.mean(1, keepdim=True)
    return (grey + (images - grey) * factor(0.2)).clamp(0, 1)


def normalised(images: Tensor) -> Tensor:
    """`[N,3,H,W]` from 0 to 1 to the encoder's input."""
    mean = torch.tensor(MEAN, device=images.device)[:, None, None]
    deviation = torch.tensor(STANDARD_DEVIATION, device=images.device)[:, None, None]
    return ((images - mean) / deviation).contiguous(memory_format=torch.channels_last)
