"""Beam search, as the product decodes: the same score, length rule and blocked repetitions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .decoder import State
from .vocabulary import BEGIN, END

Step = Callable[[Tensor, Tensor, State], tuple[Tensor, State, Tensor]]


@dataclass(frozen=True)
class Hypothesis:
    """Generated ids, the end token included where it came, the sum of their log-probabilities, and what the first thing gains."""

    ids: tuple[int, ...]
    log_probability: float
    gain: float = 0.0
    is_about: bool = False

    @property
    def total(self) -> float:
        return self.log_probability + self.gain

    def score(self, exponent: float) -> float:
        return self.total / len(self.ids) ** exponent

    def longer(self, word: int, log_probability: float, gains: Mapping[int, float] | None) -> Hypothesis:
        """The first thing gains, unless it's the very first word: a caption mustn't be the better for lacking its article."""
        gain = gains.get(word, 0.0) if gains and self.gains_now else 0.0
        is_about = self.is_about or bool(gains) and word in gains
        return Hypothesis((*self.ids, word), self.log_probability + log_probability, self.gain + gain, is_about)

    @property
    def gains_now(self) -> bool:
        return bool(self.ids) and not self.is_about


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
    candidates: list[tuple[int, int, int, Hypothesis]]


def lanes_of(photos: int, wanted: Sequence[Wanted | None] | None) -> list[Lane]:
    lanes = []
    for photo in range(photos):
        word = wanted[photo] if wanted else None
        named = Lane(photo, None, None, [], [], []) if word else None
        lanes += [Lane(photo, word, named, [Hypothesis((), 0.0)], [], []), *([named] if named else [])]
    return lanes


def offer(lane: Lane, place: int, row: int, scores: Tensor, choices: list[int], joiner: int, gains: Mapping[int, float] | None) -> None:
    """Gives one hypothesis' continuations to the lanes: a wanted word leads to the lane of captions that name it."""
    hypothesis = lane.live[place]
    forbidden = blocked(hypothesis.ids, joiner)
    forms = lane.wanted.forms if lane.wanted else {}
    for word, value in zip(choices, scores[choices].tolist()):
        if word not in forbidden and word not in forms and not (word == END and not hypothesis.ids):
            lane.candidates.append((place, word, row, hypothesis.longer(word, value, gains)))
    for word, siblings in forms.items():
        if word not in forbidden:
            value = float(scores[[word, *siblings]].double().logsumexp(0))
            lane.named.candidates.append((place, word, row, hypothesis.longer(word, value, gains)))


def bias_of(photos: int, size: int, never: Sequence[Collection[int]] | None, gains: Sequence[Mapping[int, float]] | None) -> Tensor:
    """`[N,V]`: what is added to each word's log-probability to find the best ones."""
    bias = torch.zeros(photos, size)
    for row, words in zip(bias, gains or ()):
        row[list(words)] = torch.tensor(list(words.values()))
    for row, ids in zip(bias, never or ()):
        row[list(ids)] = -torch.inf
    return bias


@torch.no_grad()
def beam_search(
    step: Step, features: Tensor, states: State, joiner: int, beam: int = 3, longest: int = 20, exponent: float = 0.7,
    wanted: Sequence[Wanted | None] | None = None, never: Sequence[Collection[int]] | None = None,
    gains: Sequence[Mapping[int, float]] | None = None,
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each picture, best first.

    features `[N,R,D]`, states `[N,S]` each; `step` is `Decoder.step` or its ONNX twin; `joiner` is the id of "and".
    Where a word is wanted, a second beam holds the captions that name it (constrained beam search, Anderson et al. 2017);
    they come before those that don't. `never` are the ids that each picture's captions mustn't hold, unless one is wanted,
    `gains` what each word that names a thing adds where it's the first.
    """
    photos = len(features)
    device = features.device
    lanes = lanes_of(photos, wanted)
    rows = torch.arange(photos, device=device)
    words = torch.full((photos,), BEGIN, device=device)
    for length in range(1, longest + 1):
        log_probabilities, states, _ = step(words, features[rows], states)
        if length == 1:
            added = bias_of(photos, log_probabilities.shape[-1], never, None).to(device)
            added_first = bias_of(photos, log_probabilities.shape[-1], never, gains).to(device)
        live = [hypothesis for lane in lanes for hypothesis in lane.live]
        now = torch.tensor([hypothesis.gains_now for hypothesis in live], device=device)[:, None]
        choices = (log_probabilities + torch.where(now, added_first[rows], added[rows])).topk(beam * 2 + 4, -1).indices.tolist()
        row = 0
        for lane in lanes:
            for place in range(len(lane.live)):
                offer(lane, place, row, log_probabilities[row], choices[row], joiner, gains[lane.photo] if gains else None)
                row += 1
        parents: list[int] = []
        chosen: list[int] = []
        owners: list[int] = []
        for lane in lanes:
            kept: list[Hypothesis] = []
            lane.candidates.sort(key=lambda c: (-c[3].total, c[0], c[1]))
            for _, word, parent, longer in lane.candidates[: beam - len(lane.done)]:
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
