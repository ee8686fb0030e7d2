"""What every test has: no display, no network, the environment's programs; fast tests first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import sample_tree

os.environ.setdefault("GPTLAB_OFFLINE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
# nbgrader calls `alembic` by name.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slow ones last; those that need a network only when asked for by name (-m network)."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    if "network" not in config.getoption("markexpr"):
        skip = pytest.mark.skip(reason="needs a network; asked for with -m network")
        for item in items:
            if item.get_closest_marker("network"):
                item.add_marker(skip)


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
