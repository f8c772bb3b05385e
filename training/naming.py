"""What captions have to name, and what speaks for what they name: the class words of a bundle beside its vocabulary.

A word that the captions never used stands where one of its siblings would, so that the decoder needs to know its siblings
alone (constrained beam search, Anderson et al. 2017; standing for a sibling is near to Yao et al. 2017, "Incorporating
copying mechanism in image captioning for learning novel objects", and to Lu et al. 2018, "Neural baby talk").
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .foreign import log_odds
from .search import Wanted
from .things import THINGS, agree, kinds_of
from .vocabulary import Vocabulary
from .wordcalibrate import WordCalibration
from .wordhead import LEAST, MOST
from .words import ClassWord, plural

GROUPS = ("animal", "vehicle", "sport", "music", "food", "gear", "furniture", "office", "kitchen")
ALONE = ("animal", "vehicle", "music", "food", "gear", "furniture", "office", "kitchen")
WIDE = frozenset("animal vehicle instrument food fruit vegetable drink".split())
OFTEN = 20  # Captions that name a word so often have taught where it stands.
SAY_FROM = 0.5
LEAST_SUPPORT = (0.03, 0.4)
WORN_BY_DOGS = frozenset("collar harness".split())  # They need people or dogs; all else of the clothes needs people, but for what also lies about.
LIES_ABOUT = frozenset("bag blanket towel necklace".split())
FOREIGN_GAIN = 2.0


@dataclass(frozen=True)
class Naming:
    """For each class word from which chance on a caption names it (never: `None`), whether only where it is surer than what
    speaks for the caption's main thing, and by which forms; and for each thing word of the vocabulary the class words whose
    presence speaks for it, the kinds of things that it is (none where kinds aren't judged as a whole), and how likely its
    support is on the captioned photos. Words and kinds are told by their places among the chances."""

    say_from: list[float | None]
    if_surer: list[bool]
    wanted: list[Wanted | None]
    support: dict[int, tuple[int, ...]]
    usual: dict[int, float] = field(default_factory=dict)
    kinds: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def speaking(self, word: int) -> tuple[int, ...]:
        """The places of the chances that are a thing word's support."""
        return self.kinds.get(word) or self.support[word]

    def to_name(self, chances: np.ndarray, ids: Sequence[int]) -> Wanted | None:
        """The surest word that a caption of these ids has to name and doesn't, by the chances `[K]`."""
        main = self.main_support(chances, ids)
        open_words = [
            k for k, (least, surer, wanted) in enumerate(zip(self.say_from, self.if_surer, self.wanted))
            if least is not None and wanted and chances[k] >= max(least, main if surer else 0) and not set(ids) & wanted.forms.keys()
        ]
        return self.wanted[max(open_words, key=lambda k: chances[k])] if open_words else None

    def main_support(self, chances: np.ndarray, ids: Sequence[int]) -> float:
        """The chance that something is there which speaks for the first thing that the caption names."""
        return next((support_of(self.speaking(word), chances) for word in ids if word in self.support), 0.0)

    def unsupported(self, chances: np.ndarray, least: float) -> list[int]:
        """The thing words whose support is below `least`; those for which nothing speaks stay."""
        return [word for word in self.support if self.speaking(word) and support_of(self.speaking(word), chances) < least]

    def surprises(self, chances: np.ndarray) -> dict[int, float]:
        """For each thing word the log-odds of its support above what is usual, within the bounds of the decoder's evidence."""
        return {
            word: float(np.clip(log_odds(support_of(self.speaking(word), chances)) - log_odds(self.usual[word]), LEAST, MOST)) if word in self.usual else 0.0
            for word in self.support
        }

    def with_usual(self, chances: np.ndarray) -> Naming:
        """The same, where captioned photos have these chances `[N,K]`."""
        speaking = {word: self.speaking(word) for word in self.support if self.speaking(word)}
        means = {places: round(float(np.mean([support_of(places, row) for row in chances])), 4) for places in set(speaking.values())}
        return replace(self, usual={word: means[places] for word, places in speaking.items()})

    def main_words(self, ids: Sequence[int]) -> tuple[int, ...]:
        """The class words that speak for the first thing that the caption names."""
        return next((self.support[word] for word in ids if word in self.support), ())


def support_of(classes: Sequence[int], chances: np.ndarray) -> float:
    """The chance that at least one of some class words is there."""
    return float(1 - np.prod(1 - chances[list(classes)])) if classes else 0.0


def is_plural(form: str, word: ClassWord) -> bool:
    return any(plural(other) == form for other in word.forms) or (form.endswith("ves") and form[:-3] + "f" in word.forms)


def takes_an(form: str) -> bool:
    return form[0] in "aeio" or form == "umbrella"


def narrower(word: ClassWord, other: ClassWord) -> bool:
    """Whether the first is a kind of the second, as their classes tell."""
    return bool(word.classes) and set(word.classes) < set(other.classes)


def make_naming(
    words: Sequence[ClassWord], vocabulary: Vocabulary, counts: Counter[str], say_from: float = SAY_FROM, groups: Sequence[str] = GROUPS,
    kinds: Sequence[str] = (),
) -> Naming:
    """`counts` are the training captions' words, `kinds` the groups of things whose chances come behind those of the words.

    Singulars stand for singulars, behind the same article, plurals for plurals.
    """
    ids, siblings = vocabulary.ids, {}
    for word in words:
        for form in word.forms & ids.keys():
            if counts[form] >= OFTEN:
                siblings.setdefault((word.group, is_plural(form, word), takes_an(form)), set()).add(ids[form])
    wanted: list[Wanted | None] = []
    for word in words:
        forms: dict[int, tuple[int, ...]] = {}
        for form in sorted(word.forms & ids.keys()):
            # A word that the captions know stands where it stands; so do further forms of one that they don't know.
            place = set() if counts[form] >= OFTEN or form not in (word.word, plural(word.word)) else siblings.get(
                (word.group, is_plural(form, word), takes_an(form)), set()
            )
            forms[ids[form]] = tuple(sorted(place - {ids[form]}))
        forms |= {ids[form]: () for other in words if narrower(other, word) for form in sorted(other.forms & ids.keys())}
        wanted.append(Wanted(forms) if forms and word.group in groups and word.word not in WIDE else None)
    support = {
        ids[thing]: tuple(k for k, word in enumerate(words) if word.word in THINGS and agree(thing, word.word))
        for thing in THINGS if thing in ids
    }
    if kinds:
        # What is no thing of the list is told by its own word: else captions would say it where nothing on the list may stand.
        support |= {ids[form]: (k,) for k, word in enumerate(words) if word.group in ALONE for form in sorted(word.forms & ids.keys() - THINGS.keys())}
    # The captions could have named a word that they know: they are contradicted only by what speaks louder.
    known = [any(counts[form] >= OFTEN for form in word.forms) for word in words]
    places = {kind: len(words) + place for place, kind in enumerate(kinds)}
    of_kinds = {ids[word]: tuple(places[kind] for kind in kinds_of(word)) for word in THINGS if word in ids} if kinds else {}
    for word in words if "person" in kinds else ():
        if word.group == "clothes" and word.word not in LIES_ABOUT:
            worn = sorted(ids[form] for form in word.forms & ids.keys() - THINGS.keys())
            wearers = ("person", "dog") if word.word in WORN_BY_DOGS else ("person",)
            support |= dict.fromkeys(worn, ())
            of_kinds |= dict.fromkeys(worn, tuple(places[kind] for kind in wearers))
    none = [None] * len(kinds)
    return Naming([*(say_from if one else None for one in wanted), *none], known + [False] * len(kinds), wanted + none, support, kinds=of_kinds)


def write_words(path: Path, calibration: WordCalibration, naming: Naming, vocabulary: Vocabulary) -> None:
    """A bundle's words.json."""
    places: dict[tuple[int, ...], int] = {}
    entries = []
    for word, threshold, least, surer, wanted in zip(
        calibration.words, calibration.threshold, naming.say_from, naming.if_surer, naming.wanted
    ):
        entry: dict[str, object] = {"word": word, "threshold": threshold}
        if wanted:
            forms = [
                {"form": vocabulary.words[form]} | ({"place": places.setdefault(siblings, len(places))} if siblings else {})
                for form, siblings in wanted.forms.items()
            ]
            entry |= {"sayFrom": least, "ifSurer": surer, "forms": forms}
        entries.append(entry)
    alike: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for thing, classes in naming.support.items():
        alike.setdefault((classes, naming.kinds.get(thing, ())), []).append(thing)
    things = [
        {"forms": [vocabulary.words[thing] for thing in ids], "words": [calibration.words[k] for k in classes]}
        | ({"kinds": [calibration.words[k] for k in kinds]} if kinds else {})
        | ({"usual": naming.usual[ids[0]]} if ids[0] in naming.usual else {})
        for (classes, kinds), ids in alike.items()
    ]
    document = {
        "words": entries,
        "places": [[vocabulary.words[index] for index in place] for place in places],
        "things": things,
    }
    lines = ",\n".join(f' "{key}": [\n' + ",\n".join(f"  {json.dumps(item)}" for item in value) + "\n ]" for key, value in document.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def read_naming(path: Path, vocabulary: Vocabulary) -> Naming:
    """What `write_words` wrote of it."""
    document, ids = json.loads(path.read_text(encoding="utf-8")), vocabulary.ids
    places = [tuple(ids[word] for word in place) for place in document.get("places", [])]
    index = {entry["word"]: k for k, entry in enumerate(document["words"])}
    wanted = [
        Wanted({ids[form["form"]]: tuple(i for i in places[form["place"]] if i != ids[form["form"]]) if "place" in form else () for form in entry["forms"]})
        if "forms" in entry else None
        for entry in document["words"]
    ]
    support = {ids[form]: tuple(index[word] for word in things["words"]) for things in document.get("things", []) for form in things["forms"]}
    usual = {ids[form]: things["usual"] for things in document.get("things", []) if "usual" in things for form in things["forms"]}
    kinds = {ids[form]: tuple(index[word] for word in things["kinds"]) for things in document.get("things", []) if "kinds" in things for form in things["forms"]}
    say_from, if_surer = ([entry.get(name) for entry in document["words"]] for name in ("sayFrom", "ifSurer"))
    return Naming(say_from, [bool(surer) for surer in if_surer], wanted, support, usual, kinds)
