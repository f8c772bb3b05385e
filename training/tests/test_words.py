"""Class words: what is read, what counts as naming, from where a chance is told, and captions made by rule."""

import tempfile
import unittest
from collections import Counter
from pathlib import Path

import numpy as np

from training.calibrate import fit_logistic, likely_right
from training.data import Photo
from training.heldout import naming, without_held_out
from training.naming import make_naming, read_naming, write_words
from training.pseudo import pseudo_captions
from training.vocabulary import SPECIALS, Vocabulary
from training.wordcalibrate import WordCalibration, calibrate_words, fit_platt, threshold
from training.words import ClassWord, forms_to_indices, named, plural, read_class_words


class Words(unittest.TestCase):
    def test_the_list_holds_hundreds_of_words_each_once(self) -> None:
        words = read_class_words()
        self.assertGreater(len(words), 500)
        self.assertEqual(len({word.word for word in words}), len(words))
        self.assertTrue(all(0 <= index < 1000 for word in words for index in word.classes))

    def test_a_breed_is_a_dog_and_an_animal(self) -> None:
        found = {word.word for word in read_class_words() if 262 in word.classes}  # A Brabançon griffon.
        self.assertEqual(found, {"animal", "dog"})

    def test_plurals_and_other_forms_name_the_word(self) -> None:
        words = read_class_words()
        forms = forms_to_indices(words)
        found = {words[index].word for index in named("Two puppies watch the buses", forms)}
        self.assertEqual(found, {"dog", "bus"})


class HeldOut(unittest.TestCase):
    def test_captions_with_any_form_of_a_noun_are_left_out(self) -> None:
        photo = Photo(Path("a.jpg"), ("two cyclists race", "people race", "a CAR waits"))
        self.assertEqual(without_held_out([photo])[0].captions, ("people race",))

    def test_naming_counts_any_form_where_a_reference_has_one(self) -> None:
        photos = [Photo(Path("a"), ("a horse",)), Photo(Path("b"), ("a pony runs", "an animal")), Photo(Path("c"), ("a dog",))]
        row = naming(["horses run", "a dog", "a horse"], photos)["horse"]
        self.assertEqual((row["photos"], row["said"], row["right"]), (2, 2, 1))
        self.assertAlmostEqual(row["f1"], 0.5)


class Naming(unittest.TestCase):
    def setUp(self) -> None:
        self.vocabulary = Vocabulary([*SPECIALS, "dog", "cat", "cats", "swan", "man"])
        self.words = [
            ClassWord(name, "animal", frozenset([name, plural(name)]), classes)
            for name, classes in (("dog", (1,)), ("cat", (2,)), ("bird", (3, 4)), ("swan", (4,)))
        ]
        self.naming = make_naming(self.words, self.vocabulary, Counter(dog=50, swan=50))
        self.ids = self.vocabulary.ids

    def test_a_new_word_stands_for_siblings_and_a_known_one_for_none(self) -> None:
        forms = [wanted.forms if wanted else None for wanted in self.naming.wanted]
        self.assertEqual(forms[0], {self.ids["dog"]: ()})
        self.assertEqual(forms[1], {self.ids["cat"]: (self.ids["dog"], self.ids["swan"]), self.ids["cats"]: ()})

    def test_a_kind_of_the_word_names_it_too(self) -> None:
        self.assertEqual(self.naming.wanted[2].forms, {self.ids["swan"]: ()})

    def test_the_surest_word_that_is_left_out_has_to_be_named(self) -> None:
        chances = np.array([0.6, 0.7, 0.1, 0.2])
        self.assertIn(self.ids["cat"], self.naming.to_name(chances, [self.ids["man"]]).forms)
        self.assertIsNone(self.naming.to_name(np.full(4, 0.4), [self.ids["man"]]))

    def test_a_known_word_has_to_be_surer_than_the_main_thing(self) -> None:
        chances = np.array([0.6, 0.7, 0.0, 0.0])
        self.assertIsNone(self.naming.to_name(chances, [self.ids["cat"]]))
        self.assertIsNotNone(self.naming.to_name(np.array([0.6, 0.5, 0.0, 0.0]), [self.ids["cat"]]))

    def test_it_comes_back_from_a_bundles_file(self) -> None:
        calibration = WordCalibration([word.word for word in self.words], [1.0] * 4, [0.0] * 4, [0.5, None, 0.5, 0.5])
        with tempfile.TemporaryDirectory() as folder:
            write_words(Path(folder, "words.json"), calibration, self.naming, self.vocabulary)
            self.assertEqual(read_naming(Path(folder, "words.json"), self.vocabulary), self.naming)


class Confidence(unittest.TestCase):
    def test_a_logistic_function_is_found_again(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(0, 1, (20000, 2))
        right = (random.random(20000) < 1 / (1 + np.exp(-(x @ [1.0, -0.5] + 0.3)))).astype(float)
        np.testing.assert_allclose(fit_logistic(x, right), [1.0, -0.5, 0.3], atol=0.06)

    def test_what_half_is_told_of_is_likely_there_where_it_is_sure(self) -> None:
        random = np.random.default_rng(0)
        x = np.stack([np.zeros(4000), random.normal(0, 3, 4000), np.zeros(4000)], 1)
        there = random.random(4000) < 1 / (1 + np.exp(-x[:, 1]))
        likely = likely_right(x, (there & (random.random(4000) < 0.5)).astype(float))
        self.assertAlmostEqual(float(likely[x[:, 1] > 3].mean()), float(there[x[:, 1] > 3].mean()), delta=0.08)
        self.assertAlmostEqual(float(likely[x[:, 1] < -3].mean()), float(there[x[:, 1] < -3].mean()), delta=0.08)


class Calibration(unittest.TestCase):
    def test_platt_scaling_finds_the_curve_that_made_the_data(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(0, 2, 20000)
        right = (random.random(20000) < 1 / (1 + np.exp(-(0.5 * x - 1)))).astype(float)
        slope, shift = fit_platt(x, right, np.ones_like(x), (1.0, 0.0))
        self.assertAlmostEqual(slope, 0.5, delta=0.05)
        self.assertAlmostEqual(shift, -1.0, delta=0.08)

    def test_a_word_that_is_never_right_is_never_told(self) -> None:
        chances = np.linspace(0.5, 1, 50)
        self.assertIsNone(threshold(chances, np.zeros(50), np.ones(50)))

    def test_a_word_is_told_from_where_four_of_five_are_right(self) -> None:
        chances = np.linspace(0.5, 1, 501)
        right = (np.arange(501) >= 250).astype(float)
        told = threshold(chances, right, np.ones(501))
        self.assertAlmostEqual(float(right[chances >= told].mean()), 0.8, delta=0.02)

    def test_calibration_keeps_the_words_in_their_order(self) -> None:
        found = calibrate_words(["a", "b"], np.zeros((10, 2)), np.zeros((10, 2)), np.ones((10, 2)))
        self.assertEqual([entry["word"] for entry in found.listed()], ["a", "b"])


class Rules(unittest.TestCase):
    def captions(self, sure: dict[str, float], many: set[str] = frozenset()) -> list[str]:
        words = [ClassWord(name, group, frozenset([name]), ()) for name, group in (
            ("man", "person"), ("horse", "animal"), ("elephant", "animal"), ("field", "outdoors"), ("laptop", "office"), ("desk", "furniture"),
        )]
        chances = np.array([sure.get(word.word, 0.0) for word in words])
        return pseudo_captions(words, chances, chances, set(), set(many))

    def test_people_do_what_the_thing_is_for(self) -> None:
        self.assertIn("a man is riding a horse", self.captions({"man": 0.9, "horse": 0.8}))

    def test_things_are_where_they_are(self) -> None:
        self.assertIn("a laptop on a desk", self.captions({"laptop": 0.9, "desk": 0.8}))
        self.assertIn("an elephant is standing in a field", self.captions({"elephant": 0.9, "field": 0.6}))

    def test_what_is_unsure_isn_t_told(self) -> None:
        self.assertEqual(self.captions({"laptop": 0.3}), [])


if __name__ == "__main__":
    unittest.main()
