"""What an exported bundle scores, and its model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .calibrate import reliability
from .checkpoint import Network
from .data import Photo, read_all_pixels
from .metrics import evaluate_captions
from .runtime import Bundle

TEMPLATE = Path(__file__).with_name("card.md")
COLUMNS = ("bleu1", "bleu4", "rougeL", "cider", "repeated", "invented")


@dataclass(frozen=True)
class Measured:
    """Captions of one picture set by a bundle, and their scores."""

    captions: list[str]
    references: list[Sequence[str]]
    statistics: list[float]
    scores: dict[str, float]


def measure(bundle: Bundle, photos: list[Photo], pixels: np.ndarray | None = None) -> Measured:
    """Runs the bundle's ONNX files; a statistic is a caption's mean log-probability a token."""
    hypotheses = bundle.describe(read_all_pixels(photos) if pixels is None else pixels)
    captions = [bundle.vocabulary.decode(hypothesis.ids) for hypothesis in hypotheses]
    references: list[Sequence[str]] = [photo.captions for photo in photos]
    statistics = [hypothesis.log_probability / len(hypothesis.ids) for hypothesis in hypotheses]
    return Measured(captions, references, statistics, evaluate_captions(captions, references))


def write_card(path: Path, document: dict, network: Network, rows: dict[str, Measured], record: Measured, recipe: str) -> None:
    """Fills the template. `record` is the set whose reliability is shown, `recipe` tells the stages."""
    options, decoding = network.captioner.options, document["decoding"]
    curve = np.array(document["confidence"]["points"])
    confidence = np.interp(record.statistics, curve[:, 0], curve[:, 1]).tolist()
    scores = [
        f"| {name} | {len(row.captions):,} | " + " | ".join(f"{row.scores[column]:.3f}" for column in COLUMNS) + " |"
        for name, row in rows.items()
    ]
    table = [
        f"| {row['stated']:.2f} | {row['right']:.2f} | {row['captions']} |"
        for row in reliability(confidence, record.captions, record.references)
    ]
    path.write_text(TEMPLATE.read_text(encoding="utf-8").format(
        name=document["name"], version=document["version"], description=document["description"],
        uncertain=document["confidence"]["uncertainBelow"], record=document["scores"]["dataset"],
        longest=decoding["maxLength"], beam=decoding["beam"], exponent=decoding["lengthExponent"],
        cell=options.cell.upper(), features=options.features, hidden=options.hidden, heads=options.heads,
        parameters=f"{sum(parameter.numel() for parameter in network.parameters()):,}",
        bytes=f"{sum(file.stat().st_size for file in path.parent.glob('*.onnx')):,}",
        scores="\n".join(scores), reliability="\n".join(table), command=document["scores"]["command"], recipe=recipe,
    ), encoding="utf-8")
