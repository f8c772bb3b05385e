"""Networks on disk: sizes, vocabulary and weights in one file, replaced in one step."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from .command import InputError
from .decoder import Captioner, DecoderOptions
from .encoder import MobileNetV2
from .vocabulary import PADDING, Vocabulary


class Network(nn.Module):
    """Encoder and captioner: pictures to captions."""

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        self.encoder = MobileNetV2()
        self.captioner = Captioner(options)


# The reader that runs no code knows no floats before PyTorch 2.
WEIGHTS_ONLY = int(torch.__version__.split(".")[0]) >= 2


def save_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Writes beside the file and renames, so an interrupted run leaves the last whole checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    torch.save(content, temporary)
    os.replace(temporary, path)


def read_checkpoint(path: Path) -> dict[str, Any]:
    try:
        return torch.load(path, map_location="cpu", weights_only=WEIGHTS_ONLY)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise InputError(f"Expected a checkpoint in {path}: {error}") from error


def load_network(path: Path) -> tuple[Network, Vocabulary]:
    """The averaged weights of a checkpoint, ready to evaluate or to train further."""
    content = read_checkpoint(path)
    network = Network(DecoderOptions(**content["options"]))
    network.load_state_dict(content["average"])
    return network.eval(), Vocabulary(content["words"])


def resume(path: Path, network: nn.Module, average: AveragedModel, optimizer: torch.optim.Optimizer) -> int:
    """Puts back what a stage was at when it stopped; returns how many epochs it had done, 0 without a checkpoint."""
    if not path.exists():
        return 0
    saved = read_checkpoint(path)
    network.load_state_dict(saved["network"])
    average.module.load_state_dict(saved["average"])
    average.n_averaged.fill_(1)
    optimizer.load_state_dict(saved["optimizer"])
    return saved["epoch"]


def load_encoder(path: Path) -> MobileNetV2:
    """From the npz of folded start weights, or from a checkpoint."""
    if path.suffix != ".npz":
        return load_network(path)[0].encoder
    encoder = MobileNetV2()
    encoder.load_folded(path)
    return encoder


def extend_vocabulary(network: Network, vocabulary: Vocabulary, captions: list[str], minimum: int = 4) -> None:
    """Appends the captions' words that are new and seen at least `minimum` times, with fresh embeddings."""
    fresh = [word for word in Vocabulary.build(captions, minimum).words if word not in vocabulary.ids]
    decoder = network.captioner.decoder
    old = decoder.embedding.weight.data
    rows = torch.randn(len(fresh), old.shape[1]) * decoder.options.embedding**-0.5
    vocabulary.append(fresh)
    decoder.embedding = nn.Embedding.from_pretrained(torch.cat([old, rows]), freeze=False, padding_idx=PADDING)
    # Rarer than the rarest old word at first.
    decoder.bias = nn.Parameter(torch.cat([decoder.bias.data, decoder.bias.data.min().expand(len(fresh))]))
    options = replace(network.captioner.options, vocabulary=len(vocabulary))
    network.captioner.options = decoder.options = options


def replace_cell(network: Network, cell: str) -> None:
    """Puts a fresh recurrence into a trained network; everything else stays as it is."""
    options = replace(network.captioner.options, cell=cell)
    fresh = Captioner(options)
    kept = network.captioner.state_dict()
    own = fresh.state_dict()
    fresh.load_state_dict({k: own[k] if ".cell." in k or k not in kept else kept[k] for k in own})
    network.captioner = fresh


def with_adapter(network: Network, rank: int) -> Network:
    """A copy whose projection has a fresh adapter, which adds nothing yet; none where `rank` is 0."""
    fresh = Network(replace(network.captioner.options, adapter=rank))
    kept = {name: value for name, value in network.state_dict().items() if ".adapter." not in name}
    fresh.load_state_dict(fresh.state_dict() | kept)
    return fresh.eval()
