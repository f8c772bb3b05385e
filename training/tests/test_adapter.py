"""An adapter adds nothing until it's taught, then brings soft pictures near to sharp ones and leaves the others."""

import argparse
import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training import adapt
from training.augment import soften
from training.checkpoint import Network, with_adapter
from training.command import InputError
from training.data import Photo
from training.decoder import DecoderOptions
from training.features import FeatureSet, check_features, compute_features
from training.graphs import STATES, write_encoder
from training.restore import Weights, restore_projector

SIZES = {"vocabulary": 30, "features": 32, "hidden": 24, "embedding": 16}


class AdapterTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)
        self.network = Network(DecoderOptions(**SIZES)).eval()
        self.regions = torch.rand(3, 49, 1280)

    def test_adds_nothing_at_first(self) -> None:
        adapted = with_adapter(self.network, 4).captioner.projector
        torch.nn.init.zeros_(adapted.adapter.gate.weight)
        torch.nn.init.ones_(adapted.adapter.gate.bias)
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
        # Softness takes the upper half of the channels away, and shows in a channel of its own.
        soft = sharp.copy()
        soft[:, :, 640:], soft[:, :, 0] = 0.5, 4
        network = with_adapter(self.network, 16)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as told:
            np.save(Path(folder, "soft-0.npy"), soft)
            settings = argparse.Namespace(epochs=40, batch=16, rate=2e-3, seed=1, others=1.0)
            adapt.teach(network, sharp, FeatureSet(Path(folder), "soft"), sharp[:24] / 2, settings)
        last = json.loads(told.getvalue().splitlines()[-1])
        self.assertLess(last["lost"]["soft"], adapt.lost(self.network, soft[::12], sharp[::12]) / 2)
        self.assertEqual((last["opened"], last["lost"]["sharp"]), (0, 0))
        self.assertLess(last["lost"]["others"], 0.05)
        for name, value in self.network.state_dict().items():
            self.assertTrue(torch.equal(network.state_dict()[name], value), name)

    def test_refuses_what_another_encoder_has_seen(self) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            photos = [Photo(Path(folder, f"{index}.png"), ("a dog",)) for index in range(2)]
            for photo, picture in zip(photos, pixels):
                Image.fromarray(picture).save(photo.path)
            seen, file = compute_features(self.network.encoder, pixels), Path("train.npy")
            check_features(self.network.encoder, file, seen, photos)
            other = Network(DecoderOptions(**SIZES)).encoder
            for encoder, features in ((other, seen), (self.network.encoder, seen[:1])):
                with self.assertRaises(InputError):
                    check_features(encoder, file, features, photos)


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
