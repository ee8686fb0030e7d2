"""`make figures`: a lab's run, its pictures, numbers and seconds."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from PIL import Image
from release_sample import NAME, TEXT, course

from autograder import expand, figures, machine, pictures, release, source
from autograder.errors import UserError
from autograder.recorded import MAX_PICTURE

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:zmq", "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_one_run_leaves_all_that_release_needs(tmp_path):
    text = TEXT.replace("import math", "import math\nimport os\ngraded = os.environ.get("
                        '"NBGRADER_EXECUTION", "no")').replace(
        'numbers="mean spread"', 'numbers="mean spread graded"')  # fmt: skip
    root = course(tmp_path, text)
    folder = root / "solutions/figures" / NAME
    for old in folder.iterdir():
        old.rename(folder / f"old-{old.name}")
    lab, said = source.load(NAME, root), []
    figures.make(lab, root, said.append)
    assert {path.name for path in folder.iterdir()} == {"numbers.json", "line.png"}
    assert (folder / "line.png").read_bytes().startswith(b"\x89PNG")
    record = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))
    assert record["numbers"] == {"mean": 7.0, "spread": 2, "graded": "no"}
    assert record["machine"] == machine.describe()
    notebook = release.student_notebook(lab, root)
    code = {cell.id for cell in notebook.cells if cell.cell_type == "code"}
    assert set(record["seconds"]["cells"]) == code - {"install", "grade-why_two"}
    assert 0 < record["seconds"]["graded_cpu"] < 10
    assert abs(sum(record["seconds"]["cells"].values()) - record["seconds"]["all"]) < 0.01
    assert sum("answer-double" in line for line in said) == 1
    before = (folder / "numbers.json").read_bytes()
    broken = source.parse(text.replace("secret_factor * x", "secret_factor / 0"), lab.path, NAME)
    with pytest.raises(UserError, match=rf"{NAME}\.py:\d+: double: the solution fails: ZeroDiv"):
        figures.make(broken, root, said.append)
    assert (folder / "numbers.json").read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("plt.plot([1, 2], [3, 5]);", "print(1)", 'figure="line": drew 0 matplotlib figures'),
        ('numbers="mean spread"', 'numbers="math"', "module is neither a number"),
        ('numbers="mean spread"', 'numbers="median"', "KeyError: 'median'"),
    ],
)
def test_what_a_run_cannot_give_is_said(old, new, words, tmp_path):
    root = course(tmp_path, TEXT.replace(old, new))
    with pytest.raises(UserError) as caught:
        figures.run_lab(source.load(NAME, root), root, str)
    assert words in str(caught.value)
    assert f"solutions/{NAME}.py:" in str(caught.value)


def noise(width: int, height: int) -> bytes:
    """A picture that compresses badly, half transparent."""
    made = random.Random(0)
    out = io.BytesIO()
    pixels = made.randbytes(4 * width * height)
    Image.frombytes("RGBA", (width, height), pixels).save(out, "PNG")
    return out.getvalue()


def test_a_large_picture_is_made_small_and_stays_the_same():
    data = noise(1500, 300)
    small = pictures.small_png(data)
    assert len(small) <= MAX_PICTURE < len(data)
    picture = Image.open(io.BytesIO(small))
    assert picture.format == "PNG"
    assert picture.width <= pictures.WIDTH
    assert abs(picture.width / picture.height - 5) < 0.2
    assert pictures.small_png(data) == small


def test_a_transparent_picture_is_put_on_white():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    small = Image.open(io.BytesIO(pictures.small_png(out.getvalue()))).convert("RGBA")
    assert small.getpixel((5, 5)) == (255, 255, 255, 255)


def test_repeated_cells_have_the_ids_of_the_notebook(tmp_path):
    text = TEXT.replace("# %%\nimport math\n", "# %%\nimport math\n\n# %%\nimport math\n")
    root = course(tmp_path, text)
    lab = source.load(NAME, root)
    ids: dict[str, float] = {}
    for cell, _ in expand.runnable(lab):
        ids[figures._free(expand.released_id(cell), ids)] = 0.0
    released = {cell.id for cell in release.student_notebook(lab, root).cells}
    assert set(ids) <= released


def test_the_machine_has_no_host_name():
    described = machine.describe()
    assert set(described) == {"processor", "cores", "python", "torch"}
    assert described["cores"] >= 1
    assert __import__("platform").node() not in Path(str(described["processor"])).parts
