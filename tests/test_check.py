"""`autograder check`: labs that are not what release makes, and links that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_sample import NAME, TEXT, course

from autograder import check, release, source


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = course(tmp_path)
    release.write(source.load(NAME, root), root)
    return root


def test_what_release_made_passes(root):
    assert check.generated(root) == []


def test_an_edited_lab_is_named_with_its_first_difference(root):
    path = release.paths(NAME, root)[1]
    path.write_text(path.read_text().replace("import math", "import maths"))
    (fault,) = check.generated(root)
    assert fault.startswith(f"labs/{NAME}/{NAME}.ipynb: 2 lines are not what release makes")
    assert "import maths" in fault
    assert "make labs" in fault


def test_a_source_that_changed_since_is_noticed(root):
    text = TEXT.replace('"""Twice x."""', '"""Two times x."""')
    (root / f"solutions/{NAME}.py").write_text(text)
    assert len(check.generated(root)) == 1


def test_a_missing_and_a_left_over_lab_are_noticed(root):
    release.paths(NAME, root)[1].rename(root / "labs" / "elsewhere.ipynb")
    (root / "labs" / "lab97_gone").mkdir()
    faults = check.generated(root)
    assert f"labs/{NAME}/{NAME}.ipynb: is not there; run: make labs" in faults
    assert "labs/lab97_gone: has no source in solutions/; remove it" in faults


def test_links_that_lead_somewhere(root):
    (root / "book").mkdir()
    (root / "book" / "other.md").write_text("# Other\n")
    (root / "README.md").write_text(
        f"[a](book/other.md) [b](book/other.md#other) [c](https://example.org/x) [d](#here)\n"
        f"[e](/labs/{NAME}/{NAME}.ipynb) [f](mailto:a@example.org) `[g](nowhere.md)`\n\n"
        "```\n[h](nowhere.md)\n```\n![i](data:image/png;base64,AA==)\n"
    )
    (root / "book" / "page.md").write_text(f"[j](other) [k](../labs/{NAME}/{NAME}) [l](a-label)\n")
    assert check.links(root) == []


@pytest.mark.parametrize(
    "text",
    ["[a](nowhere.md)", "![a](figures/nowhere.png)", '<img src="nowhere.png">', "[a]: nowhere.md",
     "[a](</no where.md>)", "[a](nowhere.md#part)", '[a](nowhere.md "title")',
     "[![badge](nowhere.svg)](https://example.org)"],
)  # fmt: skip
def test_a_link_that_leads_nowhere_is_named_with_its_page(root, text):
    (root / "book").mkdir()
    (root / "book" / "page.md").write_text(f"# Page\n\n{text}\n")
    (fault,) = check.links(root)
    assert fault.startswith("book/page.md: the link to ")
    assert "leads nowhere" in fault


def test_links_in_a_lab_are_followed_too(tmp_path):
    course(tmp_path, TEXT.replace("# Two functions", "# [Two](../none.md) functions"))
    release.write(source.load(NAME, tmp_path), tmp_path)
    (fault,) = check.links(tmp_path)
    assert fault == f"labs/{NAME}/{NAME}.ipynb: the link to ../none.md leads nowhere"
