"""Captioned pictures from disk: Flickr8k, COCO-style JSON, or a folder with `captions.csv`."""

from __future__ import annotations

import csv
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .encoder import SIZE


@dataclass(frozen=True)
class Photo:
    """A picture file and the captions that people wrote for it."""

    path: Path
    captions: tuple[str, ...]


def load_photos(folder: Path, split: str) -> list[Photo]:
    """The photos of one split (`train`, `dev`, `test` or `all`); the folder's files tell the format."""
    if (folder / "Flickr8k.token.txt").exists():
        return load_flickr8k(folder, split)
    if (folder / "captions.csv").exists():
        return choose(load_csv(folder / "captions.csv", folder / "images"), split)
    if (folder / "captions.json").exists():
        return choose(load_coco(folder / "captions.json", folder / "images"), split)
    raise FileNotFoundError(f"Expected Flickr8k.token.txt, captions.csv or captions.json in {folder}")


def load_flickr8k(folder: Path, split: str) -> list[Photo]:
    """The standard split of Hodosh et al. 2013: 6,000, 1,000 and 1,000 photos with five captions each."""
    captions: dict[str, list[str]] = {}
    for line in (folder / "Flickr8k.token.txt").read_text(encoding="utf-8").splitlines():
        key, _, caption = line.partition("\t")
        captions.setdefault(key.split("#")[0], []).append(caption)
    if split == "all":
        names = sorted(captions)
    else:
        names = (folder / f"Flickr_8k.{split}Images.txt").read_text(encoding="utf-8").split()
    images = folder / "images"
    return [Photo(images / name, tuple(captions[name])) for name in names if (images / name).exists()]


def load_csv(file: Path, images: Path) -> list[Photo]:
    """Rows of `image,caption`; a picture has as many rows as captions."""
    captions: dict[str, list[str]] = {}
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            captions.setdefault(row["image"], []).append(row["caption"])
    return [Photo(images / name, tuple(texts)) for name, texts in sorted(captions.items())]


def load_coco(file: Path, images: Path) -> list[Photo]:
    """The annotation format of COCO captions: `images` with id and file_name, `annotations` with image_id."""
    document = json.loads(file.read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in document["images"]}
    captions: dict[str, list[str]] = {}
    for annotation in document["annotations"]:
        captions.setdefault(names[annotation["image_id"]], []).append(annotation["caption"])
    return [Photo(images / name, tuple(texts)) for name, texts in sorted(captions.items())]


def choose(photos: list[Photo], split: str) -> list[Photo]:
    """Folders without a split of their own are cut 80/10/10 by a fixed shuffle."""
    if split == "all":
        return photos
    order = sorted(photos, key=lambda photo: photo.path.name)
    random.Random(0).shuffle(order)
    first, second = int(len(order) * 0.8), int(len(order) * 0.9)
    return {"train": order[:first], "dev": order[first:second], "test": order[second:]}[split]


def read_pixels(path: Path) -> np.ndarray:
    """One picture squashed to `[224,224,3]` uint8 RGB."""
    with Image.open(path) as image:
        image = image.convert("RGB")
        if image.size != (SIZE, SIZE):
            image = image.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
        return np.asarray(image)


def read_all_pixels(photos: list[Photo]) -> np.ndarray:
    """Every picture in memory, `[N,224,224,3]` uint8: 150 kB a photo, decoded once."""
    pixels = np.empty((len(photos), SIZE, SIZE, 3), np.uint8)
    with ThreadPoolExecutor(2) as pool:
        for index, array in enumerate(pool.map(read_pixels, [photo.path for photo in photos])):
            pixels[index] = array
    return pixels
