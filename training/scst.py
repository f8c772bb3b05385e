"""CIDEr-D optimisation, `python -m training.scst`: self-critical sequence training (Rennie et al. 2017).

The baseline of a sample is the mean reward of the photo's other samples (Luo 2020, "A better variant of self-critical
sequence training"). The policy is sharper than the model (`--temperature`): label smoothing leaves so much chance to odd
words that most plain samples would be nonsense, and beam search never draws them. Some cross-entropy stays in the loss, so that captions stay fluent.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .averaging import averaged
from .checkpoint import load_network, read_checkpoint, save_checkpoint
from .command import mixed, run
from .data import load_photos
from .decoder import MASKED, Captioner, State
from .evaluate import evaluate_features
from .features import FeatureSet, join
from .heldout import without_held_out
from .metrics import CiderD, Counts, Words, bleu_of
from .train import batches, captioned, encode_captions, rate, trim
from .vocabulary import BEGIN, END, PADDING, UNKNOWN, Vocabulary, tokenize

STOP = "<end>"  # Counted as a word in the reward: else captions learn to end in "in a".


@torch.no_grad()
def sample(model: Captioner, features: Tensor, states: State, count: int, temperature: float, longest: int = 20) -> Tensor:
    """`[N*count, T+1]`: begin, then sampled words up to the end token, then padding."""
    rows = len(features) * count
    states = tuple(state.repeat_interleave(count, 0) for state in states)
    words = torch.full((rows,), BEGIN, device=features.device)
    columns, running = [words], torch.ones(rows, dtype=torch.bool, device=features.device)
    for _ in range(longest):
        log_probabilities, states, _ = model.decoder.step(words, features, states)
        words = torch.multinomial(torch.softmax(log_probabilities / temperature, -1), 1)[:, 0]
        columns.append(torch.where(running, words, PADDING))
        running = running & (words != END)
        if not running.any():
            break
    # What was cast to bfloat16 in here has no gradient, and would be taken from the cache again where one is needed.
    torch.clear_autocast_cache()
    return torch.stack(columns, 1)


def reward_words(row: list[int], vocabulary: Vocabulary) -> list[str]:
    """The sampled words, the end token included where it was drawn."""
    ids = [index for index in row[1:] if index != PADDING]
    return [STOP if index == END else vocabulary.words[index] for index in ids]


class Reward:
    """CIDEr-D of a caption and, `share` of it, the mean of its BLEU-1…4, against the references `texts` of each photo."""

    def __init__(self, texts: Sequence[Sequence[Words]], share: float) -> None:
        self.cider, self.share = CiderD(texts), share
        self.counts = [Counts(group) for group in texts]

    def __call__(self, photo: int, words: Words) -> float:
        reward = self.cider.score(photo, words)
        return reward + self.share * sum(bleu_of([words], [self.counts[photo]])) / 4 if self.share else reward


def policy_loss(model: Captioner, features: Tensor, states: State, words: Tensor, rewards: Tensor, count: int, temperature: float) -> Tensor:
    """REINFORCE with the leave-one-out baseline. rewards `[N*count]`."""
    grouped = rewards.view(-1, count)
    advantage = (grouped - (grouped.sum(1, keepdim=True) - grouped) / (count - 1)).view(-1)
    states = tuple(state.repeat_interleave(count, 0) for state in states)
    before, targets = words[:, :-1], words[:, 1:]
    out, _, _ = model.decoder(before, features, states)
    real = targets != PADDING
    scores = model.decoder.token_scores(out, before, states, real).float()
    mask = torch.zeros(scores.shape[-1], device=scores.device)
    mask[[PADDING, BEGIN, UNKNOWN]] = MASKED
    surprise = functional.cross_entropy((scores + mask) / temperature, targets[real], reduction="none")
    weight = advantage[:, None].expand_as(targets)[real]
    return (surprise * weight).mean()


def hold(model: Captioner) -> None:
    """What rewards alone don't teach well from few photos stays as it is; words learn as inputs, not as outputs."""
    for name, weight in model.decoder.named_parameters():
        if not name.startswith(("embedding.", "normalise.")):
            weight.requires_grad_(False)
    model.decoder.output_learns = False


def optimise(arguments: argparse.Namespace) -> None:
    torch.manual_seed(arguments.seed)
    photos, dev = load_photos(arguments.data, "train"), load_photos(arguments.data, "dev")
    if arguments.without_held_out:
        photos = without_held_out(photos)
    network, vocabulary = load_network(arguments.start)
    network.to(arguments.device, memory_format=torch.channels_last)
    network.encoder.requires_grad_(False)
    if not arguments.whole:
        hold(network.captioner)
    count = len(photos)
    photos += load_photos(arguments.extra, "all") if arguments.extra else []
    words = encode_captions(photos, vocabulary)
    captions = (words != 0).any(-1).sum(-1)
    reward = Reward([[[*tokenize(text), STOP] for text in photo.captions] for photo in photos], arguments.bleu)
    dev_features = np.load(arguments.features / "dev.npy")
    plain = FeatureSet(arguments.features, "train", arguments.logits, arguments.device)
    extra = FeatureSet(arguments.features, "extra", arguments.logits, arguments.device) if arguments.extra else plain
    captioner = network.captioner
    optimizer = torch.optim.AdamW([weight for weight in captioner.parameters() if weight.requires_grad], lr=arguments.rate, weight_decay=0.01)
    average = averaged(captioner, arguments.average)
    file, first = arguments.out / "last.pt", 0
    if file.exists():
        saved = read_checkpoint(file)
        network.load_state_dict(saved["network"])
        average.module.load_state_dict({k.removeprefix("captioner."): v for k, v in saved["average"].items() if k.startswith("captioner.")})
        average.n_averaged.fill_(1)
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["epoch"]
    own, others = captioned(words, count)
    steps = len(own) // arguments.batch
    for epoch in range(first, arguments.epochs):
        captioner.train()
        started, total, smooth = time.monotonic(), 0.0, 0.0
        for step, indices in enumerate(batches(own, arguments.batch, arguments.seed * 1000 + epoch, others, arguments.extra_batch)):
            for group in optimizer.param_groups:
                group["lr"] = arguments.rate * rate((epoch * steps + step) / (arguments.epochs * steps))
            seed = (arguments.seed * 1000 + epoch) * 100_000 + step
            torch.manual_seed(seed)
            with mixed(arguments.device):
                drawn = plain.draw(indices[: arguments.batch], seed), extra.draw(indices[arguments.batch :] - count, seed)
                seen, logits = join(*drawn)
                features, states = captioner.projector(seen, logits)
                rows = sample(captioner, features, states, arguments.samples, arguments.temperature)
                owners = [index for index in indices.tolist() for _ in range(arguments.samples)]
                rewards = torch.tensor([reward(owner, reward_words(row, vocabulary)) for owner, row in zip(owners, rows.tolist())]).to(arguments.device)
                loss = policy_loss(captioner, features, states, rows, rewards, arguments.samples, arguments.temperature)
                # One caption a photo is enough to hold the language.
                chosen = words[indices, step % captions[indices]]
                cross = captioner.loss(seen, trim(chosen[:, None], arguments.device), 0.1, logits)
            optimizer.zero_grad(set_to_none=True)
            (loss + arguments.cross_entropy * cross).backward()
            torch.nn.utils.clip_grad_norm_(captioner.parameters(), 5.0)
            optimizer.step()
            average.update_parameters(captioner)
            total, smooth = total + rewards[: arguments.batch * arguments.samples].mean().item(), smooth + cross.item()
            if step % 20 == 0:
                print(f"epoch {epoch + 1}/{arguments.epochs} step {step}/{steps} reward {total / (step + 1):.3f} cross-entropy {smooth / (step + 1):.3f} {time.monotonic() - started:.0f} s", flush=True)
        record: dict[str, float] = {"epoch": epoch + 1, "reward": total / steps, "crossEntropy": smooth / steps, "seconds": round(time.monotonic() - started)}
        if (epoch + 1) % arguments.evaluate_every == 0 or epoch + 1 == arguments.epochs:
            average.module.eval()
            scores, _ = evaluate_features(average.module, dev_features, dev, vocabulary)
            record |= {f"dev_{name}": round(value, 4) for name, value in scores.items()}
        save_checkpoint(file, {
            "options": captioner.options.to_dict(), "words": vocabulary.words, "epoch": epoch + 1,
            "network": network.state_dict(), "optimizer": optimizer.state_dict(),
            "average": network.state_dict() | {f"captioner.{k}": v for k, v in average.module.state_dict().items()},
        })
        with (arguments.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
        print(json.dumps(record), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="checkpoint of cross-entropy training")
    parser.add_argument("--features", type=Path, required=True, help="folder that training.features wrote with this checkpoint")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--logits", type=Path, help="folder of training.wordtrain, for a network with class words")
    parser.add_argument("--extra", type=Path, help="folder of more captioned pictures; their features are extra.npy")
    parser.add_argument("--extra-batch", type=int, default=8)
    parser.add_argument("--without-held-out", action="store_true", help="leave out captions that name a noun of training.heldout")
    parser.add_argument("--whole", action="store_true", help="train every weight of the decoder")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--temperature", type=float, default=0.6, help="of the policy that samples; 1 is the model itself")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--cross-entropy", type=float, default=0.1, help="weight of cross-entropy beside the reward")
    parser.add_argument("--bleu", type=float, default=0.5, help="weight of the mean of BLEU-1…4 in the reward")
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--evaluate-every", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    optimise(parser.parse_args())


if __name__ == "__main__":
    run(main)
