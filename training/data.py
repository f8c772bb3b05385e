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

from .command import InputError
from .encoder import SIZE

LEAST = 10


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
    raise InputError(f"Expected Flickr8k.token.txt, captions.csv or captions.json in {folder}")


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
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            if not {"image", "caption"} <= set(rows.fieldnames or ()):
                raise InputError(
                    f"Expected the columns image and caption in the first line of {file}, got {', '.join(rows.fieldnames or ()) or 'none'}"
                )
            for row in rows:
                if not row["image"] or not row["caption"]:
                    got = f"{row['image'] or 'no image'} and {row['caption'] or 'no caption'}"
                    raise InputError(f"Expected an image and a caption in line {rows.line_num} of {file}, got {got}")
                captions.setdefault(row["image"], []).append(row["caption"])
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"Expected CSV in UTF-8 in {file}: {error}") from error
    return photos_of(captions, images, file)


def load_coco(file: Path, images: Path) -> list[Photo]:
    """The annotation format of COCO captions: `images` with id and file_name, `annotations` with image_id."""
    captions: dict[str, list[str]] = {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        names = {image["id"]: image["file_name"] for image in document["images"]}
        for annotation in document["annotations"]:
            captions.setdefault(names[annotation["image_id"]], []).append(annotation["caption"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"Expected COCO's caption format in {file}: {type(error).__name__}, {error}") from error
    return photos_of(captions, images, file)


def photos_of(captions: dict[str, list[str]], images: Path, file: Path) -> list[Photo]:
    """In the order of their names, each of which lies in the folder."""
    missing = [name for name in captions if not (images / name).is_file()]
    if missing or not captions:
        such = f", such as {missing[0]}" if missing else ""
        raise InputError(f"Expected the pictures of {file} in {images}, {len(missing)} of {len(captions)} aren't there{such}")
    return [Photo(images / name, tuple(texts)) for name, texts in sorted(captions.items())]


def choose(photos: list[Photo], split: str) -> list[Photo]:
    """Folders without a split of their own are cut 80/10/10 by a fixed shuffle."""
    if split == "all":
        return photos
    if len(photos) < LEAST:
        where = photos[0].path.parent
        raise InputError(f"Expected at least {LEAST} captioned pictures to cut into train, dev and test, got {len(photos)} in {where}")
    order = sorted(photos, key=lambda photo: photo.path.name)
    random.Random(0).shuffle(order)
    first, second = int(len(order) * 0.8), int(len(order) * 0.9)
    return {"train": order[:first], "dev": order[first:second], "test": order[second:]}[split]


def read_pixels(path: Path) -> np.ndarray:
    """One picture squashed to `[224,224,3]` uint8 RGB."""
    try:
        with Image.open(path) as image:
            image = image.convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"Expected a picture in {path}: {error}") from error
    return np.asarray(image if image.size == (SIZE, SIZE) else image.resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def read_all_pixels(photos: list[Photo]) -> np.ndarray:
    """Every picture in memory, `[N,224,224,3]` uint8: 150 kB a photo, decoded once."""
    pixels = np.empty((len(photos), SIZE, SIZE, 3), np.uint8)
    with ThreadPoolExecutor() as pool:
        for index, array in enumerate(pool.map(read_pixels, [photo.path for photo in photos])):
            pixels[index] = array
    return pixels
