"""From what is known of a caption to the chance that its main thing is right.

How likely a caption is says little of that: a model is as sure of a dog where there is a flower. Whether the class words agree
with the caption says more, so where a bundle has some, the confidence is a logistic function of the mean log-probability; the
log-odds that something is there which speaks for the first thing named; and those of the surest other thing that captions
would name. Where pictures from elsewhere are at hand, of two more: the chance that the picture isn't of the kind that the
captions were learned from, which the class words tell too; and the same where the main thing is a filler, named for want of better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .foreign import foreignness, log_odds
from .product import Product
from .search import Hypothesis
from .things import main_thing_right

NAMES = ("meanLogProbability", "named", "unnamed", "foreign", "filler")
FILLERS = ("person",)  # On foreign pictures captions say "a man" where they know nothing else.
TELLING = 100  # Class words by which a picture is told to be foreign, at most.
UNCERTAIN = 0.6
HOME_COUNTS = 8


@dataclass(frozen=True)
class Judged:
    """Captions of a picture set, the chances of class words there (`[N,K]`, without class words `None`), and what people wrote."""

    hypotheses: Sequence[Hypothesis]
    chances: np.ndarray | None
    captions: list[str]
    references: list[Sequence[str]]

    def right(self) -> np.ndarray:
        """1 where the main thing is right, `[N]`."""
        return np.array([main_thing_right(caption, texts) for caption, texts in zip(self.captions, self.references)], float)


def statistics(product: Product, hypotheses: Sequence[Hypothesis], chances: np.ndarray | None, foreign: dict | None = None) -> np.ndarray:
    """`[N,5]` in the order of `NAMES`; `[N,3]` without `foreign`, and `[N,1]` without class words."""
    mean = np.array([hypothesis.log_probability / len(hypothesis.ids) for hypothesis in hypotheses])
    naming = product.naming
    if naming is None or chances is None:
        return mean[:, None]
    telling = np.array([least is not None for least in naming.say_from])
    named, unnamed = np.zeros(len(mean)), np.zeros(len(mean))
    for index, (hypothesis, row) in enumerate(zip(hypotheses, chances)):
        named[index] = naming.main_support(row, hypothesis.ids)
        left = telling.copy()
        left[[k for word in hypothesis.ids for k in naming.support.get(word, ())]] = False
        unnamed[index] = row[left].max(initial=0)
    columns = [mean, log_odds(named), log_odds(unnamed)]
    if foreign:
        words = product.calibration.words
        chance = foreignness(foreign, words, chances)
        fillers = {words.index(word) for word in foreign["fillers"]}
        filler = [bool(fillers & set(naming.main_words(hypothesis.ids))) for hypothesis in hypotheses]
        columns += [chance, chance * filler]
    return np.stack(columns, 1)


def fit_foreign(words: Sequence[str], home: np.ndarray, elsewhere: np.ndarray) -> dict[str, object]:
    """By which class words pictures from elsewhere are told, from the chances `[N,K]` of words in pictures of both kinds.

    Those of home count more: what is taken for foreign by mistake loses captions that were right.
    """
    x, right = log_odds(np.concatenate([home, elsewhere])), np.repeat([0.0, 1.0], [len(home), len(elsewhere)])
    counts = np.repeat([HOME_COUNTS * len(x) / 2 / len(home), len(x) / 2 / len(elsewhere)], [len(home), len(elsewhere)])
    weights = fit_logistic(x, right, counts, hold=300)[:-1]
    kept = np.sort(np.argsort(-np.abs(weights) * x.std(0))[:TELLING])
    *weights, constant = fit_logistic(x[:, kept], right, counts, hold=300).round(4).tolist()
    return {"constant": constant, "words": {words[k]: weight for k, weight in zip(kept, weights)}, "fillers": list(FILLERS)}


def fit_logistic(x: np.ndarray, right: np.ndarray, counts: np.ndarray | None = None, rounds: int = 40, hold: float = 1.0) -> np.ndarray:
    """Weights of the columns of `x`, and last the constant, by Newton's method; `right` may lie between 0 and 1, and each row counts like so many."""
    counts = np.ones(len(x)) if counts is None else counts
    mean, spread = x.mean(0), x.std(0) + 1e-9
    design, weights = np.concatenate([(x - mean) / spread, np.ones((len(x), 1))], 1), np.zeros(x.shape[1] + 1)
    hold_by = np.array([hold] * x.shape[1] + [0.0])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-design @ weights))
        curvature = design.T @ (design * (counts * chance * (1 - chance))[:, None]) + np.diag(hold_by) + 1e-6 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, design.T @ (counts * (right - chance)) - hold_by * weights)
    scaled = weights[:-1] / spread
    return np.append(scaled, weights[-1] - scaled @ mean)


def apply(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(x @ weights[:-1] + weights[-1])))


def calibrate(
    product: Product, home: Judged, elsewhere: Sequence[Judged] = (), foreign: dict[str, object] | None = None
) -> dict[str, object]:
    """The manifest's `confidence`, from captions of dev and, with `foreign`, of pictures from elsewhere, which together count as much as dev."""
    x, right = statistics(product, home.hypotheses, home.chances, foreign), home.right()
    if x.shape[1] == 1:
        return {"statistic": "meanLogProbability", "points": curve(x[:, 0], right), "uncertainBelow": UNCERTAIN}
    counts = np.ones(len(x))
    if elsewhere:
        others = np.concatenate([statistics(product, judged.hypotheses, judged.chances, foreign) for judged in elsewhere])
        counts = np.append(counts, np.full(len(others), len(x) / len(others)))
        x, right = np.concatenate([x, others]), np.concatenate([right, *(judged.right() for judged in elsewhere)])
    *weights, constant = fit_logistic(x, right, counts, hold=4.0).round(4).tolist()
    told = {"weights": dict(zip(NAMES, weights)) | {"constant": constant}} | ({"foreign": foreign} if foreign else {})
    return {"statistic": "agreement"} | told | {"uncertainBelow": UNCERTAIN}


def curve(x: np.ndarray, right: np.ndarray) -> list[list[float]]:
    """A logistic curve as points (Platt 1999, whose targets keep the fit off 0 and 1), which goes on falling below what dev has shown."""
    target = np.where(right > 0, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2))
    slope, intercept = fit_logistic(x[:, None], target, hold=0.0)
    spread = x.max() - x.min()
    grid = np.linspace(x.min() - spread, min(x.max() + spread / 4, -0.01), 16)
    chance = 1 / (1 + np.exp(-(max(slope, 0.0) * grid + intercept)))
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(grid, chance)]


def confidences(document: dict, product: Product, judged: Judged) -> np.ndarray:
    """What a manifest's `confidence` says of captions, `[N]`."""
    x = statistics(product, judged.hypotheses, judged.chances, document.get("foreign"))
    if document["statistic"] == "agreement":
        weights = document["weights"]
        return apply(np.array([weights[name] for name in (*NAMES[: x.shape[1]], "constant")]), x)
    points = np.array(document["points"])
    return np.interp(x[:, 0], points[:, 0], points[:, 1])


def reliability(stated: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """Stated confidence against the share of right main things, in tenths."""
    rows = []
    for low in np.arange(0, 1, 0.1):
        inside = (stated >= low) & (stated < low + 0.1)
        if inside.any():
            rows.append({"stated": float(stated[inside].mean()), "right": float(right[inside].mean()), "captions": int(inside.sum())})
    return rows
