"""gptlab.checkpoint: whole or refused, whatever happened to the file."""

import os
import random

import pytest
import torch

from gptlab import checkpoint
from gptlab.checkpoint import CheckpointError

WHOLE = {"numbers": torch.arange(40.0), "config": {"steps": 3, "clip": None}, "losses": [0.5] * 9,
         "random": torch.get_rng_state()[:64].clone()}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "checkpoint.pt"
    checkpoint.write(found, WHOLE)
    return found


def same(found):
    return (
        found.keys() == WHOLE.keys()
        and all(torch.equal(found[name], WHOLE[name]) for name in ("numbers", "random"))
        and all(found[name] == WHOLE[name] for name in ("config", "losses"))
    )


def test_what_is_written_is_read(path):
    assert same(checkpoint.read(path)) and [path] == list(path.parent.iterdir())


def test_a_file_cut_anywhere_is_refused(path):
    raw = path.read_bytes()
    for length in range(0, len(raw), 61):
        path.write_bytes(raw[:length])
        with pytest.raises(CheckpointError, match=r"is no whole checkpoint: .*Copy it again"):
            checkpoint.read(path)


def test_no_changed_byte_gives_other_numbers(path):
    raw, chance, refused = path.read_bytes(), random.Random(4), 0
    # Among them the list of the parts at the end: torch reads what is said there, also nonsense.
    places = [chance.randrange(len(raw)) for _ in range(300)]
    for place in [*places, *range(len(raw) - 700, len(raw), 2)]:
        changed = bytearray(raw)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            assert same(checkpoint.read(path)), place
        except CheckpointError:
            refused += 1
    assert refused > 400


@pytest.mark.parametrize("content", [b"", b"To be, or not to be", b"PK\x03\x04" * 99])
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"\({len(content)} bytes\) is no whole checkpoint"):
        checkpoint.read(path)


def test_nothing_is_run(path, capsys):
    class Evil:
        def __reduce__(self):
            return (print, ("ran",))

    torch.save({"config": Evil()}, path)
    with pytest.raises(CheckpointError, match=r"\((builtins\.)?print\).*nothing was read"):
        checkpoint.read(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"),
                                   RuntimeError("[enforce fail] unexpected pos")])  # fmt: skip
def test_a_write_that_fails_leaves_the_one_before(path, error, monkeypatch):
    def fail(whole, file):
        file.write(b"half")
        raise error

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(CheckpointError, match=r"the one from before is as it was. Is there room"):
        checkpoint.write(path, {})
    assert [path] == list(path.parent.iterdir())
    monkeypatch.undo()
    assert same(checkpoint.read(path))


def test_a_text_is_replaced_in_one_step(tmp_path, monkeypatch):
    path = tmp_path / "losses.json"
    checkpoint.write_text(path, "[1]")
    monkeypatch.setattr(os, "fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        checkpoint.write_text(path, "[1, 2]")
    assert path.read_text() == "[1]"
