"""The grader of the target lab, as a program: notebooks come in, line by line, results go out.

Several at once: each line is graded in a thread of its own, as `grade --jobs` does.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import nbformat

from autograder import grading, jail, notebooks, repair, source
from autograder.errors import UserError
from autograder.sample_class import answered

NAME = "lab97_target"


def grade(data: bytes) -> dict:
    """Everything that is kept of a submission, as JSON, also where it could not be graded."""
    started = time.monotonic()
    try:
        nb, repaired = repair.repair(notebooks.parse(data, "notebook"), NAME)
        with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as folder:
            result = grading.grade(nb, NAME, Path(folder))
            kept = "".join(path.read_text() for path in Path(folder).iterdir())
        grading.write_scores(nb, result)
        said = {"result": result.to_json(), "repaired": repaired, "written": nb, "kept": kept}
    except UserError as error:
        said = {"refused": f"{type(error).__name__}: {error}"}
    except Exception:  # none may come out: it would end the batch
        said = {"broken": traceback.format_exc()}
    return said | {"seconds": time.monotonic() - started}


def main() -> None:
    """Until standard input ends."""
    said = threading.Lock()
    grading.nursery(NAME)
    honest = nbformat.writes(answered(source.load(NAME)))
    print(json.dumps({"jail": jail.chosen().words(), "notebook": honest}), flush=True)

    def work(line: str) -> None:
        asked = json.loads(line)
        found = grade(asked["notebook"].encode("utf-8", "surrogatepass"))
        with said:
            print(json.dumps({"number": asked["number"], **found}), flush=True)

    for line in sys.stdin:
        threading.Thread(target=work, args=(line,)).start()


if __name__ == "__main__":
    main()
