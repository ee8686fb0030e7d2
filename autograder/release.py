"""From a lab's source to the notebook that a student gets, by way of nbgrader's own format.

    solutions/<lab>.py -> course/source/<lab>/<lab>.ipynb (with answers) -> labs/<lab>/<lab>.ipynb

The second step is done by PREPROCESSORS, here in process and by plain `nbgrader
generate_assignment`: both give the same text. Nothing is executed.
"""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import preprocessors as nbgrader
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from autograder import holes, intro, recorded, rules, source
from autograder.errors import UserError
from autograder.expand import BEGIN_SCHEME, CHOICE_TAG, END_SCHEME, expand
from autograder.paths import ROOT
from autograder.paths import course as course_folder
from autograder.source import Lab

EMPTY_TEXT = "*Your answer here.*"
SCHEME = re.compile(rf"\n*{BEGIN_SCHEME}\n(.*?)\n?{END_SCHEME}", re.DOTALL)
CHOICE = re.compile(r"(choice_\w+) = .*?(  # .*)?$", re.MULTILINE)


class Strip(NbGraderPreprocessor):
    """From the instructor's form to the student's, but for the checksums.

    Answers, marking schemes and outputs go. It stands in the place of nbgrader's ClearSolutions,
    ClearMarkScheme (which knows only "task" cells), ClearHiddenTests and ClearOutput.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Empty the regions of a solution cell; a region anywhere else is an error."""
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cell.source = SCHEME.sub("", cell.source)
        if not is_solution(cell):
            hidden = holes.find(cell.source) or BEGIN_SCHEME in cell.source
            if hidden or END_SCHEME in cell.source:
                text = "an answer where nbgrader expects none, or a scheme that is not closed"
                raise UserError(f"cell {cell.id}: {text}; release this lab anew.")
        elif cell.cell_type == "markdown":
            cell.source = EMPTY_TEXT
        elif CHOICE_TAG in cell.metadata.get("tags", []):
            cell.source = CHOICE.sub(r"\1 = None\2", holes.filled(cell.source))
        else:
            cell.source = holes.emptied(cell.source)
        return cell, resources


# What nbgrader_config.py names for GenerateAssignment; the gradebook learns the released cells.
PREPROCESSORS = (
    Strip,
    nbgrader.ComputeChecksums,
    nbgrader.SaveCells,
    nbgrader.CheckCellMetadata,
)


def instructor_notebook(lab: Lab, root: Path = ROOT) -> NotebookNode:
    """The lab with its answers, as nbgrader's source. Raises SourceError for what is missing."""
    notebook = nbformat.v4.new_notebook(
        cells=expand(lab, recorded.load(lab, root), intro.address(root)),
        metadata={
            "accelerator": "GPU",
            "colab": {"gpuType": "T4", "provenance": []},
            "gptlab": {"lab": lab.name},
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        },
    )
    notebook.nbformat_minor = 5
    return nbgrader.LockCells().preprocess(notebook, {})[0]


def student_notebook(lab: Lab, root: Path = ROOT) -> NotebookNode:
    """The lab as a student gets it, valid nbformat and nbgrader schema 3."""
    notebook, resources = instructor_notebook(lab, root), {}
    for preprocessor in PREPROCESSORS:
        if preprocessor is not nbgrader.SaveCells:  # the one that needs a gradebook
            notebook, resources = preprocessor().preprocess(notebook, resources)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    points = sum(cell.metadata.nbgrader["points"] for cell in notebook.cells if is_grade(cell))
    if points != sum(item.points for item in lab.items):
        raise UserError(f"{lab.path}: released {points} points, expected those of its items")
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """A notebook as nbgrader writes it: sorted keys, a newline at the end."""
    return nbformat.writes(notebook, version=4) + "\n"


def paths(lab_name: str, root: Path = ROOT) -> tuple[Path, Path]:
    """Where the instructor's and the student's form of a lab stand."""
    file = f"{lab_name}.ipynb"
    course = course_folder() if root == ROOT else root / "course"
    return course / "source" / lab_name / file, root / "labs" / lab_name / file


def write(lab: Lab, root: Path = ROOT) -> list[Path]:
    """Check a lab and write both its forms; gives the files whose text has changed."""
    rules.check(lab, root)
    forms = (instructor_notebook(lab, root), student_notebook(lab, root))
    changed = []
    for path, notebook in zip(paths(lab.name, root), forms, strict=True):
        text = text_of(notebook)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
        changed.append(path)
    return changed


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """`autograder release [LAB ...]`"""
    parser = subparsers.add_parser("release", help="make the student notebooks in labs/")
    parser.add_argument("lab", nargs="*", help="names of labs; all where none is given")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Release the labs that were named."""
    names = args.lab or source.labs()
    if not names:
        raise UserError("solutions/ holds no lab; `python -m autograder new-lab` writes one.")
    for name in names:
        lab = source.load(name)
        changed = write(lab)
        state = "written" if changed else "unchanged"
        print(f"{name}: {len(lab.items)} items, {state}: labs/{name}/{name}.ipynb")
    return 0
