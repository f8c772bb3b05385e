"""Cross-entropy training: `python -m training.train`, on precomputed features or, with `--end-to-end`, on pictures."""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .augment import augment
from .averaging import averaged
from .checkpoint import Network, extend_vocabulary, load_encoder, load_network, replace_cell, resume, save_checkpoint
from .command import InputError, mixed, run
from .data import Photo, load_photos, read_all_pixels
from .decoder import CELLS, DecoderOptions
from .distil import ClassTeacher, Ensemble
from .encoder import regions
from .evaluate import evaluate_features
from .features import FeatureSet, compute_features, join
from .heldout import without_held_out
from .vocabulary import Vocabulary

LONGEST = 22


def encode_captions(photos: list[Photo], vocabulary: Vocabulary, longest: int = LONGEST) -> np.ndarray:
    """`[N,C,longest+2]` int64; rows that a photo has no caption for are padding."""
    most = max(len(photo.captions) for photo in photos)
    words = np.zeros((len(photos), most, longest + 2), np.int64)
    for row, photo in zip(words, photos):
        for column, caption in zip(row, photo.captions):
            column[:] = vocabulary.encode(caption, longest)
    return words


def batches(own: np.ndarray, size: int, seed: int, extra: np.ndarray, extra_size: int = 0) -> Iterator[np.ndarray]:
    """Index sets of one epoch in an order that the seed fixes.

    Each has `size` of the photos `own`, every one of them once, and behind them `extra_size` drawn of the photos `extra`.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(own)
    for start in range(0, len(own) - size + 1, size):
        drawn = random.choice(extra, extra_size) if len(extra) else []
        yield np.concatenate([order[start : start + size], drawn]).astype(np.int64)


def feature_loss(network: Network, vocabulary: Vocabulary, count: int, words: np.ndarray, arguments: argparse.Namespace) -> Callable[[np.ndarray, int], Tensor]:
    """The loss of a batch on features; photos from `count` on are those of `--extra`."""
    plain = FeatureSet(arguments.features, "train", arguments.logits, arguments.device)
    extra = FeatureSet(arguments.features, "extra", arguments.logits, arguments.device) if arguments.extra else plain
    ensemble = Ensemble(arguments.teachers, vocabulary, arguments.device) if arguments.teachers else None

    def loss(indices: np.ndarray, seed: int) -> Tensor:
        with mixed(arguments.device):
            own = indices < count
            seen, logits = join(plain.draw(indices[own], seed), extra.draw(indices[~own] - count, seed))
            chosen = trim(words[indices], arguments.device)
            scores, targets = network.captioner.foretell(seen, chosen, logits)
            own_loss = functional.cross_entropy(scores, targets, label_smoothing=arguments.smoothing)
            if ensemble is None:
                return own_loss
            taught = functional.cross_entropy(scores, ensemble.chances(seen, chosen, logits))
            return (1 - arguments.taught) * own_loss + arguments.taught * taught

    return loss


def captioned(words: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of the first `count` photos have captions, and which of those behind."""
    real = np.flatnonzero((words != 0).any((1, 2)))
    return real[real < count], real[real >= count]


def picture_loss(network: Network, pixels: np.ndarray, words: np.ndarray, arguments: argparse.Namespace) -> Callable[[np.ndarray, int], Tensor]:
    """The loss of a batch of augmented pictures, encoder included."""

    teacher = ClassTeacher(arguments.encoder, arguments.classifier, arguments.device) if arguments.classifier else None

    def loss(indices: np.ndarray, seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        images = augment(pixels[indices], generator, device=arguments.device)
        with torch.autocast(torch.device(arguments.device).type, torch.bfloat16):
            with torch.no_grad():
                low = network.encoder.blocks[: arguments.frozen](images)
            feature_map = network.encoder.blocks[arguments.frozen :](low)
            loss = network.captioner.loss(regions(feature_map), trim(words[indices], arguments.device), arguments.smoothing)
            return loss + arguments.distil * teacher.loss(low, feature_map, arguments.frozen) if teacher else loss

    return loss


def trim(words: np.ndarray, device: str) -> Tensor:
    """Drops the columns that are padding in the whole batch."""
    return torch.from_numpy(words[:, :, : int((words != 0).sum(-1).max())]).to(device)


def rate(progress: float, warm: float = 0.15) -> float:
    """One-cycle: a cosine up over the first `warm` of training, a cosine down to 1/100 after."""
    if progress < warm:
        return 0.04 + 0.96 * (0.5 - 0.5 * math.cos(math.pi * progress / warm))
    return 0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * (progress - warm) / (1 - warm)))


def train(arguments: argparse.Namespace) -> None:
    if arguments.teachers and arguments.end_to_end:
        raise InputError("Expected --teachers without --end-to-end: they foretell words from features")
    torch.manual_seed(arguments.seed)
    photos, dev = load_photos(arguments.data, "train"), load_photos(arguments.data, "dev")
    if arguments.without_held_out:
        photos = without_held_out(photos)
    if arguments.start:
        network, vocabulary = load_network(arguments.start)
        if arguments.cell not in (None, network.captioner.options.cell):
            replace_cell(network, arguments.cell)
    else:
        vocabulary = Vocabulary.build(caption for photo in photos for caption in photo.captions)
        network = Network(DecoderOptions(vocabulary=len(vocabulary), cell=arguments.cell or "lstm"))
        network.encoder = load_encoder(arguments.encoder)
    count = len(photos)
    if arguments.extra:
        photos += load_photos(arguments.extra, "all")
        extend_vocabulary(network, vocabulary, [caption for photo in photos for caption in photo.captions])
    network.to(arguments.device, memory_format=torch.channels_last)
    words = encode_captions(photos, vocabulary)
    if arguments.end_to_end:
        pixels, dev_pixels = read_all_pixels(photos), read_all_pixels(dev)
        batch_loss = picture_loss(network, pixels, words, arguments)
        groups = [
            {"params": network.encoder.parameters(), "peak": arguments.rate * arguments.encoder_rate, "weight_decay": 1e-4},
            {"params": network.captioner.parameters(), "peak": arguments.rate, "weight_decay": arguments.decay},
        ]
    else:
        dev_features = np.load(arguments.features / "dev.npy")
        batch_loss = feature_loss(network, vocabulary, count, words, arguments)
        network.encoder.requires_grad_(False)
        groups = [{"params": network.captioner.parameters(), "peak": arguments.rate, "weight_decay": arguments.decay}]
    optimizer = torch.optim.AdamW(groups, lr=arguments.rate, betas=(0.9, 0.98))
    average = averaged(network, arguments.average)
    file = arguments.out / "last.pt"
    first = resume(file, network, average, optimizer)
    own, others = captioned(words, count)
    steps = len(own) // arguments.batch
    for epoch in range(first, arguments.epochs):
        network.train()
        started, total = time.monotonic(), 0.0
        for step, indices in enumerate(batches(own, arguments.batch, arguments.seed * 1000 + epoch, others, arguments.extra_batch)):
            progress = (epoch * steps + step) / (arguments.epochs * steps)
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate(progress)
            loss = batch_loss(indices, (arguments.seed * 1000 + epoch) * 100_000 + step)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            average.update_parameters(network)
            total += loss.item()
            if step % 20 == 0:
                print(f"epoch {epoch + 1}/{arguments.epochs} step {step}/{steps} loss {total / (step + 1):.3f} {time.monotonic() - started:.0f} s", flush=True)
        record: dict[str, float] = {"epoch": epoch + 1, "loss": total / steps, "seconds": round(time.monotonic() - started)}
        if arguments.end_to_end and ((epoch + 1) % arguments.evaluate_every == 0 or epoch + 1 == arguments.epochs):
            dev_features = compute_features(average.module.encoder, dev_pixels)
        if (epoch + 1) % arguments.evaluate_every == 0 or epoch + 1 == arguments.epochs:
            average.module.eval()
            scores, _ = evaluate_features(average.module.captioner, dev_features, dev, vocabulary)
            record |= {f"dev_{name}": round(value, 4) for name, value in scores.items()}
        save_checkpoint(file, {
            "options": network.captioner.options.to_dict(), "words": vocabulary.words, "epoch": epoch + 1,
            "network": network.state_dict(), "average": average.module.state_dict(), "optimizer": optimizer.state_dict(),
        })
        with (arguments.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
        print(json.dumps(record), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and log; a run found there goes on")
    parser.add_argument("--encoder", type=Path, help="npz of the folded start weights, or a checkpoint whose encoder to take")
    parser.add_argument("--features", type=Path, help="folder that training.features wrote")
    parser.add_argument("--logits", type=Path, help="folder of training.wordtrain, for a network with class words")
    parser.add_argument("--start", type=Path, help="checkpoint to start from instead of new weights")
    parser.add_argument("--classifier", type=Path, help="npz of the start weights' classifier: keep what it knows (end to end)")
    parser.add_argument("--distil", type=float, default=0.3, help="weight of the distillation loss")
    parser.add_argument("--teachers", type=Path, nargs="+", help="checkpoints on the same features, whose mean to learn from (not end to end)")
    parser.add_argument("--taught", type=float, default=0.7, help="weight of what the teachers foretell; the captions have the rest")
    parser.add_argument("--end-to-end", action="store_true")
    parser.add_argument("--cell", choices=sorted(CELLS), help="lstm by default, or the cell of --start; another than that begins afresh in its place")
    parser.add_argument("--frozen", type=int, default=0, help="first blocks of the encoder (of 19) to leave as they are; 7 spare 40%% of the time")
    parser.add_argument("--extra", type=Path, help="folder of more captioned pictures, of another domain (end to end)")
    parser.add_argument("--extra-batch", type=int, default=8, help="pictures of --extra in each step")
    parser.add_argument("--without-held-out", action="store_true", help="leave out captions that name a noun of training.heldout")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=32, help="photos a step, each with all its captions")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--encoder-rate", type=float, default=0.1, help="the encoder's learning rate as a share of the decoder's")
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--average", type=float, default=0.995, help="decay of the exponential moving average of weights")
    parser.add_argument("--evaluate-every", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    train(parser.parse_args())


if __name__ == "__main__":
    run(main)
