"""Weights with the vocabulary that belongs to them: GPT-2 of any size, the tiny one, a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptlab.sampling.options import GPT2, SampleError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gptlab.tokenizers import RegexTokenizer

__all__ = ["Ready", "Weights", "find", "finite", "gpt_of", "is_run", "run_of", "weights_of"]

CHECKPOINT = "checkpoint.pt"  # of gptlab.train
HPARAMS = "hparams.json"  # of OpenAI's folders
HUB = "model.safetensors"  # of the hub's
SIZES = {"n_ctx": "block_size", "n_vocab": "vocab_size", "n_layer": "n_layer", "n_head": "n_head",
         "n_embd": "n_embd"}  # fmt: skip


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
    hub = folder.name in GPT2.values() and (folder / HUB).is_file()
    if hub or any((folder / one).is_file() for one in (CHECKPOINT, HPARAMS)):
        return folder, f"{folder}: {'a run' if is_run(folder) else 'weights'}"
    found = f"{folder} has neither" if folder.is_dir() else f"there is no folder {folder}"
    raise SampleError(
        f"--init_from {name}: {found}. Expected {', '.join(GPT2)}, tiny, or a folder: of a run of "
        f"gptlab.train ({CHECKPOINT} in it), or of OpenAI's seven files ({HPARAMS} among them)"
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

    openai = (folder / HPARAMS).is_file()
    try:
        told, tree, own = (_openai if openai else _hub)(folder)
        sizes = {ours: int(told[theirs]) for theirs, ours in SIZES.items()}
        said = weights.sizes(tree)
        if said | {"n_head": sizes["n_head"]} != sizes or own.vocab_size != sizes["vocab_size"]:
            raise ValueError(f"{HPARAMS} says {sizes}, the weights are of {said}, and the "
                             f"vocabulary has {own.vocab_size:,} tokens")  # fmt: skip
        if sizes["n_head"] < 1 or sizes["n_embd"] % sizes["n_head"]:
            raise ValueError(f"its n_head={sizes['n_head']} does not divide "
                             f"n_embd={sizes['n_embd']}")  # fmt: skip
    except KeyError as error:
        raise _damaged(folder, f"{HPARAMS} lacks {error}") from error
    except (OSError, ValueError, TypeError, data.DataError) as error:
        raise _damaged(folder, str(error)) from error
    return Weights(sizes, tree, partial(own.encode, allowed_special="all"), own.decode)


def _openai(folder: Path) -> tuple[dict[str, Any], dict[str, Any], RegexTokenizer]:
    """hparams, tree and vocabulary of the seven files."""
    from gptlab import tensor_bundle, tokenizers, weights

    told = json.loads((folder / HPARAMS).read_text(encoding="utf-8"))
    tree = weights.from_openai(tensor_bundle.read(folder / "model.ckpt"))
    return told, tree, tokenizers.read_openai(folder / "vocab.bpe", folder / "encoder.json")


def _hub(folder: Path) -> tuple[dict[str, Any], dict[str, Any], RegexTokenizer]:
    """The same of a folder 124M, 355M … that has nothing but model.safetensors."""
    import gpt_download
    from gptlab import tokenizers

    told = dict(gpt_download.MODELS[folder.name].hparams)
    params = gpt_download.read_gpt2(folder, "safetensors", told)
    last = {part: params.pop(part) for part in "gb"}
    return told, params | {"ln_f": last}, tokenizers.gpt2()


def _damaged(folder: Path, why: str) -> SampleError:
    return SampleError(
        f"{folder} cannot be used: {why.rstrip('.')}. Expected the files as they were published: "
        "get them again, or take --init_from=tiny"
    )


def gpt_of(found: Weights) -> Ready:
    """The library's GPT-2 with these weights: it keeps what it has read, so it is quick."""
    import torch

    from gptlab.gpt import GPTModel
    from gptlab.gpt_layout import to_gpt

    sizes = found.sizes
    with torch.device("meta"):  # nothing is drawn that would be thrown away
        model = GPTModel({
            "vocab_size": sizes["vocab_size"], "context_length": sizes["block_size"],
            "emb_dim": sizes["n_embd"], "n_heads": sizes["n_head"], "n_layers": sizes["n_layer"],
            "drop_rate": 0.0, "qkv_bias": True, "tied": True,
        })  # fmt: skip
    model.load_state_dict(to_gpt(found.tree), assign=True)
    model.out_head.weight = model.tok_emb.weight
    return Ready(model.eval().for_decoding(), sizes["block_size"], found.encode, found.decode)


def run_of(folder: Path) -> Ready:
    """The model of a run of gptlab.train. Raises SampleError for a damaged one."""
    from gptlab import data, train

    try:
        model, known = train.load_model(folder)
    except data.DataError as error:
        raise SampleError(f"{folder}: {error}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SampleError(f"{folder} cannot be used: {said}") from error
    return Ready(model, context_of(model), known.encode, known.decode)


def context_of(model: nn.Module) -> int:
    """How many tokens a model of the course reads at once; a bigram needs the last one."""
    if hasattr(model, "cfg"):
        return model.cfg["context_length"]
    return model.config.block_size if hasattr(model, "config") else 1


def finite(name: str, parameters: Sequence[Tensor]) -> None:
    """SampleError where a weight is no number: a training that ran away, or a damaged file."""
    if not all(value.isfinite().all() for value in parameters):
        raise SampleError(
            f"{name}: found weights that are no numbers (nan or inf), so no text can come of it. "
            "Did the training's loss become nan? Train with a smaller learning rate"
        )
