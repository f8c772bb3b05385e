"""Whether the product's captions are PyTorch's: `python -m training.agree`.

The network gets the weights as the bundle stores them (rounded to int8 or float16), so what may differ is the arithmetic
alone: graphs and kernels, picture decoding and the search.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .command import run
from .data import load_photos, read_all_pixels
from .metrics import evaluate_captions
from .product import open_product


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--written", type=Path, required=True, help="what `framescribe models eval BUNDLE … --captions-out FILE` wrote")
    parser.add_argument("--show", type=int, default=10, help="captions that differ, at most")
    arguments = parser.parse_args()
    product = open_product(arguments.bundle)
    lines = map(json.loads, arguments.written.read_text(encoding="utf-8").splitlines())
    told = {line["image"]: line["caption"] for line in lines}
    photos = load_photos(arguments.data, arguments.split)
    captions = [product.vocabulary.decode(found.ids) for found in product.describe_pictures(read_all_pixels(photos))]
    different = [(photo.path.name, caption, told[photo.path.name]) for photo, caption in zip(photos, captions) if caption != told[photo.path.name]]
    for name, caption, other in different[: arguments.show]:
        print(f"{name}\n  PyTorch:    {caption}\n  TypeScript: {other}")
    scores = evaluate_captions(captions, [photo.captions for photo in photos])
    print(json.dumps({"photos": len(photos), "equal": round(1 - len(different) / len(photos), 4), "cider": round(scores["cider"], 4)}))


if __name__ == "__main__":
    run(main)
