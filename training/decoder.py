"""The caption decoder: a recurrent cell (`rnn`, `gru` or `lstm`) with attention over region features.

The attention follows the cell (Luong et al. 2015; Lu et al. 2017, "Knowing when to look"), so the cell runs over
a whole caption in one call while training. Features are keys and values at once: nothing is projected per step.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .encoder import CHANNELS
from .vocabulary import BEGIN, PADDING, UNKNOWN

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
MASKED = -1e4


@dataclass(frozen=True)
class DecoderOptions:
    """Sizes and regularisation of a decoder."""

    vocabulary: int
    cell: str = "lstm"
    features: int = 512
    hidden: int = 512
    embedding: int = 384
    heads: int = 4
    feature_dropout: float = 0.3
    word_dropout: float = 0.3
    output_dropout: float = 0.3

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


State = tuple[Tensor, ...]


class Projector(nn.Module):
    """Encoder regions `[N,R,1280]` to decoder features `[N,R,D]` and initial states, each `[N,S]`."""

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        self.dropout = nn.Dropout(options.feature_dropout)
        self.project = nn.Linear(CHANNELS, options.features)
        self.normalise = nn.LayerNorm(options.features)
        states = 2 if options.cell == "lstm" else 1
        self.states = nn.ModuleList(nn.Linear(options.features, options.hidden) for _ in range(states))

    def forward(self, regions: Tensor) -> tuple[Tensor, State]:
        features = self.dropout(self.normalise(self.project(regions)))
        mean = features.mean(1)
        return features, tuple(torch.tanh(linear(mean)) for linear in self.states)


class Decoder(nn.Module):
    """Words so far, states and features to the next word's scores."""

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        self.options = options
        self.embedding = nn.Embedding(options.vocabulary, options.embedding, padding_idx=PADDING)
        nn.init.normal_(self.embedding.weight, std=options.embedding**-0.5)
        # Tied weights are small for the output layer's sake; as inputs they must not drown in the context.
        self.scale = options.embedding**0.5
        self.context = nn.Linear(options.features, options.embedding)
        self.cell = CELLS[options.cell](options.embedding, options.hidden, batch_first=True)
        self.query = nn.Linear(options.hidden, options.features)
        self.output = nn.Linear(options.hidden + options.features, options.embedding)
        self.normalise = nn.LayerNorm(options.embedding)
        self.bias = nn.Parameter(torch.zeros(options.vocabulary))
        self.word_dropout = nn.Dropout(options.word_dropout)
        self.output_dropout = nn.Dropout(options.output_dropout)

    def forward(self, words: Tensor, features: Tensor, states: State) -> tuple[Tensor, State, Tensor]:
        """Runs a whole caption, or one step of it.

        words `[B,T]`, features `[N,R,D]` with B a multiple of N (captions of one photo beside each other),
        states `[B,S]` each. Returns the output layer's input `[B,T,E]`, the states and the attention `[B,T,R]`.
        """
        photos, regions, size = features.shape
        captions = len(words) // photos
        heads = self.options.heads
        context = self.context(features.mean(1)).repeat_interleave(captions, 0)
        inputs = self.word_dropout(self.embedding(words) * self.scale + context[:, None])
        packed = tuple(state[None].contiguous() for state in states)
        hidden, after = self.cell(inputs, packed if len(packed) > 1 else packed[0])
        after = after if isinstance(after, tuple) else (after,)

        steps = words.shape[1]
        query = self.query(hidden).view(photos, captions * steps, heads, size // heads).transpose(1, 2)
        keys = features.view(photos, regions, heads, size // heads).transpose(1, 2)
        weights = torch.softmax(query @ keys.transpose(2, 3) * (size // heads) ** -0.5, -1)
        seen = (weights @ keys).transpose(1, 2).reshape(len(words), steps, size)
        attention = weights.mean(1).view(len(words), steps, regions)
        joined = torch.cat([self.output_dropout(hidden), seen], -1)
        out = functional.gelu(self.normalise(self.output(joined)))
        return self.output_dropout(out), tuple(state[0] for state in after), attention

    def scores(self, out: Tensor) -> Tensor:
        """Unnormalised scores `[...,V]` of outputs `[...,E]`; the embedding is the output layer too."""
        return functional.linear(out, self.embedding.weight, self.bias)

    def step(self, words: Tensor, features: Tensor, states: State) -> tuple[Tensor, State, Tensor]:
        """One word for each row: words `[B]`, features `[B,R,D]` to log-probabilities `[B,V]`, states, attention `[B,R]`."""
        out, states, attention = self(words[:, None], features, states)
        scores = self.scores(out[:, 0]).float()
        mask = torch.zeros(scores.shape[-1], device=scores.device)
        mask[[PADDING, BEGIN, UNKNOWN]] = MASKED
        return torch.log_softmax(scores + mask, -1), states, attention[:, 0]


class Captioner(nn.Module):
    """Projector and decoder: everything that is trained on precomputed features."""

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        self.options = options
        self.projector = Projector(options)
        self.decoder = Decoder(options)

    def loss(self, regions: Tensor, words: Tensor, smoothing: float) -> Tensor:
        """Mean cross-entropy per token. regions `[N,R,1280]`, words `[N,C,T]` from begin to end, padded."""
        features, states = self.projector(regions)
        rows = words.flatten(0, 1)
        states = tuple(state.repeat_interleave(words.shape[1], 0) for state in states)
        out, _, _ = self.decoder(rows[:, :-1], features, states)
        targets = rows[:, 1:]
        real = targets != PADDING
        return functional.cross_entropy(self.decoder.scores(out[real]).float(), targets[real], label_smoothing=smoothing)
