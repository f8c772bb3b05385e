"""Captions by rule for pictures without any, from what the word head sees, Visual7W's words and classes: `python -m training.pseudo`.

Flickr8k's captions are about people and dogs; these teach the decoder how one speaks of a bathroom, a plate of food or a
train on its tracks. They are plain and sometimes wrong, so they are a small part of a batch.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from .checkpoint import load_network
from .command import run
from .data import Photo, load_photos
from .visual7w import captions_of, read_questions
from .words import ClassWord, forms_to_indices, named, plural, read_class_words

PEOPLE = ("man", "woman", "boy", "girl", "child", "baby", "person", "group", "couple", "player")
ANIMALS = frozenset("dog cat horse bear elephant giraffe zebra cow sheep goat bird duck goose swan lion tiger panda monkey deer pig camel llama penguin rabbit squirrel seal wolf".split())
THINGS = ("vehicle", "gear", "music", "food", "kitchen", "furniture", "office", "clothes")
# What people do with a thing: the most telling first.
DONE = {
    "wave": "riding a wave on a surfboard", "surfboard": "riding a surfboard in the water", "skateboard": "riding a skateboard",
    "snowboard": "riding a snowboard down a snowy hill", "ski": "skiing down a snowy hill", "kite": "flying a kite",
    "tennis": "playing tennis on a tennis court", "racket": "holding a tennis racket", "baseball": "playing baseball",
    "bat": "swinging a baseball bat", "soccer": "playing soccer", "frisbee": "playing frisbee", "horse": "riding a horse",
    "elephant": "riding an elephant", "motorcycle": "riding a motorcycle", "bicycle": "riding a bicycle", "guitar": "playing a guitar",
    "umbrella": "holding an umbrella", "phone": "talking on a phone", "camera": "holding a camera", "laptop": "using a laptop",
    "pizza": "eating a pizza", "cake": "sitting at a table with a cake", "sandwich": "eating a sandwich", "bench": "sitting on a bench",
    "couch": "sitting on a couch", "bed": "lying on a bed", "chair": "sitting in a chair", "table": "sitting at a table",
    "kitchen": "standing in a kitchen", "tie": "wearing a suit and tie", "suitcase": "standing with luggage", "boat": "sitting in a boat",
    "bus": "standing next to a bus", "train": "standing next to a train", "car": "standing next to a car", "street": "walking down a street",
    "beach": "standing on a beach", "field": "standing in a field", "snow": "standing in the snow",
}
# Where things are: place word to phrase, the most telling first.
PLACES = {
    "bathroom": "in a bathroom", "kitchen": "in a kitchen", "bedroom": "in a bedroom", "restaurant": "in a restaurant", "zoo": "in a zoo",
    "runway": "on a runway", "track": "on the tracks", "court": "on a court", "pool": "in a pool", "plate": "on a plate", "desk": "on a desk",
    "couch": "on a couch", "bed": "on a bed", "bench": "on a bench", "table": "on a table", "counter": "on a counter", "street": "on a street",
    "sidewalk": "on a sidewalk", "beach": "on a beach", "wave": "in the water", "water": "in the water", "snow": "in the snow",
    "field": "in a field", "grass": "in the grass", "dirt": "in the dirt", "forest": "in the woods", "building": "in front of a building",
    "fence": "next to a fence", "tree": "next to a tree", "room": "in a room", "sky": "in the sky", "floor": "on the floor",
}
WIDE = frozenset(("animal", "vehicle", "instrument"))
MASS = frozenset("food meal fruit meat rice pasta coffee beer wine soda drink cheese popcorn hay dough paint money paper jeans pants shorts trunks engine wire".split())
FLYING = frozenset(("plane", "kite", "balloon", "bird", "helicopter"))


def article(word: str) -> str:
    return f"an {word}" if word[0] in "aeio" or word == "umbrella" else f"a {word}"


def pseudo_captions(words: list[ClassWord], chances: np.ndarray, ranks: np.ndarray, said: set[str], many: set[str]) -> list[str]:
    """At most four captions of one picture.

    `chances [K]` say whether a word names something, `ranks [K]` how telling it is; `said` are the words in the picture's
    questions and answers, `many` those said in the plural.
    """
    sure = {word.word for word, chance in zip(words, chances) if chance > (0.15 if word.word in said else 0.5)}
    order = [words[index] for index in np.argsort(-ranks) if words[index].word in sure]
    people = [name for name in PEOPLE if name in sure]
    animals = [word.word for word in order if word.word in ANIMALS]
    things = [word.word for word in order if word.group in THINGS]
    places = [phrase for word, phrase in PLACES.items() if word in sure and not (word == "sky" and not FLYING & set(things + animals))]

    def some(name: str) -> str:
        return f"a group of {plural(name)}" if name in many and name != "group" else article(name)

    def place(name: str) -> str:
        return next((f" {phrase}" for phrase in places if name not in phrase), "")

    texts = []
    if people:
        who = "a group of people" if people[0] == "group" else "a man and a woman" if people[0] == "couple" else some(people[0])
        doing = [phrase for word, phrase in DONE.items() if word in sure][:2]
        be = "are" if who.startswith("a group") or " and " in who else "is"
        texts += [f"{who} {be} {phrase}" for phrase in doing]
    for name in animals[:1]:
        texts.append(f"{some(name)} {'are' if name in many else 'is'} standing{place(name)}" if place(name) else f"a close up of {article(name)}")
        texts.append(f"{some(name)}{place(name) or ' outside'}")
    objects = [name for name in things if name not in animals and name not in PLACES and name not in MASS]
    if objects and (not animals or not people):
        first = objects[0]
        texts.append(f"{some(first)}{place(first)}" if place(first) else f"a close up of {article(first)}")
        if len(objects) > 1:
            texts.append(f"{article(first)} and {article(objects[1])}{place(first)}")
    if "plate" in sure and "food" in sure:
        texts.append("a plate of food on a table")
    return list(dict.fromkeys(texts))[:4]


def asked_captions(arguments: argparse.Namespace, words: list[ClassWord]) -> list[tuple[str, str]]:
    """Picture and caption for Visual7W's pictures: what the head sees, and what questions and answers say."""
    network, _ = load_network(arguments.checkpoint)
    evidence = network.captioner.projector.evidence
    regions, names = np.load(arguments.cache / "v7w.npy", mmap_mode="r"), read_names(arguments.cache, "v7w")
    questions, forms, made = read_questions(arguments.visual7w), forms_to_indices(words), []
    for index, name in enumerate(names):
        if held_out(name):
            continue
        with torch.no_grad():
            logits = evidence.head(torch.from_numpy(np.array(regions[index : index + 1])).float())[0]
        rows = questions.get(name, [])
        text = " ".join(f"{question} {answer}" for question, answer in rows)
        said = {words[place].word for place in named(text, forms)}
        many = {word for word in said if plural(word) in text.lower().replace("?", " ").replace(".", " ").split()}
        captions = pseudo_captions(words, torch.sigmoid(logits).numpy(), (logits - evidence.prior).numpy(), said, many)
        made += [(name, caption) for caption in dict.fromkeys([*captions, *captions_of(rows)])]
    return made


def class_captions(arguments: argparse.Namespace, words: list[ClassWord]) -> list[tuple[str, str]]:
    """Picture and caption for one photo of each class of the start weights: its narrowest word, where it is, who has it.

    Visual7W's pictures are small and hard pressed; without sharp ones among the captions by rule, a decoder learns that sharp
    pictures show Flickr8k's world.
    """
    logits, names = np.load(arguments.logits / "logits-imagenet.npy").astype(np.float32), read_names(arguments.cache, "imagenet")
    made = []
    for index, name in enumerate(names):
        own = [k for k, word in enumerate(words) if index in word.classes]
        chances, ranks = 1 / (1 + np.exp(-logits[index])), logits[index] - logits.mean(0)
        for k in own:
            chances[k], ranks[k] = max(chances[k], 0.9), max(ranks[k], 5 - len(words[k].classes) / 1000)
        captions = pseudo_captions(words, chances, ranks, {words[k].word for k in own}, set())
        forms = {form for k in own for form in words[k].forms}
        made += [(name, caption) for caption in captions if forms & set(caption.split()) and not WIDE & set(caption.split())]
    return made


def read_names(cache: Path, name: str) -> list[str]:
    return (cache / f"{name}.txt").read_text(encoding="utf-8").split("\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="what training.attach wrote")
    parser.add_argument("--visual7w", type=Path, required=True, help="folder of qa.tsv and images/")
    parser.add_argument("--classes", type=Path, required=True, help="folder of images/, one photo a class, sorted by name")
    parser.add_argument("--cache", type=Path, required=True, help="what training.wordfeatures wrote with the encoder")
    parser.add_argument("--logits", type=Path, required=True, help="what training.wordtrain wrote; logits-extra.npy comes beside")
    parser.add_argument("--features", type=Path, required=True, help="where extra.npy, the pictures' regions, is to be")
    parser.add_argument("--without", nargs="*", default=[], help="class words that no caption may name")
    parser.add_argument("--out", type=Path, required=True, help="a folder of pictures with captions.csv")
    arguments = parser.parse_args()
    words = read_class_words()
    forms = forms_to_indices(words)
    banned = {forms[name][0] for name in arguments.without}
    pairs = [*asked_captions(arguments, words), *class_captions(arguments, words)]
    pairs = [(name, caption) for name, caption in pairs if not banned & named(caption, forms)]
    images = arguments.out / "images"
    images.mkdir(parents=True, exist_ok=True)
    places = {
        name: (source, index) for source in ("v7w", "imagenet") for index, name in enumerate(read_names(arguments.cache, source))
    }
    folders = {"v7w": arguments.visual7w, "imagenet": arguments.classes}
    for name in dict.fromkeys(name for name, _ in pairs):
        if not (images / name).exists():
            (images / name).symlink_to((folders[places[name][0]] / "images" / name).resolve())
    with (arguments.out / "captions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption"])
        writer.writerows(pairs)

    rows = [places[photo.path.name] for photo in load_photos(arguments.out, "all")]
    for folder, name, known in ((arguments.features, "extra", arguments.cache / "{}.npy"), (arguments.logits, "logits-extra", arguments.logits / "logits-{}.npy")):
        arrays = {source: np.load(str(known).format(source), mmap_mode="r") for source in folders}
        np.save(folder / f"{name}.npy", np.stack([arrays[source][index] for source, index in rows]))


def held_out_photos(visual7w: Path, skip: Path | None = None) -> list[Photo]:
    """The pictures that no training sees, each with all its questions and answers as one text."""
    skipped = set(skip.read_text(encoding="utf-8").split()) if skip else set()
    return [
        Photo(visual7w / "images" / name, (" ".join(f"{question} {answer}" for question, answer in rows),))
        for name, rows in sorted(read_questions(visual7w).items())
        if held_out(name) and name not in skipped and (visual7w / "images" / name).exists()
    ]


def held_out(name: str) -> bool:
    """A tenth of the pictures, which no training sees: confidence is calibrated on them too."""
    return zlib.crc32(name.encode()) % 10 == 0


if __name__ == "__main__":
    run(main)
