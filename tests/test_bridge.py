"""The bridge against a student's process that sends what it likes, when it likes, or nothing."""

import base64
import os
import socket
import time
from contextlib import closing

import hostile
import pytest
import torch

from autograder import bridge, wire
from autograder.bridge import NotReached, Remote, Student, StudentError, held
from autograder.line import Budget, Line
from autograder.values import Handle, clean
from autograder.verbs import Verbs


def b64(message):
    return base64.b64encode(message).decode()


def right(connection, request):
    connection.sendall(hostile.reply(request, 7))


def kind_of_failure(tmp_path, answer, verb=lambda student: student.get("x")):
    """(type, text) of what a test sees, where the seed was taken as it should be."""

    def after_the_seed(connection, request):
        (right if request["verb"] == "seed" else answer)(connection, request)

    with (
        hostile.student(tmp_path / "s", after_the_seed) as path,
        closing(Remote({"one": path}, seconds=2.0)) as remote,
        pytest.raises(StudentError) as raised,
    ):
        verb(remote.student("one", 1))
    return raised.value.type, str(raised.value)


def silence(connection, request):
    time.sleep(5)


def drip(connection, request):
    for byte in hostile.reply(request, "x" * 1000):
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def deaf(connection, request):
    right(connection, request)
    if request["verb"] == "get":
        time.sleep(5)  # and does not read meanwhile


@pytest.mark.parametrize("answer", [silence, drip])
def test_one_deadline_holds_for_a_whole_call(tmp_path, answer):
    kind, text = kind_of_failure(tmp_path, answer)
    assert kind == "Timeout"
    assert "no answer after" in text


def test_the_deadline_holds_for_sending_too(tmp_path):
    def ask(student):
        student.get("x")
        student.set(large=torch.zeros(1_000_000))

    assert kind_of_failure(tmp_path, deaf, ask)[0] == "Timeout"


def test_after_a_call_without_an_answer_the_item_is_over(tmp_path):
    with (
        hostile.student(tmp_path / "s", silence) as path,
        closing(Remote({"one": path}, seconds=0.2)) as remote,
    ):
        with pytest.raises(StudentError, match="endless loop"):
            remote.student("one", 1)
        with pytest.raises(NotReached, match="no answer in time"):
            remote.student("one", 2)


def test_an_item_has_so_many_seconds(tmp_path):
    with (
        hostile.student(tmp_path / "s", right) as path,
        closing(Remote({"one": path, "two": path}, item_seconds=2.0)) as remote,
    ):
        student = remote.student("one", 1)
        assert student.get("x") == 7
        time.sleep(2.1)
        with pytest.raises(StudentError) as raised:
            student.get("x")
        assert raised.value.type == "Timeout"
        with pytest.raises(NotReached, match="no answer in time"):
            remote.student("one", 1)
        assert remote.student("two", 1).get("x") == 7


def test_a_notebook_has_so_many_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr(bridge, "ALL_SECONDS", 2.0)
    with (
        hostile.student(tmp_path / "s", right) as path,
        closing(Remote({"one": path, "two": path})) as remote,
    ):
        assert remote.student("one", 1).get("x") == 7
        time.sleep(2.1)
        with pytest.raises(NotReached, match="too long together"):
            remote.student("two", 1)


def test_an_item_has_so_many_bytes(tmp_path):
    def large(connection, request):
        connection.sendall(hostile.reply(request, b"x" * 10_000))

    with hostile.student(tmp_path / "s", large) as path:
        budget = Budget(time.monotonic() + 9, bytes=25_000)
        line = Line(path, budget)
        assert len(line.ask({"verb": "get"})["value"]) == 10_000
        line.ask({"verb": "get"})
        assert "too large together" in line.ask({"verb": "get"})["error"]["message"]
        assert "too large together" in budget.check()
        line.close()


def numbered(number):
    return lambda connection, request: connection.sendall(hostile.reply({"number": number}, 7))


def raw(data):
    return lambda connection, request: connection.sendall(data)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (numbered(1), "Unreadable", "another question"),
        (numbered(3), "Unreadable", "another question"),
        (numbered(True), "Unreadable", "another question"),
        (numbered(None), "Unreadable", "another question"),
        (raw(wire.pack([1])), "Unreadable", "no reply"),
        (raw(wire.pack({"value": 7})), "Unreadable", "another question"),
        (raw(b"\xff" * 99), "Unreadable", "head of 4294967295 bytes"),
        (raw(b"\2\0\0\0{}"), "Unreadable", "without body"),
        (lambda connection, request: connection.close(), "Gone", "process ended"),
        (lambda c, r: (c.sendall(b"\xff\0\0\0{"), c.close()), "Gone", "process ended"),
    ],
)
def test_what_is_no_reply_to_this_question_is_an_error(tmp_path, answer, kind, words):
    found, text = kind_of_failure(tmp_path, answer)
    assert (found, words in text) == (kind, True), text


def test_what_came_before_the_question_is_not_its_reply(tmp_path):
    def eager(connection, request):
        connection.sendall(
            hostile.reply(request, 7) + hostile.reply({"number": request["number"] + 1}, 8)
        )

    def ask(student):
        assert student.get("x") == 7
        time.sleep(0.1)
        student.get("x")

    kind, text = kind_of_failure(tmp_path, eager, ask)
    assert kind == "Unreadable"
    assert "before the question" in text


def test_a_line_that_failed_once_is_not_used_again(tmp_path):
    asked = []

    def late(connection, request):
        asked.append(request["verb"])
        time.sleep(0.3)
        right(connection, request)

    with hostile.student(tmp_path / "s", late) as path:
        line = Line(path, Budget(time.monotonic() + 9), seconds=0.1)
        first = line.ask({"verb": "get"})
        assert first["error"]["type"] == "Timeout"
        time.sleep(0.4)
        assert line.ask({"verb": "set"}) is first
        assert asked == ["get"]


def as_link(path, real):
    path.symlink_to(real)


@pytest.mark.parametrize(
    "put",
    [
        as_link,
        lambda path, real: path.write_text("x"),
        lambda path, real: path.mkdir(),
        lambda path, real: os.mkfifo(path),
        lambda path, real: None,
    ],
    ids=["link", "file", "folder", "pipe", "nothing"],
)
def test_only_a_socket_is_spoken_to_and_no_link_is_followed(tmp_path, put):
    heard = []

    def listening(connection, request):
        heard.append(request)
        right(connection, request)

    sockets = {"one": tmp_path / "s", "two": tmp_path / "another"}
    with (
        hostile.student(sockets["two"], listening) as real,
        closing(Remote(sockets, seconds=0.5)) as remote,
    ):
        put(sockets["one"], real)
        with pytest.raises(NotReached, match="process ended before this test"):
            remote.student("one", 1)
        assert remote.student("two", 1).get("x") == 7
    assert len(heard) == 2


def test_a_socket_that_nobody_listens_on_is_not_waited_for(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        with pytest.raises(NotReached, match="process ended"):
            Remote({"one": tmp_path / "s"}).student("one", 1)


def answered(reply):
    """A student whose every answer but the first is this reply."""
    replies = iter([{"value": None}])
    return Student(lambda request: next(replies, reply), 1)


@pytest.mark.parametrize(
    ("error", "kind", "text", "cell"),
    [
        ({"type": "E", "message": "m", "cell": 3}, "E", "m", 3),
        ({"type": 5, "message": {}, "cell": True}, "an error", "(no message)", None),
        ({"type": "x" * 999, "message": "y" * 9999, "cell": 10**9}, 80, 500, None),
        ({"type": "a\x1b[31m", "message": "one\n\ttwo\r\x00\u202e\ud83d"}, None, None, None),
        ("no dict", "an error", "(no message)", None),
        ([], "an error", "(no message)", None),
    ],
)
def test_a_forged_error_is_short_plain_text(error, kind, text, cell):
    with pytest.raises(StudentError) as raised:
        answered({"error": error}).get("x")
    found = raised.value
    assert found.cell == cell
    assert str(found).isprintable()
    assert kind is None or kind in (found.type, len(found.type))
    assert text is None or text in (found.message, len(found.message))


def test_arguments_that_are_none_are_empty():
    student = answered({"value": 1, "args": {"a": 1}, "kwargs": [2]})
    assert student.get("x") == 1
    assert (student.args, student.kwargs) == ([], {})


def test_a_value_in_the_place_of_an_object_is_the_students_error():
    student = answered({"value": [1]})
    for use in (student.attr, student.state, student.grad, student.call):
        with pytest.raises(StudentError, match="gave a list"):
            use([1], *(["x"] if use == student.attr else []))


def test_a_value_that_cannot_go_back_is_the_students_error(tmp_path):
    deep = 0
    for _ in range(23):
        deep = [deep]

    def give(student):
        student.set(x=student.get("x"))

    def answer(connection, request):
        connection.sendall(hostile.reply(request, deep))

    kind, text = kind_of_failure(tmp_path, answer, give)
    assert kind == "Unreadable"
    assert "cannot be sent" in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain × “text” …", "plain × “text” …"),
        ("a\nb\t c\r\n", "a b c"),
        ("\x1b[2J\x07", "\ufffd[2J\ufffd"),
        ("\u202eabc\u2066", "\ufffdabc\ufffd"),
        ("\ud83d", "\ufffd"),
        ("x" * 50, "x" * 19 + "…"),
    ],
)
def test_text_of_a_student_is_made_fit_to_print(text, found):
    assert clean(text, 20) == found


def test_lines_are_kept_where_they_are_ours():
    assert clean("a\n  b\x00", 20, lines=True) == "a\n  b\ufffd"


def test_a_handles_name_is_cleaned_when_it_is_read():
    body = {"t": "handle", "number": 1, "type": "Evil\x1b[2J" + "x" * 99}
    found = wire.unpack(hostile.message(body))
    assert type(found) is Handle
    assert len(found.type) == 80
    assert found.type.isprintable()


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("", "cannot be read"),
        ("b", "cannot be read"),
        (b64(b"\xff" * 99), "head of 4294967295 bytes"),
        (b64(wire.pack({"value": "b"})[:-3]), "cannot be read"),
        (b64(wire.pack(["b"])), "no answer"),
        (b64(wire.pack({"error": {"type": "NameError", "message": "gone"}})), "NameError: gone"),
        (b64(wire.pack({"error": 7})), "an error: (no message)"),
    ],
)
def test_a_reading_that_is_none_is_said(said, wanted):
    with pytest.raises(StudentError) as raised:
        held("choice", said)
    assert wanted in str(raised.value)


def test_a_reading_gives_plain_data_and_handles():
    class Text(str):
        pass

    space = {"plain": "b", "own": Text("b")}
    for name, kind in (("plain", str), ("own", Handle)):
        said = Verbs(space).reply({"verb": "get", "name": name})
        assert type(held(name, b64(said))) is kind
