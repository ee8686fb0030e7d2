"""Nothing that students can read gives an answer away, and the search would see it if it did."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
from pathlib import Path
from unittest.mock import MagicMock

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from release_sample import MISTAKES, NAME, course

from autograder import holes, leaks, publish, release, source
from autograder.paths import ROOT

LABS = source.labs()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The sample course, released, with a catalogue."""
    root = course(tmp_path / "course")
    path = root / f"autograder/mistakes/{NAME}.py"
    path.parent.mkdir(parents=True)
    path.write_text(MISTAKES, encoding="utf-8")
    release.write(source.load(NAME, root), root)
    return root


def found(folder: Path, root: Path) -> list[leaks.Leak]:
    return leaks.search(folder, [source.load(NAME, root)], root)


def test_nothing_leaks_from_the_committed_labs():
    assert LABS
    labs = [source.load(name) for name in LABS]
    assert {path.parent.name for path in (ROOT / "labs").glob("*/*.ipynb")} == set(LABS)
    assert [str(leak) for leak in leaks.search(ROOT / "labs", labs)] == []


@pytest.mark.parametrize("name", LABS)
def test_there_is_something_to_look_for_in_every_item(name):
    lab = source.load(name)
    kinds = {secret.kind for secret in leaks.secrets(lab)}
    expected = {"solution", "hidden test", "catalogue", "choice key", "explanation of an option"}
    if any(cell.kind == "explain" for cell in lab.cells):
        expected |= {"model answer", "scheme"}
    assert expected <= kinds
    texts = "\n".join(secret.text for secret in leaks.secrets(lab))
    for cell in lab.cells:
        if cell.kind == "choice":
            assert all(why in texts for why in cell.options.values() if "{{" not in why)


@pytest.mark.parametrize("name", LABS)
def test_a_released_lab_is_valid(name):
    notebook = nbformat.read(ROOT / "labs" / name / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    graded = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert {meta["schema_version"] for meta in graded} == {3}
    assert sum(meta.get("points", 0) for meta in graded) == 20


@pytest.mark.parametrize("name", LABS)
def test_every_released_answer_is_empty(name):
    """Every function of an answer cell raises NotImplementedError, every other name is None."""
    notebook = nbformat.read(ROOT / "labs" / name / f"{name}.ipynb", 4)
    answers = [cell for cell in notebook.cells if cell.id.startswith("answer-")]
    expected = [cell for cell in source.load(name).cells if cell.kind in ("answer", "choice")]
    assert len(answers) == len(expected)
    for cell, model in zip(answers, expected, strict=True):
        if model.file:
            check_file_is_empty(cell.source, model)
        elif any(hole.instead for hole in holes.find(model.source)):
            check_instead(cell.source, model)
        else:
            check_empty(cell.source, names_before(notebook, cell.id))


def check_instead(text: str, model: source.Cell) -> None:
    """What stands in the place of an answer is what its author wrote below INSTEAD."""
    assert text == source.stub_source(model)
    for hole in holes.find(model.source):
        own = {line.strip() for line in hole.lines} - {line.strip() for line in hole.instead}
        assert own and not own & {line.strip() for line in text.splitlines()}


def check_file_is_empty(text: str, model: source.Cell) -> None:
    """Of a file, every region is as it is released, and none of its own lines is there."""
    regions = holes.find(model.source)
    assert regions and all(holes.untouched(model.source, text, hole.item) for hole in regions)
    plain = sum(not hole.instead for hole in regions)
    assert text.count("raise NotImplementedError") == plain
    given = holes.without(model.source, holes.SOLUTION)
    own = {line.strip() for hole in regions for line in hole.lines} - {
        line.strip() for line in given.splitlines()
    }
    assert own and not own & {line.strip() for line in text.splitlines()}


def names_before(notebook: nbformat.NotebookNode, id: str) -> dict:
    """What an answer may name in its bases, decorators and defaults: modules that the cells before
    import, their classes, and their texts."""
    names: dict = {}
    written: set[str] = set()
    for cell in notebook.cells[: [cell.id for cell in notebook.cells].index(id)]:
        if cell.source.startswith("%%"):  # a file that the cell writes
            written.add(cell.source.split()[1].removesuffix(".py"))
        elif cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.ImportFrom) and node.module in written:
                    continue
                value = node.value if isinstance(node, ast.Assign) else None
                text = isinstance(value, ast.Constant) and isinstance(value.value, str)
                if text or isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef):
                    exec(ast.unparse(node), names)
    return names


def check_empty(code: str, names: dict) -> None:
    body = ast.parse(code).body
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Global):  # what the lab has set by then
            names |= dict.fromkeys(node.names, 1)
    before = dict(names)
    exec(code, names)
    made = {name: value for name, value in names.items() if before.get(name, names) is not value}
    made.pop("__builtins__", None)
    holes = sum(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in body)
    assert made, "the cell leaves no name"
    empty = 0
    for name, value in made.items():
        if isinstance(value, type):
            methods = [m for m in vars(value).values() if callable(m) and hasattr(m, "__code__")]
            empty += any(raises_not_implemented(method) for method in methods)
        elif callable(value):
            empty += raises_not_implemented(value)
        else:
            assert value is None, f"{name} is released as {value!r}"
            empty += 1
    assert empty >= max(holes, 1)


def raises_not_implemented(function) -> bool:
    parameters = inspect.signature(function).parameters.values()
    given = [MagicMock(shape=(1, 2, 3)) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    try:
        function(*given)
    except NotImplementedError:
        return True
    except Exception:  # a method that is given whole, called with nonsense
        return False
    return False


@pytest.mark.parametrize("text", ["def f(x):\n    return 1", "x = 3", "class A:\n    size = 3"])
def test_an_answer_that_is_not_empty_is_noticed(text):
    with pytest.raises(AssertionError):
        check_empty(text, {})


def test_nothing_leaks_from_the_sample(root):
    assert found(root / "labs", root) == []


PLANTED = {
    "a solution's line": "    return secret_factor * x",
    "a top-level solution": "mean, spread = sum(values) / len(values), max(values) - min(values)",
    "the key of a choice": 'choice_why_two = "b"',
    "why an option is wrong": "No: odd numbers double as well.",
    "why an option is right": "Right: that is the very word.",
    "a model answer": "It is the point where they balance, whatever their order.",
    "a marking scheme": "One point for balance, two for the order being of no account.",
    "a hidden test": 'assert student.call("double", [1]) == [1, 1]',
    "a hidden test's name": "test_double__of_zero",
    "a mistake": "    return 3 * x  # thrice",
    "a lazy answer": "return [x, x, x, x]",
    "a right answer": "return sum((x, x))",
    "a right answer of two regions": 'self.twice = (2 * x for _ in "a")',
}


@pytest.mark.parametrize("what", PLANTED)
@pytest.mark.parametrize("cell_type", ["code", "markdown"])
def test_a_planted_leak_is_caught(what, cell_type, root):
    path = release.paths(NAME, root)[1]
    notebook = nbformat.read(path, 4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == cell_type)
    cell.source += f"\n{PLANTED[what]}\n"
    nbformat.write(notebook, path)
    caught = found(root / "labs", root)
    assert caught
    assert {leak.path for leak in caught} == {f"{NAME}/{NAME}.ipynb"}


@pytest.mark.parametrize("name", ["model.py", "notes/hints.txt", ".hidden", "page.html"])
def test_a_leak_in_any_other_file_is_caught(name, root):
    path = root / "labs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("    secret_factor = 2\n", encoding="utf-8")
    assert [leak.path for leak in found(root / "labs", root)] == [name]


def test_a_leak_in_the_metadata_of_a_notebook_is_caught(root):
    path = release.paths(NAME, root)[1]
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["gptlab"]["note"] = 'choice_why_two = "b"'
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert [leak.secret.kind for leak in found(root / "labs", root)] == ["choice key"]


def test_an_output_is_caught(root):
    path = release.paths(NAME, root)[1]
    notebook = nbformat.read(path, 4)
    code = next(cell for cell in notebook.cells if cell.id == "answer-mean")
    code.outputs = [nbformat.v4.new_output("stream", text="7")]
    nbformat.write(notebook, path)
    assert [leak.secret.kind for leak in found(root / "labs", root)] == ["output of a cell"]


def test_the_library_may_hold_what_labs_arrive_at_but_checks_may_not(root, tmp_path):
    tree = tmp_path / "tree"
    for name in ("gptlab/double.py", "gptlab/checks/sample.py"):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("    return secret_factor * x\n", encoding="utf-8")
    assert {leak.path for leak in found(tree, root)} == {"gptlab/checks/sample.py"}


@pytest.mark.parametrize("what", ["a marking scheme", "a hidden test's name"])
def test_the_library_may_hold_nothing_else(what, root, tmp_path):
    path = tmp_path / "tree" / "gptlab" / "double.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"# {PLANTED[what]}\n", encoding="utf-8")
    assert len(found(tmp_path / "tree", root)) == 1


def test_nothing_leaks_from_what_is_published(tmp_path):
    """The real course; publish searches too, so the search here is of what came out."""
    target = tmp_path / "students"
    publish.publish(target)
    labs = [source.load(name) for name in LABS]
    assert [str(leak) for leak in leaks.search(target, labs)] == []
    for word in ("solutions", "autograder", "course", "tests"):
        assert not (target / word).exists()
    shutil.copyfile(ROOT / "solutions" / f"{LABS[0]}.py", target / "notes.py")
    assert leaks.search(target, labs)
