"""An adapter adds nothing until it's taught, then brings soft pictures near to sharp ones and leaves the others."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from training import adapt
from training.augment import soften
from training.checkpoint import Network, load_network, save_checkpoint, with_adapter
from training.decoder import DecoderOptions
from training.graphs import STATES, write_encoder
from training.restore import Weights, restore_projector
from training.vocabulary import SPECIALS, Vocabulary

SIZES = {"vocabulary": 30, "features": 32, "hidden": 24, "embedding": 16}


class AdapterTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)
        self.network = Network(DecoderOptions(**SIZES)).eval()
        self.regions = torch.rand(3, 49, 1280)

    def test_adds_nothing_at_first(self) -> None:
        adapted = with_adapter(self.network, 4).captioner.projector
        for value, expected in zip(adapted(self.regions)[1], self.network.captioner.projector(self.regions)[1]):
            torch.testing.assert_close(value, expected)
        torch.testing.assert_close(adapted.view(self.regions), self.network.captioner.projector.view(self.regions))

    def test_is_left_out_again(self) -> None:
        adapted = with_adapter(self.network, 4)
        torch.nn.init.ones_(adapted.captioner.projector.adapter.output.bias[:3])
        back = with_adapter(adapted, 0).captioner.projector
        self.assertIsNone(back.adapter)
        torch.testing.assert_close(back.view(self.regions), self.network.captioner.projector.view(self.regions))

    def test_comes_back_from_its_file(self) -> None:
        network, back = with_adapter(self.network, 4), with_adapter(self.network, 4)
        adapter = network.captioner.projector.adapter
        for parameter in adapter.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        torch.nn.init.constant_(adapter.gate.bias, 0.5)
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            write_encoder(network, Path(folder, "encoder.onnx"), False)
            restore_projector(back.captioner.projector, Weights(Path(folder, "encoder.onnx")), STATES["lstm"])
            added, expected = back.captioner.projector.adapter(self.regions), adapter(self.regions)
        self.assertGreater(float(expected.norm()), 0)
        self.assertLess(float((added - expected).norm()), 0.03 * float(expected.norm()))

    def test_learns_what_softness_took_away(self) -> None:
        random = np.random.default_rng(0)
        sharp = (random.random((96, 49, 8)) @ random.random((8, 1280)) / 4).astype(np.float16)
        vocabulary = Vocabulary([*SPECIALS, *(f"w{i}" for i in range(26))])
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as told:
            root = Path(folder)
            save_checkpoint(root / "start.pt", {
                "options": self.network.captioner.options.to_dict(), "words": vocabulary.words, "average": self.network.state_dict(),
            })
            np.save(root / "train.npy", sharp)
            # Softness takes the upper half of the channels away, and shows in a channel of its own.
            soft = sharp.copy()
            soft[:, :, 640:], soft[:, :, 0] = 0.5, 4
            np.save(root / "soft-0.npy", soft)
            words = ["--checkpoint", root / "start.pt", "--features", root, "--rank", "16", "--epochs", "40", "--batch", "16", "--out", root / "out"]
            with mock.patch("sys.argv", ["adapt", *map(str, words)]):
                adapt.main()
            lines = [json.loads(line) for line in told.getvalue().splitlines()]
            network, _ = load_network(root / "out" / "last.pt")
        self.assertEqual(network.captioner.options.adapter, 16)
        before = adapt.lost(self.network, soft[::12], sharp[::12])
        self.assertLess(lines[-1]["lost"]["soft"], before / 2)
        self.assertEqual(lines[-1]["lost"]["sharp"], 0)
        self.assertEqual(lines[-1]["lost"]["open, sharp"], 0)
        for name, value in self.network.state_dict().items():
            self.assertTrue(torch.equal(network.state_dict()[name], value), name)


class SoftenTest(unittest.TestCase):
    def test_makes_pictures_softer_each_in_its_own_way_that_the_seed_fixes(self) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (6, 224, 224, 3), np.uint8)
        once, again, other = soften(pixels, 1), soften(pixels, 1), soften(pixels, 2)
        self.assertTrue((once == again).all())
        self.assertFalse((once == other).all())
        steps = [np.abs(np.diff(view.astype(int), axis=1)).mean((1, 2, 3)) for view in (once, pixels)]
        self.assertTrue((steps[0] < steps[1]).all())


if __name__ == "__main__":
    unittest.main()
