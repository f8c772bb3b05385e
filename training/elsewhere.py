"""How a checkpoint does at home, on the same photos made coarse, and on photos of other kinds: `python -m training.elsewhere`.

One line of JSON for each setting of least support and gain, which is what settings are chosen by; the test split and
out-of-domain checks stay out of sight.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from .augment import coarsen
from .card import Measured, measure
from .checkpoint import load_network
from .command import InputError, run
from .data import Photo, load_csv, load_photos, read_all_pixels
from .export import SEEN, tell_foreign
from .features import compute_features
from .kinds import class_photos, read_people
from .naming import FOREIGN_GAIN, LEAST_SUPPORT, make_naming
from .product import Product
from .things import KINDS, is_about
from .vocabulary import tokenize
from .wordcalibrate import read_calibration
from .words import read_class_words


def home(measured: Measured) -> dict[str, float]:
    """BLEU-4 and CIDEr-D, the share of captions that invent a thing, and of those whose main thing is right."""
    chosen = {name: measured.scores[name] for name in ("bleu4", "cider", "invented")}
    return rounded(chosen | {"main": float(measured.right().mean())})


def classes(measured: Measured, photos: list[Photo]) -> dict[str, float]:
    """Of photos without people how many captions have some, and of those whose class or people are known how many name it first."""
    people = read_people()
    nobody = [people.get(photo.path.name) == "no" for photo in photos]
    known = [photo.captions[0] != "nothing" for photo in photos]
    about = np.array([is_about(caption, "person") for caption in measured.captions])
    return rounded({"people": float(about[nobody].mean()), "main": float(measured.right()[known].mean())})


def rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="a network with class words and kinds")
    parser.add_argument("--words", type=Path, required=True, help="folder with their calibration.json")
    parser.add_argument("--data", type=Path, required=True, help="Flickr8k")
    parser.add_argument("--visual7w", type=Path, required=True)
    parser.add_argument("--classes", type=Path, required=True, help="folder of images/, one photo a class of the start weights")
    parser.add_argument("--skip", type=Path, help="names of Visual7W pictures to leave out, one a line")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--exponent", type=float, default=1.2)
    parser.add_argument(
        "--settings", type=float, nargs="+", default=[*LEAST_SUPPORT, FOREIGN_GAIN], metavar="HOME FOREIGN GAIN",
        help="threes of least support at home, elsewhere, and gain",
    )
    arguments = parser.parse_args()
    if len(arguments.settings) % 3:
        raise InputError(f"Expected threes of least support at home, elsewhere, and gain in --settings, got {len(arguments.settings)} numbers")
    network, vocabulary = load_network(arguments.checkpoint)
    calibration = read_calibration(arguments.words / "calibration.json")
    dev, photos = load_photos(arguments.data, "dev"), class_photos(arguments.classes, read_class_words())[::5]
    seen = load_csv(SEEN, arguments.visual7w / "images")
    pixels = read_all_pixels(dev)
    regions = [compute_features(network.encoder, part) for part in (pixels, coarsen(pixels), read_all_pixels(seen), read_all_pixels(photos))]
    del pixels

    counts = Counter(word for photo in load_photos(arguments.data, "train") for text in photo.captions for word in tokenize(text))
    naming = make_naming(read_class_words(), vocabulary, counts, kinds=KINDS)
    product = Product(network, vocabulary, {"beam": arguments.beam, "maxLength": 20, "lengthExponent": arguments.exponent}, calibration, naming)
    product = replace(product, foreign=tell_foreign(product, regions[0], arguments), naming=naming.with_usual(product.chances(regions[0])))
    for at_home, foreign, gain in zip(*[iter(arguments.settings)] * 3):
        decoding = product.decoding | {"leastSupport": {"home": at_home, "foreign": foreign}, "foreignGain": gain}
        judged = replace(product, decoding=decoding)
        views = [measure(judged, *view) for view in zip((dev, dev, seen, photos), regions)]
        print(json.dumps({
            "leastSupport": [at_home, foreign], "gain": gain, "dev": home(views[0]), "coarse": home(views[1]),
            "visual7w": home(views[2]), "classes": classes(views[3], photos),
        }), flush=True)


if __name__ == "__main__":
    run(main)
