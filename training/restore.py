"""A published bundle as a checkpoint, to go on training from or to score: `python -m training.restore`.

The weights are those of the files, rounded to int8 or float16. What only training needs (the optimizer, the average) is new.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from .checkpoint import Network, save_checkpoint, with_adapter
from .command import run
from .decoder import DISAGREE, MASKED, Decoder, DecoderOptions, Projector
from .graphs import STATES
from .vocabulary import BEGIN, PADDING, UNKNOWN, Vocabulary
from .wordcalibrate import WordCalibration


class Weights:
    """The initialisers of a graph that `training.graph` wrote, by the name that they were given there."""

    def __init__(self, path: Path) -> None:
        self.arrays = {item.name: numpy_helper.to_array(item) for item in onnx.load(str(path)).graph.initializer}

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def take(self, name: str) -> Tensor:
        """As float32, whichever way it is stored."""
        if f"{name}.int8" in self.arrays:
            array = self.arrays[f"{name}.int8"].astype(np.float32) * self.arrays[f"{name}.scale"]
        else:
            array = self.arrays[f"{name}.float16" if f"{name}.float16" in self.arrays else name].astype(np.float32)
        return torch.from_numpy(np.array(array))

    def into(self, layer: nn.Module, name: str, weight: str | None = None) -> None:
        """Weight and bias of a linear layer or a convolution."""
        layer.weight.data.copy_(self.take(weight or f"{name}.weight").view_as(layer.weight))
        layer.bias.data.copy_(self.take(f"{name}.bias"))


@torch.no_grad()
def restore(folder: Path) -> tuple[Network, Vocabulary, dict[str, Any], WordCalibration | None]:
    """The network of a bundle that `training.export` wrote, its vocabulary, its manifest and its class words' calibration."""
    document = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    vocabulary = Vocabulary.read(folder / document["vocabulary"]["file"])
    encoder, decoder = (Weights(folder / document[name]["file"]) for name in ("encoder", "decoder"))
    sizes = {state["input"]: state["size"] for state in document["decoder"]["states"]}
    network = Network(DecoderOptions(
        vocabulary=len(vocabulary), cell=document["cell"], features=document["encoder"]["featureSize"], hidden=sizes["h"],
        embedding=len(decoder.take("context.bias")), heads=decoder.take("heads").shape[1], class_words=sizes.get("evidence", 0),
        kinds=len(encoder.take("head.kinds.bias")) if "head.kinds.bias" in encoder else 0,
        adapter=len(encoder.take("adapter.region.bias")) if "adapter.region.bias" in encoder else 0,
    ))
    convolutions = [module for module in network.encoder.modules() if isinstance(module, nn.Conv2d)]
    for number, module in enumerate(convolutions):
        encoder.into(module, f"conv_{number}")
    restore_projector(network.captioner.projector, encoder, STATES[document["cell"]])
    restore_decoder(network.captioner.decoder, decoder)
    return network.eval(), vocabulary, document, calibration(folder, document, encoder)


def restore_projector(projector: Projector, weights: Weights, states: tuple[str, ...]) -> None:
    weights.into(projector.project, "project")
    weights.into(projector.normalise, "normalise")
    if projector.adapter:
        weights.into(projector.adapter.region, "adapter.region")
        projector.adapter.whole.weight.copy_(weights.take("adapter.whole.weight").flatten(1))
        weights.into(projector.adapter.output, "adapter.output")
        weights.into(projector.adapter.gate, "adapter.gate")
    for name, linear in zip(states, projector.states):
        weights.into(linear, f"start_{name}")
    if projector.evidence:
        weights.into(projector.evidence.head.project, "head", "head.project")
        weights.into(projector.evidence.head.output, "head.output")
        if projector.evidence.head.kinds:
            weights.into(projector.evidence.head.kinds, "head.kinds")
        projector.evidence.prior.copy_(weights.take("head.prior"))


def restore_decoder(decoder: Decoder, weights: Weights) -> None:
    options, cell = decoder.options, decoder.cell
    decoder.embedding.weight.copy_(weights.take("embedding"))
    weights.into(decoder.context, "context")
    weights.into(decoder.query, "query")
    size = (options.features // options.heads) ** 0.5  # The graph's query has the attention's scale in it.
    decoder.query.weight.mul_(size)
    decoder.query.bias.mul_(size)
    weights.into(decoder.output, "output")
    weights.into(decoder.normalise, "normalise")
    decoder.bias.copy_(weights.take("bias"))
    decoder.bias[[PADDING, BEGIN, UNKNOWN]] -= MASKED
    if options.cell == "gru":
        inner, outer = weights.take("cell_x.weight"), weights.take("cell_h.weight")
        biases = weights.take("cell_x.bias"), weights.take("cell_h.bias")
    else:
        inner, outer = weights.take("cell.weight").split([options.embedding, options.hidden], 1)
        biases = weights.take("cell.bias"), torch.zeros_like(cell.bias_hh_l0)
    for parameter, value in zip((cell.weight_ih_l0, cell.weight_hh_l0, cell.bias_ih_l0, cell.bias_hh_l0), (inner, outer, *biases)):
        parameter.copy_(value)
    if options.class_words:
        decoder.sense.weight.copy_(weights.take("sense"))
        decoder.trust.weight.copy_(weights.take("trust.weight")[:1])
        decoder.trust.bias.copy_(weights.take("trust.bias")[:1])
        decoder.class_of.copy_(weights.take("class_of").long())
        decoder.articles.copy_(weights.take("articles")[0].long())
        decoder.wrong.copy_((weights.take("wrong") / DISAGREE).round())


def calibration(folder: Path, document: dict[str, Any], encoder: Weights) -> WordCalibration | None:
    if "words" not in document:
        return None
    entries = json.loads((folder / document["words"]["file"]).read_text(encoding="utf-8"))["words"]
    return WordCalibration(
        [entry["word"] for entry in entries], encoder.take("words.slope").tolist(), encoder.take("words.shift").tolist(),
        [entry["threshold"] for entry in entries],
    )


@torch.no_grad()
def take_over(network: Network, path: Path) -> None:
    """Puts in an encoder that `training.objects` taught and the captioner's projection of its regions, from an npz."""
    with np.load(path) as arrays:
        places = {"encoder.": "encoder.", f"projections.{network.captioner.options.cell}.": "captioner.projector.project."}
        state = network.state_dict()
        for name, array in arrays.items():
            for prefix, place in places.items():
                if name.startswith(prefix):
                    state[place + name[len(prefix) :]].copy_(torch.from_numpy(array.astype(np.float32)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--objects", type=Path, help="training/objects.npz: with this encoder instead; how sure it is of words has to be learned anew")
    parser.add_argument("--out", type=Path, required=True, help="folder for last.pt and, with class words, head.pt and calibration.json")
    arguments = parser.parse_args()
    network, vocabulary, _, words = restore(arguments.bundle)
    if arguments.objects:
        network = with_adapter(network, 0)  # It was taught for another encoder.
        take_over(network, arguments.objects)
    content = {"options": network.captioner.options.to_dict(), "words": vocabulary.words, "epoch": 0}
    save_checkpoint(arguments.out / "last.pt", content | {"average": network.state_dict()})
    if words:
        save_checkpoint(arguments.out / "head.pt", network.captioner.projector.evidence.head.state_dict())
        (arguments.out / "calibration.json").write_text(json.dumps(asdict(words)), encoding="utf-8")


if __name__ == "__main__":
    run(main)
