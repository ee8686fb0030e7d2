"""What every test has: no display, no network, the environment's programs; fast tests first.

`make test` runs two processes of tests (pytest-xdist). What shares a group shares a process: the
fast tests of a file, its slow ones, and of the matrix those of one lab.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_tree

os.environ.setdefault("GPTLAB_OFFLINE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
if "PYTEST_XDIST_WORKER" in os.environ:  # one of several: threads would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# nbgrader calls `alembic` by name.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


MATRIX = "test_matrix.py"  # long, in as many parts as there are labs: the last ones, longer, first


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slow ones last; those that need a network only when asked for by name (-m network)."""
    items.sort(key=lambda item: _of_matrix(item)[1], reverse=True)
    items.sort(key=lambda item: (_slow(item), _of_matrix(item)[0]))
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    if "network" not in config.getoption("markexpr"):
        skip = pytest.mark.skip(reason="needs a network; asked for with -m network")
        for item in items:
            if item.get_closest_marker("network"):
                item.add_marker(skip)


def _slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


def _of_matrix(item: pytest.Item) -> tuple[bool, str]:
    """Whether it is one of the matrix, and of which lab."""
    found = item.path.name == MATRIX and hasattr(item, "callspec")
    return found, item.callspec.params.get("name", "") if found else ""


def _group(item: pytest.Item) -> str:
    """What is to run in one process."""
    name = item.path.relative_to(item.config.rootpath).as_posix()
    matrix, lab = _of_matrix(item)
    if matrix:
        return f"{name} {lab}"
    return f"{name} slow" if _slow(item) else name


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Chromium, driven by Playwright."""
    sync = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install it")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"needs a browser: none of {', '.join(BROWSERS)} is here")
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def course_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty course folder, that everything in this test takes for the course."""
    root = tmp_path / "course"
    root.mkdir()
    monkeypatch.setenv("COURSE_ROOT", str(root))
    monkeypatch.delenv("GRADEBOOK_URL", raising=False)
    return root


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A checkout with a sample lab, released, its sample class graded; and what that printed.

    Shared by all tests that ask for it: they put back what they change.
    """
    root = sample_tree.make(tmp_path_factory.mktemp("checkout"))
    sample_tree.run(root, "autograder", "release")
    return root, sample_tree.run(root, "autograder", "class")
