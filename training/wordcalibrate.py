"""From the word head's logits to chances that hold: Platt scaling word by word, and from where a word can be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RIGHT = 0.8
LIKELY = 0.5  # However often it is right, nothing is told that more likely is not there.
FEW = 4  # With fewer examples held out, a word is judged together with all other such words.


@dataclass(frozen=True)
class WordCalibration:
    """`sigmoid(slope * logit + shift)` is the chance of a word; from `threshold` on it is right in four of five photos."""

    words: list[str]
    slope: list[float]
    shift: list[float]
    threshold: list[float | None]

    def listed(self) -> list[dict[str, str | float | None]]:
        """The entries of a bundle's words.json."""
        return [{"word": word, "threshold": threshold} for word, threshold in zip(self.words, self.threshold)]


def read_calibration(path: Path) -> WordCalibration:
    return WordCalibration(**json.loads(path.read_text(encoding="utf-8")))


def calibrate_words(words: list[str], logits: np.ndarray, right: np.ndarray, weights: np.ndarray) -> WordCalibration:
    """Logits, rightness (0 or 1) and how much each counts, all `[N,K]`, of photos held out."""
    slope, shift = fit_platt(logits.ravel(), right.ravel(), weights.ravel(), (1.0, 0.0))
    examples = (right * weights).sum(0)
    pairs = [fit_platt(logits[:, k], right[:, k], weights[:, k], (slope, shift)) for k in range(len(words))]
    chances = np.stack([1 / (1 + np.exp(-(a * logits[:, k] + b).clip(-30, 30))) for k, (a, b) in enumerate(pairs)], 1)
    rare = examples < FEW
    shared = threshold(chances[:, rare].ravel(), right[:, rare].ravel(), weights[:, rare].ravel())
    thresholds = [shared if rare[k] else threshold(chances[:, k], right[:, k], weights[:, k]) for k in range(len(words))]
    return WordCalibration(words, *([round(float(pair[i]), 4) for pair in pairs] for i in (0, 1)), thresholds)


def fit_platt(
    x: np.ndarray, right: np.ndarray, weights: np.ndarray, expected: tuple[float, float], rounds: int = 20
) -> tuple[float, float]:
    """Slope and shift by Newton's method; what is `expected` counts like a few dozen photos, so rare words stay near it."""
    design, pair = np.stack([x, np.ones_like(x)], 1), np.array(expected)
    hold = np.diag([20.0, 2.0])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-(design @ pair).clip(-30, 30)))
        gradient = design.T @ (weights * (right - chance)) - hold @ (pair - expected)
        curvature = design.T @ (design * (weights * chance * (1 - chance))[:, None]) + hold
        pair = pair + np.linalg.solve(curvature, gradient)
    return max(float(pair[0]), 0.05), float(pair[1])


def threshold(chances: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float | None:
    """The least chance from which on `RIGHT` of the photos show the word; `None` if there is none with some photos above it.

    Four more photos, as right as their chance says, keep one lucky photo from deciding.
    """
    order = np.argsort(-chances)
    told = np.cumsum(weights[order])
    hits = np.cumsum((right * weights)[order])
    share = (hits + 4 * np.cumsum((chances * weights)[order]) / np.maximum(told, 1e-9)) / (told + 4)
    good = np.flatnonzero((share >= RIGHT) & (told >= 2) & (chances[order] >= LIKELY))
    return round(float(chances[order][good[-1]]), 4) if len(good) else None
