"""`%%write` and `fresh`: a file of Python that a notebook writes and loads."""

import importlib
import subprocess
import sys

import pytest
from file_sample import FILE
from IPython.core.interactiveshell import InteractiveShell

from gptlab import companion
from gptlab.checks import core

ONE = "value = 1\n"
TWO = "value = 2\n"
HOLES = """\
class Wheel:
    def __init__(self):
        # TO-DO start: ten steps
        # from zero
        raise NotImplementedError

    def other(self):
        raise NotImplementedError
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working folder; nothing of it is known afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(companion, "problems", {})
    monkeypatch.setattr(companion, "failed", {})
    monkeypatch.setattr(companion, "stand_ins", {})
    yield tmp_path
    sys.modules.pop("wheel", None)


def wrong(text):
    """What `fresh` says of a file with this text."""
    companion.write(f"{FILE} --force", text)
    with pytest.raises(companion.FileError) as caught:
        companion.fresh(FILE)
    assert caught.value._render_traceback_() == str(caught.value).splitlines()
    return str(caught.value)


def test_the_cell_writes_the_file_and_says_so(folder, capsys):
    companion.write(FILE, ONE)
    assert (folder / FILE).read_text() == ONE
    assert capsys.readouterr().out == "wheel.py: written, 1 line\n"
    companion.write(FILE, ONE)
    assert "unchanged" in capsys.readouterr().out
    companion.write(FILE, TWO)
    assert (folder / FILE).read_text() == TWO


def test_a_file_that_was_changed_by_hand_is_kept(folder, capsys):
    companion.write(FILE, ONE)
    (folder / FILE).write_text(TWO)
    companion.write(FILE, "value = 3\n")
    said = capsys.readouterr().out
    assert (folder / FILE).read_text() == TWO
    assert "NOT written" in said and "--load" in said and "--force" in said
    assert companion.fresh(FILE).value == 2
    assert "is not what its cell wrote" in capsys.readouterr().out


def test_what_the_cell_wrote_is_known_to_a_new_kernel(folder):
    """All that is remembered lies beside the file."""
    companion.write(FILE, ONE)
    code = f"from gptlab import companion; companion.write({FILE!r}, {TWO!r})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert (folder / FILE).read_text() == TWO


def test_a_file_that_the_cell_never_wrote_is_kept_unless_it_says_the_same(folder, capsys):
    (folder / FILE).write_text(ONE)
    companion.write(FILE, TWO)
    assert (folder / FILE).read_text() == ONE
    companion.write(FILE, ONE)
    assert "unchanged" in capsys.readouterr().out
    companion.write(FILE, TWO)
    assert (folder / FILE).read_text() == TWO


def test_force_writes_over_the_file_and_keeps_the_other_text(folder, capsys):
    (folder / FILE).write_text(ONE)
    companion.write(f"{FILE} --force", TWO)
    assert (folder / FILE).read_text() == TWO
    assert (folder / "wheel_old.py").read_text() == ONE
    assert "the other text is in wheel_old.py" in capsys.readouterr().out


def test_load_puts_the_file_into_the_cell_and_the_next_run_writes(folder, monkeypatch):
    shell = InteractiveShell.instance()
    asked = []
    monkeypatch.setattr(shell, "set_next_input", lambda text, replace: asked.append(text))
    monkeypatch.setattr(companion, "_shell", lambda: shell)
    (folder / FILE).write_text(TWO)
    companion.write(f"{FILE} --load", ONE)
    assert asked == ["%%write wheel.py\nvalue = 2"]
    assert (folder / "wheel_old.py").read_text() == ONE  # it was never written
    assert (folder / FILE).read_text() == TWO
    companion.write(FILE, "value = 3\n")
    assert companion.fresh(FILE).value == 3


def test_load_of_nothing_says_so(folder):
    with pytest.raises(companion.FileError, match=r"wheel\.py: no such file in .*nothing to load"):
        companion.write(f"{FILE} --load", ONE)
    (folder / FILE).write_text("\n")
    with pytest.raises(companion.FileError, match=r"wheel\.py is empty: nothing to load"):
        companion.write(f"{FILE} --load", ONE)


def test_every_text_that_was_written_over_is_kept(folder, capsys):
    for value in (1, 2, 1, 3):
        (folder / FILE).write_text(f"value = {value}\n")
        companion.write(f"{FILE} --force", "value = 9\n")
    kept = {path.name: path.read_text() for path in folder.glob("wheel_old*.py")}
    assert kept == {"wheel_old.py": ONE, "wheel_old_2.py": TWO, "wheel_old_3.py": "value = 3\n"}
    assert "Take --force away again" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["", "model", "../model.py", "a/model.py", "model.py --forse",
                                  "model.py --load --force"])  # fmt: skip
def test_a_line_that_is_not_understood_is_refused(line):
    with pytest.raises(companion.FileError, match="expected `%%write model"):
        companion.write(line, ONE)


def test_importing_it_gives_the_notebook_the_magic():
    shell = InteractiveShell.instance()
    importlib.reload(companion)
    shell.run_cell("%%write wheel.py\nvalue = 5")
    assert companion.fresh(FILE).value == 5


def test_fresh_loads_the_text_that_stands_there_now_and_import_finds_it(folder):
    companion.write(FILE, ONE)
    assert companion.fresh(FILE).value == 1
    companion.write(FILE, TWO)  # within the second that a .pyc could not tell apart
    assert companion.fresh(FILE).value == 2
    assert importlib.import_module("wheel").value == 2


def test_a_dataclass_with_texts_for_types_can_be_made():
    """It looks its own module up while it is made."""
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    companion.write(FILE, f"{text}@dataclass\nclass Config:\n    step: int = 2\n")
    assert companion.fresh(FILE).Config(3).step == 3


def test_a_magic_line_in_the_file_itself_is_passed_over(folder):
    (folder / FILE).write_text(f"%%write {FILE}\n{ONE}")
    assert companion.fresh(FILE).value == 1


def test_a_magic_line_further_down_is_named():
    said = wrong(f"value = 1\n%%write {FILE}\n")
    assert said.startswith("wheel.py, line 2: leave this line out: it is for the cell of a noteb")


def test_a_slip_in_a_file_that_was_changed_by_hand_is_mended_there(folder):
    companion.write(FILE, ONE)
    (folder / FILE).write_text("other = (2\n")
    with pytest.raises(companion.FileError, match=r"Mend it in wheel\.py itself"):
        companion.fresh(FILE)


def test_a_missing_file_is_said_with_its_folder(folder):
    with pytest.raises(companion.FileError) as caught:
        companion.fresh(FILE)
    assert f"no such file in {folder}" in str(caught.value)
    assert "Mend it in the cell `%%write wheel.py`" in str(caught.value)


def test_a_syntax_error_has_its_line_and_text():
    said = wrong("value = 1\nother = (2\n")
    assert said.startswith("wheel.py, line 2: SyntaxError: '(' was never closed\n    other = (2\n")
    assert "wheel" not in sys.modules


def test_what_a_file_raises_has_the_line_in_the_file():
    said = wrong("import math\n\n\ndef f(x):\n    return math.sqrt(x)\n\n\nf(-1)\n")
    assert said.startswith("wheel.py, line 5: ValueError: math domain error\n    return math.sqrt")


def test_a_hole_that_is_met_while_loading_is_named():
    assert "line 5: this needs `# TO-DO start`, which is not done yet" in wrong(
        f"{HOLES}\nWheel()\n"
    )


def test_a_loop_that_is_stopped_is_named_and_goes_on_stopping(folder):
    companion.write(FILE, "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        companion.fresh(FILE)
    assert "stopped while it was loaded: is there an endless loop?" in companion.why_missing()


def test_why_a_name_is_missing_is_forgotten_when_the_file_loads():
    wrong("other = (2\n")
    assert companion.why_missing().startswith("; wheel.py, line 1: SyntaxError")
    companion.write(FILE, ONE)
    companion.fresh(FILE)
    assert companion.why_missing() == ""


def test_the_hole_of_an_error_is_the_comment_over_its_line():
    companion.write(FILE, HOLES)
    made = companion.fresh(FILE)
    with pytest.raises(NotImplementedError) as caught:
        made.Wheel()
    assert companion.hole_of(caught.value) == "start"
    with pytest.raises(NotImplementedError) as caught:
        made.Wheel.other(None)
    assert companion.hole_of(caught.value) == ""
    assert companion.hole_of(NotImplementedError()) == ""
    assert companion.hole_of(ValueError()) == ""


def test_a_check_tells_its_own_hole_from_another():
    companion.write(FILE, HOLES)
    made = companion.fresh(FILE)
    with pytest.raises(core.NotAttempted):
        core.call("start", made.Wheel, looked_at="Wheel()")
    with pytest.raises(core.CheckFailed) as caught:
        core.call("turn", made.Wheel, looked_at="Wheel()")
    assert not isinstance(caught.value, core.NotAttempted)
    assert "this needs `# TO-DO start`, which is not done yet" in str(caught.value)
    assert "line 5 of wheel.py, in __init__" in str(caught.value)


def test_a_check_names_the_line_of_the_file():
    companion.write(FILE, "def f():\n    return nothing\n")
    with pytest.raises(core.CheckFailed, match=r"line 2 of wheel\.py, in f: return nothing"):
        core.call("f", companion.fresh(FILE).f, looked_at="f()")


def test_load_keeps_no_text_that_was_written_already(folder):
    companion.write(FILE, ONE)
    (folder / FILE).write_text(TWO)
    companion.write(f"{FILE} --load", ONE)
    assert not (folder / "wheel_old.py").exists()


CLASS = "class Wheel:\n    def turn(self):\n        return nothing\n"


def told(answer):
    """What a check says of this class before it looks at it; "" where it looks."""
    try:
        core.must_be_callable("turn", answer, "the class")
    except core.NotLoaded as error:
        return str(error)
    return ""


def test_a_class_from_before_is_not_looked_at(folder):
    companion.write(FILE, CLASS)
    old = companion.fresh(FILE).Wheel
    assert told(old) == told(int) == ""
    companion.write(FILE, CLASS + "\n")  # it says the same
    assert told(old) == ""
    companion.write(FILE, "# more\n" + CLASS)
    assert "wheel.py has changed since it was loaded" in told(old)
    assert "Run the cell with companion.fresh" in told(old)
    new = companion.fresh(FILE).Wheel
    assert told(new) == "" and "the line `from wheel import …`" in told(old)
    (folder / FILE).unlink()
    assert told(new) == ""


def test_a_file_that_could_not_be_loaded_is_said_before_all_else():
    companion.write(FILE, CLASS)
    old = companion.fresh(FILE).Wheel
    said = wrong("x = 1\n" + CLASS + "other = (2\n")
    assert "turn: not looked at yet" in told(old) and "wheel.py could not be loaded" in told(old)
    assert said.splitlines()[0] in told(old)
    companion.write(FILE, "x = 1\n" + CLASS)  # mended, and not loaded
    assert "has changed since" in told(old)
    companion.write(FILE, CLASS)  # as it was: the class is right again
    assert told(old) == ""


def test_an_old_line_is_quoted_as_it_was():
    companion.write(FILE, CLASS)
    old = companion.fresh(FILE).Wheel()
    companion.write(FILE, "\n\n\n")
    companion.fresh(FILE)
    with pytest.raises(core.CheckFailed, match=r"line 3 of wheel\.py, in turn: return nothing"):
        core.call("turn", old.turn, looked_at="turn()")
