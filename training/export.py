"""A checkpoint as a bundle: `python -m training.export`. What it measures is what the files hold, read back into PyTorch."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from .augment import coarsen
from .calibrate import Judged, calibrate, fit_foreign
from .card import Measured, measure, write_card
from .checkpoint import Network, load_network
from .command import run
from .data import load_csv, load_photos, read_all_pixels
from .encoder import MEAN, REGIONS, SIZE, STANDARD_DEVIATION
from .features import compute_features
from .graphs import STATES, write_decoder, write_encoder
from .kinds import class_photos, read_people
from .naming import FOREIGN_GAIN, LEAST_SUPPORT, SAY_FROM, make_naming, write_words
from .product import Product, open_product
from .pseudo import held_out_photos
from .things import KINDS, is_about
from .vocabulary import BEGIN, END, PADDING, UNKNOWN, Vocabulary, tokenize
from .wordcalibrate import read_calibration
from .words import read_class_words

START = "start weights of the encoder: MobileNetV2 of the ONNX model zoo, Apache-2.0. See NOTICE."
FLICKR8K = f"Weights: for research and education, as Flickr8k's terms ask; {START}"
OWN = f"Weights: as the terms of the pictures and captions that they were trained on permit; {START}"
NOTICE = Path(__file__).with_name("NOTICE.txt")
SEEN = Path(__file__).with_name("seen.csv")  # Held-out pictures of Visual7W, and which things are seen in them.


def is_flickr8k(data: Path) -> bool:
    return (data / "Flickr8k.token.txt").exists()


def name_of(data: Path) -> str:
    """What a bundle calls the pictures that it was trained on: Flickr8k, or their folder's name."""
    return "Flickr8k" if is_flickr8k(data) else data.resolve().name


def manifest(network: Network, vocabulary: Vocabulary, arguments: argparse.Namespace) -> dict[str, object]:
    """The bundle's manifest without files, scores and confidence."""
    options = network.captioner.options
    names = STATES[options.cell]
    # The evidence for class words goes through the decoder as one more state.
    sizes = [(name, options.hidden) for name in names] + ([("evidence", options.class_words)] if options.class_words else [])
    words = {"words": {"output": "words", "file": "words.json"}} if options.class_words else {}
    least = {"leastSupport": {"home": arguments.least_support[0], "foreign": arguments.least_support[1]}, "foreignGain": arguments.foreign_gain} if options.class_words else {}
    return {
        "schema": "framescribe/bundle@1",
        "name": arguments.name,
        "version": arguments.version,
        "licence": arguments.licence or (FLICKR8K if is_flickr8k(arguments.data) else OWN),
        "description": f"MobileNetV2 encoder and {options.cell.upper()} decoder with region attention, trained on {name_of(arguments.data)}",
        "cell": options.cell,
        "input": {
            "name": "image", "width": SIZE, "height": SIZE, "layout": "NCHW", "channels": "RGB", "resize": "squash",
            "mean": list(MEAN), "std": list(STANDARD_DEVIATION),
        },
        "encoder": {
            "file": "encoder.onnx", "features": "features", "regions": REGIONS, "grid": [7, 7],
            "featureSize": options.features, "states": [f"{name}0" for name, _ in sizes],
        },
        "decoder": {
            "file": "decoder.onnx", "word": "word", "features": "features",
            "states": [{"input": name, "output": f"{name}_next", "size": size} for name, size in sizes],
            "logProbabilities": "log_probabilities", "attention": "attention",
        },
        "vocabulary": {
            "file": "vocabulary.txt", "size": len(vocabulary),
            "padding": PADDING, "begin": BEGIN, "end": END, "unknown": UNKNOWN,
        },
        "decoding": {"beam": arguments.beam, "maxLength": arguments.longest, "lengthExponent": arguments.exponent} | least,
        **words,
    }


def tell_foreign(product: Product, dev: np.ndarray, arguments: argparse.Namespace) -> dict[str, object] | None:
    """By which class words pictures of another kind are told, where Visual7W's held-out pictures are at hand.

    With the start weights' classes their photos are of another kind too, but those of dogs and of people.
    """
    if product.calibration is None or not arguments.visual7w:
        return None
    coarse = coarsen(read_all_pixels(load_photos(arguments.data, "dev")))
    views = [coarse, read_all_pixels(held_out_photos(arguments.visual7w, arguments.skip))]
    if arguments.classes:
        people = read_people()
        photos = [photo for index, photo in enumerate(class_photos(arguments.classes, read_class_words())) if index % 5]
        views.append(read_all_pixels([photo for photo in photos if people.get(photo.path.name) == "no" and "dog" not in photo.captions[0].split()]))
    home, *elsewhere = (product.chances(compute_features(product.network.encoder, view)) for view in views)
    return fit_foreign(product.calibration.words, np.concatenate([product.chances(dev), home]), np.concatenate(elsewhere))


def confidence(product: Product, dev: Measured, arguments: argparse.Namespace) -> dict[str, object]:
    """The manifest's `confidence`, with Visual7W's pictures that were looked at, and a tenth of the classes' photos, where they are at hand."""
    if not product.foreign:
        return calibrate(product, dev)
    elsewhere = [measure(product, load_csv(SEEN, arguments.visual7w / "images"))]
    if arguments.classes:
        elsewhere.append(judged_classes(product, arguments.classes))
    return calibrate(product, dev, elsewhere, product.foreign)


def judged_classes(product: Product, folder: Path) -> Judged:
    """Captions of a tenth of the classes' photos, without dogs, of which it is known whether they are right.

    They are where the class is a thing of the list, and where a caption is about people and there are none.
    """
    photos = [photo for photo in class_photos(folder, read_class_words())[::10] if "dog" not in photo.captions[0].split()]
    people, judged = read_people(), measure(product, photos)
    rows = [
        row for row, (photo, caption) in enumerate(zip(photos, judged.captions))
        if photo.captions[0] != "nothing" or people.get(photo.path.name) == "no" and is_about(caption, "person")
    ]
    hypotheses, captions, references = ([values[row] for row in rows] for values in (judged.hypotheses, judged.captions, judged.references))
    return Judged(hypotheses, judged.chances[rows], captions, references)


def files(folder: Path) -> list[dict[str, object]]:
    """Name, bytes and SHA-256 of every file but the manifest."""
    return [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(folder.iterdir())
        if path.name != "bundle.json"
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="its dev split calibrates the confidence")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder; replaced whole")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--beam", type=int, default=3)
    parser.add_argument("--longest", type=int, default=20)
    parser.add_argument("--exponent", type=float, default=0.7)
    parser.add_argument("--encoder-int8", action="store_true")
    parser.add_argument("--words", type=Path, help="folder of training.wordtrain, for a network with class words")
    parser.add_argument("--say-from", type=float, default=SAY_FROM, help="chance from which captions name a class word")
    parser.add_argument(
        "--least-support", type=float, nargs=2, default=LEAST_SUPPORT, metavar=("HOME", "FOREIGN"),
        help="chance, by the class words, from which a caption may name a thing: on pictures like the captioned ones, and on others",
    )
    parser.add_argument("--foreign-gain", type=float, default=FOREIGN_GAIN, help="how far captions of other pictures are about what the class words see")
    parser.add_argument("--visual7w", type=Path, help="with class words: its held-out pictures calibrate the confidence too")
    parser.add_argument("--classes", type=Path, help="with --visual7w: folder of images/, one photo a class of the start weights, which do so too")
    parser.add_argument("--skip", type=Path, help="names of Visual7W pictures to leave out, one a line")
    parser.add_argument("--test", action="store_true", help="score the test split for the record; else dev")
    parser.add_argument("--licence", help="the bundle's; by default as Flickr8k's terms ask, or a sentence that leaves it to your pictures' terms")
    parser.add_argument("--recipe", default="Not told.", help="a sentence or two for the model card: the stages and their epochs")
    parser.add_argument("--notes", type=Path, help="Markdown for the end of the model card")
    parser.add_argument("--other", type=Path, help="folder of captioned pictures out of the domain, for the model card")
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)

    folder = arguments.out.with_name(f".{arguments.out.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    calibration = read_calibration(arguments.words / "calibration.json") if arguments.words else None
    write_encoder(network, folder / "encoder.onnx", arguments.encoder_int8, calibration)
    if calibration:
        counts = Counter(word for photo in load_photos(arguments.data, "train") for text in photo.captions for word in tokenize(text))
        kinds = KINDS if network.captioner.options.kinds else ()
        naming = make_naming(read_class_words(), vocabulary, counts, arguments.say_from, kinds=kinds)
        write_words(folder / "words.json", calibration, naming, vocabulary)
    write_decoder(network.captioner.decoder, folder / "decoder.onnx", int8=True)
    vocabulary.write(folder / "vocabulary.txt")
    start, flickr8k = NOTICE.read_text(encoding="utf-8").split("\n\n")
    (folder / "NOTICE").write_text(f"{start}\n\n{flickr8k}" if is_flickr8k(arguments.data) else f"{start}\n", encoding="utf-8")
    document = manifest(network, vocabulary, arguments)
    (folder / "bundle.json").write_text(json.dumps(document), encoding="utf-8")

    product = open_product(folder)
    regions = compute_features(product.network.encoder, read_all_pixels(load_photos(arguments.data, "dev")))
    product = replace(product, foreign=tell_foreign(product, regions, arguments))
    if calibration:
        product = replace(product, naming=product.naming.with_usual(product.chances(regions)))
        write_words(folder / "words.json", calibration, product.naming, vocabulary)
    dev = measure(product, load_photos(arguments.data, "dev"), regions)
    document["confidence"] = confidence(product, dev, arguments)
    name = name_of(arguments.data)
    rows = {f"{name} dev": dev}
    if arguments.test:
        rows[f"{name} test"] = measure(product, load_photos(arguments.data, "test"))
    if arguments.other:
        rows[f"{arguments.other.name} (out of domain)"] = measure(product, load_photos(arguments.other, "all"))
    split = "test" if arguments.test else "dev"
    record = rows[f"{name} {split}"]
    document["scores"] = {"dataset": f"{name.lower()} {split}"} | {key: round(value, 4) for key, value in record.scores.items()} | {
        "command": f"framescribe models eval {arguments.name} --images DIR --captions FILE"
    }
    for row, measured in rows.items():
        print(json.dumps({row: measured.scores}), flush=True)
    write_card(folder / "MODEL_CARD.md", document, product, rows, is_flickr8k(arguments.data), arguments.recipe, arguments.notes.read_text(encoding="utf-8") if arguments.notes else "")
    document["files"] = files(folder)
    (folder / "bundle.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if arguments.out.exists():
        os.rename(arguments.out, old := arguments.out.with_name(f".{arguments.out.name}.old"))
        os.rename(folder, arguments.out)
        shutil.rmtree(old)
    else:
        os.rename(folder, arguments.out)


if __name__ == "__main__":
    run(main)
