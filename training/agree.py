"""Whether the product's captions are PyTorch's: `python -m training.agree`.

The network gets the weights as the bundle stores them (rounded to int8 or float16), so what may differ is the arithmetic
alone: kernels, picture decoding and the search.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .checkpoint import Network, load_network
from .data import load_photos, read_all_pixels
from .evaluate import evaluate_features
from .features import compute_features
from .graph import int8_steps


def to_int8(weight: Tensor, *others: Tensor) -> None:
    """Rounds rows (with those of `others`, stored beside them) as the file has them."""
    joined = np.concatenate([part.detach().numpy().reshape(len(weight), -1) for part in (weight, *others)], 1)
    steps, scale = int8_steps(joined)
    rounded = torch.from_numpy(steps.astype(np.float32) * scale)
    for part, piece in zip((weight, *others), rounded.split([part[0].numel() for part in (weight, *others)], 1)):
        part.data.copy_(piece.view_as(part))


def to_float16(module: nn.Module) -> None:
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.weight.data = layer.weight.data.half().float()


@torch.no_grad()
def as_stored(network: Network) -> Network:
    """The network with the weights that `training.export` writes."""
    projector, decoder = network.captioner.projector, network.captioner.decoder
    to_float16(network.encoder)
    to_float16(projector.project)
    to_float16(projector.states)
    for layer in (decoder.embedding, decoder.context, decoder.query, decoder.output):
        to_int8(layer.weight)
    cell = decoder.cell
    if decoder.options.cell == "gru":
        to_int8(cell.weight_ih_l0)
        to_int8(cell.weight_hh_l0)
    else:
        to_int8(cell.weight_ih_l0, cell.weight_hh_l0)
    if projector.evidence:
        to_int8(projector.evidence.head.project.weight)
        to_int8(projector.evidence.head.output.weight)
        to_int8(decoder.sense.weight)
        to_float16(nn.ModuleList([decoder.trust]))
        projector.evidence.head.eval()
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--written", type=Path, required=True, help="what `framescribe models eval BUNDLE … --captions-out FILE` wrote")
    parser.add_argument("--show", type=int, default=10, help="captions that differ, at most")
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)
    decoding = json.loads((arguments.bundle / "bundle.json").read_text(encoding="utf-8"))["decoding"]
    lines = map(json.loads, arguments.written.read_text(encoding="utf-8").splitlines())
    told = {line["image"]: line["caption"] for line in lines}
    photos = load_photos(arguments.data, arguments.split)
    pixels = read_all_pixels(photos)
    options = {"beam": decoding["beam"], "exponent": decoding["lengthExponent"], "longest": decoding["maxLength"]}
    exact, _ = evaluate_features(network.captioner, compute_features(network.encoder, pixels), photos, vocabulary, **options)
    network = as_stored(network)
    scores, captions = evaluate_features(network.captioner, compute_features(network.encoder, pixels), photos, vocabulary, **options)
    different = [(photo.path.name, caption, told[photo.path.name]) for photo, caption in zip(photos, captions) if caption != told[photo.path.name]]
    for name, caption, other in different[: arguments.show]:
        print(f"{name}\n  PyTorch:    {caption}\n  TypeScript: {other}")
    print(json.dumps({
        "photos": len(photos), "equal": round(1 - len(different) / len(photos), 4),
        "ciderFloat": round(exact["cider"], 4), "ciderStored": round(scores["cider"], 4),
    }))


if __name__ == "__main__":
    main()
