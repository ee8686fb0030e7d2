"""What /settings, /status and /info say, pairs of a name and a text; and how an answer ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gptlab.chatting.answers import Answer, history, room
from gptlab.chatting.settings import KNOBS, Knob, Settings
from gptlab.conversations import encode

if TYPE_CHECKING:
    from gptlab.chatting.loading import Loaded
    from gptlab.chatting.talk import Talk

__all__ = ["ending", "headline", "info", "knob", "status", "value", "warned"]

Rows = list[tuple[str, str]]


def value(settings: Settings, one: Knob) -> str:
    """The value of a knob."""
    found = settings.get(one)
    return "off" if found is None else f"{found:g}" if isinstance(found, float) else str(found)


def knob(settings: Settings, one: Knob) -> str:
    """Its value and its range."""
    return f"{value(settings, one):<8} {one.range()}"


def warned(talk: Talk, one: Knob) -> str:
    """What a value that is allowed does to the rest of the conversation; "" for nothing."""
    size = talk.loaded.checkpoint.config.block_size
    if one.name == "max-tokens" and talk.settings.max_tokens > size // 2:
        left = room(size, talk.settings.max_tokens)
        return f"The model reads {size:,} tokens at once: {left:,} are for the conversation."
    vocabulary = talk.loaded.checkpoint.config.vocab_size
    if one.name == "top-k" and talk.settings.top_k > vocabulary:
        return f"The vocabulary has {vocabulary:,} tokens: it draws from all of them."
    return ""


def headline(loaded: Loaded) -> str:
    """Which model it is, in a sentence."""
    count = sum(one.numel() for one in loaded.checkpoint.model.parameters())
    return f"{loaded.name}: {count:,} parameters, on {loaded.device}."


def ending(answer: Answer, said: str, most: int, option: str) -> str:
    """What there is to say of how an answer ended; "" where the model ended it with words.

    most: the tokens that it could have; option: what is typed to change that
    """
    if answer.ended:
        return "" if said.strip() else "(the model said nothing: ask again, or in other words)"
    more = min(2 * most, KNOBS["max-tokens"].most)
    hint = f"; {option} {more} for more" if more > most else ", the most that there are"
    return f"(cut at {most:,} tokens{hint})"


def status(talk: Talk) -> Rows:
    """Mode, turns, context, speed, settings."""
    checkpoint, most = talk.loaded.checkpoint, talk.settings.max_tokens
    kept = history(checkpoint, talk.messages, most)
    used = len(encode(kept, checkpoint.tokenizer))
    size = checkpoint.config.block_size
    if used > room(size, most):  # the last turn alone: the next message pushes it out
        kept, used = [], 0
    read = len(kept) // 2
    rows = [
        ("mode", talk.mode),
        ("turns", f"{talk.turns}" + (f", {read} still read" if read < talk.turns else "")),
        ("context", f"{used:,} of {room(size, most):,} tokens; {size - room(size, most):,} are "
                    "kept free for the answer"),
    ]  # fmt: skip
    if talk.last and talk.last[0]:
        count, seconds = talk.last
        rows.append(("last answer", f"{count:,} tokens, {count / seconds:,.0f} a second"))
    told = ", ".join(f"{one.name} {value(talk.settings, one)}" for one in KNOBS.values())
    return [*rows, ("settings", told), ("model", headline(talk.loaded))]


def info(loaded: Loaded) -> Rows:
    """The model's size, and what its run has kept of the training."""
    c, run = loaded.checkpoint.config, loaded.checkpoint.run or {}
    every = sum(one.numel() for one in loaded.checkpoint.model.parameters())
    rows = [
        ("model", f"{loaded.name} ({loaded.folder})"),
        ("parameters", f"{every:,} ({every - c.block_size * c.n_embd:,} without positions)"),
        ("shape", f"{c.n_layer} layers, {c.n_head} heads, {c.n_embd} wide"),
        ("context", f"{c.block_size:,} tokens, of a vocabulary of {c.vocab_size:,}"),
        ("device", str(loaded.device)),
    ]
    try:
        figures = _of_the_run(run)
    except (AttributeError, KeyError, TypeError, ValueError):
        figures = [("training", "its run.json has other figures than gptlab.train writes")]
    return rows + [(name, told) for name, told in figures if told]


def _of_the_run(run: Mapping[str, Any]) -> Rows:
    steps = f"{run['steps']:,} steps" if run.get("steps") else ""
    seconds = f"{run['seconds']:,.0f} s on {run.get('device', 'cpu')}" if run.get("seconds") else ""
    data = run.get("data") or {}
    dialogues = data.get("train_dialogues")
    losses = run.get("losses") or {}
    score = (run.get("scores") or {}).get("all") or {}
    return [
        ("training", ", ".join(part for part in (run.get("preset"), steps, seconds) if part)),
        ("data", f"{dialogues:,} dialogues" if dialogues else ""),
        ("losses", ", ".join(f"{name} {loss:.3f}" for name, loss in losses.items())),
        ("score", f"{score['exact']:.1%} exact, {score['partial']:.1%} partial, of "
                  f"{score.get('count', 0):,} held-out answers" if "exact" in score else ""),
    ]  # fmt: skip
