"""Chapter 12: its drawings, and what it says, against the library, the model and its run."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
import torch
from drawing_checks import lie_apart, stand_out, words
from safetensors import safe_open

from gptlab import conversations, hub
from gptlab.chatting.options import parser
from gptlab.chatting.places import PRESETS
from gptlab.nano import GPT, GPTConfig
from gptlab.training.config import preset

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import chat_record  # noqa: E402  (the site's extensions are no package: found by folder)
import chat_shown  # noqa: E402

FORMS = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
TWELVE = (ROOT / "book" / "ch12_chat.md").read_text("utf-8")


@FORMS
@pytest.mark.parametrize("name", chat_shown.DRAWINGS)
def test_words_can_be_read(name: str, tall: bool) -> None:
    stand_out(name, tall)
    lie_apart(name, tall)


def test_what_is_quoted_was_said_by_the_committed_model() -> None:
    assert chat_shown.talk()["model"] == chat_record.model(), "run book/_ext/chat_record.py"


@pytest.mark.parametrize("name", chat_shown.DRAWINGS)
def test_every_drawing_is_in_the_chapter(name: str) -> None:
    assert f"```{{drawing}} {name}\n" in TWELVE


def test_the_tokens_drawn_are_those_of_the_conversation() -> None:
    tokenizer = chat_shown.small().tokenizer
    ids, mask = conversations.encode_with_mask(chat_shown.SHOWN, tokenizer)
    drawn = [word for word in words("masked-ids") if word.isdecimal()]
    assert [str(token) for token in ids] == [word for word in drawn if word in map(str, ids)]
    assert "".join(words for words, _, _ in chat_shown.pieces(tokenizer, chat_shown.SHOWN)) == (
        tokenizer.decode(ids)
    )
    assert [on for _, _, on in chat_shown.pieces(tokenizer, chat_shown.SHOWN)] == mask


@pytest.mark.parametrize("name", PRESETS)
def test_the_sizes_are_those_of_the_model(name: str) -> None:
    c = preset(name)
    vocab_size = chat_shown.small().config.vocab_size
    with torch.device("meta"):
        model = GPT(GPTConfig(c.block_size, vocab_size, c.n_layer, c.n_head, c.n_embd))
    told = chat_shown.sizes(name)
    assert told["parameters"] == f"{model.get_num_params(False):,}"
    assert told["without"] == f"{model.get_num_params():,}"


def test_the_conversation_model_has_the_sizes_that_were_asked_for() -> None:
    assert chat_shown.sizes("chat")["parameters"] == "26,203,136"
    assert chat_shown.sizes("chat")["without"] == "25,678,848"
    lab = (ROOT / "solutions" / "lab12_chat.py").read_text("utf-8")
    for number, name in (("n_conversation", "chat"), ("n_large", "chat-large")):
        assert f"| {{{{{number}:,}}}} | {chat_shown.sizes(name)['without']} |" in lab


def test_the_small_model_is_the_preset() -> None:
    run = chat_shown.small().run
    assert f"{run['parameters']:,}" == chat_shown.sizes("chat-small")["parameters"]


def test_the_table_of_presets_has_both_counts_and_the_runs_own_time() -> None:
    rows = {row.split("`")[1]: row for row in chat_shown.presets_table().splitlines()[2:]}
    assert rows.keys() == set(PRESETS)
    for name in PRESETS:
        told = chat_shown.sizes(name)
        assert f"| {told['parameters']} | {told['without']} |" in rows[name]
    run = chat_shown.small().run
    assert f"{run['seconds']:.0f} seconds on {run['threads']} thread" in rows["chat-small"]


@pytest.mark.parametrize(("threads", "words"), [(1, "on 1 thread"), (2, "on 2 threads")])
def test_one_thread_is_no_threads(
    monkeypatch: pytest.MonkeyPatch, threads: int, words: str
) -> None:
    monkeypatch.setitem(chat_shown.small().run, "threads", threads)
    assert chat_shown.on_threads() == words


def test_the_commands_that_made_the_committed_model_are_named() -> None:
    with safe_open(hub.MODEL / "model.safetensors", "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118
    training = TWELVE.partition("## Training it")[2].partition("\n## ")[0]
    for command in ("gptlab.train --preset chat-small", "gptlab.conversations shrink runs/"):
        assert f"`python -m {command}" in training
    assert "16 seconds" in training and "26.2 million" in training


@pytest.mark.parametrize(("language", "given"), [("bat", "%~1"), ("powershell", "$Prompt")])
def test_the_scripts_of_others_give_one_prompt(language: str, given: str) -> None:
    block = TWELVE.partition(f"```{language}\n")[2].partition("```")[0]
    line = re.search(r"python -m gptlab\.chat (.+?)( > output\.txt)?$", block, re.M)
    assert line and given in line[1]
    told = parser().parse_args([word.replace(given, "-Who? Me") for word in shlex.split(line[1])])
    assert told.prompt == "-Who? Me" and told.max_tokens == 100


def test_the_record_is_what_the_model_says() -> None:
    """The likeliest tokens; what was drawn may differ in its last digits on another processor."""
    found = chat_record.odds(chat_shown.small())
    for temperature, rows in chat_shown.talk()["next_token"]["temperatures"].items():
        assert found[temperature][0][0] == rows[0][0]
        assert found[temperature][0][1] == pytest.approx(rows[0][1], abs=0.01)


def test_all_options_and_commands_are_in_the_chapter() -> None:
    options = {name for one in parser()._actions for name in one.option_strings if name[:2] == "--"}
    assert options - {"--help"} == set(re.findall(r"^\| `(--[\w-]+)` \|", TWELVE, re.M))
    for name in ["help", "settings", "clear", "reset", "status", "mode", "info", "load", "quit"]:
        assert f"| `/{name}` |" in TWELVE


def test_the_history_is_cut_at_a_turn() -> None:
    """The turns drawn have 9 + 18, 22 + 30, 14 + 26, 11 + 20 and 16 tokens, and 110 fit.

    From the end: 16 + 31 + 40 = 87 fit, and 87 + 52 = 139 do not. So the first two go.
    """
    title = re.search("Five turns; (\\d) of them", chat_shown.history_cut({}))
    assert title and title[1] == "2"
