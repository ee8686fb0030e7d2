"""What stands where nbgrader's own parts stood; nbgrader_config.py says where."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import grading, paths, source
from autograder.expand import BEGIN_SCHEME, END_SCHEME
from autograder.repair import repair
from autograder.results import key_of

SCHEME = re.compile(rf"\s*{re.escape(BEGIN_SCHEME)}.*?({re.escape(END_SCHEME)}|\Z)", re.DOTALL)
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
        """Put outputs, scores and messages into the cells; the marks for a person stay None."""
        lab_name = resources["nbgrader"]["assignment"]
        submitted, _ = repair(nb, lab_name)  # without what is there for the person who marks
        result = grading.grade(submitted, lab_name, paths.course() / "results")
        grading.write_scores(nb, result)
        # Written last, after the gradebook has the scores: a run that was killed has no such key.
        nb.metadata.gptlab["graded"] = key_of(submitted, source.load(lab_name))
        return nb, resources


class ForStudent(NbGraderPreprocessor):
    """First in GenerateFeedback.preprocessors: leaves out what only the person who marks reads."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Cut the marking scheme, and the code of checks that the lab hides as well."""
        cell.source = SCHEME.sub("", cell.source)
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.source = cell.source.splitlines()[0]
        return cell, resources
