"""gptlab.apps.desk: conversations that do not mix, answers that end, errors that are sentences."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from gptlab.apps import desk
from gptlab.apps.desk import Desk, Engine, Settings
from gptlab.apps.rooms import Unread, View
from gptlab.chatting.errors import ChatError

WELL = Settings()


def made(reply: Callable) -> Desk:
    return Desk(Engine(reply, "stand-in"))


def echo(messages, settings) -> Iterator[str]:
    for word in messages[-1]["content"].split():
        yield f"{word} "


def asked(of: Desk, text: str, tab: str = "a", settings: Settings = WELL) -> View:
    """The last view."""
    *_, last = of.ask(tab, text, settings)
    return last


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_an_answer_grows_and_the_next_question_brings_the_history():
    heard = []

    def reply(messages, settings):
        heard.append((messages, settings))
        for piece in ("one ", "two ", "three"):
            time.sleep(0.12)
            yield piece

    of, settings = made(reply), Settings(0.5, 7, None)
    views = list(of.ask("a", "first", settings))
    grown = [view.messages[1]["content"] for view in views if len(view.messages) > 1]
    assert len(set(grown)) >= 3 and grown[-1] == "one two three" and grown == sorted(grown)
    assert all(view.writing for view in views[:-1]) and not views[-1].writing
    assert "Answered in" in views[-1].note
    asked(of, "second", settings=settings)
    first = [{"role": "user", "content": "first"}]
    assert heard[0] == (first, settings)
    answered = [*first, {"role": "assistant", "content": "one two three"}]
    assert heard[1] == ([*answered, {"role": "user", "content": "second"}], settings)


def test_two_tabs_write_at_once_and_do_not_mix():
    order, inside = [], threading.Lock()

    def reply(messages, settings):
        name = messages[-1]["content"]
        for number in range(20):
            assert inside.acquire(blocking=False)  # the model is lent to one at a time
            time.sleep(0.002)
            order.append(name)
            inside.release()
            yield f"{name}{number} "

    of, found = made(reply), {}
    threads = [
        threading.Thread(target=lambda tab=tab: found.update({tab: asked(of, tab, tab)}))
        for tab in "abc"
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for tab in "abc":
        whole = "".join(f"{tab}{number} " for number in range(20))
        assert found[tab].messages[1]["content"] == whole and not found[tab].wrong
        assert [message["content"] for message in of.room(tab).history()] == [tab]
    # In turn, and not one after the other: nobody waits for more than the others' pieces.
    busy = order[order.index("c") : len(order) - order[::-1].index("a")]
    assert sum(one != other for one, other in itertools.pairwise(busy)) > 20


def test_stop_ends_the_computing_and_keeps_what_was_written():
    computed = []

    def reply(messages, settings):
        while True:
            time.sleep(0.01)
            computed.append(len(computed))
            yield "x"

    of = made(reply)
    views = of.ask("a", "go on", WELL)
    until(lambda: len(next(views).messages) == 2)
    of.stop("a")
    *_, last = views
    assert last.note == "Stopped." and not last.writing
    count = len(computed)
    time.sleep(0.1)
    assert len(computed) == count
    assert last.messages[1]["content"] == "x" * count
    of.stop("a")  # nothing is written: nothing happens


@pytest.mark.parametrize("how", ["closed", "left"])
def test_a_tab_that_is_gone_computes_nothing(how):
    computed = []

    def reply(messages, settings):
        while True:
            time.sleep(0.01)
            computed.append(1)
            yield "x"

    of = made(reply)
    views = of.ask("a", "go on", WELL)
    until(lambda: len(next(views).messages) == 2)
    turn = of.room("a").turns[0]
    views.close() if how == "closed" else of.leave("a")
    assert turn.done.wait(5)
    count = len(computed)
    time.sleep(0.05)
    assert len(computed) == count


def test_clear_forgets_and_what_was_being_written_does_not_come_back():
    go_on = threading.Event()

    def reply(messages, settings):
        yield "first "
        assert go_on.wait(10)
        yield "second"

    of = made(reply)
    views = of.ask("a", "question", WELL)
    until(lambda: len(next(views).messages) == 2)
    assert of.clear("a") == View([])
    go_on.set()
    *_, last = views
    assert last == View([])
    assert asked(of, "again").messages[0]["content"] == "again"


@pytest.mark.parametrize(
    ("error", "said"),
    [(RuntimeError("no <b>more</b>\n memory"), "RuntimeError: no <b>more</b> memory. The page"),
     (KeyError(), "KeyError: it gave no reason. The page goes on: ask again"),
     (ChatError("So it is", "Poor text"), "So it is")],
)  # fmt: skip
def test_an_error_is_a_sentence_and_the_conversation_lives_on(error, said, caplog):
    def reply(messages, settings):
        if messages[-1]["content"] == "fail":
            raise error
        yield str(len(messages))

    of = made(reply)
    asked(of, "one")
    view = asked(of, "fail")
    assert view.wrong and said in view.note and not view.writing
    assert "book/" not in view.note  # visitors have none
    assert caplog.records[0].exc_info  # whoever runs the page sees where it came from
    after = asked(of, "two")  # the question without an answer is not told to the model
    assert after.messages[-1]["content"] == "3" and not after.wrong


def test_an_error_before_the_first_piece_is_one_too(caplog):
    def reply(messages, settings):
        raise ValueError("at once")

    assert "ValueError: at once" in asked(made(reply), "fail").note


@pytest.mark.parametrize(
    ("text", "settings", "said"),
    [("", WELL, "Nothing was written"), (" \n", WELL, "Nothing was written"),
     ("x" * 4001, WELL, "4,001 characters; at most 4,000"),
     ("x", Settings(temperature=2.5), "temperature is 2.5; it has to be from 0 to 2"),
     ("x", Settings(temperature=float("nan")), "temperature is nan"),
     ("x", Settings(max_new_tokens=0), "length is 0; it has to be a whole number from 1 to 128"),
     ("x", Settings(max_new_tokens=129), "length is 129"),
     ("x", Settings(max_new_tokens=1.5), "length is 1.5; it has to be a whole"),
     ("x", Settings(temperature="hot"), "temperature is 'hot'; it has to be from 0 to 2"),
     ("x", Settings(temperature=10**400), "temperature is 1000"),
     ("x", Settings(top_k=-1), "top-k is -1; it has to be a whole number from 1 to 1,000,000")],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_and_not_kept(text, settings, said):
    of = made(echo)
    views = list(of.ask("a", text, settings))
    assert len(views) == 1 and said in views[0].note and views[0].wrong
    assert not of.room("a").turns


def test_a_second_question_waits_for_the_first():
    go_on = threading.Event()

    def reply(messages, settings):
        yield "x"
        assert go_on.wait(10)

    of = made(reply)
    views = of.ask("a", "one", WELL)
    until(lambda: len(next(views).messages) == 2)
    (refused,) = of.ask("a", "two", WELL)
    assert "Wait for its end, or press Stop" in refused.note and refused.writing
    go_on.set()
    *_, last = views
    assert [one["content"] for one in last.messages] == ["one", "x"]


def test_an_answer_that_is_cut_is_said():
    def reply(messages, settings, ended=False):
        yield "half an"
        return ended

    note = asked(made(reply), "hm", settings=Settings(max_new_tokens=7)).note
    assert note == "Cut at 7 tokens: Length has more, for the next answer."

    def whole(messages, settings):
        return (yield from reply(messages, settings, ended=True))

    assert "Answered in" in asked(made(whole), "hm").note


def test_the_engine_of_a_model_says_whether_it_ended():
    reply = desk.engine("small", "cpu").reply
    for tokens, ended in ((3, False), (100, True)):
        *_, last = Desk(Engine(reply, "small")).ask(
            "a", "Hello!", Settings(temperature=0, max_new_tokens=tokens)
        )
        assert last.note.startswith("Answered" if ended else "Cut at 3 tokens")


def test_an_answer_without_a_word_is_said():
    view = asked(made(lambda messages, settings: iter(())), "hm")
    assert "without a word" in view.note and len(view.messages) == 1


def test_the_oldest_tabs_are_forgotten(monkeypatch):
    monkeypatch.setattr(desk, "ROOMS", 2)
    of = made(echo)
    for tab in "abac":
        asked(of, "hi", tab)
    assert [len(of.room(tab).turns) for tab in "ac"] == [2, 1]
    assert not of.room("b").turns


def test_who_has_asked_nothing_pushes_nobody_out(monkeypatch):
    monkeypatch.setattr(desk, "ROOMS", 2)
    of = made(echo)
    asked(of, "hi", "a")
    for number in range(5):
        of.stop(f"nobody {number}")
        assert of.clear(f"nobody {number}") == View([])
        assert asked(of, "", f"nobody {number}").wrong
    assert asked(of, "hi", None).messages[1]["content"] == "hi "
    assert list(of._rooms) == ["a"]


def test_a_tab_that_is_written_in_is_not_forgotten(monkeypatch):
    monkeypatch.setattr(desk, "ROOMS", 2)
    go_on = threading.Event()

    def reply(messages, settings):
        yield "x"
        if messages[-1]["content"] == "wait":
            assert go_on.wait(10)
            yield "y"

    of = made(reply)
    views = of.ask("a", "wait", WELL)
    until(lambda: len(next(views).messages) == 2)
    others = [of.ask(tab, "wait", WELL) for tab in "bc"]
    for one in others:
        assert next(one).writing
    assert list(of._rooms) == ["a", "b", "c"]  # all write: none goes
    go_on.set()
    for one in (views, *others):
        *_, last = one
        assert last.messages[1]["content"] == "xy" and last.note.startswith("Answered")
    asked(of, "hi", "d")
    assert list(of._rooms) == ["b", "c", "d"]


def test_stop_waits_for_a_long_piece_and_says_so():
    go_on = threading.Event()

    def reply(messages, settings):
        yield "x"
        assert go_on.wait(10)
        yield "y"

    of = made(reply)
    views = of.ask("a", "go on", WELL)
    until(lambda: len(next(views).messages) == 2)
    of.stop("a")
    for _ in range(5):
        view = next(views)
        assert view.writing and view.note == "Stopping…"
    go_on.set()
    *_, last = views
    assert last.note == "Stopped." and not last.writing
    assert last.messages[1]["content"] == "xy"


def test_a_cleared_tab_does_not_wait_for_a_long_piece():
    go_on = threading.Event()

    def reply(messages, settings):
        assert go_on.wait(10)
        yield "y"

    of = made(reply)
    views = of.ask("a", "go on", WELL)
    assert next(views).writing
    of.clear("a")
    assert list(views) == [View([])]
    go_on.set()


class Cleared(desk.Room):
    """One that is cleared between two looks at its turns."""

    def __init__(self):
        self.looks = [[desk.Turn("hi")], []]

    @property
    def turns(self):
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


def test_a_room_that_is_cleared_while_it_is_looked_at():
    assert Cleared().writing
    assert Cleared().view().note == "Writing…"


LONG = "Your message has 1,031 tokens: the model reads the last 256 of them."
OLD = (
    "The conversation has outgrown the 256 tokens that the model reads at once: from now on its "
    "oldest turns are forgotten. Clear begins anew."
)


@pytest.mark.parametrize(
    ("unread", "answer", "note"),
    [(Unread(256, 1031), "x", rf"Answered in [\d.]+ s\. {LONG}"),
     (Unread(256, 1031), "", rf"The model ended its turn without a word\. {LONG} Write a shorter "
                             r"one\."),
     (Unread(256), "x", rf"Answered in [\d.]+ s\. {OLD}"),
     (Unread(256), "", rf"The model ended its turn without a word\. {OLD} Ask in other words\.")],
)  # fmt: skip
def test_what_the_model_does_not_read_is_said(unread, answer, note):
    go_on = threading.Event()

    def reply(messages, settings):
        yield unread
        assert go_on.wait(10)
        if answer:
            yield answer

    views = made(reply).ask("a", "hm", WELL)
    until(lambda: next(views).note == f"Writing… {unread.told()}")  # while there is time to stop it
    go_on.set()
    *_, last = views
    assert re.fullmatch(note, last.note) and not last.wrong


def test_a_chat_model_says_what_it_does_not_read(tmp_path):
    import chat_sample

    model = desk.engine(chat_sample.chat_model(tmp_path / "model"), "cpu")
    of, brief = Desk(model), Settings(0, 2)
    assert asked(of, "x", settings=brief).note.endswith("next answer.")
    long = asked(of, "x y " * 100, settings=brief).note
    found = re.search(r" Your message has (\d+) tokens: the model reads the last 96 of them", long)
    assert int(found[1]) > 200
    for _ in range(2):  # once in each conversation
        assert asked(of, "x", settings=brief).note.endswith(
            " The conversation has outgrown the 96 tokens that the model reads at once: from now "
            "on its oldest turns are forgotten. Clear begins anew."
        )
        assert asked(of, "x", settings=brief).note.endswith("next answer.")
        of.clear("a")
        asked(of, "x y " * 100, settings=brief)
    assert " Your message has " in asked(of, "x y " * 100, settings=brief).note  # each time


def test_a_chat_model_answers(tmp_path):
    import chat_sample

    model = desk.engine(chat_sample.chat_model(tmp_path / "model"), "cpu")
    assert model.name == "untrained" and "reads 96 tokens" in model.about and model.longest == 48
    of = Desk(model)
    views = [asked(of, "What is a token?", tab, Settings(0, 12)) for tab in "ab"]
    for view in views:
        assert [one["content"] for one in view.messages] == ["What is a token?", "x" * 12]
