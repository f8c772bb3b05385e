"""Scores by hand, and properties that hold for every caption."""

import unittest

from training.metrics import CiderD, bleu, evaluate_captions, longest_common, repeats
from training.things import agree, invented, main_thing_right
from training.vocabulary import END, UNKNOWN, Vocabulary, tokenize


class Metrics(unittest.TestCase):
    def test_a_copy_of_the_reference_scores_the_most(self) -> None:
        texts = [["a dog runs on the grass"], ["two men sit on a bench"], ["a girl in a red dress"]]
        scores = evaluate_captions([group[0] for group in texts], texts)
        self.assertAlmostEqual(scores["bleu4"], 1)
        self.assertAlmostEqual(scores["rougeL"], 1)
        self.assertAlmostEqual(scores["cider"], 10)

    def test_bleu_clips_a_repeated_word_and_punishes_brevity(self) -> None:
        the = [["the"] * 7]
        self.assertAlmostEqual(bleu(the, [["the cat is on the mat".split()]])[0], 2 / 7)
        self.assertLess(bleu([["the", "cat"]], [["the cat is on the mat".split()]])[0], 0.2)

    def test_cider_gives_nothing_to_words_that_every_picture_has(self) -> None:
        cider = CiderD([[["a", "dog"]], [["a", "cat"]]])
        self.assertEqual(cider.score(0, ["a"]), 0)
        self.assertGreater(cider.score(0, ["dog"]), 0)

    def test_the_longest_common_subsequence_may_have_gaps(self) -> None:
        self.assertEqual(longest_common("a b c d".split(), "a x c y d".split()), 3)

    def test_repetitions_are_seen(self) -> None:
        for text in ("a black dog and a black dog", "a dog dog", "a man on a bike on a man on a bike"):
            self.assertTrue(repeats(text.split()), text)
        self.assertFalse(repeats("a black dog and a white dog".split()))


class Things(unittest.TestCase):
    def test_wider_and_narrower_groups_agree_and_others_do_not(self) -> None:
        self.assertTrue(agree("boy", "person"))
        self.assertTrue(agree("puppy", "dogs"))
        self.assertFalse(agree("boy", "dog"))
        self.assertFalse(agree("man", "woman"))

    def test_a_thing_that_no_reference_names_is_invented(self) -> None:
        self.assertEqual(invented(["a dog with a frisbee"], [["a puppy runs"]]), 1)
        self.assertEqual(invented(["a dog"], [["a puppy runs"]]), 0)

    def test_the_main_thing_needs_two_references(self) -> None:
        self.assertTrue(main_thing_right("a dog runs", ["a dog", "two dogs", "a man"]))
        self.assertFalse(main_thing_right("a man runs", ["a dog", "two dogs", "a man"]))


class Words(unittest.TestCase):
    def test_tokens_are_lower_case_without_punctuation(self) -> None:
        self.assertEqual(tokenize("A man 's T-shirt, don't!"), ["a", "man", "'s", "t-shirt", "don't"])

    def test_encoding_and_decoding_agree_but_for_unknown_words(self) -> None:
        vocabulary = Vocabulary.build(["a dog runs"] * 4)
        row = vocabulary.encode("A dog flies", 5)
        self.assertEqual(list(row[3:5]), [UNKNOWN, END])
        self.assertEqual(vocabulary.decode(row[1:]), "a dog")


if __name__ == "__main__":
    unittest.main()
