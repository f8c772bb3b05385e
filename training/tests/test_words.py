"""Class words: what is read, what counts as naming, from where a chance is told, and captions made by rule."""

import tempfile
import unittest
from argparse import Namespace
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from training.attach import wrong_articles
from training.calibrate import Judged, calibrate, confidences, fit_foreign, fit_logistic, statistics
from training.card import Measured
from training.data import Photo
from training.elsewhere import classes, home
from training.heldout import naming, without_held_out
from training.kinds import Examples, area_under_curve, captioned, classified, fit, judge_people, kinds_named, read_people, told_by_questions
from training.kinds import calibrate as calibrate_kinds
from training.naming import make_naming, read_naming, write_words
from training.product import Product
from training.pseudo import held_out, pseudo_captions
from training.search import Hypothesis
from training.things import GROUPS, KINDS, is_about, narrowest
from training.vocabulary import SPECIALS, Vocabulary
from training.wordcalibrate import WordCalibration, calibrate_words, fit_platt, threshold
from training.wordhead import WordHead
from training.wordtrain import Source
from training.wordtrain import fit as fit_head
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


class Articles(unittest.TestCase):
    def test_words_keep_away_from_articles_that_they_never_follow(self) -> None:
        vocabulary = Vocabulary([*SPECIALS, "dog", "dogs", "hour", "owl", "owls", "running"])
        counts = Counter(dog=50, dogs=50, hour=30, running=40)
        pairs = Counter({("a", "dog"): 40, ("a", "dogs"): 0, ("an", "hour"): 20, ("a", "running"): 5})
        rows = wrong_articles(vocabulary, counts, pairs)
        found = {word: rows[:, vocabulary.ids[word]].tolist() for word in vocabulary.words[len(SPECIALS) :]}
        self.assertEqual(found, {"dog": [0, 1], "dogs": [1, 1], "hour": [1, 0], "owl": [1, 0], "owls": [1, 1], "running": [0, 1]})


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

    def test_a_thing_without_support_is_told_and_one_that_nothing_speaks_for_is_not(self) -> None:
        chances = np.array([0.05, 0.2, 0.9, 0.9])
        self.assertEqual(self.naming.support[self.ids["man"]], ())
        self.assertIn(self.ids["dog"], self.naming.unsupported(chances, 0.1))
        self.assertEqual(self.naming.unsupported(chances, 0.05), [])
        self.assertEqual(set(self.naming.unsupported(chances, 0.3)), {self.ids[word] for word in ("dog", "cat", "cats")})

    def test_a_foreign_picture_needs_more_support(self) -> None:
        calibration = WordCalibration([word.word for word in self.words], [1.0] * 4, [0.0] * 4, [0.5] * 4)
        foreign = {"constant": 0.0, "words": {"bird": 100.0}, "fillers": []}
        product = Product(None, self.vocabulary, {"leastSupport": {"home": 0.1, "foreign": 0.3}}, calibration, self.naming, foreign)
        home, elsewhere = product.ruled_out(np.array([[0.2, 0.2, 0.1, 0.9], [0.2, 0.2, 0.9, 0.9]]))
        self.assertNotIn(self.ids["dog"], home)
        self.assertIn(self.ids["dog"], elsewhere)
        self.assertEqual(replace(product, decoding={}).ruled_out(np.full((1, 4), 0.01)), [[]])

    def test_what_is_seen_more_than_usual_surprises(self) -> None:
        usual = self.naming.with_usual(np.full((3, 4), 0.5))
        found = usual.surprises(np.array([0.75, 0.0, 1.0, 1.0]))
        self.assertAlmostEqual(found[self.ids["dog"]], np.log(3), places=5)
        self.assertEqual((found[self.ids["cat"]], found[self.ids["man"]]), (-3, 0))
        calibration = WordCalibration([word.word for word in self.words], [1.0] * 4, [0.0] * 4, [0.5] * 4)
        foreign = {"constant": 0.0, "words": {}, "fillers": []}
        product = Product(None, self.vocabulary, {"foreignGain": 2.0}, calibration, usual, foreign)
        self.assertAlmostEqual(product.gains(np.array([[0.75, 0.1, 0.1, 0.1]]))[0][self.ids["dog"]], np.log(3), places=5)
        self.assertEqual(replace(product, decoding={}).gains(np.full((1, 4), 0.9)), [{}])

    def test_it_comes_back_from_a_bundles_file(self) -> None:
        calibration = WordCalibration([word.word for word in self.words], [1.0] * 4, [0.0] * 4, [0.5, None, 0.5, 0.5])
        with tempfile.TemporaryDirectory() as folder:
            write_words(Path(folder, "words.json"), calibration, self.naming, self.vocabulary)
            self.assertEqual(read_naming(Path(folder, "words.json"), self.vocabulary), self.naming)
            usual = self.naming.with_usual(np.full((2, 4), 0.25))
            write_words(Path(folder, "words.json"), calibration, usual, self.vocabulary)
            self.assertEqual(read_naming(Path(folder, "words.json"), self.vocabulary), usual)


class MeanHead:
    """Sees the mean region."""

    def pooled(self, regions: torch.Tensor) -> torch.Tensor:
        return regions.mean(1)


class Kinds(unittest.TestCase):
    def setUp(self) -> None:
        self.vocabulary = Vocabulary([*SPECIALS, "man", "dog", "puppy", "bike", "shirt", "collar", "lobster"])
        self.ids = self.vocabulary.ids
        self.words = [
            *(ClassWord(name, "animal", frozenset([name]), ()) for name in ("person", "man", "dog", "bicycle", "lobster")),
            *(ClassWord(name, "clothes", frozenset([name]), ()) for name in ("shirt", "collar")),
        ]
        self.naming = make_naming(self.words, self.vocabulary, Counter(man=50, dog=50), kinds=KINDS)

    def chances(self, words: float = 0.5, **kinds: float) -> np.ndarray:
        return np.array([*[words] * len(self.words), *(kinds.get(kind, 0.0) for kind in KINDS)])

    def test_two_texts_name_a_kind_wholly_and_one_by_half(self) -> None:
        found = dict(zip(KINDS, kinds_named(["a boy and a dog", "a boy and a dog", "children", "a man by a truck"])[0]))
        self.assertEqual([found[kind] for kind in ("person", "child", "boy", "dog", "man", "car", "cat")], [1, 1, 1, 1, 0.5, 0.5, 0])
        self.assertEqual(kinds_named(["a cat"])[0][KINDS.index("cat")], 1)

    def test_a_wider_word_names_no_sort_of_it_and_leaves_open_which(self) -> None:
        for texts, named, left_open in (
            (["an animal"], {"animal"}, {kind for kind in KINDS if GROUPS[kind] > {"animal"}}),
            (["an animal", "a dog"], {"animal", "dog"}, set()),
            (["people", "children"], {"person", "child"}, {"boy", "girl", "baby"}),
            (["a bike"], {"vehicle", "bicycle", "motorcycle"}, set()),
        ):
            found, is_open = kinds_named(texts, least=1)
            self.assertEqual({kind for kind, told in zip(KINDS, found) if told}, named)
            self.assertEqual({kind for kind, told in zip(KINDS, is_open) if told}, left_open)

    def test_of_a_things_names_the_narrowest_are_kept(self) -> None:
        self.assertEqual(narrowest(["animal", "cat", "vehicle"]), ["cat", "vehicle"])
        self.assertEqual(narrowest(["person", "man", "boy"]), ["man", "boy"])
        self.assertEqual(narrowest(["bike", "vehicle"]), ["bike"])
        self.assertEqual(narrowest(["teenager"]), ["teenager"])  # A person and a child, of which one is wider.

    def test_a_photo_of_a_class_tells_most_of_what_it_shows(self) -> None:
        words = [ClassWord("animal", "animal", frozenset(["animal"]), (0, 1, 2, 3)), ClassWord("dog", "animal", frozenset(["dog"]), (0, 1, 2))]
        found = classified(MeanHead(), np.zeros((5, 49, 1280), np.float16), list("abcde"), {"e": "yes"}, words)
        animal, dog, cat, tree, person = (KINDS.index(kind) for kind in ("animal", "dog", "cat", "tree", "person"))
        self.assertEqual(found.targets[:, [animal, dog, cat]].tolist(), [[1, 1, 0]] * 3 + [[1, 0, 0], [0, 0, 0]])
        # Of cats no class tells, and trees stand beside much.
        np.testing.assert_allclose(found.weights[[0, 3, 4]][:, [animal, dog, cat, tree]], [[1, 1, 0, 0.1], [1, 0.5, 0, 0.1], [0.5, 0.5, 0, 0.1]])
        self.assertEqual((found.targets[4, person], found.weights[4, person]), (1, 1))
        learned = found.sure_of_what_is_there()
        np.testing.assert_allclose(learned.weights[[0, 3, 4]][:, [animal, dog, cat, tree]], [[4, 4, 0, 0.1], [4, 0.5, 0, 0.1], [0.5, 0.5, 0, 0.1]])
        np.testing.assert_array_equal(learned.targets, found.targets)

    def test_what_captions_leave_open_teaches_nothing(self) -> None:
        found = captioned(MeanHead(), np.zeros((2, 49, 1280), np.float16), [["an animal"], ["a dog"]])
        dog, cat, car = (KINDS.index(kind) for kind in ("dog", "cat", "car"))
        self.assertEqual(found.weights[:, [dog, cat, car]].tolist(), [[0, 0, 1], [1, 1, 1]])
        self.assertEqual(found.targets[:, [dog, cat, car]].tolist(), [[0, 0, 0], [1, 0, 0]])

    def test_questions_that_name_no_animal_say_that_few_show_one(self) -> None:
        places = [KINDS.index(kind) for kind in ("animal", "dog", "cat", "car")]
        for text, targets, weights in (
            ("what color is the car ? red .", [0.08, 0.01, 0.01, 1], [0.7, 0.7, 0.7, 1.5]),
            ("where is the dog ? in the car .", [1, 1, 0, 1], [1.5, 1.5, 0.2, 1.5]),
            ("what are the animals doing ? eating .", [1, 0, 0, 0], [1.5, 0, 0, 0.2]),
        ):
            target, weight = told_by_questions(text, speaks_of_people=True)
            np.testing.assert_allclose(target[places], targets, rtol=1e-6)
            np.testing.assert_allclose(weight[places], weights, rtol=1e-6)

    def test_a_text_is_about_the_first_thing_that_it_names(self) -> None:
        self.assertTrue(is_about("two boys and a dog", "person"))
        self.assertFalse(is_about("a dog and two boys", "person"))
        self.assertFalse(is_about("nothing", "person"))

    def test_what_was_seen_of_people_stands_over_what_was_said(self) -> None:
        for seen, target, weight, others in (("no", 0, 1, 1), ("yes", 1, 1, 0), ("part", 0.2, 0, 0), (None, 0.2, 0.7, 0.7)):
            targets, weights = np.full(len(KINDS), 0.2), np.full(len(KINDS), 0.7)
            judge_people(targets, weights, seen)
            person, man, dog = (KINDS.index(kind) for kind in ("person", "man", "dog"))
            self.assertEqual((targets[person], weights[person], weights[man]), (target, weight, others))
            self.assertEqual((targets[dog], weights[dog]), (0.2, 0.7))

    def test_the_photos_that_were_looked_at_are_told_by_yes_no_and_part(self) -> None:
        people = read_people()
        self.assertEqual(set(people.values()), {"yes", "no", "part"})
        self.assertEqual(len(people), 1720)
        self.assertFalse(any(held_out(name) for name in people if name.startswith("v7w")))

    def test_a_kind_is_learned_and_calibrated_on_other_photos(self) -> None:
        torch.manual_seed(0)
        pooled = torch.zeros(4000, 384)
        pooled[:, :8] = 1 + 3 * torch.randn(4000, 8)
        rows = np.arange(4000) < 2000
        # Elsewhere the same is seen half as clearly.
        logits = (pooled[:, 3] - 2) * torch.where(torch.from_numpy(rows), 1.0, 0.5)
        shown = (torch.rand(4000) < torch.sigmoid(logits)).float().numpy()
        targets = np.repeat(shown[:, None], len(KINDS), 1)
        examples = Examples(pooled, targets, np.ones_like(targets))
        layer = fit([examples.part(rows)], 0.001)
        with torch.no_grad():
            found = layer(pooled)[:, 0]
        self.assertLess(float((torch.sigmoid(found) - torch.sigmoid(logits))[:2000].abs().mean()), 0.05)
        slope, shift = calibrate_kinds(layer, [examples.part(~rows)])
        chances = torch.sigmoid(found * slope[0] + shift[0])
        self.assertLess(float((chances - torch.sigmoid(logits))[2000:].abs().mean()), 0.05)
        self.assertGreater(area_under_curve(found.numpy(), shown), 0.8)

    def test_support_is_what_the_kind_has_and_not_its_words_together(self) -> None:
        self.assertAlmostEqual(self.naming.main_support(self.chances(man=0.2), [self.ids["man"]]), 0.2)
        self.assertAlmostEqual(self.naming.main_support(self.chances(bicycle=0.5, motorcycle=0.5), [self.ids["bike"]]), 0.75)
        self.assertEqual(self.naming.main_words([self.ids["puppy"]]), (2,))

    def test_clothes_are_there_where_people_are(self) -> None:
        left_out = self.naming.unsupported(self.chances(person=0.05, dog=0.9), 0.1)
        self.assertIn(self.ids["shirt"], left_out)
        self.assertNotIn(self.ids["collar"], left_out)
        self.assertIn(self.ids["collar"], self.naming.unsupported(self.chances(person=0.05, dog=0.04), 0.1))
        self.assertNotIn(self.ids["shirt"], self.naming.unsupported(self.chances(person=0.2), 0.1))

    def test_a_thing_that_the_list_lacks_is_told_by_its_own_word(self) -> None:
        self.assertIn(self.ids["lobster"], self.naming.unsupported(self.chances(0.05), 0.1))
        self.assertNotIn(self.ids["lobster"], self.naming.unsupported(self.chances(0.2), 0.1))

    def test_they_come_back_from_a_bundles_file(self) -> None:
        names = [*(word.word for word in self.words), *(f"any {kind}" for kind in KINDS)]
        calibration = WordCalibration(names, [1.0] * len(names), [0.0] * len(names), [None] * len(names))
        usual = self.naming.with_usual(np.stack([self.chances(man=0.5), self.chances(man=0.7)]))
        self.assertEqual(usual.usual[self.ids["man"]], 0.6)
        with tempfile.TemporaryDirectory() as folder:
            write_words(Path(folder, "words.json"), calibration, usual, self.vocabulary)
            self.assertEqual(read_naming(Path(folder, "words.json"), self.vocabulary), usual)


class Confidence(unittest.TestCase):
    def test_a_logistic_function_is_found_again(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(0, 1, (20000, 2))
        right = (random.random(20000) < 1 / (1 + np.exp(-(x @ [1.0, -0.5] + 0.3)))).astype(float)
        np.testing.assert_allclose(fit_logistic(x, right), [1.0, -0.5, 0.3], atol=0.06)

    def test_a_row_that_counts_twice_is_as_two_rows(self) -> None:
        x, right = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, 0.0, 1.0])
        twice = fit_logistic(np.concatenate([x, x[2:]]), np.append(right, right[2:]))
        one, other = (weights[0] * 1.5 + weights[1] for weights in (fit_logistic(x, right, np.array([1, 1, 2, 2])), twice))
        self.assertAlmostEqual(one, other, delta=0.02)  # Not the same: the columns are scaled by their rows.

    def test_pictures_from_elsewhere_are_told_by_their_class_words(self) -> None:
        random = np.random.default_rng(0)
        home, elsewhere = random.uniform(0.01, 0.4, (300, 3)), random.uniform(0.01, 0.4, (100, 3))
        home[:, 0], elsewhere[:, 1] = 0.9, 0.8
        found = fit_foreign(["dog", "zebra", "grass"], home, elsewhere)
        self.assertLess(found["words"]["dog"], 0)
        self.assertGreater(found["words"]["zebra"], 0)

    def test_a_filler_on_foreign_pictures_is_believed_less(self) -> None:
        vocabulary = Vocabulary([*SPECIALS, "man", "dog"])
        words = [ClassWord(name, "animal", frozenset([name]), ()) for name in ("person", "dog", "zebra")]
        calibration = WordCalibration([word.word for word in words], [1.0] * 3, [0.0] * 3, [0.5] * 3)
        product = Product(None, vocabulary, {}, calibration, make_naming(words, vocabulary, Counter(man=50, dog=50)))

        def judged(count: int, zebra: float, right: bool) -> Judged:
            rows = np.tile([0.6, 0.5, zebra], (count, 1))
            texts = ["a man"] * count if right else ["a tree"] * count
            return Judged([Hypothesis([vocabulary.ids["man"]], -1.0)] * count, rows, ["man"] * count, [[text] for text in texts])

        home, elsewhere = judged(60, 0.02, True), judged(40, 0.7, False)
        foreign = fit_foreign(calibration.words, home.chances, elsewhere.chances)
        document = calibrate(product, home, [elsewhere], foreign)
        self.assertEqual(statistics(product, home.hypotheses, home.chances, foreign).shape, (60, 5))
        self.assertGreater(confidences(document, product, home)[0], 0.9)
        self.assertLess(confidences(document, product, elsewhere)[0], 0.2)


class Head(unittest.TestCase):
    def test_a_head_goes_on_from_anothers_weights(self) -> None:
        start = WordHead(3, kinds=2)
        data = [Source([np.ones((4, 49, 1280), np.float16)], np.zeros((4, 3), np.float32), np.ones((4, 3), np.float32), np.ones(4, bool))]
        index = np.array([(0, photo) for photo in range(4)])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "head.pt"
            torch.save(start.state_dict(), file)
            arguments = Namespace(start=file, seed=1, device="cpu", rate=1e-3, decay=0.0, batch=2, crops=0.0)
            same, other = (fit_head(data, index, Namespace(epochs=epochs, **vars(arguments))) for epochs in (0, 1))
        torch.testing.assert_close(same.output.weight, start.output.weight)
        torch.testing.assert_close(same.output.bias, start.output.bias)
        self.assertTrue(bool((other.output.bias < start.output.bias).all()))  # Nothing is there.


class Elsewhere(unittest.TestCase):
    def test_people_count_where_nobody_is_and_main_things_where_they_are_known(self) -> None:
        people = read_people()
        nobody, somebody = (next(name for name, seen in people.items() if seen == answer) for answer in ("no", "yes"))
        photos = [Photo(Path(nobody), (text,)) for text in ("dog", "dog", "nothing")] + [Photo(Path(somebody), ("person",))]
        captions = ["a man with a dog", "a dog runs", "a street", "a woman sits"]
        measured = Measured([], None, captions, [photo.captions for photo in photos], {"bleu4": 0.5, "cider": 1.23456, "invented": 0.0, "rougeL": 1.0})
        self.assertEqual(classes(measured, photos), {"people": 0.3333, "main": 0.6667})
        self.assertEqual(home(measured), {"bleu4": 0.5, "cider": 1.2346, "invented": 0.0, "main": 0.5})


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
