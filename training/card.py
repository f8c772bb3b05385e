"""What an exported bundle scores, and its model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .calibrate import Judged, confidences, reliability
from .data import Photo, read_all_pixels
from .features import compute_features
from .metrics import evaluate_captions
from .product import Product

TEMPLATE = Path(__file__).with_name("card.md")
COLUMNS = ("bleu1", "bleu4", "rougeL", "cider", "repeated", "invented")


@dataclass(frozen=True)
class Measured(Judged):
    """Captions of one picture set by a bundle, and their scores."""

    scores: dict[str, float]


def measure(product: Product, photos: list[Photo], regions: np.ndarray | None = None) -> Measured:
    """Captions the photos as the product does; `regions` are theirs, where they are known."""
    regions = compute_features(product.network.encoder, read_all_pixels(photos)) if regions is None else regions
    chances = product.chances(regions) if product.naming else None
    hypotheses = product.describe(regions, chances)
    captions = [product.vocabulary.decode(hypothesis.ids) for hypothesis in hypotheses]
    references: list[Sequence[str]] = [photo.captions for photo in photos]
    return Measured(hypotheses, chances, captions, references, evaluate_captions(captions, references))


def write_card(path: Path, document: dict, product: Product, rows: dict[str, Measured], flickr8k: bool, recipe: str, notes: str) -> None:
    """Fills the template. `rows` are the picture sets by name, `recipe` tells the stages, `notes` come last."""
    options, decoding, confidence = product.network.captioner.options, document["decoding"], document["confidence"]
    scores = [
        f"| {name} | {len(row.captions):,} | " + " | ".join(f"{row.scores[column]:.3f}" for column in COLUMNS) + " |"
        for name, row in rows.items()
    ]
    judged = [
        f"| {name} | {part['stated']:.2f} | {part['right']:.2f} | {part['captions']} |"
        for name, row in rows.items()
        for part in reliability(confidences(confidence, product, row), row.right())
    ]
    how = CURVE if confidence["statistic"] != "agreement" else AGREEMENT + (FOREIGN if "foreign" in confidence else HOME)
    path.write_text(TEMPLATE.read_text(encoding="utf-8").format(
        name=document["name"], version=document["version"], description=document["description"],
        uncertain=confidence["uncertainBelow"], how=how,
        longest=decoding["maxLength"], beam=decoding["beam"], exponent=decoding["lengthExponent"],
        cell=options.cell.upper(), features=options.features, hidden=options.hidden, heads=options.heads,
        adapter=f", with an adapter of rank {options.adapter} for soft pictures" if options.adapter else "",
        parameters=f"{sum(parameter.numel() for parameter in product.network.parameters()):,}",
        bytes=f"{sum(file.stat().st_size for file in path.parent.glob('*.onnx')):,}",
        scores="\n".join(scores), reliability="\n".join(judged),
        command=document["scores"]["command"], recipe=recipe, licence=document["licence"],
        data=FLICKR8K if flickr8k else OWN_DATA, limits=CLOSED_WORLD if flickr8k else OWN_WORLD, own=COMMERCIAL if flickr8k else "",
    ) + notes, encoding="utf-8")


FLICKR8K = """\
- Flickr8k (Hodosh, Young, Hockenmaier 2013): 6,000 training photos with five captions each; for research and education. The dev
  split chose what the recipe doesn't say otherwise; the test split was used for the record only. The photos belong to their Flickr authors.
- Visual7W (Zhu et al. 2016): short captions made by rule from questions and answers on everyday photos, an additional quarter of each batch.
  Photos that also are in the out-of-domain check were left out."""
OWN_DATA = "- Pictures with captions of whoever trained it, cut 80/10/10 into train, dev and test."
CLOSED_WORLD = """\
It knows a world of people, dogs, sport and the outdoors. Elsewhere it errs: it names what looks alike among the things that it knows,
sometimes people where there are none, in sentences that don't always fit. How sure it says it is falls there, though not quite as far as it should."""
OWN_WORLD = "It knows the world of the pictures that it was trained on and errs elsewhere, often without telling so."
COMMERCIAL = """
## Your own data, for commercial use
Nothing of Flickr8k or Visual7W remains in a bundle that is trained from pictures and captions that you have the rights to: put
them into a folder with `captions.csv` and follow `training/README.md`, from `training.features` to `training.export`, which then names neither.
The start weights are Apache-2.0.
"""
CURVE = "The caption's mean log-probability a token, mapped by a logistic curve fitted on dev (Platt scaling) to the chance that its main thing is right."
AGREEMENT = (
    "A logistic function of the caption's mean log-probability, of the chance that something is there which speaks for its main thing "
    "(by the class words), of the surest other thing that it leaves out"
)
HOME = ". Fitted on dev."
FOREIGN = (
    ", of the chance that the picture isn't of the kind that the captions were learned from (by the class words too), and of the same where the "
    "main thing is a person, which is what captions name for want of better. Fitted on dev and, counting as much, on 240 held-out photos of "
    "Visual7W for which one reader wrote down by eye what is there (`training/seen.csv`, `docs/evaluation.md`) and, where they were at hand, "
    "photos of the start weights' classes."
)
