"""From what is known of a caption to the chance that its main thing is right.

How likely a caption is says little of that: a model is as sure of a dog where there is a flower. Whether the class words agree with the
caption says more, so where a bundle has some, the confidence is a logistic function of three statistics: the mean
log-probability; the log-odds that something is there which speaks for the first thing named; and those of the surest
other thing that captions would name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .naming import Naming
from .search import Hypothesis
from .things import main_thing_right

UNCERTAIN = 0.6
LEAST = 0.001  # Chances are held off 0 and 1 by so much before they become log-odds.


def log_odds(chance: np.ndarray) -> np.ndarray:
    held = np.clip(chance, LEAST, 1 - LEAST)
    return np.log(held / (1 - held))


def statistics(hypotheses: Sequence[Hypothesis], chances: np.ndarray | None, naming: Naming | None) -> np.ndarray:
    """`[N,3]`: mean log-probability, `named` and `unnamed`; without class words `[N,1]`."""
    mean = np.array([hypothesis.log_probability / len(hypothesis.ids) for hypothesis in hypotheses])
    if naming is None or chances is None:
        return mean[:, None]
    telling = np.array([least is not None for least in naming.say_from])
    named, unnamed = np.zeros(len(mean)), np.zeros(len(mean))
    for index, (hypothesis, row) in enumerate(zip(hypotheses, chances)):
        named[index] = naming.main_support(row, hypothesis.ids)
        left = telling.copy()
        left[[k for word in hypothesis.ids for k in naming.support.get(word, ())]] = False
        unnamed[index] = row[left].max(initial=0)
    return np.stack([mean, log_odds(named), log_odds(unnamed)], 1)


def fit_logistic(x: np.ndarray, right: np.ndarray, rounds: int = 40, hold: float = 1.0) -> np.ndarray:
    """Weights of the columns of `x`, and last the constant, by Newton's method; `right` may lie between 0 and 1."""
    mean, spread = x.mean(0), x.std(0) + 1e-9
    design, weights = np.concatenate([(x - mean) / spread, np.ones((len(x), 1))], 1), np.zeros(x.shape[1] + 1)
    hold_by = np.array([hold] * x.shape[1] + [0.0])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-design @ weights))
        curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + np.diag(hold_by) + 1e-6 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, design.T @ (right - chance) - hold_by * weights)
    scaled = weights[:-1] / spread
    return np.append(scaled, weights[-1] - scaled @ mean)


def apply(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(x @ weights[:-1] + weights[-1])))


def likely_right(x: np.ndarray, mentioned: np.ndarray) -> np.ndarray:
    """How likely each caption is right, `[N]`, where all that is known is whether questions and answers mention its main thing.

    Those who ask mention a share of what is there, the same for all things (Elkan and Noto 2008, "Learning classifiers from only
    positive and unlabeled data"); it is read off the tenth of the captions that the class words speak for most.
    """
    surest = np.argsort(-x[:, 1])[: max(1, len(x) // 10)]
    share = float(np.clip(mentioned[surest].mean(), 0.05, 0.95))
    chance = np.clip(apply(fit_logistic(x, mentioned), x), 1e-3, share - 1e-3)
    return np.where(mentioned > 0, 1.0, np.clip((1 - share) / share * chance / (1 - chance), 0, 1))


def calibrate(
    x: np.ndarray, captions: Sequence[str], references: Sequence[Sequence[str]], foreign: tuple[np.ndarray, np.ndarray] | None = None
) -> dict[str, object]:
    """The manifest's `confidence` from dev's statistics `[N,1]` or `[N,3]`; `foreign` are those of other pictures, and
    whether their main things are mentioned."""
    right = np.array([main_thing_right(caption, texts) for caption, texts in zip(captions, references)], float)
    if x.shape[1] == 1:
        return {"statistic": "meanLogProbability", "points": curve(x[:, 0], right), "uncertainBelow": UNCERTAIN}
    if foreign:
        x, right = np.concatenate([x, foreign[0]]), np.concatenate([right, likely_right(*foreign)])
    names = ("meanLogProbability", "named", "unnamed", "constant")
    weights = {name: round(float(weight), 4) for name, weight in zip(names, fit_logistic(x, right))}
    return {"statistic": "agreement", "weights": weights, "uncertainBelow": UNCERTAIN}


def curve(x: np.ndarray, right: np.ndarray) -> list[list[float]]:
    """A logistic curve as points (Platt 1999, whose targets keep the fit off 0 and 1), which goes on falling below what dev has shown."""
    target = np.where(right > 0, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2))
    slope, intercept = fit_logistic(x[:, None], target, hold=0.0)
    spread = x.max() - x.min()
    grid = np.linspace(x.min() - spread, min(x.max() + spread / 4, -0.01), 16)
    chance = 1 / (1 + np.exp(-(max(slope, 0.0) * grid + intercept)))
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(grid, chance)]


def confidences(document: dict, x: np.ndarray) -> np.ndarray:
    """What a manifest's `confidence` says of statistics, `[N]`."""
    if document["statistic"] == "agreement":
        weights = document["weights"]
        return apply(np.array([weights[name] for name in ("meanLogProbability", "named", "unnamed", "constant")]), x)
    points = np.array(document["points"])
    return np.interp(x[:, 0], points[:, 0], points[:, 1])


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
