"""Naming what the captions never named: eight nouns are taken out of the training captions, and looked for on the test photos.

As in Hendricks et al. 2016, "Deep compositional captioning", but with this data's nouns. A caption that holds any form of a
noun isn't trained on. A photo shows a noun when one of its references names it; a caption that names it elsewhere is wrong.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .checkpoint import load_network
from .command import run
from .data import Photo, load_photos
from .metrics import CiderD
from .naming import make_naming
from .product import Product
from .vocabulary import tokenize
from .wordcalibrate import WordCalibration
from .words import read_class_words

HELD_OUT = {
    "bicycle": "bicycle bicycles bike bikes bicyclist bicyclists cyclist cyclists biker bikers biking bicycling cycling",
    "horse": "horse horses horseback pony ponies",
    "boat": "boat boats sailboat sailboats rowboat rowboats speedboat motorboat boating",
    "guitar": "guitar guitars guitarist guitarists",
    "cat": "cat cats kitten kittens",
    "car": "car cars racecar racecars automobile automobiles",
    "bus": "bus buses",
    "tennis": "tennis",
}
FORMS = {noun: frozenset(forms.split()) for noun, forms in HELD_OUT.items()}
ALL_FORMS = frozenset().union(*FORMS.values())


def without_held_out(photos: Sequence[Photo]) -> list[Photo]:
    """The photos in their order, without the captions that name a held-out noun; some have none left."""
    return [Photo(photo.path, tuple(text for text in photo.captions if not ALL_FORMS & set(tokenize(text)))) for photo in photos]


def naming(captions: Sequence[str], photos: Sequence[Photo]) -> dict[str, dict[str, float]]:
    """Photos that show each noun, and precision, recall and F1 of naming it."""
    table = {}
    for noun, forms in FORMS.items():
        said = np.array([bool(forms & set(tokenize(caption))) for caption in captions])
        shown = np.array([any(forms & set(tokenize(text)) for text in photo.captions) for photo in photos])
        hits = int((said & shown).sum())
        table[noun] = {
            "photos": int(shown.sum()), "said": int(said.sum()), "right": hits,
            "precision": hits / max(1, said.sum()), "recall": hits / max(1, shown.sum()), "f1": 2 * hits / max(1, said.sum() + shown.sum()),
        }
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="trained with --without-held-out, with class words attached")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--features", type=Path, required=True, help="regions of the split's photos")
    parser.add_argument("--say-from", type=float, nargs="+", default=[0.12], help="chance, as the head has it, from which a noun is named")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--exponent", type=float, default=0.9)
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)
    network.captioner.decoder.trust.bias.data.fill_(-50.0)  # What follows is the naming's doing alone.
    photos, regions = load_photos(arguments.data, arguments.split), np.load(arguments.features)
    words = read_class_words()
    texts = [text for photo in without_held_out(load_photos(arguments.data, "train")) for text in photo.captions]
    naming_of_all = make_naming(words, vocabulary, Counter(token for text in texts for token in tokenize(text)))
    as_it_is = WordCalibration([word.word for word in words], [1.0] * len(words), [0.0] * len(words), [None] * len(words))
    decoding = {"beam": arguments.beam, "maxLength": 20, "lengthExponent": arguments.exponent}
    rest = [index for index, photo in enumerate(photos) if not any(ALL_FORMS & set(tokenize(text)) for text in photo.captions)]
    scorer = CiderD([[tokenize(text) for text in photo.captions] for photo in photos])
    for least in (None, *arguments.say_from):
        say_from = [least if word.word in HELD_OUT else None for word in words]
        product = Product(network, vocabulary, decoding, as_it_is, replace(naming_of_all, say_from=say_from))
        captions = [vocabulary.decode(hypothesis.ids) for hypothesis in product.describe(regions)]
        table = naming(captions, photos)
        print(json.dumps({
            "sayFrom": least,
            "meanF1": round(float(np.mean([row["f1"] for row in table.values()])), 4),
            "ciderRest": round(float(np.mean([scorer.score(index, tokenize(captions[index])) for index in rest])), 4),
            "cider": round(scorer.mean([tokenize(caption) for caption in captions]), 4),
        }), flush=True)
        for noun, row in table.items():
            print(json.dumps({noun: {name: round(value, 3) for name, value in row.items()}}), flush=True)


if __name__ == "__main__":
    run(main)
