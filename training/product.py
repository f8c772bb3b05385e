"""A bundle as the product runs it, in PyTorch and with the weights as the files have them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .checkpoint import Network
from .features import compute_features
from .foreign import foreignness
from .naming import Naming, read_naming
from .restore import restore
from .search import Hypothesis, Wanted, beam_search
from .vocabulary import Vocabulary
from .wordcalibrate import WordCalibration


@dataclass(frozen=True)
class Product:
    """Network, vocabulary, the manifest's `decoding`, how class words are calibrated and named, and by which pictures are foreign, where there are some."""

    network: Network
    vocabulary: Vocabulary
    decoding: dict[str, Any]
    calibration: WordCalibration | None = None
    naming: Naming | None = None
    foreign: dict[str, Any] | None = None

    @torch.no_grad()
    def search(
        self, regions: np.ndarray, wanted: list[Wanted | None] | None = None, never: list[list[int]] | None = None,
        gains: list[dict[int, float]] | None = None, batch: int = 50,
    ) -> list[Hypothesis]:
        """The best caption for each picture's regions `[N,49,1280]`."""
        captioner, best = self.network.captioner, []
        for start in range(0, len(regions), batch):
            features, states = captioner.projector(torch.from_numpy(regions[start : start + batch]).float())
            best += beam_search(
                captioner.decoder.step, features, states, self.vocabulary.ids.get("and", -1), int(self.decoding["beam"]),
                int(self.decoding["maxLength"]), self.decoding["lengthExponent"],
                wanted[start : start + batch] if wanted else None, never[start : start + batch] if never else None,
                gains[start : start + batch] if gains else None,
            )
        return [group[0] for group in best]

    @torch.no_grad()
    def chances(self, regions: np.ndarray, batch: int = 200) -> np.ndarray:
        """The calibrated chance of each class word, and of each kind of things that is judged as a whole, `[N,K+G]`."""
        head = self.network.captioner.projector.evidence.head
        logits = np.concatenate([head.judge(torch.from_numpy(regions[i : i + batch]).float()).numpy() for i in range(0, len(regions), batch)])
        return 1 / (1 + np.exp(-(logits * self.calibration.slope + self.calibration.shift).clip(-30, 30)))

    def describe(self, regions: np.ndarray, chances: np.ndarray | None = None) -> list[Hypothesis]:
        """The caption of each picture, without things that the class words contradict; where it leaves out a word that is sure, one that names it."""
        if not self.naming:
            return self.search(regions)
        chances = self.chances(regions) if chances is None else chances
        never, gains = self.ruled_out(chances), self.gains(chances)
        best = self.search(regions, never=never, gains=gains)
        wanted = [self.naming.to_name(row, hypothesis.ids) for row, hypothesis in zip(chances, best)]
        again = [index for index, word in enumerate(wanted) if word]
        some = [[rows[index] for index in again] for rows in (wanted, never, gains)]
        for index, hypothesis in zip(again, self.search(regions[again], *some)):
            if set(hypothesis.ids) & wanted[index].forms.keys():
                best[index] = hypothesis
        return best

    def ruled_out(self, chances: np.ndarray) -> list[list[int]]:
        """For each picture the words that name things which the class words contradict."""
        least = self.decoding.get("leastSupport", {"home": 0, "foreign": 0})
        foreign = foreignness(self.foreign, self.calibration.words, chances)
        floors = least["home"] + (least["foreign"] - least["home"]) * foreign
        return [self.naming.unsupported(row, floor) for row, floor in zip(chances, floors)]

    def gains(self, chances: np.ndarray) -> list[dict[int, float]]:
        """For each picture what its captions gain by what they're about: nothing where it isn't foreign."""
        times = self.decoding.get("foreignGain", 0) * foreignness(self.foreign, self.calibration.words, chances)
        return [{word: float(time * above) for word, above in self.naming.surprises(row).items()} if time else {} for row, time in zip(chances, times)]

    def describe_pictures(self, pixels: np.ndarray) -> list[Hypothesis]:
        return self.describe(compute_features(self.network.encoder, pixels))


def open_product(folder: Path) -> Product:
    """The product that a bundle's files make."""
    network, vocabulary, document, calibration = restore(folder)
    naming = read_naming(folder / document["words"]["file"], vocabulary) if "words" in document else None
    return Product(network, vocabulary, document["decoding"], calibration, naming, document.get("confidence", {}).get("foreign"))
