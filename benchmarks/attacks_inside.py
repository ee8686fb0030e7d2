"""The part of benchmarks/attacks_stock.py that runs in the jail: nbgrader, watched."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import target
from nbgrader.api import Gradebook

from autograder import release, source
from benchmarks import stock

NAME = target.NAME
CELL_SECONDS = 6  # nbgrader's own limit of one cell; its default of 30 would take hours
RUN_SECONDS = 120
MB = 2**20


def prepare(each: str, canary: str, student: str = "alice") -> dict:
    """Make the course, and grade a first honest student; gives the honest notebook."""
    course, lab = Path(each) / "course", source.load(NAME)
    stock.write_source(lab, course)
    _nbgrader(course, "generate_assignment", NAME)
    nb = nbformat.read(stock.released(lab, course), as_version=4)
    answers = {cell.id: cell for cell in lab.cells if cell.kind in ("answer", "choice")}
    for cell in nb.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("answer-")
        if cell.metadata.get("nbgrader", {}).get("solution") and id in answers:
            cell.source = source.full_source(answers[id])
    honest = release.text_of(nb)
    _hand_in(course, student, honest)
    _nbgrader(course, "autograde", NAME)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student(student, email=canary)
    scores = stock.scores(course, NAME)[student]
    if scores != target.POINTS:
        shown = _outputs(course, student)[0][-800:]
        raise RuntimeError(f"expected full points for the honest notebook: {scores}\n{shown}")
    return {"honest": honest}


def grade(each: str, notebook: str, canary: str) -> dict:
    """Grade this one and an honest one after it; what came of both."""
    course = Path(each) / "course"
    honest = (course / "submitted" / "alice" / NAME / f"{NAME}.ipynb").read_text()
    _hand_in(course, "mallory", notebook)
    _hand_in(course, "zoe", honest)
    before = set(_processes())
    for what, most in (("AS", 6 * 2**30), ("NPROC", 400), ("FSIZE", 2**28)):
        resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (most, most))
    with _services(canary), _watched(before) as harm:
        _nbgrader(course, "autograde", NAME, check=False)  # one after the other, in this order
        time.sleep(0.5)
        stays = len(set(_processes()) - before)
        if stays:
            harm.append(f"{stays} processes stay behind")
    if shutil.disk_usage("/tmp").used + shutil.disk_usage("/dev/shm").used > 40 * MB:
        harm.append("filled the disk")
    shown, pages = _outputs(course, "mallory")
    if pages:
        harm.append("markup in the page")
    try:
        scores = stock.scores(course, NAME)
    except Exception as error:  # the database may be whatever an attack made of it
        scores, harm = {}, [*harm, f"the gradebook is broken ({type(error).__name__})"]
    return {"scores": scores, "shown": shown, "harm": harm}


def _hand_in(course: Path, student: str, text: str) -> None:
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def _nbgrader(course: Path, *arguments: str, check: bool = True) -> None:
    limit = [f"--Execute.timeout={CELL_SECONDS}"] if arguments[0] == "autograde" else []
    with (course / "log").open("w+") as log:
        process = subprocess.Popen([*stock.NBGRADER, *arguments, *limit], cwd=course, stdout=log,
                                   stderr=log, env=stock.environment())  # fmt: skip
        try:
            code = process.wait(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if check and code:
            log.seek(0)
            raise RuntimeError(log.read()[-2000:])


def _outputs(course: Path, student: str) -> tuple[str, bool]:
    """What the attack's cells show, as text; whether there is markup that a page would run."""
    path = course / "autograded" / student / NAME / f"{NAME}.ipynb"
    if not path.is_file():
        return "", False
    nb = nbformat.read(path, as_version=4)
    outputs = [out for cell in nb.cells for out in cell.get("outputs", [])]
    kinds = {kind for out in outputs for kind in out.get("data", {})}
    return json.dumps(outputs), bool(kinds & {"text/html", "application/javascript"})


def _processes() -> dict[int, int]:
    """Process -> MB of its memory, what forks share by their share."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{name}/smaps_rollup").read_text().splitlines()
            used = [int(x.split()[1]) for x in lines if x.startswith(("Pss_Anon", "Pss_Shmem"))]
            if used:  # a zombie has none
                found[int(name)] = sum(used) // 1024
    return found


@contextlib.contextmanager
def _watched(before: set[int]) -> Iterator[list[str]]:
    """Notes where more is used than our own grader lets a submission use."""
    harm: list[str] = []
    peak = {"processes": 0, "MB": 0}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            found = {pid: size for pid, size in _processes().items() if pid not in before}
            peak["processes"] = max(peak["processes"], len(found))
            peak["MB"] = max(peak["MB"], sum(found.values()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield harm
    finally:
        ended.set()
        thread.join()
    if peak["processes"] > target.LIMITS["tasks"] / 2:
        harm.append(f"{peak['processes']} processes")
    if peak["MB"] > target.LIMITS["memory"]:
        harm.append(f"{peak['MB']:,} MB of memory")


@contextlib.contextmanager
def _services(canary: str) -> Iterator[None]:
    """Programs of the instructor's machine, which tell a secret to whoever reaches them."""
    tcp, abstract = socket.create_server(("127.0.0.1", 4711)), socket.socket(socket.AF_UNIX)
    abstract.bind("\0gptlab-service")
    abstract.listen()
    for server in (tcp, abstract):
        threading.Thread(target=_tell, args=(server, canary), daemon=True).start()
    try:
        yield
    finally:
        for server in (tcp, abstract):
            server.close()


def _tell(server: socket.socket, canary: str) -> None:
    with contextlib.suppress(OSError):  # closed: it is over
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(canary.encode())
