"""The decoder's two ways to run agree, in PyTorch and as a graph; the search keeps its rules."""

import tempfile
import unittest
from pathlib import Path

import torch

from training.averaging import mean_of
from training.checkpoint import Network, extend_vocabulary, save_checkpoint
from training.command import InputError
from training.decoder import CELLS, Captioner, DecoderOptions
from training.distil import Ensemble
from training.graphs import STATES, write_decoder, write_encoder
from training.restore import Weights, restore_decoder, restore_projector
from training.scst import hold, policy_loss, sample
from training.search import Wanted, beam_search, blocked
from training.vocabulary import END, SPECIALS, UNKNOWN, Vocabulary
from training.wordcalibrate import WordCalibration

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

SIZES = {"vocabulary": 30, "features": 32, "hidden": 24, "embedding": 16}


def with_class_words(cell: str = "lstm") -> Captioner:
    """Words 10 to 14 are class words 0 to 4, word 15 names class word 0 too; 4 and 5 are the articles, 10 takes the second."""
    model = Captioner(DecoderOptions(cell=cell, class_words=5, **SIZES)).eval()
    model.decoder.class_of[10:16] = torch.tensor([0, 1, 2, 3, 4, 0])
    model.decoder.articles.copy_(torch.tensor([4, 5]))
    model.decoder.wrong[0, 10] = model.decoder.wrong[1, 11] = 1
    return model


def without_class_words(cell: str = "lstm") -> Captioner:
    return Captioner(DecoderOptions(cell=cell, **SIZES)).eval()


def write_network(path: Path, cell: str, vocabulary: Vocabulary) -> Path:
    network = Network(DecoderOptions(cell=cell, **SIZES))
    save_checkpoint(path, {"options": network.captioner.options.to_dict(), "words": vocabulary.words, "average": network.state_dict()})
    return path


class Decoder(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)

    def test_steps_give_what_the_whole_caption_gives(self) -> None:
        for cell in CELLS:
            for model in (without_class_words(cell), with_class_words(cell)):
                features, states = model.projector(torch.randn(3, 49, 1280))
                words = torch.randint(4, 30, (3, 5))
                out, _, attention = model.decoder(words, features, states)
                every = torch.ones_like(words, dtype=torch.bool)
                whole = model.decoder.token_scores(out, words, states, every).view(3, 5, -1)
                for step in range(5):
                    scores, states, weights = model.decoder.step(words[:, step], features, states)
                torch.testing.assert_close(attention[:, -1], weights)
                torch.testing.assert_close(weights.sum(1), torch.ones(3))
                expected = torch.log_softmax(whole[:, -1, UNKNOWN + 1 :], -1)
                torch.testing.assert_close(torch.log_softmax(scores[:, UNKNOWN + 1 :], -1), expected)

    def test_rewards_of_samples_teach_every_weight(self) -> None:
        for cell in CELLS:
            model = with_class_words(cell)
            with torch.autocast("cpu", torch.bfloat16):
                features, states = model.projector(torch.randn(3, 49, 1280))
                words = sample(model, features, states, 4, 1.0)
                policy_loss(model, features, states, words, torch.arange(12.0), 4, 1.0).backward()
            idle = [name for name, weight in model.named_parameters() if weight.requires_grad and not weight.grad.abs().sum()]
            self.assertEqual(idle, [])

    def test_rewards_leave_the_recurrence_alone_unless_told(self) -> None:
        model = with_class_words()
        hold(model)
        learns = {name.split(".")[1] for name, weight in model.named_parameters() if weight.requires_grad}
        self.assertEqual(learns, {"project", "normalise", "states", "embedding"})

    def test_rewards_teach_words_as_inputs_alone_unless_told(self) -> None:
        model = with_class_words()
        features, states = model.projector(torch.randn(3, 49, 1280))
        words = sample(model, features, states, 4, 1.0, longest=3)
        unread = [word for word in range(30) if word not in words[:, :-1]]
        for held in (False, True):
            if held:
                hold(model)
            model.zero_grad()
            features, states = model.projector(torch.randn(3, 49, 1280))
            policy_loss(model, features, states, words, torch.arange(12.0), 4, 1.0).backward()
            self.assertEqual(bool(model.decoder.embedding.weight.grad[unread].abs().sum()), not held)

    def test_teachers_foretell_as_their_mean_does(self) -> None:
        regions, words = torch.randn(2, 49, 1280), torch.tensor([[[1, 6, 7, 2]], [[1, 8, 2, 0]]])
        vocabulary = Vocabulary([*SPECIALS, *(str(index) for index in range(len(SPECIALS), 30))])
        with tempfile.TemporaryDirectory() as folder:
            files = [write_network(Path(folder, f"{cell}.pt"), cell, vocabulary) for cell in CELLS]
            ensemble = Ensemble(files, vocabulary)
            chances = [torch.softmax(captioner.foretell(regions, words)[0], -1) for captioner in ensemble.captioners]
            torch.testing.assert_close(ensemble.chances(regions, words), torch.stack(chances).mean(0))
            self.assertEqual(chances[0].shape, (5, 30))
            with self.assertRaises(InputError):
                Ensemble(files, Vocabulary([*vocabulary.words[:-1], "other"]))

    def test_runs_average_weight_by_weight_where_they_are_alike(self) -> None:
        vocabulary = Vocabulary([*SPECIALS, *(str(index) for index in range(len(SPECIALS), 30))])
        with tempfile.TemporaryDirectory() as folder:
            first, second, other = (write_network(Path(folder, f"{n}.pt"), cell, vocabulary) for n, cell in enumerate(("gru", "gru", "rnn")))
            name = "captioner.decoder.query.weight"
            one, two = (torch.load(path)["average"][name] for path in (first, second))
            torch.testing.assert_close(mean_of([first, second])["average"][name], (one + two) / 2)
            torch.testing.assert_close(mean_of([first, second], [1, 3])["average"][name], (one + 3 * two) / 4)
            with self.assertRaisesRegex(InputError, "a share for each of 2"):
                mean_of([first, second], [1])
            with self.assertRaises(InputError):
                mean_of([first, other])

    def test_a_decoder_comes_back_from_its_file(self) -> None:
        for cell, make in [(cell, make) for cell in CELLS for make in (without_class_words, with_class_words)]:
            model, back = make(cell), make(cell)
            for parameter in back.decoder.parameters():
                parameter.data.zero_()
            with tempfile.TemporaryDirectory() as folder, torch.no_grad():
                write_decoder(model.decoder, Path(folder, "decoder.onnx"), int8=False)
                restore_decoder(back.decoder, Weights(Path(folder, "decoder.onnx")))
            features, states = model.projector(torch.randn(4, 49, 1280))
            words = torch.tensor([4, 5, 10, 29])
            for value, expected in zip(back.decoder.step(words, features, states), model.decoder.step(words, features, states)):
                torch.testing.assert_close(value, expected, atol=2e-2, rtol=1e-2)

    def test_a_word_head_that_judges_kinds_comes_back_from_its_file(self) -> None:
        options = DecoderOptions(class_words=5, kinds=3, **SIZES)
        network, back = Network(options).eval(), Network(options).eval()
        calibration = WordCalibration([*"abcdefgh"], [1.0] * 8, [0.0] * 8, [None] * 8)
        with tempfile.TemporaryDirectory() as folder:
            write_encoder(network, Path(folder, "encoder.onnx"), True, calibration)
            weights = Weights(Path(folder, "encoder.onnx"))
        restore_projector(back.captioner.projector, weights, STATES["lstm"])
        self.assertEqual(len(weights.take("words.slope")), 8)
        regions = torch.rand(2, 49, 1280)
        judged, expected = (one.captioner.projector.evidence.head.judge(regions) for one in (back, network))
        self.assertEqual(judged.shape, (2, 8))
        torch.testing.assert_close(judged, expected, atol=2e-2, rtol=2e-2)

    @unittest.skipUnless(onnxruntime, "onnxruntime isn't installed")
    def test_the_graph_gives_what_pytorch_gives(self) -> None:
        for cell, model in [(cell, make(cell)) for cell in CELLS for make in (without_class_words, with_class_words)]:
            features, states = model.projector(torch.randn(4, 49, 1280))
            words = torch.tensor([4, 5, 10, 29])
            with tempfile.TemporaryDirectory() as folder, torch.no_grad():
                write_decoder(model.decoder, Path(folder, "decoder.onnx"), int8=False)
                session = onnxruntime.InferenceSession(Path(folder, "decoder.onnx"))
                inputs = {"word": words.numpy(), "features": features.detach().numpy()}
                names = (*STATES[cell], "evidence") if model.options.class_words else STATES[cell]
                inputs |= {name: state.detach().numpy() for name, state in zip(names, states)}
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


class ClassWords(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)
        self.model = with_class_words()
        self.features, self.states = self.model.projector(torch.randn(1, 49, 1280))

    def step(self, word: int, evidence: list[float]) -> tuple[torch.Tensor, torch.Tensor]:
        states = (*self.states[:-1], torch.tensor([evidence], dtype=torch.float32))
        scores, after, _ = self.model.decoder.step(torch.tensor([word]), self.features, states)
        return scores[0], after[-1][0]

    def test_evidence_raises_every_form_of_a_word(self) -> None:
        with torch.no_grad():
            self.model.decoder.sense.weight.zero_()
            before, _ = self.step(20, [0, 0, 0, 0, 0])
            after, _ = self.step(20, [5, 0, 0, 0, 0])
        rise = (after - before)
        self.assertGreater(float(rise[[10, 15]].min()), 0.5)
        self.assertLess(float(rise[[11, 12, 20]].max()), 0)

    def test_a_word_that_was_named_needs_no_evidence_any_more(self) -> None:
        _, left = self.step(15, [5, 4, 3, 2, 1])
        self.assertEqual(left.tolist(), [0, 4, 3, 2, 1])

    def test_a_word_keeps_away_from_the_wrong_article(self) -> None:
        evidence = [0.0] * 5
        with torch.no_grad():
            after_a, after_an = self.step(4, evidence)[0], self.step(5, evidence)[0]
        self.assertLess(float(after_a[10] - after_a[11]), -3)
        self.assertGreater(float(after_an[10] - after_an[11]), 3)


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

    def test_a_wanted_word_is_in_every_caption_and_stands_where_its_sibling_would(self) -> None:
        likely = torch.full((30,), -9.0)

        def step(words: torch.Tensor, features: torch.Tensor, states: tuple) -> tuple:
            scores = likely.repeat(len(words), 1)
            scores[:, 12] = torch.where(words < 4, -0.1, -5.0)  # First 12, then the end.
            scores[:, END] = torch.where(words < 4, -5.0, -0.1)
            return scores, states, torch.zeros(len(words), 1)

        wanted = [Wanted({7: (12,), 8: ()}), None]
        named, plain = beam_search(step, torch.zeros(2, 1, 1), (), -1, longest=6, wanted=wanted)
        self.assertEqual(named[0].ids, (7, END))
        self.assertEqual(plain[0].ids, (12, END))

    def test_a_word_that_is_ruled_out_for_a_picture_is_in_none_of_its_captions_unless_it_is_wanted(self) -> None:
        likely = torch.full((30,), -9.0)
        likely[[12, 13, END]] = torch.tensor([-0.1, -3.0, -4.0])

        def step(words: torch.Tensor, features: torch.Tensor, states: tuple) -> tuple:
            return likely.repeat(len(words), 1), states, torch.zeros(len(words), 1)

        found = beam_search(step, torch.zeros(3, 1, 1), (), -1, longest=6, wanted=[None, None, Wanted({12: ()})], never=[[12], [], [12]])
        self.assertTrue(all(12 not in hypothesis.ids for hypothesis in found[0]))
        self.assertIn(12, found[1][0].ids)
        self.assertIn(12, found[2][0].ids)

    def test_the_first_thing_gains_but_not_as_the_first_word(self) -> None:
        def step(words: torch.Tensor, features: torch.Tensor, states: tuple) -> tuple:
            scores = torch.full((len(words), 30), -12.0)
            for row, word in zip(scores, words.tolist()):
                if word < 4:
                    row[[9, 12, 13]] = torch.tensor([-0.5, -2.0, -2.5])
                elif word == 9:
                    row[[12, 13]] = torch.tensor([-0.5, -1.5])
                else:
                    row[END] = -0.1
            return scores, states, torch.zeros(len(words), 1)

        found = beam_search(step, torch.zeros(3, 1, 1), (), -1, longest=6, gains=[{}, {12: 0.0, 13: 3.0}, {13: 9.0}])
        self.assertEqual([group[0].ids for group in found], [(9, 12, END), (9, 13, END), (9, 13, END)])
        self.assertAlmostEqual(found[1][0].log_probability, -2.1, places=5)
        self.assertAlmostEqual(found[1][0].score(0.7), 0.9 / 3**0.7, places=5)


if __name__ == "__main__":
    unittest.main()
