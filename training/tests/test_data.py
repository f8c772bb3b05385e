"""Picture folders: what is wrong with one is told, and where."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from training.augment import coarsen
from training.command import InputError, run
from training.data import load_photos, read_all_pixels


class Folders(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        (self.folder / "images").mkdir()

    def picture(self, name: str) -> None:
        Image.new("RGB", (40, 30), "red").save(self.folder / "images" / name)

    def refused(self, pattern: str, split: str = "all") -> None:
        with self.assertRaisesRegex(InputError, pattern):
            load_photos(self.folder, split)

    def csv(self, text: str) -> None:
        (self.folder / "captions.csv").write_text(text, encoding="utf-8")

    def test_a_picture_has_as_many_rows_as_captions(self) -> None:
        self.picture("a.png")
        self.csv('\ufeffimage,caption\na.png,"a red, plain thing"\na.png,red\n')
        self.assertEqual([photo.captions for photo in load_photos(self.folder, "all")], [("a red, plain thing", "red")])

    def test_a_broken_table_is_refused_by_its_line(self) -> None:
        self.csv("picture,caption\na.png,red\n")
        self.refused("columns image and caption .* got picture, caption")
        self.csv("image,caption\na.png,red\na.png\n")
        self.refused("line 3 .* no caption")
        self.csv('image,caption\na.png,"red\n')
        self.refused("CSV in UTF-8")

    def test_pictures_that_aren_t_there_are_named(self) -> None:
        self.picture("a.png")
        self.csv("image,caption\na.png,red\nb.png,blue\n")
        self.refused("1 of 2 aren't there, such as b.png")

    def test_too_few_pictures_to_cut_are_refused(self) -> None:
        self.picture("a.png")
        self.csv("image,caption\na.png,red\n")
        self.refused("at least 10", "train")

    def test_json_that_isn_t_coco_s_is_refused(self) -> None:
        (self.folder / "captions.json").write_text(json.dumps({"images": [{"id": 1}], "annotations": []}), encoding="utf-8")
        self.refused("COCO's caption format .*file_name")

    def test_a_file_that_is_no_picture_is_named(self) -> None:
        (self.folder / "images" / "a.png").write_text("text", encoding="utf-8")
        self.csv("image,caption\na.png,red\n")
        with self.assertRaisesRegex(InputError, "Expected a picture in .*a.png"):
            read_all_pixels(load_photos(self.folder, "all"))

    def test_a_stage_ends_with_a_line_and_exit_code_2(self) -> None:
        errors = io.StringIO()
        with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(errors):
            run(lambda: print(load_photos(self.folder / "none", "all")))
        self.assertEqual((ended.exception.code, errors.getvalue().count("\n")), (2, 1))


class Coarse(unittest.TestCase):
    def test_a_coarse_picture_keeps_its_size_and_colours_and_loses_its_detail(self) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
        coarse = coarsen(noise)
        self.assertEqual(coarse.shape, noise.shape)
        self.assertLess(coarse.std(), noise.std() * 0.8)
        self.assertAlmostEqual(float(coarse.mean()), float(noise.mean()), delta=2)


if __name__ == "__main__":
    unittest.main()
