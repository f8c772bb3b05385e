"""Caption scores on plain lower-case tokens: BLEU, ROUGE-L, CIDEr-D and what captions say about themselves.

They follow the COCO caption evaluation (Chen et al. 2015) but for its tokeniser and METEOR.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from .things import invented
from .vocabulary import tokenize

Words = Sequence[str]
NGram = tuple[str, ...]


def ngrams(words: Words, size: int) -> Counter[NGram]:
    return Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


class Counts:
    """What BLEU needs to know of one picture's references: how often each n-gram comes at most in one of them, and their lengths."""

    def __init__(self, texts: Sequence[Words]) -> None:
        self.lengths = [len(text) for text in texts]
        self.most: list[Counter[NGram]] = [Counter() for _ in range(4)]
        for text in texts:
            for size, most in enumerate(self.most, 1):
                most |= ngrams(text, size)

    def closest(self, length: int) -> int:
        return min((abs(other - length), other) for other in self.lengths)[1]


def bleu(candidates: Sequence[Words], references: Sequence[Sequence[Words]]) -> list[float]:
    """Corpus BLEU-1…4 (Papineni et al. 2002) with the closest reference length."""
    return bleu_of(candidates, [Counts(texts) for texts in references])


def bleu_of(candidates: Sequence[Words], references: Sequence[Counts]) -> list[float]:
    """As `bleu`, of references that are counted already."""
    matches, totals = [0] * 4, [0] * 4
    length = closest = 0
    for words, counts in zip(candidates, references):
        length += len(words)
        closest += counts.closest(len(words))
        for size, most in enumerate(counts.most, 1):
            matches[size - 1] += sum(min(count, most[gram]) for gram, count in ngrams(words, size).items() if gram in most)
            totals[size - 1] += max(0, len(words) - size + 1)
    brevity = 1.0 if length > closest else math.exp(1 - closest / max(1, length))
    scores, logarithms = [], 0.0
    for size in range(4):
        if matches[size] == 0:
            return scores + [0.0] * (4 - size)
        logarithms += math.log(matches[size] / totals[size])
        scores.append(brevity * math.exp(logarithms / (size + 1)))
    return scores


def longest_common(a: Words, b: Words) -> int:
    row = [0] * (len(b) + 1)
    for word in a:
        diagonal = 0
        for j, other in enumerate(b):
            diagonal, row[j + 1] = row[j + 1], diagonal + 1 if word == other else max(row[j], row[j + 1])
    return row[-1]


def rouge_l(candidates: Sequence[Words], references: Sequence[Sequence[Words]], beta: float = 1.2) -> float:
    """Mean ROUGE-L (Lin 2004): F-measure of the best precision and the best recall over the references."""
    total = 0.0
    for words, texts in zip(candidates, references):
        common = [longest_common(words, text) for text in texts]
        precision = max(c / max(1, len(words)) for c in common)
        recall = max(c / max(1, len(text)) for c, text in zip(common, texts))
        if precision and recall:
            total += (1 + beta**2) * precision * recall / (recall + beta**2 * precision)
    return total / len(candidates)


class CiderD:
    """CIDEr-D (Vedantam et al. 2015) against a fixed set of references; the scale is the usual 0…10."""

    def __init__(self, references: Sequence[Sequence[Words]], frequencies: Sequence[Sequence[Words]] | None = None) -> None:
        """Document frequencies come from `frequencies` (the training set, say), else from the references."""
        documents = references if frequencies is None else frequencies
        self.frequency: Counter[NGram] = Counter()
        for texts in documents:
            self.frequency.update({gram for text in texts for size in range(1, 5) for gram in ngrams(text, size)})
        self.logarithm = math.log(len(documents))
        self.references = [[self.vector(text) for text in texts] for texts in references]

    def vector(self, words: Words) -> tuple[list[dict[NGram, float]], list[float], int]:
        vectors, norms = [], []
        for size in range(1, 5):
            vector = {
                gram: count * (self.logarithm - math.log(max(1, self.frequency[gram])))
                for gram, count in ngrams(words, size).items()
            }
            vectors.append(vector)
            norms.append(math.sqrt(sum(value * value for value in vector.values())))
        return vectors, norms, len(words)

    def score(self, index: int, words: Words) -> float:
        """The score of one candidate against the references of picture `index`."""
        vectors, norms, length = self.vector(words)
        total = 0.0
        for other, other_norms, other_length in self.references[index]:
            penalty = math.exp(-((length - other_length) ** 2) / 72)
            for n in range(4):
                if norms[n] and other_norms[n]:
                    product = sum(
                        min(value, other[n][gram]) * other[n][gram] for gram, value in vectors[n].items() if gram in other[n]
                    )
                    total += penalty * product / (norms[n] * other_norms[n])
        return 10 * total / 4 / len(self.references[index])

    def mean(self, candidates: Sequence[Words]) -> float:
        return sum(self.score(index, words) for index, words in enumerate(candidates)) / len(candidates)


def repeats(words: Words) -> bool:
    """Whether a phrase comes twice: a word doubled, a trigram again, or the same noun phrase on both sides of "and"."""
    doubled = any(a == b for a, b in zip(words, words[1:]))
    again = any(count > 1 for count in ngrams(words, 3).values())
    joined = any(words[i] == "and" and words[i - 2 : i] == words[i + 1 : i + 3] for i in range(2, len(words)))
    return doubled or again or joined


def evaluate_captions(captions: Sequence[str], references: Sequence[Sequence[str]], known: set[str] | None = None) -> dict[str, float]:
    """All scores of one caption a picture; `known` are the training captions, for the share of novel ones."""
    candidates = [tokenize(caption) for caption in captions]
    texts = [[tokenize(text) for text in group] for group in references]
    first, second, third, fourth = bleu(candidates, texts)
    scores = {
        "bleu1": first, "bleu2": second, "bleu3": third, "bleu4": fourth,
        "rougeL": rouge_l(candidates, texts),
        "cider": CiderD(texts).mean(candidates),
        "words": float(len({word for words in candidates for word in words})),
        "length": sum(map(len, candidates)) / len(candidates),
        "invented": invented(captions, references),
        "repeated": sum(map(repeats, candidates)) / len(candidates),
    }
    if known is not None:
        scores["novel"] = sum(" ".join(words) not in known for words in candidates) / len(candidates)
    return scores
