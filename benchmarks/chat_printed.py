"""What benchmarks/chat.py measured, as it is printed: a table, and pico-gpt's own layout."""

from __future__ import annotations

from typing import Any

from benchmarks.chat import NO_GPU, WAYS

LINE = "=" * 60


def whole(found: dict[str, Any]) -> str:
    """All of a record."""
    parts = [on(found), *(decoding(found, length) for length in found["decoding"]), stated(found)]
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


def block(found: dict[str, Any], kind: str, name: str) -> str:
    """CPU against CUDA in pico-gpt's layout: milliseconds, tokens a second, memory."""
    shape, cpu, cuda = found["shapes"][name], *found[kind][name].values()
    times = f"{cpu['ms'] / cuda['ms']:.2f}x" if cuda else NO_GPU
    what = f"{found['new']} tokens" if kind == "writing" else (
        "a step with {} windows of {} tokens".format(*found["batch"]))  # fmt: skip
    return "\n".join([
        f"{name.capitalize()} model, {kind}: CUDA against CPU", LINE,
        f"Model: {shape['without positions'] / 1e6:.1f}M parameters without positions "
        f"({shape['layers']} layers, {shape['heads']} heads, {shape['wide']} wide)",
        "", f"Time of {what}:",
        f"  CPU:  {cpu['ms']:.2f} ms",
        f"  CUDA: {cuda['ms']:.2f} ms" if cuda else f"  CUDA: {NO_GPU}",
        f"  Speed-up: {times}",
        "", "Tokens a second:",
        f"  CPU:  {cpu['tokens a second']:.1f}",
        f"  CUDA: {cuda['tokens a second']:.1f}" if cuda else f"  CUDA: {NO_GPU}",
        "", "Memory:",
        f"  Weights: {shape['MB']:.1f} MB",
        f"  CUDA, at most: {cuda['MB']:.1f} MB" if cuda else f"  CUDA: {NO_GPU}",
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
