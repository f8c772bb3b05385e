"""A small builder of ONNX graphs whose weights are stored as int8 per output channel or as float16.

Stored weights go through `Cast` (and `Mul` by their scales), which ONNX Runtime folds away when it loads the file:
the file is small and the arithmetic is float32.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def int8_steps(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A weight as int8, and the scale of each output channel (its first axis), which spreads over the other axes."""
    largest = np.abs(array.reshape(len(array), -1)).max(1)
    scale = np.maximum(largest / 127, 1e-12).reshape(-1, *[1] * (array.ndim - 1)).astype(np.float32)
    return np.round(array / scale).astype(np.int8), scale


class Graph:
    """Nodes and initialisers in the making; every method returns the name of its output."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []
        self.stored: dict[str, str] = {}

    def add(self, operator: str, inputs: list[str], output: str | None = None, outputs: int = 1, **attributes: object) -> str:
        """One node; with several outputs they are named `output:0`, `output:1` …"""
        output = output or f"{operator.lower()}_{len(self.nodes)}"
        names = [output] if outputs == 1 else [f"{output}:{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=output, **attributes))
        return output

    def constant(self, name: str, array: np.ndarray) -> str:
        """An initialiser as it is."""
        if name not in self.stored:
            self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
            self.stored[name] = name
        return name

    def weight(self, name: str, array: np.ndarray, int8: bool) -> str:
        """A weight whose first axis is the output channel, stored small and used as float32."""
        if name in self.stored:
            return self.stored[name]
        if int8:
            steps, scale = int8_steps(array)
            self.constant(f"{name}.int8", steps)
            cast = self.add("Cast", [f"{name}.int8"], f"{name}.cast", to=TensorProto.FLOAT)
            self.stored[name] = self.add("Mul", [cast, self.constant(f"{name}.scale", scale)], name)
        else:
            self.constant(f"{name}.float16", array.astype(np.float16))
            self.stored[name] = self.add("Cast", [f"{name}.float16"], name, to=TensorProto.FLOAT)
        return self.stored[name]

    def linear(self, x: str, name: str, weight: np.ndarray, bias: np.ndarray, int8: bool) -> str:
        """`x [B,I]` times `weight [O,I]` transposed, plus `bias [O]`."""
        return self.add("Gemm", [x, self.weight(f"{name}.weight", weight, int8), self.constant(f"{name}.bias", bias)], f"{name}.out", transB=1)

    def save(self, path: Path, inputs: dict[str, tuple[int, list[object]]], outputs: dict[str, list[object]]) -> None:
        """Checks and writes the graph; inputs are name to (type, shape), outputs name to the shape of a float32 tensor."""
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            self.initialisers,
        )
        model = helper.make_model(graph, producer_name="framescribe", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)
