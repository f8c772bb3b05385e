"""The chance that any thing of a kind is there, judged as a whole: `python -m training.kinds`.

What speaks for a thing that a caption names was put together from the chances of class words as if they were independent: 33
words for people, each a little likely, made a person likely in two of three photos without any. So each kind of things
(a group of `things.txt`) gets an output of its own, a linear function of what the word head's output layer sees. The head and
with it the decoder's evidence stay as they are.

Learned from what captions name, from Visual7W's words, from the classes of the start weights, and from photos of both that
one reader looked through for people (`people.csv`): of everyday photos without people there were none that said so.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .checkpoint import Network, load_network, save_checkpoint
from .command import run
from .data import Photo, load_csv, load_photos
from .pseudo import held_out, read_names
from .things import GROUPS, KINDS, THINGS, narrowest, things
from .visual7w import read_questions
from .vocabulary import tokenize
from .wordcalibrate import WordCalibration, fit_platt, read_calibration
from .wordhead import WordHead
from .words import ClassWord, forms_to_indices, named, read_class_words

PEOPLE_FILE = Path(__file__).with_name("people.csv")
SEEN_FILE = Path(__file__).with_name("seen.csv")
PEOPLE = np.array(["person" in GROUPS[kind] for kind in KINDS])
PERSON, ANIMAL = KINDS.index("person"), KINDS.index("animal")
ANIMALS = np.array(["animal" in GROUPS[kind] for kind in KINDS])
PRONOUNS = frozenset("he she his her him they them whose".split())
# Kinds that stand beside a photo's class often enough for its silence to say little.
AROUND = np.array([kind in "furniture room toy tree flower water mountain building street sign snow stick hat phone drink".split() for kind in KINDS])
# What a photo of a class shows, large and sharp, counts so much: of most sorts of animals there are few photos else.
SURE = 4.0
# Of Visual7W's photos whose questions speak of nobody, so many show people, and so many people of one sort.
UNMENTIONED, UNMENTIONED_SORT = 0.2, 0.07
# The same of animals: ten of 120 that were looked at show one.
UNMENTIONED_ANIMAL, UNMENTIONED_ANIMAL_SORT = 0.08, 0.01


@dataclass(frozen=True)
class Examples:
    """What the output layer sees `[N,384]`, how far each kind is there (0 to 1) and how much that counts, both `[N,G]`."""

    pooled: torch.Tensor
    targets: np.ndarray
    weights: np.ndarray

    def part(self, rows: np.ndarray) -> Examples:
        return Examples(self.pooled[torch.from_numpy(np.flatnonzero(rows))], self.targets[rows], self.weights[rows])

    def sure_of_what_is_there(self) -> Examples:
        """The same, to learn from, where what is there counts `SURE` times."""
        return replace(self, weights=np.where(self.targets > 0, SURE * self.weights, self.weights))


def kinds_named(texts: Sequence[str], least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """How far people name each kind, `[G]`: 1 where `least` of the texts do (all, where there are fewer), less where fewer do.

    And which they leave open, `[G]`: "an animal" alone may be a dog or not.
    """
    counts, named = np.zeros(len(KINDS), np.float32), set()
    for text in texts:
        groups = {group for word in things(text) for group in THINGS[word]}
        counts += [any(kind in group for group in groups) for kind in KINDS]
        named |= groups
    narrowest_said = {group for group in named if not any(group < other for other in named)}
    left_open = np.array([any(group < GROUPS[kind] for group in narrowest_said) for kind in KINDS])
    return np.minimum(counts / min(least, len(texts)), 1), left_open


def read_people(path: Path = PEOPLE_FILE) -> dict[str, str]:
    """Whether people are seen in a photo, by its file's name: `yes`, `no`, or `part` (a hand, a doll, someone far away)."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["image"]: row["people"] for row in csv.DictReader(file)}


def class_photos(folder: Path, words: Sequence[ClassWord]) -> list[Photo]:
    """One photo of each class of the start weights; its text are the things that it is known to show, its class and people, or "nothing"."""
    people, told = read_people(), [word for word in words if word.word in THINGS]
    photos = []
    for index, path in enumerate(sorted((folder / "images").iterdir())):
        shown = narrowest([word.word for word in told if index in word.classes]) + (["person"] if people.get(path.name) == "yes" else [])
        photos.append(Photo(path, (" ".join(shown) or "nothing",)))
    return photos


def judge_people(targets: np.ndarray, weights: np.ndarray, seen: str | None) -> None:
    """Puts what was seen of people into one photo's row; who they are stays open."""
    if seen == "no":
        targets[PEOPLE], weights[PEOPLE] = 0, 1
    elif seen:
        weights[PEOPLE] = 0
        if seen == "yes":
            targets[PERSON], weights[PERSON] = 1, 1


def captioned(head: WordHead, regions: np.ndarray, captions: Sequence[Sequence[str]]) -> Examples:
    told = [kinds_named(texts) for texts in captions]
    targets, left_open = (np.stack(part) for part in zip(*told))
    return Examples(pooled(head, regions), targets, np.where(left_open, 0, 1).astype(np.float32))


def asked(head: WordHead, regions: np.ndarray, names: Sequence[str], visual7w: Path, people: dict[str, str], words: list[ClassWord]) -> Examples:
    """Visual7W's photos: what questions and answers name is there, what they don't name may be there all the same."""
    questions, forms = read_questions(visual7w), forms_to_indices(words)
    persons = {index for index, word in enumerate(words) if word.group == "person"}
    targets, weights = (np.zeros((len(names), len(KINDS)), np.float32) for _ in range(2))
    for target, weight, name in zip(targets, weights, names):
        text = " ".join(f"{question} {answer}" for question, answer in questions.get(name, []))
        speaks_of_people = bool(named(text, forms) & persons or PRONOUNS & set(tokenize(text)))
        target[:], weight[:] = told_by_questions(text, speaks_of_people)
        judge_people(target, weight, people.get(name))
    return Examples(pooled(head, regions), targets, weights)


def told_by_questions(text: str, speaks_of_people: bool) -> tuple[np.ndarray, np.ndarray]:
    """How far each kind is there and how much that counts, both `[G]`, by a photo's questions and answers."""
    target, left_open = kinds_named([text])
    weight = np.where(target > 0, 1.5, np.where(left_open, 0, 0.2))
    if not speaks_of_people:
        target[PEOPLE], weight[PEOPLE] = UNMENTIONED_SORT, 0.7
        target[PERSON] = UNMENTIONED
    elif not target[PERSON]:
        weight[PEOPLE] = 0
    if not target[ANIMAL]:
        target[ANIMALS], weight[ANIMALS] = UNMENTIONED_ANIMAL_SORT, 0.7
        target[ANIMAL] = UNMENTIONED_ANIMAL
    return target, weight


def classified(head: WordHead, regions: np.ndarray, names: Sequence[str], people: dict[str, str], words: list[ClassWord]) -> Examples:
    """One photo of each class of the start weights: it shows its class, and of other kinds that are classes little."""
    targets = np.zeros((len(names), len(KINDS)), np.float32)
    for word in words:
        kinds = kinds_named([word.word])[0] > 0
        targets[np.ix_([index for index in word.classes if index < len(names)], kinds)] = 1
    told = np.where(targets.sum(0) >= 3, 0.5, 0.0)
    weights = np.where(targets > 0, 1.0, np.where(AROUND, 0.1, told)).astype(np.float32)
    for target, weight, name in zip(targets, weights, names):
        judge_people(target, weight, people.get(name))
    return Examples(pooled(head, regions), targets, weights)


@torch.no_grad()
def pooled(head: WordHead, regions: np.ndarray, batch: int = 200) -> torch.Tensor:
    return torch.cat([head.pooled(torch.from_numpy(np.array(regions[start : start + batch])).float()) for start in range(0, len(regions), batch)])


def fit(examples: Sequence[Examples], decay: float) -> nn.Linear:
    """Logistic regressions side by side, by L-BFGS; `decay` holds the weights of standardised inputs small."""
    x = torch.cat([part.pooled for part in examples])
    targets, weights = (torch.from_numpy(np.concatenate([getattr(part, name) for part in examples])) for name in ("targets", "weights"))
    mean, spread = x.mean(0), x.std(0) + 1e-3
    x = (x - mean) / spread
    layer = nn.Linear(x.shape[1], targets.shape[1])
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = functional.binary_cross_entropy_with_logits(layer(x), targets, reduction="none") * weights
        loss = losses.sum() / len(x) + decay * layer.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        layer.weight.div_(spread)
        layer.bias.sub_(layer.weight @ mean)
    return layer


@torch.no_grad()
def calibrate(layer: nn.Linear, examples: Sequence[Examples]) -> tuple[list[float], list[float]]:
    """Slope and shift of each kind, on photos that weren't learned from."""
    logits = np.concatenate([layer(part.pooled).numpy() for part in examples])
    targets, weights = (np.concatenate([getattr(part, name) for part in examples]) for name in ("targets", "weights"))
    shared = fit_platt(logits.ravel(), targets.ravel(), weights.ravel(), (1.0, 0.0))
    pairs = [fit_platt(logits[:, k], targets[:, k], weights[:, k], shared) for k in range(len(KINDS))]
    return [round(slope, 4) for slope, _ in pairs], [round(shift, 4) for _, shift in pairs]


def area_under_curve(scores: np.ndarray, right: np.ndarray) -> float:
    """The chance that a photo which shows it scores higher than one which doesn't."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores)] = np.arange(1, len(scores) + 1)
    shown = right.sum()
    return float((ranks[right > 0].sum() - shown * (shown + 1) / 2) / (shown * (len(right) - shown)))


def with_kinds(network: Network, layer: nn.Linear) -> Network:
    """A copy of the network whose word head judges kinds too."""
    fresh = Network(replace(network.captioner.options, kinds=len(KINDS)))
    kept = {name: tensor for name, tensor in network.state_dict().items() if ".head.kinds." not in name}
    fresh.load_state_dict(kept | {f"captioner.projector.evidence.head.kinds.{name}": value for name, value in layer.state_dict().items()})
    return fresh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="a network with class words")
    parser.add_argument("--words", type=Path, required=True, help="folder with their calibration.json")
    parser.add_argument("--data", type=Path, required=True, help="Flickr8k")
    parser.add_argument("--visual7w", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="what training.features wrote with the encoder")
    parser.add_argument("--cache", type=Path, required=True, help="what training.wordfeatures wrote with the encoder")
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--out", type=Path, required=True, help="folder for last.pt and calibration.json")
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)
    head, people, words = network.captioner.projector.evidence.head, read_people(), read_class_words()

    flickr = [photo.captions for photo in load_photos(arguments.data, "train")]
    views = [captioned(head, np.load(file, mmap_mode="r"), flickr) for file in sorted(arguments.features.glob("train*.npy"))]
    names = read_names(arguments.cache, "v7w")
    visual7w = asked(head, np.load(arguments.cache / "v7w.npy", mmap_mode="r"), names, arguments.visual7w, people, words)
    photos = read_names(arguments.cache, "imagenet")
    classes = classified(head, np.load(arguments.cache / "imagenet.npy", mmap_mode="r"), photos, people, words)
    learned = np.arange(len(photos)) % 5 > 0
    views = [replace(view, weights=view.weights / len(views)) for view in views]
    layer = fit([*views, visual7w.part(np.array([not held_out(name) for name in names])), classes.part(learned).sure_of_what_is_there()], arguments.decay)

    dev = captioned(head, np.load(arguments.features / "dev.npy"), [photo.captions for photo in load_photos(arguments.data, "dev")])
    seen = {photo.path.name: photo.captions for photo in load_csv(SEEN_FILE, arguments.visual7w / "images")}
    rows = [names.index(name) for name in seen if name in names]
    looked = captioned(head, np.load(arguments.cache / "v7w.npy", mmap_mode="r")[rows], [seen[names[row]] for row in rows])
    # The three count alike; a tenth of the classes' photos is left to report.
    others = classes.part(np.arange(len(photos)) % 10 == 0)
    parts = [dev, *(replace(part, weights=part.weights * len(dev.targets) / len(part.targets)) for part in (looked, others))]
    slope, shift = calibrate(layer, parts)

    reported = classes.part(np.arange(len(photos)) % 10 == 5)
    for name, part in (("dev", dev), ("visual7w", looked), ("classes", reported)):
        with torch.no_grad():
            chances = 1 / (1 + np.exp(-(layer(part.pooled).numpy() * slope + shift)))
        told = part.weights[:, PERSON] > 0
        right, chance = part.targets[told, PERSON] > 0.5, chances[told, PERSON]
        areas = []
        for k in range(len(KINDS)):
            known = part.weights[:, k] > 0
            shown = part.targets[known, k] > 0.5
            if 4 <= shown.sum() <= known.sum() - 4:
                areas.append(area_under_curve(chances[known, k], shown))
        print(json.dumps({name: {
            "person": {"area": round(area_under_curve(chance, right), 3), "with": round(float(chance[right].mean()), 3), "without": round(float(chance[~right].mean()), 3)},
            "area, mean of kinds": round(float(np.mean(areas)), 3), "kinds": len(areas),
        }}), flush=True)

    known = read_calibration(arguments.words / "calibration.json")
    own = [place for place, word in enumerate(known.words) if place < len(words)]
    told = WordCalibration(
        [*(known.words[k] for k in own), *(f"any {kind}" for kind in KINDS)], [*(known.slope[k] for k in own), *slope],
        [*(known.shift[k] for k in own), *shift], [*(known.threshold[k] for k in own), *[None] * len(KINDS)],
    )
    network = with_kinds(network, layer)
    save_checkpoint(arguments.out / "last.pt", {
        "options": network.captioner.options.to_dict(), "words": vocabulary.words, "epoch": 0, "average": network.state_dict(),
    })
    (arguments.out / "calibration.json").write_text(json.dumps(asdict(told)), encoding="utf-8")


if __name__ == "__main__":
    run(main)
