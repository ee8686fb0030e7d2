"""The cells that release puts at the head of a lab: badge, what to expect, checklist, install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from autograder import companions
from autograder.cells import number_text
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.recorded import RUN, Recorded
from autograder.source import Cell, Lab

BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
COLAB = "https://colab.research.google.com/github"
RED = "#d1242f"  # over 4.5 : 1 on white, over 3.5 : 1 on the dark themes of JupyterLab and Colab
LEVELS = {1: "★☆☆", 2: "★★☆", 3: "★★★"}


@dataclass(frozen=True)
class Address:
    """Where the repository is, from _config.yml, the one place that says it."""

    url: str
    branch: str

    @property
    def name(self) -> str:
        """owner/repository"""
        return "/".join(self.url.rstrip("/").split("/")[-2:])


def address(root: Path = ROOT) -> Address:
    """The repository's address. Raises UserError where _config.yml does not say it."""
    try:
        repository = yaml.safe_load((root / "_config.yml").read_text("utf-8"))["repository"]
        return Address(repository["url"].rstrip("/"), repository["branch"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"_config.yml: no repository address ({type(error).__name__}); expected "
            "repository: {url: https://github.com/owner/name, branch: main}"
        ) from error


def badge(lab: str, where: Address) -> str:
    """The Colab badge of a lab, in markdown."""
    link = f"{COLAB}/{where.name}/blob/{where.branch}/labs/{lab}/{lab}.ipynb"
    return f"[![Open In Colab]({BADGE})]({link})"


def with_badge(title_cell: str, lab: str, where: Address) -> str:
    """The lab's first cell with the Colab badge under its title."""
    title, _, rest = title_cell.partition("\n")
    return f"{title}\n\n{badge(lab, where)}\n{rest}".rstrip()


def install(where: Address) -> str:
    """Code that fetches the library in Colab and does nothing elsewhere. It pins no torch."""
    return (
        "import sys\n\n"
        'if "google.colab" in sys.modules:  # Colab: fetch the course\'s library\n'
        "    get_ipython().run_line_magic(\n"
        f'        "pip", \'install -q "gptlab @ git+{where.url}@{where.branch}"\'\n'
        "    )"
    )


def todos(lab: Lab) -> list[Cell]:
    """What a student has to fill in for points, in order: answers, choices, explanations.

    Of an answer that is a file, each of its grade cells stands for one.
    """
    return [
        cell
        for cell in lab.cells
        if cell.kind in ("choice", "explain")
        or cell.of
        or (cell.kind == "answer" and not cell.file)
    ]


def points(lab: Lab, todo: Cell) -> float:
    """The points of a TO-DO; those of an answer stand at its grade cell."""
    grade = lab.cell("grade", todo.id or "") if todo.kind == "answer" else todo
    return grade.points or 0.0


def facts(lab: Lab, todo: Cell) -> list[str]:
    """Level, minutes and points of a TO-DO, for a reader."""
    worth = points(lab, todo)
    words = "point" if worth == 1 else "points"
    level = LEVELS[todo.level] if todo.level else ""
    minutes = f"{number_text(todo.minutes)} min" if todo.minutes else ""
    return [level, minutes, f"{number_text(worth)} {words}"]


def todo_line(lab: Lab, todo: Cell) -> str:
    """The red line over an answer: colour, word and icon, then level, minutes and points."""
    cells = todos(lab)
    number = f"TO-DO {cells.index(todo) + 1} of {len(cells)}"
    about = " · ".join(fact for fact in facts(lab, todo) if fact)
    where = f"<br>{companions.place(lab, todo)}" if todo.of else ""
    return f'<font color="{RED}">✏️ **{number}**</font> · `{todo.id}` · {about}{where}'


def file_line(lab: Lab, answer: Cell) -> str:
    """The red line over a cell that writes a file: which TO-DOs are in it."""
    cells = todos(lab)
    mine = [number for number, cell in enumerate(cells, 1) if cell.of == answer.id]
    many = _ranges(mine)
    return (
        f'<font color="{RED}">✏️ **TO-DO {many} of {len(cells)}**</font> · `{answer.file}` · '
        "each place is marked `# TO-DO`, and has its red line and its check below"
    )


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers that go up, in words: 1 to 12 and 15."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def before_you_start(lab: Lab, recorded: Recorded) -> str:
    """Measured times, what to expect, and the list of TO-DOs. Raises SourceError without times."""
    run = recorded.run
    if run is None:
        text = f"no measured times in solutions/figures/{lab.name}/numbers.json; {RUN}"
        raise lab.error(lab.cells[0], "numbers", text)
    machine = run["machine"]
    cores = f"{machine['cores']} core" + ("s" if machine["cores"] != 1 else "")
    on = f", on {run['text']}" if run.get("text") else ""
    torch = f"; torch {machine['torch']}, seed {run['seed']}" if run["seed"] is not None else ""
    minutes = sum(cell.minutes or 0 for cell in todos(lab))
    rows = [
        "| ☐ | " + " | ".join((f"{i}. `{cell.id}`", *facts(lab, cell))) + " |"
        for i, cell in enumerate(todos(lab), 1)
    ]
    total = number_text(sum(item.points for item in lab.items))
    seconds = run["seconds"]["all"]
    return "\n".join([
        "## Before you start",
        "",
        f"**Time.** About {_duration(60 * minutes)} for the TO-DOs, and time to read and to play. "
        f"Computing: {_duration(seconds)} for all cells of the finished lab together{on} "
        f"({machine['processor']}, {cores}, no GPU{torch}).",
        "",
        f'**What to expect.** A red line <font color="{RED}">✏️ **TO-DO**</font> stands over '
        "everything that you write. Replace `raise NotImplementedError` or `None`, run the cell, "
        "then run the check under it: it answers at once. *Not attempted yet* means that nothing "
        "is there so far; *not right yet* says what was found and what was expected. The check of "
        "a question with letters is folded: run it all the same. Pictures and losses below come "
        "from a run of the finished lab: yours may differ in the last digits.",
        "",
        f"**To do** ({total} points in all). ★ a few lines you have just seen, ★★ think first, "
        "★★★ take a walk.",
        "",
        "| done | what | level | time | worth |",
        "|:--:|:--|:--|--:|--:|",
        *rows,
    ])  # fmt: skip


def _duration(seconds: float) -> str:
    """A time in words: 40 seconds, 2.5 minutes, 35 minutes, 2 h 15 min."""
    if seconds < 1:
        return "less than a second"
    if seconds < 99.5:
        return f"{seconds:.0f} seconds"
    minutes = seconds / 60
    if minutes < 9.95:
        return f"{number_text(round(minutes, 1))} minutes"
    if minutes < 89.5:
        return f"{minutes:.0f} minutes"
    return f"{minutes // 60:.0f} h {minutes % 60:.0f} min"
