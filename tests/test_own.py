"""Answers taken out of notebooks: what is written is used, what is not comes from the library."""

import json

from gptlab import gpt, own, sample

WRITTEN = 'class GELU(nn.Module):\n    """mine"""\n    def forward(self, x):\n        return x\n'
HOLE = "class LayerNorm(nn.Module):\n    def forward(self, x):\n        raise NotImplementedError\n"
USES = "def choose(scores, **knobs):\n    return top_k_only(scores, 1), GELU\n"


def _notebook(path, *cells):
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    made.append({"cell_type": "markdown", "source": ["class GPTModel: pass"]})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")


def test_without_notebooks_all_is_the_librarys(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mine = own.taken()
    assert mine["GPTModel"] is gpt.GPTModel
    assert mine["generate"] is sample.generate
    assert "your" not in capsys.readouterr().out


def test_what_is_written_is_taken_and_said(tmp_path, monkeypatch, capsys):
    here = tmp_path / "lab10_gpt2_weights"
    here.mkdir()
    monkeypatch.chdir(here)
    _notebook(tmp_path / "lab07_gpt_model/lab07_gpt_model.ipynb", "%pip install x", HOLE, WRITTEN,
              "1 / 0")  # fmt: skip
    _notebook(here / "lab09_decoding.ipynb", USES)
    mine = own.taken()
    assert mine["GELU"].__doc__ == "mine"
    assert mine["LayerNorm"] is gpt.LayerNorm
    assert mine["choose"](_row())[1] is mine["GELU"]
    said = capsys.readouterr().out
    assert "lab07_gpt_model: your GELU; the library's LayerNorm," in said
    assert "lab09_decoding: your choose;" in said


def _row():
    import torch

    return torch.tensor([[1.0, 2.0]])


def test_a_damaged_notebook_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in ("", "{}", "[1]", '{"cells": 3}'):
        (tmp_path / "lab07_gpt_model.ipynb").write_text(text, encoding="utf-8")
        assert own.taken(quiet=True)["GPTModel"] is gpt.GPTModel
