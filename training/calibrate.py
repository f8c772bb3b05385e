"""From a caption's mean log-probability to the chance that its main thing is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .things import main_thing_right


def isotonic(values: np.ndarray) -> np.ndarray:
    """The nondecreasing sequence nearest to `values` in least squares: pool adjacent violators (Barlow et al. 1972)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, weight = float(value), 1
        while blocks and blocks[-1][0] >= mean:
            before, count = blocks.pop()
            mean, weight = (mean * weight + before * count) / (weight + count), weight + count
        blocks.append((mean, weight))
    return np.concatenate([np.full(weight, mean) for mean, weight in blocks])


def calibrate(
    statistics: Sequence[float], captions: Sequence[str], references: Sequence[Sequence[str]], points: int = 8
) -> dict[str, object]:
    """The manifest's `confidence`: a monotone piecewise-linear map with `points` points."""
    order = np.argsort(statistics)
    x = np.asarray(statistics)[order]
    right = np.array([main_thing_right(caption, texts) for caption, texts in zip(captions, references)], float)[order]
    # Means of equal parts first: a step function of single captions would follow noise.
    parts = np.array_split(np.arange(len(x)), min(points, len(x)))
    heights = isotonic(np.array([right[part].mean() for part in parts]))
    curve = [[round(float(x[part].mean()), 4), round(float(np.clip(height, 0.02, 0.98)), 4)] for part, height in zip(parts, heights)]
    return {"statistic": "meanLogProbability", "points": curve, "uncertainBelow": 0.5}


def reliability(confidence: Sequence[float], captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Stated confidence against the share of right main things, in tenths."""
    right = np.array([main_thing_right(caption, texts) for caption, texts in zip(captions, references)], float)
    stated = np.asarray(confidence)
    rows = []
    for low in np.arange(0, 1, 0.1):
        inside = (stated >= low) & (stated < low + 0.1)
        if inside.any():
            rows.append({"stated": float(stated[inside].mean()), "right": float(right[inside].mean()), "captions": int(inside.sum())})
    return rows
