"""A bundle's ONNX files behind the interface of the beam search."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from .features import normalise
from .search import Hypothesis, beam_search
from .vocabulary import Vocabulary


class Bundle:
    """Encoder and decoder sessions, vocabulary and manifest of a bundle folder."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.manifest = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        self.encoder = onnxruntime.InferenceSession(folder / "encoder.onnx", options, providers=["CPUExecutionProvider"])
        self.decoder = onnxruntime.InferenceSession(folder / "decoder.onnx", options, providers=["CPUExecutionProvider"])
        self.vocabulary = Vocabulary.read(folder / "vocabulary.txt")
        self.states = [state["input"] for state in self.manifest["decoder"]["states"]]
        self.outputs = [self.manifest["encoder"]["features"], *self.manifest["encoder"]["states"]]

    def encode(self, pixels: np.ndarray) -> tuple[Tensor, tuple[Tensor, ...]]:
        """`[N,224,224,3]` uint8 to features `[N,R,D]` and states `[N,S]`."""
        images = normalise(torch.from_numpy(pixels)).contiguous().numpy()
        features, *states = self.encoder.run(self.outputs, {"image": images})
        return torch.from_numpy(features), tuple(map(torch.from_numpy, states))

    def step(self, words: Tensor, features: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
        """The decoder's step, as `Decoder.step`."""
        inputs = {"word": words.numpy(), "features": features.contiguous().numpy()}
        inputs |= {name: state.numpy() for name, state in zip(self.states, states)}
        scores, *after, attention = map(torch.from_numpy, self.decoder.run(None, inputs))
        return scores, tuple(after), attention

    def describe(self, pixels: np.ndarray, batch: int = 16) -> list[Hypothesis]:
        """The best hypothesis for each picture, by the manifest's decoding options."""
        decoding = self.manifest["decoding"]
        best: list[Hypothesis] = []
        for start in range(0, len(pixels), batch):
            features, states = self.encode(pixels[start : start + batch])
            found = beam_search(
                self.step, features, states, self.vocabulary.ids.get("and", -1),
                decoding["beam"], decoding["maxLength"], decoding["lengthExponent"],
            )
            best += [group[0] for group in found]
        return best
