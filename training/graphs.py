"""The encoder and one decoder step as ONNX graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto
from torch import Tensor, nn

from .checkpoint import Network
from .decoder import DISAGREE, MASKED, Adapter, Decoder
from .encoder import CHANNELS, REGIONS, SIZE, InvertedResidual, MobileNetV2, ReLU6
from .graph import Graph
from .vocabulary import BEGIN, PADDING, UNKNOWN
from .wordcalibrate import WordCalibration
from .wordhead import LEAST, MOST, Evidence

STATES = {"lstm": ("h", "c"), "gru": ("h",), "rnn": ("h",)}


def array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().float().contiguous().numpy()


def write_encoder(network: Network, path: Path, int8: bool, calibration: WordCalibration | None = None) -> None:
    """`image [N,3,224,224]` to `features [N,49,D]` and the first states `h0` (and `c0`) `[N,S]`.

    With class words also to `evidence0 [N,K]`, a state that the decoder hands on, and the calibrated chances `words [N,K]`,
    where kinds of things are judged as a whole `[N,K+G]`.
    """
    graph, projector = Graph("encoder"), network.captioner.projector
    options = network.captioner.options
    x = top = add_mobilenet(graph, network.encoder, "image", int8)
    weight = array(projector.project.weight)[:, :, None, None]
    x = graph.add("Conv", [x, graph.weight("project.weight", weight, int8), graph.constant("project.bias", array(projector.project.bias))])
    if projector.adapter:
        x = graph.add("Add", [x, add_adapter(graph, projector.adapter, top)])
    x = graph.add("Reshape", [x, graph.constant("shape", np.array([0, options.features, REGIONS], np.int64))])
    x = graph.add("Transpose", [x], perm=[0, 2, 1])
    features = add_normalisation(graph, x, projector.normalise, "normalise", "features")
    mean = graph.add("ReduceMean", [features], axes=[1], keepdims=0)
    outputs: dict[str, list[object]] = {"features": ["N", REGIONS, options.features]}
    for name, linear in zip(STATES[options.cell], projector.states):
        hidden = graph.linear(mean, f"start_{name}", array(linear.weight), array(linear.bias), int8)
        graph.add("Tanh", [hidden], f"{name}0")
        outputs[f"{name}0"] = ["N", options.hidden]
    if projector.evidence and calibration:
        add_word_head(graph, projector.evidence, top, calibration)
        outputs |= {"evidence0": ["N", options.class_words], "words": ["N", len(calibration.words)]}
    graph.save(path, {"image": (TensorProto.FLOAT, ["N", 3, SIZE, SIZE])}, outputs)


def add_adapter(graph: Graph, adapter: Adapter, top: str) -> str:
    """From the map `[N,1280,7,7]` to what is added to its projection."""

    def convolution(x: str, name: str, linear: nn.Linear, int8: bool = True) -> str:
        weight = graph.weight(f"{name}.weight", array(linear.weight)[:, :, None, None], int8)
        return graph.add("Conv", [x, weight, *([graph.constant(f"{name}.bias", array(linear.bias))] if linear.bias is not None else [])])

    mean = graph.add("GlobalAveragePool", [top])
    seen = graph.add("Add", [convolution(top, "adapter.region", adapter.region), convolution(mean, "adapter.whole", adapter.whole)])
    added = convolution(graph.add("Relu", [seen]), "adapter.output", adapter.output)
    bounds = graph.constant("shut", np.float32(0)), graph.constant("open", np.float32(1))
    return graph.add("Mul", [graph.add("Clip", [convolution(mean, "adapter.gate", adapter.gate, False), *bounds]), added])


def add_word_head(graph: Graph, evidence: Evidence, top: str, calibration: WordCalibration) -> None:
    """From the map `[N,1280,7,7]` to `evidence0` and `words`."""
    head = evidence.head
    weight = array(head.project.weight)[:, :, None, None]
    x = graph.add("Conv", [top, graph.weight("head.project", weight, True), graph.constant("head.bias", array(head.project.bias))])
    x = graph.add("Relu", [x])
    mean, most = graph.add("GlobalAveragePool", [x]), graph.add("GlobalMaxPool", [x])
    pooled = graph.add("Flatten", [graph.add("Concat", [mean, most], axis=1)])
    logits = graph.linear(pooled, "head.output", array(head.output.weight), array(head.output.bias), True)
    above = graph.add("Sub", [logits, graph.constant("head.prior", array(evidence.prior))])
    graph.add("Clip", [above, graph.constant("least", np.float32(LEAST)), graph.constant("most", np.float32(MOST))], "evidence0")
    if head.kinds:
        kinds = graph.linear(pooled, "head.kinds", array(head.kinds.weight), array(head.kinds.bias), False)
        logits = graph.add("Concat", [logits, kinds], axis=1)
    scaled = graph.add("Mul", [logits, graph.constant("words.slope", np.float32(calibration.slope))])
    graph.add("Sigmoid", [graph.add("Add", [scaled, graph.constant("words.shift", np.float32(calibration.shift))])], "words")


def add_mobilenet(graph: Graph, encoder: MobileNetV2, x: str, int8: bool) -> str:
    """The convolutions in network order; returns the map `[N,1280,7,7]`."""
    low, high = graph.constant("zero", np.float32(0)), graph.constant("six", np.float32(6))

    def add_convolutions(module: nn.Module, x: str) -> str:
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d):
                name = f"conv_{sum(node.op_type == 'Conv' for node in graph.nodes)}"
                # Depthwise filters have nine weights a channel: float16 costs little there.
                weight = graph.weight(f"{name}.weight", array(layer.weight), int8 and layer.groups == 1)
                x = graph.add(
                    "Conv", [x, weight, graph.constant(f"{name}.bias", array(layer.bias))], name,
                    kernel_shape=list(layer.kernel_size), strides=list(layer.stride), pads=list(layer.padding) * 2, group=layer.groups,
                )
            elif isinstance(layer, ReLU6):
                x = graph.add("Clip", [x, low, high])
        return x

    for block in encoder.blocks:
        y = add_convolutions(block, x)
        x = graph.add("Add", [x, y]) if isinstance(block, InvertedResidual) and block.residual else y
    return x


def add_normalisation(graph: Graph, x: str, module: nn.LayerNorm, name: str, output: str | None = None) -> str:
    weight, bias = graph.constant(f"{name}.weight", array(module.weight)), graph.constant(f"{name}.bias", array(module.bias))
    return graph.add("LayerNormalization", [x, weight, bias], output, axis=-1, epsilon=module.eps)


def write_decoder(decoder: Decoder, path: Path, int8: bool) -> None:
    """One step: `word [B]`, states `[B,S]`, `features [B,49,D]` to log-probabilities, next states and attention."""
    graph, options = Graph("decoder"), decoder.options
    embedding = graph.weight("embedding", array(decoder.embedding.weight), int8)
    mean = graph.add("ReduceMean", ["features"], axes=[1], keepdims=0)
    context = graph.linear(mean, "context", array(decoder.context.weight), array(decoder.context.bias), int8)
    scaled = graph.add("Mul", [graph.add("Gather", [embedding, "word"]), graph.constant("scale", np.float32(decoder.scale))])
    x = graph.add("Add", [scaled, context])
    if options.class_words:
        add_unnamed(graph, decoder)
        x = graph.add("Add", [x, graph.add("Gemm", ["evidence_next", graph.weight("sense", array(decoder.sense.weight), int8)], transB=1)])
    add_cell(graph, decoder, x, int8)

    size = options.features // options.heads
    query = graph.linear("h_next", "query", array(decoder.query.weight) * size**-0.5, array(decoder.query.bias) * size**-0.5, int8)
    # Each head sees its own slice of the channels: a mask instead of transposing the features at every step.
    mask = np.repeat(np.eye(options.heads, dtype=np.float32), size, 0)
    axis = graph.constant("last", np.array([2], np.int64))
    queries = graph.add("Mul", [graph.add("Unsqueeze", [query, axis]), graph.constant("heads", mask)])
    weights = graph.add("Softmax", [graph.add("MatMul", ["features", queries])], axis=1)
    graph.add("ReduceMean", [weights], "attention", axes=[2], keepdims=0)
    seen = graph.add("MatMul", [graph.add("Transpose", [weights], perm=[0, 2, 1]), "features"])
    seen = graph.add("Mul", [seen, graph.constant("slices", mask.T)])
    seen = graph.add("ReduceSum", [seen, graph.constant("middle", np.array([1], np.int64))], keepdims=0)

    joined = graph.add("Concat", ["h_next", seen], axis=1)
    out = graph.linear(joined, "output", array(decoder.output.weight), array(decoder.output.bias), int8)
    out = add_gelu(graph, add_normalisation(graph, out, decoder.normalise, "normalise"))
    bias = array(decoder.bias).copy()
    bias[[PADDING, BEGIN, UNKNOWN]] += MASKED
    scores = graph.add("Gemm", [out, embedding, graph.constant("bias", bias)], transB=1)
    if options.class_words:
        scores = add_evidence(graph, decoder, out, scores)
    graph.add("LogSoftmax", [scores], "log_probabilities", axis=-1)

    names = STATES[options.cell]
    inputs = {"word": (TensorProto.INT64, ["B"])}
    inputs |= {name: (TensorProto.FLOAT, ["B", options.hidden]) for name in names}
    inputs |= {"features": (TensorProto.FLOAT, ["B", REGIONS, options.features])}
    outputs: dict[str, list[object]] = {"log_probabilities": ["B", options.vocabulary]}
    outputs |= {f"{name}_next": ["B", options.hidden] for name in names}
    if options.class_words:
        inputs |= {"evidence": (TensorProto.FLOAT, ["B", options.class_words])}
        outputs |= {"evidence_next": ["B", options.class_words]}
    graph.save(path, inputs, outputs | {"attention": ["B", REGIONS]})


TRUST_COLUMNS = 16


def add_unnamed(graph: Graph, decoder: Decoder) -> None:
    """`evidence_next`: the evidence without that for the word just named, as `Decoder.unnamed`."""
    places = graph.constant("class_of", decoder.class_of.numpy().astype(np.int64))
    named = graph.add("Unsqueeze", [graph.add("Gather", [places, "word"]), graph.constant("second", np.array([1], np.int64))])
    classes = graph.constant("classes", np.arange(decoder.options.class_words)[None])
    other = graph.add("Not", [graph.add("Equal", [named, classes])])
    graph.add("Mul", ["evidence", graph.add("Cast", [other], to=TensorProto.FLOAT)], "evidence_next")


def add_evidence(graph: Graph, decoder: Decoder, out: str, scores: str) -> str:
    """Scores `[B,V]` with the evidence for class words in them, and articles that agree, as `Decoder.scores`."""
    # One column would take kernels that work on many rows at once, whose last bits depend on a row's place in the batch.
    weight, bias = (np.repeat(array(part), TRUST_COLUMNS, 0) for part in (decoder.trust.weight, decoder.trust.bias))
    columns = graph.add("Softplus", [graph.linear(out, "trust", weight, bias, False)])
    trust = graph.add("Gather", [columns, graph.constant("first", np.array([0], np.int64))], axis=1)
    trusted = graph.add("Mul", [trust, "evidence_next"])
    nothing = graph.add("Mul", [trust, graph.constant("nothing", np.float32(0))])
    joined = graph.add("Concat", [trusted, nothing], axis=1)
    scores = graph.add("Add", [scores, graph.add("Gather", [joined, "class_of"], axis=1)])

    word = graph.add("Unsqueeze", ["word", "second"])
    article = graph.add("Cast", [graph.add("Equal", [word, graph.constant("articles", decoder.articles.numpy()[None])])], to=TensorProto.FLOAT)
    wrong = graph.add("Cast", [graph.constant("wrong.float16", (DISAGREE * array(decoder.wrong)).astype(np.float16))], to=TensorProto.FLOAT)
    return graph.add("Sub", [scores, graph.add("MatMul", [article, wrong])])


def add_gelu(graph: Graph, x: str) -> str:
    half, one, root = (graph.constant(name, np.float32(value)) for name, value in (("half", 0.5), ("one", 1), ("root_two", 2**0.5)))
    erf = graph.add("Add", [graph.add("Erf", [graph.add("Div", [x, root])]), one])
    return graph.add("Mul", [graph.add("Mul", [x, erf]), half])


def add_cell(graph: Graph, decoder: Decoder, x: str, int8: bool) -> None:
    """The recurrence with PyTorch's gate order; writes `h_next` (and `c_next`)."""
    cell = decoder.cell
    inner, outer = array(cell.weight_ih_l0), array(cell.weight_hh_l0)
    inner_bias, outer_bias = array(cell.bias_ih_l0), array(cell.bias_hh_l0)
    if decoder.options.cell == "gru":
        from_x = graph.linear(x, "cell_x", inner, inner_bias, int8)
        from_h = graph.linear("h", "cell_h", outer, outer_bias, int8)
        graph.add("Split", [from_x], "x", 3, axis=1)
        graph.add("Split", [from_h], "g", 3, axis=1)
        reset = graph.add("Sigmoid", [graph.add("Add", ["x:0", "g:0"])])
        update = graph.add("Sigmoid", [graph.add("Add", ["x:1", "g:1"])])
        new = graph.add("Tanh", [graph.add("Add", ["x:2", graph.add("Mul", [reset, "g:2"])])])
        graph.add("Add", [new, graph.add("Mul", [update, graph.add("Sub", ["h", new])])], "h_next")
        return
    joined = graph.add("Concat", [x, "h"], axis=1)
    gates = graph.linear(joined, "cell", np.concatenate([inner, outer], 1), inner_bias + outer_bias, int8)
    if decoder.options.cell == "rnn":
        graph.add("Tanh", [gates], "h_next")
        return
    graph.add("Split", [gates], "gate", 4, axis=1)
    keep = graph.add("Mul", [graph.add("Sigmoid", ["gate:1"]), "c"])
    write = graph.add("Mul", [graph.add("Sigmoid", ["gate:0"]), graph.add("Tanh", ["gate:2"])])
    graph.add("Add", [keep, write], "c_next")
    graph.add("Mul", [graph.add("Sigmoid", ["gate:3"]), graph.add("Tanh", ["c_next"])], "h_next")
