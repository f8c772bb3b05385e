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
from .wordhead import Evidence

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
MASKED = -1e4
DISAGREE = 6.0  # How much less likely a word is behind the wrong article.


@dataclass(frozen=True)
class DecoderOptions:
    """Sizes and regularisation of a decoder."""

    vocabulary: int
    cell: str = "lstm"
    features: int = 512
    hidden: int = 512
    embedding: int = 384
    heads: int = 4
    class_words: int = 0
    kinds: int = 0
    adapter: int = 0
    feature_dropout: float = 0.3
    word_dropout: float = 0.3
    output_dropout: float = 0.3

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


State = tuple[Tensor, ...]


class Adapter(nn.Module):
    """What the projection of regions `[N,R,1280]` lacks where pictures are soft, `[N,R,D]`: a residual adapter (Rebuffi et al. 2017)
    of low rank that sees each region and the mean of all, behind a gate that the mean opens, so that nothing changes where a picture is sharp.
    It adds nothing until `training.adapt` has taught it."""

    def __init__(self, rank: int, features: int) -> None:
        super().__init__()
        self.region = nn.Linear(CHANNELS, rank)
        self.whole = nn.Linear(CHANNELS, rank, bias=False)
        self.output = nn.Linear(rank, features)
        self.gate = nn.Linear(CHANNELS, 1)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, regions: Tensor) -> Tensor:
        mean = regions.mean(1, keepdim=True)
        return self.gate(mean).clamp(0, 1) * self.output(torch.relu(self.region(regions) + self.whole(mean)))


class Projector(nn.Module):
    """Encoder regions `[N,R,1280]` to decoder features `[N,R,D]` and initial states, each `[N,S]`.

    Where there are class words, the evidence for each of them is one more state, the last.
    """

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        self.dropout = nn.Dropout(options.feature_dropout)
        self.project = nn.Linear(CHANNELS, options.features)
        self.adapter = Adapter(options.adapter, options.features) if options.adapter else None
        self.normalise = nn.LayerNorm(options.features)
        states = 2 if options.cell == "lstm" else 1
        self.states = nn.ModuleList(nn.Linear(options.features, options.hidden) for _ in range(states))
        self.evidence = Evidence(options.class_words, options.kinds) if options.class_words else None

    def view(self, regions: Tensor) -> Tensor:
        """The decoder's features, `[N,R,D]`."""
        projected = self.project(regions)
        return self.normalise((projected + self.adapter(regions) if self.adapter else projected).float())

    def forward(self, regions: Tensor, logits: Tensor | None = None) -> tuple[Tensor, State]:
        """`logits [N,K]` take the place of the word head's."""
        features = self.dropout(self.view(regions))
        mean = features.mean(1)
        states = tuple(torch.tanh(linear(mean)).float() for linear in self.states)
        return features, (*states, self.evidence(regions, logits)) if self.evidence else states


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
        self.output_learns = True  # Else the embedding learns as the cell's input alone.
        if options.class_words:
            # How far the evidence counts, word by word; which class word each vocabulary word is (the last: none).
            self.trust = nn.Linear(options.embedding, 1)
            # What is seen and not yet named, as one more input of the cell.
            self.sense = nn.Linear(options.class_words, options.embedding, bias=False)
            self.register_buffer("class_of", torch.full((options.vocabulary,), options.class_words))
            # 1 where the second word mustn't follow the first: rows for "a" and "an", whose ids are `articles`.
            self.register_buffer("articles", torch.full((2,), -1))
            self.register_buffer("wrong", torch.zeros(2, options.vocabulary))
        self.word_dropout = nn.Dropout(options.word_dropout)
        self.output_dropout = nn.Dropout(options.output_dropout)

    def forward(self, words: Tensor, features: Tensor, states: State) -> tuple[Tensor, State, Tensor]:
        """Runs a whole caption, or one step of it.

        words `[B,T]`, features `[N,R,D]` with B a multiple of N (captions of one photo beside each other),
        states `[B,S]` each. Returns the output layer's input `[B,T,E]`, the states and the attention `[B,T,R]`.
        The evidence for class words, where it is among the states, comes back without that for words already named.
        """
        left = None
        if self.options.class_words:
            left, states = self.unnamed(words, states[-1]), states[:-1]
        photos, regions, size = features.shape
        captions = len(words) // photos
        heads = self.options.heads
        context = self.context(features.mean(1)).repeat_interleave(captions, 0)
        inputs = self.embedding(words) * self.scale + context[:, None]
        inputs = self.word_dropout(inputs if left is None else inputs + self.sense(left))
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
        out = functional.gelu(self.normalise(self.output(joined).float()))
        return self.output_dropout(out), (*(state[0] for state in after), *(() if left is None else (left[:, -1],))), attention

    def unnamed(self, words: Tensor, evidence: Tensor) -> Tensor:
        """Evidence `[B,K]` as it is after each word of `words [B,T]`, `[B,T,K]`: a word that has been named needs none."""
        said = functional.one_hot(self.class_of[words], self.options.class_words + 1)[..., :-1].cumsum(1)
        return evidence[:, None] * (said == 0)

    def scores(self, out: Tensor, words: Tensor, evidence: Tensor | None) -> Tensor:
        """Unnormalised scores `[M,V]` of outputs `[M,E]`; the embedding is the output layer too.

        `words [M]` are the words before. With class words each rises and falls with its `evidence [M,K]`.
        """
        weight = self.embedding.weight if self.output_learns else self.embedding.weight.detach()
        scores = functional.linear(out, weight, self.bias)
        if evidence is None:
            return scores
        evidence = functional.pad(evidence, (0, 1)).index_select(1, self.class_of)
        article = (words[:, None] == self.articles).to(scores.dtype)
        return scores + functional.softplus(self.trust(out)) * evidence - DISAGREE * (article @ self.wrong.to(scores.dtype))

    def token_scores(self, out: Tensor, words: Tensor, states: State, real: Tensor) -> Tensor:
        """Scores `[M,V]` of the tokens that are `real [B,T]`, of outputs `[B,T,E]`, the words before and the first states."""
        evidence = self.unnamed(words, states[-1])[real] if self.options.class_words else None
        return self.scores(out[real], words[real], evidence)

    def step(self, words: Tensor, features: Tensor, states: State) -> tuple[Tensor, State, Tensor]:
        """One word for each row: words `[B]`, features `[B,R,D]` to log-probabilities `[B,V]`, states, attention `[B,R]`."""
        out, states, attention = self(words[:, None], features, states)
        scores = self.scores(out[:, 0], words, states[-1] if self.options.class_words else None).float()
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

    def foretell(self, regions: Tensor, words: Tensor, logits: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scores `[M,V]` of every token to come and the tokens `[M]`. regions `[N,R,1280]`, words `[N,C,T]` from begin to end, padded."""
        features, states = self.projector(regions, logits)
        rows = words.flatten(0, 1)
        states = tuple(state.repeat_interleave(words.shape[1], 0) for state in states)
        before, targets = rows[:, :-1], rows[:, 1:]
        out, _, _ = self.decoder(before, features, states)
        real = targets != PADDING
        return self.decoder.token_scores(out, before, states, real).float(), targets[real]

    def loss(self, regions: Tensor, words: Tensor, smoothing: float, logits: Tensor | None = None) -> Tensor:
        """Mean cross-entropy per token."""
        scores, targets = self.foretell(regions, words, logits)
        return functional.cross_entropy(scores, targets, label_smoothing=smoothing)
