"""Short captions from questions and answers (Visual7W, Zhu et al. 2016): `python -m training.visual7w`.

"Who is holding the racket? The woman." gives "a woman is holding the racket", "Where is the elephant? In the water."
gives "an elephant in the water". They name everyday things that Flickr8k's captions never do.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from pathlib import Path

from .command import run
from .vocabulary import tokenize

PREPOSITIONS = set("in on at near by behind under inside outside along next beside above below between over across around against through off from with toward towards beneath underneath among atop to".split())
ADVERBS = set("outside outdoors inside indoors downtown".split())
SCENE = set("this it here they photo picture image scene pictured shot photograph taken what we shown set place happening occurring activity event".split())
NOBODY = set("no nobody none one unknown photographer i you he she they it".split())
PLURAL = set("people men women children police sheep skis pants jeans".split())
MASS = set("water snow grass sand food traffic graffiti sky ice luggage bread broccoli furniture rain fruit pizza cheese rice writing".split())
NUMBERS = set("two three four five six seven eight nine ten several many some few both lots group".split())


def noun_phrase(words: list[str]) -> list[str]:
    """A noun phrase with the article that a caption would have."""
    if not words:
        return []
    while words and words[0] in ("the", "this", "that", "these", "those", "there", "some"):
        words = words[1:]
    if not words:
        return []
    if not words or words[0] in NUMBERS or words[0] in ("a", "an", "his", "her", "their", "people"):
        return words
    head = next((words[i - 1] for i in range(1, len(words)) if words[i] in PREPOSITIONS or words[i].endswith(("ing", "ed"))), words[-1])
    if head in MASS or head in PLURAL or (head.endswith("s") and not head.endswith("ss") and head not in ("bus", "tennis")):
        return words
    return ["an" if words[0][0] in "aeiou" else "a", *words]


def place(words: list[str]) -> list[str]:
    """An answer to "where" as a prepositional phrase."""
    if not words or words[0] in PREPOSITIONS or words[0] in ADVERBS:
        return words
    if any(word in PREPOSITIONS for word in words[1:3]):
        return words
    if words[-1] in ("left", "right"):
        return []
    if words[0] in ("street", "road", "sidewalk", "beach", "field", "court", "table", "boat"):
        return ["on", "a", *words]
    return ["in", *(words if words[0] in ("the", "a", "an") else noun_phrase(words))]


def statement(question: str, answer: str) -> tuple[str, list[str]] | None:
    """The kind (`scene`, `who` or `where`) and words of what a question and its answer say together."""
    asked, told = tokenize(question), tokenize(answer)
    if len(asked) < 2 or not told or len(told) > 9 or any(word.isdigit() for word in told):
        return None
    kind, verb, rest = asked[0], asked[1], asked[2:]
    if verb not in ("is", "are", "was", "were"):
        return None
    if kind == "where":
        if not rest or any(word in SCENE for word in rest):
            return "scene", place(told)
        thing = rest if rest[-1] not in ("at", "located", "in", "on") else rest[:-1]
        return "where", noun_phrase(thing) + place(told)
    if kind == "who" and told[0] not in NOBODY and told[0] != "there":
        person = noun_phrase(told)
        if not rest or any(word in SCENE or word == "there" for word in rest):
            return "who", person
        plural = person and person[0] not in ("a", "an")
        return "who", [*person, "are" if plural else "is", *rest]
    return None


def captions_of(rows: list[tuple[str, str]]) -> list[str]:
    """Captions of one picture: who does what, what is where, joined with the place where that is known."""
    found = [made for question, answer in rows if (made := statement(question, answer))]
    scenes = [words for kind, words in found if kind == "scene" and words]
    texts = []
    for kind, words in found:
        if kind != "scene":
            joined = words + scenes[0] if kind == "who" and scenes and not any(w in PREPOSITIONS for w in words) else words
            texts.append(" ".join(joined))
    return list(dict.fromkeys(text for text in texts if 2 <= len(text.split()) <= 16))[:5]


def read_questions(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Each picture's questions and answers, those without a word in the answer left out."""
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in (folder / "qa.tsv").read_text(encoding="utf-8").splitlines():
        image, _, question, answer = line.split("\t")
        if re.search("[a-z]", answer.lower()):
            rows[image].append((question, answer))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of qa.tsv and images/")
    parser.add_argument("--out", type=Path, required=True, help="a folder of pictures with captions.csv")
    parser.add_argument("--skip", type=Path, help="names of pictures to leave out, one a line")
    arguments = parser.parse_args()
    skipped = set(arguments.skip.read_text(encoding="utf-8").split()) if arguments.skip else set()
    rows = {image: asked for image, asked in read_questions(arguments.data).items() if image not in skipped}
    arguments.out.mkdir(parents=True, exist_ok=True)
    link = arguments.out / "images"
    if not link.exists():
        link.symlink_to((arguments.data / "images").resolve())
    with (arguments.out / "captions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption"])
        for image in sorted(rows):
            writer.writerows((image, caption) for caption in captions_of(rows[image]))


if __name__ == "__main__":
    run(main)
