"""The decoder's two ways to run agree, in PyTorch and as a graph; the search keeps its rules."""

import tempfile
import unittest
from pathlib import Path

import onnxruntime
import torch

from training.checkpoint import Network, extend_vocabulary
from training.decoder import CELLS, Captioner, DecoderOptions
from training.graphs import STATES, write_decoder
from training.search import beam_search, blocked
from training.vocabulary import END, SPECIALS, Vocabulary

SIZES = {"vocabulary": 30, "features": 32, "hidden": 24, "embedding": 16}


class Decoder(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)

    def test_steps_give_what_the_whole_caption_gives(self) -> None:
        for cell in CELLS:
            model = Captioner(DecoderOptions(cell=cell, **SIZES)).eval()
            features, states = model.projector(torch.randn(3, 49, 1280))
            words = torch.randint(4, 30, (3, 5))
            out, _, attention = model.decoder(words, features, states)
            for step in range(5):
                _, states, weights = model.decoder.step(words[:, step], features, states)
            torch.testing.assert_close(attention[:, -1], weights)
            torch.testing.assert_close(weights.sum(1), torch.ones(3))

    def test_the_graph_gives_what_pytorch_gives(self) -> None:
        for cell in CELLS:
            model = Captioner(DecoderOptions(cell=cell, **SIZES)).eval()
            features, states = model.projector(torch.randn(4, 49, 1280))
            words = torch.randint(4, 30, (4,))
            with tempfile.TemporaryDirectory() as folder, torch.no_grad():
                write_decoder(model.decoder, Path(folder, "decoder.onnx"), int8=False)
                session = onnxruntime.InferenceSession(Path(folder, "decoder.onnx"))
                inputs = {"word": words.numpy(), "features": features.detach().numpy()}
                inputs |= {name: state.detach().numpy() for name, state in zip(STATES[cell], states)}
                found = [torch.from_numpy(value) for value in session.run(None, inputs)]
                scores, after, attention = model.decoder.step(words, features, states)
            for value, expected in zip(found, (scores, *after, attention)):
                torch.testing.assert_close(value, expected, atol=2e-2, rtol=1e-3)

    def test_new_words_leave_the_scores_of_old_ones_in_their_order(self) -> None:
        network = Network(DecoderOptions(**SIZES)).eval()
        vocabulary = Vocabulary([*SPECIALS, *(f"w{i}" for i in range(26))])
        features, states = network.captioner.projector(torch.randn(1, 49, 1280))
        before, *_ = network.captioner.decoder.step(torch.tensor([5]), features, states)
        extend_vocabulary(network, vocabulary, ["zebra"] * 4)
        after, *_ = network.captioner.decoder.step(torch.tensor([5]), features, states)
        self.assertEqual(after.shape[1], 31)
        torch.testing.assert_close(after[:, 4:30].argsort(), before[:, 4:30].argsort())


class Search(unittest.TestCase):
    def test_repetitions_are_blocked(self) -> None:
        self.assertIn(7, blocked((5, 6, 7, 8, 5, 6), -1))
        self.assertIn(6, blocked((5, 6, 9, 5), 9))
        self.assertIn(5, blocked((5,), 9))

    def test_hypotheses_end_once_and_come_best_first(self) -> None:
        torch.manual_seed(0)
        model = Captioner(DecoderOptions(**SIZES)).eval()
        with torch.no_grad():
            features, states = model.projector(torch.randn(5, 49, 1280))
        for group in beam_search(model.decoder.step, features, states, -1, longest=8):
            scores = [hypothesis.score(0.7) for hypothesis in group]
            self.assertEqual(scores, sorted(scores, reverse=True))
            for hypothesis in group:
                self.assertLessEqual(hypothesis.ids.count(END), 1)
                self.assertLessEqual(len(hypothesis.ids), 8)


if __name__ == "__main__":
    unittest.main()
