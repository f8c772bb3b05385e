"""Trains the word head on features: `python -m training.wordtrain`.

Three teachers, none of them complete. The start weights' classes, as words, on every photo (Hinton et al. 2015). The words
of Flickr8k's captions: what five people don't name is likely not the point. The words of Visual7W's questions and
answers: a word that is missing there says little, so its absence weighs little (positive and unlabelled examples).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .checkpoint import read_checkpoint, save_checkpoint
from .command import InputError, run
from .data import load_photos
from .pseudo import held_out
from .wordcalibrate import calibrate_words
from .visual7w import read_questions
from .wordhead import WordHead
from .words import ClassWord, forms_to_indices, named, read_class_words

OFTEN = 0.003  # Share of captioned photos from which the captions' silence about a word is believed.


@dataclass(frozen=True)
class Source:
    """Photos in one or more views `[N,49,1280]`, what to learn of them and how much each entry counts, both `[N,K]`."""

    views: list[np.ndarray]
    targets: np.ndarray
    weights: np.ndarray
    # Which photos may be learned from; the others are for calibration.
    open: np.ndarray


def class_matrix(words: list[ClassWord]) -> np.ndarray:
    """`[1000,K]`: 1 where the class is the word."""
    matrix = np.zeros((1000, len(words)), np.float32)
    for index, word in enumerate(words):
        matrix[list(word.classes), index] = 1
    return matrix


def class_chances(file: Path, matrix: np.ndarray) -> np.ndarray:
    """The start weights' chance of each word, `[N,K]`, from their class scores `[N,1000]`."""
    return (torch.softmax(torch.from_numpy(np.load(file)).float(), -1).numpy() @ matrix).clip(0, 1)


def caption_words(data: Path, split: str, words: list[ClassWord]) -> np.ndarray:
    """`[N,K]`: 1 where one of a photo's captions names the word."""
    forms, photos = forms_to_indices(words), load_photos(data, split)
    found = np.zeros((len(photos), len(words)), np.float32)
    for row, photo in zip(found, photos):
        row[list(named(" ".join(photo.captions), forms))] = 1
    return found


def question_words(visual7w: Path, names: list[str], words: list[ClassWord]) -> np.ndarray:
    """`[N,K]`: 1 where a question or an answer names the word."""
    forms, rows = forms_to_indices(words), read_questions(visual7w)
    found = np.zeros((len(names), len(words)), np.float32)
    for row, name in zip(found, names):
        row[list(named(" ".join(f"{question} {answer}" for question, answer in rows.get(name, [])), forms))] = 1
    return found


def sources(arguments: argparse.Namespace, words: list[ClassWord]) -> list[Source]:
    """Flickr8k's training photos, Visual7W and one photo of each class."""
    matrix, cache = class_matrix(words), arguments.cache
    classified = matrix.any(0)
    unread = np.array([word.word in arguments.without for word in words])

    captioned = caption_words(arguments.data, "train", words)
    seen = class_chances(cache / "train-teacher.npy", matrix)
    targets = np.maximum(captioned, seen * np.where(captioned.mean(0) > OFTEN, 0.3, 1.0).astype(np.float32))
    weights = np.ones_like(targets)
    targets[:, unread], weights[:, unread] = seen[:, unread], 0.5
    flickr = Source([np.load(file) for file in sorted(arguments.features.glob("train*.npy"))], targets, weights, np.ones(len(seen), bool))

    names = (cache / "v7w.txt").read_text(encoding="utf-8").split("\n")
    asked, seen = question_words(arguments.visual7w, names, words), class_chances(cache / "v7w-teacher.npy", matrix)
    weights = np.where(asked > 0, 1.5, np.where(classified, 0.3, 0.1)).astype(np.float32)
    visual7w = Source([np.load(cache / "v7w.npy")], np.maximum(asked, seen), weights, np.array([not held_out(name) for name in names]))

    seen = np.maximum(matrix, class_chances(cache / "imagenet-teacher.npy", matrix))
    weights = np.where(matrix > 0, 1.0, 0.5).astype(np.float32) * classified
    classes = Source([np.load(cache / "imagenet.npy")], seen, weights, np.arange(len(seen)) % 5 > 0)
    return [flickr, visual7w, classes]


def part_of_picture(random: np.random.Generator) -> np.ndarray:
    """Regions of a random rectangle: a crop at the price of an index."""
    height, width = random.integers(4, 8, 2)
    top, left = random.integers(0, 8 - height), random.integers(0, 8 - width)
    return np.arange(49).reshape(7, 7)[top : top + height, left : left + width].ravel()


def fit(data: list[Source], index: np.ndarray, arguments: argparse.Namespace) -> WordHead:
    """A head trained on the rows `(source, photo)` of `index`."""
    torch.manual_seed(arguments.seed)
    device = torch.device(arguments.device)
    head = WordHead(data[0].targets.shape[1])
    if arguments.start:
        head.load_state_dict(read_checkpoint(arguments.start), strict=False)  # What judges kinds is learned after it.
    else:
        prior = np.clip(data[0].targets.mean(0), 1e-4, 0.5)
        head.output.bias.data = torch.from_numpy(np.log(prior / (1 - prior))).float()
    head.to(device)
    optimizer = torch.optim.AdamW(head.parameters(), lr=arguments.rate, weight_decay=arguments.decay)
    steps, step = len(index) // arguments.batch * arguments.epochs, 0
    for epoch in range(arguments.epochs):
        random, total = np.random.default_rng(arguments.seed * 100 + epoch), 0.0
        order = random.permutation(index)
        for start in range(0, len(order) - arguments.batch + 1, arguments.batch):
            rows = order[start : start + arguments.batch]
            crop = part_of_picture(random) if random.random() < arguments.crops else np.arange(49)
            views = [data[s].views[random.integers(len(data[s].views))][i] for s, i in rows]
            regions = torch.from_numpy(np.stack([view[crop] for view in views])).to(device).bfloat16()
            targets = torch.from_numpy(np.stack([data[s].targets[i] for s, i in rows])).to(device)
            weights = torch.from_numpy(np.stack([data[s].weights[i] for s, i in rows])).to(device)
            for group in optimizer.param_groups:
                group["lr"] = arguments.rate * min(1, step / 50) * (0.51 + 0.49 * np.cos(np.pi * step / steps))
            with torch.autocast(device.type, torch.bfloat16):
                logits = head(regions)
            loss = (functional.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none") * weights).sum(1).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total, step = total + loss.item(), step + 1
        print(f"epoch {epoch + 1}/{arguments.epochs} loss {total * arguments.epochs / steps:.3f}", flush=True)
    return head.cpu().eval()


@torch.no_grad()
def logits_of(head: WordHead, regions: np.ndarray, batch: int = 200) -> np.ndarray:
    """`[N,K]` float32."""
    return np.concatenate([head(torch.from_numpy(regions[i : i + batch]).float()).numpy() for i in range(0, len(regions), batch)])


def held_out_examples(
    arguments: argparse.Namespace, words: list[ClassWord], data: list[Source], head: WordHead, dev: np.ndarray
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Words, and logits, rightness and weights `[N,K]` of Flickr8k's dev photos and of those held out of the other sources."""
    logits = [dev, *(logits_of(head, source.views[0][~source.open]) for source in data[1:])]
    right = [caption_words(arguments.data, "dev", words), *((source.targets[~source.open] > 0.5).astype(np.float32) for source in data[1:])]
    weights = [np.ones_like(dev), *(np.minimum(source.weights[~source.open], 1) for source in data[1:])]
    return [word.word for word in words], np.concatenate(logits), np.concatenate(right), np.concatenate(weights)


def average_precision(scores: np.ndarray, right: np.ndarray) -> float:
    hits = right[np.argsort(-scores)] > 0
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()) if hits.any() else 0.0


def mean_precision(scores: np.ndarray, right: np.ndarray, least: int = 5) -> float:
    """Mean average precision over the words with at least `least` examples."""
    return float(np.mean([average_precision(scores[:, k], right[:, k]) for k in range(right.shape[1]) if right[:, k].sum() >= least]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Flickr8k")
    parser.add_argument("--visual7w", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="what training.features wrote with the encoder")
    parser.add_argument("--cache", type=Path, required=True, help="what training.wordfeatures wrote with the encoder")
    parser.add_argument("--start", type=Path, help="a head that learned on another encoder, to go on from; with --epochs 0 it's only calibrated on this one")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--without", nargs="*", default=[], help="words whose captions are not looked at")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--crops", type=float, default=0.5, help="share of batches that see a part of their pictures")
    parser.add_argument("--folds", type=int, default=2, help="heads for the decoder's training, each judging photos that it hasn't seen")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="where the heads learn")
    arguments = parser.parse_args()
    if arguments.start and arguments.folds:
        raise InputError("Expected --folds 0 with --start: that head has learned from the photos that the folds' heads are to judge unseen")
    words = read_class_words()
    data = sources(arguments, words)
    index = np.array([(s, i) for s, source in enumerate(data) for i in np.flatnonzero(source.open)])
    arguments.out.mkdir(parents=True, exist_ok=True)

    head = fit(data, index, arguments)
    save_checkpoint(arguments.out / "head.pt", head.state_dict())
    dev = logits_of(head, np.load(arguments.features / "dev.npy"))
    hidden = ~data[1].open
    asked = question_words(arguments.visual7w, (arguments.cache / "v7w.txt").read_text(encoding="utf-8").split("\n"), words)
    print(json.dumps({
        "dev": round(mean_precision(dev, caption_words(arguments.data, "dev", words)), 4),
        "visual7w": round(mean_precision(logits_of(head, data[1].views[0][hidden]), asked[hidden], 3), 4),
    }), flush=True)

    calibration = calibrate_words(*held_out_examples(arguments, words, data, head, dev))
    (arguments.out / "calibration.json").write_text(json.dumps(asdict(calibration)), encoding="utf-8")

    fold = np.random.default_rng(0).integers(max(1, arguments.folds), size=len(index))
    tables = {(s, v): np.zeros((len(view), len(words)), np.float16) for s in range(3) for v, view in enumerate(data[s].views)}
    for number in range(arguments.folds):
        other = fit(data, index[fold != number], arguments)
        for (s, v), table in tables.items():
            photos = index[(fold == number) & (index[:, 0] == s)][:, 1]
            table[photos] = logits_of(other, data[s].views[v][photos])
            if s == 1 and number == 0:
                table[hidden] = logits_of(head, data[1].views[0][hidden])
    files = [*(arguments.out / f"logits-{file.name}" for file in sorted(arguments.features.glob("train*.npy"))), *(arguments.out / f"logits-{name}.npy" for name in ("v7w", "imagenet"))]
    for (_, table), file in zip(sorted(tables.items()), files):
        if arguments.folds:
            np.save(file, table)


if __name__ == "__main__":
    run(main)
