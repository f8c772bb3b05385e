"""Beam search, as the product decodes: the same score, length rule and blocked repetitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .decoder import State
from .vocabulary import BEGIN, END

Step = Callable[[Tensor, Tensor, State], tuple[Tensor, State, Tensor]]


@dataclass(frozen=True)
class Hypothesis:
    """Generated ids, the end token included where it came, and the sum of their log-probabilities."""

    ids: tuple[int, ...]
    log_probability: float

    def score(self, exponent: float) -> float:
        return self.log_probability / len(self.ids) ** exponent


def blocked(ids: tuple[int, ...], joiner: int) -> set[int]:
    """Words that would repeat: the last word, the end of a trigram seen before, "a X and a X"."""
    words: set[int] = set()
    if ids:
        words.add(ids[-1])
    for i in range(len(ids) - 2):
        if ids[i : i + 2] == ids[-2:]:
            words.add(ids[i + 2])
    if len(ids) >= 4 and ids[-2] == joiner and ids[-4] == ids[-1]:
        words.add(ids[-3])
    return words


@torch.no_grad()
def beam_search(
    step: Step, features: Tensor, states: State, joiner: int, beam: int = 3, longest: int = 20, exponent: float = 0.7
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each picture, best first.

    features `[N,R,D]`, states `[N,S]` each; `step` is `Decoder.step` or its ONNX twin; `joiner` is the id of "and".
    """
    photos = len(features)
    device = features.device
    live: list[list[Hypothesis]] = [[Hypothesis((), 0.0)] for _ in range(photos)]
    done: list[list[Hypothesis]] = [[] for _ in range(photos)]
    rows = torch.arange(photos, device=device)
    words = torch.full((photos,), BEGIN, device=device)
    for length in range(1, longest + 1):
        log_probabilities, states, _ = step(words, features[rows], states)
        best, choices = (part.tolist() for part in log_probabilities.topk(beam * 2 + 4, -1))
        parents: list[int] = []
        chosen: list[int] = []
        owners: list[int] = []
        row = 0
        for photo in range(photos):
            candidates: list[tuple[float, int, int, int]] = []
            for place, hypothesis in enumerate(live[photo]):
                forbidden = blocked(hypothesis.ids, joiner)
                for value, word in zip(best[row + place], choices[row + place]):
                    if word not in forbidden and not (word == END and not hypothesis.ids):
                        candidates.append((hypothesis.log_probability + value, place, word, row + place))
            candidates.sort(key=lambda c: (-c[0], c[1], c[2]))
            kept: list[Hypothesis] = []
            for total, place, word, parent in candidates[: beam - len(done[photo])] if candidates else []:
                hypothesis = Hypothesis((*live[photo][place].ids, word), total)
                if word == END or length == longest:
                    done[photo].append(hypothesis)
                else:
                    kept.append(hypothesis)
                    parents.append(parent)
                    chosen.append(word)
                    owners.append(photo)
            row += len(live[photo])
            live[photo] = kept
        if not parents:
            break
        order = torch.tensor(parents, device=device)
        states = tuple(state[order] for state in states)
        words = torch.tensor(chosen, device=device)
        rows = torch.tensor(owners, device=device)
    return [sorted(group, key=lambda h: -h.score(exponent)) for group in done]
