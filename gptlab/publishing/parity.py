"""Whether `transformers` reads a model's folder as gptlab does: scores, text, ids, the template."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gptlab.publishing import HubError
from gptlab.publishing.folder import Checkpoint, find, load
from gptlab.publishing.tokenizer_files import is_chat
from gptlab.publishing.upload import missing_package

__all__ = ["TOLERANCE", "Parity", "compare"]

TOLERANCE = 1e-4  # between two scores
RELATIVE = 1e-5  # the same, for scores over 10
LENGTH = 32  # new tokens of a text
TEXTS = (
    "Hello! What is 7 + 5?", "  two  spaces\n\nand lines\t", "I'll say it's DON'T", "naïve café ß",
    "漢字 и кириллица", "\N{GRINNING FACE}\N{THUMBS UP SIGN}\u200d!", "<|end|> and <|user|>",
    "x\x00\x1c\x85\u2003y", "", "1234567890 ½ ٣",
)  # fmt: skip


@dataclass(frozen=True)
class Parity:
    """What was compared, and what was found."""

    difference: float  # the largest between two scores
    largest: float  # of the scores: their rounding grows with it
    scores: int  # how many were compared
    texts: int  # the same likeliest text after so many starts
    other_text: list[str]  # the starts after which it is another
    other_ids: list[str]  # the texts that have other ids
    template: bool | None  # the same prompt of a conversation; None: no chat model

    @property
    def holds(self) -> bool:
        """Is it the same model?"""
        same = not self.other_text and not self.other_ids and self.template is not False
        return same and self.difference <= self.tolerance

    @property
    def tolerance(self) -> float:
        """How far apart two scores may be."""
        return max(TOLERANCE, RELATIVE * self.largest)


def compare(folder: str | Path) -> Parity:
    """Both readings of a folder side by side, on the processor. Raises HubError."""
    folder = find(folder)
    ours = load(folder)
    with _quiet():
        return _compared(ours, *_transformers(folder))


def _compared(ours: Checkpoint, theirs: Any, tokenizer: Any) -> Parity:
    """Ours and theirs, on the same ids and texts."""
    ids = _random_ids(ours)
    with torch.no_grad():
        logits = theirs(ids, attention_mask=torch.ones_like(ids)).logits
        difference = (ours.model(ids, ids)[0] - logits).abs().max().item()
    starts = list(ids[:, : min(16, (ids.shape[1] + 1) // 2)])
    other_text = [ours.tokenizer.decode(start.tolist()) for start in starts
                  if not _same_text(ours, theirs, start)]  # fmt: skip
    other_ids = [text for text in TEXTS
                 if tokenizer(text, split_special_tokens=True)["input_ids"]
                 != ours.tokenizer.encode_ordinary(text)]  # fmt: skip
    return Parity(difference, logits.abs().max().item(), logits.numel(), len(starts), other_text,
                  other_ids, _template(ours, tokenizer))  # fmt: skip


def _transformers(folder: Path) -> tuple[Any, Any]:
    """The model and the tokenizer as transformers has them, without a network."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
        return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # it raises many kinds
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise HubError(f"transformers cannot read {folder}: {first}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without its bars and its warnings, as of random ids that begin with the end."""
    try:
        from transformers import logging
    except ImportError as error:
        raise missing_package("transformers", "--check") from error
    bars, told = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(told)
        if bars:
            logging.enable_progress_bar()


def _random_ids(ours: Checkpoint) -> torch.Tensor:
    """(4, T), T as long as the context, 256 at most."""
    generator = torch.Generator().manual_seed(1337)
    length = min(ours.config.block_size, 256)
    return torch.randint(ours.config.vocab_size, (4, length), generator=generator)


def _same_text(ours: Checkpoint, theirs: Any, start: torch.Tensor) -> bool:
    """Is the likeliest text after these ids, (T,), the same?"""
    new = min(LENGTH, ours.config.block_size - len(start))
    found = ours.model.generate(start[None], new, top_k=1)
    expected = theirs.generate(start[None], attention_mask=torch.ones_like(start[None]),
                               max_new_tokens=new, do_sample=False, eos_token_id=None)  # fmt: skip
    return torch.equal(found, expected)


def _template(ours: Checkpoint, tokenizer: Any) -> bool | None:
    """Is the prompt of a conversation the same?"""
    if not is_chat(ours.tokenizer):
        return None
    from gptlab import conversations  # late: it is what lab12 asks for

    talk = [{"role": role, "content": text} for role, text in (
        ("user", " Hi  there\n"), ("assistant", "Hello!"), ("user", "1 + 1?"))]  # fmt: skip
    found = tokenizer.apply_chat_template(talk, add_generation_prompt=True, return_dict=True)
    return found["input_ids"] == conversations.prompt(talk, ours.tokenizer)
