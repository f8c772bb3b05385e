"""Plain words for what a picture shows: which forms, groups and classes of the start weights belong to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .vocabulary import tokenize


@dataclass(frozen=True)
class ClassWord:
    """A word of the word head: its group of siblings, the forms that name it, and the classes that are it."""

    word: str
    group: str
    forms: frozenset[str]
    classes: tuple[int, ...]


def plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def read_class_words(path: Path = Path(__file__).with_name("words.txt")) -> list[ClassWord]:
    """The words in the file's order; a word may stand in two lines of different groups, of which the first counts."""
    words: dict[str, ClassWord] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            group = line.strip("[]")
        elif line and not line.startswith("#"):
            names, _, ranges = line.partition(":")
            forms = names.split()
            classes = [
                index
                for part in ranges.split()
                for index in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)
            ]
            forms_and_plurals = frozenset(form for name in forms for form in (name, plural(name)))
            words.setdefault(forms[0], ClassWord(forms[0], group, forms_and_plurals, tuple(classes)))
    return list(words.values())


def forms_to_indices(words: Sequence[ClassWord]) -> dict[str, list[int]]:
    """Each form with the places of the words that it names."""
    found: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        for form in word.forms:
            found.setdefault(form, []).append(index)
    return found


def named(text: str, forms: dict[str, list[int]]) -> set[int]:
    """Places of the words that a text names."""
    return {index for token in tokenize(text) for index in forms.get(token, ())}
