"""Weights with the vocabulary that belongs to them: GPT-2 of any size, the tiny one, a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptlab import tips
from gptlab.sampling.options import GPT2, SampleError

if TYPE_CHECKING:
    from torch import nn

    from gptlab.tokenizers import RegexTokenizer

__all__ = ["Ready", "Weights", "find", "gpt_of", "is_run", "run_of", "weights_of"]

CHECKPOINT = "checkpoint.pt"  # of gptlab.train
HPARAMS = "hparams.json"  # of OpenAI's folders
HUB, TOKENIZER = "model.safetensors", "tokenizer.json"  # of the hub's
VOCABULARY = ("vocab.bpe", "encoder.json")


@dataclass(frozen=True)
class Ready:
    """A model that can write, in evaluation mode, and what turns its ids into text."""

    model: Any  # (1, T) int64 -> scores, or a pair that begins with them
    context: int  # tokens that it reads at once
    encode: Callable[[str], list[int]]
    decode: Callable[[Sequence[int]], str]


@dataclass(frozen=True)
class Weights:
    """A GPT-2's numbers: sizes by nanoGPT's names, the tree of `gptlab.weights`, its vocabulary."""

    sizes: dict[str, int]
    tree: dict[str, Any]
    encode: Callable[[str], list[int]]
    decode: Callable[[Sequence[int]], str]


def find(name: str) -> tuple[Path, str]:
    """The folder that --init_from names, and a line that says what is in it. Raises SampleError.

    A GPT-2 that is not on this machine is stood in for by the tiny one, and the line says so.
    """
    from gptlab import tiny

    if name in GPT2:
        if (folder := cached(GPT2[name])) is not None:
            return folder, f"{name}: {folder}"
        return tiny.FOLDER, (
            f"{name} is not on this machine: the tiny GPT-2 stands in for it, which has read "
            f"nothing but Shakespeare. To get it: python -m gpt_download {GPT2[name]}"
        )
    if name == "tiny":
        return tiny.FOLDER, "tiny: a GPT-2 that has read nothing but Shakespeare"
    folder = Path(name).expanduser()
    folder = folder.parent if folder.name == CHECKPOINT else folder
    told = (CHECKPOINT, HPARAMS, "config.json")
    if is_bare(folder) or any((folder / one).is_file() for one in told):
        return folder, f"{folder}: {'a model of gptlab.train' if is_run(folder) else 'a GPT-2'}"
    found = f"{folder} has neither" if folder.is_dir() else f"there is no folder {folder}"
    raise SampleError(
        f"--init_from {name}: {found}. Expected {', '.join(GPT2)}, tiny, or a folder: of a run of "
        f"gptlab.train ({CHECKPOINT} in it), of a model ({HUB} and config.json in it), or of "
        f"OpenAI's seven files ({HPARAMS} among them); "
        f"{tips.see('Model not found')}"
    )


def is_run(folder: Path) -> bool:
    """Is this the folder of a run?"""
    return (folder / CHECKPOINT).is_file()


def cached(size: str) -> Path | None:
    """Where a size ("124M") lies whole, as lab 10 or `make verify-gpt2` left it; None: nowhere."""
    import gpt_download
    from gptlab import data

    for models in (gpt_download.FOLDER, data.cache() / "gpt2"):
        for source in gpt_download.SOURCES:
            if (folder := gpt_download.cached(size, models, source)) is not None:
                return folder
    return None


def weights_of(folder: Path) -> Weights:
    """Read OpenAI's files, or the hub's. Raises SampleError where they are damaged."""
    from gptlab import data, weights
    from gptlab.publishing import HubError

    try:
        tree, n_head = _bare(folder) if is_bare(folder) else weights.from_folder(folder)
        own = _words(folder)
        sizes = weights.sizes(tree) | {"n_head": n_head}
        if own.vocab_size != sizes["vocab_size"]:
            raise ValueError(f"the weights are of {sizes['vocab_size']:,} tokens, and the "
                             f"vocabulary has {own.vocab_size:,}")  # fmt: skip
    except HubError as error:
        raise SampleError(str(error)) from error
    except (OSError, ValueError, TypeError, AttributeError, data.DataError) as error:
        raise _damaged(folder, str(error)) from error
    return Weights(sizes, tree, partial(own.encode, allowed_special="all"), own.decode)


def _words(folder: Path) -> RegexTokenizer:
    """The vocabulary of a folder: its own, or GPT-2's where the hub's form has none."""
    from gptlab import tokenizers
    from gptlab.publishing.tokenizer_files import read_tokenizer

    if not folder_of_hub(folder):
        return tokenizers.read_openai(*(folder / name for name in VOCABULARY))
    path = folder / TOKENIZER
    return read_tokenizer(path) if path.is_file() else tokenizers.gpt2()


def folder_of_hub(folder: Path) -> bool:
    """Has it the weights in the hub's form, which comes without OpenAI's vocabulary?"""
    return not (folder / HPARAMS).is_file() and (folder / HUB).is_file()


def is_bare(folder: Path) -> bool:
    """Is it a folder 124M, 355M … with nothing but the hub's weights, as gpt_download leaves it?"""
    bare = folder_of_hub(folder) and not (folder / "config.json").is_file()
    return bare and folder.name in GPT2.values()


def _bare(folder: Path) -> tuple[dict[str, Any], int]:
    """Tree and number of heads."""
    import gpt_download
    from gptlab import weights

    told = gpt_download.MODELS[folder.name].hparams
    return weights.from_params(gpt_download.read_gpt2(folder, "safetensors", told)), told["n_head"]


def _damaged(folder: Path, why: str) -> SampleError:
    return SampleError(
        f"{folder} cannot be used: {why.rstrip('.')}. Expected the files as they were published: "
        f"get them again, or take --init_from=tiny; {tips.see('Model not found')}"
    )


def gpt_of(found: Weights) -> Ready:
    """The library's GPT-2 with these weights: it keeps what it has read, so it is quick."""
    from gptlab import decoder

    model = decoder.from_tree(found.tree, found.sizes["n_head"]).for_decoding()
    return Ready(model, found.sizes["block_size"], found.encode, found.decode)


def run_of(folder: Path) -> Ready:
    """The model of a run of gptlab.train. Raises SampleError for a damaged one."""
    from gptlab import data, memory, train

    try:
        model, known = train.load_model(folder)
    except data.DataError as error:
        raise SampleError(f"{folder}: {error}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        if memory.is_short(error):
            raise
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        told = f"{folder} cannot be used: {said}; {tips.see('Model not found')}"
        raise SampleError(told) from error
    return Ready(model, context_of(model), known.encode, known.decode)


def context_of(model: nn.Module) -> int:
    """How many tokens a model of the course reads at once; a bigram needs the last one."""
    if hasattr(model, "cfg"):
        return model.cfg["context_length"]
    return model.config.block_size if hasattr(model, "config") else 1
