"""Get OpenAI's GPT-2: download it, check it, read it into NumPy. This one file works alone.

    settings, params = download_and_load_gpt2("124M", "gpt2")

    python gpt_download.py 124M [--folder gpt2] [--source auto|tensorflow|safetensors] [--list]

`settings` is hparams.json's dict; `params` is nested as in the helper of S. Raschka's Build a Large
Language Model: wte, wpe, g, b (the last norm's) and blocks, each linear layer's w as (n_in, n_out).
The weights come as OpenAI's seven files, read with TensorFlow, or as one safetensors file from the
hub, read without it. Needs NumPy and one of those two, imported when they are needed; tqdm draws
the bars where it is installed.

GPT2_MIRROR=http://teacher:8000 is asked before all other addresses: it serves such a folder
    (`python -m http.server` in the folder that holds 124M/). Several are separated by spaces.
GPTLAB_DATA=/class holds what a classroom without a network needs, in gpt2-models/124M/: it is
    linked (copied where links are not allowed) and never changed.
GPTLAB_OFFLINE=1 leaves the network alone.

`fetch` is also the course's only downloader: mirrors, another try, going on after a cut, and a name
for the file only once it is right.
"""

import argparse
import base64
import binascii
import contextlib
import hashlib
import http.client
import importlib.util
import json
import os
import shutil
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

try:
    from tqdm import tqdm
except ImportError:
    tqdm = None

__all__ = [
    "FOLDER",
    "MIRRORS",
    "MODELS",
    "SOURCES",
    "CheckpointError",
    "DownloadError",
    "Model",
    "cached",
    "download_and_load_gpt2",
    "download_gpt2",
    "fetch",
    "keep_aside",
    "main",
    "read_gpt2",
    "sha256_of",
    "shapes_of",
]

FOLDER = "gpt2"  # where models go unless told otherwise, from where a program runs
TIMEOUT = 20.0  # seconds without a byte
TRIES = 3  # for each mirror, where another try may help
PAUSE = 1.0  # seconds before the second try; twice as many before the third
BLOCK = 1 << 18  # bytes
HEADERS = {"User-Agent": "gptlab", "Accept-Encoding": "identity"}  # sizes are of the file itself
TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # HTTP answers that may be better in a second


class DownloadError(RuntimeError):
    """A file could not be had: from where, why, and what to do."""


class CheckpointError(ValueError):
    """Files that do not hold the GPT-2 that was asked for: what was found, what was expected."""


class _Again(Exception):
    """This try failed; the same address may work the next time."""


class _Useless(Exception):
    """This address will not give the file."""


# What there is to get

SOURCES = ("tensorflow", "safetensors")  # the first is OpenAI's own form
PACKAGES = {"tensorflow": "tensorflow", "safetensors": "safetensors"}  # for pip
DATA = "model.ckpt.data-00000-of-00001"
TENSORFLOW_FILES = (  # the small ones first: a wrong checkpoint shows before the half gigabyte
    "hparams.json", "checkpoint", "model.ckpt.index", "model.ckpt.meta", "vocab.bpe",
    "encoder.json", DATA,
)  # fmt: skip
SAFETENSORS_FILE = "model.safetensors"
# In this order, after those of GPT2_MIRROR. OpenAI's second is the copy that the book keeps.
MIRRORS = {
    "tensorflow": (
        "https://openaipublic.blob.core.windows.net/gpt-2/models/{size}/{file}",
        "https://f001.backblazeb2.com/file/LLMs-from-scratch/gpt2/{size}/{file}",
    ),
    "safetensors": (
        "https://huggingface.co/openai-community/{hub}/resolve/{revision}/{file}",
    ),
}


@dataclass(frozen=True)
class Model:
    """One size of GPT-2, and what is known of its files. MODELS may be given more of them.

    hparams: n_vocab, n_ctx, n_embd, n_head, n_layer: all names and shapes follow from them
    hub, revision: where the safetensors are
    known: file -> (sha256, bytes). Of a file that is not there, what is checked is what the server
        says of it, and that it holds what the hparams ask for.
    """

    hparams: Mapping[str, int]
    hub: str = ""
    revision: str = "main"
    known: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """How many numbers it has; four bytes each make up OpenAI's data file."""
        total = 0
        for shape in shapes_of(self.hparams).values():
            total += shape[0] * (shape[1] if len(shape) == 2 else 1)
        return total


def _hparams(n_embd: int, n_head: int, n_layer: int) -> dict[str, int]:
    sizes = {"n_embd": n_embd, "n_head": n_head, "n_layer": n_layer}
    return {"n_vocab": 50257, "n_ctx": 1024, **sizes}


MODELS = {
    "124M": Model(
        _hparams(768, 12, 12),
        hub="gpt2",
        revision="607a30d783dfa663caf39e06633721c8d4cfcd7e",
        known={
            "checkpoint": (
                "dd1b025d2e155283f5e300ce95bf6d5b6bc0f7fe010db73daa6975eb896ab9cb", None
            ),
            "encoder.json": (
                "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783", 1_042_301
            ),
            "hparams.json": (
                "d9d56e4121c427164e0c55c6f03c08e1daf9002b9b672825112d19097b680318", None
            ),
            DATA: (
                "2060c885360cc0cf41d7a6dbc4d24b5127aae20260c8b5ae521b5a6578407118", 497_759_232
            ),
            "model.ckpt.index": (
                "71916f763f9746f9b2a06b12d91996cf1084ae008d0424543d39391c5f2dc687", None
            ),
            "model.ckpt.meta": (
                "4668c448fa11531fd6700460487f73e82d3272960cea942252f8744bf225c77b", None
            ),
            "vocab.bpe": (
                "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5", 456_318
            ),
            SAFETENSORS_FILE: (
                "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707", 548_105_171
            ),
        },
    ),
    "355M": Model(_hparams(1024, 16, 24), hub="gpt2-medium"),
    "774M": Model(_hparams(1280, 20, 36), hub="gpt2-large"),
    "1558M": Model(_hparams(1600, 25, 48), hub="gpt2-xl"),
}  # fmt: skip


# Getting and reading a model


def download_and_load_gpt2(
    model_size: str,
    models_dir: str | os.PathLike,
    *,
    source: str = "auto",
    progress: bool = True,
    timeout: float = TIMEOUT,
    pause: float = PAUSE,
) -> tuple[dict[str, int], dict[str, Any]]:
    """OpenAI's GPT-2 of that size, from the files in `models_dir/model_size`: (settings, params).

    Files that are there already are checked and used, and the network is not asked for them.

    model_size: "124M", "355M", "774M" or "1558M"
    source: "tensorflow", "safetensors", or "auto": what is there already, else TensorFlow's files
        where TensorFlow is installed, else the safetensors, and that is said
    progress: draw bars and say what was got; timeout, pause: as in `fetch`
    settings: n_vocab, n_ctx, n_embd, n_head, n_layer
    params: {"wte", "wpe", "g", "b", "blocks": [{"ln_1": {"g", "b"}, "attn": {"c_attn": {"w", "b"},
        "c_proj": …}, "ln_2": …, "mlp": {"c_fc": …, "c_proj": …}}, …]}, float32 arrays, w as
        (n_in, n_out)
    Errors: ValueError for a size or source that is unknown or cannot be read here; DownloadError;
    CheckpointError where the files do not hold this model.
    """
    begin = time.monotonic()
    model, folder = _model(model_size), _folder(models_dir, model_size)
    source = _chosen(source, model, model_size, folder, progress, reading=True)
    _get(model, model_size, folder, source, progress, timeout, pause)
    settings = dict(model.hparams)
    if source == "tensorflow":
        settings = _settings(folder / "hparams.json", model.hparams)
    params = read_gpt2(folder, source, settings)
    if progress:
        print(
            f"{model_size}: {model.parameters:,} numbers in {len(shapes_of(settings))} tensors, "
            f"read from {folder} ({source}); {time.monotonic() - begin:.1f} s in all"
        )
    return settings, params


def download_gpt2(
    model_size: str,
    models_dir: str | os.PathLike,
    *,
    source: str = "auto",
    progress: bool = True,
    timeout: float = TIMEOUT,
    pause: float = PAUSE,
) -> Path:
    """Have the checked files in `models_dir/model_size`; returns that folder. Reads no weights.

    A source that is named needs nothing installed. Arguments and errors: download_and_load_gpt2.
    """
    model, folder = _model(model_size), _folder(models_dir, model_size)
    source = _chosen(source, model, model_size, folder, progress, reading=False)
    _get(model, model_size, folder, source, progress, timeout, pause)
    if source == "tensorflow" and not _all_known(model, source):
        if _unreadable(source):
            print("TensorFlow is not installed: names and shapes in model.ckpt were not looked at")
        else:
            _open_tensorflow(folder, shapes_of(model.hparams))
    return folder


def read_gpt2(folder: str | os.PathLike, source: str, hparams: Mapping[str, int]) -> dict[str, Any]:
    """The params in a folder with OpenAI's files or with model.safetensors; asks no network.

    Every tensor's name and shape must be what hparams ask for. Raises CheckpointError.
    """
    shapes = shapes_of(hparams)
    read = _from_tensorflow if source == "tensorflow" else _from_safetensors
    return _nested(read(Path(folder), shapes), hparams["n_layer"])


def cached(
    model_size: str, models_dir: str | os.PathLike = FOLDER, source: str = "tensorflow"
) -> Path | None:
    """The folder that holds a size whole, by its sizes alone; None where there is none.

    That is `models_dir/model_size`, or gpt2-models/model_size in the folder that GPTLAB_DATA names.
    """
    model = _model(model_size)
    for place in (_folder(models_dir, model_size), _given(model_size)):
        if place and _is_here(model, source, [place]):
            return place
    return None


def _model(model_size: str) -> Model:
    if model_size not in MODELS:
        raise ValueError(f"there is no GPT-2 of size {model_size!r}; there are {', '.join(MODELS)}")
    return MODELS[model_size]


def _folder(models_dir: str | os.PathLike, model_size: str) -> Path:
    return Path(models_dir).expanduser() / model_size


def _get(model, model_size, folder, source, progress, timeout, pause) -> None:
    """Bring the files of a source into the folder, each from the nearest place that has it."""
    begin, files = time.monotonic(), _files(model, source)
    with _errors_of_the_disk(folder):
        missing = [file for file in files if file.problem(folder / file.name)]
        given = _given(model_size)
        if given:
            missing = [file for file in missing if not _from_folder(given, folder, file, progress)]
    if missing:
        _may_download(missing, folder, model_size)
        _room_for(folder, sum(file.lacks(folder) for file in missing))
    for file in missing:
        urls = _addresses(model, model_size, source, file.name)
        _fetch(urls, folder / file.name, file, progress, timeout, pause)
    if progress:
        total = sum((folder / file.name).stat().st_size for file in files)
        known = sum(file.sha256 is not None for file in files)
        how = {
            len(files): "each with the right sha256",
            0: "no sha256 is known; size and contents are what they must be, as far as is known",
        }.get(known, f"{known} with the right sha256, for the others it is not known")
        count = f"{len(files)} files" if len(files) > 1 else "1 file"
        print(
            f"{model_size} ({source}) in {folder}: {count}, {total:,} bytes, {how}; "
            f"downloaded: {len(missing)}; {time.monotonic() - begin:.1f} s"
        )


def _may_download(missing: list, folder: Path, model_size: str) -> None:
    """Where the network must not be used, say what to put where."""
    for name in ("GPTLAB_OFFLINE", "NBGRADER_EXECUTION"):
        if os.environ.get(name, "0") in ("", "0"):
            continue
        lines = [f"{model_size} is not here, and the network was not asked, since {name} is set:"]
        lines += [f"  {folder / file.name}: {file.problem(folder / file.name)}" for file in missing]
        lines += [
            "What to do: put these files there; or into a folder that GPTLAB_DATA names, under",
            f"  gpt2-models/{model_size}; or unset {name}",
        ]
        raise DownloadError("\n".join(lines))


def _addresses(model: Model, model_size: str, source: str, name: str) -> list[str]:
    """Where a file is to be had, GPT2_MIRROR first."""
    found = []
    for base in os.environ.get("GPT2_MIRROR", "").split():
        if not base.startswith(("http://", "https://", "file://")):
            raise ValueError(
                f"GPT2_MIRROR names {base!r}: expected an address that begins with http:// or "
                "https://. A folder goes into GPTLAB_DATA"
            )
        found.append(f"{base.rstrip('/')}/{model_size}/{name}")
    known = {"size": model_size, "hub": model.hub, "revision": model.revision, "file": name}
    return found + [base.format(**known) for base in MIRRORS[source]]


# The folder of a classroom


def _given(model_size: str) -> Path | None:
    """Where GPTLAB_DATA has this size, if it is set."""
    named = os.environ.get("GPTLAB_DATA")
    return Path(named).expanduser() / "gpt2-models" / model_size if named else None


def _from_folder(given: Path, folder: Path, file: "_File", progress: bool) -> bool:
    """Link the file out of a folder that is not ours, or copy it; False where it is not there."""
    source, path = given / file.name, folder / file.name
    if not source.is_file():
        return False
    if why := file.problem(source):
        print(f"{source}: refused, {why}; it was left as it is")
        return False
    with _alone(path, progress):
        if not file.problem(path):  # another process was quicker
            return True
        if path.is_file():
            print(keep_aside(path, why=file.problem(path)))
        part = path.with_name(path.name + ".link")
        part.unlink(missing_ok=True)
        try:
            part.symlink_to(source.resolve())
            how = "linked"
        except (OSError, NotImplementedError):  # Windows, and drives that know no links
            _room_for(folder, source.stat().st_size)
            shutil.copyfile(source, part)
            how = "copied"
        os.replace(part, path)
    if progress:
        print(f"{path.name}: {how} from {given}")
    return True


# Which source


def _chosen(source, model, model_size, folder, progress, reading) -> str:
    """The source to take; says so where it is not TensorFlow's. Raises ValueError."""
    if source not in ("auto", *SOURCES):
        raise ValueError(f"source={source!r}: expected auto, {' or '.join(SOURCES)}")
    if source != "auto":
        if reading and (why := _unreadable(source)):
            other = SOURCES[1 - SOURCES.index(source)]
            raise ValueError(
                f"source={source!r} cannot be read here: {why}.\nWhat to do: pip install "
                f"{PACKAGES[source]}, or take source={other!r}"
            )
        return source
    places = [folder, _given(model_size) or folder]
    here = [name for name in SOURCES if _is_here(model, name, places)]
    able = [name for name in SOURCES if _is_installed(name)]
    ordered = [name for name in able if name in here] + [name for name in able if name not in here]
    for name in ordered:
        if why := _unreadable(name):
            print(f"{name} is installed and cannot be loaded: {why}")
            continue
        if progress and name != SOURCES[0]:
            print(_said_of_safetensors(able, here, folder))
        return name
    if not reading:
        return SOURCES[1]
    raise ValueError(
        "neither tensorflow nor safetensors can be loaded here, and GPT-2's weights are read with "
        "one of them.\nWhat to do: pip install safetensors"
    )


def _said_of_safetensors(able: list[str], here: list[str], folder: Path) -> str:
    if "tensorflow" in able:
        why = "its safetensors are here already; source='tensorflow' takes OpenAI's own files"
    elif "tensorflow" in here:
        why = f"TensorFlow, which would read the files in {folder}, is not installed"
    else:
        why = "TensorFlow, which reads OpenAI's own files, is not installed"
    return f"GPT-2 is taken from the hub's safetensors: {why}"


def _is_here(model: Model, source: str, places: list[Path]) -> bool:
    """Whether each file lies in one of the places, with the size that it must have."""

    def lies(file: _File, path: Path) -> bool:
        return path.is_file() and file.size in (None, path.stat().st_size)

    files = _files(model, source)
    return all(any(lies(file, place / file.name) for place in places) for file in files)


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:  # it is loaded already, from nowhere in particular
        return True


def _unreadable(source: str) -> str:
    """What keeps the source's package from being loaded, or ""."""
    try:
        _tensorflow() if source == "tensorflow" else importlib.import_module("safetensors")
        importlib.import_module("numpy")
    except (ImportError, OSError) as error:
        absent = isinstance(error, ModuleNotFoundError)
        return f"{error.name} is not installed" if absent else f"{error}"
    return ""


def _tensorflow():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # or it greets at length
    return importlib.import_module("tensorflow")


# What a file must be


@dataclass(frozen=True)
class _File:
    """A file that is wanted, and how to tell it from another."""

    name: str
    sha256: str | None
    size: int | None = None  # bytes
    check: Callable[[Path], None] | None = None  # raises CheckpointError; asked without a sha256
    about: int = 2_000_000  # bytes that it will take, where the size is not known

    def problem(self, path: Path) -> str:
        """What keeps the file at this path from being the right one, or ""."""
        if not path.is_file():
            return "it is not there"
        if self.size not in (None, have := path.stat().st_size):
            return f"it has {have:,} bytes and not {self.size:,}"
        if self.sha256 is not None:
            found = sha256_of(path)
            if found == self.sha256:
                return ""
            return f"its sha256 begins with {found[:8]} and not with {self.sha256[:8]}"
        try:
            if self.check:
                self.check(path)
        except CheckpointError as error:
            return str(error)
        return ""

    def lacks(self, folder: Path) -> int:
        """How many bytes are still to come into the folder."""
        part = folder / f"{self.name}.part"
        return max(0, (self.size or self.about) - (part.stat().st_size if part.is_file() else 0))


def _files(model: Model, source: str) -> list[_File]:
    """The files of a source, each with all that is known of it."""
    hparams, numbers = model.hparams, 4 * model.parameters
    if source == "safetensors":
        masks = 4 * hparams["n_layer"] * hparams["n_ctx"] ** 2  # Hugging Face's, which are ignored
        sha256, size = model.known.get(SAFETENSORS_FILE, (None, None))
        shapes = shapes_of(hparams)
        return [_File(
            SAFETENSORS_FILE, sha256, size, lambda path: _look_at_safetensors(path, shapes),
            about=numbers + masks,
        )]  # fmt: skip
    checks = {
        "hparams.json": lambda path: _settings(path, hparams),
        "checkpoint": lambda path: _begins(path, b"model_checkpoint_path"),
        "model.ckpt.index": _look_at_index,
        "encoder.json": lambda path: _look_at_encoder(path, hparams["n_vocab"]),
        "vocab.bpe": lambda path: _begins(path, b"#version"),
    }
    return [
        _File(name, *model.known.get(name, (None, numbers if name == DATA else None)),
              check=checks.get(name))
        for name in TENSORFLOW_FILES
    ]  # fmt: skip


def _all_known(model: Model, source: str) -> bool:
    return all(file.sha256 for file in _files(model, source))


def _begins(path: Path, wanted: bytes) -> None:
    with open(path, "rb") as file:
        found = file.read(len(wanted))
    if found != wanted:
        raise CheckpointError(f"it begins with {found!r} and not with {wanted!r}")


def _look_at_index(path: Path) -> None:
    found, wanted = path.read_bytes()[-8:], bytes.fromhex("57fb808b247547db")
    if found != wanted:
        raise CheckpointError("it does not end as the index of a TensorFlow checkpoint does")


def _look_at_encoder(path: Path, n_vocab: int) -> None:
    told = _json(path)
    if set(map(str, told.values())) != set(map(str, range(n_vocab))):
        raise CheckpointError(
            f"its {len(told):,} tokens are not numbered from 0 to {n_vocab - 1:,}"
        )


def _settings(path: Path, wanted: Mapping[str, int]) -> dict[str, int]:
    """hparams.json, which must be those of this model."""
    told = _json(path)
    if lacks := [name for name in wanted if name not in told]:
        raise CheckpointError(f"{path.name} lacks {', '.join(lacks)}")
    if other := [name for name in wanted if told[name] != wanted[name]]:
        found = ", ".join(f"{name} {told[name]!r} (expected {wanted[name]})" for name in other)
        raise CheckpointError(f"{path.name} is of another architecture: {found}")
    return told


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except ValueError as error:
        raise CheckpointError(f"{path.name} is damaged: it is no JSON ({error})") from error
    if not isinstance(told, dict):
        raise CheckpointError(f"{path.name} is damaged: a {type(told).__name__}, no object")
    return told


# What is in a checkpoint


def shapes_of(hparams: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """Every tensor of a GPT-2: {"wte": (V, C), "h0/attn/c_attn/w": (C, 3C), …}, w (n_in, n_out)."""
    width = hparams["n_embd"]
    linear = {
        "attn/c_attn": (width, 3 * width),
        "attn/c_proj": (width, width),
        "mlp/c_fc": (width, 4 * width),
        "mlp/c_proj": (4 * width, width),
    }
    shapes: dict[str, tuple[int, ...]] = {
        "wte": (hparams["n_vocab"], width),
        "wpe": (hparams["n_ctx"], width),
    }
    for i in range(hparams["n_layer"]):
        for norm in ("ln_1", "ln_2"):
            shapes |= {f"h{i}/{norm}/g": (width,), f"h{i}/{norm}/b": (width,)}
        for name, shape in linear.items():
            shapes |= {f"h{i}/{name}/w": shape, f"h{i}/{name}/b": shape[1:]}
    return shapes | {"ln_f/g": (width,), "ln_f/b": (width,)}


def _nested(arrays: Iterable[tuple[str, Any]], n_layer: int) -> dict[str, Any]:
    """Names with slashes as dicts in dicts; the last norm stands at the top."""
    params: dict[str, Any] = {"blocks": [{} for _ in range(n_layer)]}
    for name, array in arrays:
        *path, last = name.removeprefix("ln_f/").split("/")
        at = params
        if path:
            at = params["blocks"][int(path.pop(0)[1:])]
        for key in path:
            at = at.setdefault(key, {})
        at[last] = array
    return params


def _compare(where: Path, found: Mapping[str, tuple], wanted: Mapping[str, tuple]) -> None:
    """All tensors of the checkpoint are those that are wanted; raises CheckpointError."""
    lines = []
    if missing := [name for name in wanted if name not in found]:
        lines.append(f"it lacks {_listed(missing)}")
    if extra := [name for name in found if name not in wanted]:
        lines.append(f"it has more than a GPT-2 of this size: {_listed(extra)}")
    wrong = [
        f"{name} is {found[name]} (expected {shape})"
        for name, shape in wanted.items()
        if name in found and found[name] != shape
    ]
    if wrong:
        lines.append(f"another shape: {_listed(wrong)}")
    if lines:
        raise CheckpointError(
            f"{where.name} is of another architecture or size: {'; '.join(lines)}"
        )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"{', '.join(names[:4])}{more}"


# Reading with TensorFlow


def _in_tensorflow(name: str, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """OpenAI's name and shape: a linear layer is a convolution of width 1, (1, n_in, n_out)."""
    return f"model/{name}", (1, *shape) if name.endswith("/w") else shape


def _open_tensorflow(folder: Path, shapes: Mapping[str, tuple]):
    """The checkpoint's reader, once all its variables are what they must be."""
    tf, prefix = _tensorflow(), folder / "model.ckpt"
    try:
        reader = tf.train.load_checkpoint(str(prefix))
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"TensorFlow cannot read {prefix}: {_first_line(error)}. {_anew(folder)}"
        ) from error
    found = {name: tuple(shape) for name, shape in reader.get_variable_to_shape_map().items()}
    _compare(prefix, found, dict(_in_tensorflow(*pair) for pair in shapes.items()))
    for name, kind in reader.get_variable_to_dtype_map().items():
        if kind != tf.float32:
            raise CheckpointError(f"{name} in {prefix} is of {kind.name}, expected float32")
    return reader


def _from_tensorflow(folder: Path, shapes: Mapping[str, tuple]) -> Iterator[tuple[str, Any]]:
    import numpy as np

    reader = _open_tensorflow(folder, shapes)
    for name, wanted in shapes.items():
        called = _in_tensorflow(name, wanted)[0]
        try:
            array = reader.get_tensor(called)
        except _tensorflow().errors.OpError as error:  # TensorFlow keeps a checksum of each tensor
            raise CheckpointError(
                f"{called} in {folder} is damaged: {_first_line(error)}. {_anew(folder)}"
            ) from error
        yield name, np.require(array.reshape(wanted), np.float32, "CW")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _anew(where: Path) -> str:
    return f"What to do: remove {where} and get it again"


# Reading safetensors


def _in_safetensors(name: str) -> str:
    """Hugging Face's name: h0/attn/c_attn/w is h.0.attn.c_attn.weight"""
    *path, last = name.split("/")
    if not path:
        return f"{last}.weight"
    path[0] = path[0] if path[0] == "ln_f" else f"h.{path[0][1:]}"
    return ".".join([*path, "bias" if last == "b" else "weight"])


def _look_at_safetensors(path: Path, shapes: Mapping[str, tuple]) -> dict[str, str]:
    """Check every tensor's name, type and shape, and that the file is whole, by its header alone.

    returns: our name -> the file's name
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        raw = file.read(length) if 2 <= length <= min(size - 8, 100_000_000) else b""
    try:
        header = json.loads(raw)
        header.pop("__metadata__", None)
        found = {name: tuple(about["shape"]) for name, about in header.items()}
        end = 8 + length + max(about["data_offsets"][1] for about in header.values())
        types = {name: about["dtype"] for name, about in header.items()}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise CheckpointError(
            f"{path.name} is no safetensors file: its header is damaged"
        ) from error
    masks = (".attn.bias", ".attn.masked_bias")  # Hugging Face's; no weights
    called = {name.removeprefix("transformer."): name for name in found if not name.endswith(masks)}
    wanted = dict(zip(map(_in_safetensors, shapes), shapes.values(), strict=True))
    _compare(path, {short: found[name] for short, name in called.items()}, wanted)
    for short in wanted:
        if types[called[short]] != "F32":
            raise CheckpointError(f"{short} in {path.name} is {types[called[short]]}, expected F32")
    if end != size:
        raise CheckpointError(f"{path.name} has {size:,} bytes, and its header says {end:,}")
    return {name: called[_in_safetensors(name)] for name in shapes}


def _from_safetensors(folder: Path, shapes: Mapping[str, tuple]) -> Iterator[tuple[str, Any]]:
    import numpy as np
    from safetensors import SafetensorError, safe_open

    path = folder / SAFETENSORS_FILE
    try:
        called = _look_at_safetensors(path, shapes)
        with safe_open(path, framework="numpy") as file:
            for name in shapes:
                yield name, np.require(file.get_tensor(called[name]), np.float32, "CW")
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}. {_anew(path)}") from error


# Getting a file


def fetch(
    urls: str | Iterable[str],
    path: str | os.PathLike,
    *,
    sha256: str | None,
    size: int | None = None,
    progress: bool = True,
    timeout: float = TIMEOUT,
    pause: float = PAUSE,
) -> Path:
    """Have the file at `path`, from the first of `urls` (mirrors) that gives the right bytes.

    It goes on where an earlier try was cut off, writes to `<path>.part`, and gives the file its
    name only when it is right. What is wrong is kept as `<path>.wrong-<8 digits>`, and that is
    said. A right file that is already there is left alone and the network is not asked. Two
    processes that want the same file at once are safe: the second waits and finds it.

    sha256, size: of the whole file (64 hexadecimal digits; bytes, where known). None: then a
        digest and a length are believed that the server gives
    progress: draw a bar and say in a line what was got
    timeout: seconds without a byte until a try is given up; pause: seconds before another one
    Errors: DownloadError, which names every address, what was wrong with it, and what to do.
    """
    path = Path(path)
    file = _File(path.name, sha256.lower() if sha256 else None, size)
    urls = [urls] if isinstance(urls, str) else list(urls)
    return _fetch(urls, path, file, progress, timeout, pause)


def sha256_of(path: str | os.PathLike) -> str:
    """The sha256 of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_aside(path: Path, expected: str = "", name: Path | None = None, why: str = "") -> str:
    """Rename a wrong file to `<name>.wrong-<8 digits of its sha256>`; returns a line to show.

    expected: the sha256 that it should have, or why: what else is wrong with it
    name: what the file would have been called, where that is not `path` itself
    """
    found, name = sha256_of(path), name or path
    aside = name.with_name(f"{name.name}.wrong-{found[:8]}")
    os.replace(path, aside)
    why = why or f"its sha256 begins with {found[:8]} and not with {expected[:8]}"
    return f"{name.name}: refused, {why}; kept as {aside}"


def _fetch(urls, path: Path, file: _File, progress, timeout, pause) -> Path:
    reasons = []
    with _errors_of_the_disk(path):
        if not file.problem(path):
            return path
    with _errors_of_the_disk(path), _alone(path, progress):
        if path.is_file():  # it is wrong, or another process was quicker
            if not (why := file.problem(path)):
                return path
            print(keep_aside(path, why=why))
        for url in urls:
            try:
                _from_mirror(url, path, file, progress, timeout, pause)
            except _Useless as reason:
                reasons.append(f"  {url}\n    {reason}")
            else:
                return path
    raise DownloadError(_by_hand(path, reasons, file))


def _from_mirror(url, path: Path, file: _File, progress, timeout, pause) -> None:
    """Get the file from one address, in up to TRIES tries; raises _Useless."""
    part = path.with_name(path.name + ".part")
    for n in range(1, TRIES + 1):
        try:
            begun, told = _receive(url, part, file.size, progress, timeout)
            why = file.problem(part) or ("" if file.sha256 else _unlike(part, told))
            if not why:
                os.replace(part, path)
                if progress:
                    print(f"{path.name}: {path.stat().st_size:,} bytes from {url}")
                return
            if not begun:
                said = keep_aside(part, name=path, why=why)
                print(said)
                raise _Useless(said.partition(": ")[2])
            part.unlink()  # what an earlier try had left may have been the wrong half
            raise _Again("the bytes of two tries do not fit together")
        except _Again as reason:
            if n == TRIES:
                raise _Useless(f"{reason} ({n} tries)") from None
            time.sleep(pause * n)


def _receive(url: str, part: Path, size: int | None, progress: bool, timeout: float):
    """Add to `part` what is missing.

    returns: how many bytes were there before (0: all is new), and the digest that the server told
    """
    begun = part.stat().st_size if part.is_file() else 0
    if size is not None and begun == size:
        return begun, None
    request = urllib.request.Request(url, headers=HEADERS)
    if begun:
        request.add_header("Range", f"bytes={begun}-")
    redirects = _Redirects()
    # An opener of our own notices a proxy that was set since the start.
    opened = urllib.request.build_opener(redirects).open
    with _errors_of_the_network(part, timeout), opened(request, timeout=timeout) as reply:
        if begun and not _goes_on(reply, begun):
            begun = 0
        length = _length(reply)
        total = None if length is None else begun + length
        if size is not None and total not in (None, size):
            raise _Useless(f"it offers {total:,} bytes, and {size:,} were expected")
        if length:
            _room_for(part.parent, length)
        with _bar(part, begun, total, progress) as bar:
            have = _store(reply, part, begun, size, bar)
    promised = size or total or 0
    if have < promised:
        raise _Again(f"cut off after {have:,} of {promised:,} bytes")
    return begun, _digest([*redirects.headers, reply.headers], whole=not begun)


def _store(reply: http.client.HTTPResponse, part: Path, begun: int, size: int | None, bar) -> int:
    """Write what comes behind the first `begun` bytes of `part`; returns its length then."""
    with _errors_of_the_disk(part):
        file = open(part, "ab" if begun else "wb")  # noqa: SIM115 (disk and network err apart)
    with file:
        while block := reply.read1(BLOCK):
            if not begun and block.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
                raise _Useless(PAGE)
            begun += len(block)
            if size is not None and begun > size:
                raise _Useless(f"it sends more than the {size:,} bytes that were expected")
            with _errors_of_the_disk(part):
                file.write(block)
            bar.update(len(block))
        with _errors_of_the_disk(part):
            file.flush()
            os.fsync(file.fileno())  # the name must not outlive a power cut without the bytes
    return begun


# What a server says

PAGE = "it sends a web page in place of the file: does this network ask you to sign in first?"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Keeps what the hub says of a file before it sends us to where the bytes are."""

    def __init__(self) -> None:
        self.headers: list[http.client.HTTPMessage] = []

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        """As its parent."""
        self.headers.append(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _digest(said: list[http.client.HTTPMessage], whole: bool) -> tuple[str, str] | None:
    """A digest of the whole file that a server gave: ("sha256", hexadecimal digits), or none.

    X-Linked-ETag is the hub's, the MD5s are those of Azure's store, where OpenAI keeps its files.
    """
    for headers in said:
        tag = headers.get("X-Linked-ETag", "").strip('"').lower()
        if len(tag) == 64 and set(tag) <= set("0123456789abcdef"):
            return "sha256", tag
        md5 = headers.get("x-ms-blob-content-md5") or (whole and headers.get("Content-MD5"))
        with contextlib.suppress(binascii.Error, ValueError):
            if md5 and len(raw := base64.b64decode(md5, validate=True)) == 16:
                return "md5", raw.hex()
    return None


def _unlike(part: Path, told: tuple[str, str] | None) -> str:
    """What a file differs in from what the server said of it, or ""."""
    if told is None:
        return ""
    with open(part, "rb") as file:
        new = hashlib.sha256 if told[0] == "sha256" else _md5
        found = hashlib.file_digest(file, new).hexdigest()
    if found == told[1]:
        return ""
    return f"its {told[0]} begins with {found[:8]}, and the server said {told[1][:8]}"


def _md5():
    return hashlib.md5(usedforsecurity=False)  # the server's; it tells damage, not malice


def _goes_on(reply: http.client.HTTPResponse, begun: int) -> bool:
    """Whether the answer is the rest of the file (206) and not the whole again (200)."""
    return reply.status == 206 and reply.headers.get("Content-Range", "").startswith(
        f"bytes {begun}-"
    )


def _length(reply: http.client.HTTPResponse) -> int | None:
    """How many bytes the server says are coming, where it does."""
    if reply.headers.get_content_type() == "text/html":
        raise _Useless(PAGE)
    said = reply.headers.get("Content-Length")
    if said is None:
        return None
    if not (said.isascii() and said.isdigit()):
        raise _Useless(f"its Content-Length reads {said[:40]!r}, which is no number of bytes")
    return int(said)


@contextlib.contextmanager
def _errors_of_the_network(part: Path, timeout: float) -> Iterator[None]:
    """Sort what can go wrong into _Again and _Useless, with a reason that a person can read."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # what we have is longer than the file: it is of another one
            part.unlink(missing_ok=True)
            raise _Again("HTTP 416: nothing after what an earlier try had left") from None
        kind = _Again if error.code in TRY_AGAIN else _Useless
        raise kind(f"HTTP {error.code} {error.reason}") from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            raise _Again(f"no byte in {timeout:g} s") from None
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise _Useless(
                f"its certificate could not be checked ({reason.verify_message}); python.org's "
                "Python on macOS needs its 'Install Certificates.command' run once"
            ) from None
        if isinstance(reason, socket.gaierror):
            raise _Useless("its name is not known here: is there a network?") from None
        if isinstance(reason, ConnectionRefusedError):
            raise _Useless("nobody answers there (connection refused)") from None
        raise _Again(f"{type(reason).__name__}: {reason}") from None


# The disk


@contextlib.contextmanager
def _errors_of_the_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DownloadError(
            f"could not read or write {error.filename or path}: {error.strerror or error}. "
            "Free some space, or choose a folder that you may write to"
        ) from error


def _room_for(folder: Path, size: int) -> None:
    """The folder's disk has room for so many bytes more; else DownloadError."""
    with _errors_of_the_disk(folder):
        there = next(above for above in (folder, *folder.absolute().parents) if above.exists())
        free = shutil.disk_usage(there).free
    if size > free:
        raise DownloadError(
            f"{size:,} bytes more are to come into {folder}, and its disk has {free:,} free. "
            "Free some space, or choose a folder on another disk"
        )


@contextlib.contextmanager
def _alone(path: Path, progress: bool) -> Iterator[None]:
    """Hold `<path>.lock`, so that one process at a time downloads this file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock, said = path.with_name(path.name + ".lock"), False
    while True:
        file = open(lock, "a+b")  # noqa: SIM115 (it is closed below, on every way out)
        if _locked(file) and _is_there(file, lock):
            break
        file.close()
        if progress and not said:
            print(f"{path.name}: another program is getting it, waiting")
            said = True
        time.sleep(0.1)
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):  # Windows removes no open file: it may stay
            lock.unlink(missing_ok=True)
        file.close()


def _is_there(file, lock: Path) -> bool:
    """Whoever had the lock before us removed its file: then the lock on it is worth nothing."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.stat())
    except FileNotFoundError:
        return False


def _locked(file) -> bool:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a network drive without locks: the sha256 still keeps a mixed file out
    return True


# What is shown


@contextlib.contextmanager
def _bar(part: Path, begun: int, total: int | None, progress: bool) -> Iterator:
    name = part.name.removesuffix(".part")
    if tqdm and progress:
        look = {"unit": "B", "unit_scale": True, "leave": False}
        with tqdm(desc=name, initial=begun, total=total, **look) as bar:
            yield bar
        return
    if progress:
        print(f"{name}: getting {total or 'an unknown number of'} bytes")
    yield _Tenths(name, begun, total if progress else None)


class _Tenths:
    """A line for each tenth of a large file, where tqdm is not installed."""

    def __init__(self, name: str, have: int, total: int | None) -> None:
        self.name, self.have = name, have
        self.total = total if (total or 0) > 10_000_000 else None

    def update(self, n: int) -> None:
        """n bytes more have come."""
        before, self.have = self.have, self.have + n
        if self.total and before * 10 // self.total < self.have * 10 // self.total:
            print(f"{self.name}: {self.have / self.total:4.0%}, {self.have:,} bytes", flush=True)


def _by_hand(path: Path, reasons: list[str], file: _File) -> str:
    is_known = [f"{file.size:,} bytes"] if file.size else []
    is_known += [f"the sha256 {file.sha256}"] if file.sha256 else []
    lines = [
        f"could not get {path.name} from",
        *(reasons or ["  anywhere: no address was given"]),
        "What to do: check the network and try again; or get it elsewhere and put it at",
        f"  {path}",
    ]
    if is_known:
        lines.append(f"  (it must have {' and '.join(is_known)})")
    return "\n".join(lines)


# The command line


def main(arguments: list[str] | None = None) -> int:
    """Get a size, or list them; returns the exit code: 0, 1 for an error, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python gpt_download.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("size", nargs="?", choices=MODELS, help=", ".join(MODELS))
    parser.add_argument("--folder", default=FOLDER, help="where the folder 124M goes (gpt2)")
    parser.add_argument("--source", default="auto", choices=("auto", *SOURCES))
    parser.add_argument("--list", action="store_true", help="which sizes there are, and are here")
    options = parser.parse_args(arguments)
    if options.list:
        _list(options.folder)
    elif options.size is None:
        parser.error("say which size to get, or --list")
    try:
        if options.size:
            download_gpt2(options.size, options.folder, source=options.source)
    except (DownloadError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What came is kept: the same command goes on from there.", file=sys.stderr)
        return 130
    return 0


def _list(folder: str) -> None:
    print(f"{'size':6} {'parameters':>13} {'tensorflow':>12} {'safetensors':>12}  here ({folder})")
    for size, model in MODELS.items():
        megabytes = [
            f"{sum(file.size or file.about for file in _files(model, source)) / 1e6:,.0f} MB"
            for source in SOURCES
        ]
        here = [source for source in SOURCES if cached(size, folder, source)]
        print(
            f"{size:6} {model.parameters:13,} {megabytes[0]:>12} {megabytes[1]:>12}  "
            f"{', '.join(here) or '-'}"
        )


if __name__ == "__main__":
    sys.exit(main())
