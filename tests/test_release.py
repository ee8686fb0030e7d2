"""What a student gets: its form, its order, and that nbgrader's own command makes the same text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum, is_grade, is_solution
from release_sample import HIDDEN, NAME, TEXT, course
from traitlets.config import Config

from autograder import cli, intro, release, rules, source
from autograder.errors import UserError
from gptlab.checks import quiz


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return course(tmp_path)


def student(root: Path) -> nbformat.NotebookNode:
    return release.student_notebook(source.load(NAME, root), root)


def cells_by_id(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    return {cell.id: cell for cell in notebook.cells}


def test_the_cells_in_their_order(root):
    ids = [re.sub(r"-[0-9a-f]{8}$", "-#", cell.id) for cell in student(root).cells]
    assert ids == [
        "text-#", "start", "install", "code-#", "predict-first_guess",
        "todo-double", "answer-double", "grade-double", "todo-mean", "answer-mean", "grade-mean",
        "code-#", "picture-line",
        "todo-why_two", "question-why_two", "answer-why_two", "grade-why_two",
        "todo-meaning", "question-meaning", "explain-meaning",
    ]  # fmt: skip


def test_what_stands_in_the_holes(root):
    cells = cells_by_id(student(root))
    assert cells["answer-double"].source.endswith("    raise NotImplementedError")
    assert cells["answer-mean"].source == "values = None\nmean = None\nspread = None"
    assert cells["answer-why_two"].source == 'choice_why_two = None  # "a" or "b"'
    assert cells["explain-meaning"].source == "*Your answer here.*"
    assert cells["question-meaning"].source == "What does the mean say of the two values?"


def test_ids_stay_when_another_cell_changes(root):
    before = set(cells_by_id(student(root)))
    text = TEXT.replace("import math", "import math\nimport sys")
    (root / f"solutions/{NAME}.py").write_text(text, encoding="utf-8")
    after = set(cells_by_id(student(root)))
    assert len(before - after) == len(after - before) == 1


def test_nbgraders_metadata(root):
    notebook = student(root)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    kept = {"schema_version", "grade", "locked", "solution", "task", "grade_id", "points",
            "checksum", "cell_type"}  # fmt: skip
    found = {}
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta:
            assert set(meta) <= kept
            assert meta["schema_version"] == 3
            assert meta["checksum"] == compute_checksum(cell)
            marks = "grade" * is_grade(cell), "solution" * is_solution(cell), meta["locked"]
            found[meta["grade_id"]] = (cell.cell_type, *marks, meta.get("points"))
    assert found == {
        "answer-double": ("code", "", "solution", False, None),
        "double": ("code", "grade", "", True, 9.5),
        "answer-mean": ("code", "", "solution", False, None),
        "mean": ("code", "grade", "", True, 6),
        "question-why_two": ("markdown", "", "", True, None),
        "answer-why_two": ("code", "", "solution", False, None),
        "why_two": ("code", "grade", "", True, 1.5),
        "question-meaning": ("markdown", "", "", True, None),
        "meaning": ("markdown", "grade", "solution", False, 3),
    }


def test_notebook_metadata(root):
    metadata = student(root).metadata
    assert metadata["gptlab"] == {"lab": NAME}
    assert metadata["accelerator"] == "GPU"
    assert metadata["colab"] == {"gpuType": "T4", "provenance": []}
    assert metadata["kernelspec"]["name"] == "python3"


def test_head_of_the_notebook(root):
    cells = student(root).cells
    link = f"colab.research.google.com/github/a/course/blob/main/labs/{NAME}/{NAME}.ipynb"
    assert cells[0].source.startswith("# A small sample\n\n[![Open In Colab](")
    assert link in cells[0].source
    assert "a mean of 7.00 and a picture: ![line](data:image/png;base64," in cells[0].source
    start = cells[1].source
    for words in ("2 seconds", "A processor, 2 cores", "torch 2.13.0", "13 minutes", "20 points",
                  "1. `double` | ★☆☆ | 5 min | 9.5 points"):  # fmt: skip
        assert words in start


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "less than a second"), (40.4, "40 seconds"), (150, "2.5 minutes"), (2100, "35 minutes"),
     (8220, "2 h 17 min")],
)  # fmt: skip
def test_times_in_words(seconds, words):
    assert intro._duration(seconds) == words


def test_install_cell_does_nothing_outside_colab_and_pins_no_torch(root):
    code = cells_by_id(student(root))["install"].source
    exec(compile(code, "install", "exec"), {})  # plain Python: no get_ipython here
    assert '"gptlab @ git+https://example.org/a/course@main"' in code
    assert "torch" not in code


def test_install_cell_in_colab(root, monkeypatch):
    asked = []

    class Shell:
        def run_line_magic(self, name, line):
            asked.append((name, line))

    monkeypatch.setitem(__import__("sys").modules, "google.colab", object())
    code = cells_by_id(student(root))["install"].source
    exec(compile(code, "install", "exec"), {"get_ipython": Shell})
    assert asked == [("pip", 'install -q "gptlab @ git+https://example.org/a/course@main"')]


def test_the_red_line_has_colour_word_icon_and_facts(root):
    cell = cells_by_id(student(root))["todo-double"]
    assert cell.metadata["tags"] == ["todo"]
    assert '<font color="#' in cell.source
    for part in ("✏️", "TO-DO 1 of 4", "`double`", "★☆☆", "5 min", "9.5 points"):
        assert part in cell.source


def test_the_explanation_of_an_option_opens_with_its_letter_alone(root):
    code = cells_by_id(student(root))["grade-why_two"].source
    calls = []
    check = type("check", (), {"choice": staticmethod(lambda *args: calls.append(args))})
    exec(code, {"check": check, "choice_why_two": "a"})
    ((item, answer, sealed),) = calls
    assert (item, answer, list(sealed)) == ("why_two", "a", ["a", "b"])
    assert quiz.open(NAME, item, "a", sealed["a"]) == "-No: odd numbers double as well."
    with pytest.raises(ValueError, match="changed"):
        quiz.open(NAME, item, "a", sealed["b"])


def test_the_check_of_a_choice_is_folded(root):
    metadata = cells_by_id(student(root))["grade-why_two"].metadata
    assert metadata["cellView"] == "form"
    assert metadata["jupyter"] == {"source_hidden": True}


def test_the_instructors_form_has_answers_and_scheme(root):
    notebook = release.instructor_notebook(source.load(NAME, root), root)
    text = "\n".join(cell.source for cell in notebook.cells)
    for words in ("secret_factor = 2", 'choice_why_two = "b"', "where they balance", "One point"):
        assert words in text


def test_write_is_deterministic_and_writes_only_what_changed(root):
    lab = source.load(NAME, root)
    written = release.write(lab, root)
    assert [path.relative_to(root).as_posix() for path in written] == [
        f"course/source/{NAME}/{NAME}.ipynb", f"labs/{NAME}/{NAME}.ipynb",
    ]  # fmt: skip
    first = [path.read_bytes() for path in written]
    assert release.write(lab, root) == []
    for path in written:
        path.unlink()
    assert [path.read_bytes() for path in release.write(lab, root)] == first
    assert first[1].endswith(b"}\n")
    assert first[1].decode() == json.dumps(
        json.loads(first[1]), indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": ")
    ) + "\n"  # fmt: skip


def nbgrader_release(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The released notebook as plain nbgrader makes it, with this repository's configuration."""
    from nbgrader.apps import NbGraderAPI

    monkeypatch.setenv("COURSE_ROOT", str(root / "course"))
    monkeypatch.delenv("GRADEBOOK_URL", raising=False)
    config = Config()
    path = source.ROOT / "nbgrader_config.py"
    names = {"get_config": lambda: config, "__file__": str(path)}
    monkeypatch.chdir(source.ROOT)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    result = NbGraderAPI(config=config).generate_assignment(name, force=True, create=True)
    assert result["success"], result.get("log")
    return release.paths(name, root)[1].read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_plain_nbgrader_makes_the_same_text(root, monkeypatch):
    lab = source.load(NAME, root)
    release.write(lab, root)
    expected = release.paths(NAME, root)[1].read_text(encoding="utf-8")
    instructors = release.paths(NAME, root)[0]
    dirty = nbformat.read(instructors, 4)
    for cell in dirty.cells:  # as after an instructor has run it
        if cell.cell_type == "code":
            cell.execution_count = 3
            cell.outputs = [nbformat.v4.new_output("stream", text="an answer")]
    nbformat.write(dirty, instructors)
    release.paths(NAME, root)[1].unlink()
    assert nbgrader_release(root, NAME, monkeypatch) == expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("name", source.labs())
def test_plain_nbgrader_makes_the_committed_labs(name, tmp_path, monkeypatch):
    instructors = release.paths(name, tmp_path)[0]
    instructors.parent.mkdir(parents=True)
    made = release.text_of(release.instructor_notebook(source.load(name)))
    instructors.write_text(made, encoding="utf-8")
    committed = release.paths(name)[1].read_text(encoding="utf-8")
    assert nbgrader_release(tmp_path, name, monkeypatch) == committed


def test_strip_refuses_an_answer_outside_solution_cells(root):
    notebook = release.instructor_notebook(source.load(NAME, root), root)
    plain = next(cell for cell in notebook.cells if cell.id.startswith("code-"))
    plain.source = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    with pytest.raises(UserError, match=plain.id):
        release.Strip().preprocess(notebook, {})


RULES = {
    # old, new, in the hidden tests?, words of the message
    "points": ("points=9.5", "points=9", False, f"solutions/{NAME}.py:47: points: the points of "
               "the lab add up to 19.5, expected 20"),
    "too few tests": ("test_mean__spread", "check_mean__spread", True,
                      'py:31: grade="mean": found 2 hidden tests named test_mean__'),
    "tests of nothing": ("test_mean__spread", "test_maen__spread", True, "test_maen__: no grade"),
    "wide": ("import math", "import math" + " " * 9 + "# " + "x" * 70, False,
             f"solutions/{NAME}.py:7: code: 92 columns, expected at most 79"),
    "wide prose": ("# What does", "# What" + " oh what" * 10 + " does", False, ":48: explain: "),
}  # fmt: skip


@pytest.mark.parametrize("case", RULES)
def test_what_is_not_fit_for_release_is_refused(case, tmp_path):
    old, new, hidden, words = RULES[case]
    texts = {"text": TEXT.replace(old, new), "hidden": HIDDEN} if not hidden else {
        "text": TEXT, "hidden": HIDDEN.replace(old, new)}  # fmt: skip
    course(tmp_path, **texts)
    with pytest.raises(source.SourceError) as caught:
        release.write(source.load(NAME, tmp_path), tmp_path)
    assert words in str(caught.value)
    assert not (tmp_path / "labs").exists()


def test_all_faults_are_told_at_once(tmp_path):
    course(tmp_path, TEXT.replace("points=9.5", "points=9"), "")
    with pytest.raises(source.SourceError) as caught:
        rules.check(source.load(NAME, tmp_path), tmp_path)
    assert len(str(caught.value).splitlines()) == 3


def test_addresses_and_tables_may_be_wide(tmp_path):
    wide = "# Two functions, see https://example.org/" + "x" * 80 + "\n# |" + " a |" * 40
    course(tmp_path, TEXT.replace("# Two functions", wide))
    rules.check(source.load(NAME, tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{{mean:.2f}}", "{{median:.2f}}", 'numbers="median", then run: make figures'),
        ("{{mean:.2f}}", "{{mean:q}}", "cannot be formatted: 7.0"),
        ("{{mean:.2f}}", "{{mean[a]}}", "cannot be formatted"),
        ("{{figure:line}}", "{{figure:curve}}", "no picture solutions/figures/"),
    ],
)
def test_a_number_or_picture_that_no_run_gave_is_refused(old, new, words, tmp_path):
    course(tmp_path, TEXT.replace(old, new))
    with pytest.raises(source.SourceError) as caught:
        student(tmp_path)
    assert str(caught.value).startswith(f"solutions/{NAME}.py:1: ")
    assert words in str(caught.value)


def test_a_number_that_was_never_run_says_make_figures(root):
    (root / f"solutions/figures/{NAME}/numbers.json").unlink()
    with pytest.raises(source.SourceError, match=re.escape("{{mean:.2f}}") + ".*make figures"):
        student(root)


def test_a_lab_that_quotes_no_number_still_needs_its_seconds(tmp_path):
    course(tmp_path, TEXT.replace("{{mean:.2f}}", "7"))
    (tmp_path / f"solutions/figures/{NAME}/numbers.json").unlink()
    with pytest.raises(source.SourceError, match=r"no measured times.*make figures"):
        student(tmp_path)


@pytest.mark.parametrize("content", ["{", "{}", '{"seconds": {"all": null}, "machine": {}}'])
def test_damaged_numbers_are_refused(root, content):
    (root / f"solutions/figures/{NAME}/numbers.json").write_text(content)
    with pytest.raises(source.SourceError, match=r"numbers\.json is not whole.*make figures"):
        student(root)


@pytest.mark.parametrize("content", [b"\x89PNG" + b"0" * 100_000, b"a JPEG"])
def test_a_picture_that_is_too_large_or_no_png_is_refused(root, content):
    (root / f"solutions/figures/{NAME}/line.png").write_bytes(content)
    with pytest.raises(source.SourceError, match="expected a PNG of at most 100000"):
        student(root)


def test_numbers_in_lists_and_dicts_can_be_quoted(tmp_path):
    course(tmp_path, TEXT.replace("{{mean:.2f}}", "{{ladder[bigram]:.1f}}"))
    path = tmp_path / f"solutions/figures/{NAME}/numbers.json"
    run = json.loads(path.read_text())
    run["numbers"]["ladder"] = {"bigram": 2.489}
    path.write_text(json.dumps(run))
    assert "a mean of 2.5 and" in student(tmp_path).cells[0].source


@pytest.mark.parametrize("config", ["", "repository: {}", "repository: [1]", "a: ["])
def test_a_configuration_without_an_address_is_refused(tmp_path, config):
    (tmp_path / "_config.yml").write_text(config)
    with pytest.raises(UserError, match="no repository address"):
        intro.address(tmp_path)


def test_the_command_line_answers_with_a_sentence_and_code_2(capsys):
    assert cli.main(["release", "lab99_none"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("lab99_none: no such lab.")
    assert len(told.err.splitlines()) == 1
