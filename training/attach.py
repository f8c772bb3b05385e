"""Gives a trained captioner its class words: `python -m training.attach`.

Class words that the captions never used are appended to the vocabulary. Such a word starts as a mixture of its siblings,
the more frequent the heavier, so that it comes where they would come; the evidence decides between them (the idea of
Hendricks et al. 2016, "Deep compositional captioning", and of Lu et al. 2018, "Neural baby talk").
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from .checkpoint import Network, load_network, read_checkpoint, save_checkpoint
from .command import run
from .data import load_photos
from .decoder import Captioner
from .naming import OFTEN
from .vocabulary import PADDING, UNKNOWN, Vocabulary, tokenize
from .words import ClassWord, forms_to_indices, plural, read_class_words

ALONE = 0.02  # A smaller share of a word's captions doesn't show that it takes an article.
SELDOM = 4  # Captions that name a word less often than this haven't taught it.


def attach(
    network: Network, vocabulary: Vocabulary, words: list[ClassWord], counts: Counter[str], pairs: Counter[tuple[str, str]], trust: float
) -> Network:
    """A copy of the network with an untrained word head; `counts` and `pairs` are the training captions' words.

    `trust`, above zero, is how far the evidence for a word raises its score.
    """
    old = network.captioner
    vocabulary.append([word.word for word in words if word.word not in vocabulary.ids])
    options = replace(old.options, vocabulary=len(vocabulary), class_words=len(words))
    fresh = Network(options)
    fresh.encoder.load_state_dict(network.encoder.state_dict())
    captioner = Captioner(options)
    kept, own = old.state_dict(), captioner.state_dict()
    for name, tensor in own.items():
        if name in kept:
            tensor[: len(kept[name])] = kept[name]
    embedding, bias = own["decoder.embedding.weight"], own["decoder.bias"]
    groups: dict[str, list[int]] = {}
    for word in words:
        for form in word.forms & vocabulary.ids.keys():
            if counts[form] >= SELDOM:
                groups.setdefault(word.group, []).append(vocabulary.ids[form])
    for word in words:
        for form in word.forms & vocabulary.ids.keys():
            siblings = groups.get(word.group, [])
            if counts[form] < SELDOM and siblings:
                share = torch.tensor([float(counts[vocabulary.words[index]]) for index in siblings])
                share /= share.sum()
                embedding[vocabulary.ids[form]] = share @ embedding[siblings]
                bias[vocabulary.ids[form]] = share @ bias[siblings]
    embedding[PADDING] = 0
    classes = forms_to_indices(words)
    own["decoder.class_of"] = torch.tensor([classes.get(word, [len(words)])[0] for word in vocabulary.words])
    own["decoder.articles"] = torch.tensor([vocabulary.ids.get("a", -1), vocabulary.ids.get("an", -1)])
    own["decoder.wrong"] = wrong_articles(vocabulary, counts, pairs)
    own["decoder.sense.weight"].zero_()
    own["decoder.trust.weight"].zero_()
    own["decoder.trust.bias"].fill_(math.log(math.expm1(trust)))  # Of which softplus makes the trust.
    captioner.load_state_dict(own)
    fresh.captioner = captioner
    return fresh


def wrong_articles(vocabulary: Vocabulary, counts: Counter[str], pairs: Counter[tuple[str, str]]) -> torch.Tensor:
    """`[2,V]`: 1 for the words that mustn't follow "a", and "an": as the captions have it, else as they are spelt.

    Words that captions know well and next to never have behind an article mustn't follow either, nor must plurals of class words.
    """
    rows = torch.zeros(2, len(vocabulary))
    plurals = {plural(form) for word in read_class_words() for form in word.forms if not form.endswith("s")}
    for index, word in enumerate(vocabulary.words[UNKNOWN + 1 :], UNKNOWN + 1):
        after_a, after_an = pairs["a", word], pairs["an", word]
        if after_a + after_an < ALONE * counts[word] if counts[word] >= OFTEN else word in plurals:
            rows[:, index] = 1
            continue
        takes_an = after_an > after_a if after_a + after_an else word[0] in "aeiou"
        rows[0 if takes_an else 1, index] = 1
    return rows


@torch.no_grad()
def set_head(network: Network, state: dict[str, torch.Tensor], regions: np.ndarray) -> None:
    """Puts a trained head in; the prior of each word is its mean chance on the given photos' regions `[N,49,1280]`."""
    evidence = network.captioner.projector.evidence
    evidence.head.load_state_dict(state, strict=False)  # What judges kinds is learned after it.
    evidence.eval()
    chances = torch.cat([
        torch.sigmoid(evidence.head(torch.from_numpy(regions[start : start + 200]).float())) for start in range(0, len(regions), 200)
    ])
    evidence.prior.copy_(torch.logit(chances.mean(0).clamp(min=1e-3)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--head", type=Path, required=True, help="what training.wordtrain wrote")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="folder with train.npy of the checkpoint's encoder")
    parser.add_argument("--trust", type=float, default=0.47, help="how far evidence for a word raises its score")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    network, vocabulary = load_network(arguments.checkpoint)
    if not network.captioner.options.class_words:  # Else it has learned with another head.
        texts = [tokenize(text) for photo in load_photos(arguments.data, "train") for text in photo.captions]
        counts = Counter(token for text in texts for token in text if token in vocabulary.ids)
        pairs = Counter(pair for text in texts for pair in zip(text, text[1:]))
        network = attach(network, vocabulary, read_class_words(), counts, pairs, arguments.trust)
    set_head(network, read_checkpoint(arguments.head), np.load(arguments.features / "train.npy", mmap_mode="r")[::3])
    content = {"options": network.captioner.options.to_dict(), "words": vocabulary.words, "epoch": 0}
    save_checkpoint(arguments.out, content | {"average": network.state_dict()})


if __name__ == "__main__":
    run(main)
