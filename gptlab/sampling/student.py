"""The GPT of a student's model.py: found, run, given weights, and asked for the last scores."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gptlab.sampling.options import SampleError
from gptlab.sampling.sources import Ready, Weights
from gptlab.student_code import CodeError, StudentCode

__all__ = ["StudentGPT", "gpt_of"]

NEEDED = ("GPT", "GPTConfig")
FORWARD = "Expected of GPT.forward(idx)"


def gpt_of(path: Path, found: Weights) -> Ready:
    """The GPT of the file at path with these weights. Raises SampleError."""
    with _told(path):
        model = StudentGPT(path, found.sizes)
        model.take(_nano(found))
        model.try_out()
    return Ready(model, found.sizes["block_size"], found.encode, found.decode)


def _nano(found: Weights) -> dict[str, Tensor]:
    from gptlab.torch_layouts import to_nano

    return to_nano(found.tree)


@contextlib.contextmanager
def _told(path: Path) -> Any:
    """What is wrong in the file as a SampleError; what it prints goes where notes go."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except CodeError as error:
        raise SampleError(f"{error.what}.\n{error.located()}", code=1) from error


class StudentGPT:
    """A student's model that is called as ours are; each of its replies is looked at."""

    def __init__(self, path: Path, sizes: Mapping[str, int]):
        self.path, self.sizes = path, sizes
        self.code = StudentCode(path, _text(path), NEEDED, importable=True)
        # OpenAI's vocabulary has 50,257 tokens. The 50,304 of GPTConfig, the next multiple of 64,
        # are for training from nothing: matrix products are faster, and the 47 more are never met.
        config = self.code.call(self.code.found["GPTConfig"], "GPTConfig cannot be made",
                                **sizes, dropout=0.0, bias=True)  # fmt: skip
        self.model = self.code.call(self.code.found["GPT"], "GPT(config) stopped", config)
        if not isinstance(self.model, nn.Module):
            raise self._wrong("GPT is no model", f"Found: {type(self.model).__name__}; expected: "
                              "a class that begins with `class GPT(nn.Module):`")  # fmt: skip
        self.model.eval()

    def take(self, state: Mapping[str, Tensor]) -> None:
        """Copy the weights in. Names and shapes must agree; masks and the like are left alone."""
        own = dict(self.model.named_parameters(remove_duplicate=False))
        said = _differences(own, state)
        if said:
            raise self._wrong("The weights do not fit into GPT", "\n".join(said))
        with torch.no_grad():
            for name, value in state.items():
                own[name].copy_(value)

    def try_out(self) -> None:
        """Ask for the scores after two tokens: with one, the last is all there is."""
        self(torch.zeros(1, min(2, self.sizes["block_size"]), dtype=torch.long))

    def to(self, device: torch.device) -> StudentGPT:
        """Move the weights there; itself."""
        self.model.to(device)
        return self

    def parameters(self) -> Any:
        """Of the model."""
        return self.model.parameters()

    def __call__(self, idx: Tensor) -> Tensor:
        """Scores of the next token, (B, 1, V), for idx (B, T)."""
        with _told(self.path):
            made = self.code.call(self.model, "It stopped while GPT.forward was running", idx)
            self._check(made, idx)
        return made

    def _check(self, made: Any, idx: Tensor) -> None:
        B, T, V = *idx.shape, self.sizes["vocab_size"]
        what = "GPT.forward gives back something else"
        wanted = f"{FORWARD}: scores of the last position, {(B, 1, V)}, for idx {(B, T)}."
        if not isinstance(made, Tensor):
            raise self._wrong(what, f"Found: {_kind(made)}. {wanted}")
        if tuple(made.shape) != (B, 1, V):
            hint = {
                (B, T, V): " These are all positions: keep the last one only",
                (B, V): " The axis of positions is gone: keep it, of length 1",
            }
            raise self._wrong(what, f"Found: {tuple(made.shape)}. {wanted}"
                              + hint.get(tuple(made.shape), ""))  # fmt: skip
        if not made.isfinite().all():
            raise self._wrong(what, "Found: scores that are no numbers (nan or inf). Does a row of "
                              "the mask hide every position, its own too?")  # fmt: skip

    def _wrong(self, what: str, said: str) -> CodeError:
        code = getattr(getattr(self.code.found.get("GPT"), "forward", None), "__code__", None)
        line = code.co_firstlineno if code and code.co_filename == str(self.path) else 0
        return CodeError(what, self.path, said, line if said.startswith("Found: ") else 0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SampleError(
            f"There is no {path.name} in {path.parent.resolve()}: sample.py runs the GPT of the "
            f"{path.name} beside it. Run the cell that writes it, or go to the folder where it is",
            code=1,
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CodeError("It cannot be read", path, f"{type(error).__name__}: {error}") from None


def _kind(made: Any) -> str:
    if isinstance(made, tuple):
        return f"a tuple ({', '.join(map(_kind, made))})"
    return "None" if made is None else type(made).__name__


def _differences(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    """A line for each kind of difference between a model's weights and those for it."""
    said = []
    if missing := sorted(given.keys() - own.keys()):
        said.append(f"GPT has no place for {_some(missing)}")
    if extra := sorted(own.keys() - given.keys()):
        said.append(f"GPT has {_some(extra)}, and GPT-2 has no such weights")
    for name in sorted(own.keys() & given.keys()):
        found, wanted = tuple(own[name].shape), tuple(given[name].shape)
        if found != wanted:
            said.append(f"{name}: found shape {found}, expected {wanted}{_why(found, wanted)}")
    return said[:6] + ([f"and {len(said) - 6} more"] if len(said) > 6 else [])


def _why(found: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    if found[:1] == (50304,) and wanted[:1] != found[:1]:
        return (f": 50304 is GPTConfig's default, rounded up to a multiple of 64; here the "
                f"vocabulary has {wanted[0]:,} tokens. Take config.vocab_size")  # fmt: skip
    return ": the other way round" if found == wanted[::-1] and len(found) == 2 else ""


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
