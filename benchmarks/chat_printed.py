"""What benchmarks/chat.py measured, as it is printed: a table, then blocks as pico-gpt prints them.

In a block "Average" is the median of several turns, parameters are counted without positions, and
"CUDA Allocated" is the most that torch held at once.
"""

from __future__ import annotations

from typing import Any

from benchmarks.chat import WAYS
from benchmarks.timing import NO_GPU

LINE = "=" * 60
KINDS = {"writing": ("Inference", "Generation"), "training": ("Training", "Step")}


def whole(found: dict[str, Any]) -> str:
    """All of a record."""
    parts = [on(found), *(decoding(found, length) for length in found["decoding"]), stated(found),
             under(found)]  # fmt: skip
    for name in found["shapes"]:
        parts += [block(found, "writing", name), block(found, "training", name)]
    parts.append(large_small(found))
    return "\n\n".join(parts)


def on(found: dict[str, Any]) -> str:
    """Where it was measured."""
    here = found["machine"]
    return (f"{here['processor']}, one of {here['cores']} cores, torch {here['torch']}; "
            f"GPU: {found['gpu'] or 'none'}; seed {found['seed']}")  # fmt: skip


def rates(found: dict[str, Any], length: str) -> dict[str, float]:
    """Tokens a second of each way after a prompt of this length."""
    return {name: 1 / s for name, s in found["decoding"][length]["seconds a token"].items()}


def decoding(found: dict[str, Any], length: str) -> str:
    """Each way, and how many times the naive loop's and transformers' rate its own is."""
    told, speeds = found["decoding"][length], rates(found, length)
    lines = [f"{told['new']} tokens after a prompt of {length}, one core",
             f"  {'':<30} {'tokens/s':>9} {'x naive':>9} {'x transformers':>15}"]  # fmt: skip
    for name, rate in speeds.items():
        lines.append(f"  {name:<30} {rate:9.1f} {rate / speeds[WAYS[0]]:9.2f} "
                     f"{rate / speeds[WAYS[3]]:15.2f}")  # fmt: skip
    lines.append(f"  in {told['int8 agrees']} of {told['new']} places int8 has the same likeliest "
                 "token (the weights are random)")  # fmt: skip
    return "\n".join(lines)


def stated(found: dict[str, Any]) -> str:
    """pico-gpt's three figures beside ours."""
    said = found["stated"]
    first = rates(found, next(iter(found["decoding"])))
    best, loop = first[WAYS[2]], first[WAYS[0]]
    return "\n".join([
        "What pico-gpt's README states, tokens a second, and how many times that ours in int8 is",
        f"  {said['CPU']:6.1f} on a processor, {best / said['CPU']:.1f} x",
        f"  {said['GPU']:6.1f} on an RTX 3080 Ti, {best / said['GPU']:.2f} x",
        f"  {said['CPU, further down']:6.1f} on a processor, further down, "
        f"{best / said['CPU, further down']:.2f} x: the two figures for a processor",
        f"         contradict each other; the naive loop here: {loop:.1f} on one core",
    ])  # fmt: skip


def under(found: dict[str, Any]) -> str:
    """What the blocks after it are about."""
    return ("In pico-gpt's layout: {} tokens a time; a training step has {} windows of {} tokens"
            .format(found["new"], *found["batch"]))  # fmt: skip


def block(found: dict[str, Any], kind: str, name: str) -> str:
    """CPU against CUDA as pico-gpt's README prints it, label by label."""
    title = f"{name.capitalize()} Model CUDA vs CPU {KINDS[kind][0]} Benchmark"
    return _block(title, found["shapes"][name], KINDS[kind][1], **found[kind][name])


def theirs(found: dict[str, Any]) -> str:
    """The one block that stands in pico-gpt's README."""
    said = found["stated"]
    cpu, cuda = ({"ms": said[f"ms {name}"], "tokens a second": said[name],
                  "MB": said.get(f"MB {name}")} for name in ("CPU", "GPU"))  # fmt: skip
    title = f"{said['name']} Model CUDA vs CPU {KINDS['writing'][0]} Benchmark"
    return _block(title, said, KINDS["writing"][1], cpu, cuda)


def _block(
    title: str, shape: dict[str, Any], what: str, cpu: dict[str, Any], cuda: dict[str, Any] | None
) -> str:
    times = f"{cpu['ms'] / cuda['ms']:.2f}x" if cuda else NO_GPU
    return "\n".join([
        title, LINE,
        f"Model: {shape['without positions'] / 1e6:.1f}M parameters ({shape['layers']} layers, "
        f"{shape['heads']} heads, {shape['wide']} embedding dim)",
        "", f"Average {what} Time:",
        f"  CPU:  {cpu['ms']:.2f} ms",
        f"  CUDA: {cuda['ms']:.2f} ms" if cuda else f"  CUDA: {NO_GPU}",
        f"  Speedup: {times} faster" if cuda else f"  Speedup: {NO_GPU}",
        "", "Throughput (tokens/sec):",
        f"  CPU:  {cpu['tokens a second']:.1f}",
        f"  CUDA: {cuda['tokens a second']:.1f}" if cuda else f"  CUDA: {NO_GPU}",
        f"  Improvement: {times}",
        "", "Memory Usage:",
        f"  CUDA Allocated: {cuda['MB']:.1f} MB" if cuda else f"  CUDA Allocated: {NO_GPU}",
    ])  # fmt: skip


def large_small(found: dict[str, Any]) -> str:
    """The last shape against the first: how many times as large, and as slow."""
    first, *_, last = found["shapes"]
    many = found["shapes"][last]["parameters"] / found["shapes"][first]["parameters"]
    lines = [f"{last.capitalize()} against {first}: {many:.2f} times the parameters"]
    for kind in ("writing", "training"):
        for device in ("cpu", "cuda"):
            a, b = found[kind][first][device], found[kind][last][device]
            said = f"{b['ms'] / a['ms']:.2f} times the time" if a and b else NO_GPU
            lines.append(f"  {kind}, {device.upper()}: {said}")
    return "\n".join(lines)
