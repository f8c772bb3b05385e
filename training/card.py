"""What an exported bundle scores, and its model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .calibrate import confidences, reliability, statistics
from .data import Photo, read_all_pixels
from .features import compute_features
from .metrics import evaluate_captions
from .product import Product

TEMPLATE = Path(__file__).with_name("card.md")
COLUMNS = ("bleu1", "bleu4", "rougeL", "cider", "repeated", "invented")


@dataclass(frozen=True)
class Measured:
    """Captions of one picture set by a bundle, what its confidence is made of, and their scores."""

    captions: list[str]
    references: list[Sequence[str]]
    statistics: np.ndarray
    scores: dict[str, float]


def measure(product: Product, photos: list[Photo]) -> Measured:
    """Captions the photos as the product does."""
    regions = compute_features(product.network.encoder, read_all_pixels(photos))
    chances = product.chances(regions) if product.naming else None
    hypotheses = product.describe(regions, chances)
    captions = [product.vocabulary.decode(hypothesis.ids) for hypothesis in hypotheses]
    references: list[Sequence[str]] = [photo.captions for photo in photos]
    return Measured(captions, references, statistics(hypotheses, chances, product.naming), evaluate_captions(captions, references))


def write_card(path: Path, document: dict, product: Product, rows: dict[str, Measured], recipe: str, notes: str) -> None:
    """Fills the template. `rows` are the picture sets by name, `recipe` tells the stages, `notes` come last."""
    options, decoding, confidence = product.network.captioner.options, document["decoding"], document["confidence"]
    scores = [
        f"| {name} | {len(row.captions):,} | " + " | ".join(f"{row.scores[column]:.3f}" for column in COLUMNS) + " |"
        for name, row in rows.items()
    ]
    judged = [
        f"| {name} | {part['stated']:.2f} | {part['right']:.2f} | {part['captions']} |"
        for name, row in rows.items()
        for part in reliability(confidences(confidence, row.statistics), row.captions, row.references)
    ]
    agreement = confidence["statistic"] == "agreement"
    path.write_text(TEMPLATE.read_text(encoding="utf-8").format(
        name=document["name"], version=document["version"], description=document["description"],
        uncertain=confidence["uncertainBelow"], how=AGREEMENT if agreement else CURVE,
        longest=decoding["maxLength"], beam=decoding["beam"], exponent=decoding["lengthExponent"],
        cell=options.cell.upper(), features=options.features, hidden=options.hidden, heads=options.heads,
        parameters=f"{sum(parameter.numel() for parameter in product.network.parameters()):,}",
        bytes=f"{sum(file.stat().st_size for file in path.parent.glob('*.onnx')):,}",
        scores="\n".join(scores), reliability="\n".join(judged),
        command=document["scores"]["command"], recipe=recipe,
    ) + notes, encoding="utf-8")


CURVE = "The caption's mean log-probability a token, mapped by a logistic curve fitted on dev (Platt scaling) to the chance that its main thing is right."
AGREEMENT = (
    "A logistic function of the caption's mean log-probability, of the chance that something is there which speaks for its main thing "
    "(by the class words), and of the surest other thing that it leaves out. Fitted on dev and on 650 photos of Visual7W, where questions and "
    "answers mention some of what is there."
)
