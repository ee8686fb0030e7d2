"""What stands where nbgrader's own parts stood; nbgrader_config.py says where."""

from __future__ import annotations

import html
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor

from autograder import beside, grading, paths, release, results, source, texts
from autograder.repair import repair
from autograder.results import STATUSES, key_of

FOR_MARKER = "scheme-"  # begins the id of a cell that no student sees
Resources = dict[str, Any]


class Collect(NbGraderPreprocessor):
    """First in Autograde.sanitize_preprocessors: whatever was handed in becomes well-formed."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Raises CollectError, a sentence, for what cannot be."""
        lab_name = resources["nbgrader"]["assignment"]
        files = beside.in_folder(Path(resources["metadata"]["path"]), lab_name)
        made, notes = beside.repaired(nb, lab_name, files)
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        made.metadata.gptlab["key"] = key_of(made, source.load(lab_name))
        return made, resources


class Grade(NbGraderPreprocessor):
    """First in Autograde.autograde_preprocessors: scores from course/results/, or made now."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put outputs, scores, messages and marking schemes in; written answers keep no score."""
        lab_name = resources["nbgrader"]["assignment"]
        key = nb.metadata.gptlab.pop("key")
        result = results.load(key, paths.results())
        if result is None:
            result = grading.grade(repair(nb, lab_name)[0], lab_name)
        grading.write_scores(nb, result)
        for cell in nb.cells:
            _harmless(cell)
        for place, cell in reversed(list(enumerate(nb.cells))):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in _schemes(lab_name):
                text = f"> For the person who marks.\n\n{_schemes(lab_name)[grade_id]}"
                nb.cells.insert(place, new_markdown_cell(text, id=f"{FOR_MARKER}{grade_id}"))
        # Written last, after the gradebook has the scores: a run that was killed has no such key.
        nb.metadata.gptlab["graded"] = key
        return nb, resources


class ForStudent(GetGrades):
    """In the place of GetGrades, in GenerateFeedback.preprocessors: what a student reads.

    The template finds the items in `resources["nbgrader"]["rows"]`.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Cut marking schemes and the code that the lab hides as well; put marks and words in."""
        nb.cells = [cell for cell in nb.cells if not cell.id.startswith(FOR_MARKER)]
        for cell in nb.cells:
            if cell.metadata.get("jupyter", {}).get("source_hidden"):
                cell.source = cell.source.splitlines()[0]
        nb, resources = super().preprocess(nb, resources)
        known = [cell.metadata.nbgrader for cell in nb.cells if "nbgrader" in cell.metadata]
        words = {one.grade_id.removeprefix("answer-"): one.get("comment") for one in known}
        rows = [_row(cell) for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        for row in rows:
            row["comment"] = words[row["id"]]
        resources["nbgrader"]["rows"] = {row["id"]: row for row in rows}
        return nb, resources

    def _get_score(self, cell: NotebookNode, resources: Resources) -> None:
        known = cell.metadata.nbgrader
        grade = self.gradebook.find_grade(
            known.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        by_hand = grade.manual_score is not None
        waits = grade.needs_manual_grade and not by_hand
        known.update(score=grade.score, points=grade.max_score, by_hand=by_hand, waits=waits)

    def _get_comment(self, cell: NotebookNode, resources: Resources) -> None:
        """The marker's words alone; the status of an item says where there was no answer."""
        comment = self.gradebook.find_comment(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["comment"] = comment.manual_comment


class Page(HTMLExporter):
    """GenerateFeedback.exporter_class: nbconvert's, but for its second reading of the whole page.

    That gives pictures the alternative text that ours have, and took half the time of a page.
    """

    def from_notebook_node(
        self, nb: NotebookNode, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """The page, as the template writes it."""
        resources = self._init_resources(resources)
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


class Names(Preprocessor):
    """In HTMLExporter.preprocessors: formgrader writes names into its page as they are.

    A class list often comes from a learning platform, where students choose their own.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Escape what formgrader says of a student."""
        for key in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(key), str):
                resources[key] = html.escape(resources[key])
        return nb, resources


def _row(cell: NotebookNode) -> dict[str, Any]:
    """An item for the template: id, score, points, status, and the messages of its tests."""
    known = cell.metadata.nbgrader
    score, points = known["score"], known["points"]
    said = cell.outputs[1].data["text/plain"] if len(cell.get("outputs", [])) > 1 else ""
    status = "passed" if score >= points else "partly" if score > 0 else "not yet"
    if known["waits"]:
        status = "waits for a person"
    elif known["by_hand"]:
        status = "marked by a person"
    elif said in ("not attempted", "missing"):
        status = said
    message = "" if said.replace(" ", "_") in STATUSES else said
    return {
        "id": known.grade_id, "score": score, "points": points, "status": status,
        "message": message,
    }  # fmt: skip


@lru_cache(maxsize=64)
def _schemes(lab_name: str) -> dict[str, str]:
    """Grade id of a written answer -> model answer and marking scheme."""
    nb = release.instructor_notebook(source.load(lab_name))
    return {
        cell.metadata.nbgrader.grade_id.removeprefix("question-"): found[1]
        for cell in nb.cells
        if (found := release.SCHEME.search(cell.source))
    }


def _harmless(cell: NotebookNode) -> None:
    """What a student wrote runs no script in the browser of the person who marks."""
    known = cell.metadata.get("nbgrader", {})
    if not known.get("solution") and not cell.id.startswith("extra-"):
        return  # released by us, and put back as it was where it had been changed
    kind = texts.as_typed if cell.cell_type == "markdown" else texts.shortened
    cell.source = kind(cell.source)
