"""A hidden test that an answer brings down costs that test, and a student's object that call."""

import textwrap

import numpy as np
import pytest
import torch

from autograder import diagnosis, tester, wire
from autograder.bridge import Local, StudentError
from autograder.tester import BrokenTest
from autograder.verbs import Verbs

TESTS = """
import pytest
from autograder import expect
from gptlab.checks.core import CheckFailed

def test_one__reads_a_tensor(student):
    SECRET = 4711
    assert student.get("answer").tolist() == [SECRET]

def test_one__catches_nothing(student):
    expect.equal(student.get("answer"), [1], looked_at="answer")

def test_one__never_ends(student):
    while True:
        pass

class Unprintable(CheckFailed):
    def __str__(self):
        raise MemoryError

def test_one__cannot_say_what_it_found(student):
    raise Unprintable("one")

@pytest.mark.core
def test_one__recursion(student):
    def again(value):
        return again([value])
    again(student.get("answer"))

def test_two__is_right(student):
    expect.equal(student.get("right"), 1, looked_at="right")
"""


@pytest.fixture
def lab(tmp_path, monkeypatch):
    (tmp_path / "lab.py").write_text(textwrap.dedent(TESTS))
    monkeypatch.setattr(tester, "HIDDEN", tmp_path)
    monkeypatch.setattr(tester, "TEST_SECONDS", 0.3)
    return "lab"


def notebook(**names):
    return Local(names, lambda name: None)


def test_an_answer_that_a_test_cannot_read_costs_that_test(lab):
    outcomes = tester.run(notebook(answer=[5], right=1), lab, ["one", "two"], strict=False)
    found = {outcome.test.partition("__")[2]: outcome for outcome in outcomes}
    assert [outcome.passed for outcome in outcomes] == [False] * 5 + [True]
    assert found["reads_a_tensor"].message == (
        "  this test could not read the answer: it got a list of 1 items"
    )
    assert found["reads_a_tensor"].broken == (
        "test_one__reads_a_tensor raised AttributeError: "
        "'list' object has no attribute 'tolist' (line 8)"
    )
    assert "[5]" in found["catches_nothing"].message
    assert "it took over 0 s" in found["never_ends"].message
    assert "MemoryError" in found["cannot_say_what_it_found"].broken
    assert "RecursionError" in found["recursion"].broken
    assert not any("4711" in outcome.message for outcome in outcomes)
    assert [bool(outcome.broken) for outcome in outcomes] == [True, False, False, True, True, False]


def test_an_author_is_told(lab):
    with pytest.raises(BrokenTest, match="has no attribute 'tolist'"):
        tester.run(notebook(answer=[5], right=1), lab, ["one"])
    assert tester.run(notebook(answer=[5], right=1), lab, ["two"])[0].passed


def test_tests_that_cannot_be_collected_are_never_a_students_fault(lab, tmp_path):
    (tmp_path / "lab.py").write_text("import nothing_of_this_name")
    with pytest.raises(BrokenTest, match="nothing_of_this_name"):
        tester.run(notebook(), lab, ["one"], strict=False)


def test_replies_are_kept_of_tests_that_fail_and_while_they_are_few(lab):
    large = torch.zeros(tester.MOST_REPLIES)
    outcomes = tester.run(notebook(answer=large, right=1), lab, ["one", "two"], strict=False)
    replies = {outcome.test.partition("__")[2]: outcome.replies for outcome in outcomes}
    assert replies["catches_nothing"] == replies["is_right"] == b""
    assert replies["never_ends"] == wire.pack([])


def test_replies_that_were_not_kept_are_nobodys():
    a, b = wire.pack([0.5]), wire.pack([0.5000001])
    assert diagnosis.same_replies(a, b)
    assert not diagnosis.same_replies(b"", b"")
    assert not diagnosis.same_replies(a, b"")
    assert not diagnosis.same_replies(a, b"not a message, and not read" * 100)


class Liar(type):
    __name__ = property(lambda cls: 1 / 0)

    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__


class Named(metaclass=Liar):
    pass


class Endless(dict):
    def items(self):
        while True:
            yield 1, 2

    __iter__ = keys = values = items


class EndlessTuple(tuple):
    _fields = ("x",)

    def __iter__(self):
        while True:
            yield 1


class Pretends:
    __class__ = torch.Tensor


class Raises:
    @property
    def __class__(self):
        raise SystemExit


class LyingTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise KeyboardInterrupt


class LyingArray(np.ndarray):
    dtype = property(lambda self: 1 / 0)


class Mute(BaseException):
    def __str__(self):
        raise SystemExit


def mute():
    raise Mute


def itself():
    found = []
    found.append(found)
    return found


OBJECTS = {  # made in the test: pytest too would ask them for their class
    "a class that lies": lambda: Named,
    "an object of it": Named,
    "a dict without end": lambda: Endless(a=1),
    "a tuple without end": lambda: EndlessTuple([5]),
    "no tensor": Pretends,
    "a class that raises": Raises,
    "an array that lies": lambda: np.zeros(3).view(LyingArray),
    "a tensor that raises": lambda: torch.ones(2).as_subclass(LyingTensor),
    "a list in itself": itself,
    "a view of a petabyte": lambda: torch.zeros(1).expand(2**50),
    "a range": lambda: range(10**12),
    "a generator": lambda: (n for n in iter(int, 1)),
    "a tensor without numbers": lambda: torch.ones(2, device="meta"),
    "a sparse tensor": lambda: torch.eye(2).to_sparse(),
    "a complex number": lambda: 1j,
    "a long integer": lambda: 10**5000,
    "many lists": lambda: [[0] * 10] * 10**6,
    "an array of text": lambda: np.array(["a"]),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_no_object_of_a_student_ends_the_agent(name):
    value = OBJECTS[name]()
    verbs = Verbs({"value": value, "give": lambda: value, "x": 3})
    for request in ({"verb": "get", "name": "value"}, {"verb": "call", "target": "give"}):
        reply = wire.unpack(verbs.reply({"number": 5, **request}))
        assert reply["number"] == 5
        assert ("value" in reply) != ("error" in reply)
    assert wire.unpack(verbs.reply({"number": 6, "verb": "get", "name": "x"}))["value"] == 3


def test_what_a_subclass_says_of_itself_is_not_asked():
    space = {"a": Endless(x=1), "b": EndlessTuple([5]), "c": torch.ones(2).as_subclass(LyingTensor)}
    found = wire.unpack(Verbs(space).reply({"verb": "run", "source": "[a, b, c]"}))["value"]
    assert found[:2] == [{"x": 1}, (5,)]
    assert torch.equal(found[2], torch.ones(2))


def test_an_error_that_cannot_be_printed_is_an_error():
    found = wire.unpack(Verbs({"f": mute}).reply({"verb": "call", "target": "f"}))["error"]
    assert (found["type"], found["message"]) == ("Mute", "(no message: SystemExit)")


def test_a_handle_that_was_never_given_is_an_error_of_that_call():
    student = Local({"f": len}, lambda name: None).student("one", 1)
    foreign = wire.Handle(99, "list")
    with pytest.raises(StudentError, match="a handle of another test"):
        student.call("f", foreign)
    with pytest.raises(StudentError, match="a handle of another test"):
        student.attr(foreign, "x")
    assert student.call("f", [1]) == 1


def test_an_answer_that_is_too_large_says_so():
    student = Local({"f": lambda: [[]] * 10**6}, lambda name: None).student("one", 1)
    with pytest.raises(StudentError) as raised:
        student.call("f")
    assert str(raised.value) == (
        "f(…): the answer cannot be read: more than 200,000 values in one answer"
    )
