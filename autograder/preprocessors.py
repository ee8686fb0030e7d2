"""What stands where nbgrader's own parts stood; nbgrader_config.py says where."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import grading, release, source
from autograder.expand import BEGIN_SCHEME, END_SCHEME
from autograder.repair import repair
from autograder.results import key_of

SCHEME = re.compile(rf"{re.escape(BEGIN_SCHEME)}\n(.*?)\n{re.escape(END_SCHEME)}", re.DOTALL)
FOR_MARKER = "scheme-"  # begins the id of a cell that no student sees
OUTSIDE_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*https?:[^)]*\)")
TAG = re.compile(r"<(?=[A-Za-z/!?])")
SHOWN = {"text/plain", "image/png", "image/jpeg"}  # what an output may show in a marker's browser
Resources = dict[str, Any]


class Collect(NbGraderPreprocessor):
    """First in Autograde.sanitize_preprocessors: whatever was handed in becomes well-formed."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Raises CollectError, a sentence, for what cannot be."""
        made, notes = repair(nb, resources["nbgrader"]["assignment"])
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return made, resources


class Grade(NbGraderPreprocessor):
    """First in Autograde.autograde_preprocessors: scores from course/results/, or made now."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put outputs, scores, messages and marking schemes in; written answers keep no score."""
        lab_name = resources["nbgrader"]["assignment"]
        submitted, _ = repair(nb, lab_name)
        result = grading.grade(submitted, lab_name)
        grading.write_scores(nb, result)
        for cell in nb.cells:
            _harmless(cell)
        for place, cell in reversed(list(enumerate(nb.cells))):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in _schemes(lab_name):
                text = f"> For the person who marks.\n\n{_schemes(lab_name)[grade_id]}"
                nb.cells.insert(place, new_markdown_cell(text, id=f"{FOR_MARKER}{grade_id}"))
        # Written last, after the gradebook has the scores: a run that was killed has no such key.
        nb.metadata.gptlab["graded"] = key_of(submitted, source.load(lab_name))
        return nb, resources


class ForStudent(NbGraderPreprocessor):
    """First in GenerateFeedback.preprocessors: leaves out what only the person who marks reads."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Cut marking schemes, pictures from outside, and the code that the lab hides as well."""
        nb.cells = [cell for cell in nb.cells if not cell.id.startswith(FOR_MARKER)]
        for cell in nb.cells:
            if cell.cell_type == "markdown":  # the badge; pictures inside the notebook stay
                cell.source = OUTSIDE_IMAGE.sub(r"\1", cell.source)
            if cell.metadata.get("jupyter", {}).get("source_hidden"):
                cell.source = cell.source.splitlines()[0]
        return nb, resources


@lru_cache(maxsize=64)
def _schemes(lab_name: str) -> dict[str, str]:
    """Grade id of a written answer -> model answer and marking scheme."""
    nb = release.instructor_notebook(source.load(lab_name))
    return {
        cell.metadata.nbgrader.grade_id.removeprefix("question-"): found[1]
        for cell in nb.cells
        if (found := SCHEME.search(cell.source))
    }


def _harmless(cell: NotebookNode) -> None:
    """What a student wrote or printed runs no script in the browser of the person who marks."""
    known = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "markdown" and (known.get("solution") or cell.id.startswith("extra-")):
        cell.source = TAG.sub("&lt;", cell.source)
    kept = []
    for output in cell.get("outputs", []):
        if "data" in output:
            output.data = {kind: value for kind, value in output.data.items() if kind in SHOWN}
        if output.get("data", True):
            kept.append(output)
    if "outputs" in cell:
        cell.outputs = kept
