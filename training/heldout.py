"""Naming what the captions never named: eight nouns are taken out of the training captions, and looked for on the test photos.

As in Hendricks et al. 2016, "Deep compositional captioning", but with this data's nouns. A caption that holds any form of a
noun isn't trained on. A photo shows a noun when one of its references names it; a caption that names it elsewhere is wrong.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from .checkpoint import load_network
from .data import Photo, load_photos
from .evaluate import describe
from .metrics import CiderD
from .vocabulary import tokenize

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
    parser.add_argument("--checkpoint", type=Path, required=True, help="trained with --without-held-out, with class words")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--features", type=Path, required=True, help="regions of the split's photos")
    parser.add_argument("--bias", type=float, nargs="+", default=[0.0], help="what to add to the trust in the evidence")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--exponent", type=float, default=0.9)
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)
    photos, regions = load_photos(arguments.data, arguments.split), np.load(arguments.features)
    rest = [index for index, photo in enumerate(photos) if not any(ALL_FORMS & set(tokenize(text)) for text in photo.captions)]
    references = [[tokenize(text) for text in photo.captions] for photo in photos]
    scorer = CiderD(references)
    trust = network.captioner.decoder.trust.bias
    start = trust.detach().clone()
    for bias in (float("-inf"), *arguments.bias):
        trust.data.copy_(torch.clamp(start + bias, min=-50.0))
        found = describe(network.captioner, regions, vocabulary, beam=arguments.beam, exponent=arguments.exponent)
        captions = [vocabulary.decode(hypothesis.ids) for hypothesis in found]
        table = naming(captions, photos)
        print(json.dumps({
            "trust": "none" if bias == float("-inf") else bias,
            "meanF1": round(float(np.mean([row["f1"] for row in table.values()])), 4),
            "ciderRest": round(float(np.mean([scorer.score(index, tokenize(captions[index])) for index in rest])), 4),
            "cider": round(scorer.mean([tokenize(caption) for caption in captions]), 4),
        }), flush=True)
        for noun, row in table.items():
            print(json.dumps({noun: {name: round(value, 3) for name, value in row.items()}}), flush=True)


if __name__ == "__main__":
    main()
