"""A detector's graph as PyTorch runs it, its objects, and the pictures that an encoder learns from."""

import base64
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.augment import augment_beside, normalised
from training.checkpoint import Network
from training.command import InputError
from training.decoder import DecoderOptions
from training.detector import OBJECTS, Detector
from training.restore import take_over


def write_graph(folder: Path, operation: str = "LeakyRelu") -> tuple[Path, np.ndarray]:
    """A detector of three scales, each the same: pad, 3×3 convolution with stride 2, leaky ReLU, sigmoid."""
    kernel = np.random.default_rng(1).normal(size=(3, 3, 3, len(OBJECTS))).astype(np.float16) / 8
    constants = {
        "padding": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32), "last": np.array([0, 2, 3, 1], np.int32), "first": np.array([0, 3, 1, 2], np.int32), "kernel": kernel,
    }
    nodes = [{"name": name, "op": "Const"} for name in constants] + [{"name": "picture", "op": "Placeholder"}, {"name": "padded", "op": "Pad", "input": ["picture", "padding"]}]
    for scale in range(3):
        strides = {"padding": {"s": base64.b64encode(b"VALID").decode()}, "strides": {"list": {"i": ["1", "2", "2", "1"]}}}
        nodes += [
            {"name": f"turned{scale}", "op": "Transpose", "input": ["padded", "last"]},
            {"name": f"filtered{scale}", "op": "Conv2D", "input": [f"turned{scale}", "kernel"], "attr": strides},
            {"name": f"bent{scale}", "op": operation, "input": [f"filtered{scale}"], "attr": {"alpha": {"f": 0.1}}},
            {"name": f"back{scale}", "op": "Transpose", "input": [f"bent{scale}", "first"]},
            {"name": f"scores{scale}", "op": "Sigmoid", "input": [f"back{scale}"]},
        ]
    weights = [
        {"name": name, "shape": list(array.shape), "dtype": "int32"} if array.dtype == np.int32
        else {"name": name, "shape": list(array.shape), "dtype": "float32", "quantization": {"dtype": "float16", "original_dtype": "float32"}}
        for name, array in constants.items()
    ]
    (folder / "graph.bin").write_bytes(b"".join(array.tobytes() for array in constants.values()))
    document = {"modelTopology": {"node": nodes}, "weightsManifest": [{"paths": ["graph.bin"], "weights": weights}]}
    (folder / "graph.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "graph.json", kernel


class ADetector(unittest.TestCase):
    def test_a_graph_is_run_as_it_says(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file, kernel = write_graph(Path(folder))
            detector = Detector(file)
            images = torch.rand(2, 3, 416, 416, generator=torch.Generator().manual_seed(1))
            scores = detector(images)
            mean, deviation = torch.tensor([103.53, 116.28, 123.675])[:, None, None], torch.tensor([57.375, 57.12, 58.395])[:, None, None]
            inner = functional.conv2d((images.flip(1) * 255 - mean) / deviation, torch.from_numpy(kernel.astype(np.float32)).permute(3, 2, 0, 1), stride=2, padding=1)
            self.assertEqual(len(scores), 3)
            torch.testing.assert_close(scores[0], torch.sigmoid(functional.leaky_relu(inner, 0.1)))
            torch.testing.assert_close(detector.regions(images).amax((2, 3)), scores[0].amax((2, 3)))

    def test_what_is_no_such_graph_says_so(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "graph.json"
            for content in ("{", "{}", '{"modelTopology": {"node": []}, "weightsManifest": []}'):
                file.write_text(content, encoding="utf-8")
                with self.assertRaisesRegex(InputError, "graph of TensorFlow.js"):
                    Detector(file)
            with self.assertRaisesRegex(InputError, "got Tanh"):
                Detector(write_graph(Path(folder), "Tanh")[0])(torch.rand(1, 3, 416, 416))


class Objects(unittest.TestCase):
    def test_there_are_eighty_each_once(self) -> None:
        self.assertEqual(len(OBJECTS), 80)
        self.assertEqual(len(set(OBJECTS)), 80)


class Pictures(unittest.TestCase):
    def test_teacher_and_pupil_see_the_same_part(self) -> None:
        # Left half dark, right half bright: crops and mirrors show in the columns' means.
        pixels = np.zeros((12, 224, 224, 3), np.uint8)
        pixels[:, :, 90:] = 200
        clean, poor = augment_beside(pixels, torch.Generator().manual_seed(3))
        self.assertTrue(bool((clean.amin() >= 0) & (clean.amax() <= 1)))
        for a, b in zip(normalised(clean).mean((1, 2)), poor.mean((1, 2))):
            self.assertGreater(float(torch.corrcoef(torch.stack([a, b]))[0, 1]), 0.98)
        self.assertGreater(float((normalised(clean) - poor).abs().mean()), 0.02)

    def test_a_taught_encoder_takes_its_place_and_the_rest_stays(self) -> None:
        network, other = (Network(DecoderOptions(vocabulary=9)) for _ in range(2))
        words = network.captioner.decoder.embedding.weight.clone()
        arrays = {f"encoder.{name}": value.numpy() for name, value in other.encoder.state_dict().items()}
        arrays |= {f"projections.{cell}.weight": other.captioner.projector.project.weight.detach().numpy() * share for cell, share in (("lstm", 1), ("gru", 2))}
        with tempfile.TemporaryDirectory() as folder:
            np.savez(Path(folder) / "objects.npz", **arrays)
            take_over(network, Path(folder) / "objects.npz")
        for mine, theirs in zip(network.encoder.parameters(), other.encoder.parameters()):
            torch.testing.assert_close(mine, theirs)
        torch.testing.assert_close(network.captioner.projector.project.weight, other.captioner.projector.project.weight)
        torch.testing.assert_close(network.captioner.decoder.embedding.weight, words)


if __name__ == "__main__":
    unittest.main()
