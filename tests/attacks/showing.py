"""Attacks on who reads the result, and on the notebook's file: markup, terminals, points, ids."""

from attack import NONE, NOTHING, Attack, doubles


def grades(nb):
    return [cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def more_points(nb):
    for cell in grades(nb):
        cell["metadata"]["nbgrader"]["points"] = 1000


def other_tests(nb):
    for cell in grades(nb):
        cell["source"] = "print(1000)\n1000.0"
        cell["metadata"]["nbgrader"]["locked"] = False


def copied_grades(nb):
    one = next(cell for cell in grades(nb) if cell["metadata"]["nbgrader"]["grade_id"] == "last")
    for number in range(5):
        nb["cells"].append({**one, "id": f"copy{number}"})


def renamed(nb):
    """The right answer's cell takes the place of the one with more points."""
    for cell in nb["cells"]:
        known = cell["metadata"].get("nbgrader")
        if known and known["grade_id"] in ("last", "double"):
            known["grade_id"] = {"last": "double", "double": "last"}[known["grade_id"]]


def no_tests(nb):
    nb["cells"] = [cell for cell in nb["cells"] if cell not in grades(nb)]


def forged_outputs(nb):
    for cell in grades(nb):
        cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "1000"},
                            "metadata": {}, "execution_count": 1}]  # fmt: skip
        cell["execution_count"] = 1


def hostile_metadata(nb):
    nb["metadata"]["gptlab"]["repaired"] = ["\x1b[2J<script>alert(1)</script>"]
    nb["metadata"]["kernelspec"] = {"name": "sh", "display_name": "x", "language": "bash",
                                    "argv": ["touch", "@marker@"]}  # fmt: skip
    nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nb["cells"].append({"cell_type": "markdown", "id": "md", "metadata": {}, "attachments": {
        "a.svg": {"image/svg+xml": "<svg onload=alert(1)>"}},
        "source": "<img src=x onerror=alert(1)>\n\n![a](attachment:a.svg)"})  # fmt: skip


def as_markdown(nb):
    for cell in grades(nb):
        cell["cell_type"] = "markdown"
        cell.pop("outputs", None)


SHOWS = [
    Attack(
        "more_points",
        "its cells say that each is worth 1,000 points",
        doubles(NONE),
        earns=NOTHING,
        edit=more_points,
    ),
    Attack(
        "other_tests",
        "the test cells hold something else, and are no longer locked",
        doubles(NONE),
        earns=NOTHING,
        edit=other_tests,
    ),
    Attack(
        "copied_tests",
        "the test cell that it passes is there six times",
        doubles(NONE),
        earns=NOTHING,
        edit=copied_grades,
    ),
    Attack(
        "swapped_tests",
        "the test cells of a right and of a wrong answer have changed names",
        doubles(NONE),
        earns=NOTHING,
        edit=renamed,
    ),
    Attack("no_tests", "the test cells are gone", doubles(NONE), earns=NOTHING, edit=no_tests),
    Attack(
        "forged_outputs",
        "test cells with a result of 1,000 in the file",
        doubles(NONE),
        earns=NOTHING,
        edit=forged_outputs,
    ),
    Attack(
        "markdown_tests", "test cells that are text", doubles(NONE), earns=NOTHING, edit=as_markdown
    ),
    Attack(
        "metadata",
        "metadata with scripts, another kernel, widgets and attachments",
        doubles(NONE),
        earns=NOTHING,
        edit=hostile_metadata,
    ),
    Attack(
        "script",
        "script, pictures with script, widgets and LaTeX in the outputs",
        doubles(
            """
from IPython.display import display, HTML, Javascript, SVG, Markdown, Latex
bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
display(HTML(bad), Javascript("alert(1)"), SVG("<svg onload='alert(1)'></svg>"))
display(Markdown(bad), Latex(bad))
display({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": bad,
         "application/javascript": "alert(1)", "application/pdf": "x", "video/mp4": "x"}, raw=True)
print(bad)
"""
            + NONE
        ),
        earns=NOTHING,
    ),
    Attack(
        "terminal",
        "control characters for the terminal of who reads the messages",
        doubles("""
print("\\x1b]0;title\\x07\\x1b[2J\\x9b31m")
class Bad(Exception): pass
Bad.__name__ = Bad.__qualname__ = "\\x1b[31mBad\\n\\u202e"
def double(x): raise Bad("\\x1b]52;c;cm0gLXJm\\x07\\r\\x08\\u202epassed\\u2066\\ud800")
"""),
        earns=NOTHING,
    ),
    Attack(
        "long_messages",
        "names and messages that are long, and of many lines",
        doubles("""
def double(x): raise type("x" * 10**6, (Exception,), {})("y\\n" * 10**6)
"""),
        earns=NOTHING,
    ),
]
