"""Where batches come from: windows of a text, or whole conversations with a loss mask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gptlab import bigram
from gptlab.conversations import making, template
from gptlab.training.config import TrainConfig, TrainError
from gptlab.training.parallel import Ranks
from gptlab.training.vocabulary import Vocabulary

__all__ = ["Batch", "Conversations", "Windows"]

Row = tuple[list[int], list[int]]  # ids, and 1 where the assistant has to say it


class Batch(NamedTuple):
    """Tokens and what comes next, (B, T) each, and what their mean loss weighs in the whole."""

    x: Tensor
    y: Tensor
    weight: float


class Windows:
    """Windows of a text, each from anywhere: the first nine tenths for training, and the rest."""

    def __init__(
        self, config: TrainConfig, text: str, vocabulary: Vocabulary, device: torch.device
    ) -> None:  # fmt: skip
        self.config, self.splits = config, {}
        for name, part in zip(("train", "val"), bigram.split_data(text), strict=True):
            ids = vocabulary.encode(part)
            if len(ids) <= config.block_size:
                raise TrainError(
                    f"the text's {name} split has {len(ids)} {vocabulary.unit}s; a window of "
                    f"block_size={config.block_size} needs one more than that. "
                    "Take a longer text, or a smaller --block-size"
                )
            self.splits[name] = torch.tensor(ids, device=device)
        self.tokens = sum(len(ids) for ids in self.splits.values())

    def step(self, generator: torch.Generator, ranks: Ranks) -> Iterator[Batch]:
        """This process's share of each batch of a step; the weights sum to 1."""
        config = self.config
        count = config.batch_size * config.accumulate
        drawn = bigram.get_batch(self.splits["train"], config.block_size, count, generator)
        for x, y in zip(*(part.split(config.batch_size) for part in drawn), strict=True):
            yield Batch(ranks.share(x), ranks.share(y), 1 / config.accumulate)

    def look(self, split: str, generator: torch.Generator) -> Iterator[Batch]:
        """The batches that a loss is the mean of, each as it is asked for."""
        sizes = (self.config.block_size, self.config.batch_size)
        for _ in range(self.config.eval_iters):
            yield Batch(*bigram.get_batch(self.splits[split], *sizes, generator), 1.0)


class Conversations:
    """Whole dialogues; only what the assistant says counts, each of its tokens as much.

    Those of a step are sorted by length and cut into parts, so that little is filled up; the
    gradient is that of all of them together.
    """

    PART = {"cpu": 512}  # tokens of a part, filled up; on other devices:
    LARGE_PART = 16_384
    JOINED = 2  # one row in so many is several dialogues in a row, as a long conversation is

    def __init__(
        self, config: TrainConfig, text: str, vocabulary: Vocabulary, device: torch.device
    ) -> None:  # fmt: skip
        if config.model != "nano":
            raise TrainError(
                f"conversations train nanoGPT's GPT, which gptlab.chat loads, and model is "
                f"{config.model}. Take --model nano"
            )
        tokenizer = vocabulary.tokenizer
        self.config, self.device, self.dialogues = config, device, making.read(text)
        self.part = self.PART.get(device.type, self.LARGE_PART)
        self.rows: dict[str, list[Row]] = {
            name: [template.encode_with_mask(one["messages"], tokenizer) for one in row]
            for name, row in zip(("train", "val"), self.dialogues.values(), strict=True)
        }
        every = [len(ids) for row in self.rows.values() for ids, _ in row]
        self.tokens, self.longest = sum(every), max(every, default=0)
        if not all(self.rows.values()):
            raise TrainError("there are no dialogues to train on, or none are held out")
        if self.longest - 1 > config.block_size:
            raise TrainError(
                f"a dialogue has {self.longest} tokens, and block_size={config.block_size} has "
                f"room for {config.block_size + 1}. Take --block-size {self.longest - 1} or more"
            )

    def step(self, generator: torch.Generator, ranks: Ranks) -> Iterator[Batch]:
        """This process's parts of a step; the weights of all processes sum to their number."""
        config, rows = self.config, self.rows["train"]
        count = config.batch_size * config.accumulate
        drawn = torch.randint(len(rows), (count,), generator=generator).tolist()
        chosen = self._joined([rows[one] for one in drawn], generator)
        total = sum(sum(mask) for _, mask in chosen)
        mine = sorted(chosen, key=_length)[ranks.rank :: ranks.size]
        for part in self._parts(mine, config.batch_size // ranks.size):
            counted = sum(sum(mask) for _, mask in part)
            yield Batch(*self._together(part), ranks.size * counted / total)

    def look(self, split: str, generator: torch.Generator) -> Iterator[Batch]:
        """eval_iters batches, no dialogue twice; the weights are tokens that count."""
        rows, config = self.rows[split], self.config
        order = torch.randperm(len(rows), generator=generator)
        some = [rows[one] for one in order[: config.eval_iters * config.batch_size].tolist()]
        for part in self._parts(sorted(some, key=_length), config.batch_size):
            yield Batch(*self._together(part), sum(sum(mask) for _, mask in part))

    def _joined(self, chosen: list[Row], generator: torch.Generator) -> list[Row]:
        """Some rows with other dialogues behind them, so that every position is trained."""
        rows, block_size = self.rows["train"], self.config.block_size
        made = []
        for ids, mask in chosen:
            if torch.randint(self.JOINED, (), generator=generator).item() == 0:
                end = torch.randint(1, block_size + 2, (), generator=generator).item()
                while True:
                    other = torch.randint(len(rows), (), generator=generator).item()
                    more, counts = rows[other]
                    if len(ids) + len(more) > end:
                        break
                    ids, mask = ids + more, mask + counts
            made.append((ids, mask))
        return made

    def _parts(self, rows: Sequence[Row], most: int) -> Iterator[list[Row]]:
        """Sorted rows, cut before a part has more rows, or filled up more tokens, than that."""
        part: list[Row] = []
        for row in rows:
            if part and (len(part) == most or len(row[0]) * (len(part) + 1) > self.part):
                yield part
                part = []
            part.append(row)
        yield part

    def _together(self, part: Sequence[Row]) -> tuple[Tensor, Tensor]:
        x, y = template.collate([template.inputs_and_targets(*row) for row in part], 0)
        return x.to(self.device), y.to(self.device)


def _length(row: Row) -> int:
    return len(row[0])
