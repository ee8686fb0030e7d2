"""Makes plain `nbgrader ...` and formgrader work from the root of this checkout.

COURSE_ROOT puts the course folder elsewhere; GRADEBOOK_URL takes any SQLAlchemy address.
"""

import os
import sys
import warnings
from pathlib import Path

import nbgrader
from sqlalchemy.exc import SAWarning

sys.path.insert(0, str(Path(__file__).resolve().parent))  # formgrader does not

from autograder import handed_in, paths
from autograder.release import PREPROCESSORS

c = get_config()  # noqa: F821  (traitlets gives it to a configuration file)

c.CourseDirectory.root = str(paths.course())
c.CourseDirectory.db_url = paths.gradebook_url()
c.CourseDirectory.release_directory = "../labs"  # the student notebooks, committed

# zip_collect: `collect` leaves well-formed notebooks in downloaded/LAB/archive/, one a student.
c.FileNameCollectorPlugin.named_regexp = handed_in.ARCHIVED
c.ZipCollectApp.force = True  # a later hand-in takes the place of the one before
c.ExtractorPlugin.force = True

# Release: `Strip` stands in place of ClearSolutions, ClearHiddenTests and ClearMarkScheme.
c.GenerateAssignment.preprocessors = PREPROCESSORS

# Autograde: `Collect` makes a submission well-formed first, so that CheckCellMetadata has nothing
# to find; `Grade` stands in place of Execute.
# A student's own file, handed in beside the notebook, stays: one in source/ would be put over it.
c.Autograde.exclude_overwriting = {
    folder.name: [path.name for path in folder.glob("*.py")]
    for folder in (paths.ROOT / "solutions").glob("lab*/")
}
c.Autograde.sanitize_preprocessors = [
    "autograder.preprocessors.Collect",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
]
c.Autograde.autograde_preprocessors = [
    "autograder.preprocessors.Grade",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]  # nbgrader checks the cells' metadata here once more; nothing above changes them

# A notebook is validated when it is read and when it is written, not also after each of these.
c.NotebookExporter.optimistic_validation = True

# Feedback: `ForStudent` stands in place of GetGrades; what only a marker reads goes.
c.GenerateFeedback.preprocessors = [
    "autograder.preprocessors.ForStudent",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.GenerateFeedback.exporter_class = "autograder.preprocessors.Page"

# Pages of feedback and of formgrader: nothing of a student's runs, nothing comes from outside.
c.HTMLExporter.filters = {
    "markdown2html": "autograder.texts.safe_html",
    "highlight_code": "autograder.texts.coloured",
}
c.HTMLExporter.preprocessors = ["autograder.preprocessors.Names"]
c.CSSHTMLHeaderPreprocessor.enabled = True  # colours of code; off where no template says so
c.CSSHTMLHeaderPreprocessor.style = "default"  # the other needs JupyterLab's own style sheet
TEMPLATES = str(paths.ROOT / "autograder" / "templates")
c.HTMLExporter.extra_template_basedirs = [
    TEMPLATES,
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]
# formgrader sets that list itself, whatever stands here; this is where nbconvert looks next.
if TEMPLATES not in os.environ.get("JUPYTER_PATH", "").split(os.pathsep):
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        filter(None, [os.environ.get("JUPYTER_PATH"), TEMPLATES])
    )

# nbgrader's, with every submission that it creates: it has no effect.
warnings.filterwarnings("ignore", message="Object of type <Submitted", category=SAWarning)
