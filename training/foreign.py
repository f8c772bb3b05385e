"""Whether a picture is of the kind that the captions were learned from, as its class words tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEAST = 0.001  # Chances are held off 0 and 1 by so much before they become log-odds.


def log_odds(chance: np.ndarray) -> np.ndarray:
    held = np.clip(chance, LEAST, 1 - LEAST)
    return np.log(held / (1 - held))


def foreignness(foreign: dict | None, words: Sequence[str], chances: np.ndarray) -> np.ndarray:
    """The chance that each picture is of another kind, `[N]`, from those of class words, `[N,K]`; 0 where nothing tells it."""
    if not foreign:
        return np.zeros(len(chances))
    weights = np.array([foreign["words"].get(word, 0) for word in words])
    return 1 / (1 + np.exp(-(log_odds(chances) @ weights + foreign["constant"])))
