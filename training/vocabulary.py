"""Words and their ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

PADDING, BEGIN, END, UNKNOWN = range(4)
SPECIALS = ("<pad>", "<begin>", "<end>", "<unk>")
TOKEN = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*|'s\b")


def tokenize(text: str) -> list[str]:
    """Lower-case words without punctuation; `t-shirt` and `don't` are one word, a loose `'s` is kept."""
    return TOKEN.findall(text.lower())


class Vocabulary:
    """Line n of `vocabulary.txt` is the word with id n."""

    def __init__(self, words: list[str]) -> None:
        if tuple(words[:4]) != SPECIALS:
            raise ValueError(f"Expected the vocabulary to begin with {SPECIALS} but found {words[:4]}")
        self.words = words
        self.ids = {word: index for index, word in enumerate(words)}

    @staticmethod
    def build(captions: Iterable[str], minimum: int = 4) -> Vocabulary:
        """Words seen at least `minimum` times, the most frequent first."""
        counts = Counter(word for caption in captions for word in tokenize(caption))
        words = sorted((word for word, count in counts.items() if count >= minimum), key=lambda w: (-counts[w], w))
        return Vocabulary([*SPECIALS, *words])

    @staticmethod
    def read(path: Path) -> Vocabulary:
        return Vocabulary(path.read_text(encoding="utf-8").splitlines())

    def append(self, words: list[str]) -> None:
        """Adds words behind the last; ids of the others stay."""
        self.words += words
        self.ids = {word: index for index, word in enumerate(self.words)}

    def write(self, path: Path) -> None:
        path.write_text("".join(word + "\n" for word in self.words), encoding="utf-8")

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str, longest: int) -> np.ndarray:
        """`[longest + 2]` int64: begin, at most `longest` words, end, padding."""
        ids = [self.ids.get(word, UNKNOWN) for word in tokenize(text)[:longest]]
        row = np.full(longest + 2, PADDING, np.int64)
        row[: len(ids) + 2] = [BEGIN, *ids, END]
        return row

    def decode(self, ids: Iterable[int]) -> str:
        """Words up to the end token, separated by spaces."""
        words: list[str] = []
        for index in ids:
            if index == END:
                break
            if index > UNKNOWN:
                words.append(self.words[index])
        return " ".join(words)
