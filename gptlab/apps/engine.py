"""What the page computes: weights with their tokenizer, tokens one by one, attention."""

from __future__ import annotations

import codecs
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gptlab import numpy_gpt, tiny, tokenizers
from gptlab import weights as stored
from gptlab.apps.student import CodeError, Student

__all__ = [
    "TINY",
    "WEIGHTS",
    "Model",
    "Run",
    "Step",
    "attention_of_last",
    "generate",
    "load",
    "steps",
]

WEIGHTS = "gpt2_weights.npz"  # the file that the page looks for
TINY = "tiny"  # in the place of a file's name: the GPT-2 that comes with gptlab
BEST = 5
LONG = 16  # characters of a token that are shown


@dataclass
class Model:
    """Weights, and the tokenizer that belongs to them."""

    name: str
    params: Mapping[str, Any]
    n_head: int
    tokenizer: tokenizers.RegexTokenizer
    notes: list[str] = field(default_factory=list)  # what was warned of while reading

    def __post_init__(self) -> None:
        self._bytes = dict(self.tokenizer.vocab)
        for text, token in self.tokenizer.special_tokens.items():
            self._bytes[token] = text.encode()
        for value in stored.by_place(self.params).values():
            value.flags.writeable = False  # one copy serves every visitor

    @property
    def context(self) -> int:
        """How many tokens it can read at once."""
        return len(self.params["wpe"])

    def encode(self, text: str) -> list[int]:
        """The ids of a prompt; of an empty one <|endoftext|>, which all texts begin after."""
        ids = self.tokenizer.encode(text, disallowed_special=())
        return ids or [self.tokenizer.special_tokens["<|endoftext|>"]]

    def text(self, ids: Sequence[int], final: bool) -> str:
        """All ids in one go. A character whose last bytes are still to come waits, unless final."""
        whole = b"".join(self._bytes.get(token, b"") for token in ids)
        return codecs.getincrementaldecoder("utf-8")("replace").decode(whole, final)

    def token(self, token: int) -> str:
        """One token, made visible: a space as ␣, half a character as its bytes."""
        raw = self._bytes.get(token, b"?")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return " ".join(f"{byte:02x}" for byte in raw)
        text = text.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥")
        return text if len(text) <= LONG else text[: LONG - 1] + "…"


def load(which: str, *, allow_pickle: bool = False, n_head: int | None = None) -> Model:
    """TINY, or a file. Raises gptlab.weights.WeightsError, gptlab.data.DataError, OSError."""
    if which == TINY:
        params, heads = tiny.params(), tiny.hparams()["n_head"]
        return Model("the tiny GPT-2", params, heads, tiny.tokenizer())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        params, heads = stored.load(which, allow_pickle=allow_pickle, n_head=n_head)
    vocab = stored.sizes(params)["vocab_size"]
    if vocab == tiny.hparams()["n_vocab"]:
        tokenizer = tiny.tokenizer()
    elif vocab == 50257:
        tokenizer = tokenizers.gpt2()
    else:
        raise stored.WeightsError(
            f"{which} has a vocabulary of {vocab:,} ids. There is a tokenizer for 50,257 (GPT-2's) "
            f"and for {tiny.hparams()['n_vocab']} (the tiny one's)."
        )
    return Model(Path(which).name, params, heads, tokenizer, [str(one.message) for one in caught])


@dataclass(frozen=True)
class Step:
    """One token: what was read for it, what was likeliest, what came out."""

    read: range  # of the ids, those that the model read
    best: list[tuple[int, float]]  # ids with probabilities, the likeliest first
    token: int  # what was taken: the likeliest


@dataclass
class Run:
    """One press of the button, as far as it got."""

    prompt: str
    asked: int
    code: str
    model: Model
    prompt_ids: list[int]
    number: int = 0
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    error: CodeError | None = None
    attention: np.ndarray | None = None  # (n_layer, n_head, T), of the last step

    @property
    def ids(self) -> list[int]:
        """Of the prompt, and of what came."""
        return self.prompt_ids + [step.token for step in self.steps]

    @property
    def done(self) -> bool:
        return len(self.steps) == self.asked

    def written(self) -> str:
        """What came after the prompt, up to now."""
        return self.model.text([step.token for step in self.steps], final=self.done)

    def speed(self) -> float | None:
        """Tokens a second, the reading of the prompt included."""
        return len(self.steps) / self.seconds if self.steps and self.seconds else None


def steps(model: Model, ids: Sequence[int], count: int, student: Student | None) -> Iterator[Step]:
    """`count` times the likeliest next token, by the student's gpt2 or else the library's.

    Where the positions end, both read on from the last half of them. Raises CodeError.
    """
    ids, half = list(ids), model.context // 2
    start = max(0, len(ids) - model.context)
    stream = None
    if student is None:
        stream = numpy_gpt.stream(ids, model.params, model.n_head, count)
    for _ in range(count):
        if len(ids) - start > model.context:
            start = len(ids) - half
        if student is None:
            token, scores = next(stream)
            best = numpy_gpt.likeliest(scores, BEST)
        else:
            scores = student.scores(ids[start:], model.params, model.n_head)
            best, token = student.likeliest(scores, BEST), int(scores.argmax())
        yield Step(range(start, len(ids)), best, token)
        ids.append(token)


def generate(run: Run, student: Student | None) -> Iterator[Step]:
    """Fill a run, step by step, with the time that the computing alone took."""
    making = steps(run.model, run.prompt_ids, run.asked, student)
    while True:
        began = time.perf_counter()
        try:
            step = next(making)
        except StopIteration:
            return
        except CodeError as error:
            run.error = error
            return
        run.seconds += time.perf_counter() - began
        run.steps.append(step)
        yield step


def attention_of_last(params: Mapping[str, Any], n_head: int, ids: Sequence[int]) -> np.ndarray:
    """Where the last of the ids looks, in every layer and head: (n_layer, n_head, T).

    By the parts of gptlab.numpy_gpt, whichever code wrote the text. Each row adds up to 1.
    """
    x = params["wte"][np.asarray(ids)] + params["wpe"][: len(ids)]  # (T, C)
    T, C = x.shape
    found = []
    for block in params["blocks"]:
        qkv = numpy_gpt.linear(
            numpy_gpt.layer_norm(x, **block["ln_1"]), **block["attn"]["c_attn"]
        ).reshape(T, 3, n_head, C // n_head)
        query, keys = qkv[-1, 0], qkv[:, 1]  # (n_head, hs), (T, n_head, hs)
        scores = np.einsum("hd,thd->ht", query, keys) / float(np.sqrt(C // n_head))
        found.append(numpy_gpt.softmax(scores))  # the last one sees all: no mask
        x = numpy_gpt.transformer_block(x, **block, n_head=n_head)
    return np.stack(found)
