"""What `--debug` shows of a turn: template, ids and mask, and the likeliest tokens of a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

import torch
from torch import Tensor

from gptlab.conversations import Message, encode_with_mask, prompt

__all__ = ["Record"]

WIDTH = 90  # columns
BEST = 5  # tokens of a step


class Record:
    """What happened in one turn, to be shown when it is over: the answer itself streams meanwhile.

    Odds are those that were drawn from, temperature and top-k included.
    """

    def __init__(self, tokenizer: Any, temperature: float, top_k: int | None) -> None:
        self.tokenizer, self.temperature, self.top_k = tokenizer, temperature, top_k
        self.steps: list[tuple[int, float, list[tuple[int, float]]]] = []

    def watch(self, scores: Tensor, token: int) -> None:
        """Keep one step: the scores, (V,), and the token that was taken."""
        scores = scores / (self.temperature or 1.0)
        best = scores.topk(min(BEST, len(scores)))
        among = scores if self.top_k is None else scores.topk(min(self.top_k, len(scores))).values
        whole = torch.logsumexp(among, 0)
        odds = (best.values - whole).exp()
        drawn = self.top_k or len(scores)
        found = list(zip(best.indices.tolist(), odds.tolist(), strict=True))[:drawn]
        self.steps.append((token, float((scores[token] - whole).exp()), found))

    def show(self, kept: Sequence[Message], err: TextIO) -> None:
        """Write all of it. kept: the messages that the model read."""
        ids = prompt(kept, self.tokenizer)
        new = [token for token, _, _ in self.steps]
        # The assistant's role is given to it; what came is what training would have asked of it.
        mask = [*encode_with_mask(kept, self.tokenizer)[1], 0] + [1] * len(new)
        lines = [
            "", "the prompt, as the template writes it:", f"  {self.tokenizer.decode(ids)!r}",
            f"tokens, ids and mask of the prompt's {len(ids)} and the answer's {len(new)} (1: what "
            "training asks of the model):", *self._table([*ids, *new], mask),
        ]  # fmt: skip
        drawn = "always the likeliest" if self.temperature == 0 else (
            f"odds at temperature {self.temperature:g}, of the {self.top_k} likeliest")  # fmt: skip
        lines.append(f"the likeliest tokens of each step ({drawn}):")
        for number, (token, own, best) in enumerate(self.steps, 1):
            told = "  ".join(f"{self._name(one)} {odds:.3f}" for one, odds in best)
            lines.append(f"  {number:3}  took {self._name(token):12} {own:.3f}   of {told}")
        err.write("".join(f"debug  {line}\n" if line else "\n" for line in lines))
        err.flush()

    def _name(self, token: int) -> str:
        """A token so that spaces and line ends can be seen."""
        text = self.tokenizer.decode([token])
        return text if text in self.tokenizer.special_tokens else repr(text)

    def _table(self, ids: Sequence[int], mask: Sequence[int]) -> Iterator[str]:
        """Tokens, ids and mask below each other, in as many rows as it takes."""
        columns = [(self._name(token), str(token), str(one))
                   for token, one in zip(ids, mask, strict=True)]  # fmt: skip
        row: list[tuple[str, str, str]] = []
        used = 0
        for column in [*columns, None]:
            size = 0 if column is None else max(map(len, column)) + 1
            if row and (column is None or used + size > WIDTH):
                for place in range(3):
                    cells = (f"{one[place]:{max(map(len, one))}}" for one in row)
                    yield f"  {' '.join(cells)}".rstrip()
                row, used = [], 0
            if column is not None:
                row.append(column)
                used += size
