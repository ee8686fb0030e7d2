"""Reading a lab's source: what each cell becomes, and what is refused with file, line and key."""

from __future__ import annotations

import pytest
from release_sample import NAME, TEXT

from autograder import source
from autograder.errors import UserError
from autograder.source import full_source, stub_source

PATH = f"solutions/{NAME}.py"


def parsed(text=TEXT):
    return source.parse(text, PATH, NAME)


def test_every_kind_of_cell_is_read():
    lab = parsed()
    kinds = [cell.kind for cell in lab.cells]
    assert kinds == ["text", "code", "predict", "answer", "grade", "answer", "grade", "code",
                     "choice", "explain"]  # fmt: skip
    assert lab.title == "A small sample"
    items = [(i.id, i.kind, i.points) for i in lab.items]
    assert items == [("double", "grade", 9.5), ("mean", "grade", 6.0), ("why_two", "choice", 1.5),
                     ("meaning", "explain", 3.0)]  # fmt: skip
    answer = lab.cell("answer", "mean")
    assert (answer.level, answer.minutes, answer.numbers) == (2, 8, ("mean", "spread"))
    assert [cell.figure for cell in lab.cells if cell.figure] == ["line"]


def test_a_cell_knows_its_header_line():
    lines = TEXT.splitlines()
    for cell in parsed().cells:
        assert lines[cell.line - 1].startswith("# %%")
        first = cell.source.splitlines()[0]
        assert lines[cell.line] in (first, f"# {first}")


def test_choice_and_explain_are_taken_apart():
    lab = parsed()
    choice, explain = lab.cell("choice", "why_two"), lab.cell("explain", "meaning")
    assert choice.question == "Why *two*?"
    assert list(choice.options) == ["Because three is odd", "Because double means so"]
    assert (choice.right, source.letter(choice)) == ("Because double means so", "b")
    assert explain.question == "What does the mean say of the two values?"
    assert explain.solution.startswith("It is the point")
    assert explain.scheme.startswith("One point for balance")


def test_full_and_stub_form_of_a_function():
    cell = parsed().cell("answer", "double")
    given = 'def double(x):\n    """Twice x."""\n    # given to the student\n'
    assert full_source(cell) == given + "    secret_factor = 2\n    return secret_factor * x"
    assert stub_source(cell) == given + "    raise NotImplementedError"


def test_full_and_stub_form_at_top_level():
    cell = parsed().cell("answer", "mean")
    assert "### " not in full_source(cell)
    assert stub_source(cell) == "values = None\nmean = None\nspread = None"


@pytest.mark.parametrize(
    ("region", "stub"),
    [
        ("a, (b, c) = 1, (2, 3)", "a = None\nb = None\nc = None"),
        ("x: int = 3", "x = None"),
        ("for i in range(3):\n    total = i", "total = None"),
        ("class Model:\n    size = 3", "Model = None"),
        ("def f(x):\n    y = x\n    return y", "f = None"),
        ("table[0] = 1\nrows = table", "rows = None"),
    ],
)
def test_names_that_a_top_level_region_assigns(region, stub):
    new = f"### BEGIN SOLUTION\n{region}\n### END SOLUTION"
    old = TEXT[TEXT.index("### BEGIN SOLUTION\nvalues") : TEXT.index('\n\n# %% grade="mean"')]
    assert stub_source(parsed(TEXT.replace(old, new)).cell("answer", "mean")) == stub


def test_two_regions_in_the_methods_of_a_class():
    body = (
        "class Model:\n    def __init__(self):\n        ### BEGIN SOLUTION\n        self.n = 1\n"
        "        ### END SOLUTION\n\n    def forward(self, x):\n        y = x\n"
        "        ### BEGIN SOLUTION\n        return y + self.n\n        ### END SOLUTION\n"
    )
    text = TEXT.replace(TEXT[TEXT.index("def double") : TEXT.index('\n# %% grade="double"')], body)
    stub = stub_source(parsed(text).cell("answer", "double"))
    assert stub.count("raise NotImplementedError") == 2
    assert "self.n" not in stub
    assert "        y = x\n        raise NotImplementedError" in stub


BROKEN = {
    # old text, new text, the line and words that the message must name
    "unquoted": ('answer="double"', "answer=double", 13, "incorrectly_encoded_metadata"),
    "unknown key": ("level=1", "levle=1", 13, "levle"),
    "key of another cell": ('grade="double" points', 'grade="double" level=1 points', 22, "level"),
    "words in a header": ('# %% predict="first_guess"', "# %% First guess", 9, "First guess"),
    "two kinds": ('answer="double"', 'answer="double" grade="double"', 13, "one thing"),
    "bad id": ('answer="double"', 'answer="Double"', 13, "Double"),
    "id that hides the item": ('answer="double"', 'answer="dou__ble"', 13, "dou__ble"),
    "no level": (" level=1", "", 13, "level"),
    "bad level": ("level=1", "level=4", 13, "level"),
    "bad minutes": ("minutes=5", "minutes=0", 13, "minutes"),
    "no points": (" points=9.5", "", 22, "points"),
    "odd points": ("points=9.5", "points=9.3", 22, "points"),
    "negative points": ("points=9.5", "points=-9.5", 22, "points"),
    "answer without grade": ('# %% grade="double" points=9.5', "# %%", 13, "without its grade"),
    "grade without answer": (
        '# %% answer="double" level=1 minutes=5', '# %% answer="dual" level=1 minutes=5', 22,
        "without an answer",
    ),
    "equal ids": ('answer="mean"', 'answer="double"', 25, "taken"),
    "equal items": ('choice="why_two"', 'choice="mean"', 39, "taken"),
    "unclosed region": ("    ### END SOLUTION\n", "", 17, "never closed"),
    "misspelt marker": ("### END SOLUTION\n\n# %% grade=\"double\"",
                        "## END SOLUTION\n\n# %% grade=\"double\"", 20, "## END SOLUTION"),
    "no region": ("    ### BEGIN SOLUTION\n    secret_factor = 2\n    return secret_factor * x\n"
                  "    ### END SOLUTION", "    return 2 * x", 14, "no `### BEGIN SOLUTION`"),
    "not Python": ("return secret_factor * x", "return secret_factor *", 19, "not Python"),
    "answer in a plain cell": ("import math", "### BEGIN SOLUTION\nimport math\n### END SOLUTION",
                               7, "released as it is"),
    "right not an option": ('right = "Because', 'right = "Since', 40, "Since"),
    "no explanation": ('"No: odd numbers double as well."', '""', 40, "no explanation"),
    "no options": ("options = {", "choices = {", 40, "options"),
    "code in a choice": ('question = "Why *two*?"', 'question = input()', 40, "literal"),
    "no scheme": ("# ### BEGIN SCHEME", "# Scheme:", 56, "END SCHEME"),
    "no model answer": ("# It is the point where they balance, whatever their order.\n", "", 48,
                        "model answer"),
    "predict of another name": ("first_guess = None ", "guess = None ", 10, "first_guess = None"),
    "bad numbers": ('numbers="mean spread"', 'numbers="mean, spread"', 25, "mean, spread"),
    "a raw cell": ("# %%\nimport math", "# %% [raw]\n# import math", 6, "raw"),
    "explain in code": ('[markdown] explain="meaning"', 'explain="meaning"', 47, "markdown"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_not_understood_is_refused_with_file_line_and_key(case):
    old, new, line, words = BROKEN[case]
    assert TEXT.count(old) >= 1
    with pytest.raises(source.SourceError) as caught:
        parsed(TEXT.replace(old, new, 1))
    message = str(caught.value)
    assert message.startswith(f"{PATH}:{line}: "), message
    assert words in message


@pytest.mark.parametrize("text", ["", "x = 1\n", "# %%\nx = 1\n", "# %% [markdown]\n# no title\n"])
def test_a_file_without_cells_or_title_is_refused(text):
    with pytest.raises(source.SourceError, match=f"^{PATH}:"):
        parsed(text)


def test_percent_signs_inside_a_string_begin_no_cell():
    text = TEXT.replace('"""Twice x."""', '"""Twice x.\n\n# %% not a cell\n"""')
    assert len(parsed(text).cells) == len(parsed().cells)
    assert parsed(text).cells[4].line == parsed().cells[4].line + 3


def test_the_keys_may_stand_in_any_order():
    text = TEXT.replace('answer="double" level=1 minutes=5', 'minutes=5 answer="double" level=1')
    assert parsed(text).cell("answer", "double") == parsed().cell("answer", "double")


def test_an_unknown_lab_is_named_with_those_that_exist(tmp_path):
    with pytest.raises(UserError, match="lab99_none: no such lab"):
        source.load("lab99_none", tmp_path)
