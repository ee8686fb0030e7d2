"""Lab 11's sample.py: a student's model.py writes as the library does, and its slips are named."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
from nano_sample import MODEL, spoilt
from train_sample import config, one_thread, trained

from autograder import publish
from autograder.intro import address
from gptlab import tiny
from gptlab.sampling import sources
from gptlab.sampling.command import main

assert one_thread  # for every test here
ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "solutions" / "lab11_sampling" / "sample.py"
UV = shutil.which("uv")


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No GPT-2 here, a folder of the test's own, and no module of this test stays."""
    monkeypatch.setattr(sources, "cached", lambda size: None)
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("model", None)


def run(capsys, text, *arguments):
    """(exit code, stdout, stderr) with this text as model.py; None: without one."""
    if text is not None:
        Path("model.py").write_text(text, encoding="utf-8")
    given = ["--max_new_tokens=8", *arguments]
    return main(given, "python sample.py", Path("model.py")), *capsys.readouterr()


def library(capsys, *arguments):
    assert main(["--max_new_tokens=8", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("arguments", [
    ["--start=ROMEO:"], ["--start=ROMEO:", "--temperature=0"], ["--num_samples=2", "--seed=5"],
    ["--start=" + "word " * 100], ["--top_k=3", "--max_new_tokens=80"],
])  # fmt: skip
def test_a_right_model_writes_what_the_library_writes(capsys, arguments):
    code, out, err = run(capsys, MODEL, *arguments)
    assert code == 0 and out == library(capsys, *arguments)
    assert "number of parameters: a few" in err  # what the file prints is no text of the model


def test_other_forms_of_the_same_model_are_right_too(capsys):
    untied = spoilt("        self.transformer.wte.weight = self.lm_head.weight\n", "")
    waiting = "from __future__ import annotations\n" + MODEL  # dataclasses look for their module
    for text in (untied, waiting):
        assert run(capsys, text, "--start=A")[:2] == (0, library(capsys, "--start=A"))


def test_a_model_that_drops_out_is_told_that_it_is_not_trained(capsys):
    text = spoilt("return self.c_proj(self.gelu", "return F.dropout(self.c_proj(self.gelu")
    text = text.replace("(self.c_fc(x)))\n", "(self.c_fc(x))), 0.5, self.training)\n")
    assert run(capsys, text, "--start=A")[:2] == (0, library(capsys, "--start=A"))


def test_the_weights_of_a_run_are_not_for_it(capsys):
    trained(config(model="nano", steps=1)).save(Path("run"))
    code, out, err = run(capsys, MODEL, "--init_from=run")
    assert (code, out) == (2, "") and "python -m gptlab.sample --init_from=run" in err


HOLE = "raise NotImplementedError"
SLIPS = [
    (None, "There is no model.py in "),
    ("x = (", "It is no Python that can be read.\nmodel.py, line 1"),
    ("class GPT:\n  def f(self):\n  return 1\n", "line 3\n    return 1\nIndentationError"),
    ("a = 1\0", "It is no Python that can be read"),
    ("import nothing_of_this_name\n", "ModuleNotFoundError: No module named 'nothing_of"),
    ("raise SystemExit\n", "It stopped while it was imported.\nmodel.py, line 1"),
    ("def helper(): pass\n", "GPT and GPTConfig: expected. Found: helper."),
    ("def helper(): pass\n", "A class is missing in it"),
    ("%%write model.py\nx = 1\n", "line 1\n    %%write model.py\nLeave this line out"),
    (spoilt("        x = x + self.attn(self.ln_1(x))",
            f"        # TO-DO block: both\n        # parts\n        {HOLE}"),
     "Block.forward is not written yet. Its place is under `# TO-DO block`."),
    (spoilt("class GPT(nn.Module)", "class GTP(nn.Module)"), "GPT: expected. Found: LayerNorm, "),
    (spoilt("nn.Linear(config.n_embd, 3 * config.n_embd, bias=config.bias)", "None"),
     "GPT has no place for transformer.h.0.attn.c_attn.bias"),
    (spoilt("self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd, bias=config.bias)", HOLE),
     "GPT(config) stopped.\nmodel.py, line "),
    (spoilt("self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd, bias=config.bias)", HOLE),
     f"    {HOLE}\nNotImplementedError\nMLP.__init__ is not written yet.\n"),
    (spoilt("return self.c_proj(self.gelu(self.c_fc(x)))", HOLE), "MLP.forward is not written yet"),
    (spoilt("x = x + self.attn(self.ln_1(x))", HOLE), "Block.forward is not written yet"),
    (spoilt("x[:, [-1], :]", "x"), "Found: (1, 2, 512). Expected of GPT.forward(idx): scores of"),
    (spoilt("x[:, [-1], :]", "x"), "These are all positions: keep the last one only"),
    (spoilt("x[:, [-1], :]", "x[:, -1, :]"), "The axis of positions is gone"),
    (spoilt("return self.lm_head(x[:, [-1], :])", "logits = self.lm_head(x[:, [-1], :])"),
     "Found: None. Expected of"),
    (spoilt("return self.lm_head(x[:, [-1], :])", "return self.lm_head(x[:, [-1], :]), None"),
     "Found: a tuple (Tensor, None)"),
    (spoilt("[:, :, :T, :T] == 0", "[:, :, :T, :T] == 1"), "Does a row of the mask hide every"),
    (spoilt("wte=nn.Embedding(config.vocab_size", "wte=nn.Embedding(50304").replace(
        "        self.transformer.wte.weight = self.lm_head.weight\n", ""),
     "transformer.wte.weight: found shape (50304, 72), expected (512, 72): 50304 is GPTConfig's"),
    (spoilt("nn.Linear(4 * config.n_embd, config.n_embd, bias",
            "nn.Linear(config.n_embd, 4 * config.n_embd, bias"),
     "mlp.c_proj.weight: found shape (288, 72), expected (72, 288): the other way round"),
    (spoilt("self.ln_2 = LayerNorm", "self.ln2 = LayerNorm").replace(".ln_2(", ".ln2("),
     "GPT has no place for transformer.h.0.ln_2.bias"),
    (spoilt("3 * config.n_embd, bias=config.bias", "3 * config.n_embd, bias=False"),
     "GPT has no place for transformer.h.0.attn.c_attn.bias"),
    (spoilt("    bias: bool = True\n", ""), "GPTConfig cannot be made"),
    (spoilt("class GPT(nn.Module):\n    def __init__(self, config):\n        super().__init__()",
            "class GPT:\n    def __init__(self, config):\n        return\n"), "GPT is no model"),
    (spoilt("pos = torch.arange(idx.size(1))", "pos = torch.arange(idx.size(1) + 1)"),
     "It stopped while GPT.forward was running.\nmodel.py, line "),
    (spoilt("att = (q @ k.transpose(-2, -1))", "att = (q @ k)"), "RuntimeError: "),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), SLIPS, ids=range(len(SLIPS)))
def test_a_slip_is_a_sentence_with_its_line(capsys, text, words):
    code, out, err = run(capsys, text)
    assert (code, out) == (1, "") and words in err, err
    assert "sample.py: " in err and "Traceback" not in err and err.count("\n") < 12


def test_a_slip_that_shows_late_keeps_what_was_written(capsys):
    late = spoilt("return self.lm_head(x[:, [-1], :])",
                  "return self.lm_head(x[:, [-1], :] if idx.size(1) < 9 else x)")  # fmt: skip
    code, out, err = run(capsys, late, "--start=ROMEO:", "--max_new_tokens=60")
    assert code == 1 and out.startswith("ROMEO:") and len(out) > 8 and out.endswith("\n")
    assert "Found: (1, 9, 512)" in err


def test_the_file_is_a_door_that_uv_can_open():
    text = SCRIPT.read_text(encoding="utf-8")
    head = [line[2:] for line in text.partition('"""')[0].splitlines() if line[:2] == "# "]
    assert head[0] == "/// script" and head[-1] == "///"
    told = tomllib.loads("\n".join(head[1:-1]))
    where = address(ROOT)
    assert told["dependencies"] == [f"gptlab @ git+{where.url}@{where.branch}"]  # no torch: any
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert told["requires-python"] == project["requires-python"]


def test_the_real_script_runs_beside_its_model_and_from_elsewhere(tmp_path):
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "sample.py").write_bytes(SCRIPT.read_bytes())
    (folder / "model.py").write_text(MODEL, encoding="utf-8")
    ask = ["--start=Hello, my name is", "--max_new_tokens=8", "--init_from=tiny"]
    done = subprocess.run(
        [sys.executable, "-W", "error", folder / "sample.py", *ask], cwd=tmp_path, check=False,
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.startswith("Hello, my name is"), done.stderr
    assert tiny.tokenizer().encode(done.stdout)


@pytest.mark.skipif(UV is None, reason="needs uv, which the course's environment has")
@pytest.mark.parametrize("project", [True, False], ids=["in the course", "in a folder of its own"])
def test_uv_runs_it_as_the_practical_says(tmp_path, project):
    """With the .venv above it; offline, since uv would have to fetch anything that it lacks."""
    venv.create(tmp_path / ".venv")
    where = sysconfig.get_path("purelib", vars={"base": str(tmp_path / ".venv")})
    named = f"{ROOT}\n{sysconfig.get_path('purelib')}\n"
    Path(where, "course.pth").write_text(named, encoding="utf-8")
    if project:
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
    folder = tmp_path / "labs" / "lab11_sampling"
    folder.mkdir(parents=True)
    shutil.copy(SCRIPT, folder)
    (folder / "model.py").write_text(MODEL, encoding="utf-8")
    held = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    done = subprocess.run(
        [UV, "run", "--offline", "python", "sample.py", "--start=Hello, my name is",
         "--max_new_tokens=8", "--init_from=tiny"],
        cwd=folder, check=False, capture_output=True, text=True, env=held,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.startswith("Hello, my name is"), done.stderr
    assert not list(tmp_path.rglob("uv.lock"))


def test_in_the_students_copy_uv_may_make_the_environment():
    assert "tool.uv" not in publish.TABLES


def test_a_python_without_the_library_is_told(tmp_path):
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT], cwd=tmp_path, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 1 and "header:  uv run sample.py\n" in done.stderr
    assert "uv run --with COURSE python sample.py" in done.stderr
    assert done.stderr.startswith("sample.py: No module named 'gptlab'.")
