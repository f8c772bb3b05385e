"""From a caption's mean log-probability to the chance that its main thing is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .things import main_thing_right


UNCERTAIN = 0.6


def fit_logistic(x: np.ndarray, right: np.ndarray, rounds: int = 25) -> tuple[float, float]:
    """Slope and intercept of Platt scaling (Platt 1999), by Newton's method; his targets keep the fit off 0 and 1."""
    target = np.where(right > 0, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2))
    design, weights = np.stack([x, np.ones_like(x)], 1), np.zeros(2)
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-design @ weights))
        curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        weights += np.linalg.solve(curvature, design.T @ (target - chance))
    return float(weights[0]), float(weights[1])


def calibrate(statistics: Sequence[float], captions: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, object]:
    """The manifest's `confidence`: a logistic curve as points, which goes on falling below what dev has shown."""
    x = np.asarray(statistics)
    right = np.array([main_thing_right(caption, texts) for caption, texts in zip(captions, references)], float)
    slope, intercept = fit_logistic(x, right)
    slope = max(slope, 0.0)
    spread = x.max() - x.min()
    grid = np.linspace(x.min() - spread, min(x.max() + spread / 4, -0.01), 16)
    chance = 1 / (1 + np.exp(-(slope * grid + intercept)))
    curve = [[round(float(a), 4), round(float(b), 4)] for a, b in zip(grid, chance)]
    return {"statistic": "meanLogProbability", "points": curve, "uncertainBelow": UNCERTAIN}


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
