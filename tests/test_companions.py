"""An answer that is a file: its source, what release makes of it, and what it refuses."""

import copy
import os
import re
import sys
from pathlib import Path

import pytest
from file_sample import CELL, FILE, MISTAKES, NAME, TEXT, WHEEL, cell, course, lab, notebook
from test_leaks import check_file_is_empty

from autograder import (
    catalogue,
    check,
    graded,
    holes,
    intro,
    leaks,
    local,
    publish,
    release,
    rules,
    source,
)
from autograder.sample_class import answered
from autograder.source import SourceError, full_source, stub_source
from gptlab import companion


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(companion, "stand_ins", {})
    monkeypatch.setattr(companion, "problems", {})
    yield course(tmp_path)
    sys.modules.pop("wheel", None)


def parsed(text=TEXT, wheel=WHEEL, **more):
    return source.parse(text, f"solutions/{NAME}.py", NAME, {FILE: wheel, **more})


def test_the_cell_holds_the_files_text():
    made = parsed()
    answer = made.cell("answer", "wheel_py")
    assert (answer.file, answer.source) == (FILE, WHEEL)
    assert made.answer_of("turn") is answer
    assert [item.id for item in made.items] == ["start", "turn", "total"]
    assert [hole.item for hole in holes.find(WHEEL)] == ["start", "turn", "turn", "total"]


def test_the_full_cell_writes_the_finished_file():
    text = full_source(parsed().cell("answer", "wheel_py"))
    first, _, rest = text.partition("\n")
    assert first == "%%write wheel.py"
    assert "###" not in rest and "raise NotImplementedError" not in rest
    assert "return result\n" in f"{rest}\n" and "sum(values)" not in rest
    compile(rest, FILE, "exec")


def test_the_students_cell_has_empty_regions_under_their_comments():
    text = stub_source(parsed().cell("answer", "wheel_py"))
    assert text.count("raise NotImplementedError") == 3
    assert text.count("# TO-DO") == 4
    assert "    # TO-DO total: without sum()\n    return sum(values)" in text
    assert "result" not in text and "n * self.step" not in text


def test_some_items_can_be_filled_and_others_not():
    text = stub_source(parsed().cell("answer", "wheel_py"), {"turn"})
    assert text.count("n * self.step") == 2
    assert text.count("raise NotImplementedError") == 1


def test_a_change_of_the_file_is_a_change_of_the_lab(root):
    before = lab(root).text
    path = root / "solutions" / NAME / FILE
    path.write_text(path.read_text().replace("10 *", "20 *"))
    assert lab(root).text != before


WRONG = {
    "no such file": (TEXT.replace('"wheel.py"', '"well.py"', 1), WHEEL,
                     r"py:9: file: no well\.py in the folder beside this lab; found wheel\.py"),
    "no name": (TEXT.replace('"wheel.py"', '"../wheel.py"', 1), WHEEL, "file: found '../wheel.py'"),
    "Python's own": (TEXT.replace('"wheel.py"', '"random.py"', 1), WHEEL, "it would hide"),
    "text in the cell": (TEXT.replace("# the text is", "x = 1  #"), WHEEL, "is to be empty"),
    "level": (TEXT.replace('file="wheel.py"', 'file="wheel.py" level=1'), WHEEL, "level: not at"),
    "no level": (TEXT.replace(" level=1", ""), WHEEL, "level: missing: a grade of a file needs"),
    "of nothing": (TEXT.replace('of="wheel_py" level=2', 'of="other" level=2'), WHEEL,
                   "without an answer cell of the id 'other'"),
    "no of": (TEXT.replace('of="wheel_py" level=3 minutes=7', ""), WHEEL,
              "without an answer cell of the same id"),
    "same id": (TEXT.replace('grade="start" points=6 of="wheel_py" level=1 minutes=2',
                             'grade="wheel_py" points=6'), WHEEL, 'expected of="wheel_py"'),
    "no region": (TEXT, WHEEL.replace("# TO-DO start", "# to do start"),
                  rf"{NAME}/wheel\.py:16: region: a region without its item"),
    "no item": (TEXT, WHEEL.replace("# TO-DO start", "# TO-DO begin"), "no region under a comment"),
    "an item too much": (TEXT, WHEEL.replace("# TO-DO turn: and", "# TO-DO back: and"),
                         r'wheel\.py:\d+: # TO-DO back: no cell grade="back" of="wheel_py"'),
    "not closed": (TEXT, WHEEL.replace("### END SOLUTION", "", 1),
                   rf"{NAME}/wheel\.py:25: answer='wheel_py': a second"),
    "not Python": (TEXT, WHEEL.replace("def total(", "def total(("),
        r"wheel\.py:38: answer='wheel_py': not Python"),
    "instead outside": (TEXT, f"{WHEEL}\n### INSTEAD\n", "INSTEAD` outside of a region"),
    "instead of nothing": (TEXT, WHEEL.replace("    return sum(values)\n", ""), "once in a region"),
    "level elsewhere": (f'{TEXT}\n# %% answer="a" level=1 minutes=1\n### BEGIN SOLUTION\na = 1\n'
                        '### END SOLUTION\n\n# %% grade="a" points=1 level=1\n', WHEEL,
                        "in a grade cell only with of"),
    "of no file": (f'{TEXT}\n# %% answer="a" level=1 minutes=1\n### BEGIN SOLUTION\na = 1\n'
                   '### END SOLUTION\n\n# %% grade="b" points=1 of="a" level=1 minutes=1\n', WHEEL,
                   'of: the answer "a" is no file'),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_is_refused_with_its_place(what):
    text, wheel, said = WRONG[what]
    with pytest.raises(SourceError) as caught:
        parsed(text, wheel)
    assert re.search(said, str(caught.value)), caught.value
    assert re.match(r"solutions/lab97_file(\.py|/wheel\.py):\d+: ", str(caught.value))


def test_a_file_that_no_cell_stands_for_is_refused():
    with pytest.raises(SourceError, match=f"{NAME}/more.py: no cell"):
        parsed(**{"more.py": "x = 1\n"})


def test_a_file_without_places_to_fill_in_is_handed_out_whole(tmp_path):
    course(tmp_path, f'{TEXT}\n# %% file="go.py"\n\n# %%\nimport go\n')
    (tmp_path / "solutions" / NAME / "go.py").write_text("SPEED = 3\n")
    made = lab(tmp_path)
    given = next(cell for cell in made.cells if cell.file == "go.py")
    assert (given.kind, given.id) == ("code", None)
    assert full_source(given) == stub_source(given) == "%%write go.py\nSPEED = 3"
    [released] = [one for one in notebook(tmp_path).cells if "go.py" in one.source]
    assert released.source == full_source(given) and "nbgrader" not in released.metadata
    assert [item.id for item in made.items] == ["start", "turn", "total"]


def test_a_file_handed_out_whole_has_nothing_to_fill_in():
    with pytest.raises(SourceError, match="a SOLUTION region in a cell that is released as it is"):
        parsed(f'{TEXT}\n# %% file="go.py"\n', **{"go.py": "### BEGIN SOLUTION\n### END SOLUTION"})


def test_two_cells_for_one_file_are_refused():
    again = f'{TEXT}\n# %% answer="again" file="{FILE}"\n'
    with pytest.raises(SourceError, match="taken by a cell above"):
        parsed(again)


def test_a_long_line_of_the_file_is_refused_with_its_place(root):
    long = WHEEL.replace('"""A wheel', f'"""A {"very " * 20}wheel')
    with pytest.raises(SourceError, match=rf"{NAME}/wheel\.py:1: answer: \d+ columns"):
        rules.check(parsed(wheel=long), root)


def test_each_item_has_a_red_line_that_says_where(root):
    nb = notebook(root)
    ids = [one.id for one in nb.cells if one.id.startswith(("todo-", "answer-", "grade-"))]
    assert ids == ["todo-wheel_py", CELL, "todo-start", "grade-start", "todo-turn", "grade-turn",
                   "todo-total", "grade-total"]  # fmt: skip
    assert "TO-DO 1 to 3 of 3" in cell(nb, "todo-wheel_py").source
    said = cell(nb, "todo-turn").source
    assert "TO-DO 2 of 3" in said and "★★☆ · 5 min · 8.5 points" in said
    assert "`Wheel.turn` and `Wheel.back` in `wheel.py`, under `# TO-DO turn`" in said
    start = next(one for one in nb.cells if one.id == "start").source
    assert "| 2. `turn` | ★★☆ | 5 min | 8.5 points |" in start
    assert [todo.id for todo in intro.todos(lab(root))] == ["start", "turn", "total"]


def test_nbgrader_sees_one_answer_and_its_grades(root):
    nb = notebook(root)
    known = cell(nb).metadata.nbgrader
    assert (known.solution, known.grade, known.grade_id) == (True, False, CELL)
    assert cell(nb).metadata.gptlab == {"file": FILE}
    assert cell(nb, "grade-turn").metadata.nbgrader.points == 8.5
    assert cell(nb, "grade-turn").metadata.gptlab == {"of": CELL}


def test_nothing_but_the_notebook_is_released(root):
    release.write(lab(root), root)
    assert [path.name for path in (root / "labs" / NAME).iterdir()] == [f"{NAME}.ipynb"]
    assert check.generated(root) == []


def test_nothing_of_the_file_leaks(root, tmp_path_factory):
    for name, text in (("gptlab/__init__.py", ""), ("pyproject.toml", "")):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    to = tmp_path_factory.mktemp("published") / "students"
    names = publish.publish(to, root)
    assert f"labs/{NAME}/{NAME}.ipynb" in names and not any("wheel" in name for name in names)
    (to / "notes.md").write_text("self.at = 10 * config.step\n")
    assert [leak.path for leak in leaks.search(to, [lab(root)], root)] == ["notes.md"]


def left(text, item):
    """Is this item as released, in a file with this text?"""
    return holes.untouched(WHEEL, text, item)


def test_an_item_is_untouched_while_all_its_regions_are():
    stub = holes.emptied(WHEEL)
    assert all(left(stub, item) for item in ("start", "turn", "total"))
    full = holes.filled(WHEEL)
    assert not any(left(full, item) for item in ("start", "turn", "total"))
    one = holes.emptied(WHEEL, {"start"})
    assert [left(one, item) for item in ("start", "turn", "total")] == [False, True, True]
    half = stub.replace("raise NotImplementedError\n        return self.at", "return self.at")
    assert not left(half, "turn") and left(half, "start")


@pytest.mark.parametrize(("old", "new", "same"), [
    ("        raise", "            raise", True),
    ("# TO-DO start: ten steps from zero", "# TO-DO start", True),
    ("start: ten steps from zero\n", "start: ten\n\n        # I do not know\n", True),
    ("        self.step = config.step", "        self.step = 5 * config.step", True),
    ("        # TO-DO start: ten steps from zero\n", "", False),
    ("zero\n        raise NotImplementedError", "zero\n        self.at = 1", False),
])  # fmt: skip
def test_what_else_was_changed_does_not_count(old, new, same):
    stub = holes.emptied(WHEEL)
    assert old in stub
    assert left(stub.replace(old, new), "start") is same


def test_mistakes_and_bodies_change_the_file():
    book = {}
    exec(MISTAKES, book)
    for one in [*book["MISTAKES"], *book["RIGHT"], *book["LAZY"]]:
        changed = one.applied_to(parsed())
        answer = changed.cell("answer", "wheel_py")
        assert answer.source != WHEEL and answer.source in changed.text
        compile(holes.filled(answer.source), FILE, "exec")
    with pytest.raises(catalogue.UserError, match="has 2 regions, found 1"):
        catalogue.Lazy("turn", "zeros", "return 0").applied_to(parsed())


def test_the_local_form_loads_the_text_without_a_disk(root, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    made = parsed(wheel=WHEEL.replace("10 * config.step", "7 * config.step"))
    student = local.Notebook(made).student("start", 1)
    assert student.attr(student.new("Wheel", student.new("Config", 3)), "at") == 21
    assert not list((root / "solutions").glob("*.written"))


def test_an_error_names_the_line_of_the_file(root):
    made = parsed(wheel=WHEEL.replace("self.at += n * self.step", "self.at += nothing"))
    student = local.Notebook(made).student("turn", 1)
    wheel = student.new("Wheel", student.new("Config", 3))
    with pytest.raises(Exception, match=r"name 'nothing' is not defined \(wheel\.py, line \d+\)"):
        student.call("turn", 1, on=wheel)


def test_a_student_of_the_sample_class_fills_some_of_it(root, monkeypatch):
    made = notebook(root)
    monkeypatch.setattr(release, "student_notebook", lambda lab: copy.deepcopy(made))
    nb = answered(lab(root), {"start"})
    assert "10 * config.step" not in nb.cells[0].source
    assert "10 * config.step" in cell(nb).source
    assert cell(nb).source.count("raise NotImplementedError") == 2
    assert "raise NotImplementedError" not in cell(answered(lab(root))).source


def test_the_search_for_answers_in_a_released_file_finds_them(root):
    model = lab(root).cell("answer", "wheel_py")
    check_file_is_empty(cell(notebook(root)).source, model)
    with pytest.raises(AssertionError):
        check_file_is_empty(stub_source(model, {"start"}), model)
    with pytest.raises(AssertionError):
        check_file_is_empty(
            f"{stub_source(model)}\n# n * self.step\nself.at += n * self.step", model
        )


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([4], "4"),
        ([1, 2, 3], "1 to 3"),
        ([1, 2, 5], "1 to 2 and 5"),
        ([1, 3, 4, 9], "1, 3 to 4 and 9"),
    ],
)
def test_the_red_line_over_a_file_names_its_places_alone(numbers, told):
    assert intro._ranges(numbers) == told


def test_graded_cells_run_in_an_empty_folder(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPTLAB_DATA", "data")
    with graded.environment():
        assert list(Path.cwd().iterdir()) == []
        assert Path(os.environ["GPTLAB_DATA"]).samefile(tmp_path / "data")
        Path("prompt.txt").write_text("a")
    assert Path.cwd() == tmp_path and os.environ["GPTLAB_DATA"] == "data"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
