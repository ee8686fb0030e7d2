"""Makes plain `nbgrader ...` and formgrader work from the root of this checkout.

COURSE_ROOT puts the course folder elsewhere; GRADEBOOK_URL takes any SQLAlchemy address.
"""

import sys
import warnings
from pathlib import Path

import nbgrader
from sqlalchemy.exc import SAWarning

sys.path.insert(0, str(Path(__file__).resolve().parent))  # formgrader does not

from autograder import paths
from autograder.release import PREPROCESSORS

c = get_config()  # noqa: F821  (traitlets gives it to a configuration file)

c.CourseDirectory.root = str(paths.course())
c.CourseDirectory.db_url = paths.gradebook_url()
c.CourseDirectory.release_directory = "../labs"  # the student notebooks, committed

# Release: `Strip` stands in place of ClearSolutions, ClearHiddenTests and ClearMarkScheme.
c.GenerateAssignment.preprocessors = PREPROCESSORS

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
c.HTMLExporter.extra_template_basedirs = [
    str(paths.ROOT / "autograder" / "templates"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]

# nbgrader's, with every submission that it creates: it has no effect.
warnings.filterwarnings("ignore", message="Object of type <Submitted", category=SAWarning)
