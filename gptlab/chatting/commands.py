"""The commands of a conversation: what begins with /."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gptlab.chatting import shown
from gptlab.chatting.errors import ChatError
from gptlab.chatting.settings import KNOBS, Knob

if TYPE_CHECKING:
    from gptlab.chatting.talk import Talk

__all__ = ["COMMANDS", "completions", "run"]


@dataclass(frozen=True)
class Command:
    """One of them. do: gets the conversation and the words after the name; False leaves."""

    name: str
    takes: str  # what may follow
    about: str
    do: Callable[[Talk, Sequence[str]], bool | None]
    most: int = 0  # words that may follow


def run(talk: Talk, line: str) -> bool:
    """Do what the line says; False where it says to leave. Raises ChatError."""
    name, *words = line[1:].split() or [""]
    command = COMMANDS.get(name.lower())
    if command is None:
        raise ChatError(f"/{name}: there is no such command.{_meant(name.lower())} /help lists "
                        "them; a space before the / makes it a message")  # fmt: skip
    if command.name != "load" and len(words) > command.most:
        takes = f"takes {command.takes} after it" if command.takes else "takes nothing after it"
        raise ChatError(f"/{command.name} {takes}: found {' '.join(words)!r}, so nothing was done")
    return command.do(talk, words) is not False


def _meant(name: str) -> str:
    """What was meant, as a question; "" where nothing is near."""
    begun = [one for one in COMMANDS if name and one.startswith(name)]
    found = begun or [OTHERS[name]] if name in OTHERS or begun else []
    found = found or difflib.get_close_matches(name, COMMANDS, 1)
    return f" Did you mean /{found[0]}?" if found else ""


def completions(line: str) -> list[str]:
    """What Tab makes of the last word of a line."""
    before, _, word = line.rpartition(" ")
    if not line.startswith("/"):
        return []
    names = {"/settings": list(KNOBS), "/mode": list(MODES), "/help": list(COMMANDS)}
    known = names.get(before, []) if before else [f"/{name}" for name in COMMANDS]
    return [one for one in known if one.startswith(word)]


def _help(talk: Talk, words: Sequence[str]) -> None:
    if words:
        name = words[0].lstrip("/").lower()
        if name not in COMMANDS:
            raise ChatError(f"/help: there is no command /{name}.{_meant(name)} /help lists them")
    some = [COMMANDS[name]] if words else list(COMMANDS.values())
    talk.console.rows([(f"/{one.name} {one.takes}".rstrip(), one.about) for one in some])
    if not words:
        talk.console.dim("Ctrl-C stops an answer, Ctrl-D leaves, the arrow keys bring back what "
                         "was typed.")  # fmt: skip


def _settings(talk: Talk, words: Sequence[str]) -> None:
    words = [part for word in words for part in word.split("=") if part]  # temperature=0.5
    knobs = [_knob(words[0])] if words else list(KNOBS.values())
    if len(words) < 2:
        talk.console.rows([(knob.name, shown.knob(talk.settings, knob)) for knob in knobs])
        told = f"It {knobs[0].does}." if words else (
            "/settings temperature 0.5 changes one; /settings temperature says what it does.")
        talk.console.dim(told)
        return
    if len(words) > 2:
        raise ChatError(f"/settings {words[0]}: found {len(words) - 1} values, expected one")
    talk.settings.set(knobs[0], words[1])
    if knobs[0].name == "seed":
        talk.seed()
    talk.console.rows([(knobs[0].name, shown.value(talk.settings, knobs[0]))])
    if note := shown.warned(talk, knobs[0]):
        talk.console.dim(note)


def _knob(name: str) -> Knob:
    wanted = name.lower().lstrip("-").replace("_", "-")
    if wanted in KNOBS:
        return KNOBS[wanted]
    begun = [one for one in KNOBS if one.startswith(wanted)]
    near = begun or difflib.get_close_matches(wanted, KNOBS, 1)
    asked = f" Did you mean {near[0]}?" if near else ""
    raise ChatError(f"/settings: there is no {name}.{asked} Expected one of: {', '.join(KNOBS)}")


def _clear(talk: Talk, words: Sequence[str]) -> None:
    talk.console.clear()
    if not talk.console.terminal:
        talk.console.dim("There is no screen to clear here.")


def _reset(talk: Talk, words: Sequence[str]) -> None:
    count = talk.turns
    talk.begin()
    turns = "turn" if count == 1 else "turns"
    talk.console.dim(f"Forgotten: {count} {turns}. The conversation begins anew.")


def _status(talk: Talk, words: Sequence[str]) -> None:
    talk.console.rows(shown.status(talk))


def _mode(talk: Talk, words: Sequence[str]) -> None:
    from gptlab.chatting.talk import CONVERSATION, SINGLE

    if words:
        if (wanted := MODES.get(words[0].lower())) is None:
            raise ChatError(f"/mode: found {words[0]!r}, expected conversation or single, or "
                            "nothing, which changes from one to the other")  # fmt: skip
    else:
        wanted = SINGLE if talk.mode == CONVERSATION else CONVERSATION
    talk.mode = wanted
    told = ("each message is answered alone; what was said before waits" if wanted == SINGLE
            else "the model reads what was said before")  # fmt: skip
    talk.console.dim(f"Mode: {wanted} ({told}).")


def _info(talk: Talk, words: Sequence[str]) -> None:
    talk.console.rows(shown.info(talk.loaded))


def _load(talk: Talk, words: Sequence[str]) -> None:
    if not words:
        raise ChatError(f"/load: found no name, expected small, or the folder of a chat model or "
                        f"of a run. The model is {talk.loaded.name} ({talk.loaded.folder})")
    from gptlab.chatting import loading

    try:
        talk.loaded = loading.open_model(" ".join(words), talk.device)
    except ChatError as error:
        raise ChatError(f"{error}. {talk.loaded.name} stays") from error
    loading.set_threads(talk.loaded)
    talk.begin()
    talk.console.dim(f"{shown.headline(talk.loaded)} The conversation begins anew.")


def _quit(talk: Talk, words: Sequence[str]) -> bool:
    return False


COMMANDS = {
    one.name: one
    for one in (
        Command("help", "[COMMAND]", "this list", _help, 1),
        Command("settings", "[NAME [VALUE]]", "show or change how the model writes", _settings, 3),
        Command("clear", "", "clear the screen; the conversation goes on", _clear),
        Command("reset", "", "forget the conversation", _reset),
        Command("status", "", "mode, turns, how full the context is, speed", _status),
        Command("mode", "[MODE]", "conversation, or single prompts without memory", _mode, 1),
        Command("info", "", "the model: size, training, scores", _info),
        Command("load", "FOLDER", "another model", _load),
        Command("quit", "", "leave", _quit),
    )
}
MODES = {"conversation": "conversation", "single": "single-prompt",
         "single-prompt": "single-prompt"}  # fmt: skip
OTHERS = {"exit": "quit", "bye": "quit", "leave": "quit", "q": "quit", "?": "help",
          "cls": "clear", "new": "reset", "forget": "reset", "model": "info", "open": "load",
          "temperature": "settings", "history": "status"}  # fmt: skip
