"""Control groups: the system's own count of a submission's memory."""

import subprocess
import sys

import pytest

from autograder import cgroup

TAKE = "import sys; sys.stdin.read(1); held = bytearray(int(sys.argv[1]) * 2**20); print('had it')"


@pytest.fixture
def groups():
    if cgroup.parent() is None:
        pytest.skip("no control group may be made here: needs root, or systemd's Delegate=")


def take(group, size):
    """A process in the group that takes so many MB."""
    with subprocess.Popen([sys.executable, "-c", TAKE, str(size)], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # fmt: skip
        group.take(other.pid)
        said, _ = other.communicate("x", timeout=60)
    return other.returncode, said


def test_a_group_ends_what_takes_more_than_it_may(groups):
    with cgroup.group(100 * 2**20) as group:
        assert take(group, 20) == (0, "had it\n") and not group.overflowed()
        assert take(group, 400) == (-9, "") and group.overflowed()
    assert not group.folder.exists() and not group.overflowed()


def test_the_groups_of_a_killed_run_are_taken_away(groups):
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    left = cgroup.parent().folder / f"{cgroup.PREFIX}{gone.pid}-0"
    left.mkdir()
    with cgroup.group(2**30) as group:
        cgroup.parent.cache_clear()
        assert cgroup.parent() and not left.exists() and group.folder.exists()


def test_without_one_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroup, "MOUNT", tmp_path)
    cgroup.parent.cache_clear()
    try:
        with cgroup.group(2**30) as group:
            assert group is None
    finally:
        cgroup.parent.cache_clear()


def test_version_2_is_found_from_the_inside_out(monkeypatch, tmp_path):
    """A group with processes has no say in memory; the one above it may."""
    own = tmp_path / "user.slice/app.slice/mine.scope"
    own.mkdir(parents=True)
    for folder in (own, own.parent):
        (folder / "cgroup.procs").touch()
    (tmp_path / "self").write_text("1:name=systemd:/x\n0::/user.slice/app.slice/mine.scope\n")
    monkeypatch.setattr(cgroup, "MOUNT", tmp_path)
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "self")
    assert list(cgroup._candidates()) == [cgroup.Group(own, 2), cgroup.Group(own.parent, 2)]
