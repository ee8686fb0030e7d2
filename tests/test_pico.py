"""gptlab.apps.pico: a file from the functions of a notebook, which runs without the notebook."""

from __future__ import annotations

import importlib.util
import linecache
import subprocess
import sys
from pathlib import Path

import nbformat
import pico_sample
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from gptlab import numpy_gpt, tiny
from gptlab.apps import pico

SAMPLE = [getattr(pico_sample, name) for name in pico.NEEDED]
_, IMPORTS, *DEFS = Path(pico_sample.__file__).read_text(encoding="utf-8").split("\n\n", 2)
CELLS = [IMPORTS, *DEFS[0].strip().split("\n\n\n")]


class Notebook:
    """Cells run one after another, each kept where IPython keeps its text."""

    def __init__(self) -> None:
        self.user_ns: dict = {"__name__": "__main__"}
        self.run_cell("\n".join([CELLS[0], ""]))
        for cell in CELLS[1:]:
            self.run_cell(cell)

    def run_cell(self, text: str) -> None:
        name = f"<cell {id(self)} {len(linecache.cache)}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), self.user_ns)


@pytest.fixture
def notebook():
    return Notebook()


def functions(shell, *more):
    return [shell.user_ns[name] for name in (*pico.NEEDED, *more)]


def imported(path):
    """As a fresh Python imports it."""
    spec = importlib.util.spec_from_file_location("one_of_a_student", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_gives_the_library_s_ids(notebook, tmp_path, capsys):
    path = pico.write(tmp_path / "pico_gpt.py", functions(notebook))
    assert "10 functions" in capsys.readouterr().out
    ids, params = tiny.tokenizer().encode("First Citizen:"), tiny.params()
    expected = numpy_gpt.generate(ids, params, 4, 12, quiet=True)
    assert imported(path).generate(ids, params, 4, 12) == expected
    text = path.read_text(encoding="utf-8")
    assert text.count("import numpy as np\nfrom tqdm import tqdm\n") == 1
    for name in ("gptlab", "torch", "pico_sample"):
        assert name not in text


def test_it_runs_with_nothing_else_around_it(tmp_path):
    pico.write(tmp_path / "pico_gpt.py", SAMPLE)
    code = "import pico_gpt, sys; assert 'gptlab' not in sys.modules; print(pico_gpt.gelu(0.0))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "0.0"


def test_the_names_of_a_notebook_do_as_well(notebook, tmp_path):
    path = pico.write(tmp_path / "a.py", notebook.user_ns)
    assert {"gelu", "generate"} <= set(vars(imported(path)))


def test_a_cell_run_again_counts(notebook, tmp_path):
    notebook.run_cell("def gelu(x):\n    return 'the second'")
    path = pico.write(tmp_path / "a.py", functions(notebook))
    assert imported(path).gelu(1) == "the second"


def test_what_python_has_is_imported(notebook, tmp_path):
    notebook.run_cell("import math as m\nfrom math import sqrt as root, pi")
    notebook.run_cell("def gelu(x):\n    return m.floor(root(x))")
    path = pico.write(tmp_path / "a.py", functions(notebook))
    assert imported(path).gelu(17.0) == 4


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "def heads(a): return a\n#\ndef mha(x): return heads(x)",
            r"mha reads heads, which is not among[^$]*return heads\(x\)[^$]*put heads into",
        ),
        (
            "EPS = 1e-5\ndef gelu(x): return x + EPS",
            r"gelu reads EPS[^$]*It is a float of the notebook[^$]*set EPS inside",
        ),
        ("EPS = 1e-5\ndef gelu(x, eps=EPS): return x + eps", r"gelu reads EPS"),
        ("def gelu(x): return x + [i + OFF for i in x]", r"The notebook has no OFF either"),
        ("import torch\ndef gelu(x): return torch.tanh(x)", r"from torch[^$]*without torch"),
        (
            "from gptlab import steps\ndef gelu(x): return steps(x)",
            r"from gptlab[^$]*without steps",
        ),
        ("gelu = np.zeros((2, 3))", r"gelu is a ndarray of shape \(2, 3\); a function was"),
        ("exec('def gelu(x): return x', globals())", r"gelu has no source that can be read"),
        ("def act(x): return x\ngelu = act", r"gelu was expected, and its text defines act"),
        ("del gelu", r"gelu is missing: no such name in the notebook"),
        (
            "import json\njson.here = 1\ndef gelu(x, y=json.here): return x\ndel json.here",
            r"does not import: AttributeError[^$]*the defaults",
        ),
    ],
)
def test_what_cannot_be_written_is_said(notebook, tmp_path, cell, said):
    old = tmp_path / "a.py"
    old.write_text("old")
    notebook.run_cell(cell)
    with pytest.raises(pico.PicoError, match=said):
        pico.write(old, notebook.user_ns)
    assert old.read_text() == "old" and list(tmp_path.iterdir()) == [old]


def test_a_missing_function_is_named(tmp_path):
    with pytest.raises(pico.PicoError, match=r"softmax is missing[^$]*put softmax into the list"):
        pico.write(
            tmp_path / "a.py", [f for f in SAMPLE if f.__name__ not in {"softmax", "attention"}]
        )
    assert not list(tmp_path.iterdir())


def test_a_text_that_no_longer_parses_is_said(tmp_path):
    """A module that was edited after it was imported."""
    path = tmp_path / "edited_later.py"
    path.write_text("def gelu(x):\n    return x\n")
    module = imported(path)
    path.write_text("def gelu(x:\n    return x\n")
    with pytest.raises(pico.PicoError, match=r"(?s)gelu.*Do this"):
        pico.write(tmp_path / "a.py", [module.gelu], needed=["gelu"])


def test_a_default_stands_after_what_it_reads(notebook, tmp_path):
    notebook.run_cell("def gelu(x): return x + 1")
    notebook.run_cell("def feed_forward(x, act=gelu): return act(x)")
    given = [notebook.user_ns["feed_forward"], notebook.user_ns["gelu"]]
    path = pico.write(tmp_path / "a.py", given, needed=[])
    assert imported(path).feed_forward(1) == 2


def test_nothing_is_written_while_a_notebook_is_graded(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    pico.write(tmp_path / "a.py", [None])
    assert "is not written" in capsys.readouterr().out and not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(pico.PicoError, match="cannot be written"):
        pico.write(tmp_path / "none" / "a.py", SAMPLE)


@pytest.mark.slow
def test_in_a_kernel_as_a_student_has_it(tmp_path):
    from nbclient import NotebookClient

    call = f"from gptlab.apps import pico\npico.write('pico_gpt.py', [{', '.join(pico.NEEDED)}])"
    slip = "def mha(x):\n    return helper(x)\ndef helper(x):\n    return x\n"
    made = new_notebook(cells=[*map(new_code_cell, [*CELLS, call, slip, call])])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    client = NotebookClient(
        made, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}, timeout=60
    )
    client.execute()
    nbformat.validate(made)
    assert imported(tmp_path / "pico_gpt.py").gelu(0.0) == 0.0
    shown = "\n".join(made.cells[-1].outputs[-1].traceback)
    assert shown.startswith("pico_gpt: mha reads helper") and "Traceback" not in shown
