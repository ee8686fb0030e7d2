"""Look at this machine: versions, device, arithmetic, texts, network.

    python -m gptlab.doctor [--json] [--offline]

Each line is `ok`, `note` (the labs run, but something is missing or slow) or `fail` (they do
not), and a note or a failure says what to do. The exit code is 1 where a line failed, else 0.
The fingerprint is the same on machines that compute alike: see `gptlab.fingerprint`.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import gpt_download
import gptlab
from gptlab import data

__all__ = ["Line", "examine", "main"]

PYTHONS = ((3, 11), (3, 13))  # from, to
PACKAGES = {"torch": (2, 0), "numpy": (1, 26), "matplotlib": (3, 8), "tqdm": (4, 66)}
OPTIONAL = {"tqdm"}  # draws progress bars
PATIENCE = 4.0  # seconds for each address
FREE = 1_000_000_000  # bytes that a download and a training want


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    group: str
    name: str
    status: str  # ok, note, fail
    found: str
    todo: str = ""  # what to do, for a note or a failure


def main(arguments: list[str] | None = None) -> int:
    """Print what was found; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gptlab.doctor", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="one JSON object, for a program")
    parser.add_argument("--offline", action="store_true", help="ask nothing of the network")
    options = parser.parse_args(arguments)
    lines = list(examine(network=not options.offline))
    failed = sum(line.status == "fail" for line in lines)
    if options.json:
        told = [asdict(line) for line in lines]
        print(json.dumps({"gptlab": gptlab.__version__, "ok": not failed, "lines": told}, indent=1))
    else:
        _show(lines)
    return 1 if failed else 0


def examine(network: bool = True) -> Iterator[Line]:
    """All lines, in the order in which they are shown."""
    yield from _versions()
    yield from _machine()
    yield from _torch()
    texts = list(_texts())
    yield from texts
    yield from _weights()
    yield from _network(network, needed=any(line.status != "ok" for line in texts))


def _versions() -> Iterator[Line]:
    group, version = "versions", platform.python_version()
    low, high = (".".join(map(str, pair)) for pair in PYTHONS)
    if sys.version_info[:2] < PYTHONS[0]:
        yield Line(group, "Python", "fail", version, f"install Python {low} to {high}")
    elif sys.version_info[:2] > PYTHONS[1]:
        todo = f"the course is tested with {low} to {high}; take one of them if a lab fails"
        yield Line(group, "Python", "note", version, todo)
    else:
        yield Line(group, "Python", "ok", version)
    yield Line(group, "gptlab", "ok", gptlab.__version__)
    for name, least in PACKAGES.items():
        yield _package(name, least)


def _package(name: str, least: tuple[int, int]) -> Line:
    wanted, install = ".".join(map(str, least)), f"run: {_pip()} install --upgrade {name}"
    try:
        importlib.import_module(name)
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Line("versions", name, "note", "of unknown version", install)
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == name
        found = "is not installed" if absent else f"cannot be loaded: {error}"
        return Line("versions", name, "note" if name in OPTIONAL else "fail", found, install)
    except OSError as error:  # torch on a Windows without Microsoft's C++ runtime
        return Line("versions", name, "fail", f"cannot be loaded: {error}", install)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < least:
        return Line("versions", name, "fail", f"{version}, and {wanted} is needed", install)
    return Line("versions", name, "ok", version)


def _pip() -> str:
    return f"{sys.executable or 'python'} -m pip"


def _machine() -> Iterator[Line]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.release()}, {platform.machine()}, {cores} cores"
    yield Line("machine", "system", "ok", system)
    folder = data.cache()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        found, todo = f"{folder} cannot be written", "name another folder in GPTLAB_CACHE"
        yield Line("machine", "cache", "fail", found, todo)
        return
    free = shutil.disk_usage(there).free
    found = f"{folder}, {free / 1e9:.1f} GB free"
    if free < FREE:
        yield Line("machine", "cache", "note", found, "free a gigabyte, or set GPTLAB_CACHE")
    else:
        yield Line("machine", "cache", "ok", found)


def _torch() -> Iterator[Line]:
    """The device and the fingerprint, where torch can be loaded at all."""
    try:
        from gptlab import fingerprint
    except (ImportError, OSError):  # has its line, with what to do, among the versions
        todo = "install torch first, see above"
        yield Line("device", "device", "fail", "not looked at, for want of torch", todo)
        return
    device = fingerprint.best_device()
    yield _device(device, fingerprint.bf16(device))
    try:
        difference = fingerprint.largest_difference(device)
    except RuntimeError as error:
        todo = "restart; if it stays, set CUDA_VISIBLE_DEVICES= (empty) to work on the processor"
        yield Line("device", "arithmetic", "fail", f"{device}: {error}".splitlines()[0], todo)
    else:
        found = f"{device}: float32 is {difference:.0e} from float64"
        if difference < 1e-3:
            yield Line("device", "arithmetic", "ok", found)
        else:
            todo = "update torch and the driver: this device computes wrongly"
            yield Line("device", "arithmetic", "fail", found, todo)
    yield from _fingerprint(fingerprint.fingerprint(), fingerprint.COURSE)


def _device(device, fast_bf16: bool) -> Line:
    import torch

    if device.type == "cuda":
        about = torch.cuda.get_device_properties(device)
        use = "bfloat16" if fast_bf16 else "float16, since bfloat16 is only emulated"
        found = f"CUDA: {about.name}, {about.total_memory / 2**30:.0f} GiB; mixed precision: {use}"
        return Line("device", "device", "ok", found)
    if device.type == "mps":
        return Line("device", "device", "ok", f"Apple MPS ({platform.machine()}); use float32")
    found = f"CPU, {torch.get_num_threads()} threads"
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        todo = "for a GPU: Runtime > Change runtime type > T4 GPU > Save (the first labs need none)"
    elif shutil.which("nvidia-smi") and torch.version.cuda is None:
        todo = f"there is an NVIDIA driver, but torch {torch.__version__} is the CPU build"
    elif shutil.which("nvidia-smi"):
        todo = "torch sees no GPU; look at `nvidia-smi` and at CUDA_VISIBLE_DEVICES"
    else:
        return Line("device", "device", "ok", f"{found} (no GPU; the labs run without one)")
    return Line("device", "device", "note", found, todo)


def _fingerprint(found: dict, course: dict[str, str]) -> Iterator[Line]:
    todo = {
        "draws": "other random numbers than the course's: your losses will differ by a little",
        "values": "other sums than the course's: expect a difference in the fourth digit",
    }
    for name, word in course.items():
        if found[name] == word:
            yield Line("fingerprint", name, "ok", f"{found[name]}, as on the course's machine")
        else:
            yield Line("fingerprint", name, "note", f"{found[name]}, not {word}", todo[name])
    numbers = ", ".join(f"{name} {value:g}" for name, value in found["numbers"].items())
    yield Line("fingerprint", "numbers", "ok", numbers)


def _texts() -> Iterator[Line]:
    """Which texts are here; looks and changes nothing."""
    folder = os.environ.get("GPTLAB_DATA")
    if folder and not os.path.isdir(os.path.expanduser(folder)):
        found = f"names {folder}, which is no folder"
        yield Line("texts", "GPTLAB_DATA", "fail", found, "correct it, or unset it")
    for key, source in data.TEXTS.items():
        wrong = []
        for place, path in data.places(key):
            problem = data.problem(path, source)
            if not problem:
                yield Line("texts", source.name, "ok", f"{place}: {path}")
                break
            if path.exists():
                wrong.append(problem)
        else:
            todo = f"get {source.urls[0]} and save it as {data.places(key)[-1][1]}"
            if not data.offline_because():
                todo = f"a lab downloads it by itself; or {todo}"
            yield Line("texts", source.name, "note", "not here; a generated play stands in", todo)
        for problem in wrong:
            yield Line("texts", source.name, "fail", problem, "remove that file")


def _weights() -> Iterator[Line]:
    """Which sizes of OpenAI's GPT-2 lie in ./gpt2 or in GPTLAB_DATA; no sum is checked."""
    pairs = [(size, source) for size in gpt_download.MODELS for source in gpt_download.SOURCES]
    lines = [
        Line("weights", f"GPT-2 {size}", "ok", f"{source}: {folder}")
        for size, source in pairs
        if (folder := gpt_download.cached(size, source=source))
    ]
    none = "none in ./gpt2; the labs run on a tiny GPT-2 that comes with the course"
    yield from lines or [Line("weights", "GPT-2", "ok", none)]


def _network(allowed: bool, needed: bool) -> Iterator[Line]:
    """Whether the mirrors answer; all are asked at once."""
    if not allowed:
        found = "left out here; python -m gptlab.doctor asks them, unless given --offline"
        yield Line("network", "mirrors", "ok", found)
        return
    if why := data.offline_because():
        yield Line("network", "mirrors", "ok", f"not asked, since {why}")
        return
    urls = {urlsplit(url).netloc: url for source in data.TEXTS.values() for url in source.urls}
    with ThreadPoolExecutor(len(urls)) as pool:
        answers = pool.map(_answer, urls.values())
    for host, problem in zip(urls, answers, strict=True):
        if not problem:
            yield Line("network", host, "ok", "answers")
        elif not needed:
            yield Line("network", host, "ok", f"{problem}, but nothing is wanted from it")
        else:
            todo = "check the network or its proxy; or put the texts where the lines above say"
            yield Line("network", host, "note", f"cannot be reached: {problem}", todo)


def _answer(url: str) -> str:
    """What keeps the address from answering, or ""."""
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "gptlab"})
    try:
        with urllib.request.build_opener().open(request, timeout=PATIENCE):
            return ""
    except urllib.error.HTTPError as error:
        error.close()
        return f"HTTP {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except OSError as error:
        return str(error)


def _show(lines: list[Line]) -> None:
    """A block for each group; in colour where rich is installed and a person reads."""
    say, colours = _printer()
    width = max(len(line.name) for line in lines)
    group = None
    for line in lines:
        if line.group != group:
            say(f"{line.group}")
            group = line.group
        say(f"  {line.status:4}  {line.name:{width}}  {line.found}", colours.get(line.status))
        if line.todo:
            say(f"        {'':{width}}  what to do: {line.todo}", colours.get(line.status))
    counts = {status: sum(line.status == status for line in lines) for status in colours}
    say(f"{counts['ok']} ok, {counts['note']} to note, {counts['fail']} failed")


def _printer():
    colours = {"ok": None, "note": "yellow", "fail": "red"}
    try:
        from rich.console import Console
    except ImportError:
        return lambda text, style=None: print(text), colours
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    return lambda text, style=None: console.print(text, style=style), colours


if __name__ == "__main__":
    sys.exit(main())
