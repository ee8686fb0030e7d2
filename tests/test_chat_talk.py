"""A conversation without a terminal: answers, commands, what is kept and what is said."""

import io
import signal
import sys
import tomllib
import types
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import talk_sample
import torch
from memory_sample import SHORT
from packaging.requirements import Requirement
from talk_sample import ASSISTANT, END, RUN, USER, Told, checkpoint, endless
from train_sample import one_thread

from gptlab import chat, data, sample
from gptlab.chatting import command, commands, debug, history, loading, shown
from gptlab.chatting.answers import Answer
from gptlab.chatting.console import Console, visible
from gptlab.chatting.decoding import for_decoding
from gptlab.chatting.loading import Loaded
from gptlab.chatting.settings import Settings
from gptlab.chatting.talk import SINGLE, Talk
from gptlab.conversations import encode, prompt
from gptlab.gpt import GPTModel
from gptlab.nano import GPTConfig

assert one_thread  # for every test here
ROOT = Path(__file__).parent.parent
HELLO = [{"role": "user", "content": "Hello"}]


class Screen(io.StringIO):
    """An output that is a terminal."""

    def isatty(self):
        return True


def talking(*answers, model=None, **settings):
    """A conversation whose model says these answers, or with this model."""
    model = Told(*answers) if model is None else model
    loaded = Loaded("told", Path("folder"), torch.device("cpu"), checkpoint(model, RUN))
    return Talk(Console(io.StringIO(), io.StringIO()), loaded, Settings(**settings))


def said(talk, line):
    """What is shown for a line."""
    out = talk.console.out
    begin = len(out.getvalue())
    assert talk.take(line)
    return out.getvalue()[begin:]


def answer_of(talk):
    """One that the model has not ended."""
    return Answer(talk.loaded.checkpoint, HELLO)


# reply


def test_a_reply_is_what_the_model_says_until_its_end():
    one = checkpoint(Told("Hi!"))
    assert list(chat.reply(one, HELLO)) == ["H", "i", "!"]
    assert one.model.read == [prompt(HELLO, one.tokenizer)]


@pytest.mark.parametrize("end", [END, USER, ASSISTANT])
def test_each_special_token_ends_it(end):
    answer = Answer(checkpoint(Told("Hi", end=end)), HELLO)
    assert "".join(answer) == "Hi" and answer.ended and answer.ids == [72, 105]


def test_characters_come_whole():
    pieces = list(chat.reply(checkpoint(Told("é€😀")), HELLO))
    assert pieces == ["é", "€", "😀"]
    cut = chat.reply(checkpoint(Told("a€")), HELLO, max_new_tokens=3)
    assert "".join(cut) == "a\ufffd"


def test_numbers_of_numpy_are_numbers():
    one = checkpoint(Told("Hi!"))
    knobs = {"max_new_tokens": np.int64(2), "temperature": np.float32(1), "top_k": np.int32(3)}
    assert "".join(chat.reply(one, HELLO, **knobs)) == "Hi"


def test_the_cache_and_the_form_for_speed_change_nothing():
    """Against nanoGPT's own generate, which computes everything anew for each token."""
    model = endless(block_size=64)
    one = checkpoint(model)
    ids = prompt(HELLO, one.tokenizer)
    made = model.generate(torch.tensor([ids]), 80, 0.7, 5, torch.Generator().manual_seed(3))
    found = chat.reply(one, HELLO, 80, 0.7, 5, torch.Generator().manual_seed(3))
    assert "".join(found) == one.tokenizer.decode(made[0, len(ids):].tolist())


def test_the_form_for_speed_has_the_models_scores():
    model = endless().train()
    idx = torch.randint(259, (2, 9))
    fast = for_decoding(model)
    assert isinstance(fast, GPTModel) and not fast.training
    wanted = model(idx, idx)[0]
    torch.testing.assert_close(fast(idx), wanted, atol=1e-4, rtol=1e-5)
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.weight.mul_(2)
    assert (for_decoding(model)(idx) - wanted).abs().max() > 1e-2  # never a stale copy
    assert for_decoding(told := Told("x")) is told


def test_a_seed_gives_the_same_answer_and_another_another():
    def made(seed):
        chance = torch.Generator().manual_seed(seed)
        return "".join(chat.reply(checkpoint(), HELLO, generator=chance))

    assert made(1) == made(1) != made(2)


def test_temperature_0_and_the_one_likeliest_are_the_same():
    one = checkpoint()
    first, again = ("".join(chat.reply(one, HELLO, temperature=t, top_k=k)) for t, k in
                    ((0, None), (5.0, 1)))  # fmt: skip
    assert first == again and len(first) == 100


def test_the_history_is_cut_at_whole_turns():
    model = Told("ok", block_size=32)
    talk = [{"role": role, "content": "12345"} for role in ("user", "assistant") * 3]
    list(chat.reply(checkpoint(model), [*talk, *HELLO], max_new_tokens=8))
    kept = [*talk[-2:], *HELLO]
    assert model.read[-1] == prompt(kept, talk_sample.tokenizer())
    assert chat.room(32, 8) == 24 and chat.room(32, 5000) == 16


def test_a_message_longer_than_the_context_is_answered():
    one = checkpoint(endless(block_size=16))
    assert len("".join(chat.reply(one, [{"role": "user", "content": "x" * 50}], 5))) == 5


@pytest.mark.parametrize(("messages", "more", "words"), [
    ([], {}, "ends with no message"),
    ([*HELLO, {"role": "assistant", "content": "Hi"}], {}, "ends with assistant"),
    ([*HELLO, *HELLO], {}, "message 1 is"),
    (HELLO, {"max_new_tokens": 0}, "max-tokens: found 0, expected a whole number from 1"),
    (HELLO, {"temperature": -1}, "temperature: found -1"),
    (HELLO, {"top_k": 0}, "top-k: found 0"),
    (HELLO, {"max_new_tokens": 2.5}, "max-tokens: found 2.5, expected a whole number from 1"),
    (HELLO, {"max_new_tokens": "5"}, "max-tokens: found '5', expected a whole number from 1"),
    (HELLO, {"top_k": 1.5}, "top-k: found 1.5, expected a whole number"),
    (HELLO, {"temperature": "hot"}, "temperature: found 'hot', expected 0, or 0.01 to 10"),
    (HELLO, {"temperature": None}, "temperature: found None"),
    (HELLO, {"temperature": float("nan")}, "temperature: found nan"),
    (["Hello"], {}, "message 0 is 'Hello': expected the role 'user' and a text"),
    ("Hello", {}, "message 0 is 'H'"),
    ([*HELLO, None, *HELLO], {}, "message 1 is None"),
    ([{"role": "user"}], {}, "message 0 is {'role': 'user'}"),
])  # fmt: skip
def test_what_cannot_be_answered_is_a_sentence_at_once(messages, more, words):
    with pytest.raises(chat.ChatError, match=words):
        chat.reply(checkpoint(Told("x")), messages, **more)


# the conversation


def test_the_model_reads_what_was_said_before():
    talk = talking("Hi!", "Fine.")
    assert said(talk, "Hello") == "GPT: Hi!\n"
    assert said(talk, "  How are you? ") == "GPT: Fine.\n"
    assert said(talk, "   ") == ""
    asked = [*HELLO, {"role": "assistant", "content": "Hi!"},
             {"role": "user", "content": "How are you?"}]  # fmt: skip
    assert talk.loaded.checkpoint.model.read[-1] == prompt(asked, talk_sample.tokenizer())
    said(talk, "/reset")
    said(talk, "Hello")
    assert talk.loaded.checkpoint.model.read[-1] == prompt(HELLO, talk_sample.tokenizer())


def test_a_single_prompt_has_no_memory_and_leaves_the_conversation_alone():
    talk = talking("one", "two", "three")
    said(talk, "Hello")
    assert "single-prompt (each message is answered alone" in said(talk, "/mode")
    said(talk, "Hello")
    assert talk.loaded.checkpoint.model.read[-1] == prompt(HELLO, talk_sample.tokenizer())
    assert talk.mode == SINGLE and len(talk.messages) == 2
    assert "reads what was said before" in said(talk, "/mode conversation")
    said(talk, "Hello")
    assert len(talk.loaded.checkpoint.model.read[-1]) == 7 + 5 + 8


def test_that_the_conversation_is_cut_is_said_once():
    talk = talking("ok", max_tokens=10)  # 64 - 10 tokens of room
    shown = [said(talk, "123456789 1234") for _ in range(6)]
    assert ["outgrown the 64 tokens" in one for one in shown].count(True) == 1
    assert shown[2].startswith("The conversation has outgrown") and shown[2].endswith("GPT: ok\n")
    assert len(encode(talk.messages, talk_sample.tokenizer())) <= 64
    said(talk, "/reset")
    assert ["outgrown" in said(talk, "123456789 123") for _ in range(4)].count(True) == 1


def test_how_an_answer_ended_is_said():
    assert "(cut at 5 tokens; /settings max-tokens 10 for more)" in said(
        talking("A long answer", max_tokens=5), "Hi"
    )
    most = talking(model=endless(), max_tokens=60_000)
    assert shown.ending(answer_of(most), "A", 60_000, "/settings max-tokens") == (
        "(cut at 60,000 tokens; /settings max-tokens 100000 for more)"
    )
    assert "max-tokens  100000" in said(most, "/settings max-tokens 100000")
    assert shown.ending(answer_of(most), "A", 100_000, "/settings max-tokens") == (
        "(cut at 100,000 tokens, the most that there are)"
    )
    silent = talking("")
    assert "(the model said nothing" in said(silent, "Hi") and silent.messages == []
    long = said(talking("ok"), "x" * 70)
    assert "Your message has 73 tokens: the model reads the last 64 of them." in long


def test_a_message_that_is_no_text_is_a_sentence():
    talk = talking("ok")
    assert "the message: found bytes that are no UTF-8 at character 2" in said(talk, "ab\udcff")
    assert talk.messages == []


def test_ctrl_c_stops_the_answer_and_not_the_program():
    class Slow(Told):
        def forward(self, idx):
            if self.turn == 0 and self.place == 3:
                signal.raise_signal(signal.SIGINT)
            return super().forward(idx)

    before = signal.getsignal(signal.SIGINT)
    talk = talking(model=Slow("A long answer", "Yes"))
    assert said(talk, "Hi") == "GPT: A lo\n(stopped)\n"
    assert signal.getsignal(signal.SIGINT) is before
    assert talk.messages[-1] == {"role": "assistant", "content": "A lo"}
    assert said(talk, "Hi") == "GPT: Yes\n"


def test_a_second_ctrl_c_breaks_what_does_not_end():
    class Stuck(Told):
        def forward(self, idx):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            raise AssertionError("it went on")

    assert said(talking(model=Stuck("x")), "Hi") == "GPT: \n(stopped)\n"


def test_too_little_memory_is_a_sentence_and_the_conversation_goes_on(monkeypatch):
    talk = talking("Hi")
    told = ("the memory of cpu is too small for told: close other programs, take a smaller model, "
            "as --model small; see python -m gptlab.tips \"Less memory\"")  # fmt: skip
    for error in SHORT.values():

        def fail(*args, error=error, **more):
            raise error

        monkeypatch.setattr(sample, "stream", fail)
        assert told in said(talk, "Hi")
    cuda = loading.too_small(torch.OutOfMemoryError("x"), "large", torch.device("cuda"))
    assert "--device cpu; see python -m gptlab.tips \"CUDA out of memory\"" in str(cuda)
    with pytest.raises(RuntimeError, match="a bug"):
        loading.too_small(RuntimeError("a bug"), "large", torch.device("cpu"))


def test_what_a_model_writes_cannot_play_with_the_terminal():
    assert visible("a\033[2Jb\x07\r\x9b1m\u202e\n\tü") == "a␛[2Jb␇␍\ufffd1m\ufffd\n\tü"
    talk = talking("\033[31mred")
    talk.console = Console(Screen(), io.StringIO())
    assert "␛[31mred" in said(talk, "Hi")


def test_nothing_that_turns_the_direction_of_writing_gets_through():
    explicit = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    every = [chr(code) for code in range(0x110000)]
    marks = [one for one in every if unicodedata.name(one, "") in {
        "ARABIC LETTER MARK", "LEFT-TO-RIGHT MARK", "RIGHT-TO-LEFT MARK"}]  # fmt: skip
    turning = [*marks, *(one for one in every if unicodedata.bidirectional(one) in explicit)]
    assert len(turning) == 12  # Unicode's property Bidi_Control
    assert visible("".join(turning)) == "\ufffd" * 12
    assert visible("שלום, مرحبا") == "שלום, مرحبا"


def test_colors_only_where_there_is_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Console(Screen()).color and not Console(io.StringIO()).color
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Console(Screen()).color and Console(Screen()).terminal
    monkeypatch.setenv("TERM", "dumb")
    assert not Console(Screen()).terminal


def test_a_note_breaks_between_words_in_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(Screen())
    console.error("there is no such-folder anywhere here")
    assert console.out.getvalue() == "there is no\nsuch-folder anywhere\nhere\n"
    console.error(str(chat.ChatError("too hot", "Better text")))
    assert console.out.getvalue().endswith('\ntoo hot; see\npython -m gptlab.tips "Better text"\n')
    (plain := Console(io.StringIO())).error("there is no such-folder anywhere here")
    assert plain.out.getvalue().count("\n") == 1


def test_a_small_model_takes_one_thread(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(loading, "THREADS", 2)
    narrow = talking("x").loaded
    wide = replace(narrow, checkpoint=types.SimpleNamespace(config=GPTConfig(n_embd=768)))
    for loaded, count in ((narrow, 1), (wide, 2), (narrow, 1)):
        loading.set_threads(loaded)
        assert torch.get_num_threads() == count
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    loading.set_threads(wide)
    assert torch.get_num_threads() == 1


# commands


def test_help_names_all_nine():
    text = said(talking("x"), "/help")
    names = ["help", "settings", "clear", "reset", "status", "mode", "info", "load", "quit"]
    assert list(commands.COMMANDS) == names and all(f"  /{name}" in text for name in names)
    assert "Ctrl-C stops an answer" in text
    assert said(talking("x"), "/help mode") == (
        "  /mode [MODE]  conversation, or single prompts without memory\n"
    )


def test_settings_are_shown_and_changed():
    talk = talking("x")
    text = said(talk, "/settings")
    for line in ("max-tokens   100      a whole number from 1 to 100,000", "temperature  0.8  ",
                 "top-k        20  ", "seed         off "):  # fmt: skip
        assert line in text
    assert "temperature  0.5" in said(talk, "/settings temperature 0.5")
    assert "max-tokens  7" in said(talk, "/settings max_tokens=7")
    assert "top-k  3" in said(talk, "/SETTINGS --top-k 3")
    assert "seed  5" in said(talk, "/settings seed = 5")
    assert talk.settings == Settings(7, 0.5, 3, 5)
    assert "seed  off" in said(talk, "/settings seed off")
    assert "It divides the scores" in said(talk, "/settings temperature")
    assert "64 tokens at once: 32 are for the conversation" in said(talk, "/settings max-tokens 50")
    assert "The vocabulary has 259 tokens" in said(talk, "/settings top-k 500")


@pytest.mark.parametrize(("line", "words"), [
    ("/settings temperature 11", "temperature: found '11', expected 0, or 0.01 to 10. It divides"),
    ("/settings temperature hot", "temperature: found 'hot', expected"),
    ("/settings max-tokens 0", "max-tokens: found '0', expected a whole number from 1 to 100,000."),
    ("/settings temprature 1", "there is no temprature. Did you mean temperature?"),
    ("/settings temp", "Did you mean temperature?"),
    ("/settings x 1", "there is no x. Expected one of: max-tokens, temperature, top-k, seed"),
    ("/settings top-k 1 2", "found 2 values, expected one"),
    ("/foo", "/foo: there is no such command. /help lists them"),
    ("/sett", "Did you mean /settings?"),
    ("/stauts", "Did you mean /status?"),
    ("/exit", "Did you mean /quit?"),
    ("/", "/: there is no such command"),
    ("/quit now", "/quit takes nothing after it: found 'now', so nothing was done"),
    ("/clear all", "/clear takes nothing after it"),
    ("/mode x", "found 'x', expected conversation or single"),
    ("/mode x y", "/mode takes [MODE] after it: found 'x y'"),
    ("/help foo", "there is no command /foo"),
    ("/load", "/load: found no name, expected small"),
    ("/load no where", "no where: there is no such folder"),
])  # fmt: skip
def test_what_a_command_cannot_do_is_a_sentence(line, words):
    talk = talking("x")
    before, loaded = replace(talk.settings), talk.loaded
    assert words in said(talk, line)
    assert (talk.settings, talk.loaded, talk.messages) == (before, loaded, [])


def test_a_space_makes_a_message_of_a_command():
    talk = talking("ok")
    assert said(talk, " /quit") == "GPT: ok\n" and talk.messages[0]["content"] == "/quit"


def test_quit_leaves_in_any_case():
    assert not talking("x").take("/quit") and not talking("x").take("/QUIT ")


def test_status_and_info_say_what_is_so():
    talk = talking("Hi!")
    said(talk, "Hello")
    text = said(talk, "/status")
    for line in ("mode         conversation", "turns        1", "context      12 of 32 tokens",
                 "3 tokens, ", "temperature 0.8, top-k 20, seed off"):  # fmt: skip
        assert line in text, text
    text = said(talking(model=endless()), "/info")
    for line in ("told (folder)", "shape       2 layers, 2 heads, 16 wide",
                 "chat-small, 1,200 steps, 172 s on cpu", "4,000 dialogues",
                 "train 0.512, val 0.601", "75.0% exact, 87.5% partial, of 200 held-out"):
        assert line in text, text
    model = endless()
    whole = sum(one.numel() for one in model.parameters())
    assert f"{whole:,} ({model.get_num_params():,} without positions)" in text
    talk = talking(model=model)
    talk.loaded.checkpoint.run = {}
    assert "score" not in said(talk, "/info")
    talk.loaded.checkpoint.run = {"steps": "many", "losses": 3}  # of another program
    assert "other figures than gptlab.train writes" in said(talk, "/info")
    assert shown.headline(talk.loaded) == f"told: {whole:,} parameters, on cpu."


def test_status_counts_what_the_next_answer_reads():
    talk = talking("x" * 40, max_tokens=60)  # a turn of 49 tokens, and room for 32
    said(talk, "Hello")
    text = said(talk, "/status")
    assert "turns        1, 0 still read" in text and "context      0 of 32 tokens" in text


def test_clear_empties_a_screen_and_nothing_else(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    talk = talking("Hi")
    assert "no screen" in said(talk, "/clear")
    said(talk, "Hello")
    talk.console = Console(Screen(), io.StringIO())
    assert said(talk, "/clear").endswith("\033[H") and len(talk.messages) == 2


def test_another_model_is_loaded_and_a_damaged_one_is_not(monkeypatch):
    talk = talking("Hi")
    said(talk, "Hello")
    other = replace(talk.loaded, name="other")

    def open_model(name, device):
        if name != "my other":
            raise chat.ChatError("it is damaged", "Model not found")
        return other

    monkeypatch.setattr(loading, "open_model", open_model)
    assert "it is damaged" in said(talk, "/load bad") and talk.loaded.name == "told"
    assert len(talk.messages) == 2
    assert "other: " in said(talk, "/load my other") and talk.loaded is other
    assert talk.messages == []


def test_ctrl_c_while_a_model_is_loaded_leaves_the_one_that_was(monkeypatch):
    talk = talking("Hi", "Still here.")
    said(talk, "Hello")

    def open_model(name, device):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("it went on")

    monkeypatch.setattr(loading, "open_model", open_model)
    talk.run(Typed("/load large", "Are you?", "/quit"))
    text = talk.console.out.getvalue()
    assert "\nstopped; told stays\nGPT: Still here.\n" in text
    assert talk.turns == 2 and talk.messages[0]["content"] == "Hello"


def test_a_seed_makes_the_conversation_again():
    talk = talking(model=endless(), seed=3)
    first = [said(talk, "Hello") for _ in range(2)]
    said(talk, "/reset")
    assert [said(talk, "Hello") for _ in range(2)] == first
    said(talk, "/reset")
    said(talk, "/settings seed 4")
    assert said(talk, "Hello") != first[0]


# debug


def test_debug_shows_the_template_the_mask_and_the_likeliest():
    talk = talking("Hi", temperature=2.0, top_k=2)
    talk.debug = True
    assert said(talk, "Yo") == "GPT: Hi\n"
    err = talk.console.err.getvalue()
    assert "'<|user|>Yo<|end|><|assistant|>'" in err
    rows = [line.split()[1:] for line in err.splitlines()]
    assert ["256", "89", "111", "258", "257", "72", "105", "258"] in rows
    assert ["0", "0", "0", "0", "0", "1", "1", "1"] in rows
    assert "  1  took 'H'          1.000   of 'H' 1.000" in err
    assert "  3  took <|end|>      1.000   of <|end|> 1.000" in err
    assert "odds at temperature 2, of the 2 likeliest" in err


def test_debug_odds_are_those_that_were_drawn_from():
    record = debug.Record(talk_sample.tokenizer(), 0.5, 3)
    scores = torch.full((259,), -1.0)
    scores[:4] = torch.tensor([2.0, 1.0, 0.0, -0.5])
    record.watch(scores, 1)
    wanted = (scores[:3] / 0.5).softmax(0).tolist()
    token, own, best = record.steps[0]
    assert token == 1 and own == pytest.approx(wanted[1], abs=1e-6)
    assert [one for one, _ in best] == [0, 1, 2]
    assert [odds for _, odds in best] == pytest.approx(wanted, abs=1e-6)


# what was typed


class Typed(history.Lines):
    """Lines, or errors in their place."""

    def __init__(self, *lines):
        self.lines = list(lines)

    def ask(self, label, start="", end=""):
        line = self.lines.pop(0)
        if isinstance(line, str):
            return line
        raise line

    def close(self):
        return "closed"


def test_ctrl_c_at_the_prompt_says_how_to_leave_and_ctrl_d_leaves():
    talk = talking("Hi")
    talk.run(Typed(KeyboardInterrupt(), "Hello", EOFError(), "never"))
    text = talk.console.out.getvalue()
    assert text == "\nTo leave: /quit, or Ctrl-D. Ctrl-C stops an answer.\nGPT: Hi\n\nclosed\n"
    talk.run(typed := Typed("/quit", "never"))
    assert typed.lines == ["never"]


def test_readline_keeps_what_was_typed(monkeypatch, tmp_path):
    readline = pytest.importorskip("readline")
    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path / "cache"))
    lines = history.open_lines(commands.completions)
    assert lines.kind == "readline"
    readline.add_history("Hello")
    assert lines.close() == ""
    path = tmp_path / "cache" / "chat_history"
    assert "Hello" in path.read_text() and path.stat().st_mode & 0o077 == 0
    again = history.open_lines(commands.completions)
    assert readline.get_history_item(1) == "Hello"
    monkeypatch.setattr(readline, "get_line_buffer", lambda: "/settings t")
    assert [again._match("t", place) for place in range(3)] == ["temperature", "top-k", None]
    readline.clear_history()


def test_what_cannot_be_kept_is_said(monkeypatch, tmp_path):
    pytest.importorskip("readline")
    (tmp_path / "file").touch()
    monkeypatch.setattr(data, "cache", lambda: tmp_path / "file" / "inner")
    lines = history.open_lines(commands.completions)
    assert "what was typed could not be kept in" in lines.close()


def test_prompt_toolkit_is_taken_where_readline_is_missing(monkeypatch, tmp_path):
    pytest.importorskip("prompt_toolkit")
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.document import Document
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    monkeypatch.setenv("GPTLAB_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "readline", None)  # its import fails
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        lines = history.open_lines(commands.completions)
        assert lines.kind == "prompt_toolkit"
        keys.send_text("Hello\r")
        assert lines.ask("You:", "\033[1m", "\033[0m") == "Hello"
        keys.send_text("\x1b[A\r")  # the arrow up
        assert lines.ask("You:") == "Hello"
        keys.send_text("\x03")
        with pytest.raises(KeyboardInterrupt):
            lines.ask("You:")
        keys.send_text("\x04")
        with pytest.raises(EOFError):
            lines.ask("You:")
        found = lines.session.completer.get_completions(Document("/settings t"), None)
        assert [(one.text, one.start_position) for one in found] == [("temperature", -1),
                                                                     ("top-k", -1)]  # fmt: skip
    assert "Hello" in (tmp_path / "chat_history.toolkit").read_text() and lines.close() == ""


def test_with_neither_lines_are_read_as_they_are(monkeypatch):
    for name in ("readline", "prompt_toolkit"):
        monkeypatch.setitem(sys.modules, name, None)
    lines = history.open_lines(commands.completions)
    monkeypatch.setattr("builtins.input", lambda label: f"{label}typed")
    assert lines.kind == "none" and lines.ask("You:") == "You: typed" and lines.close() == ""
    assert "neither readline nor prompt_toolkit. python -m pip install" in lines.lacks


def test_a_terminal_that_prompt_toolkit_does_not_know_is_named(monkeypatch):
    class NoConsoleScreenBufferError(Exception):  # as Git's terminal on Windows gets it
        pass

    def fail(*arguments):
        raise NoConsoleScreenBufferError

    monkeypatch.setitem(sys.modules, "readline", None)
    monkeypatch.setattr(history, "ToolkitLines", fail)
    lines = history.open_lines(commands.completions)
    assert lines.kind == "none" and "does not know this terminal. PowerShell" in lines.lacks


@pytest.mark.parametrize("lacks", [True, False])
def test_that_nothing_typed_is_kept_is_said_in_a_line(monkeypatch, capsys, lacks):
    lines = Typed("/quit")
    lines.lacks = history.MISSING if lacks else ""
    monkeypatch.setattr(sys, "stdin", Screen())
    monkeypatch.setattr(history, "open_lines", lambda complete: lines)
    assert command.main([]) == 0
    assert capsys.readouterr().out.count(f"\n{history.MISSING}\n") == lacks


def test_windows_gets_prompt_toolkit_with_the_library():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [Requirement(one) for one in project["dependencies"]]
    [needed] = [one for one in found if one.name == "prompt-toolkit"]
    assert needed.marker.evaluate({"sys_platform": "win32"})
    assert not needed.marker.evaluate({"sys_platform": "linux"})


def test_a_missing_package_is_a_sentence(monkeypatch, capsys):
    def fail(args):
        raise ModuleNotFoundError("No module named 'torch'")

    monkeypatch.setattr(command, "_run", fail)
    assert command.main(["-p", "Hi"]) == 2
    assert "gptlab.chat: No module named 'torch'. Expected it in this Python" in (
        capsys.readouterr().err
    )


# models that cannot talk


@pytest.fixture
def stored(monkeypatch, tmp_path):
    """A folder that is found, whose checkpoint the test gives."""
    from gptlab import hub

    (tmp_path / "config.json").write_text("{}")
    given = types.SimpleNamespace(checkpoint=checkpoint())
    monkeypatch.setattr(hub, "load", lambda folder, device: given.checkpoint)
    given.folder = tmp_path
    return given


def test_a_model_without_roles_is_a_sentence(stored):
    stored.checkpoint.tokenizer.register_special_tokens({"<|end|>": 258})
    with pytest.raises(chat.ChatError, match=r"has no <\|user\|>, <\|assistant\|>, so it was not"):
        chat.load(stored.folder)


def test_weights_that_are_no_numbers_are_a_sentence(stored):
    with torch.no_grad():
        stored.checkpoint.model.transformer.wpe.weight[3, 3] = torch.nan
    with pytest.raises(chat.ChatError, match=r"no numbers .* gptlab\.tips \"Poor text\""):
        chat.load(stored.folder)


def test_a_device_that_is_not_here_is_a_sentence(stored, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(chat.ChatError, match="--device cuda: it is not here"):
        chat.load(stored.folder, "cuda")
    assert chat.load(stored.folder, "auto") is stored.checkpoint
