"""A notebook in a kernel: forks at grade cells, and what crashes, hangs and exits cost."""

import atexit
import functools

import nbformat
import pytest
import torch

from autograder import cgroup, jail, kernels, runner
from autograder.bridge import Local, NotReached, Remote, StudentError, held
from autograder.verbs import cell_number

SETUP = """
import torch

class Scale(torch.nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(float(factor)))
    def forward(self, x):
        return x * self.factor

def double(xs):
    xs.append(0)
    return [2 * x for x in xs]

def boom(x):
    raise ValueError(f"bad {x}")

names = {"a": 1}
total = 1
"""


def notebook(*cells):
    """Code cells from text; ("grade", id) stands for a grade cell."""
    made = []
    for cell in cells:
        if isinstance(cell, tuple):
            grading = {
                "schema_version": 3,
                "grade": True,
                "solution": False,
                "locked": True,
                "task": False,
                "grade_id": cell[1],
                "points": 1,
            }
            made.append(
                nbformat.v4.new_code_cell("raise SystemExit", metadata={"nbgrader": grading})
            )
        else:
            made.append(nbformat.v4.new_code_cell(cell))
    return nbformat.v4.new_notebook(cells=made)


@functools.cache
def nursery(covers=()):
    """One for all tests of this file; it ends with the tests."""
    made = kernels.Nursery(jail.chosen(), list(covers))
    atexit.register(made.__exit__)
    return made.__enter__()


def judged(nb, judge, items=("one", "two"), covers=(), **limits):
    """Run a notebook, call judge(remote) while its forks live; gives its answer and the run."""
    with nursery(tuple(covers)).berth(len(items)) as berth:
        done = runner.run(nb, list(items), berth, **limits)
        remote = Remote(done.sockets, done.stopped, seconds=3)
        try:
            return judge(remote), done
        finally:
            remote.close()


def local():
    space = {"__name__": "__main__"}
    exec(compile(SETUP, "<cell 1>", "exec"), space)
    return Local(space, cell_number)


def conversation(student):
    """Every verb once; what a test would see."""
    scale = student.new("Scale", 3)
    seen = [student.get("names"), student.call("double", [1, 2]), student.args]
    student.set(total=5, names={"b": torch.ones(2)})
    seen += [student.get("total"), student.get("names")["b"].tolist()]
    seen += [student.call(scale, torch.ones(2)).tolist(), student.attr(scale, "factor").item()]
    student.load(scale, {"factor": torch.tensor(4.0)})
    seen += [student.state(scale)["factor"].item(), student.grad(scale)]
    step = (
        "optimizer = torch.optim.SGD(scale.parameters(), lr=1.0)\n"
        "scale(torch.ones(1)).sum().backward()\noptimizer.step()\nscale"
    )
    same = student.run(step, scale=scale)
    seen += [student.state(same)["factor"].item(), student.state(scale)["factor"].item()]
    seen += [student.call("state_dict", on=scale)["factor"].item()]
    with pytest.raises(StudentError) as raised:
        student.call("boom", 7)
    with pytest.raises(StudentError, match="not defined"):
        student.get("missing")
    return [*seen, raised.value.type, raised.value.message, raised.value.cell]


def test_remote_and_local_are_one():
    far, _ = judged(
        notebook(SETUP, ("grade", "one")), lambda remote: conversation(remote.student("one", 1))
    )
    near = conversation(local().student("one", 1))
    assert far == near
    assert near[1:3] == [[2, 4, 0], [[1, 2, 0]]]
    assert near[9:12] == [3.0, 3.0, 3.0]
    assert near[-3:] == ["ValueError", "bad 7", 1]


@pytest.mark.parametrize(
    ("now", "grown"),
    [((120, 900), 20), ((700, 900), 600), ((120, 950), 850)],
    ids=["an older peak is no news", "held", "a new peak, given back since"],
)
def test_a_flood_is_what_this_process_grew_by(monkeypatch, now, grown):
    monkeypatch.setattr(runner, "_memory", lambda: now)
    assert runner._grown((100, 900)) == grown


def test_seeds_decide_on_both_sides():
    def draw(student):
        return student.run("torch.rand(3)")

    far, _ = judged(
        notebook(SETUP, ("grade", "one")),
        lambda remote: [
            draw(remote.student("one", 5)),
            draw(remote.student("one", 5)),
            draw(remote.student("one", 6)),
        ],
    )
    assert torch.equal(far[0], far[1])
    assert torch.equal(far[0], draw(local().student("one", 5)))
    assert not torch.equal(far[0], far[2])


def test_a_letter_is_read_where_it_stands_and_before_a_cell_that_ends_the_process():
    nb = notebook("choice_one = 'a'", ("grade", "one"), "import os; choice_one = 'b'; os._exit(1)")
    _, done = judged(nb, lambda remote: None, choices=("one", "two"))
    assert held("choice_one", done.read.pop("choice_one")) == "a" and not done.read
    assert done.stopped.startswith("the notebook's process ended in cell 3")
    nb.cells[2].source = "choice_one = 'b'"
    nb.cells += notebook(("grade", "two")).cells
    _, done = judged(nb, lambda remote: None, choices=("one", "two"))
    assert held("choice_one", done.read["choice_one"]) == "a" and not done.stopped
    with pytest.raises(StudentError, match="not defined"):
        held("choice_two", done.read["choice_two"])


def test_a_grade_cell_is_forked_at_whatever_comes_after_it():
    setup = ["x = 1", ("grade", "one")]

    def ask(remote):
        return remote.student("one", 0).get("x")

    for after in ([], [""], ["import os; os._exit(1)"], [("grade", "two")], ["while True: pass"]):
        nb = notebook(*setup, *after)
        assert judged(nb, ask, cell_seconds=1)[0] == 1
        assert [cell.source for cell in nb.cells[2:]] == [
            one if isinstance(one, str) else "raise SystemExit" for one in after
        ]


def test_a_control_group_ends_what_the_warden_would_see_too_late(monkeypatch):
    if cgroup.parent() is None:
        pytest.skip("no control group may be made here")
    monkeypatch.setattr(kernels, "SPARE_MEMORY", -2700)
    nb = notebook("x = 1", ("grade", "one"), "held = bytearray(800 * 2**20)", "print(1)")
    found, done = judged(nb, lambda remote: remote.student("one", 0).get("x"))
    assert found == 1 and "it used more memory than it may, in cell 3" in done.stopped


def test_a_cell_that_other_programs_skip_runs_as_in_jupyterlab():
    tagged = nbformat.v4.new_code_cell("print(1)", metadata={"tags": ["skip-execution"]})
    _, done = judged(nbformat.v4.new_notebook(cells=[tagged]), lambda remote: None)
    assert done.nb.cells[0].outputs[0].text == "1\n"


def test_an_item_is_judged_where_it_stands_and_each_test_alone():
    nb = notebook("x = 1", ("grade", "one"), "x = 2", ("grade", "two"), "x = 3")

    def judge(remote):
        first = remote.student("one", 0)
        first.set(x=99)
        return [
            first.get("x"),
            remote.student("one", 0).get("x"),
            remote.student("two", 0).get("x"),
        ]

    answers, done = judged(nb, judge)
    assert answers == [99, 1, 2]
    assert done.stopped == ""


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os; os._exit(3)", "process ended"),
        (
            "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: x = 0",
            "stopped after 1 s",
        ),
    ],
    ids=["exit", "loop that swallows everything"],
)
def test_a_dead_kernel_costs_only_what_comes_after(cell, said):
    nb = notebook("x = 1", ("grade", "one"), cell, ("grade", "two"))

    def judge(remote):
        with pytest.raises(NotReached, match=said):
            remote.student("two", 0)
        return remote.student("one", 0).get("x")

    answer, done = judged(nb, judge, cell_seconds=1)
    assert answer == 1
    assert said in done.flags[0]
    assert said.split()[-1] in done.nb.cells[2].outputs[-1].text


def test_a_slow_cell_is_stopped_and_grading_goes_on():
    nb = notebook("while True: pass", "x = 1", ("grade", "one"))
    answer, done = judged(nb, lambda remote: remote.student("one", 0).get("x"), cell_seconds=1)
    assert answer == 1
    assert "endless loop" in str(done.nb.cells[0].outputs)


def test_a_second_slow_cell_gets_half_the_time():
    nb = notebook("while True: pass", "while True: pass", "x = 1", ("grade", "one"))
    answer, done = judged(nb, lambda remote: remote.student("one", 0).get("x"), cell_seconds=2)
    assert answer == 1
    assert [flag.partition(":")[0] for flag in done.flags] == [
        "stopped after 2 s", "stopped after 1 s"
    ]  # fmt: skip


def test_a_call_that_hangs_or_ends_its_process_costs_the_rest_of_its_item():
    nb = notebook(
        "import os, time\ndef hang(): time.sleep(60)\ndef leave(): os._exit(0)\nx = 1",
        ("grade", "one"),
        ("grade", "two"),
        ("grade", "three"),
    )

    def judge(remote):
        kinds = []
        for item, name in (("one", "leave"), ("two", "hang")):
            with pytest.raises(StudentError) as raised:
                remote.student(item, 0).call(name)
            with pytest.raises((NotReached, StudentError)) as after:  # it may be just ending
                remote.student(item, 0)
            kinds.append((raised.value.type, str(after.value)))
        return [*kinds, remote.student("three", 0).get("x")]

    (gone, hung, last), _ = judged(nb, judge, items=("one", "two", "three"))
    assert gone[0] == "Gone" and "ended" in gone[1]
    assert hung == ("Timeout", "an earlier test of this item got no answer in time")
    assert last == 1


def test_a_tester_that_comes_back_finds_the_names_as_before():
    def judge(remote):
        remote.student("one", 0).set(x=2, y=3)
        remote.close()
        again = remote.student("one", 0)
        with pytest.raises(StudentError, match="not defined"):
            again.get("y")
        return again.get("x")

    assert judged(notebook("x = 1", ("grade", "one")), judge)[0] == 1


def test_covered_modules_say_so():
    nb = notebook(
        "try:\n    from gptlab.bigram import count_pairs\n    said = ''\n"
        "except ImportError as error:\n    said = str(error)",
        ("grade", "one"),
    )
    said, _ = judged(
        nb, lambda remote: remote.student("one", 0).get("said"), covers=["gptlab.bigram"]
    )
    assert "covered while this lab is graded" in said


def test_the_kernel_sees_neither_the_tests_nor_the_environment(monkeypatch):
    monkeypatch.setenv("SECRET", "canary")
    nb = notebook(
        "import os\nsecret = os.environ.get('SECRET')\n"
        "try:\n    import autograder.hidden.lab01_bigram as found\n"
        "except ImportError:\n    found = None",
        ("grade", "one"),
    )
    answers, _ = judged(
        nb,
        lambda remote: [
            remote.student("one", 0).get("secret"),
            remote.student("one", 0).get("found"),
        ],
    )
    assert answers == [None, None]


def test_checks_do_nothing_and_what_they_compare_with_is_not_there():
    nb = notebook(
        "from gptlab.checks import lab12_chat as check\n"
        "from gptlab.checks.core import CheckFailed\n"
        "told = check.encode(None)\n"
        "try:\n    from gptlab.checks.lab12_stand_ins import stand_ins\n    said = ''\n"
        "except ImportError as error:\n    said = str(error)\n"
        "from gptlab.checks import lab12_stand_ins as parts\n"
        "found = [parts.stand_ins(), parts.mean_loss(1, 2)]\n"
        "import gptlab.checks, pathlib\n"
        "files = [p.name for p in pathlib.Path(gptlab.checks.__file__).parent.glob('lab*.py')]",
        ("grade", "one"),
    )
    names = ("told", "said", "found", "files")
    found, _ = judged(nb, lambda remote: [remote.student("one", 0).get(name) for name in names])
    assert found == [None, "No module named 'gptlab.checks.lab12_stand_ins'", [None, None], []]
