"""Makes plain `nbgrader ...` and formgrader work from the root of this checkout.

COURSE_ROOT puts the course folder elsewhere; GRADEBOOK_URL takes any SQLAlchemy address.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd() if Path("autograder").is_dir() else Path(__file__).parent))

from autograder import paths  # noqa: E402  (nbgrader does not put the root on the path itself)

c = get_config()  # noqa: F821  (traitlets gives it to a configuration file)

c.CourseDirectory.root = str(paths.course())
c.CourseDirectory.db_url = paths.gradebook_url()
c.CourseDirectory.release_directory = "../labs"  # the student notebooks, committed

# Release: `Strip` stands in place of ClearSolutions, ClearHiddenTests and ClearMarkScheme.
# The gradebook learns the released cells, since those are what a submission is held against.
c.GenerateAssignment.preprocessors = [
    "autograder.release.Strip",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Autograde: `Collect` makes a submission well-formed first; `Grade` stands in place of Execute.
c.Autograde.sanitize_preprocessors = [
    "autograder.preprocessors.Collect",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.preprocessors.Grade",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Feedback: what is meant for the person who marks goes, and pages load nothing from outside.
c.GenerateFeedback.preprocessors = [
    "autograder.preprocessors.ForStudent",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.HTMLExporter.mathjax_url = ""
c.HTMLExporter.require_js_url = ""
c.HTMLExporter.jquery_url = ""
