"""How a value looks in a message, and where two values differ."""

from __future__ import annotations

from typing import Any

SMALL = 24  # numbers of a tensor that a message still shows


def show(value: Any, limit: int = 160) -> str:
    """A short picture of a value: a tensor comes with its shape and dtype; cut at ``limit``."""
    if is_tensor(value):
        head = f"{str(value.dtype).removeprefix('torch.')} tensor of shape {tuple(value.shape)}"
        if value.numel() > SMALL:
            return head
        return cut(f"{_rounded(value.tolist())} ({head})", limit)
    if callable(value) and hasattr(value, "__name__"):
        return f"the {type(value).__name__} {value.__name__}"
    if isinstance(value, (list, tuple)) and any(map(is_tensor, value)):
        return cut(f"{kind(value)} of {'; '.join(show(part, limit) for part in value)}", limit)
    if isinstance(value, (float, list, tuple)):
        value = _rounded(value)
    return cut(repr(value), limit)


def cut(text: str, limit: int) -> str:
    """``text``, at most ``limit`` characters of it, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_tensor(value: Any) -> bool:
    # by name, so that this module loads where torch is missing or slow to import
    return type(value).__module__.startswith("torch") and hasattr(value, "numel")


def _rounded(value: Any) -> Any:
    """``value`` with its floats rounded to 4 places, so that a message stays readable."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if type(value) is tuple:
        return tuple(_rounded(part) for part in value)
    return value


def kind(value: Any) -> str:
    """The type of a value in words: "None", "a list", "an int"."""
    if value is None:
        return "None"
    name = "tensor" if is_tensor(value) else type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def difference(found: Any, expected: Any) -> tuple[str, str] | None:
    """None where the two are equal, else what to say was expected and what was found."""
    said, seen = show(expected), show(found)
    if found is None and expected is not None:
        return said, "None: is a return missing?"
    if is_tensor(expected):
        alike = is_tensor(found) and (found.dtype, found.shape) == (expected.dtype, expected.shape)
        if alike and expected.allclose(found.detach(), rtol=0, atol=1e-4, equal_nan=True):
            return None
        if alike and expected.numel() <= SMALL:
            return show(expected.tolist()), show(found.tolist())
        if alike:
            return _first_place(found.detach(), expected)
    elif isinstance(expected, float):
        number = isinstance(found, (int, float)) and not isinstance(found, bool)
        if number and abs(found - expected) <= 1e-4:
            return None
    elif type(found) is not type(expected):
        return f"{kind(expected)}: {said}", f"{kind(found)}: {seen}"
    elif isinstance(expected, (list, tuple)):
        pairs = zip(found, expected, strict=False)
        if len(found) == len(expected) and not any(difference(a, b) for a, b in pairs):
            return None
    elif found == expected:
        return None
    return said, seen


def _first_place(found: Any, expected: Any) -> tuple[str, str]:
    """What to say of two tensors of one shape that are too large to show: where they part."""
    near = found.isclose(expected, rtol=0, atol=1e-4, equal_nan=True)
    places = (~near).nonzero().tolist()
    first = tuple(places[0])
    said, seen = (show(tensor[first].item()) for tensor in (expected, found))
    more = f", the first of {len(places)} numbers that differ" if len(places) > 1 else ""
    return f"{said} at {places[0]}", f"{seen} at {places[0]}{more}"


def likely_kind(found: Any, expected: Any) -> str:
    """The cause where the numbers are right and what holds them is not; else ""."""
    if not is_tensor(expected):
        return ""
    if isinstance(found, (list, tuple)):
        return "plain_list" if found and not _holds_tensor(found) else ""
    if not is_tensor(found) or found.shape != expected.shape or found.dtype == expected.dtype:
        return ""
    return "" if difference(found.detach().to(expected.dtype), expected) else "dtype_changed"


def _holds_tensor(value: Any) -> bool:
    parts = value if isinstance(value, (list, tuple)) else ()
    return is_tensor(value) or any(map(_holds_tensor, parts))
