"""Beam search, as the product decodes: the same score, length rule and blocked repetitions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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


@dataclass(frozen=True)
class Wanted:
    """A word that a caption is to name: each form's id with the ids of words in whose place it may stand."""

    forms: dict[int, tuple[int, ...]]


@dataclass
class Lane:
    """The hypotheses of one picture that name what is wanted, or those that don't."""

    photo: int
    wanted: Wanted | None
    named: Lane | None
    live: list[Hypothesis]
    done: list[Hypothesis]
    candidates: list[tuple[float, int, int, int, Hypothesis]]


def lanes_of(photos: int, wanted: Sequence[Wanted | None] | None) -> list[Lane]:
    lanes = []
    for photo in range(photos):
        word = wanted[photo] if wanted else None
        named = Lane(photo, None, None, [], [], []) if word else None
        lanes += [Lane(photo, word, named, [Hypothesis((), 0.0)], [], []), *([named] if named else [])]
    return lanes


def offer(lane: Lane, place: int, row: int, scores: Tensor, best: list[float], choices: list[int], joiner: int) -> None:
    """Gives one hypothesis' continuations to the lanes: a wanted word leads to the lane of captions that name it."""
    hypothesis = lane.live[place]
    forbidden = blocked(hypothesis.ids, joiner)
    forms = lane.wanted.forms if lane.wanted else {}
    for value, word in zip(best, choices):
        if word not in forbidden and word not in forms and not (word == END and not hypothesis.ids):
            lane.candidates.append((hypothesis.log_probability + value, place, word, row, hypothesis))
    for word, siblings in forms.items():
        if word not in forbidden:
            value = float(scores[[word, *siblings]].double().logsumexp(0))
            lane.named.candidates.append((hypothesis.log_probability + value, place, word, row, hypothesis))


def mask_of(never: Sequence[Collection[int]], size: int) -> Tensor:
    """`[N,V]`: whether a word is among the ids of a picture."""
    mask = torch.zeros(len(never), size, dtype=torch.bool)
    for row, ids in zip(mask, never):
        row[list(ids)] = True
    return mask


@torch.no_grad()
def beam_search(
    step: Step, features: Tensor, states: State, joiner: int, beam: int = 3, longest: int = 20, exponent: float = 0.7,
    wanted: Sequence[Wanted | None] | None = None, never: Sequence[Collection[int]] | None = None,
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each picture, best first.

    features `[N,R,D]`, states `[N,S]` each; `step` is `Decoder.step` or its ONNX twin; `joiner` is the id of "and".
    Where a word is wanted, a second beam holds the captions that name it (constrained beam search, Anderson et al. 2017);
    they come before those that don't. `never` are the ids that each picture's captions mustn't hold, unless one is wanted.
    """
    photos = len(features)
    device = features.device
    lanes = lanes_of(photos, wanted)
    rows = torch.arange(photos, device=device)
    words = torch.full((photos,), BEGIN, device=device)
    ruled_out = torch.zeros(0, dtype=torch.bool, device=device)
    for length in range(1, longest + 1):
        log_probabilities, states, _ = step(words, features[rows], states)
        if never and length == 1:
            ruled_out = mask_of(never, log_probabilities.shape[-1]).to(device)
        open_words = log_probabilities if not never else log_probabilities.masked_fill(ruled_out[rows], -torch.inf)
        best, choices = (part.tolist() for part in open_words.topk(beam * 2 + 4, -1))
        row = 0
        for lane in lanes:
            for place in range(len(lane.live)):
                offer(lane, place, row, log_probabilities[row], best[row], choices[row], joiner)
                row += 1
        parents: list[int] = []
        chosen: list[int] = []
        owners: list[int] = []
        for lane in lanes:
            kept: list[Hypothesis] = []
            lane.candidates.sort(key=lambda c: (-c[0], c[1], c[2]))
            for total, _, word, parent, hypothesis in lane.candidates[: beam - len(lane.done)]:
                longer = Hypothesis((*hypothesis.ids, word), total)
                if word == END or length == longest:
                    lane.done.append(longer)
                else:
                    kept.append(longer)
                    parents.append(parent)
                    chosen.append(word)
                    owners.append(lane.photo)
            lane.live, lane.candidates = kept, []
        if not parents:
            break
        order = torch.tensor(parents, device=device)
        states = tuple(state[order] for state in states)
        words = torch.tensor(chosen, device=device)
        rows = torch.tensor(owners, device=device)
    found: list[list[Hypothesis]] = [[] for _ in range(photos)]
    for lane in sorted(lanes, key=lambda lane: lane.wanted is not None):
        found[lane.photo] += sorted(lane.done, key=lambda h: -h.score(exponent))
    return found
