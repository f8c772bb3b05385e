"""Which things a caption names, and whether the people who saw the picture named them too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .vocabulary import tokenize


def read_things(path: Path = Path(__file__).with_name("things.txt")) -> tuple[dict[str, frozenset[str]], dict[str, list[frozenset[str]]]]:
    """The groups by name, and each word with its groups; a group is the set of its name and its wider groups' names."""
    groups: dict[str, frozenset[str]] = {}
    words: dict[str, list[frozenset[str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            head, _, members = line.partition(":")
            name, _, parent = (part.strip() for part in head.partition("<"))
            groups[name] = groups.get(parent, frozenset()) | {name}
            for word in members.split():
                words.setdefault(word, []).append(groups[name])
    return groups, words


GROUPS, THINGS = read_things()
KINDS = tuple(GROUPS)  # Each kind of things, by its group's name.


def kinds_of(word: str) -> tuple[str, ...]:
    """The kinds that a thing word is of: its groups, without those that are only wider."""
    return tuple(kind for kind in KINDS if GROUPS[kind] in THINGS[word])


def narrowest(words: Sequence[str]) -> list[str]:
    """Thing words without those that only say less than another: an animal, where a cat is said too."""
    groups = [group for word in words for group in THINGS[word]]
    return [word for word in words if not all(any(group < other for other in groups) for group in THINGS[word])]


def agree(word: str, other: str) -> bool:
    """Whether two thing words may mean the same: one's group is the other's or wider."""
    return any(a <= b or b <= a for a in THINGS[word] for b in THINGS[other])


def things(text: str) -> list[str]:
    return [word for word in tokenize(text) if word in THINGS]


def is_about(text: str, kind: str) -> bool:
    """Whether the first thing that a text names is of the kind."""
    return any(kind in group for word in things(text)[:1] for group in THINGS[word])


def support(word: str, references: Sequence[Sequence[str]]) -> int:
    """How many of the references (as lists of thing words) name this thing."""
    return sum(any(agree(word, other) for other in reference) for reference in references)


def main_thing_right(caption: str, references: Sequence[str]) -> bool:
    """Right when at least two references (or the only one) name the caption's first thing."""
    named = things(caption)
    if not named:
        return False
    return support(named[0], [things(reference) for reference in references]) >= min(2, len(references))


def invented(captions: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Share of captions that name a thing which no reference names."""
    count = 0
    for caption, texts in zip(captions, references):
        known = [things(text) for text in texts]
        count += any(support(word, known) == 0 for word in things(caption))
    return count / len(captions)
